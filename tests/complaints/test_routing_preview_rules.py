"""What a preview of routing may tell of cases that its viewer does not see."""

from hypothesis import given
from hypothesis import strategies as st

from complaints.rules import Office
from complaints.rules.routing_preview import FEW, Course, Move, Preview, Side, Told, told
from core.principal import OrganisationKind as Kind
from tests.complaints.test_rules import COUNTY, TOWNSHIPS, office

OFFICES = [None, office(Kind.FINANCE), office(Kind.TOWNSHIP, TOWNSHIPS[0])]
courses = st.lists(
    st.builds(
        Course,
        number=st.none() | st.sampled_from(["1", "2", "3"]),
        category=st.sampled_from(["service", "wrong_amount"]),
        rule=st.none() | st.integers(0, 2),
        before=st.sampled_from(OFFICES),
        after=st.sampled_from(OFFICES),
    ),
    max_size=40,
)


@given(courses, st.integers(0, FEW - 1), st.sampled_from(OFFICES), st.sampled_from(OFFICES))
def test_a_few_cases_that_the_viewer_does_not_see_change_nothing(
    others: list[Course], few: int, before: Office | None, after: Office | None
) -> None:
    hidden = Course(None, "tip_off", 7, before, after)
    assert told([*others, *[hidden] * few]) == told(others)
    enough = told([*others, *[hidden] * FEW])
    assert 7 in enough.used
    assert enough != told(others)


@given(courses)
def test_what_is_told_is_true(found: list[Course]) -> None:
    preview = told(found)
    moved = [course for course in found if course.before != course.after]
    assert sorted(n for move in preview.moves for n in move.cases.numbers) == sorted(
        c.number for c in moved if c.number
    )
    stays = [course for course in found if course.before == course.after]
    assert sorted(preview.stays.numbers) == sorted(course.number for course in stays if course.number)
    assert preview.stays.others <= sum(course.number is None for course in stays)
    assert sum(move.cases.others for move in preview.moves) <= sum(course.number is None for course in moved)
    for move in preview.moves:
        seen = [
            c for c in moved if c.number and (c.before, c.after, c.category) == (move.before, move.after, move.category)
        ]
        assert len(move.cases.numbers) == len(seen)
        assert move.cases.others % FEW == 0
        assert not move.cases.nothing
    assert preview.used <= {course.rule for course in found}
    seen_rules = {course.rule for course in found if course.number and course.rule is not None}
    assert seen_rules <= preview.used


@given(courses, st.integers(0, 3))
def test_of_a_case_that_the_viewer_does_not_see_no_township_is_told(others: list[Course], few: int) -> None:
    """Wherever the same cases come from, the viewer reads the same."""
    here, there = office(Kind.TOWNSHIP, TOWNSHIPS[0]), office(Kind.TOWNSHIP, TOWNSHIPS[1])
    told_here, told_there = (
        told([*others, *[Course(None, "service", 0, place, office(Kind.FINANCE))] * (FEW + few)])
        for place in (here, there)
    )
    assert told_here == told_there


def test_seven_are_told_as_at_least_five() -> None:
    hidden = Course(None, "service", 0, OFFICES[1], OFFICES[2])
    [move] = told([hidden] * 7).moves
    assert move.cases == Told((), 5)
    # Three by one rule and four by another are few and few.
    other = Course(None, "service", 1, OFFICES[1], OFFICES[2])
    assert told([hidden] * 3 + [other] * 4).moves == ()


FINANCE = Office(1, Kind.FINANCE, COUNTY, "财政局")
HERE = Office(2, Kind.TOWNSHIP, TOWNSHIPS[0], "甲镇")
THERE = Office(3, Kind.TOWNSHIP, TOWNSHIPS[1], "乙镇")


def test_a_move_is_told_with_both_offices_and_those_unseen_without_their_township() -> None:
    unseen = Course(None, "service", 0, HERE, FINANCE)
    back = Course(None, "service", 1, FINANCE, THERE)
    preview = told(
        [
            *[unseen] * 5,
            *[back] * 11,
            Course("2", "service", 2, THERE, FINANCE),
            Course("1", "service", 2, THERE, FINANCE),
        ]
    )
    assert preview == Preview(
        (
            Move(Kind.TOWNSHIP, FINANCE, "service", Told((), 5)),
            Move(THERE, FINANCE, "service", Told(("1", "2"), 0)),
            Move(FINANCE, Kind.TOWNSHIP, "service", Told((), 10)),
        ),
        Told(),
        frozenset({0, 1, 2}),
    )


def test_those_unseen_of_two_rules_are_told_as_one_sum() -> None:
    preview = told(Course(None, "service", rule, HERE, FINANCE) for rule in (0, 1) for _ in range(6))
    assert preview.moves == (Move(Kind.TOWNSHIP, FINANCE, "service", Told((), 10)),)
    assert preview.used == {0, 1}


def test_what_stays_is_told_in_one_sum_over_offices_and_categories() -> None:
    """Between two townships something moves: only that is told, and that they are two is not."""
    stays = [Course(None, category, 0, HERE, HERE) for category in ("service", "wrong_amount") for _ in range(5)]
    moves = [Course(None, "service", 0, HERE, THERE)] * 5
    preview = told([*stays, *moves, Course("7", "service", None, FINANCE, FINANCE)])
    assert preview.stays == Told(("7",), 10)
    assert preview.moves == (Move(Kind.TOWNSHIP, Kind.TOWNSHIP, "service", Told((), 5)),)
    assert preview.used == {0}


def test_moves_stand_in_the_order_of_their_offices_then_by_category() -> None:
    """Nobody first, then townships that are not told, then the offices by name, and of one name by their age."""
    numbered = Office(8, Kind.VILLAGE, COUNTY, "1 号服务点")
    bank = Office(9, Kind.BANK, COUNTY, "银行")
    namesake = Office(4, Kind.FINANCE, COUNTY, "财政局")
    order: list[Side] = [None, Kind.TOWNSHIP, numbered, THERE, HERE, FINANCE, namesake]

    def course(side: Side, *, away: bool, category: str = "service") -> list[Course]:
        place = HERE if isinstance(side, Kind) else side
        both = (place, bank) if away else (bank, place)
        return [Course(None if isinstance(side, Kind) else "1", category, 0, *both)] * FEW

    away = told(one for side in reversed(order) for one in course(side, away=True))
    assert [move.before for move in away.moves] == order
    back = told(one for side in reversed(order) for one in course(side, away=False))
    assert [move.after for move in back.moves] == order
    of_one = told(one for category in ("tip_off", "service") for one in course(HERE, away=True, category=category))
    assert [move.category for move in of_one.moves] == ["service", "tip_off"]


def test_there_is_something_to_tell_of_seen_or_of_others() -> None:
    assert Told().nothing
    assert not Told(("1",)).nothing
    assert not Told((), FEW).nothing
