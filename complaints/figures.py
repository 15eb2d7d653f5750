"""Reads of the figures: counted in the database in a few passes, however many cases there are, added up in rules.

A sealed case is never in any of them. An office's own figures are of the cases that it sees; the county's are for those
who hold READ_FIGURES, and nothing in them says more of a case that the asker may not see than rules.figures allows.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    extract,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
)

from accounts.models import Organisation
from complaints import rules
from complaints.models import Clock, Complaint, ComplaintEntry, Extension, Rating, Review
from complaints.queries import visible_complaints
from complaints.rulebook import ClockKind
from complaints.rules import figures as counted
from complaints.rules.declining import UNSTATED
from complaints.rules.figures import ALL, By, Fact, Figure, Period, Place, Span
from core.database import db
from core.principal import Principal
from core.working_days import load_calendar

FIRST_OFFICE = func.coalesce(Review.answered_by_id, Complaint.owner_id)
"""The office whose figures a case belongs to: a review by the one above takes none away from it."""
TOWNSHIP_DIGITS, VILLAGE_DIGITS = 9, 12


@dataclass(frozen=True)
class Wanted:
    """Which figures: of the county, or of what the asker's office sees; of which period; with the villages of which
    township (its code; "" for none)."""

    period: Period
    county: bool = False
    township: str = ""


@dataclass(frozen=True)
class Figures:
    """What was counted. ``numbers`` leaves out what is 0; ``hidden`` is withheld. ``days``: in how many working days
    half and nine of ten of the answers came; None where there are none, or where that is withheld. ``villages`` and
    ``hidden_villages``: the same under By.TOWNSHIP for the villages of the township asked for."""

    wanted: Wanted
    tables: tuple[By, ...]
    numbers: dict[Figure, int]
    hidden: Collection[Figure]
    days: tuple[int, int] | None
    villages: dict[Figure, int]
    hidden_villages: set[Figure]

    def shown(self, by: str, group: str, measure: str) -> int | None:
        """One figure; None where it is withheld."""
        key = Figure(by, group, measure)
        return None if key in self.hidden else self.numbers.get(key, 0)

    def shown_village(self, village: str, measure: str) -> int | None:
        """One figure of a village; None where it is withheld."""
        key = Figure(By.TOWNSHIP, village, measure)
        return None if key in self.hidden_villages else self.villages.get(key, 0)


def may_read(principal: Principal, *, county: bool) -> bool:
    """Whether the principal has such figures."""
    return principal.may(rules.READ_FIGURES) if county else principal.may(rules.READ_COMPLAINTS)


def figures(principal: Principal, wanted: Wanted, today: date) -> Figures:
    """The figures, overdue as of ``today``. Raises PermissionDenied without the right, ValueError where the county's
    are asked of a period that is not over."""
    principal.require(rules.READ_FIGURES if wanted.county else rules.READ_COMPLAINTS)
    if wanted.county and not wanted.period.is_over(today):
        raise ValueError("the county's figures are of periods that are over")
    by_about = (By.ABOUT,) if principal.may(rules.READ_SEALED) else ()
    tables = (By.CATEGORY, By.TOWNSHIP, By.OFFICE, *by_about, By.CHANNEL)
    counting = _Counting(principal, wanted, today, by_about=bool(by_about))
    facts = counting.facts()
    hidden = counted.withheld_figures(tuple(sorted(facts)), wanted.period, tables) if wanted.county else frozenset()
    villages, hidden_villages = _villages(counting, wanted, hidden)
    given_away = {Figure(ALL, ALL, measure) for measure in ("in_time", "late")} & hidden
    return Figures(
        wanted,
        tables,
        counted.add_up(facts, tables),
        hidden,
        None if given_away else counting.days(),
        villages,
        hidden_villages,
    )


def _villages(
    counting: "_Counting", wanted: Wanted, hidden: Collection[Figure]
) -> tuple[dict[Figure, int], set[Figure]]:
    if not wanted.township or not has_villages(wanted):
        return {}, set()
    facts = replace(counting, of_township=wanted.township).facts()
    withheld = counted.withheld_villages(facts, wanted.township, hidden) if wanted.county else set()
    return counted.add_up(facts, (By.TOWNSHIP,)), withheld


def has_villages(wanted: Wanted) -> bool:
    """Whether there are figures by village: of others' cases only of whole years, of which no part was shown before."""
    return not wanted.county or wanted.period.span == Span.YEAR


