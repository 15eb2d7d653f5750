"""The pages of programmes and fund plans, signed in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core import board
from core.audit import AuditEntry
from core.database import db
from core.principal import OrganisationKind, Role
from programmes.models import FundLine, IncompatibilityRule, Programme
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

    def test_settings_are_changed_and_recorded(self, client: FlaskClient, living: Programme) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        url = f"{ROOT}/catalogue/{living.id}/settings"
        assert client.post(url, data={"publicity_days": "0", "sensitive": "y"}).status_code == 302
        db.session.expire_all()
        assert (living.publicity_days, living.sensitive) == (0, True)
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "programmes.change_settings"))
        assert entry.details == {
            "before": {"publicity_days": 7, "sensitive": False},
            "after": {"publicity_days": 0, "sensitive": True},
        }

    @pytest.mark.parametrize("days", ["", "-1", "61", "七"])
    def test_days_out_of_range_are_refused(self, client: FlaskClient, living: Programme, days: str) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        page = client.post(f"{ROOT}/catalogue/{living.id}/settings", data={"publicity_days": days}).text
        assert "请先改正下面的内容" in page
        db.session.expire_all()
        assert living.publicity_days == 7

    def test_others_change_nothing(self, client: FlaskClient, living: Programme) -> None:
        sign_in(client, clerk(OrganisationKind.DEPARTMENT, name="县民政局"))
        assert "公示设置" not in client.get(f"{ROOT}/catalogue/{living.id}").text
        answer = client.post(f"{ROOT}/catalogue/{living.id}/settings", data={"publicity_days": "0"})
        assert answer.status_code == 403


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
