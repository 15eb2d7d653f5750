"""Decisions about reconciliation: who may do what, the classes of lines, how each difference may be settled, when a
month may be signed.

Pure: no database, no clock; dates come in as arguments.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.errors import UserError
from core.msgid import N_
from core.principal import OrganisationKind, Role, permission
from core.states import Transition, Workflow, declare

_WORKERS = (Role.PREPARER, Role.APPROVER)
_READERS = (*_WORKERS, Role.VIEWER)

READ = permission(
    "reconciliation.read",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.BANK: _READERS,
        OrganisationKind.DEPARTMENT: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    N_("查看月末对账"),
)
SEE_LINES = permission(
    "reconciliation.see_lines",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.BANK: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    N_("查看对账单逐笔明细"),
)
IMPORT_STATEMENT = permission(
    "reconciliation.import_statement",
    {OrganisationKind.FINANCE: _WORKERS, OrganisationKind.BANK: (Role.PREPARER,)},
    N_("导入银行对账单"),
)
RESOLVE_DIFFERENCE = permission(
    "reconciliation.resolve_difference", {OrganisationKind.FINANCE: _WORKERS}, N_("处理对账差异")
)
SIGN_MONTH = permission(
    "reconciliation.sign_month",
    {
        OrganisationKind.DEPARTMENT: (Role.APPROVER,),
        OrganisationKind.BANK: _WORKERS,
        OrganisationKind.FINANCE: (Role.APPROVER,),
    },
    N_("月末对账签章"),
)
CLOSE_MONTH = permission(
    "reconciliation.close_month", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("关账和重新开账")
)

MONTH_WORKFLOW = declare(
    Workflow(
        "reconciliation_month",
        "open",
        (
            Transition("open", "close", "closed", by=CLOSE_MONTH),
            # Somebody else of finance asks for it first: nobody reopens alone what is closed.
            Transition("closed", "ask_reopen", "reopen_asked", by=CLOSE_MONTH),
            Transition("reopen_asked", "refuse_reopen", "closed", by=CLOSE_MONTH),
            Transition("reopen_asked", "reopen", "open", by=CLOSE_MONTH, other_than=("ask_reopen",)),
        ),
    )
)


class LineClass(StrEnum):
    """What a line of a statement, or a payment without one, turned out to be."""

    MATCHED = "matched"
    MISSING_IN_BANK = "missing_in_bank"
    UNKNOWN_IN_BOOK = "unknown_in_book"
    AMOUNT_DIFFERS = "amount_differs"
    OUTCOME_DIFFERS = "outcome_differs"
    TWICE_IN_BANK = "twice_in_bank"
    CORRECTED_BY_BANK = "corrected_by_bank"
    RETURNED_AFTER_PAYMENT = "returned_after_payment"
    NOT_OURS = "not_ours"


DIFFERENCES = (
    LineClass.MISSING_IN_BANK,
    LineClass.UNKNOWN_IN_BOOK,
    LineClass.AMOUNT_DIFFERS,
    LineClass.OUTCOME_DIFFERS,
    LineClass.TWICE_IN_BANK,
    LineClass.RETURNED_AFTER_PAYMENT,
    LineClass.NOT_OURS,
)
"""Everything that is shown as a difference; money that is not ours explains itself and needs no one's word."""
NEEDS_WORD = frozenset(DIFFERENCES) - {LineClass.NOT_OURS}


class Resolution(StrEnum):
    """How a difference was settled."""

    BANK_RETURN = "bank_return"
    BANK_CORRECTS = "bank_corrects"
    BANK_CLAIMS_BACK = "bank_claims_back"
    CONFIRMED_BY_BANK = "confirmed_by_bank"
    NEXT_MONTH = "next_month"
    NOT_OURS = "not_ours"


