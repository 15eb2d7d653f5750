"""The county's figures stand as they were drawn up in the night after a period's end; own figures go on."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from complaints import operations
from complaints.figures import Figures, Wanted, figures
from complaints.rules.figures import ALL, By, Figure, few_since, parts_of
from core.calendar import start_of_day_utc
from core.database import db
from core.principal import OrganisationKind, Role, system
from tests import factories
from tests.complaints.county import AT, TOWNSHIP, County, submit
from tests.complaints.lives import some_lives
from tests.complaints.test_figures import PAGE, lines_of, lines_of_workbook, period_of
from tests.complaints.test_sealed import signed_in

NEXT_YEAR = date(2021, 1, 1)


def night(on: date) -> int:
    """The night that begins this day; how many periods it drew up."""
    at = start_of_day_utc(on) + timedelta(hours=1, minutes=10)
    drawn = operations.draw_up_figures(system("night"), at=at)["drawn_up"]
    db.session.commit()
    return drawn


def told(found: Figures) -> object:
    """All that a reader finds in them."""
    return (
        found.tables,
        found.numbers,
        set(found.hidden),
        found.days,
        found.villages,
        found.hidden_villages,
    )


def test_what_is_drawn_up_is_what_was_counted(county: County) -> None:
    some_lives(county, 5, 80)
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    db.session.commit()

    def of_everybody() -> list[object]:
        return [
            told(figures(person, Wanted(period_of(code), county=True, township=TOWNSHIP), NEXT_YEAR))
            for person in (audit, county.finance, county.discipline)
            for code in ("2020-08", "2020-Q3", "2020")
        ]

    counted_now = of_everybody()
    assert night(NEXT_YEAR) > 0
    assert of_everybody() == counted_now


def test_an_answer_of_the_next_day_changes_nothing(county: County) -> None:
    cases = [submit(at=AT)[0] for _ in range(12)]
    for complaint in cases:
        operations.accept(county.township, complaint, at=AT)
        operations.start_investigation(county.township, complaint, at=AT)
    for complaint in cases[:6]:
        operations.conclude(county.township, complaint, "已核实。", at=AT + timedelta(days=1))
    db.session.commit()
    august = date(2020, 8, 1)
    assert night(august) > 0 and night(august) == 0
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    july = Wanted(period_of("2020-07"), county=True)
    before = figures(audit, july, august)
    operations.conclude(county.township, cases[6], "已核实。", at=AT + timedelta(days=40))
    db.session.commit()
    after = figures(audit, july, august + timedelta(days=14))
    assert told(after) == told(before) and after.drawn_at == before.drawn_at is not None
    assert before.shown(ALL, ALL, "in_time") == 6
    # What an office does itself it goes on reading as it is.
    own = figures(county.township, Wanted(period_of("2020-07")), august + timedelta(days=14))
    assert own.shown(ALL, ALL, "in_time") + own.shown(ALL, ALL, "late") == 7  # type: ignore[operator]  # neither is withheld here


def test_a_case_that_is_sealed_later_leaves_no_gap(county: County) -> None:
    cases = [submit(at=AT)[0] for _ in range(12)]
    db.session.commit()
    august = date(2020, 8, 1)
    night(august)
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    july = Wanted(period_of("2020-07"), county=True)
    before = told(figures(audit, july, august))
    operations.refer_to_discipline(county.township, cases[0], "疑似截留", at=AT + timedelta(days=40))
    db.session.commit()
    assert told(figures(audit, july, august)) == before


def test_a_quarter_does_not_tell_of_the_few_that_were_answered_since_its_months(county: County) -> None:
    cases = [submit(at=AT)[0] for _ in range(20)]
    for complaint in cases:
        operations.accept(county.township, complaint, at=AT)
        operations.start_investigation(county.township, complaint, at=AT)
    for complaint in cases[:10]:
        operations.conclude(county.township, complaint, "已核实。", at=AT + timedelta(days=1))
    db.session.commit()
    for month in (8, 9):
        night(date(2020, month, 1))
    operations.conclude(county.township, cases[10], "已核实。", at=AT + timedelta(days=70))
    db.session.commit()
    night(date(2020, 10, 1))
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    july = figures(audit, Wanted(period_of("2020-07"), county=True), date(2020, 10, 1))
    quarter = figures(audit, Wanted(period_of("2020-Q3"), county=True), date(2020, 10, 1))
    assert july.shown(ALL, ALL, "overdue") == 10
    assert quarter.shown(ALL, ALL, "overdue") is None and quarter.shown(ALL, ALL, "received") == 20


class Told:
    def __init__(self, number: int, *, hidden: bool = False) -> None:
        self.numbers = {Figure(ALL, ALL, "late"): number}
        self.hidden = {Figure(ALL, ALL, "late")} if hidden else set()


@pytest.mark.parametrize(
    ("parts", "few"),
    [
        ([Told(6), Told(6)], None),
        ([Told(6), Told(5)], 1),
        ([Told(16)], 4),
        ([Told(17)], None),
        ([Told(6), Told(5, hidden=True)], None),
        ([], None),
    ],
    ids=["the same", "one more", "four fewer", "five fewer", "never told", "not drawn up"],
)
def test_few_are_those_by_which_a_figure_differs_from_its_parts(parts: list[Told], few: int | None) -> None:
    late = Figure(ALL, ALL, "late")
    assert few_since({late: 12}, [parts]).get(late) == few


def test_the_parts_of_a_year_are_its_quarters_and_months() -> None:
    assert [part.code for part in parts_of(period_of("2020-Q4"))] == ["2020-10", "2020-11", "2020-12"]
    assert len(parts_of(period_of("2020"))) == 16 and not parts_of(period_of("2020-02"))


def test_who_sees_no_case_yet_reads_what_everybody_reads(county: County) -> None:
    for _ in range(12):
        submit(at=AT, about_organisation_id=county.village_office_id)
    db.session.commit()
    night(date(2020, 8, 1))
    newcomer = factories.principal(OrganisationKind.DISCIPLINE, Role.COMPLAINT_HANDLER)
    found = figures(newcomer, Wanted(period_of("2020-07"), county=True), date(2020, 8, 1))
    assert By.ABOUT not in found.tables and found.shown(ALL, ALL, "received") == 12
    assert not [key for key in found.numbers if key.by == By.ABOUT]


# The queries behind it are asked on both above.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@time_machine.travel(AT + timedelta(days=160), tick=False)
def test_page_paper_and_workbook_say_as_of_when_they_stand(app: Flask, county: County) -> None:
    some_lives(county, 6, 60)
    night(date(2020, 12, 1))
    submit(at=datetime(2020, 8, 31, 8, tzinfo=AT.tzinfo))
    db.session.commit()
    client = signed_in(app, county.finance)
    address = "?scope=county&period=2020-08"
    page, paper = client.get(PAGE + address).text, client.get(f"{PAGE}/report{address}").text
    file = client.post(PAGE + address).data
    assert lines_of(page) == lines_of(paper)
    assert [line for line in lines_of_workbook(file) if len(line) > 1 and line in lines_of(page)] == lines_of(page)
    for text in (page, paper):
        assert "这是 2020-12-01 定稿的数" in text
    assert "2020-12-01 01:10" in paper
    assert "定稿" not in client.get(f"{PAGE}?scope=own&period=2020-08").text


def test_a_share_of_few_answers_is_no_figure(app: Flask, county: County) -> None:
    def answer() -> None:
        complaint, _code = submit(at=AT)
        operations.accept(county.township, complaint, at=AT)
        operations.start_investigation(county.township, complaint, at=AT)
        operations.conclude(county.township, complaint, "已核实。", at=AT + timedelta(days=1))
        db.session.commit()

    def page() -> str:
        return signed_in(app, county.township).get(f"{PAGE}?period=2020").text

    assert "第一次答复用时" not in page()
    for _ in range(4):
        answer()
    assert "样本太少" in page() and "九成在" not in page()
    answer()
    assert "样本太少" not in page() and "九成在" in page()
