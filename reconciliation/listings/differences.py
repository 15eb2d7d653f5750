"""The lists of differences: those a month has found, and those that earlier months carried over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import func

from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.listing import ChoiceFilter, Column, Listing
from core.principal import Principal
from disbursement.models import Attempt, Payment
from disbursement.rules import REBOOKABLE
from reconciliation import operations, rules
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.queries import paid_again, rebooking_under_way
from reconciliation.rules import ENDINGS, IN_THE_BOOK, LineClass, Resolution
from reconciliation.rules import RESOLUTIONS as ALLOWED
from reconciliation.words import CLASSES, ENDING_WORDS, RESOLUTIONS, SETTLEMENTS, STATEMENT_STATES


def _side(row: Difference) -> str:
    return row.line.serial if row.line else ""


def _settlement(row: Difference) -> str:
    if row.rebooking_id:
        return "proposed"
    if row.resolution:
        return row.resolution
    return "none" if row.kind == LineClass.NOT_OURS else "open"


def _line_address(row: Difference) -> str | None:
    """The statement's line among its neighbours of the same number: its own, and its return beside it."""
    if row.line is None or not row.line.serial:
        return None
    return url_for("reconciliation.lines", month_id=row.month_id, q=row.line.serial)


DIFFERENCES = Listing(
    name="differences",
    title=lazy_gettext("对账差异"),
    columns=(
        Column("kind", lazy_gettext("差异"), lambda row: row.kind, kind="status", states=CLASSES, sort=Difference.kind),
        Column(
            "state",
            lazy_gettext("处理"),
            _settlement,
            kind="status",
            states=SETTLEMENTS,
            link=lambda row: (
                url_for("disbursement.rebooking", rebooking_id=row.rebooking_id) if row.rebooking_id else None
            ),
        ),
        Column("paid_again", lazy_gettext("重复付款：后来已重发"), lambda row: row.paid_again or "", kind="narrow"),
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
        Column("serial", lazy_gettext("流水号"), _side, link=_line_address),
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
    # What only one of the two sides has is that side's.
    summed_by=func.coalesce(Difference.book_fen, Difference.bank_fen),
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
        lazy_gettext("撤回后这些差异要重新处理。已经记到账上的不能撤回。"),
        undo,
        needs_reason=True,
        requires=(
            Requirement(Difference.resolved_at.is_not(None), lazy_gettext("还没有处理。")),
            Requirement(
                Difference.resolution.not_in(sorted(one.value for one in IN_THE_BOOK)),
                lazy_gettext("已经记到账上，不能撤回。"),
            ),
        ),
        kind="danger",
    )
    return replace(DIFFERENCES, actions=(*settle, taken_back))


EXPLAIN = lazy_gettext("请写明核实的经过和依据，例如银行的函件。月份关账以前可以撤回。")
RETURN_IS_FINAL = lazy_gettext(
    "登记后这些钱改为“已退回”，通知本人，由乡镇改正后重发；不能撤回。请写明核实的经过和依据，例如银行的函件。"
)


BOOKING = lazy_gettext(
    "银行扣了款、账上失败或不明的，改记为已到账，不再重发。提出以后由财政局另一位同事批准，批准才改账、发到账短信。"
    "请写明银行的凭据和核实的经过。"
)
DENIAL = lazy_gettext(
    "银行确认没有付出的，改记为“已退回”，通知本人，由乡镇改正后重发。提出以后由财政局另一位同事批准，批准才改账，"
    "批准以后不能撤回。请写明银行的凭据和核实的经过。"
)
QUESTIONS = {
    Resolution.BANK_RETURN: RETURN_IS_FINAL,
    Resolution.BOOKED_PAID: BOOKING,
    Resolution.NEVER_PAID: DENIAL,
}
NOT_UNDER_WAY = Requirement(rebooking_under_way().is_(None), lazy_gettext("已经提出改记，等待审批。"))
ONCE = (
    Requirement(paid_again().is_(None), lazy_gettext("重复付款：失败以后已经重发，钱付了两次。请选“由银行追回”。")),
    Requirement(Attempt.outcome.in_(sorted(REBOOKABLE)), lazy_gettext("银行还没有答复这一笔，请先导入回盘文件。")),
)
"""What a difference must meet to be booked as paid."""


def _asked_of(resolution: Resolution) -> tuple[Requirement, ...]:
    return (NOT_UNDER_WAY, *(ONCE if resolution == Resolution.BOOKED_PAID else ()))


def _settling(month: Month, resolution: Resolution) -> BulkAction:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return BulkOutcome(operations.resolve_differences(principal, month, ids, resolution, reason, at=at))

    kinds = [kind.value for kind, allowed in ALLOWED.items() if resolution in allowed]
    return BulkAction(
        resolution.value,
        RESOLUTIONS[resolution.value],
        rules.RESOLVE_DIFFERENCE,
        QUESTIONS.get(resolution, EXPLAIN),
        act,
        needs_reason=True,
        requires=(
            Requirement(Difference.resolved_at.is_(None), lazy_gettext("已经处理过了。")),
            Requirement(Difference.kind.in_(kinds), lazy_gettext("这类差异不能这样处理。")),
            *_asked_of(resolution),
        ),
    )


CARRIED = replace(
    DIFFERENCES,
    name="carried_differences",
    title=lazy_gettext("以前月份转来、还没有了结的差异"),
    columns=(
        Column(
            "month",
            lazy_gettext("月份"),
            lambda row: row.month.month,
            sort=Month.month,
            link=lambda row: url_for("reconciliation.month", month_id=row.month_id),
        ),
        *DIFFERENCES.columns,
    ),
    order="month",
    filters=(ChoiceFilter("kind", lazy_gettext("差异"), CLASSES, Difference.kind),),
    empty=lazy_gettext("以前月份的差异都已了结。"),
)


def carried_listing(month: Month) -> Listing:
    """The list with the words that can be said about them in this month."""
    if month.state != "open":
        return CARRIED
    ends = dict.fromkeys(end for allowed in ENDINGS.values() for end in allowed)
    return replace(CARRIED, actions=tuple(_ending(month, end) for end in ends))


def _ending(month: Month, end: Resolution) -> BulkAction:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return BulkOutcome(operations.settle_carried(principal, month, ids, end, reason, at=at))

    kinds = [kind.value for kind, allowed in ENDINGS.items() if end in allowed]
    return BulkAction(
        end.value,
        ENDING_WORDS[end.value],
        rules.RESOLVE_DIFFERENCE,
        QUESTIONS.get(end, lazy_gettext("请写明核实的经过和依据，例如银行的函件。发现差异的月份不变，这里记在本月。")),
        act,
        needs_reason=True,
        requires=(
            Requirement(Difference.kind.in_(kinds), lazy_gettext("这类差异不能这样处理。")),
            *_asked_of(end),
        ),
    )
