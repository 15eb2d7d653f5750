"""Where cases go, when they are due, and what is late: pure decisions, held for all inputs."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rulebook import CURRENT, RULEBOOKS, ClockKind, Matter, RoutingRule, Rulebook
from complaints.rules import Case, Office
from core.calendar import WorkingCalendar, local_date, published_calendar
from core.errors import UserError
from core.principal import OrganisationKind as Kind
from core.principal import region_prefix

COUNTY = "513426000000"
TOWNSHIPS = ["513426001000", "513426002000"]
VILLAGES = ["513426001200", "513426001201", "513426002200"]
REGIONS = {Kind.VILLAGE: VILLAGES, Kind.TOWNSHIP: TOWNSHIPS}
EVERY_OFFICE = [
    Office(number, kind, region)
    for number, (kind, region) in enumerate(
        ((kind, region) for kind in Kind for region in REGIONS.get(kind, [COUNTY])), start=1
    )
]

offices = st.lists(st.sampled_from(EVERY_OFFICE), unique=True, max_size=len(EVERY_OFFICE))
cases = st.builds(
    Case,
    category=st.sampled_from([category.code for category in CURRENT.categories]),
    matter=st.sampled_from(list(Matter)),
    region_code=st.sampled_from([*TOWNSHIPS, *VILLAGES, VILLAGES[0] + "001"]),
    about=st.none() | st.sampled_from(EVERY_OFFICE),
    programme=st.none() | st.just("DISABLED_LIVING"),
    department_id=st.none() | st.sampled_from([office.id for office in EVERY_OFFICE if office.kind == Kind.DEPARTMENT]),
)


def office(kind: Kind, region: str = COUNTY) -> Office:
    return next(found for found in EVERY_OFFICE if (found.kind, found.region_code) == (kind, region))


# --- Routing -----------------------------------------------------------------------------------


@given(cases, offices)
def test_no_case_goes_to_the_office_complained_of_nor_to_one_below_it(case: Case, there: list[Office]) -> None:
    try:
        owner = rules.route(case, CURRENT.routing, there)
    except UserError:
        return
    assert owner in there
    assert owner.kind in rules.OWNER_KINDS
    if case.about is not None:
        assert owner != case.about
        assert owner.rank > case.about.rank


@given(cases, offices)
def test_a_clue_goes_to_the_discipline_commission_or_nowhere(case: Case, there: list[Office]) -> None:
    clue = Case(case.category, Matter.CLUE, case.region_code, case.about)
    try:
        assert rules.route(clue, CURRENT.routing, there).kind == Kind.DISCIPLINE
    except UserError:
        assert office(Kind.DISCIPLINE) not in there or case.about == office(Kind.DISCIPLINE)


@given(cases)
def test_a_whole_county_has_somebody_for_everything_but_its_discipline_commission(case: Case) -> None:
    if case.about == office(Kind.DISCIPLINE):
        with pytest.raises(UserError, match="12388"):
            rules.route(case, CURRENT.routing, EVERY_OFFICE)
        return
    owner = rules.route(case, CURRENT.routing, EVERY_OFFICE)
    assert owner.covers(case.region_code) or owner.kind == Kind.TOWNSHIP


@pytest.mark.parametrize(
    ("about", "goes_to"),
    [
        (None, office(Kind.TOWNSHIP, TOWNSHIPS[0])),
        (office(Kind.VILLAGE, VILLAGES[0]), office(Kind.TOWNSHIP, TOWNSHIPS[0])),
        # Somebody from elsewhere about this village: its own township looks into it.
        (office(Kind.VILLAGE, VILLAGES[2]), office(Kind.TOWNSHIP, TOWNSHIPS[1])),
        (office(Kind.TOWNSHIP, TOWNSHIPS[0]), office(Kind.FINANCE)),
        (office(Kind.BANK), office(Kind.FINANCE)),
        (office(Kind.HUMAN_RESOURCES), office(Kind.FINANCE)),
        (office(Kind.FINANCE), office(Kind.DISCIPLINE)),
        (office(Kind.AUDIT), office(Kind.DISCIPLINE)),
        (office(Kind.PREFECTURE_FINANCE), office(Kind.DISCIPLINE)),
    ],
)
def test_it_goes_up_the_line(about: Office | None, goes_to: Office) -> None:
    case = Case("service", Matter.COMPLAINT, VILLAGES[0] + "001", about)
    assert rules.route(case, CURRENT.routing, EVERY_OFFICE) == goes_to


def test_about_a_township_the_department_of_the_programme_comes_before_finance() -> None:
    department = office(Kind.DEPARTMENT)
    about = office(Kind.TOWNSHIP, TOWNSHIPS[0])
    case = Case("not_received", Matter.COMPLAINT, VILLAGES[0], about, "DISABLED_LIVING", department.id)
    assert rules.route(case, CURRENT.routing, EVERY_OFFICE) == department
    about_department = Case("not_received", Matter.COMPLAINT, VILLAGES[0], department, "DISABLED_LIVING", department.id)
    assert rules.route(about_department, CURRENT.routing, EVERY_OFFICE) == office(Kind.FINANCE)


def test_routing_is_data() -> None:
    book = Rulebook(
        version="test",
        categories=CURRENT.categories,
        limits=CURRENT.limits,
        routing=(
            RoutingRule(Kind.FINANCE, programmes=frozenset({"FARMLAND"})),
            RoutingRule(Kind.DEPARTMENT, categories=frozenset({"wrong_amount"})),
            RoutingRule(Kind.DISCIPLINE, about=frozenset({Kind.VILLAGE})),
            RoutingRule(Kind.TOWNSHIP),
        ),
        reminder_days=2,
        reopening_days=30,
    )
    here, department = VILLAGES[0], office(Kind.DEPARTMENT)
    township = office(Kind.TOWNSHIP, TOWNSHIPS[0])

    def goes_to(case: Case) -> Office:
        return rules.route(case, book.routing, EVERY_OFFICE)

    assert goes_to(Case("service", Matter.COMPLAINT, here, programme="FARMLAND")) == office(Kind.FINANCE)
    assert goes_to(Case("wrong_amount", Matter.COMPLAINT, here, department_id=department.id)) == department
    assert goes_to(Case("wrong_amount", Matter.COMPLAINT, here)) == office(Kind.FINANCE)
    about_village = Case("service", Matter.COMPLAINT, here, office(Kind.VILLAGE, here))
    assert goes_to(about_village) == office(Kind.DISCIPLINE)
    assert goes_to(Case("service", Matter.COMPLAINT, here)) == township


def test_a_county_without_offices_says_so() -> None:
    with pytest.raises(UserError, match="拨打服务热线"):
        rules.route(Case("service", Matter.COMPLAINT, VILLAGES[0]), CURRENT.routing, [])


# --- Escalation --------------------------------------------------------------------------------


@given(
    st.sampled_from(rules.LEVELS),
    st.sampled_from([found for found in EVERY_OFFICE if found.kind in rules.OWNER_KINDS]),
    st.none() | st.sampled_from(EVERY_OFFICE),
    offices,
)
def test_what_is_late_goes_to_an_office_above_all_involved(
    level: rules.Level, owner: Office, about: Office | None, there: list[Office]
) -> None:
    target = rules.escalation_target(level, owner, about, VILLAGES[0], there)
    if target is None:
        assert not any(
            found.kind in level.to and found.rank > owner.rank and (about is None or found.rank > about.rank)
            for found in there
        )
        return
    assert target.kind in level.to
    assert target.kind in rules.SUPERVISING_KINDS
    assert target.rank > owner.rank
    assert about is None or target.rank > about.rank


def test_accept_overdue_goes_to_finance_and_resolve_overdue_to_discipline() -> None:
    accept, resolve, review, higher_review = rules.LEVELS
    township = office(Kind.TOWNSHIP, TOWNSHIPS[0])

    def told(level: rules.Level, owner: Office, about: Office | None = None) -> Office | None:
        return rules.escalation_target(level, owner, about, VILLAGES[0], EVERY_OFFICE)

    assert told(accept, township) == office(Kind.FINANCE)
    assert told(resolve, township) == office(Kind.DISCIPLINE)
    assert told(review, township) == office(Kind.DISCIPLINE)
    assert told(higher_review, office(Kind.DEPARTMENT)) == office(Kind.DISCIPLINE)
    assert told(accept, office(Kind.FINANCE)) == office(Kind.DISCIPLINE)
    assert told(accept, office(Kind.DEPARTMENT), office(Kind.FINANCE)) == office(Kind.DISCIPLINE)
    assert told(accept, office(Kind.DISCIPLINE)) is None


# --- Clocks ------------------------------------------------------------------------------------

CALENDAR = published_calendar()
days = st.dates(date(2019, 1, 1), date(2025, 12, 31))


def due(on: date, matter: Matter, kind: ClockKind, calendar: WorkingCalendar = CALENDAR) -> date:
    clocks = {clock.kind: clock for clock in rules.clocks_at_receipt(CURRENT, matter, on, calendar)}
    return clocks[kind].due_on


@pytest.mark.parametrize(
    ("matter", "days_to_answer"), [("enquiry", 3), ("request", 7), ("complaint", 15), ("tip_off", 15)]
)
def test_the_limits_of_the_hotline(matter: str, days_to_answer: int) -> None:
    limit = rules.limit_of(CURRENT, Matter(matter), ClockKind.RESOLVE)
    assert limit is not None
    assert (limit.days, limit.working_days) == (days_to_answer, True)


def test_a_clue_has_a_notice_and_no_limit_on_its_investigation() -> None:
    [clock] = rules.clocks_at_receipt(CURRENT, Matter.CLUE, date(2020, 7, 6), CALENDAR)
    assert (clock.kind, clock.limit_days, clock.working_days) == (ClockKind.NOTICE, 15, True)


def test_received_a_minute_before_midnight_counts_as_that_day() -> None:
    before = local_date(datetime(2020, 7, 6, 15, 59, tzinfo=UTC))
    after = local_date(datetime(2020, 7, 6, 16, 0, tzinfo=UTC))
    assert due(before, Matter.ENQUIRY, ClockKind.RESOLVE) == date(2020, 7, 9)
    assert due(after, Matter.ENQUIRY, ClockKind.RESOLVE) == date(2020, 7, 10)


def test_over_new_year_and_over_a_make_up_day() -> None:
    # 2021: 1–3 January off. Spring Festival 11–17 February, with Sunday 7 and Saturday 20 February worked.
    assert due(date(2020, 12, 31), Matter.ENQUIRY, ClockKind.RESOLVE) == date(2021, 1, 6)
    assert due(date(2021, 2, 5), Matter.ENQUIRY, ClockKind.RESOLVE) == date(2021, 2, 9)
    assert due(date(2021, 2, 10), Matter.ENQUIRY, ClockKind.RESOLVE) == date(2021, 2, 20)


def test_a_year_not_yet_published_is_provisional() -> None:
    early = WorkingCalendar({date(2020, 10, 1): False}, [2020])
    [accept, resolve] = rules.clocks_at_receipt(CURRENT, Matter.COMPLAINT, date(2020, 12, 21), early)
    assert (accept.provisional, resolve.provisional) == (False, True)
    assert accept.due_on == date(2020, 12, 28)
    assert resolve.due_on == date(2021, 1, 12)


@given(days, st.sampled_from([matter for matter in Matter if matter != Matter.CLUE]))
def test_every_due_day_is_worked_and_leaves_the_whole_limit(on: date, matter: Matter) -> None:
    for clock in rules.clocks_at_receipt(CURRENT, matter, on, CALENDAR):
        assert CALENDAR.is_working_day(clock.due_on)
        assert CALENDAR.working_days_between(on, clock.due_on) == clock.limit_days
        assert clock.started_on == on


@given(days, days, st.sampled_from(list(Matter)))
def test_what_comes_later_is_never_due_earlier(one: date, other: date, matter: Matter) -> None:
    first, second = sorted((one, other))
    for earlier, later in zip(
        rules.clocks_at_receipt(CURRENT, matter, first, CALENDAR),
        rules.clocks_at_receipt(CURRENT, matter, second, CALENDAR),
        strict=True,
    ):
        assert earlier.due_on <= later.due_on


def test_calendar_days_are_counted_plainly() -> None:
    assert rules.due_date(date(2020, 9, 30), 60, False, CALENDAR) == (date(2020, 11, 29), False)


def test_only_complaints_and_tip_offs_may_be_extended() -> None:
    extendable = {matter: rules.may_be_extended(CURRENT, matter, ClockKind.RESOLVE) for matter in Matter}
    assert extendable == {"enquiry": 0, "request": 0, "complaint": 15, "tip_off": 15, "clue": 0}
    assert rules.may_be_extended(CURRENT, Matter.COMPLAINT, ClockKind.ACCEPT) == 0


# --- The tables --------------------------------------------------------------------------------


def test_every_state_entry_and_clock_has_its_words() -> None:
    states = set(rules.COMPLAINT_WORKFLOW.states())
    assert set(rules.STATE_NAMES) == set(rules.PUBLIC_STATES) == states
    assert set(rules.CLOCK_NAMES) == set(ClockKind)
    assert set(rules.OPEN) < states
    for book in RULEBOOKS.values():
        assert {category.matter for category in book.categories} == set(Matter)


def test_what_has_no_answer_waits_to_be_taken_on_or_is_worked_on() -> None:
    assert set(rules.UNANSWERED) == set(rules.OPEN) - {"concluded"}
    assert set(rules.WAITING) == set(rules.COMPLAINT_WORKFLOW.sources("accept"))
    assert set(rules.RUNNING) == set(rules.UNANSWERED) - set(rules.WAITING)


def test_from_every_open_state_a_clue_can_be_referred() -> None:
    assert set(rules.COMPLAINT_WORKFLOW.sources("refer")) == set(rules.OPEN) - {"referred"}


def test_regions_are_covered_by_their_code() -> None:
    assert region_prefix(COUNTY) == "513426"
    assert office(Kind.TOWNSHIP, TOWNSHIPS[0]).covers(VILLAGES[0] + "001")
    assert not office(Kind.TOWNSHIP, TOWNSHIPS[0]).covers(VILLAGES[2])