@dataclass(frozen=True)
class _Counting:
    """The passes. ``of_township``: only its cases, by village."""

    principal: Principal
    wanted: Wanted
    today: date
    by_about: bool = False
    of_township: str = ""

    def facts(self) -> list[Fact]:
        """Everything that is counted, by place and month."""
        if not self.wanted.county:
            return [
                Fact(place, month, True, measure, number)
                for (place, month, measure), number in self._counted(visible_complaints(self.principal)).items()
            ]
        everything, seen = self._counted(), Counter[tuple[Place, str, str]]()
        if may_read(self.principal, county=False):
            seen = self._counted(visible_complaints(self.principal))
        return [
            Fact(place, month, is_seen, measure, number)
            for (place, month, measure), whole in everything.items()
            for is_seen in (True, False)
            if (number := seen[place, month, measure] if is_seen else whole - seen[place, month, measure])
        ]

    def _counted(self, *where: ColumnElement[bool]) -> Counter[tuple[Place, str, str]]:
        found: Counter[tuple[Place, str, str]] = Counter()
        for row in self._outcomes(*where):
            place, month = self._place(row)
            found[place, month, row.measure] += row.number
            found[place, month, counted.ANSWERS] += row.number if row.measure in ("in_time", "late") else 0
            found[place, month, "reopened"] += row.reopened
            found[place, month, "reviewed"] += row.reviewed
        for measures in (self._extended, self._settled, self._answered_again, self._rated):
            for row in db.session.execute(self._grouped(measures(), *where)):
                place, month = self._place(row)
                found[place, month, row.measure] += row.number
        return +found

    def _place(self, row: Any) -> tuple[Place, str]:
        code = row.region if self.of_township else row.region.ljust(VILLAGE_DIGITS, "0")
        about = str(row.about) if row.about is not None else counted.NOBODY
        return (
            Place(row.category, code, str(row.office), about, row.channel),
            f"{int(row.year):04}-{int(row.month):02}" if self.wanted.county else "",
        )

    def _columns(self) -> list[Any]:
        """What a case is counted by. Months only where they matter: they cost a calculation for every case."""
        digits = VILLAGE_DIGITS if self.of_township else TOWNSHIP_DIGITS
        year, month = (
            extract(part, Complaint.received_on) if self.wanted.county else literal(0) for part in ("year", "month")
        )
        return [
            year.label("year"),
            month.label("month"),
            Complaint.category.label("category"),
            func.substr(Complaint.region_code, 1, digits).label("region"),
            FIRST_OFFICE.label("office"),
            (Complaint.about_organisation_id if self.by_about else null()).label("about"),
            Complaint.channel.label("channel"),
        ]

    def _narrowed(self, statement: Select[Any], *where: ColumnElement[bool]) -> Select[Any]:
        """To the cases that count."""
        period = self.wanted.period
        # Whoever owns a case is an office: said so that the index, which begins with it, serves the county as well.
        owners = Complaint.owner_id.in_(select(Organisation.id)) if self.wanted.county else true()
        place = (
            (Complaint.region_code.startswith(self.of_township[:TOWNSHIP_DIGITS], autoescape=True),)
            if self.of_township
            else ()
        )
        return statement.outerjoin(Review, Review.complaint_id == Complaint.id).where(
            Complaint.sealed.is_(False),
            Complaint.received_on >= period.first,
            Complaint.received_on <= period.last,
            owners,
            *place,
            *where,
        )

    def _grouped(self, statement: Select[Any], *where: ColumnElement[bool]) -> Select[Any]:
        # Grouped outside: both databases then agree that what is shown is what is grouped by.
        one = self._narrowed(statement, *where).subquery()
        return select(*one.c, func.count().label("number")).group_by(*one.c)

    def _outcomes(self, *where: ColumnElement[bool]) -> Sequence[Any]:
        """What became of each case, in one pass over two indexes."""
        answered = Clock.stopped_on.is_not(None)
        declined = literal(counted.REASON, String).concat(func.coalesce(Complaint.decline_reason, UNSTATED))
        measure = case(
            (Complaint.state == counted.DECLINED, declined),
            (and_(answered, Clock.stopped_on <= Clock.due_on), "in_time"),
            (answered, "late"),
            (Clock.due_on < self.today, "overdue"),
            else_="running",
        )
        statement = select(
            *self._columns(),
            measure.label("measure"),
            case((Complaint.reopened_at.is_not(None), 1), else_=0).label("reopened"),
            case((Review.id.is_not(None), 1), else_=0).label("reviewed"),
        )
        resolve = and_(Clock.complaint_id == Complaint.id, Clock.kind == ClockKind.RESOLVE.value)
        statement = statement.select_from(Complaint).outerjoin(Clock, resolve)
        one = self._narrowed(statement, *where).subquery()
        keys = [column for column in one.c if column.name not in ("reopened", "reviewed")]
        return db.session.execute(
            select(
                *keys,
                func.count().label("number"),
                func.sum(one.c.reopened).label("reopened"),
                func.sum(one.c.reviewed).label("reviewed"),
            ).group_by(*keys)
        ).all()

    def _extended(self) -> Select[Any]:
        granted = (
            select(Clock.complaint_id)
            .join(Extension, Extension.clock_id == Clock.id)
            .where(Extension.granted.is_(True))
            .distinct()
            .subquery()
        )
        return self._of("extended").join(granted, granted.c.complaint_id == Complaint.id)

    def _settled(self) -> Select[Any]:
        # Written out: an index holds just these, and the database must see that.
        told = select(ComplaintEntry.complaint_id).where(ComplaintEntry.kind == literal_column("'settled'"))
        settled = told.distinct().subquery()
        return self._of("settled").join(settled, settled.c.complaint_id == Complaint.id)

    def _answered_again(self) -> Select[Any]:
        """The answers after a reopening or by the office above: nothing else stops these clocks while a case counts."""
        again = (ClockKind.REVIEW.value, ClockKind.HIGHER_REVIEW.value)
        return self._of(counted.ANSWERS).join(
            Clock,
            and_(Clock.complaint_id == Complaint.id, Clock.kind.in_(again), Clock.stopped_on.is_not(None)),
        )

    def _rated(self) -> Select[Any]:
        rated = select(*self._columns(), Rating.satisfaction.label("measure")).select_from(Complaint)
        return rated.join(Rating, Rating.complaint_id == Complaint.id)

    def _of(self, measure: str) -> Select[Any]:
        return select(*self._columns(), literal(measure, String).label("measure")).select_from(Complaint)

    def days(self) -> tuple[int, int] | None:
        """In how many working days half, and nine of ten, of the first answers came; None where there are none."""
        columns: list[Any] = [Clock.started_on, Clock.stopped_on]
        statement = (
            select(*columns)
            .select_from(Complaint)
            .join(Clock, and_(Clock.complaint_id == Complaint.id, Clock.kind == ClockKind.RESOLVE.value))
            .where(Clock.stopped_on.is_not(None), Complaint.state != counted.DECLINED)
        )
        visible = () if self.wanted.county else (visible_complaints(self.principal),)
        calendar, taken = load_calendar(), Counter[int]()
        for row in db.session.execute(self._grouped(statement, *visible)):
            taken[calendar.working_days_between(row.started_on, row.stopped_on)] += row.number
        half, most = counted.days_within(taken, 50), counted.days_within(taken, 90)
        return None if half is None or most is None else (half, most)


def reasons_of(found: Figures) -> Iterator[tuple[str, int | None]]:
    """How many were declined for each reason (its code)."""
    for reason in (*rules.DECLINE_REASONS, UNSTATED):
        number = found.shown(ALL, ALL, f"{counted.REASON}{reason}")
        if number != 0 or reason != UNSTATED:
            yield reason, number
