"""What a difference changes in the book when two officials say so: a payment that the bank made against it, and one
that the bank never made."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from core.bulk import among
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from disbursement.operations import propose_denial, propose_rebooking
from disbursement.rules import RebookingKind
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.operations.entering import Word, enter, word_of
from reconciliation.operations.months import lock_month, take_signatures_away
from reconciliation.operations.settlements import lapse_settlements, needs_second, propose_settlement
from reconciliation.queries import rebooking_under_way, settlement_under_way
from reconciliation.rules import LineClass, Resolution


def refuse_under_way(found: Sequence[Difference]) -> None:
    """Raise Conflict where a rebooking or a settlement waits for its decision: one word at a time."""
    ids = [one.id for one in found]
    second = select(Difference.id).where(among(Difference.id, ids), settlement_under_way().is_not(None))
    if db.session.scalar(second.limit(1)) is not None:
        raise Conflict("有的差异已经提出处理，等待另一位同事复核。要改用别的办法，请先撤回。")
    waiting = select(Difference.id).where(among(Difference.id, ids), rebooking_under_way().is_not(None))
    if db.session.scalar(waiting.limit(1)) is not None:
        raise Conflict("有的差异已经提出改记，等待审批。要改用别的办法，请先撤回改记。")


def settled_by_word(
    principal: Principal, month: Month, found: Sequence[Difference], word: Word, *, is_carried: bool
) -> Sequence[Difference]:
    """Those of the differences that this official's word settles alone. The others are laid before another official:
    as a settlement, where they are many or large and nothing explains them, or as a rebooking. Raises Conflict where
    one waits for such a decision already."""
    refuse_under_way(found)
    if needs_second(principal, month, found, word.resolution):
        propose_settlement(principal, month, found, word, is_carried=is_carried)
        return ()
    if word.resolution == Resolution.BOOKED_PAID:
        propose_booking(principal, found, word.reason, at=word.at)
        return ()
    if word.resolution == Resolution.NEVER_PAID:
        return propose_denials(principal, found, word.reason, at=word.at)
    return found


def propose_booking(principal: Principal, found: Sequence[Difference], why: str, *, at: datetime) -> None:
    """Propose to book the tries of these differences as paid, each on the day of its line."""
    days = {
        one.attempt_id: one.line.day
        for one in found
        if one.attempt_id is not None and one.line is not None and one.bank_fen == one.book_fen
    }
    if len(days) != len(found):
        raise UserError("有的差异没有对应的明细，或者金额不同，不能改记。请与银行核实后选择别的处理办法。")
    propose_rebooking(principal, days, why, at=at)


def propose_denials(
    principal: Principal, found: Sequence[Difference], why: str, *, at: datetime
) -> Sequence[Difference]:
    """Propose to book the tries of these differences as never paid; gives those of which somebody has recorded already
    that the money came back, and that want no decision."""
    attempts = [one.attempt for one in found if one.attempt is not None]
    ids = [one.id for one in attempts if one.outcome != "returned"]
    if ids:
        propose_denial(principal, ids, why, at=at)
    return [one for one in found if one.attempt is not None and one.attempt.outcome == "returned"]


_ABOUT = {
    RebookingKind.PAID: (LineClass.OUTCOME_DIFFERS, Resolution.BOOKED_PAID),
    RebookingKind.NEVER_PAID: (LineClass.MISSING_IN_BANK, Resolution.NEVER_PAID),
}
"""Which differences a rebooking settles, and how."""


def note_rebooked(
    principal: Principal, attempts: Sequence[int], kind: RebookingKind, reason: str, at: datetime
) -> None:
    """Two officials have rebooked these tries: in months that are open the debits of those that were paid match now,
    and the differences of all are settled. A closed month stays as it was signed."""
    about, resolution = _ABOUT[kind]
    found = db.session.scalars(
        select(Difference)
        .join(Difference.month)
        .where(among(Difference.attempt_id, attempts), Difference.kind == about.value)
        .order_by(Month.month, Difference.id)
    ).all()
    by_month: dict[Month, list[Difference]] = {}
    for one in found:
        by_month.setdefault(one.month, []).append(one)
    for month, differences in by_month.items():
        lock_month(month)
        if month.state == "open":
            lapse_settlements(principal, [one.id for one in differences], at=at)
            _settle(principal, differences, resolution, reason, at)
            take_signatures_away(month, at=at)


def _settle(
    principal: Principal, differences: Sequence[Difference], resolution: Resolution, reason: str, at: datetime
) -> None:
    lines = [one.line_id for one in differences if one.line_id is not None]
    db.session.execute(
        update(StatementLine)
        .where(among(StatementLine.id, lines), StatementLine.kind == LineClass.OUTCOME_DIFFERS.value)
        .values(kind=LineClass.MATCHED.value)
        .execution_options(synchronize_session=False)
    )
    enter(differences, word_of(principal, resolution, reason, at))
    db.session.flush()
