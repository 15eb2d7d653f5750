"""Hands the few lines that plain matching left over to the rules, with everything that they may be about."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import ColumnElement, exists, select, text
from sqlalchemy.orm import aliased

from core.bulk import among, update_columns
from core.database import db
from disbursement.bank_files.matching import BOOKABLE
from disbursement.models import Attempt, Discrepancy, RebookingLine
from disbursement.queries import never_paid
from reconciliation.models import STANDS_OUT, Difference, Month, Statement, StatementLine
from reconciliation.rules import (
    ANSWERS,
    DENIED,
    PAID,
    CardAttempt,
    LeftLine,
    LineClass,
    StandingDebit,
    book_days,
    class_leftovers,
    is_own_business,
)

T = TypeVar("T")
# Debits of earlier months that a credit may still take back.
_OWED = (LineClass.TWICE_IN_BANK, LineClass.OUTCOME_DIFFERS, LineClass.UNKNOWN_IN_BOOK, LineClass.AMOUNT_DIFFERS)


def class_what_is_left(month: Month, statements: Sequence[int]) -> None:
    """Class every line of these statements that has no class yet."""
    lines = list(_left_lines(statements))
    if not lines:
        return
    cards = sorted({line.card for line in lines if line.card is not None})
    attempts = _attempts(month, lines, cards)
    classed = class_leftovers(lines, attempts, _standing(month, _cards_of_credits(lines, attempts)))
    # None leaves a value as it stands, and these stand empty.
    columns = {
        "id": [one.line_id for one in classed],
        "kind": [one.kind.value for one in classed],
        "attempt_id": [one.attempt_id for one in classed],
        "pair_line_id": [one.pair_line_id for one in classed],
    }
    update_columns(StatementLine, "id", columns)


def _left_lines(statements: Sequence[int]) -> Iterator[LeftLine]:
    rows = db.session.execute(
        select(
            StatementLine.id,
            StatementLine.card_index,
            StatementLine.debit_fen,
            StatementLine.credit_fen,
            StatementLine.day,
            StatementLine.summary,
            StatementLine.card_tail,
            StatementLine.reference,
        ).where(StatementLine.statement_id.in_(statements), StatementLine.kind == "")
    ).all()
    # A whole card says who it is: names are unlocked only where it is masked.
    masked = [row.id for row in rows if row.card_index is None and row.card_tail]
    names = dict(
        db.session.execute(select(StatementLine.id, StatementLine.name).where(among(StatementLine.id, masked))).all()
    )
    for row in rows:
        yield LeftLine(
            row.id,
            _raw(row.card_index),
            int(row.debit_fen or row.credit_fen),
            row.day,
            not row.debit_fen,
            row.summary,
            row.card_tail,
            names.get(row.id, ""),
            row.reference,
        )


def _raw(value: object) -> bytes | None:
    return None if value is None else bytes(cast("bytes", value))


def _attempts(month: Month, lines: Sequence[LeftLine], cards: Sequence[bytes]) -> list[CardAttempt]:
    """The attempts on these cards, with these references, and with these last digits: each once."""
    found: dict[int, Any] = {}
    for chunk in _chunks(cards):
        found |= {row.id: row for row in db.session.execute(_columns().where(Attempt.card_index.in_(chunk)))}
    references = sorted({line.reference for line in lines if line.reference})
    if references:
        named = _columns().where(among(Attempt.reference, references))
        found |= {row.id: row for row in db.session.execute(named)}
    tails = sorted({line.tail for line in lines if line.card is None and line.tail})
    if tails:
        first, last = book_days(month.month)
        alike = _columns().where(among(Attempt.card_tail, tails), Attempt.bank_date.between(first, last))
        found |= {row.id: row for row in db.session.execute(alike)}
    answered, back = _answers_of(list(found))
    days = _bank_days(list(found))
    awaited = _awaited(month, list(found))
    denied = set(db.session.scalars(never_paid()))
    return [
        _card_attempt(
            row,
            days.get(number, row.bank_date),
            answered.get(number),
            back.get(number, 0),
            is_awaited=number in awaited,
            is_denied=number in denied,
        )
        for number, row in sorted(found.items())
    ]


def _columns() -> Any:
    return select(
        Attempt.id,
        Attempt.card_index,
        Attempt.amount_fen,
        Attempt.outcome,
        Attempt.bank_date,
        Attempt.card_tail,
        Attempt.payee_name,
        Attempt.reference,
    )


class _Answer(NamedTuple):
    line_id: int
    day: Any


def _card_attempt(
    row: Any, bank_date: date | None, answer: _Answer | None, back_fen: int, *, is_awaited: bool, is_denied: bool
) -> CardAttempt:
    return CardAttempt(
        row.id,
        bytes(row.card_index),
        int(row.amount_fen),
        DENIED if is_denied else row.outcome,
        bank_date,
        answer.line_id if answer else None,
        answer.day if answer else None,
        row.card_tail,
        row.payee_name,
        row.reference,
        back_fen,
        is_awaited,
    )


def _bank_days(attempts: Sequence[int]) -> dict[int, date]:
    """The bank's own day of those that were booked later, because its month was closed: their line has that day."""
    rebooked = select(RebookingLine.attempt_id, RebookingLine.bank_day).where(
        among(RebookingLine.attempt_id, attempts),
        RebookingLine.booked_on.is_not(None),
        # What the bank never answered has no day of the bank's; its line has that of the letter.
        RebookingLine.released_at.is_(None),
    )
    late = select(Discrepancy.attempt_id, Discrepancy.bank_date).where(
        among(Discrepancy.attempt_id, attempts),
        Discrepancy.kind.in_(BOOKABLE),
        Discrepancy.settled_at.is_not(None),
        Discrepancy.bank_date.is_not(None),
    )
    return {
        number: day
        for statement in (late, rebooked)
        for number, day in db.session.execute(statement)
        if number is not None and day is not None
    }


