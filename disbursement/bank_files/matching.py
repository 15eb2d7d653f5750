"""Which line of a result file answers which attempt. Pure, and never a guess about money: what fits more than one
way is set aside for a person.

A line with our reference is that attempt's, if amount, card and name agree. A line without one is matched by card,
amount and name; each line and each attempt is used once, in file order.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from core.identity import names_match_with_lost_characters
from disbursement.bank_files.results import ResultContent, ResultLine

UNANSWERED = frozenset({"open", "unclear"})
FINAL = frozenset({"paid", "failed"})


class DiscrepancyKind(StrEnum):
    """Why a line was set aside."""

    OTHER_BATCH = "other_batch"
    UNKNOWN_REFERENCE = "unknown_reference"
    AMOUNT_DIFFERS = "amount_differs"
    CARD_DIFFERS = "card_differs"
    NAME_DIFFERS = "name_differs"
    CONTRADICTS_FINAL = "contradicts_final"
    REPEATED_LINE = "repeated_line"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"
    CLOSED_MONTH = "closed_month"


BOOKABLE = (DiscrepancyKind.CLOSED_MONTH.value, DiscrepancyKind.OTHER_BATCH.value)
"""Lines that fit the book and are held back all the same. The bank says what they say once: a person books them."""


class BookAttempt(NamedTuple):
    """An attempt as the book has it. ``card_index`` is the keyed hash of its card; ``sent_name`` the
    bank's spelling of the name, where the file has that instead; ``offer_id`` the file by which it was sent."""

    id: int
    reference: str
    name: str
    card_index: bytes
    card_tail: str
    fen: int
    outcome: str
    sent_name: str = ""
    offer_id: int = 0


IndexesOf = Callable[[list[str]], list[bytes]]
KeyedLine = tuple[ResultLine, bytes]


class Answer(NamedTuple):
    """A line that settles an attempt."""

    attempt_id: int
    line: ResultLine


class SetAside(NamedTuple):
    """A line that does not fit the book, and the attempt it seems to mean, where there is exactly one."""

    line_number: int
    kind: DiscrepancyKind
    bank_outcome: str = ""
    bank_fen: int | None = None
    attempt_id: int | None = None
    book_fen: int | None = None
    reason: str = ""
    bank_date: date | None = None


class Spelling(NamedTuple):
    """How the bank spells somebody whom it has paid, and how we do."""

    attempt_id: int
    ours: str
    theirs: str


class Matching(NamedTuple):
    """What a file says: new answers, the number of lines that say again what the book has, what does not fit, and whom
    the bank spells otherwise than we do."""

    answers: list[Answer]
    repeated: int
    set_aside: list[SetAside]
    spellings: Sequence[Spelling] = ()


def match(
    content: ResultContent,
    book: Iterable[BookAttempt],
    indexes_of: IndexesOf,
    foreign: frozenset[str] = frozenset(),
) -> Matching:
    """Match the lines of a file with the attempts in ``book``. ``indexes_of`` gives the keyed hashes of cards;
    ``foreign`` are references of other batches than the file is said to answer, whose lines are set aside."""
    matcher = _Matcher(book)
    matcher.set_aside += [SetAside(number, DiscrepancyKind.UNREADABLE) for number in content.unreadable]
    keys = indexes_of([line.card for line in content.lines])
    numbered: list[KeyedLine] = []
    ours: list[KeyedLine] = []
    others: list[KeyedLine] = []
    for pair in zip(content.lines, keys, strict=True):
        if foreign and pair[0].reference in foreign:
            others.append(pair)
            continue
        (numbered if pair[0].reference is None else ours).append(pair)
    matcher.of_other_batches(others)
    matcher.by_references(ours)
    matcher.by_cards(numbered)
    aside = sorted(matcher.set_aside, key=_line_number)
    return Matching(matcher.answers, matcher.repeated, aside, matcher.spellings)


def hold_back(matching: Matching, closed_until: str) -> Matching:
    """The same without answers dated in a month up to the newest closed one (YYYY-MM, "" where none is), each of which
    is set aside for a person."""
    if not closed_until:
        return matching
    late = [one for one in matching.answers if one.line.bank_date and f"{one.line.bank_date:%Y-%m}" <= closed_until]
    if not late:
        return matching
    gone = {one.attempt_id for one in late}
    aside = [
        SetAside(
            line.number,
            DiscrepancyKind.CLOSED_MONTH,
            line.outcome,
            line.fen,
            number,
            line.fen,
            line.reason,
            line.bank_date,
        )
        for number, line in late
    ]
    return matching._replace(
        answers=[one for one in matching.answers if one.attempt_id not in gone],
        set_aside=sorted([*matching.set_aside, *aside], key=_line_number),
    )


