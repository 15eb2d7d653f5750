"""Reads of the figures: as they were drawn up, where they were; or counted in the database in a few passes, however
many cases there are, and added up in rules.

A sealed case is never in any of them. An office's own figures are of the cases that it sees; the county's are for those
who hold READ_FIGURES, and nothing in them says more of a case that the asker may not see than rules.figures allows.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)

from accounts.models import Organisation
from complaints import rules
from complaints.drawn_figures import Drawn, drawn_figures
from complaints.models import Clock, Complaint, ComplaintEntry, Extension, Rating, Review
from complaints.queries import visible_complaints
from complaints.rulebook import ClockKind
from complaints.rules import figures as counted
from complaints.rules.declining import UNSTATED
from complaints.rules.figures import ALL, By, Figure, MonthFigure, Period, Span
from core.database import db
from core.principal import Principal
from core.working_days import load_calendar

FIRST_OFFICE = func.coalesce(Review.answered_by_id, Complaint.owner_id)
"""The office whose figures a case belongs to: a review by the one above takes none away from it."""
_FOR_ALL = (By.CATEGORY, By.TOWNSHIP, By.OFFICE, By.CHANNEL)
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
    ``hidden_villages``: the same under By.TOWNSHIP for the villages of the township asked for. ``drawn_at``: as of when
    they stand; None where they were counted now."""

    wanted: Wanted
    tables: tuple[By, ...]
    numbers: dict[Figure, int]
    hidden: Collection[Figure]
    days: tuple[int, int] | None
    villages: dict[Figure, int]
    hidden_villages: set[Figure]
    drawn_at: datetime | None = None

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
    if wanted.county and (drawn := drawn_figures(principal, wanted.period)):
        return _as_drawn(principal, wanted, drawn)
    tables = tables_for(principal)
    counting = Counting(principal, wanted, today, tables)
    counts = counting.counts()
    hidden: Collection[Figure] = frozenset()
    if wanted.county:
        hidden = counted.withheld_of(tuple(sorted(counts.unseen.items())), wanted.period)
    villages, hidden_villages = _villages(counting, wanted, hidden)
    return Figures(
        wanted,
        tables,
        counts.numbers,
        hidden,
        None if gives_days_away(hidden) else days_of(counts.spans),
        villages,
        hidden_villages,
    )


def _as_drawn(principal: Principal, wanted: Wanted, drawn: Drawn) -> Figures:
    # Of the organisations complained of, what is withheld was decided for those who saw cases.
    tables = tables_for(principal) if drawn.own else _FOR_ALL
    villages, hidden_villages = drawn.of_township(wanted.township) if wanted.township else ({}, set())
    return Figures(
        wanted,
        tables,
        {key: number for key, number in drawn.numbers.items() if key.by in (ALL, *tables)},
        drawn.hidden,
        None if gives_days_away(drawn.hidden) else drawn.days,
        villages,
        hidden_villages,
        drawn.drawn_at,
    )


def tables_for(principal: Principal) -> tuple[By, ...]:
    """The tables that the principal is shown: organisations complained of are for the commission alone."""
    return tuple(By) if principal.may(rules.READ_SEALED) else _FOR_ALL


def gives_days_away(hidden: Collection[Figure]) -> bool:
    """Whether how long the answers took is withheld with how many there were."""
    return any(Figure(ALL, ALL, measure) in hidden for measure in ("in_time", "late"))


def _villages(
    counting: "Counting", wanted: Wanted, hidden: Collection[Figure]
) -> tuple[dict[Figure, int], set[Figure]]:
    if not wanted.township or not has_villages(wanted):
        return {}, set()
    counts = counting.of_villages(wanted.township).counts()
    unseen = counted.year_of(counts.unseen)
    lines = counted.lines_of(counts.numbers, By.TOWNSHIP)
    return lines, counted.withheld_of_villages(unseen, wanted.township, hidden) if wanted.county else set()


def has_villages(wanted: Wanted) -> bool:
    """Whether there are figures by village: of others' cases only of whole years, of which no part was shown before."""
    return not wanted.county or wanted.period.span == Span.YEAR


_DAYS = "days"
_Span = tuple[date, date]


class Counts(NamedTuple):
    """What was counted: the figures; by month those of the cases that the asker may not see singly; and how long first
    answers took."""

    numbers: dict[Figure, int]
    unseen: Mapping[MonthFigure, int]
    spans: Counter[_Span]


