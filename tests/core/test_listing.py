"""Lists: what their parameters may ask for, and what never gets into an address."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import insert, select

from core import listing_pages
from core.audit import AuditEntry
from core.database import db
from core.listing import ChoiceFilter, Column, DayFilter, IdFilter, Listing, Parts, looks_personal
from core.listing_screen import ListingPage, page_of
from core.principal import OrganisationKind, Principal, Role
from core.status import Status
from programmes.models import FundLine, Programme
from tests import factories
from tests.conftest import application_for, as_new
from tests.signing import sign_in

ID_NUMBER = "51342619800101123X"
STATES = {"platform": Status("平台", "success"), "offline": Status("线下")}


def find_person(_principal: Principal, term: str) -> Mapping[str, str] | None:
    return {"programme": "1"} if term == ID_NUMBER else None


LINES = Listing(
    name="fund_lines",
    title="资金来源",
    columns=(
        Column("document", "文号", lambda row: row.FundLine.document_number, sort=FundLine.document_number),
        Column("programme", "项目", lambda row: row.Programme.name, sort=Programme.name, link=lambda _row: "/x"),
        Column("amount", "金额", lambda row: row.FundLine.amount_fen, kind="money", sort=FundLine.amount_fen),
        Column("recorded", "登记日期", lambda row: row.FundLine.recorded_on, kind="day", sort=FundLine.recorded_on),
        Column("channel", "渠道", lambda row: row.Programme.channel, kind="status", states=STATES),
        Column("level", "级次", lambda row: row.FundLine.level, screen=False),
    ),
    id=FundLine.id,
    order="-amount",
    search=(FundLine.document_number, Programme.name),
    filters=(
        ChoiceFilter("level", "级次", {"县级": "县级", "省级": "省级"}, FundLine.level),
        DayFilter("recorded", "登记日期", FundLine.recorded_on),
        DayFilter("created", "建立时间", Programme.created_at, instants=True),
        IdFilter("programme", "项目", FundLine.programme_id),
    ),
    find_person=find_person,
    empty="还没有资金来源。",
    page_size=3,
)
STATEMENT = select(FundLine, Programme).join(Programme, FundLine.programme_id == Programme.id)


def lines() -> ResponseReturnValue:
    return listing_pages.serve(LINES, STATEMENT)


@pytest.fixture
def app(database_url: str, applications: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application of our own, for all tests here: it gets one more page."""
    own = f"{database_url} with the list of {__name__}"
    if own not in applications:
        applications[own] = application_for(database_url, tmp_path_factory.mktemp("instance"))
        applications[own].add_url_rule("/staff/lines", "lines", lines, methods=["GET", "POST"])
    with as_new(applications[own]) as application:
        yield application


@pytest.fixture
def seven(app: Flask) -> Programme:
    """Seven lines of 100 to 700 yuan; two have the same amount."""
    programme = factories.programme()
    for number, amount in enumerate((100, 200, 300, 300, 500, 600, 700), start=1):
        line = factories.fund_line(programme.id, amount * 100)
        line.document_number = f"东财社〔2020〕{number}号"
        line.level = "省级" if number > 5 else "县级"
    db.session.commit()
    return programme


def page(listing: Listing = LINES, **arguments: str) -> ListingPage:
    return page_of(listing, STATEMENT, arguments, "/list")


