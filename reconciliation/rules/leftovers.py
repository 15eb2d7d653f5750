"""What becomes of the lines that plain matching left over: each line is used once, each payment answered once.

A bank is believed about what it did, never guessed at: a line that fits two people is nobody's until a person has
looked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.identity import names_match_with_lost_characters
from reconciliation.rules.classes import LineClass, is_own_business
from reconciliation.rules.months import belongs, is_near

PAID = frozenset({"paid", "returned"})
NOT_PAID = frozenset({"failed", "unclear", "open"})
DENIED = "denied"
"""In the place of an outcome: the bank proved that it never paid the attempt. A debit that comes all the same is money
too much, whether the payment was sent again or waits for it."""


@dataclass(frozen=True)
class LeftLine:
    """A line that no paid attempt of its card, amount and day answered. ``fen`` is positive; ``is_credit``: money came
    back to the account. A masked card tells its ``tail`` only and goes by ``name`` too; ``reference`` is ours, where
    the bank gives it back."""

    id: int
    card: bytes | None
    fen: int
    day: date
    is_credit: bool
    summary: str = ""
    tail: str = ""
    name: str = ""
    reference: str = ""


@dataclass(frozen=True)
class CardAttempt:
    """An attempt that a left-over line may be about. ``line_id``: the line that has answered it, if any, and
    ``line_day`` its day; ``back_fen``: what of its money came back already, by other months' lines; ``is_awaited``: an
    earlier month found no line for it, so that it may come however late."""

    id: int
    card: bytes
    fen: int
    outcome: str
    bank_date: date | None
    line_id: int | None = None
    line_day: date | None = None
    tail: str = ""
    name: str = ""
    reference: str = ""
    back_fen: int = 0
    is_awaited: bool = False

    def may_be(self, line: LeftLine) -> bool:
        """Whether the line's day is one on which the payment may have been debited."""
        return self.is_awaited or belongs(self.bank_date, line.day)

    @property
    def day(self) -> date | None:
        """The day on which the bank moved the money, as far as anybody knows."""
        return self.line_day or self.bank_date


@dataclass(frozen=True)
class StandingDebit:
    """A debit that the bank owes an explanation for: ``fen`` of it have no ground, and no credit has taken them back
    yet."""

    line_id: int
    card: bytes
    fen: int
    day: date
    attempt_id: int | None = None


@dataclass(frozen=True)
class Classed:
    """What a line turned out to be, and the attempt and the other line it is about."""

    line_id: int
    kind: LineClass
    attempt_id: int | None = None
    pair_line_id: int | None = None


def class_leftovers(
    lines: Iterable[LeftLine], attempts: Iterable[CardAttempt], standing: Iterable[StandingDebit] = ()
) -> list[Classed]:
    """Class the lines that plain matching left over, debits before credits and each by day. Every attempt answers one
    debit and one return at most, every debit one correction."""
    return _Leftovers(attempts, standing).classed(sorted(lines, key=lambda one: (one.is_credit, one.day, one.id)))


