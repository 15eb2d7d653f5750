"""The pages of programmes and fund plans, signed in."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core import board, clock
from core.database import db
from core.principal import OrganisationKind, Role
from programmes import operations, queries
from programmes.models import FundLine, InclusionCase, IncompatibilityRule, Programme
from programmes.rules import Channel
from tests import factories
from tests.factories import AT, SAMPLES
from tests.signing import sign_in

ROOT = "/staff/programmes"


@pytest.fixture
def living(app: Flask) -> Programme:
    """A programme of 县民政局 with this year's money, one of 县农业农村局, one undecided, and a rule."""
    made = factories.programme()
    other = factories.organisation(OrganisationKind.DEPARTMENT, name="县农业农村局")
    farmland = factories.programme(
        "FARMLAND", "耕地地力保护补贴", department_name="县农业农村局", department_id=other.id
    )
    factories.programme("ALLOWANCE", "待定补贴", channel="undecided")
    factories.fund_line(made.id, 123_456_789, year=2020)
    factories.fund_line(farmland.id, 55_500, year=2020)
    db.session.add(
        IncompatibilityRule(
            first_code="ALLOWANCE", second_code=made.code, handling="forbidden", basis="东财办〔2020〕56号"
        )
    )
    db.session.commit()
    return made


def clerk(kind: OrganisationKind, role: Role = Role.PREPARER, name: str = "") -> Official:
    return factories.official(kind, role, organisation_name=name)


class TestTheCatalogue:
    def test_everybody_sees_it_with_the_undecided_on_top(self, client: FlaskClient, living: Programme) -> None:
        page = sign_in(client, clerk(OrganisationKind.TOWNSHIP)).get(f"{ROOT}/catalogue").text
        assert "困难残疾人生活补贴" in page
        assert "1 个项目还没有决定是否纳入平台" in page
        assert "上传政策清单" not in page

    def test_a_reader_is_led_to_no_page_that_is_closed_to_him(self, client: FlaskClient, living: Programme) -> None:
        for kind, led in ((OrganisationKind.FINANCE, True), (OrganisationKind.TOWNSHIP, False)):
            page = sign_in(client, clerk(kind)).get(f"{ROOT}/rules").text
            assert "待定补贴" in page
            assert (f'href="{ROOT}/rules/1"' in page) is led

    def test_it_narrows_sorts_and_exports(self, client: FlaskClient, living: Programme) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        answer = client.post(f"{ROOT}/catalogue", data={"q": "耕地", "department": "县农业农村局"})
        page = client.get(answer.location).text
        assert "耕地地力保护补贴" in page
        assert "困难残疾人生活补贴" not in page
        export = client.post(f"{ROOT}/catalogue?sort=-code", data={"export": "csv"}).text
        assert export.index("FARMLAND") < export.index("DISABLED_LIVING") < export.index("ALLOWANCE")

    def test_waiting_programmes_stay_on_finances_board(
        self, app: Flask, client: FlaskClient, living: Programme
    ) -> None:
        finance = factories.principal(OrganisationKind.FINANCE, Role.PREPARER)
        township = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER)
        with app.test_request_context():
            (item,) = [item for item in board.items_for(finance, AT.date()) if item.room == "纳入平台"]
            assert (item.count, item.detail) == (1, "待定补贴")
            assert not [item for item in board.items_for(township, AT.date()) if item.room == "纳入平台"]


class TestAProgramme:
    def test_finance_sees_the_money_and_the_rules(self, client: FlaskClient, living: Programme) -> None:
        page = sign_in(client, clerk(OrganisationKind.FINANCE)).get(f"{ROOT}/catalogue/{living.id}").text
        assert "1,234,567.89" in page
        assert "不得同时享受" in page
        assert "待定补贴" in page
        assert "90元/人·月" in page

    def test_a_department_sees_its_own_money_only(self, client: FlaskClient, living: Programme) -> None:
        sign_in(client, clerk(OrganisationKind.DEPARTMENT, name="县农业农村局"))
        assert "1,234,567.89" not in client.get(f"{ROOT}/catalogue/{living.id}").text
        page = client.get(f"{ROOT}/fund-lines").text
        assert "555.00" in page
        assert "1,234,567.89" not in page
        catalogue = client.post(f"{ROOT}/catalogue", data={"export": "csv"}).text
        assert "1234567.89" not in catalogue

    def test_a_township_sees_no_money(self, client: FlaskClient, living: Programme) -> None:
        sign_in(client, clerk(OrganisationKind.TOWNSHIP))
        assert "1,234,567.89" not in client.get(f"{ROOT}/catalogue/{living.id}").text
        assert client.get(f"{ROOT}/fund-lines").status_code == 403

    def test_what_does_not_exist(self, client: FlaskClient, living: Programme) -> None:
        assert sign_in(client, clerk(OrganisationKind.FINANCE)).get(f"{ROOT}/catalogue/999").status_code == 404