RESOLUTIONS: Mapping[LineClass, tuple[Resolution, ...]] = {
    LineClass.RETURNED_AFTER_PAYMENT: (Resolution.BANK_RETURN, Resolution.NEXT_MONTH),
    LineClass.MISSING_IN_BANK: (Resolution.CONFIRMED_BY_BANK, Resolution.NEXT_MONTH),
    LineClass.UNKNOWN_IN_BOOK: (Resolution.BANK_CLAIMS_BACK, Resolution.NOT_OURS, Resolution.NEXT_MONTH),
    LineClass.AMOUNT_DIFFERS: (Resolution.BANK_CORRECTS, Resolution.NEXT_MONTH),
    LineClass.OUTCOME_DIFFERS: (Resolution.BANK_CORRECTS, Resolution.BANK_CLAIMS_BACK, Resolution.NEXT_MONTH),
    LineClass.TWICE_IN_BANK: (Resolution.BANK_CLAIMS_BACK, Resolution.NEXT_MONTH),
}
"""What may be said of each class. No resolution changes a final outcome: what the bank has to correct comes in its next
result file or statement; only a return after payment is recorded at once, because the money is back (design §4)."""

SIGNING_ORDER = (OrganisationKind.DEPARTMENT, OrganisationKind.BANK, OrganisationKind.FINANCE)
"""Departments first, then the bank, finance last (B7)."""

# --- Months --------------------------------------------------------------------------------------

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def check_month(text: str) -> str:
    """The month YYYY-MM. Raises UserError for anything else."""
    if not _MONTH.fullmatch(text):
        raise UserError("月份要写成 2020-07 的样子。")
    return text


