"""The county's calendar is a table that an official can mend, and every change has a source and an author."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from sqlalchemy import delete, select

from core import working_days
from core.audit import AuditEntry
from core.calendar import HOLIDAYS, PUBLISHED_SOURCE, published_days
from core.calendar_pages import day_words, source_words
from core.database import db
from core.errors import PermissionDenied, UserError
from core.principal import OrganisationKind, Role
from core.sweeps import run_all
from core.working_days import CalendarDay, load_calendar, seed_calendar, set_day
from tests import factories
from tests.signing import sign_in

AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
TODAY = date(2020, 7, 6)


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    factories.load_regions()
    seed_calendar()
    official = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    db.session.commit()
    return sign_in(app.test_client(), official)


@pytest.fixture(autouse=True)
def _in_summer() -> object:
    with time_machine.travel(AT, tick=False):
        yield


def test_a_day_is_set_with_its_source_and_stands_in_the_list(editor: FlaskClient) -> None:
    given = {"on": "2020-08-12", "working": "0", "name": "火把节", "source": "州政府通知"}
    answer = editor.post("/staff/calendar", data=given)
    assert answer.location == "/staff/calendar?year=2020"
    assert not load_calendar().is_working_day(date(2020, 8, 12))
    page = editor.get("/staff/calendar").text
    assert "火把节" in page and "州政府通知" in page
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "calendar.set_day")).one()
    assert (entry.subject_id, entry.details) == ("2020-08-12", {"working": False, "before": None})
    editor.post("/staff/calendar", data=given | {"working": "1"})
    assert load_calendar().is_working_day(date(2020, 8, 12)), "it can be set back"


@pytest.mark.parametrize(
    "wrong",
    [
        {"on": ""},
        {"on": "2029-01-01"},
        {"name": ""},
        {"source": "电话 13800000001"},
        {"on": "2020-10-01", "working": "1"},
    ],
)
def test_what_makes_no_sense_is_refused_and_not_lost(editor: FlaskClient, wrong: dict[str, str]) -> None:
    given = {"on": "2020-08-12", "working": "0", "name": "火把节", "source": "州政府通知"} | wrong
    before = dict(db.session.execute(select(CalendarDay.on, CalendarDay.working)).all())
    answer = editor.post("/staff/calendar", data=given)
    assert answer.status_code == 400
    assert given["name"] in answer.text
    assert dict(db.session.execute(select(CalendarDay.on, CalendarDay.working)).all()) == before


def test_a_year_that_the_release_knows_is_entered_by_a_button(editor: FlaskClient) -> None:
    db.session.execute(delete(CalendarDay).where(CalendarDay.on >= date(2021, 1, 1)))
    db.session.add(CalendarDay(on=date(2021, 1, 1), working=True, name="改过的", source="通知"))
    db.session.commit()
    assert "2021 年的安排尚未录入" in editor.get("/staff/calendar?year=2021").text
    editor.post("/staff/calendar/import", data={"year": "2021"})
    calendar = load_calendar()
    assert not calendar.is_provisional(date(2021, 6, 1))
    assert calendar.is_working_day(date(2021, 1, 1)), "what an official has edited stays"
    assert calendar.is_provisional(date(2022, 6, 1))
    answer = editor.post("/staff/calendar/import", data={"year": "2021"}, follow_redirects=True)
    assert "没有可以补入的日子" in answer.text


def test_everybody_may_look_and_only_the_finance_bureau_may_change(app: Flask, editor: FlaskClient) -> None:
    official = factories.official(OrganisationKind.TOWNSHIP, Role.ADMINISTRATOR)
    db.session.commit()
    client = sign_in(app.test_client(), official)
    page = client.get("/staff/calendar?year=2020")
    assert page.status_code == 200
    assert "新增或修改一天" not in page.text
    given = {"on": "2020-08-12", "working": "0", "name": "火把节", "source": "通知"}
    assert client.post("/staff/calendar", data=given).status_code == 403
    assert client.get("/staff/calendar?year=1999").status_code == 404
    assert "新增或修改一天" in editor.get("/staff/calendar").text
    with pytest.raises(PermissionDenied):
        set_day(factories.principal(OrganisationKind.BANK, Role.APPROVER), TODAY, False, "日", "据", today=TODAY, at=AT)


def test_a_new_release_brings_its_years_by_night_and_leaves_the_countys_own(app: Flask) -> None:
    seed_calendar()
    db.session.execute(delete(CalendarDay).where(CalendarDay.on >= date(2021, 1, 1)))
    db.session.execute(delete(CalendarDay).where(CalendarDay.on == date(2020, 6, 28)))
    db.session.commit()
    assert run_all(AT)["core.calendar"]["added"] > 20
    assert not load_calendar().is_provisional(date(2021, 6, 1))
    assert db.session.get(CalendarDay, date(2020, 6, 28)) is None, "a year that is there is left as it is"
    assert run_all(AT)["core.calendar"] == {"added": 0}


def test_an_empty_installation_is_seeded_by_the_command(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["calendar", "import", "--json"])
    assert result.exit_code == 0
    assert not load_calendar().is_provisional(TODAY)
    with pytest.raises(UserError):
        working_days.import_year(factories.principal(OrganisationKind.FINANCE, Role.ADMINISTRATOR), 2020, at=AT)


def test_what_was_seeded_is_said_in_the_readers_language_and_what_was_typed_stays(app: Flask) -> None:
    seeded = {day.source for day in published_days()}
    with app.test_request_context("/", headers={"Accept-Language": "en"}), force_locale("en"):
        for source in seeded:
            number = source.split("chinesecalendar ")[1].rstrip("）")
            assert source_words(source) == gettext(PUBLISHED_SOURCE, version=number)
        assert source_words("国办发明电〔2026〕7号") == "国办发明电〔2026〕7号"
        assert day_words("春节") == gettext("春节") and day_words("县庆") == "县庆"
        assert day_words("春节调休上班") == gettext("%(holiday)s调休上班", holiday=gettext("春节"))
    # Every name that the library knows is one of those that can be said.
    names = {day.name.removesuffix("调休上班") for day in published_days()}
    assert names <= set(HOLIDAYS)
