"""What messages cost, by month and gateway, and that finance is told before the budget is gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.board import BoardItem, items_for
from core.database import db
from core.errors import PermissionDenied
from core.principal import OrganisationKind as Kind
from core.principal import Role
from core.settings import Settings
from core.sms_settings import SmsLimits
from sms import costs
from sms.models import SmsDay
from sms.rules import share_of_budget
from tests import factories
from tests.signing import sign_in

TODAY = date(2020, 7, 20)
LIMITS = SmsLimits(1000, 10, daily_yuan=3, segment_fen=5, per_second=1, phone_a_day=1, monthly_yuan=100)


@pytest.mark.parametrize(
    ("cost_fen", "yuan", "share"),
    [
        (0, 100, 0),
        (7_999, 100, 79),
        (8_000, 100, 80),
        (9_999, 100, 99),
        (10_000, 100, 100),
        (25_000, 100, 250),
        (5, 0, None),
    ],
)
def test_the_share_of_a_budget_is_rounded_down(cost_fen: int, yuan: int, share: int | None) -> None:
    assert share_of_budget(cost_fen, yuan) == share


def day(on: date, segments: int, gateway: str = "aliyun", codes: int = 0) -> None:
    db.session.add(SmsDay(day=on, gateway=gateway, segments=segments, codes=codes))
    db.session.commit()


@pytest.fixture
def year(app: Flask) -> None:
    day(date(2019, 12, 31), 7)
    day(date(2020, 6, 30), 100, codes=10)
    day(date(2020, 7, 1), 1_000, codes=4)
    day(date(2020, 7, 20), 500, codes=1)
    day(date(2020, 7, 20), 20, "twilio")


def test_months_are_summed_by_gateway(year: None) -> None:
    finance = factories.principal(Kind.FINANCE, Role.VIEWER)
    july, june = costs.month_costs(finance, date(2020, 1, 1), date(2020, 12, 31), LIMITS)
    assert [(one.gateway, one.pieces, one.codes, one.cost_fen) for one in july.gateways] == [
        ("aliyun", 1_500, 5, 7_500),
        ("twilio", 20, 0, 100),
    ]
    assert (july.month, july.pieces, july.codes, july.cost_fen, july.share) == ("2020-07", 1_520, 5, 7_600, 76)
    assert (june.month, june.pieces, june.cost_fen, june.share) == ("2020-06", 100, 500, 5)
    without = costs.month_costs(finance, date(2020, 1, 1), date(2020, 12, 31), replace(LIMITS, monthly_yuan=0))
    assert [month.share for month in without] == [None, None]


@pytest.mark.parametrize("kind", [Kind.TOWNSHIP, Kind.VILLAGE, Kind.BANK, Kind.DEPARTMENT])
def test_what_it_costs_is_not_everybodys_business(year: None, kind: Kind) -> None:
    with pytest.raises(PermissionDenied):
        costs.month_costs(factories.principal(kind, *Role), date(2020, 1, 1), TODAY, LIMITS)


@pytest.fixture
def budget(app: Flask) -> Callable[[int], None]:
    def to_be(yuan: int) -> None:
        running: Settings = app.extensions["settings"]
        limits = replace(running.sms_limits, monthly_yuan=yuan, segment_fen=5)
        app.extensions["settings"] = replace(running, sms_limits=limits)

    return to_be


def on_board(app: Flask, kind: Kind = Kind.FINANCE, *roles: Role) -> list[BoardItem]:
    with app.test_request_context():
        found = items_for(factories.principal(kind, *(roles or (Role.PREPARER,))), TODAY)
        return [item for item in found if item.url == "/staff/sms/costs"]


def test_finance_is_told_when_the_budget_is_nearly_spent_and_when_it_is(
    app: Flask, year: None, budget: Callable[[int], None]
) -> None:
    assert on_board(app) == []
    budget(100)
    assert on_board(app) == []
    budget(95)
    [item] = on_board(app)
    assert item.title == "本月短信费用已用到预算的 80%"
    assert item.detail == "2020-07 已用 76.00 元，预算 95.00 元。"
    budget(70)
    [item] = on_board(app)
    assert item.title == "本月短信费用已超过预算（108%）"
    assert on_board(app, Kind.TOWNSHIP) == on_board(app, Kind.AUDIT) == []
    assert on_board(app, Kind.FINANCE, Role.ADMINISTRATOR) == []


def test_a_budget_of_another_month_is_no_warning(app: Flask, budget: Callable[[int], None]) -> None:
    day(date(2020, 6, 30), 100_000)
    budget(1)
    assert on_board(app) == []


@pytest.fixture
def finance(app: Flask) -> FlaskClient:
    person = factories.official(Kind.FINANCE, Role.VIEWER)
    db.session.commit()
    return sign_in(app.test_client(), person)


def test_the_page_shows_months_gateways_and_the_budget(
    app: Flask, year: None, finance: FlaskClient, budget: Callable[[int], None]
) -> None:
    page = finance.get("/staff/sms/costs?year=2020").text
    for words in ("2020-07", "1,520", "76.00", "twilio", "2020-06", "YKT_SMS_MONTHLY_YUAN", 'class="share"'):
        assert words in page
    assert "2019-12" not in page
    budget(95)
    page = finance.get("/staff/sms/costs?year=2020").text
    assert "80%" in page and "95.00" in page and "YKT_SMS_MONTHLY_YUAN" not in page
    assert "2019-12" in finance.get("/staff/sms/costs?year=2019").text
    assert "这一年没有发过短信" in finance.get("/staff/sms/costs?year=2018").text
    assert finance.get("/staff/sms/costs?year=2999").status_code == 404
    assert "短信费用" in page


def test_the_page_is_not_for_a_township(app: Flask, year: None) -> None:
    person = factories.official(Kind.TOWNSHIP, *Role, region_code="513426103000")
    db.session.commit()
    client = sign_in(app.test_client(), person)
    assert client.get("/staff/sms/costs").status_code == 403
    assert "/staff/sms/costs" not in client.get("/staff/").text