def amounts(shown: ListingPage) -> list[int]:
    return [row.FundLine.amount_fen // 10000 for row in shown.rows]


def test_pages_hold_each_row_once_in_a_stable_order(seven: Programme) -> None:
    pages = [page(page=str(number)) for number in (1, 2, 3)]
    assert [amounts(shown) for shown in pages] == [[7, 6, 5], [3, 3, 2], [1]]
    assert [shown.has_next for shown in pages] == [True, True, False]
    assert len({row.FundLine.id for shown in pages for row in shown.rows}) == 7
    assert page(page="4").rows == []
    assert {page(page=wild).number for wild in ("0", "-1", "x", "１", "")} == {1}


def test_order_by_a_column_both_ways_and_by_no_other(seven: Programme) -> None:
    shown = page(sort="amount")
    assert amounts(shown) == [1, 2, 3]
    assert shown.sorted_by(LINES.columns[2]) == "ascending"
    assert shown.sort_url(LINES.columns[2]) == "/list?sort=-amount"
    for wild in ("channel", "level", "id", "amount;drop table", "--amount"):
        assert amounts(page(sort=wild)) == [7, 6, 5]
        assert "sort" not in page(sort=wild).given


def test_search_and_filters(seven: Programme) -> None:
    assert amounts(page(q="〕6号")) == [6]
    assert page(q="残疾人").count == 7
    assert page(q="100%").rows == []
    assert amounts(page(level="省级")) == [7, 6]
    assert page(level="市级").count == 7
    assert page(recorded_from="2020-07-06", recorded_to="2020-07-06").count == 7
    assert page(recorded_from="2020-07-07").count == 0
    assert page(recorded_to="2020-07-05").count == 0
    assert page(recorded_from="yesterday", recorded_to="2020-13-01").given == {}
    assert page(programme=str(seven.id)).count == 7
    assert page(programme=str(seven.id + 1)).rows == []
    assert page(programme="1 or 1=1").given == {}


def test_days_of_instants_are_days_of_the_county(seven: Programme) -> None:
    seven.created_at = datetime(2020, 7, 5, 16, 30, tzinfo=UTC)
    db.session.commit()
    assert page(created_from="2020-07-06", created_to="2020-07-06").count == 7
    assert page(created_to="2020-07-05").count == 0


def test_unknown_parameters_go_nowhere(seven: Programme) -> None:
    shown = page(level="省级", evil="<script>", q="")
    assert shown.url() == "/list?level=%E7%9C%81%E7%BA%A7"
    assert shown.chips() == [("级次：省级", "/list")]


def test_counting_stops_at_a_cap(seven: Programme) -> None:
    assert page().count_words == "共 7 条"
    capped = page_of(replace(LINES, most_counted=5), STATEMENT, {}, "/list")
    assert capped.count == 6
    assert capped.count_words == "超过 5 条"


PARTS = Parts(
    STATEMENT,
    [
        STATEMENT.where(FundLine.amount_fen <= 30000),
        STATEMENT.where(FundLine.amount_fen >= 30000),
        STATEMENT.where(FundLine.amount_fen == 60000),
    ],
)


def test_a_list_in_parts_that_overlap_is_the_same_list(seven: Programme) -> None:
    narrowings: list[dict[str, str]] = [{}, {"sort": "amount"}, {"sort": "programme"}, {"level": "县级"}, {"q": "2"}]
    for given in narrowings:
        for number in ("1", "2", "3", "4"):
            whole = page_of(LINES, STATEMENT, given | {"page": number}, "/list")
            parted = page_of(LINES, STATEMENT, given | {"page": number}, "/list", parts=PARTS)
            assert (parted.rows, parted.count, parted.has_next) == (whole.rows, whole.count, whole.has_next)


def test_parts_are_counted_once_and_no_further_than_the_cap(seven: Programme) -> None:
    for most in (2, 5, 6, 7, 100):
        listing = replace(LINES, most_counted=most)
        assert page_of(listing, STATEMENT, {}, "/list", parts=PARTS).count == min(7, most + 1)


@pytest.mark.parametrize(
    "term",
    [
        ID_NUMBER, "513426800101123", "51342619800101123", "6228 4800 1234 5678 901", "138-0000-0001", "13800000001",
        "+8613800000001", "张三13800000001", "0834-5423456", "12345678901234567890", "１３８０００００００１",
    ],
)  # fmt: skip
def test_what_looks_personal(term: str) -> None:
    assert looks_personal(term)


@pytest.mark.parametrize(
    "term", ["张三", "513426100000", "202006", "东财社〔2020〕6号", "1234567-1", "2020-07-06", "鲹鱼河镇 困难", "12345"]
)
def test_what_does_not(term: str) -> None:
    assert not looks_personal(term)


def test_a_listing_must_have_its_order(app: Flask) -> None:
    with pytest.raises(ValueError, match="ordered"):
        Listing(name="x", title="x", columns=(Column("a", "a", str),), id=FundLine.id, order="a")


@pytest.fixture
def door(app: Flask, seven: Programme) -> FlaskClient:
    """A browser at the staff door, which has the list at /staff/lines."""
    return sign_in(app.test_client(), factories.official(OrganisationKind.FINANCE, Role.PREPARER))


def test_a_page_shows_the_list(door: FlaskClient) -> None:
    text = door.get("/staff/lines?level=县级").text
    assert "共 5 条，第 1 页" in text
    assert 'class="money"' in text
    assert "500.00" in text
    assert '<option value="县级" selected>' in text
    assert 'aria-sort="descending"' in text
    assert "导出" in text


def test_nothing_found_and_nothing_there_are_told_apart(door: FlaskClient) -> None:
    assert "没有符合条件的记录" in door.get("/staff/lines?q=nothing").text
    assert "这一页没有记录" in door.get("/staff/lines?page=9").text
    db.session.query(FundLine).delete()
    db.session.commit()
    text = door.get("/staff/lines").text
    assert "还没有资金来源。" in text
    assert "导出" not in text


def test_a_search_is_posted_and_becomes_an_address(door: FlaskClient) -> None:
    answer = door.post("/staff/lines", data={"q": " 残疾人 ", "level": "省级", "evil": "1", "sort": "amount"})
    assert answer.status_code == 303
    assert answer.location == "/staff/lines?q=%E6%AE%8B%E7%96%BE%E4%BA%BA&level=%E7%9C%81%E7%BA%A7&sort=amount"


def test_an_id_number_never_becomes_an_address(door: FlaskClient) -> None:
    found = door.post("/staff/lines", data={"q": ID_NUMBER, "level": "县级"})
    assert found.location == "/staff/lines?level=%E5%8E%BF%E7%BA%A7&programme=1"
    missed = door.post("/staff/lines", data={"q": "13800000001"})
    assert missed.location == "/staff/lines"
    assert "没有与这个号码相符的记录" in door.get("/staff/lines").text
    typed = door.get(f"/staff/lines?q={ID_NUMBER}&level=县级")
    assert (typed.status_code, typed.location) == (303, "/staff/lines?level=%E5%8E%BF%E7%BA%A7")
    assert "不能出现在网址里" in door.get("/staff/lines").text


def test_an_export_holds_the_whole_narrowed_list_and_is_recorded(door: FlaskClient) -> None:
    answer = door.post("/staff/lines?level=县级&sort=amount", data={"export": "csv"})
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["文号", "项目", "金额", "登记日期", "渠道", "级次"]
    assert [row[2] for row in rows[1:]] == ["100.00", "200.00", "300.00", "300.00", "500.00"]
    assert rows[1][3:] == ["2020-07-06", "平台", "县级"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "listing.export")).one()
    assert entry.subject_id == "fund_lines"
    assert entry.details == {"rows": 5, "format": "csv", "narrowed_by": ["level", "sort"]}