def _awaited(month: Month, attempts: Sequence[int]) -> set[int]:
    """Those for which an earlier month found no line."""
    return set(
        db.session.scalars(
            select(Difference.attempt_id)
            .join(Difference.month)
            .where(
                among(Difference.attempt_id, attempts),
                Difference.kind == LineClass.MISSING_IN_BANK.value,
                Month.month < month.month,
            )
        )
    )


def _answers_of(attempts: Sequence[int]) -> tuple[dict[int, _Answer], dict[int, int]]:
    """The line of any month that answers each attempt, and the fen of each that other months' lines brought back."""
    kinds = [kind.value for kind in (*ANSWERS, LineClass.RETURNED_AFTER_PAYMENT)]
    rows = db.session.execute(
        select(
            StatementLine.attempt_id, StatementLine.id, StatementLine.day, StatementLine.kind, StatementLine.credit_fen
        )
        .join(Statement, Statement.id == StatementLine.statement_id)
        .where(
            among(StatementLine.attempt_id, attempts), StatementLine.kind.in_(kinds), Statement.replaced_at.is_(None)
        )
        .order_by(StatementLine.id)
    ).all()
    answered: dict[int, _Answer] = {}
    back: dict[int, int] = {}
    for row in rows:
        if row.kind != LineClass.RETURNED_AFTER_PAYMENT.value:
            answered.setdefault(row.attempt_id, _Answer(row.id, row.day))
        else:
            back[row.attempt_id] = back.get(row.attempt_id, 0) + int(row.credit_fen)
    return answered, back


def _cards_of_credits(lines: Iterable[LeftLine], attempts: Iterable[CardAttempt]) -> list[bytes]:
    """The cards on which money came back; where the bank masks them, those of all whom a credit may be about."""
    credits = [line for line in lines if line.is_credit]
    cards = {line.card for line in credits if line.card is not None}
    tails = {line.tail for line in credits if line.card is None and line.tail}
    references = {line.reference for line in credits if line.card is None and line.reference}
    return sorted(cards | {one.card for one in attempts if one.tail in tails or one.reference in references})


def _standing(month: Month, cards: Sequence[bytes]) -> list[StandingDebit]:
    """What earlier months' debits on these cards the bank still owes. A masked debit is on the card of its attempt."""
    later = aliased(StatementLine)
    taken_back = exists().where(
        later.pair_line_id == StatementLine.id, later.kind == LineClass.CORRECTED_BY_BANK.value, later.credit_fen > 0
    )
    found: list[StandingDebit] = []
    columns = (
        StatementLine.id,
        StatementLine.debit_fen,
        StatementLine.day,
        StatementLine.attempt_id,
        StatementLine.summary,
        StatementLine.kind,
    )
    whole = select(StatementLine.card_index, *columns)
    masked = (
        select(Attempt.card_index, *columns)
        .join_from(StatementLine, Attempt, Attempt.id == StatementLine.attempt_id)
        .where(StatementLine.card_index.is_(None))
    )
    for chunk in _chunks(cards):
        for debits, card in ((whole, StatementLine.card_index), (masked, Attempt.card_index)):
            rows = db.session.execute(debits.where(_owes(month), card.in_(chunk), ~taken_back, ~_became_right()))
            found += [
                StandingDebit(row.id, bytes(row.card_index), int(row.debit_fen), row.day, row.attempt_id)
                for row in rows
                if row.kind != LineClass.UNKNOWN_IN_BOOK.value or not is_own_business(row.summary)
            ]
    return sorted(found, key=lambda one: (one.day, one.line_id))


def _owes(month: Month) -> ColumnElement[bool]:
    earlier = (
        select(Statement.id)
        .join(Month, Month.id == Statement.month_id)
        .where(Month.month < month.month, Statement.replaced_at.is_(None))
    )
    return (
        StatementLine.statement_id.in_(earlier)
        # Said in the words of the index of cards, so that both databases see that it has what is looked for.
        & text(f"statement_lines.{STANDS_OUT}")
        & StatementLine.kind.in_([kind.value for kind in _OWED])
        & (StatementLine.debit_fen > 0)
    )


def _became_right() -> ColumnElement[bool]:
    """The bank has said since that it did pay: the debit is the payment's own, and is owed no longer."""
    paid = exists().where(Attempt.id == StatementLine.attempt_id, Attempt.outcome.in_(sorted(PAID)))
    return (StatementLine.kind == LineClass.OUTCOME_DIFFERS.value) & paid.correlate(StatementLine)


def _chunks(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
