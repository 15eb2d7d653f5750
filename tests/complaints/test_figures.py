"""Honest figures: what is counted, against a count by hand; who is shown which; the same on screen, paper and file."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Organisation
from complaints import operations, queries
from complaints.figures import Wanted, figures
from complaints.models import Complaint
from complaints.rulebook import ClockKind
from complaints.rules.figures import ALL, MEASURES, By, Figure, Period, parse_period
from core.audit import AuditEntry
from core.database import db
from core.errors import PermissionDenied
from core.principal import OrganisationKind, Role, system
from core.withholding import SMALLEST
from core.working_days import load_calendar
from tests import factories
from tests.complaints.county import AT, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, County, submit
from tests.complaints.lives import DAY, TODAY, counted_by_hand, some_lives
from tests.complaints.test_sealed import signed_in

PAGE = "/staff/complaints/statistics"


def period_of(code: str) -> Period:
    period = parse_period(code)
    assert period is not None
    return period


@pytest.mark.parametrize("seed", [1, 2])
def test_an_offices_figures_are_what_is_counted_by_hand(county: County, seed: int) -> None:
    some_lives(county, seed, 60)
    for person in (county.township, county.other_township, county.finance, county.discipline):
        for code in ("2020", "2020-Q3", "2020-08"):
            period = period_of(code)
            cases = db.session.scalars(
                select(Complaint).where(
                    queries.visible_complaints(person),
                    Complaint.sealed.is_(False),
                    Complaint.received_on.between(period.first, period.last),
                )
            ).all()
            found = figures(person, Wanted(period), TODAY)
            by_hand = counted_by_hand(cases)
            about = {key: number for key, number in found.numbers.items() if key.by == By.ABOUT}
            assert Counter(found.numbers) - Counter(about) == by_hand
            assert not found.hidden
            assert bool(about) == bool(cases and person is county.discipline)
            days = sorted(days_to_the_answer(list(cases)))
            half, most = (days[-(-len(days) * percent // 100) - 1] if days else 0 for percent in (50, 90))
            assert found.days == ((half, most) if days else None)


def days_to_the_answer(cases: list[Complaint]) -> Iterator[int]:
    calendar = load_calendar()
    for complaint in cases:
        clock = next(clock for clock in complaint.clocks if clock.kind == ClockKind.RESOLVE.value)
        if clock.stopped_on is not None and complaint.state != "declined":
            yield calendar.working_days_between(clock.started_on, clock.stopped_on)


def test_the_countys_figures_are_of_all_that_is_not_sealed(county: County) -> None:
    some_lives(county, 3, 120)
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    cases = db.session.scalars(
        select(Complaint).where(Complaint.sealed.is_(False), Complaint.received_on < TODAY)
    ).all()
    for code in ("2020-Q3", "2020-08"):
        period = period_of(code)
        of_period = [one for one in cases if period.first <= one.received_on <= period.last]
        by_hand = counted_by_hand(of_period)
        for person in (audit, county.finance, county.discipline):
            found = figures(person, Wanted(period, county=True), TODAY)
            about = {key for key in found.numbers if key.by == By.ABOUT}
            assert {key: number for key, number in found.numbers.items() if key not in about} == dict(by_hand)
            unseen = [one for one in of_period if not queries.is_visible(person, one)]
            few = {key for key, number in counted_by_hand(unseen).items() if 0 < number < SMALLEST}
            # Channels stand alone, reasons only below the sum.
            listed = {key for key in few if in_a_table(key)}
            assert listed <= set(found.hidden), person
            assert found.shown(ALL, ALL, "received") in (None, len(of_period))


def in_a_table(key: Figure) -> bool:
    if key.by == By.CHANNEL:
        return key.measure == "received"
    return key.by == ALL or ":" not in key.measure


def test_what_an_office_sees_itself_is_told_in_the_countys_figures(county: County) -> None:
    submit()
    db.session.commit()
    viewer = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    august = date(2020, 8, 1)
    july = Wanted(period_of("2020-07"), county=True)
    assert figures(viewer, july, august).shown(ALL, ALL, "received") is None
    # It has gone up to the finance bureau by then: it knows the one case.
    operations.escalate_overdue(system("night"), at=AT + 20 * DAY)
    db.session.commit()
    assert figures(county.finance, july, august).shown(ALL, ALL, "received") == 1


def test_the_countys_figures_are_of_periods_that_are_over(county: County) -> None:
    with pytest.raises(ValueError, match="over"):
        figures(county.finance, Wanted(period_of("2020-07"), county=True), date(2020, 7, 31))


def test_whoever_has_no_right_is_refused(county: County) -> None:
    for person in (county.township, county.department):
        with pytest.raises(PermissionDenied):
            figures(person, Wanted(period_of("2020"), county=True), TODAY)
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    with pytest.raises(PermissionDenied):
        figures(audit, Wanted(period_of("2020")), TODAY)


def test_villages_of_a_township(county: County) -> None:
    for village, number in ((VILLAGE, 3), ("513426001201", 7), (TOWNSHIP, 1), ("513426002200", 2)):
        for _ in range(number):
            submit(region_code=village)
    db.session.commit()
    own = figures(county.township, Wanted(period_of("2020"), township=TOWNSHIP), TODAY)
    assert [own.shown_village(code, "received") for code in (VILLAGE, "513426001201", TOWNSHIP)] == [3, 7, 1]
    next_year = date(2021, 2, 1)
    viewer = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    wanted = Wanted(period_of("2020"), county=True, township=TOWNSHIP)
    whole = figures(viewer, wanted, next_year)
    assert whole.shown_village(VILLAGE, "received") is None and whole.shown_village(TOWNSHIP, "received") is None
    assert whole.shown(By.TOWNSHIP, OTHER_TOWNSHIP, "received") is None
    # With the other township's two in the county's thirteen, so goes the first one's eleven.
    assert whole.shown(By.TOWNSHIP, TOWNSHIP, "received") is None
    assert whole.shown(ALL, ALL, "received") == 13
    # Not by month: whoever added the months up would have the year.
    assert not figures(viewer, Wanted(period_of("2020-07"), True, TOWNSHIP), next_year).villages


# --- Pages ---------------------------------------------------------------------------------------


class Tables(HTMLParser):
    """Every cell of every table of a page, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.lines.append([])
        elif tag in ("td", "th"):
            self.inside = True
            self.lines[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.lines[-1][-1] += data.strip()


def lines_of(page: str) -> list[list[str]]:
    parser = Tables()
    parser.feed(page)
    return parser.lines


def lines_of_workbook(content: bytes) -> list[list[str]]:
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    rows = [row for sheet in workbook.worksheets[1:] for row in sheet.iter_rows(values_only=True)]
    return [[str(value) for value in row if value is not None] for row in rows]


@pytest.fixture
def audit(app: Flask, county: County) -> FlaskClient:
    return signed_in(app, factories.principal(OrganisationKind.AUDIT, Role.VIEWER))


@pytest.mark.parametrize(
    "address", ["?scope=county&period=2020-Q3", "?scope=own&period=2020", "?scope=own&period=2020-09"]
)
@time_machine.travel(AT + 160 * DAY, tick=False)
def test_screen_paper_and_file_tell_the_same(app: Flask, county: County, address: str) -> None:
    some_lives(county, 4, 60)
    client = signed_in(app, county.finance)
    on_screen = lines_of(client.get(PAGE + address).text)
    on_paper = client.get(f"{PAGE}/report{address}")
    file = client.post(PAGE + address)
    assert file.status_code == 200 and str(file.mimetype).endswith("sheet")
    empty = [["这段时间没有收到。"]]
    in_file = [line for line in lines_of_workbook(file.data) if len(line) > 1]
    with_lines = [line for line in lines_of(on_paper.text) if line not in empty]
    assert on_screen == with_lines
    assert [line for line in in_file if line in with_lines] == with_lines
    assert len(on_screen) > 10
    for words in ("投诉举报办理情况", "制表时间", "2020-12-13", "（签字）", "答复不等于解决"):
        assert words in on_paper.text


@time_machine.travel(AT + 160 * DAY, tick=False)
def test_who_took_a_file_is_recorded_and_its_name_tells_nobody(app: Flask, county: County) -> None:
    answer = signed_in(app, county.finance).post(f"{PAGE}?scope=county&period=2020-08")
    assert "2020-08.xlsx" in answer.headers["Content-Disposition"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.export_figures")).one()
    assert (entry.subject_id, entry.visible_to, entry.details["scope"]) == ("2020-08", None, "county")


def test_the_audit_bureau_has_the_countys_figures_and_nothing_else(audit: FlaskClient) -> None:
    page = audit.get(PAGE)
    assert page.status_code == 200 and "全县" in page.text and "按被反映的单位" not in page.text
    assert "投诉举报统计" in audit.get("/staff/").text
    for other in ("", "all", "supervised", "wordings", "enter"):
        assert audit.get(f"/staff/complaints/{other}").status_code == 403
    for hidden in ("sealed", "sealed/statistics", "sealed/statistics/report"):
        assert audit.get(f"/staff/complaints/{hidden}").status_code == 404
    assert audit.get(f"{PAGE}?scope=own").status_code == 404


def test_a_townships_page_is_of_its_own_cases(app: Flask, county: County) -> None:
    submit()
    db.session.commit()
    client = signed_in(app, county.township)
    page = client.get(f"{PAGE}?period=2020").text
    assert re.search(r"各村（社区）", page) and "不显示" not in page
    assert client.get(f"{PAGE}?scope=county").status_code == 404
    assert client.post(f"{PAGE}?scope=county").status_code == 404
    for wrong in ("period=2020-13", "period=2020-Q5", "period=2999", "township=513426002000", "period=２０２０"):
        assert client.get(f"{PAGE}?{wrong}").status_code == 404


def test_only_the_commission_has_figures_by_organisation_complained_of(app: Flask, county: County) -> None:
    submit(about_organisation_id=county.village_office_id)
    db.session.commit()
    operations.escalate_overdue(system("night"), at=AT + 40 * DAY)
    db.session.commit()
    village = db.session.get_one(Organisation, county.village_office_id).name
    for person in (county.township, county.finance, county.discipline):
        page = signed_in(app, person).get(f"{PAGE}?scope=own&period=2020").text
        assert ("按被反映的单位" in page) == (village in page) == (person is county.discipline)


def test_a_refusal_needs_a_reason_to_count(app: Flask, county: County) -> None:
    complaint, _code = submit()
    db.session.commit()
    client = signed_in(app, county.township)
    address = f"/staff/complaints/{complaint.number}"
    assert 'name="choice"' in client.get(address).text
    assert client.post(f"{address}/decline", data={"text": "不归我们管"}).status_code == 400
    client.post(f"{address}/decline", data={"text": "不归我们管", "choice": "not_our_duty"})
    db.session.refresh(complaint)
    assert (complaint.state, complaint.decline_reason) == ("declined", "not_our_duty")
    page = client.get(f"{PAGE}?period=2020").text
    assert ["不属于职责范围", "1"] in lines_of(page)
    assert MEASURES[0] == "received"
