"""The lists of this room."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import url_for
from flask_babel import lazy_gettext

from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.listing import ChoiceFilter, Column, DayFilter, Listing
from core.principal import Principal
from disbursement.models import Payment
from reconciliation import operations, rules
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.rules import RESOLUTIONS as ALLOWED
from reconciliation.rules import LineClass, Resolution
from reconciliation.words import CLASSES, MONTH_STATES, RESOLUTIONS, SETTLEMENTS, STATEMENT_STATES

MONTHS = Listing(
    name="reconciliation_months",
    title=lazy_gettext("月末对账"),
    columns=(
        Column(
            "month",
            lazy_gettext("月份"),
            lambda row: row.month,
            sort=Month.month,
            link=lambda row: url_for("reconciliation.month", month_id=row.id),
        ),
        Column(
            "state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=MONTH_STATES, sort=Month.state
        ),
        Column("matched", lazy_gettext("最近核对"), lambda row: row.matched_at, kind="time", sort=Month.matched_at),
    ),
    id=Month.id,
    order="-month",
    filters=(ChoiceFilter("state", lazy_gettext("状态"), MONTH_STATES, Month.state),),
    empty=lazy_gettext("还没有对过账。月末请上传银行对账单。"),
)

LINES = Listing(
    name="statement_lines",
    title=lazy_gettext("对账单明细"),
    columns=(
        Column("number", lazy_gettext("行"), lambda row: row.number, kind="number", sort=StatementLine.number),
        Column("day", lazy_gettext("日期"), lambda row: row.day, kind="day", sort=StatementLine.day),
        Column(
            "debit",
            lazy_gettext("支出（元）"),
            lambda row: row.debit_fen or None,
            kind="money",
            sort=StatementLine.debit_fen,
        ),
        Column(
            "credit",
            lazy_gettext("收入（元）"),
            lambda row: row.credit_fen or None,
            kind="money",
            sort=StatementLine.credit_fen,
        ),
        Column("balance", lazy_gettext("余额（元）"), lambda row: row.balance_fen, kind="money"),
        Column("card", lazy_gettext("对方账号后四位"), lambda row: row.card_tail, sort=StatementLine.card_tail),
        Column("summary", lazy_gettext("摘要"), lambda row: row.summary, sort=StatementLine.summary),
        Column("serial", lazy_gettext("流水号"), lambda row: row.serial, sort=StatementLine.serial),
        Column(
            "kind",
            lazy_gettext("核对结果"),
            lambda row: row.kind,
            kind="status",
            states=CLASSES,
            sort=StatementLine.kind,
        ),
    ),
    id=StatementLine.id,
    order="number",
    search=(StatementLine.serial, StatementLine.summary, StatementLine.card_tail),
    search_hint=lazy_gettext("流水号、摘要或卡号后四位"),
    filters=(
        ChoiceFilter("kind", lazy_gettext("核对结果"), CLASSES, StatementLine.kind),
        DayFilter("day", lazy_gettext("日期"), StatementLine.day),
    ),
    empty=lazy_gettext("还没有对账单。请上传银行对账单。"),
)


def _side(row: Difference) -> str:
    return row.line.serial if row.line else ""


DIFFERENCES = Listing(
    name="differences",
    title=lazy_gettext("对账差异"),
    columns=(
        Column("kind", lazy_gettext("差异"), lambda row: row.kind, kind="status", states=CLASSES, sort=Difference.kind),
        Column(
            "state",
            lazy_gettext("处理"),
            lambda row: row.resolution or ("none" if row.kind == LineClass.NOT_OURS else "open"),
            kind="status",
            states=SETTLEMENTS,
        ),
        Column(
            "name",
            lazy_gettext("受益人"),
            lambda row: row.attempt.payment.name if row.attempt else "",
            kind="narrow",
            sort=Payment.name,
            link=lambda row: (
                url_for("disbursement.payment", payment_id=row.attempt.payment_id) if row.attempt else None
            ),
        ),
        Column(
            "card",
            lazy_gettext("卡号后四位"),
            lambda row: row.attempt.card_tail if row.attempt else (row.line.card_tail if row.line else ""),
        ),
        Column("book", lazy_gettext("账上（元）"), lambda row: row.book_fen, kind="money", sort=Difference.book_fen),
        Column("bank", lazy_gettext("对账单（元）"), lambda row: row.bank_fen, kind="money", sort=Difference.bank_fen),
        Column("day", lazy_gettext("对账单日期"), lambda row: row.line.day if row.line else None, kind="day"),
        Column("serial", lazy_gettext("流水号"), _side),
        Column("by", lazy_gettext("处理人"), lambda row: row.resolved_by, kind="narrow"),
        Column("reason", lazy_gettext("理由"), lambda row: row.reason or "", kind="long"),
    ),
    id=Difference.id,
    order="kind",
    search=(Payment.name, StatementLine.serial),
    search_hint=lazy_gettext("姓名或流水号"),
    filters=(
        ChoiceFilter("kind", lazy_gettext("差异"), CLASSES, Difference.kind),
        ChoiceFilter(
            "state",
            lazy_gettext("处理"),
            STATEMENT_STATES,
            lambda value: (
                Difference.resolved_at.is_not(None)
                if value == "resolved"
                else Difference.resolved_at.is_(None) & (Difference.kind != LineClass.NOT_OURS.value)
            ),
        ),
    ),
    empty=lazy_gettext("没有差异。"),
)


def differences_listing(month: Month) -> Listing:
    """The list with what can be done with the differences of this month."""
    if month.state != "open":
        return DIFFERENCES

    def undo(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return BulkOutcome(operations.undo_resolutions(principal, month, ids, reason, at=at))

    settle = tuple(_settling(month, resolution) for resolution in Resolution)
    taken_back = BulkAction(
        "undo",
        lazy_gettext("撤回处理"),
        rules.RESOLVE_DIFFERENCE,
        lazy_gettext("撤回后这些差异要重新处理。已登记的退票不能撤回。"),
        undo,
        needs_reason=True,
        requires=(
            Requirement(Difference.resolved_at.is_not(None), lazy_gettext("还没有处理。")),
            Requirement(
                Difference.resolution != Resolution.BANK_RETURN.value, lazy_gettext("已经登记退票，不能撤回。")
            ),
        ),
        kind="danger",
    )
    return replace(DIFFERENCES, actions=(*settle, taken_back))


EXPLAIN = lazy_gettext("请写明核实的经过和依据，例如银行的函件。月份关账以前可以撤回。")
RETURN_IS_FINAL = lazy_gettext(
    "登记后这些钱改为“已退回”，通知本人，由乡镇改正后重发；不能撤回。请写明核实的经过和依据，例如银行的函件。"
)


def _settling(month: Month, resolution: Resolution) -> BulkAction:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return BulkOutcome(operations.resolve_differences(principal, month, ids, resolution, reason, at=at))

    kinds = [kind.value for kind, allowed in ALLOWED.items() if resolution in allowed]
    return BulkAction(
        resolution.value,
        RESOLUTIONS[resolution.value],
        rules.RESOLVE_DIFFERENCE,
        RETURN_IS_FINAL if resolution == Resolution.BANK_RETURN else EXPLAIN,
        act,
        needs_reason=True,
        requires=(
            Requirement(Difference.resolved_at.is_(None), lazy_gettext("已经处理过了。")),
            Requirement(Difference.kind.in_(kinds), lazy_gettext("这类差异不能这样处理。")),
        ),
    )