@dataclass(frozen=True)
class Counting:
    """The count. ``of_township``: only its cases, by village."""

    principal: Principal
    wanted: Wanted
    today: date
    tables: tuple[By, ...]
    of_township: str = ""
    by_village: bool = False

    def of_villages(self, township: str = "") -> "Counting":
        """The same by village: of one township, or of all."""
        return replace(self, tables=(By.TOWNSHIP,), of_township=township, by_village=True)

    def counts(self) -> Counts:
        """Everything that is counted. Of what an office sees itself nothing is unseen."""
        if not self.wanted.county:
            found, spans = self._counted(visible_complaints(self.principal))
            return Counts(counted.year_of(found), {}, spans)
        everything, spans = self.everything()
        return Counts(counted.year_of(everything), everything - self.seen(), spans)

    def everything(self) -> tuple[Counter[MonthFigure], Counter[_Span]]:
        """All cases, whoever may see them."""
        return self._counted()

    def seen(self) -> Counter[MonthFigure]:
        """The same of the cases that the asker may see."""
        if not may_read(self.principal, county=False):
            return Counter()
        return self._counted(visible_complaints(self.principal))[0]

    def _counted(self, *where: ColumnElement[bool]) -> tuple[Counter[MonthFigure], Counter[_Span]]:
        """The figures of these cases, and how many first answers took from which day to which."""
        found, spans = Counter[MonthFigure](), Counter[_Span]()
        for row in db.session.execute(self._statement(*where)):
            if row.by == _DAYS:
                started, stopped = map(date.fromisoformat, row.group.split())
                spans[started, stopped] += row.number
                continue
            self._add(found, row, row.measure, row.number)
            self._add(found, row, counted.ANSWERS, row.number if row.measure in ("in_time", "late") else 0)
            self._add(found, row, "reopened", row.reopened)
            self._add(found, row, "reviewed", row.reviewed)
        return +found, spans

    def _add(self, found: Counter[MonthFigure], row: Any, measure: str, number: int) -> None:
        if not number:
            return
        by, month = By(row.by), f"{int(row.year):04}-{int(row.month):02}" if self.wanted.county else ""
        group = str(row.group) if row.group is not None else counted.NOBODY
        if by == By.TOWNSHIP and not self.by_village:
            group = group.ljust(VILLAGE_DIGITS, "0")
        for figure_measure, sign in counted.counts_as(measure):
            found[MonthFigure(month, Figure(by, group, figure_measure))] += sign * number
            # Every case is in one line of each table: any of them gives the sums.
            if by == self.tables[0]:
                found[MonthFigure(month, Figure(ALL, ALL, figure_measure))] += sign * number

    def _statement(self, *where: ColumnElement[bool]) -> CompoundSelect[Any]:
        """Everything in one statement: who may see which cases is asked once. Counted table by table in the database:
        crossed, there are nearly as many groups as cases."""
        cases = self._cases(*where).cte("cases")
        outcomes = self._outcomes(cases).cte("outcomes")
        places = [outcomes.c[name] for name in self._place_names]
        one = union_all(
            select(*places, outcomes.c.measure, outcomes.c.reopened, outcomes.c.reviewed),
            *(self._more(cases)),
        ).cte("one")
        tables = [
            select(
                literal(by.value, String).label("by"),
                cast(one.c[by.value], String).label("group"),
                one.c.year,
                one.c.month,
                one.c.measure,
                func.count().label("number"),
                func.sum(one.c.reopened).label("reopened"),
                func.sum(one.c.reviewed).label("reviewed"),
            ).group_by(one.c[by.value], one.c.year, one.c.month, one.c.measure)
            for by in self.tables
        ]
        nothing, days = literal(0), (outcomes.c.started_on, outcomes.c.stopped_on)
        taken = (
            select(
                literal(_DAYS, String),
                cast(days[0], String).concat(" ").concat(cast(days[1], String)),
                nothing,
                nothing,
                literal(_DAYS, String),
                func.count(),
                nothing,
                nothing,
            )
            .where(outcomes.c.measure.in_(("in_time", "late")))
            .group_by(*days)
        )
        return union_all(*tables, taken)

    @property
    def _place_names(self) -> list[str]:
        return ["year", "month", *(by.value for by in self.tables)]

    def _cases(self, *where: ColumnElement[bool]) -> Select[Any]:
        """The cases that count, with what they are counted by. Months only where they matter: they cost a calculation
        for every case."""
        digits = VILLAGE_DIGITS if self.by_village else TOWNSHIP_DIGITS
        year, month = (
            extract(part, Complaint.received_on) if self.wanted.county else literal(0) for part in ("year", "month")
        )
        groups: dict[By, Any] = {
            By.CATEGORY: Complaint.category,
            By.TOWNSHIP: func.substr(Complaint.region_code, 1, digits),
            By.OFFICE: FIRST_OFFICE,
            By.ABOUT: Complaint.about_organisation_id,
            By.CHANNEL: Complaint.channel,
        }
        period = self.wanted.period
        # Whoever owns a case is an office: said so that the index, which begins with it, serves the county as well.
        owners = Complaint.owner_id.in_(select(Organisation.id)) if self.wanted.county else true()
        place = (
            (Complaint.region_code.startswith(self.of_township[:TOWNSHIP_DIGITS], autoescape=True),)
            if self.of_township
            else ()
        )
        return (
            select(
                year.label("year"),
                month.label("month"),
                *(groups[by].label(by.value) for by in self.tables),
                Complaint.id.label("case_id"),
                Complaint.state.label("state"),
                Complaint.decline_reason.label("decline_reason"),
                case((Complaint.reopened_at.is_not(None), 1), else_=0).label("reopened"),
                case((Review.id.is_not(None), 1), else_=0).label("reviewed"),
            )
            .select_from(Complaint)
            .outerjoin(Review, Review.complaint_id == Complaint.id)
            .where(
                Complaint.sealed.is_(False),
                Complaint.received_on >= period.first,
                Complaint.received_on <= period.last,
                owners,
                *place,
                *where,
            )
        )

    def _outcomes(self, cases: CTE) -> Select[Any]:
        """What became of each case."""
        answered = Clock.stopped_on.is_not(None)
        declined = literal(counted.REASON, String).concat(func.coalesce(cases.c.decline_reason, UNSTATED))
        measure = case(
            (cases.c.state == counted.DECLINED, declined),
            (and_(answered, Clock.stopped_on <= Clock.due_on), "in_time"),
            (answered, "late"),
            (Clock.due_on < self.today, "overdue"),
            else_="running",
        )
        resolve = and_(Clock.complaint_id == cases.c.case_id, Clock.kind == ClockKind.RESOLVE.value)
        return (
            select(
                *(cases.c[name] for name in self._place_names),
                measure.label("measure"),
                cases.c.reopened,
                cases.c.reviewed,
                Clock.started_on.label("started_on"),
                Clock.stopped_on.label("stopped_on"),
            )
            .select_from(cases)
            .outerjoin(Clock, resolve)
        )

    def _more(self, cases: CTE) -> Iterator[Select[Any]]:
        """What else may be said of a case."""
        nothing = literal(0)

        def of(measure: Any) -> Select[Any]:
            places = [cases.c[name] for name in self._place_names]
            return select(*places, measure, nothing, nothing).select_from(cases)

        granted = (
            select(Clock.complaint_id)
            .join(Extension, Extension.clock_id == Clock.id)
            .where(Extension.granted.is_(True))
            .distinct()
            .subquery()
        )
        yield of(literal("extended", String)).join(granted, granted.c.complaint_id == cases.c.case_id)
        # Written out: an index holds just these, and the database must see that.
        told = select(ComplaintEntry.complaint_id).where(ComplaintEntry.kind == literal_column("'settled'"))
        settled = told.distinct().subquery()
        yield of(literal("settled", String)).join(settled, settled.c.complaint_id == cases.c.case_id)
        # The answers after a reopening or by the office above: nothing else stops these clocks while a case counts.
        again = (ClockKind.REVIEW.value, ClockKind.HIGHER_REVIEW.value)
        yield of(literal(counted.ANSWERS, String)).join(
            Clock,
            and_(Clock.complaint_id == cases.c.case_id, Clock.kind.in_(again), Clock.stopped_on.is_not(None)),
        )
        yield of(Rating.satisfaction).join(Rating, Rating.complaint_id == cases.c.case_id)


def days_of(spans: Counter[_Span]) -> tuple[int, int] | None:
    """In how many working days half, and nine of ten, of these answers came; None where there are none."""
    calendar, taken = load_calendar(), Counter[int]()
    for (started_on, stopped_on), number in spans.items():
        taken[calendar.working_days_between(started_on, stopped_on)] += number
    half, most = counted.days_within(taken, 50), counted.days_within(taken, 90)
    return None if half is None or most is None else (half, most)


def reasons_of(found: Figures) -> Iterator[tuple[str, int | None]]:
    """How many were declined for each reason (its code)."""
    for reason in (*rules.DECLINE_REASONS, UNSTATED):
        number = found.shown(ALL, ALL, f"{counted.REASON}{reason}")
        if number != 0 or reason != UNSTATED:
            yield reason, number