def month_days(month: str) -> tuple[date, date]:
    """The first and last day of a month (YYYY-MM)."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def month_of(day: date) -> str:
    """The month of a day, YYYY-MM."""
    return f"{day:%Y-%m}"


BEFORE = timedelta(days=40)
"""How far before a month its statement may still pay what the book has as paid then (a bank's last days of a month)."""

# --- Words of a statement ------------------------------------------------------------------------

_NOT_OURS = re.compile("息|手续费|工本费|年费|拨付|划拨|拨款|调拨|转入|零余额|税")


def is_own_business(summary: str) -> bool:
    """Whether a line's words say that it is the account's own business: interest, fees, money allotted to it."""
    return _NOT_OURS.search(summary) is not None


# --- What is left over after the plain matches -----------------------------------------------------


@dataclass(frozen=True)
class LeftLine:
    """A line that no paid attempt of its card and amount answered. ``fen`` is positive; ``is_credit``: money came back
    to the account."""

    id: int
    card: bytes | None
    fen: int
    day: date
    is_credit: bool
    summary: str = ""


@dataclass(frozen=True)
class CardAttempt:
    """An attempt on a card that a left-over line names. ``line_id``: the line that has answered it, if any;
    ``is_back``: a line of another month has brought its money back."""

    id: int
    card: bytes
    fen: int
    outcome: str
    bank_date: date | None
    line_id: int | None = None
    is_back: bool = False


@dataclass(frozen=True)
class Classed:
    """What a line turned out to be, and the attempt and the other line it is about."""

    line_id: int
    kind: LineClass
    attempt_id: int | None = None
    pair_line_id: int | None = None


def class_leftovers(lines: Iterable[LeftLine], attempts: Iterable[CardAttempt]) -> list[Classed]:
    """Class the lines that plain matching left over, debits before credits and each by day. Every attempt answers one
    debit and one return at most."""
    return _Leftovers(attempts).classed(sorted(lines, key=lambda line: (line.is_credit, line.day, line.id)))


class _Leftovers:
    def __init__(self, attempts: Iterable[CardAttempt]) -> None:
        self._on_card: dict[bytes, list[CardAttempt]] = {}
        for attempt in attempts:
            self._on_card.setdefault(attempt.card, []).append(attempt)
        self._answered = {one.id for found in self._on_card.values() for one in found if one.line_id is not None}
        self._returned = {one.id for found in self._on_card.values() for one in found if one.is_back}
        self._twice: dict[tuple[bytes, int], list[Classed]] = {}
        self._found: dict[int, Classed] = {}

    def classed(self, lines: Iterable[LeftLine]) -> list[Classed]:
        """Each line with its class."""
        for line in lines:
            found = self._credit(line) if line.is_credit else self._debit(line)
            self._found[line.id] = found
        return list(self._found.values())

    def _free(self, line: LeftLine, *outcomes: str) -> list[CardAttempt]:
        on_card = self._on_card.get(line.card or b"", [])
        return [one for one in on_card if one.outcome in outcomes and one.id not in self._answered]

    def _debit(self, line: LeftLine) -> Classed:
        if line.card is None:
            own = is_own_business(line.summary)
            return Classed(line.id, LineClass.NOT_OURS if own else LineClass.UNKNOWN_IN_BOOK)
        other = [one for one in self._free(line, "failed", "unclear", "open") if one.fen == line.fen]
        if other:
            return self._answer(line, LineClass.OUTCOME_DIFFERS, other[0])
        on_card = self._on_card.get(line.card, [])
        same = [one for one in on_card if one.fen == line.fen and one.line_id is not None]
        if same:
            found = Classed(line.id, LineClass.TWICE_IN_BANK, same[0].id, same[0].line_id)
            self._twice.setdefault((line.card, line.fen), []).append(found)
            return found
        paid = self._free(line, "paid")
        if paid:
            nearest = min(paid, key=lambda one: (abs(one.fen - line.fen), one.id))
            return self._answer(line, LineClass.AMOUNT_DIFFERS, nearest)
        if not on_card and is_own_business(line.summary):
            return Classed(line.id, LineClass.NOT_OURS)
        return Classed(line.id, LineClass.UNKNOWN_IN_BOOK)

    def _answer(self, line: LeftLine, kind: LineClass, attempt: CardAttempt) -> Classed:
        self._answered.add(attempt.id)
        return Classed(line.id, kind, attempt.id)

    def _credit(self, line: LeftLine) -> Classed:
        on_card = self._on_card.get(line.card, []) if line.card is not None else []
        twice = self._twice.get((line.card, line.fen), []) if line.card is not None else []
        if twice:
            # The bank took back what it had paid once too often: the two settle each other.
            double = twice.pop()
            self._found[double.line_id] = Classed(
                double.line_id, LineClass.CORRECTED_BY_BANK, double.attempt_id, line.id
            )
            return Classed(line.id, LineClass.CORRECTED_BY_BANK, double.attempt_id, double.line_id)
        paid = [
            one
            for one in on_card
            if one.outcome in ("paid", "returned")
            and one.id not in self._returned
            and (one.bank_date is None or one.bank_date <= line.day)
        ]
        if paid:
            nearest = min(paid, key=lambda one: (abs(one.fen - line.fen), one.line_id is None, -one.id))
            self._returned.add(nearest.id)
            return Classed(line.id, LineClass.RETURNED_AFTER_PAYMENT, nearest.id, nearest.line_id)
        if not on_card and (line.card is None or is_own_business(line.summary)):
            return Classed(line.id, LineClass.NOT_OURS)
        return Classed(line.id, LineClass.UNKNOWN_IN_BOOK)


# --- Three sides ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sides:
    """The three sides of a month in fen: what the book has as paid, how the lines explain each fen of it, and how the
    account's balance moved.

    ``matched``, ``missing`` (paid in the book, no line), ``amount_book`` and ``amount_bank`` (the same payment in both,
    differently), ``outcome``, ``twice``, ``unknown`` (debits), ``corrected`` (debits the bank took back),
    ``credits`` (everything that came in), ``own_debits`` (fees).
    """

    opening: int
    closing: int
    book: int
    matched: int
    missing: int
    amount_book: int
    amount_bank: int
    outcome: int
    twice: int
    unknown: int
    corrected: int
    own_debits: int
    credits: int

    @property
    def book_gap(self) -> int:
        """What of the book's sum no line and no difference explains; 0 where the two sides agree."""
        return self.book - self.matched - self.missing - self.amount_book

    @property
    def balance_gap(self) -> int:
        """What of the account's movement the classed lines do not explain; 0 where the sides agree."""
        debits = (
            self.matched
            + self.amount_bank
            + self.outcome
            + self.twice
            + self.unknown
            + self.corrected
            + self.own_debits
        )
        return self.closing - (self.opening + self.credits - debits)

    @property
    def agree(self) -> bool:
        """Whether every fen is explained on every side."""
        return self.book_gap == 0 and self.balance_gap == 0


def may_sign(kind: OrganisationKind, signed: Collection[OrganisationKind], departments_missing: int) -> bool:
    """Whether an office of that kind may sign now: departments at any time, the bank when all departments have, finance
    when the bank has."""
    if kind == OrganisationKind.BANK:
        return not departments_missing
    if kind == OrganisationKind.FINANCE:
        return not departments_missing and OrganisationKind.BANK in signed
    return kind == OrganisationKind.DEPARTMENT