class _Leftovers:
    def __init__(self, attempts: Iterable[CardAttempt], standing: Iterable[StandingDebit]) -> None:
        self._on_card: dict[bytes, list[CardAttempt]] = {}
        self._with_tail: dict[str, list[CardAttempt]] = {}
        self._by_reference: dict[str, CardAttempt] = {}
        self._answered: dict[int, int] = {}
        # What of a payment came back, whole or in parts.
        self._back: dict[int, int] = {}
        for attempt in attempts:
            self._enter(attempt)
        # What a credit may take back, whole debits and what was too much of one; this month's behind the older ones.
        self._owed: _ByCardAndFen = {}
        for debit in standing:
            _enter_debit(self._owed, debit)
        self._excess: _ByCardAndFen = {}
        self._found: dict[int, Classed] = {}

    def _enter(self, attempt: CardAttempt) -> None:
        self._on_card.setdefault(attempt.card, []).append(attempt)
        self._with_tail.setdefault(attempt.tail, []).append(attempt)
        self._by_reference[attempt.reference] = attempt
        if attempt.line_id is not None:
            self._answered[attempt.id] = attempt.line_id
        self._back[attempt.id] = attempt.back_fen

    def classed(self, lines: Iterable[LeftLine]) -> list[Classed]:
        """Each line with its class."""
        for line in lines:
            self._found[line.id] = self._credit(line) if line.is_credit else self._debit(line)
        return list(self._found.values())

    def _candidates(self, line: LeftLine) -> Sequence[CardAttempt]:
        """The attempts a line may be about: the one it names; else those on its card; else, for a masked card, those
        of its last digits and name, if they are one person's."""
        named = self._by_reference.get(line.reference) if line.reference else None
        if named is not None and (line.card is None or line.card == named.card):
            return [named]
        if line.card is not None:
            return self._on_card.get(line.card, [])
        alike = self._with_tail.get(line.tail, []) if line.tail and line.name else []
        found = [one for one in alike if names_match_with_lost_characters(one.name, line.name)]
        return found if len({one.card for one in found}) == 1 else []

    # --- Money that went out ---------------------------------------------------------------------

    def _debit(self, line: LeftLine) -> Classed:
        candidates = self._candidates(line)
        near = [one for one in candidates if one.is_awaited or is_near(one.bank_date, line.day)]
        same = [one for one in near if one.fen == line.fen]
        free = [one for one in same if one.id not in self._answered]
        paid = [one for one in free if one.outcome in PAID and one.may_be(line)]
        if paid:
            return self._answer(line, LineClass.MATCHED, _nearest(paid, line))
        found = self._unexpected(line, same, free) or self._different(line, near)
        if found is not None:
            return found
        if not candidates and is_own_business(line.summary):
            return Classed(line.id, LineClass.NOT_OURS)
        return self._owing(line, Classed(line.id, LineClass.UNKNOWN_IN_BOOK), line.card)

    def _unexpected(self, line: LeftLine, same: list[CardAttempt], free: list[CardAttempt]) -> Classed | None:
        """The right amount on the right card, but not what the book has: paid against the book, or once too often. The
        nearer day tells which, where both may be."""
        failed = [one for one in free if one.outcome in NOT_PAID]
        again = [one for one in same if one.id in self._answered]
        if failed and (not again or _distance(_nearest(failed, line), line) <= _distance(_nearest(again, line), line)):
            meant = _nearest(failed, line)
            return self._owing(line, self._answer(line, LineClass.OUTCOME_DIFFERS, meant), meant.card)
        if again:
            first = _nearest(again, line)
            found = Classed(line.id, LineClass.TWICE_IN_BANK, first.id, self._answered[first.id])
            return self._owing(line, found, first.card)
        denied = [one for one in free if one.outcome == DENIED]
        if denied:
            meant = _nearest(denied, line)
            return self._owing(line, Classed(line.id, LineClass.TWICE_IN_BANK, meant.id), meant.card)
        return None

    def _different(self, line: LeftLine, near: list[CardAttempt]) -> Classed | None:
        paid = [one for one in near if one.outcome in PAID and one.id not in self._answered and one.may_be(line)]
        if not paid:
            return None
        attempt = min(paid, key=lambda one: (abs(one.fen - line.fen), _distance(one, line), one.id))
        # Of what was paid too little nothing is taken back: no credit is of less than nothing.
        excess = StandingDebit(line.id, attempt.card, line.fen - attempt.fen, line.day, attempt.id)
        _enter_debit(self._excess, excess)
        return self._owing(line, self._answer(line, LineClass.AMOUNT_DIFFERS, attempt), attempt.card)

    def _answer(self, line: LeftLine, kind: LineClass, attempt: CardAttempt) -> Classed:
        self._answered[attempt.id] = line.id
        return Classed(line.id, kind, attempt.id)

    def _owing(self, line: LeftLine, found: Classed, card: bytes | None) -> Classed:
        """Remember that a later credit of the same card and amount takes this debit back. The card is the attempt's
        where the line tells a part of it only."""
        if card is not None:
            _enter_debit(self._owed, StandingDebit(line.id, card, line.fen, line.day, found.attempt_id))
        return found

    # --- Money that came back --------------------------------------------------------------------

    def _credit(self, line: LeftLine) -> Classed:
        candidates = self._candidates(line)
        card = line.card or (candidates[0].card if candidates else None)
        if card is not None:
            found = self._taken_back(line, card) or self._excess_back(line, card)
            if found is not None:
                return found
        returned = self._returned_one(line, candidates)
        if returned is not None:
            self._back[returned.id] += line.fen
            return Classed(line.id, LineClass.RETURNED_AFTER_PAYMENT, returned.id, self._answered.get(returned.id))
        own = not candidates and is_own_business(line.summary)
        return Classed(line.id, LineClass.NOT_OURS if own else LineClass.UNKNOWN_IN_BOOK)

    def _taken_back(self, line: LeftLine, card: bytes) -> Classed | None:
        """The bank took back what it should not have paid: the two settle each other."""
        debit = _take_debit(self._owed, card, line)
        if debit is None:
            return None
        before = self._found.get(debit.line_id)
        if before is not None:
            # Of an earlier month's debit only the credit is told: its own month stands as it was signed.
            self._found[debit.line_id] = Classed(
                debit.line_id, LineClass.CORRECTED_BY_BANK, debit.attempt_id, pair_line_id=line.id
            )
        return Classed(line.id, LineClass.CORRECTED_BY_BANK, debit.attempt_id, debit.line_id)

    def _excess_back(self, line: LeftLine, card: bytes) -> Classed | None:
        """The bank took back what it had paid too much; the debit stays a difference until a person has looked."""
        debit = _take_debit(self._excess, card, line)
        if debit is None:
            return None
        return Classed(line.id, LineClass.CORRECTED_BY_BANK, debit.attempt_id, debit.line_id)

    def _returned_one(self, line: LeftLine, candidates: Iterable[CardAttempt]) -> CardAttempt | None:
        """The payment whose money came back: of the same amount, however long ago; else a part of a recent one."""
        paid = [one for one in candidates if one.outcome in PAID and (one.day is None or one.day <= line.day)]
        whole = [one for one in paid if one.fen == line.fen and not self._back[one.id]]
        if whole:
            return max(whole, key=lambda one: (one.id in self._answered, one.day or date.min, one.id))
        part = [one for one in paid if self._back[one.id] + line.fen <= one.fen and is_near(one.day, line.day)]
        # Of one that has come back in part the rest is looked for first.
        return min(part, key=lambda one: (not self._back[one.id], one.fen, -one.id)) if part else None


_ByCardAndFen = dict[tuple[bytes, int], list[StandingDebit]]


def _enter_debit(debits: _ByCardAndFen, debit: StandingDebit) -> None:
    debits.setdefault((debit.card, debit.fen), []).append(debit)


def _take_debit(debits: _ByCardAndFen, card: bytes, credit: LeftLine) -> StandingDebit | None:
    """The latest debit that a credit may take back. No other credit takes it back again."""
    alike = debits.get((card, credit.fen), [])
    found = next((one for one in reversed(alike) if one.day <= credit.day), None)
    if found is not None:
        alike.remove(found)
    return found


def _distance(attempt: CardAttempt, line: LeftLine) -> timedelta:
    return abs(attempt.day - line.day) if attempt.day is not None else timedelta(0)


def _nearest(attempts: Iterable[CardAttempt], line: LeftLine) -> CardAttempt:
    return min(attempts, key=lambda one: (_distance(one, line), one.id))
