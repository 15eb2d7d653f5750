"""The lists of differences: those a month has found, and those that earlier months carried over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func

from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.listing import ChoiceFilter, Column, Listing
from core.principal import Principal
from disbursement.models import Attempt, Payment
from disbursement.rules import REBOOKABLE
from reconciliation import operations, rules
from reconciliation.listings.about import about, about_address
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.queries import paid_again, rebooking_under_way, settlement_under_way, waits_for_second
from reconciliation.queries.visible import difference_fen
from reconciliation.rules import ENDINGS, IN_THE_BOOK, LineClass, Resolution, offered
from reconciliation.rules import RESOLUTIONS as ALLOWED
from reconciliation.words import CLASSES, ENDING_WORDS, RESOLUTIONS, SETTLEMENTS, STATEMENT_STATES


def _side(row: Difference) -> str:
    return row.line.serial if row.line else ""


def _settlement(row: Difference) -> str:
    if row.rebooking_id:
        return "proposed"
    if row.settlement_id:
        return "second"
    if row.resolution:
        return row.resolution
    return "none" if row.kind == LineClass.NOT_OURS else "open"


def _decision_address(row: Difference) -> str | None:
    """Where what is proposed of it waits for another official."""
    if row.rebooking_id:
        return url_for("disbursement.rebooking", rebooking_id=row.rebooking_id)
    return url_for("reconciliation.settlement", settlement_id=row.settlement_id) if row.settlement_id else None


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
            link=_decision_address,
        ),
        Column("paid_again", lazy_gettext("重复付款：后来已重发"), lambda row: row.paid_again or "", kind="narrow"),
        Column(
            "name",
            lazy_gettext("受益人"),
            about,
            kind="narrow",
            sort=Payment.name,
            link=about_address,
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
        Column("confirmed_by", lazy_gettext("复核人"), lambda row: row.confirmed_by, kind="narrow"),
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
    summed_by=difference_fen(),
)


def differences_listing(month: Month, kinds: Sequence[LineClass]) -> Listing:
    """The list with what can be done with the differences of this month, where those of these classes are looked
    at."""
    if month.state != "open":
        return DIFFERENCES

    def undo(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return BulkOutcome(operations.undo_resolutions(principal, month, ids, reason, at=at))

    settle = tuple(_settling(month, resolution) for resolution in offered(kinds, ALLOWED))
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


EXPLAIN = lazy_gettext(
    "请写明核实的经过和依据，例如银行的函件。月份关账以前可以撤回。超过复核界限的，由财政局另一位同事复核以后才算处理。"
)
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
NOT_PROPOSED = Requirement(settlement_under_way().is_(None), lazy_gettext("已经提出处理，等待复核。"))
ONCE = (
    Requirement(paid_again().is_(None), lazy_gettext("重复付款：失败以后已经重发，钱付了两次。请选“由银行追回”。")),
    Requirement(Attempt.outcome.in_(sorted(REBOOKABLE)), lazy_gettext("银行还没有答复这一笔，请先导入回盘文件。")),
)
"""What a difference must meet to be booked as paid."""


def _asked_of(resolution: Resolution) -> tuple[Requirement, ...]:
    return (NOT_UNDER_WAY, NOT_PROPOSED, *(ONCE if resolution == Resolution.BOOKED_PAID else ()))


def _fits(resolution: Resolution, table: Mapping[LineClass, Sequence[Resolution]]) -> tuple[Requirement, ...]:
    """What rules.ways and rules.endings ask of a difference, for the page that counts what can be done."""
    kinds = [kind.value for kind, allowed in table.items() if resolution in allowed]
    unknown = Difference.kind == LineClass.UNKNOWN_IN_BOOK.value
    comes_in = func.coalesce(StatementLine.credit_fen, 0) > 0
    found = [Requirement(Difference.kind.in_(kinds), lazy_gettext("这类差异不能这样处理。"))]
    if resolution == Resolution.BANK_CLAIMS_BACK:
        found.append(Requirement(~(unknown & comes_in), lazy_gettext("是一笔收入，没有可以追回的。")))
    if resolution == Resolution.BANK_CORRECTS:
        found.append(Requirement(~(unknown & ~comes_in), lazy_gettext("是一笔支出，由银行追回。")))
    if resolution == Resolution.BANK_RETURN:
        whole = Difference.bank_fen == Difference.book_fen
        found.append(Requirement(whole, lazy_gettext("退回的金额与发放的不同，不能登记为退票。")))
    return tuple(found)


def _outcome(done: int, ids: Sequence[int]) -> BulkOutcome:
    """What was settled; or what another official has to confirm first, so that nobody takes it for settled."""
    if not waits_for_second(ids):
        return BulkOutcome(done)
    told = gettext("已提出 %(count)s 条的处理，由财政局另一位同事复核；复核以前仍列为待处理。", count=f"{done:,}")
    return BulkOutcome(done, told=told)


def _settling(month: Month, resolution: Resolution) -> BulkAction:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return _outcome(operations.resolve_differences(principal, month, ids, resolution, reason, at=at), ids)

    return BulkAction(
        resolution.value,
        RESOLUTIONS[resolution.value],
        rules.RESOLVE_DIFFERENCE,
        QUESTIONS.get(resolution, EXPLAIN),
        act,
        needs_reason=True,
        requires=(
            Requirement(Difference.resolved_at.is_(None), lazy_gettext("已经处理过了。")),
            *_fits(resolution, ALLOWED),
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


def carried_listing(month: Month, kinds: Sequence[LineClass]) -> Listing:
    """The list with the words that can be said about them in this month, where those of these classes are looked
    at."""
    if month.state != "open":
        return CARRIED
    return replace(CARRIED, actions=tuple(_ending(month, end) for end in offered(kinds, ENDINGS)))


def settled_listing() -> Listing:
    """The list of what one proposal is about."""
    return replace(DIFFERENCES, name="proposed_differences", filters=())


def _ending(month: Month, end: Resolution) -> BulkAction:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return _outcome(operations.settle_carried(principal, month, ids, end, reason, at=at), ids)

    return BulkAction(
        end.value,
        ENDING_WORDS[end.value],
        rules.RESOLVE_DIFFERENCE,
        QUESTIONS.get(
            end,
            lazy_gettext(
                "请写明核实的经过和依据，例如银行的函件。发现差异的月份不变，这里记在本月。超过复核界限的，由财政局另一位同事复核以后才算处理。"
            ),
        ),
        act,
        needs_reason=True,
        requires=(
            *_fits(end, ENDINGS),
            *_asked_of(end),
        ),
    )
