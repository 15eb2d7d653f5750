"""What may be wrong with a roll before it is approved (B10): the kinds of findings, and the decisions behind them.

An error blocks the approvals until the line is struck or the data mended; a warning wants a written reason from a
second person.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from programmes.rules import Handling, Standard, StandardUnit, expected_fen, months_in_force, standard_on


class CheckKind(StrEnum):
    """What a check found."""

    TWICE_IN_BATCH = "twice_in_batch"
    TWICE_OVERLAPPING = "twice_overlapping"
    INCOMPATIBLE = "incompatible"
    TAKE_HIGHER = "take_higher"
    TAKE_DIFFERENCE = "take_difference"
    DEAD_BEFORE = "dead_before"
    DEAD_WITHIN = "dead_within"
    MOVED = "moved"
    MERGED = "merged"
    NAME_DIFFERS = "name_differs"
    SHARED_CARD = "shared_card"
    CARD_HOLDER = "card_holder"
    PAYEE_DIFFERS = "payee_differs"
    OFFICIAL_NAMED = "official_named"
    AMOUNT = "amount"
    NOT_VALID = "not_valid"
    PARTLY_VALID = "partly_valid"
    BEYOND_PLAN = "beyond_plan"


class Severity(StrEnum):
    """An error blocks; a warning wants a reason."""

    ERROR = "error"
    WARNING = "warning"


ERRORS = frozenset(
    {
        CheckKind.TWICE_IN_BATCH,
        CheckKind.TWICE_OVERLAPPING,
        CheckKind.INCOMPATIBLE,
        CheckKind.DEAD_BEFORE,
        CheckKind.NOT_VALID,
    }
)
DEFAULT_SEVERITY: Mapping[CheckKind, Severity] = {
    kind: Severity.ERROR if kind in ERRORS else Severity.WARNING for kind in CheckKind
}
# One batch never pays one person twice, and whether the plan suffices is decided by who asks: neither is a setting.
FIXED = frozenset({CheckKind.TWICE_IN_BATCH, CheckKind.BEYOND_PLAN})

# Whether the plan suffices is looked at under the lock of the programme, when finance confirms.
_DECIDED_ELSEWHERE = frozenset({CheckKind.BEYOND_PLAN})

KIND_OF_HANDLING: Mapping[Handling, CheckKind] = {
    Handling.FORBIDDEN: CheckKind.INCOMPATIBLE,
    Handling.TAKE_HIGHER: CheckKind.TAKE_HIGHER,
    Handling.TAKE_DIFFERENCE: CheckKind.TAKE_DIFFERENCE,
}
"""What two programmes that are not simply allowed together lead to."""

NOT_STANDING = ("struck", "returned", "credited")
"""States of a payment that nobody receives: no check counts it."""


def severity_of(kind: CheckKind, chosen: Mapping[str, str]) -> Severity:
    """How grave a kind is: as the finance bureau has ``chosen`` (kind → severity), else by default; a fixed kind is
    what it is."""
    if kind in FIXED or kind not in chosen:
        return DEFAULT_SEVERITY[kind]
    return Severity(chosen[kind])


def is_news(kind: CheckKind, other_state: str | None, *, seen_there: bool) -> bool:
    """Whether a finding that was not on record when a roll was approved concerns the approved roll. What came later
    stands back: beside a line that is still a draft (``other_state``, None where there is no other line) the draft is
    at fault, and its own checks say so; beside one whose approval has seen this one (``seen_there``) that approval has
    decided."""
    return kind not in _DECIDED_ELSEWHERE and other_state != "drafted" and not seen_there


# --- Months ------------------------------------------------------------------------------------


def month_days(month: str) -> tuple[date, date]:
    """The first and last day of a month (YYYYMM)."""
    year, number = int(month[:4]), int(month[4:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def common_months(mine: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """The months that are in both, in order."""
    return tuple(sorted(set(mine) & set(other)))


def validity_finding(
    months: Sequence[str], valid_from: date | None, valid_until: date | None
) -> tuple[CheckKind, tuple[str, ...]] | None:
    """Whether a programme is in force in the months it pays for: not at all, or not in some; with those in which it is
    not. None where it is in force in all."""
    inside = months_in_force(months, valid_from, valid_until)
    outside = tuple(month for month in months if month not in inside)
    if not outside:
        return None
    return (CheckKind.PARTLY_VALID if inside else CheckKind.NOT_VALID), outside


Version = tuple[date | None, date | None]
"""The first and the last day on which a version of a rule is valid (both included; None: open)."""


def months_by_version(months: Iterable[str], versions: Sequence[Version]) -> list[tuple[str, ...]]:
    """Which of these months each of the versions decides. Where two are in force in one month, because a rule changed
    within it, the one that began last decides the whole month: nobody is paid by half months."""
    found: list[list[str]] = [[] for _ in versions]
    for month in months:
        in_force = [place for place, version in enumerate(versions) if months_in_force([month], *version)]
        if in_force:
            found[max(in_force, key=lambda place: (versions[place][0] or date.min, place))].append(month)
    return [tuple(decided) for decided in found]


# --- People ------------------------------------------------------------------------------------


def status_finding(status: str, status_on: date | None, months: Sequence[str]) -> CheckKind | None:
    """What a person's status says about money for these months. Dead before them (or nobody knows since when): nothing
    is owed. Dead within them: a part may be. Gone away before their end: somebody looks. Later: nothing."""
    first, last = month_days(months[0])[0], month_days(months[-1])[1]
    if status == "dead":
        if status_on is None or status_on < first:
            return CheckKind.DEAD_BEFORE
        return CheckKind.DEAD_WITHIN if status_on <= last else None
    if status == "moved":
        return CheckKind.MOVED if status_on is None or status_on <= last else None
    return None


class CardUse(NamedTuple):
    """One payment to a card. ``household`` is the number of the household register, empty where it is not known."""

    payment_id: int
    beneficiary_id: int
    household: str


def strangers_on_card(uses: Sequence[CardUse], *, shared_cards: bool) -> dict[int, CardUse]:
    """For one card: each payment that shares it with somebody who may not share it, with the first such one.

    Two people may share a card where the programme pays households to one card and no household number says that
    they live in different ones. One person lives in one household."""
    # Of which two are compared: people, or where they may share, households that are known. All that are not of the
    # first one have the first use for a stranger, and that one's the first of the others: a card may be a village's.
    told = [(use, use.household if shared_cards else use.beneficiary_id) for use in uses]
    told = [(use, side) for use, side in told if side != ""]
    if not told:
        return {}
    first, its_side = told[0]
    other = next((use for use, side in told if side != its_side), None)
    if other is None:
        return {}
    return {use.payment_id: other if side == its_side else first for use, side in told}


# --- Money -------------------------------------------------------------------------------------


def expected_for(standards: Sequence[Standard], quantity: str, months: Sequence[str]) -> int | None:
    """What a line should come to in fen for these months. A monthly standard counts in each month as it stands on the
    month's first day; any other once, as it stands on the first day of the last month. None where no standard is in
    force, or the quantity of an area is no number."""
    last = standard_on(standards, month_days(months[-1])[0])
    if last is None:
        return None
    if not last.monthly:
        return expected_fen(last, quantity)
    total = 0
    for month in months:
        standard = standard_on(standards, month_days(month)[0])
        part = None if standard is None else expected_fen(standard, quantity)
        if part is None:
            return None
        total += part
    return total


def is_by_quantity(standards: Iterable[Standard]) -> bool:
    """Whether the amounts of a programme hang on the quantity of each line."""
    return any(standard.per == StandardUnit.AREA for standard in standards)


def is_by_household(standards: Iterable[Standard]) -> bool:
    """Whether the programme pays households, each once however many of its members stand on the roll."""
    return any(standard.per == StandardUnit.HOUSEHOLD for standard in standards)


class Held(NamedTuple):
    """What somebody receives from a programme: fen, for so many months."""

    fen: int
    months: int


def allowed_fen(handling: Handling, mine: Held, other: Held, common: int) -> int:
    """What this line may come to beside the other one, in fen, where the two share ``common`` months.

    In the shared months the higher of the two is paid (on a tie, this one), or the difference by which this one is
    higher; the other months are untouched. A part of a fen goes to the person.
    """
    here = Fraction(mine.fen * common, mine.months)
    there = Fraction(other.fen * common, other.months)
    if handling == Handling.TAKE_HIGHER:
        kept = here if here >= there else Fraction(0)
    elif handling == Handling.TAKE_DIFFERENCE:
        kept = max(here - there, Fraction(0))
    else:
        kept = here if handling == Handling.ALLOWED else Fraction(0)
    return -((-(mine.fen - here + kept)) // 1)


class PlanState(NamedTuple):
    """The fund plan of a programme and year and what wants to be paid from it, in fen: what is ``available``, what of
    the batch the department has ``approved`` already, this ``roll``, and the whole ``batch`` with all its drafts."""

    available: int
    approved: int
    roll: int
    batch: int

    @property
    def short(self) -> int:
        """What is missing if all of the batch is approved; 0 where the plan suffices."""
        return max(self.batch - self.available, 0)


def plan_finding(plan: PlanState, *, at_department: bool) -> Severity | None:
    """Whether a roll goes beyond the plan (B4). The township is warned; the department may not approve what, with the
    rolls approved before, is more than there is."""
    if not plan.short:
        return None
    beyond = plan.approved + plan.roll > plan.available
    return Severity.ERROR if at_department and beyond else Severity.WARNING