def test_a_workbook_has_only_text(door: FlaskClient, seven: Programme) -> None:
    line = db.session.scalars(select(FundLine).order_by(FundLine.id)).all()[-1]
    line.document_number = "=1+1"
    db.session.commit()
    answer = door.post("/staff/lines", data={"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    assert sheet["A2"].value == "=1+1"
    assert sheet["A2"].data_type == "s"
    assert sheet["C2"].data_type == "s"
    assert sheet.max_row == 8


def test_an_export_is_never_a_get(door: FlaskClient) -> None:
    assert "text/html" in door.get("/staff/lines?export=csv").headers["Content-Type"]
    assert door.post("/staff/lines", data={"export": "exe"}).status_code == 303
    assert not db.session.scalars(select(AuditEntry).where(AuditEntry.action == "listing.export")).all()


def test_an_export_past_its_cap_is_refused(door: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_pages, "EXPORT_CAP", 5)
    answer = door.post("/staff/lines", data={"export": "csv"})
    assert answer.status_code == 400
    assert "请先筛选" in answer.text


def test_a_long_export_comes_in_one_piece(door: FlaskClient, seven: Programme) -> None:
    made = {
        "programme_id": seven.id, "year": 2020, "source": "current_year", "level": "县级",
        "amount_fen": 1, "recorded_on": factories.AT.date(),
    }  # fmt: skip
    db.session.execute(insert(FundLine), [made | {"document_number": str(number)} for number in range(4500)])
    db.session.commit()
    answer = door.post("/staff/lines", data={"export": "csv"})
    assert len(answer.data.splitlines()) == 4508