class _Matcher:
    """The state of one matching: what has been found so far."""

    def __init__(self, book: Iterable[BookAttempt]) -> None:
        self.answers: list[Answer] = []
        self.set_aside: list[SetAside] = []
        self.repeated = 0
        self.spellings: list[Spelling] = []
        self._book = {attempt.reference: attempt for attempt in book}
        self._named: set[str] = set()

    def of_other_batches(self, lines: Sequence[KeyedLine]) -> None:
        """Lines about attempts that the file should not be about. One that fits its attempt may be booked by a person,
        and of several about one attempt not more than one."""
        told: dict[str, list[str]] = defaultdict(list)
        for line, key in lines:
            reference = line.reference or ""
            self._named.add(reference)
            attempt = self._book.get(reference)
            kind = _misfit(attempt, line, key)
            if kind is None:
                told[reference].append(line.outcome)
                kind = DiscrepancyKind.REPEATED_LINE if len(told[reference]) > 1 else DiscrepancyKind.OTHER_BATCH
            self._aside(line, kind, attempt)
        unsure = {reference for reference, outcomes in told.items() if len(set(outcomes)) > 1}
        if unsure:
            numbers = {line.number for line, _ in lines if line.reference in unsure}
            self.set_aside = [
                found._replace(kind=DiscrepancyKind.AMBIGUOUS) if found.line_number in numbers else found
                for found in self.set_aside
            ]

    def by_references(self, lines: Sequence[KeyedLine]) -> None:
        """Lines that carry a reference of ours."""
        counts = Counter(line.reference or "" for line, _ in lines)
        several: dict[str, list[ResultLine]] = defaultdict(list)
        book, answered = self._book, self.answers.append
        self._named.update(counts)
        for line, key in lines:
            reference = line.reference or ""
            attempt = book.get(reference)
            if attempt is not None and counts[reference] == 1 and _is_plain_answer(attempt, line, key):
                answered(Answer(attempt.id, line))
                continue
            kind = _misfit(attempt, line, key)
            if attempt is None or kind is not None:
                self._aside(line, kind or DiscrepancyKind.UNKNOWN_REFERENCE, attempt)
                continue
            if counts[reference] > 1:
                several[reference].append(line)
            else:
                self._settle(line, attempt)
        for reference, repeated in several.items():
            self._share(repeated, [self._book[reference]])

    def by_cards(self, lines: Sequence[KeyedLine]) -> None:
        """Lines of a bank that numbers them itself."""
        if not lines:
            return
        on_card: dict[bytes, list[BookAttempt]] = defaultdict(list)
        # Each attempt is used once: what a reference names is no longer looked for by its card.
        for reference, attempt in self._book.items():
            if reference not in self._named:
                on_card[attempt.card_index].append(attempt)
        groups: dict[tuple[bytes, int], list[ResultLine]] = defaultdict(list)
        for line, key in lines:
            groups[key, line.fen].append(line)
        for (card, _), group in groups.items():
            self._group(group, on_card.get(card, []))

    def _group(self, lines: Sequence[ResultLine], on_card: Sequence[BookAttempt]) -> None:
        """Lines of one card and amount, and all attempts on that card."""
        of_amount = [attempt for attempt in on_card if attempt.fen == lines[0].fen]
        shares: dict[tuple[BookAttempt, ...], list[ResultLine]] = defaultdict(list)
        for line in lines:
            named = tuple(attempt for attempt in of_amount if _same_name(attempt, line))
            if named:
                shares[named].append(line)
            else:
                self._aside_unmatched(line, of_amount, on_card)
        claimed = [attempt for named in shares for attempt in named]
        # A name with lost characters may fit several spellings, one of which another line names exactly.
        overlap = len(claimed) > len(set(claimed))
        for named, share in shares.items():
            if overlap:
                self._aside_ambiguous(share, named)
            else:
                self._share(share, named)

    def _aside_unmatched(
        self, line: ResultLine, of_amount: Sequence[BookAttempt], on_card: Sequence[BookAttempt]
    ) -> None:
        kind = DiscrepancyKind.UNKNOWN_REFERENCE
        meant = of_amount or on_card
        if meant:
            kind = DiscrepancyKind.NAME_DIFFERS if of_amount else DiscrepancyKind.AMOUNT_DIFFERS
        self._aside(line, kind, meant[0] if len(meant) == 1 else None)

    def _share(self, lines: Sequence[ResultLine], attempts: Sequence[BookAttempt]) -> None:
        """Lines that all fit the same attempts. Two attempts of one name, card and amount cannot be told apart: within
        one offer file they need not be, but a line that a bank has doubled is no answer to another month's file."""
        if len(lines) == len(attempts) == 1:
            self._settle(lines[0], attempts[0])
            return
        outcomes = {line.outcome for line in lines}
        book = {attempt.outcome for attempt in attempts}
        if book <= FINAL and _counts(lines) == _counts(attempts):
            self.repeated += len(lines)
        elif (
            len(outcomes) > 1
            or (len(lines) < len(attempts) and book != outcomes)
            or (book != outcomes and len({attempt.offer_id for attempt in attempts}) > 1)
        ):
            self._aside_ambiguous(lines, attempts)
        else:
            self._pair(lines, attempts)

    def _aside_ambiguous(self, lines: Sequence[ResultLine], attempts: Sequence[BookAttempt]) -> None:
        for line in lines:
            self._aside(line, DiscrepancyKind.AMBIGUOUS, attempts[0] if len(attempts) == 1 else None)

    def _pair(self, lines: Sequence[ResultLine], attempts: Sequence[BookAttempt]) -> None:
        """Lines of one outcome, in file order; those beyond the attempts repeat what the others said."""
        for line, attempt in zip(lines, attempts, strict=False):
            self._settle(line, attempt)
        for line in lines[len(attempts) :]:
            self._aside(line, DiscrepancyKind.REPEATED_LINE, attempts[-1])

    def _settle(self, line: ResultLine, attempt: BookAttempt) -> None:
        if attempt.outcome == line.outcome:
            self.repeated += 1
        elif attempt.outcome in UNANSWERED:
            self.answers.append(Answer(attempt.id, line))
            if line.outcome == "paid" and line.name not in (attempt.name, attempt.sent_name):
                self.spellings.append(Spelling(attempt.id, attempt.name, line.name))
        else:
            self._aside(line, DiscrepancyKind.CONTRADICTS_FINAL, attempt)

    def _aside(self, line: ResultLine, kind: DiscrepancyKind, attempt: BookAttempt | None = None) -> None:
        number, fen = (attempt.id, attempt.fen) if attempt else (None, None)
        reason = line.reason if kind in BOOKABLE else ""
        aside = SetAside(line.number, kind, line.outcome, line.fen, number, fen, reason, line.bank_date)
        self.set_aside.append(aside)


