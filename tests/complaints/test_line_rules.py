"""Which office of a kind is meant, and of which due days a handler is reminded."""

from dataclasses import replace
from datetime import date

import pytest

from complaints import rules
from complaints.rulebook import CURRENT, Matter
from complaints.rules import Case, Office
from complaints.rules.after_answer import Answered, may_ask_review
from core.calendar import published_calendar
from core.errors import UserError
from core.principal import OrganisationKind as Kind

COUNTY, TOWNSHIP, VILLAGE = "513426000000", "513426001000", "513426001200"
CASE = Case("not_received", Matter.COMPLAINT, VILLAGE)


def test_the_nearest_office_has_it_and_of_two_the_elder() -> None:
    county, township = Office(9, Kind.TOWNSHIP, COUNTY), Office(5, Kind.TOWNSHIP, TOWNSHIP)
    younger = Office(7, Kind.TOWNSHIP, TOWNSHIP)
    for there in ([county, township, younger], [younger, township, county]):
        assert rules.find_office(Kind.TOWNSHIP, CASE, there) == township
    assert rules.find_office(Kind.TOWNSHIP, CASE, [county]) == county
    assert rules.find_office(Kind.TOWNSHIP, CASE, []) is None


def test_a_department_is_the_one_in_charge_of_the_programme() -> None:
    mine, other = Office(3, Kind.DEPARTMENT, COUNTY), Office(2, Kind.DEPARTMENT, COUNTY)
    assert rules.find_office(Kind.DEPARTMENT, replace(CASE, department_id=3), [other, mine]) == mine
    assert rules.find_office(Kind.DEPARTMENT, CASE, [other, mine]) is None


@pytest.mark.parametrize(
    ("about", "who"),
    [
        (Kind.DISCIPLINE, "^您反映的是县纪委监委本身，.*州纪委监委反映，举报电话 12388。$"),
        (Kind.AUDIT, "^现在没有单位能接收.*拨打服务热线，由工作人员登记。$"),
        (None, "^现在没有单位能接收.*拨打服务热线，由工作人员登记。$"),
    ],
)
def test_where_nobody_may_have_it_he_is_told_whom_to_ask(about: Kind | None, who: str) -> None:
    case = replace(CASE, about=Office(1, about, COUNTY) if about else None)
    with pytest.raises(UserError, match=who):
        rules.route(case, CURRENT.routing, [])


@pytest.mark.parametrize(
    ("today", "until"),
    [
        # Friday before an ordinary weekend, and the last working day before National Day.
        (date(2020, 7, 3), date(2020, 7, 7)),
        (date(2020, 9, 30), date(2020, 10, 10)),
        (date(2020, 7, 6), date(2020, 7, 8)),
    ],
)
def test_the_handler_is_reminded_two_working_days_before(today: date, until: date) -> None:
    assert rules.reminded_until(today, CURRENT, published_calendar()) == until


@pytest.mark.parametrize(("days", "may"), [(0, False), (1, True)])
def test_a_review_is_asked_for_within_the_days_of_the_rulebook(days: int, may: bool) -> None:
    answered = Answered("concluded", date(2020, 7, 1), reviewable=True)
    assert may_ask_review(answered, date(2020, 7, 1), replace(CURRENT, review_days=days)) is may
