"""The figures for everybody: what they count, what they withhold, and what nobody can see in them."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from complaints.models import Complaint
from core import audit, sweeps
from core.database import db
from core.principal import system
from portal.statistics import rules
from portal.statistics.models import MonthFigure
from portal.statistics.operations import count_figures
from tests import factories
from tests.builders.figures import Book, hand_in, people_of
from tests.complaints.county import build_county
from tests.factories import COUNTY

HERE, THERE = "513426001000", "513426002000"
VILLAGE = "513426001200"
# 6 May 2021: all of 2020 stands.
LATER = datetime(2021, 5, 6, 2, tzinfo=UTC)


def count(at: datetime = LATER) -> dict[str, int]:
    found = count_figures(system("test"), COUNTY, at=at)
    db.session.commit()
    return found


@pytest.fixture
def book(app: Flask) -> Book:
    """A county with forty people and a programme, and nothing paid yet."""
    build_county()
    made = Book(factories.programme(name="耕地地力保护补贴"), people_of(VILLAGE + "001", 40))
    db.session.commit()
    return made


def sensitive(book: Book) -> Book:
    return Book(factories.programme("ORPHAN", "孤儿基本生活费", sensitive=True), book.people)


def rows(client: FlaskClient, query: str = "") -> list[list[str]]:
    answer = client.get(f"/statistics/figures.csv{query}")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def cells(page: str, name: str) -> list[list[str]]:
    """The numbers beside a name, in each table that has it."""
    lines = re.findall(r'<th scope="row">([^<]*).*?</th>(.*?)</tr>', page, re.DOTALL)
    return [re.findall(r'<td class="money">(?:<i>)?([^<]*)<', rest) for found, rest in lines if found == name]


def test_what_was_paid_by_programme_township_and_month(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 6)
    book.pay(THERE, date(2020, 1, 31), 7, first=6)
    book.pay(HERE, date(2020, 2, 1), 8)
    count()
    page = client.get("/statistics").text
    assert "2020年发了多少" in page and "1,890.00" in page
    assert cells(page, "1月")[0] == ["13", "1,170.00"]
    assert cells(page, "2月")[0] == ["8", "720.00"]
    assert cells(page, "12月")[0] == ["0", "0.00"]
    assert cells(page, "耕地地力保护补贴")[0] == ["21", "1,890.00"]
    township = client.get(f"/statistics?township={HERE}").text
    assert cells(township, "1月")[0] == ["6", "540.00"]
    assert cells(township, "耕地地力保护补贴")[0] == ["14", "1,260.00"]


def test_what_came_back_was_not_paid(client: FlaskClient, book: Book) -> None:
    attempts = book.pay(HERE, date(2020, 1, 15), 12)
    for attempt in attempts[:6]:
        attempt.returned_on = date(2020, 1, 20)
    book.pay(HERE, date(2020, 1, 16), 9, outcome="unclear", first=12)
    count()
    assert cells(client.get("/statistics").text, "1月")[0] == ["6", "540.00"]


def test_fewer_than_five_people_are_withheld_everywhere(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 9)
    book.pay(THERE, date(2020, 1, 15), 11, first=9)
    book.pay(HERE, date(2020, 2, 15), 20)
    book.pay(THERE, date(2020, 2, 15), 3, first=20)
    count()
    township = client.get(f"/statistics?township={THERE}").text
    assert cells(township, "2月")[0] == ["不公布", "不公布"]
    # Nor can it be taken from the sums: where the county's sum is shown, another township is withheld, too.
    whole = {tuple(row[2:6]): row[6] for row in rows(client)}
    assert whole[townships()[THERE], "合计", "2020-02", "合计"] == "不公布"
    assert whole["会东县", "合计", "2020-02", "合计"] == "23"
    assert whole[townships()[HERE], "合计", "2020-02", "合计"] == "不公布"


def townships() -> dict[str, str]:
    from portal.statistics.queries import township_names

    return dict(township_names(COUNTY))


def test_sensitive_programmes_are_the_countys_only(client: FlaskClient, book: Book) -> None:
    orphans = sensitive(book)
    book.pay(HERE, date(2020, 1, 15), 20)
    orphans.pay(HERE, date(2020, 1, 15), 10, first=20)
    orphans.pay(THERE, date(2020, 1, 15), 10, first=30)
    count()
    county = client.get("/statistics").text
    assert cells(county, "孤儿基本生活费")[0] == ["20", "1,800.00"]
    assert cells(county, "只公布全县数字的项目")[0] == ["20", "1,800.00"]
    assert cells(county, townships()[HERE])[0] == ["20", "1,800.00"]
    for query in (f"?township={HERE}", f"?township={THERE}"):
        assert cells(client.get(f"/statistics{query}").text, "孤儿基本生活费") == []
        assert not any("孤儿" in cell for row in rows(client, query) for cell in row)


def test_a_programme_that_becomes_sensitive_leaves_the_townships(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 20)
    count()
    assert cells(client.get(f"/statistics?township={HERE}").text, "耕地地力保护补贴")
    book.programme.sensitive = True
    db.session.commit()
    count(LATER + timedelta(days=1))
    assert cells(client.get(f"/statistics?township={HERE}&year=2020").text, "耕地地力保护补贴") == []
    assert cells(client.get("/statistics").text, "耕地地力保护补贴")[0] == ["20", "1,800.00"]


def test_what_failed_and_was_repaired(client: FlaskClient, book: Book) -> None:
    book.fail(HERE, date(2020, 3, 10), 12, repaired=7)
    count()
    page = client.get("/statistics").text
    assert cells(page, "3月")[0] == ["12", "7", "5"]
    assert cells(page, "耕地地力保护补贴")[0] == ["12", "7", "5"]
    # What was paid in the end is counted where it was paid.
    assert "这一年还没有发放" in page


def test_complaints_answered_in_time_and_late(client: FlaskClient, book: Book) -> None:
    at = datetime(2020, 6, 8, 2, tzinfo=UTC)
    for _ in range(6):
        hand_in(VILLAGE, at, answered_after=5)
    for days in (60, 60, 60, None, None):
        hand_in(VILLAGE, at, answered_after=days)
    db.session.commit()
    count()
    page = client.get("/statistics").text
    assert cells(page, "6月")[0] == ["11", "6", "5", "0"]
    assert cells(page, "没有说明是哪个项目")[0] == ["11", "6", "5", "0"]


def test_a_sealed_case_is_not_even_a_gap(client: FlaskClient, book: Book) -> None:
    at = datetime(2020, 6, 8, 2, tzinfo=UTC)
    cases = [hand_in(VILLAGE, at, answered_after=5) for _ in range(8)]
    db.session.commit()
    # Every page of the next weeks, with six cases handed in sealed and without them.
    count()
    before = client.get("/statistics").data, rows(client)
    for category in ("fraud", "extortion", "embezzlement"):
        for _ in range(2):
            hand_in(VILLAGE, at, answered_after=None, category=category)
    db.session.commit()
    for table in ("counted_until", "month_figures", "public_figures"):
        db.session.execute(db.metadata.tables[table].delete())
    count()
    assert (client.get("/statistics").data, rows(client)) == before
    # And a case that is sealed after it was counted leaves no hole the next night.
    db.session.execute(update(Complaint).where(Complaint.id == cases[0].id).values(sealed=True))
    db.session.commit()
    count(LATER + timedelta(days=1))
    assert (client.get("/statistics").data, rows(client)) == before


def test_a_month_is_counted_once_when_two_more_have_passed(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 6)
    # The last minute of March in the county, and the first of April.
    assert count(datetime(2020, 3, 31, 15, 59, tzinfo=UTC)) == {}
    assert "还没有可以公布的数字" in client.get("/statistics").text
    count(datetime(2020, 3, 31, 16, 1, tzinfo=UTC))
    assert cells(client.get("/statistics").text, "1月")[0] == ["6", "540.00"]
    # Whatever comes later: yesterday's figures taken from today's must not give the one payment between them.
    book.pay(HERE, date(2020, 1, 21), 1, first=6)
    count(datetime(2020, 4, 1, 2, tzinfo=UTC))
    count(datetime(2020, 5, 1, 2, tzinfo=UTC))
    assert cells(client.get("/statistics").text, "1月")[0] == ["6", "540.00"]


def test_what_was_withheld_in_spring_stays_so_in_summer(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 3)
    book.pay(THERE, date(2020, 1, 15), 9, first=3)
    count(datetime(2020, 4, 6, 2, tzinfo=UTC))
    withheld_then = {tuple(row[2:6]) for row in rows(client) if row[6] == "不公布" and row[4] != "合计"}
    assert withheld_then
    book.pay(HERE, date(2020, 2, 15), 30)
    book.pay(THERE, date(2020, 2, 15), 6, first=30)
    count(datetime(2020, 5, 6, 2, tzinfo=UTC))
    assert withheld_then <= {tuple(row[2:6]) for row in rows(client) if row[6] == "不公布"}


def test_a_year_that_goes_on_is_summed_up_without_what_is_withheld(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 12)
    book.pay(HERE, date(2020, 2, 15), 3)
    book.pay(HERE, date(2020, 3, 15), 20)
    count(datetime(2020, 4, 6, 2, tzinfo=UTC))
    first = client.get("/statistics").text
    count(datetime(2020, 6, 6, 2, tzinfo=UTC))
    page = client.get("/statistics").text
    assert cells(page, "2月")[0] == ["不公布", "不公布"]
    assert cells(page, "耕地地力保护补贴")[0] == cells(page, townships()[HERE])[0] == ["32", "2,880.00"]
    assert "2,880.00" in page and "不公布的没有算进去" in page
    # Spring's page taken from summer's leaves March, not February.
    assert cells(first, "耕地地力保护补贴")[0] == ["12", "1,080.00"]
    assert not any(row[4] == "合计" for row in rows(client)[1:])
    count()
    assert "不公布的没有算进去" not in client.get("/statistics").text


def test_townships_by_programme_wait_for_the_whole_year(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 12)
    count(datetime(2020, 6, 6, 2, tzinfo=UTC))
    page = client.get(f"/statistics?township={HERE}").text
    assert cells(page, "耕地地力保护补贴") == [] and "等全年的数字定下来以后才公布" in page
    count()
    assert cells(client.get(f"/statistics?township={HERE}").text, "耕地地力保护补贴")[0] == ["12", "1,080.00"]


def test_two_nights_are_one(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 12)
    book.fail(HERE, date(2020, 1, 15), 6, repaired=0, first=12)
    assert count(datetime(2020, 4, 6, 2, tzinfo=UTC))["paid"] > 0
    kept = rows(client), db.session.scalar(select(func.count()).select_from(MonthFigure))
    assert count(datetime(2020, 4, 6, 3, tzinfo=UTC)) == {}
    assert (rows(client), db.session.scalar(select(func.count()).select_from(MonthFigure))) == kept


def test_the_night_counts_and_says_so(app: Flask, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 12)
    db.session.commit()
    found = sweeps.run_all(LATER)
    assert found["portal.figures"]["paid"] > 0 and found["portal.figures"]["paid_withheld"] == 0
    entry = db.session.scalars(select(audit.AuditEntry).where(audit.AuditEntry.action == "portal.count_figures")).one()
    assert entry.details["counts"]["paid"] == found["portal.figures"]["paid"]


def test_no_page_counts_payments(client: FlaskClient, app: Flask, book: Book) -> None:
    book.pay(HERE, date(2020, 1, 15), 12)
    count()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get("/statistics")
        rows(client)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert statements
    assert [text for text in statements if re.search(r"\b(payments|attempts|failures|complaints)\b", text)] == []


def test_years_and_townships_that_are_there(client: FlaskClient, book: Book) -> None:
    book.pay(HERE, date(2019, 6, 15), 6)
    book.pay(HERE, date(2020, 6, 15), 9)
    count()
    page = client.get("/statistics").text
    assert re.findall(r"<option[^>]*>(\d{4})</option>", page) == ["2020", "2019"]
    assert "540.00" in client.get("/statistics?year=2019").text
    for query in ("?year=1066", "?township=x", "?township=513426001200", f"?township={COUNTY}"):
        assert client.get(f"/statistics{query}").status_code == 404
        assert client.get(f"/statistics/figures.csv{query}").status_code == 404
    assert client.get("/statistics?year=abc").status_code == 200


def test_the_file_runs_no_formula_and_speaks_english(client: FlaskClient, book: Book) -> None:
    book.programme.name = '=HYPERLINK("x")'
    book.pay(HERE, date(2020, 1, 15), 12)
    count()
    found = rows(client)
    assert found[0] == ["类别", "年份", "乡镇（街道）", "项目", "月份", "结果", "数量", "金额（元）"]
    assert ["发放", "2020", "会东县", '\'=HYPERLINK("x")', "合计", "合计", "12", "1080.00"] in found
    client.get("/language/en")
    answer = client.get("/statistics/figures.csv")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert rows(client)[1][0] != "发放"


def test_an_empty_county_says_so(client: FlaskClient, app: Flask) -> None:
    factories.load_regions()
    db.session.commit()
    page = client.get("/statistics").text
    assert "还没有可以公布的数字" in page and "<table" not in page
    assert rows(client) == [["类别", "年份", "乡镇（街道）", "项目", "月份", "结果", "数量", "金额（元）"]]
    assert 'href="/statistics"' in client.get("/").text


@pytest.mark.parametrize(
    ("today", "full_months", "month"),
    [
        (date(2020, 3, 1), 0, "2020-02"),
        (date(2020, 2, 29), 0, "2020-01"),
        (date(2020, 1, 1), 0, "2019-12"),
        (date(2020, 1, 31), 3, "2019-09"),
    ],
)
def test_which_month_is_over(today: date, full_months: int, month: str) -> None:
    assert rules.month_over(today, full_months) == month


def test_the_month_after() -> None:
    assert rules.month_after("2019-12") == "2020-01" and rules.month_after("2020-01") == "2020-02"
    assert rules.first_day("2020-02") == date(2020, 2, 1)