def _is_plain_answer(attempt: BookAttempt, line: ResultLine, key: bytes) -> bool:
    """The common case, at the price of one look: everything agrees to the letter and the attempt waits."""
    return (
        attempt.outcome == "open"
        and attempt.fen == line.fen
        and attempt.card_index == key
        and attempt.name == line.name
    )


def _misfit(attempt: BookAttempt | None, line: ResultLine, key: bytes) -> DiscrepancyKind | None:
    """Why a line that names an attempt is not about it, or None."""
    if attempt is None:
        return DiscrepancyKind.UNKNOWN_REFERENCE
    if attempt.fen != line.fen:
        return DiscrepancyKind.AMOUNT_DIFFERS
    if attempt.card_index != key and not _may_be_card(attempt, line.card):
        return DiscrepancyKind.CARD_DIFFERS
    return None if _same_name(attempt, line) else DiscrepancyKind.NAME_DIFFERS


def _may_be_card(attempt: BookAttempt, card: str) -> bool:
    """Whether a masked card, or none, may be the attempt's; beside an equal reference that is enough."""
    return ("*" in card or not card) and attempt.card_tail.endswith(card[-4:])


def _line_number(found: SetAside) -> int:
    return found.line_number


def _counts(things: Sequence[ResultLine] | Sequence[BookAttempt]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for thing in things:
        counts[thing.outcome] += 1
    return counts


def _same_name(attempt: BookAttempt, line: ResultLine) -> bool:
    if attempt.name == line.name or names_match_with_lost_characters(attempt.name, line.name):
        return True
    sent = attempt.sent_name
    return sent != "" and (sent == line.name or names_match_with_lost_characters(sent, line.name))
