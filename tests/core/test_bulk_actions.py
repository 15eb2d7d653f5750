"""Bulk actions of lists: what is chosen is what is done, after a look at the count and the sum."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update

from core import listing_pages
from core.bulk import among
from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.database import db
from core.errors import Conflict
from core.listing import ChoiceFilter, Column, Listing
from core.principal import OrganisationKind, Principal, Role, permission
from programmes.models import FundLine, Programme
from tests import factories
from tests.conftest import application_for, as_new
from tests.signing import sign_in

RIGHT = permission("tests.mark", {OrganisationKind.FINANCE: (Role.PREPARER,)}, "标记")


def mark(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
    """Write the reason into the level; a line that says 冲突 is somebody else's."""
    principal.require(RIGHT)
    if reason == "冲突":
        raise Conflict("刚才已有同事办理了。")
    found = cast("Any", db.session.execute(update(FundLine).where(among(FundLine.id, ids)).values(level=reason)))
    return BulkOutcome(found.rowcount, [("被别人锁住。", 1)] if reason == "部分" else ())


MARK = BulkAction(
    "mark",
    "标记",
    RIGHT,
    "标记以后可以再改。",
    mark,
    needs_reason=True,
    requires=(
        Requirement(FundLine.amount_fen > 10000, "金额太小。"),
        Requirement(Programme.channel == "platform", "不在平台。"),
    ),
)
LINES = Listing(
    name="fund_lines",
    title="资金来源",
    columns=(
        Column("document", "文号", lambda row: row.FundLine.document_number, sort=FundLine.document_number),
        Column("amount", "金额", lambda row: row.FundLine.amount_fen, kind="money", sort=FundLine.amount_fen),
    ),
    id=FundLine.id,
    order="-amount",
    search=(FundLine.document_number,),
    filters=(ChoiceFilter("source", "来源", {"current_year": "当年", "carried_over": "结转"}, FundLine.source),),
    page_size=3,
    actions=(MARK,),
)
STATEMENT = select(FundLine, Programme).join(Programme, FundLine.programme_id == Programme.id)


def lines() -> ResponseReturnValue:
    return listing_pages.serve(LINES, STATEMENT.where(FundLine.amount_fen != 20000))


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
def seven(app: Flask) -> list[FundLine]:
    """Lines of 100 to 700 yuan; the last two are carried over."""
    programme = factories.programme()
    lines = [factories.fund_line(programme.id, yuan * 100) for yuan in (100, 200, 300, 400, 500, 600, 700)]
    for number, line in enumerate(lines):
        line.level = "原"
        line.source = "carried_over" if number > 4 else "current_year"
    db.session.commit()
    return lines


@pytest.fixture
def door(app: Flask, seven: list[FundLine]) -> FlaskClient:
    """A browser of the finance bureau, with the list at /staff/lines; without the one line of 200 yuan."""
    return sign_in(app.test_client(), factories.official(OrganisationKind.FINANCE, Role.PREPARER))


def marked(level: str = "好") -> list[int]:
    db.session.expire_all()
    return sorted(db.session.scalars(select(FundLine.amount_fen).where(FundLine.level == level)))


def press(door: FlaskClient, query: str = "", **form: Any) -> str:
    answer = door.post(f"/staff/lines{query}", data={"bulk": "mark"} | form, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_the_list_has_boxes_and_ticks_them_without_a_script(door: FlaskClient, seven: list[FundLine]) -> None:
    text = door.get("/staff/lines").text
    assert text.count('type="checkbox"') == 3
    assert "checked" not in text
    assert f'value="{seven[6].id}"' in text
    assert door.get("/staff/lines?page=2&chosen=page").text.count("checked") == 3
    everything = door.get("/staff/lines?chosen=all").text
    assert 'name="all"' in everything
    assert "checkbox" not in everything
    assert "checked" not in door.get("/staff/lines?chosen=wild").text


def test_the_confirmation_counts_sums_and_says_what_is_left_out(door: FlaskClient, seven: list[FundLine]) -> None:
    text = press(door, id=[str(seven[0].id), str(seven[3].id), str(seven[6].id)])
    assert "标记以后可以再改。" in text
    assert "1,100.00" in text
    assert "金额太小。" in text
    assert seven[6].document_number in text
    assert seven[0].document_number not in text
    assert marked() == []


def test_what_was_confirmed_is_done_and_the_rest_is_told(door: FlaskClient, seven: list[FundLine]) -> None:
    ids = [str(seven[0].id), str(seven[3].id), str(seven[6].id)]
    text = press(door, id=ids, confirmed="1", count="2", total="110000", reason="好")
    assert "已办理 2 条" in text
    assert "有 1 条没有办理：金额太小。" in text
    assert marked() == [40000, 70000]


def test_everything_that_matches_reaches_over_the_pages(door: FlaskClient) -> None:
    assert "1,300.00" in press(door, "?source=carried_over", all="1")
    press(door, "?source=current_year", all="1", confirmed="1", count="3", total="120000", reason="好")
    assert marked() == [30000, 40000, 50000]


def test_a_row_out_of_sight_is_out_of_reach(door: FlaskClient, seven: list[FundLine]) -> None:
    text = press(door, id=[str(seven[1].id)], confirmed="1", count="0", total="0", reason="好")
    assert "没有一条可以办理" in text
    assert marked() == []


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "还没有选中任何一条"),
        ({"id": ["x", "-1", "１", "9" * 30]}, "还没有选中任何一条"),
        ({"all": "1", "confirmed": "1", "count": "5", "total": "250000", "reason": " "}, "请写明理由"),
        ({"all": "1", "confirmed": "1", "count": "4", "total": "250000", "reason": "好"}, "刚刚有了变化"),
        ({"all": "1", "confirmed": "1", "count": "5", "total": "250001", "reason": "好"}, "刚刚有了变化"),
        ({"all": "1", "confirmed": "1", "count": "5", "total": "250000", "reason": "冲突"}, "已有同事办理"),
        ({"all": "1", "bulk": "wild"}, "现在不能用"),
    ],
)
def test_nothing_is_done_by_half(door: FlaskClient, form: dict[str, Any], words: str) -> None:
    assert words in press(door, **form)
    assert len(marked("原")) == 7


def test_what_the_operation_refuses_is_told_too(door: FlaskClient) -> None:
    text = press(door, all="1", confirmed="1", count="5", total="250000", reason="部分")
    assert "被别人锁住" in text
    assert "金额太小" in text


def test_actions_are_for_those_with_the_right(app: Flask, door: FlaskClient) -> None:
    viewer = sign_in(app.test_client(), factories.official(OrganisationKind.FINANCE, Role.VIEWER))
    assert "checkbox" not in viewer.get("/staff/lines").text
    answer = viewer.post("/staff/lines", data={"bulk": "mark", "all": "1"}, follow_redirects=True)
    assert "现在不能用" in answer.text
    nobody = replace(MARK, right=None, offered_for=lambda principal: False)
    assert not nobody.is_for(factories.principal(OrganisationKind.FINANCE, Role.PREPARER))
