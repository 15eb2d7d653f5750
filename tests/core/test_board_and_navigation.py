"""The first screen: what is late stands on top; the navigation shows only what one may use."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import board, clock, navigation
from core.board import BoardItem, Urgency
from core.navigation import NavigationEntry, Section
from core.principal import OrganisationKind, Permission, Principal, Role
from tests import factories
from tests.signing import sign_in

TODAY = date(2020, 7, 6)


def item(days: int | None, room: str = "complaints") -> BoardItem:
    due = None if days is None else TODAY + timedelta(days=days)
    return BoardItem(f"在 {days} 天", "/x", room, due)


@pytest.mark.parametrize(
    ("days", "group"),
    [(-1, Urgency.LATE), (0, Urgency.SOON), (7, Urgency.SOON), (8, Urgency.LATER), (None, Urgency.UNDATED)],
)
def test_urgency(days: int | None, group: Urgency) -> None:
    assert board.urgency(item(days), TODAY) == group


def test_groups_without_items_are_left_out() -> None:
    assert list(board.grouped([item(None), item(-3)], TODAY)) == [Urgency.LATE, Urgency.UNDATED]


@pytest.mark.parametrize(
    ("counts", "told"), [([], "0"), ([1, 1], "2"), ([1, 40], "41"), ([99], "99"), ([1, 100], "101+"), ([100], "100+")]
)
def test_what_is_folded_together_is_counted_up_to_a_hundred(counts: list[int], told: str) -> None:
    assert board.how_many([replace(item(None), count=count) for count in counts]) == told


@pytest.fixture
def door(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A finance official's browser; the board has one late complaint and one batch without a date."""

    def provide(_principal: Principal, today: date) -> Iterable[BoardItem]:
        yield BoardItem("批次等待确认", "/staff/b", "disbursement")
        yield BoardItem("投诉逾期", "/staff/c", "complaints", today - timedelta(days=2), "某镇")

    monkeypatch.setattr(board, "_providers", [provide])
    return sign_in(client, factories.official(OrganisationKind.FINANCE, Role.PREPARER))


def test_the_latest_overdue_stands_on_top(door: FlaskClient) -> None:
    page = door.get("/staff/").text
    assert page.index("投诉逾期") < page.index("批次等待确认")
    assert "已逾期 2 天" in page
    assert (clock.today() - timedelta(days=2)).isoformat() in page


def test_the_board_narrows_to_a_room(door: FlaskClient) -> None:
    page = door.get("/staff/?room=disbursement").text
    assert "批次等待确认" in page
    assert "投诉逾期" not in page
    assert "投诉逾期" in door.get("/staff/?room=unknown").text


def test_an_empty_board_says_so(door: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "_providers", [])
    assert "没有待办" in door.get("/staff/").text


def test_the_navigation_shows_what_one_may_use(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Permission("x", frozenset({(OrganisationKind.FINANCE, Role.APPROVER)}))
    entries = [
        NavigationEntry("待办", "staff.board", Section.WORK),
        NavigationEntry("账号", "accounts.officials", Section.ADMINISTRATION, right),
        NavigationEntry("名册", "accounts.organisations", Section.MONEY, (right,), order=1),
        NavigationEntry("没有", "nowhere.page", Section.MONEY),
        NavigationEntry("函数", "staff.uploads", Section.MONEY, lambda asker: asker.name == "某人", order=2),
    ]
    monkeypatch.setattr(navigation, "_entries", {})
    navigation.navigation(*entries)
    preparer = factories.principal(OrganisationKind.FINANCE, Role.PREPARER)
    approver = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    assert [entry.title for entry in navigation.entries_for(preparer)] == ["待办"]
    assert [entry.title for entry in navigation.entries_for(approver)] == ["待办", "名册", "账号"]
    with app.test_request_context("/staff/officials/new"):
        shown = navigation.shown_navigation(approver)
    assert [entry.title for _, found in shown for entry in found if entry.current] == ["账号"]


def test_every_registered_entry_leads_somewhere(app: Flask) -> None:
    missing = [endpoint for endpoint in navigation._entries if endpoint not in app.view_functions]
    assert not missing