class TestBringingFiles:
    def bring(self, client: FlaskClient, path: str, name: str) -> str:
        with (SAMPLES / name).open("rb") as file:
            answer = client.post(f"{ROOT}/{path}", data={"file": (file, name)})
        assert answer.status_code == 302
        page = client.get(answer.location).text
        client.post(f"{answer.location}/confirm")
        return page

    def test_a_list_and_a_plan(self, client: FlaskClient, app: Flask) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        assert "补贴甲" in client.get(f"{ROOT}/catalogue/import").text
        assert "指标文号" in client.get(f"{ROOT}/fund-lines/import").text
        page = self.bring(client, "catalogue/import", "programmes.xlsx")
        assert "新增 10 个" in page
        page = self.bring(client, "fund-lines/import", "fund-plan-2020.xlsx")
        assert "4,600,000.50" in page
        assert "2,600,000.50" in client.get(f"{ROOT}/fund-lines").text
        assert len(db.session.scalars(select(FundLine)).all()) == 4

    def test_others_bring_none(self, client: FlaskClient, living: Programme) -> None:
        sign_in(client, clerk(OrganisationKind.DEPARTMENT, name="县民政局"))
        for path in ("catalogue/import", "fund-lines/import"):
            assert client.get(f"{ROOT}/{path}").status_code == 403


def test_nobody_enters_without_signing_in(client: FlaskClient, living: Programme) -> None:
    for path in ("catalogue", f"catalogue/{living.id}", "catalogue/import", "fund-lines", "fund-lines/import"):
        assert "/staff/login" in client.get(f"{ROOT}/{path}").location


class TestProgrammesWithoutAPlan:
    def test_what_pays_without_money_is_listed_with_a_way_to_add_it(
        self, client: FlaskClient, living: Programme
    ) -> None:
        """Of the year at hand only; what is undecided, or no longer valid, pays nothing."""
        year = clock.today().year
        factories.fund_line(living.id, 100, year=year)
        cash = factories.programme("CASH", "线下补贴", channel="offline")
        factories.programme("OLD", "停发的补贴", valid_until=date(year - 1, 12, 31))
        db.session.commit()
        finance = factories.principal(OrganisationKind.FINANCE, Role.PREPARER)
        assert [found.code for found in queries.without_plan(finance, year)] == ["CASH", "FARMLAND"]
        assert [found.code for found in queries.without_plan(finance, year - 1)][:1] == ["OLD"]
        page = sign_in(client, clerk(OrganisationKind.FINANCE)).get(f"{ROOT}/fund-lines").text
        assert f"2 个在发的项目 {year} 年还没有资金计划" in page
        url = f"{ROOT}/fund-lines/new?programme={cash.id}"
        assert url in page
        assert f'<option selected value="{cash.id}">' in client.get(url).text
        sent = {
            "programme": str(cash.id), "year": str(year), "direction": "add", "source": "current_year", "level": "县级",
            "document_number": "东财〔2020〕8号", "amount": "100",
        }  # fmt: skip
        client.post(f"{ROOT}/fund-lines/new", data=sent)
        assert [found.code for found in queries.without_plan(finance, year)] == ["FARMLAND"]

    def test_a_department_sees_its_own_and_adds_none(self, client: FlaskClient, living: Programme) -> None:
        sign_in(client, clerk(OrganisationKind.DEPARTMENT, name="县农业农村局"))
        page = client.get(f"{ROOT}/fund-lines").text
        assert "1 个在发的项目" in page
        assert "耕地地力保护补贴" in page
        assert "困难残疾人生活补贴" not in page
        assert "登记一笔" not in page


class TestWaitingProgrammes:
    """Who may not see a case is not told that a programme has none."""

    @pytest.fixture
    def case(self, living: Programme) -> InclusionCase:
        undecided = db.session.scalars(select(Programme).where(Programme.code == "ALLOWANCE")).one()
        made = operations.submit_inclusion(
            factories.principal(OrganisationKind.FINANCE, Role.PREPARER),
            undecided.id,
            proposal=Channel.PLATFORM,
            grounds="到人到户",
            document_number="东财〔2020〕3号",
            at=AT,
        )
        db.session.commit()
        return made

    def test_everybody_hears_of_what_he_may_see(self, case: InclusionCase) -> None:
        def waiting(kind: OrganisationKind, name: str = "") -> list[tuple[str, bool]]:
            principal = factories.principal(kind, Role.PREPARER, organisation_name=name)
            return [(found.programme.code, found.case is None) for found in queries.waiting_programmes(principal)]

        assert waiting(OrganisationKind.AUDIT) == [("ALLOWANCE", False)]
        assert waiting(OrganisationKind.DEPARTMENT, "县民政局") == [("ALLOWANCE", False)]
        assert waiting(OrganisationKind.DEPARTMENT, "县农业农村局") == []
        assert waiting(OrganisationKind.TOWNSHIP) == []

    def test_pages_lead_nobody_to_a_case_that_he_may_not_see(self, client: FlaskClient, case: InclusionCase) -> None:
        link = f"{ROOT}/inclusion/{case.id}"
        for name, sees in (("县民政局", True), ("县农业农村局", False)):
            sign_in(client, clerk(OrganisationKind.DEPARTMENT, name=name))
            for path in ("inclusion", f"catalogue/{case.programme_id}"):
                assert (link in client.get(f"{ROOT}/{path}").text) is sees
        assert "提请研究是否纳入平台" not in client.get(f"{ROOT}/catalogue/{case.programme_id}").text

    def test_the_programmes_page_shows_the_documents_of_its_case(
        self, client: FlaskClient, case: InclusionCase
    ) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        assert "东财〔2020〕3号" in client.get(f"{ROOT}/catalogue/{case.programme_id}").text
        sign_in(client, clerk(OrganisationKind.TOWNSHIP))
        assert "东财〔2020〕3号" not in client.get(f"{ROOT}/catalogue/{case.programme_id}").text
