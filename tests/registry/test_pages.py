"""The pages of the registry, signed in."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core.audit import AuditEntry
from core.database import db
from core.principal import OrganisationKind, Role
from registry.enrolment import open_card_gaps
from registry.models import Beneficiary
from tests import factories
from tests.factories import AT
from tests.signing import sign_in

TOWNSHIP, VILLAGE = "513426001000", "513426001200"
ELSEWHERE = "513426002200"
ID_NUMBER, PHONE, CARD = "513426196001011239", "13900000001", "6214000000000000001"
ROOT = "/staff/registry"


@pytest.fixture
def wang(app: Flask) -> Beneficiary:
    factories.load_regions()
    person = factories.beneficiary("王秀英", ID_NUMBER, VILLAGE, phone=PHONE, card_number=CARD)
    db.session.commit()
    return person


@pytest.fixture
def zhang(wang: Beneficiary) -> Beneficiary:
    """Somebody of another township, who has no card."""
    person = factories.beneficiary("张国强", "513426197503040017", ELSEWHERE)
    open_card_gaps("A", [(person.id, ELSEWHERE)], on=AT.date())
    db.session.commit()
    return person


def clerk(kind: OrganisationKind = OrganisationKind.TOWNSHIP, role: Role = Role.PREPARER) -> Official:
    return factories.official(
        kind, role, region_code=TOWNSHIP if kind == OrganisationKind.TOWNSHIP else factories.COUNTY
    )


def finder(client: FlaskClient, path: str, term: str) -> str:
    """Search as a browser does, and follow to the list."""
    answer = client.post(f"{ROOT}/{path}", data={"q": term})
    assert answer.status_code == 303
    assert term not in answer.location or not term.isdecimal()
    return client.get(answer.location).text


class TestPeople:
    def test_a_township_sees_its_own_people_masked(self, client: FlaskClient, zhang: Beneficiary) -> None:
        page = sign_in(client, clerk()).get(f"{ROOT}/beneficiaries").text
        assert "王秀英" in page
        assert "张国强" not in page
        assert "5134**********1239" in page
        assert "**** 0001" in page
        assert not {ID_NUMBER, PHONE, CARD} & set(re.findall(r"[0-9X]+", page))

    def test_finance_sees_the_whole_county(self, client: FlaskClient, zhang: Beneficiary) -> None:
        page = sign_in(client, clerk(OrganisationKind.FINANCE)).get(f"{ROOT}/beneficiaries").text
        assert "王秀英" in page
        assert "张国强" in page

    def test_a_bank_sees_nobody(self, client: FlaskClient, wang: Beneficiary) -> None:
        sign_in(client, clerk(OrganisationKind.BANK))
        assert client.get(f"{ROOT}/beneficiaries").status_code == 403
        assert client.get(f"{ROOT}/beneficiaries/{wang.id}").status_code == 404

    def test_people_are_found_by_name_and_by_number(self, client: FlaskClient, zhang: Beneficiary) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        for term in ("王秀", "5134 2619 6001 011239", CARD, PHONE):
            page = finder(client, "beneficiaries", term)
            assert "王秀英" in page, term
            assert "张国强" not in page, term

    def test_numbers_of_other_townships_lead_nowhere(self, client: FlaskClient, zhang: Beneficiary) -> None:
        sign_in(client, clerk())
        assert "没有与这个号码相符的记录" in finder(client, "beneficiaries", "513426197503040017")

    def test_a_person_of_another_township_does_not_exist(self, client: FlaskClient, zhang: Beneficiary) -> None:
        sign_in(client, clerk())
        assert client.get(f"{ROOT}/beneficiaries/{zhang.id}").status_code == 404
        answer = client.post(
            f"{ROOT}/beneficiaries/{zhang.id}/reveal", data={"what": "id_number", "reason": "核对证件"}
        )
        assert answer.status_code == 404

    def test_household_members_stand_on_each_others_pages(self, client: FlaskClient, zhang: Beneficiary) -> None:
        zhang.card = db.session.get_one(Beneficiary, 1).card
        db.session.commit()
        sign_in(client, clerk(OrganisationKind.FINANCE))
        assert "王秀英" in client.get(f"{ROOT}/beneficiaries/{zhang.id}").text
        page = finder(client, "beneficiaries", CARD)
        assert "王秀英" in page
        assert "张国强" in page


class TestRevealing:
    def reveal(self, client: FlaskClient, person: Beneficiary, what: str, reason: str = "核对六月发放失败") -> str:
        return client.post(f"{ROOT}/beneficiaries/{person.id}/reveal", data={"what": what, "reason": reason}).text

    def test_a_value_is_shown_in_the_answer_and_recorded(self, client: FlaskClient, wang: Beneficiary) -> None:
        sign_in(client, clerk())
        for what, value in (("id_number", ID_NUMBER), ("phone", PHONE), ("card", CARD)):
            page = self.reveal(client, wang, what)
            assert value in page
            assert not ({ID_NUMBER, PHONE, CARD} - {value}) & set(re.findall(r"[0-9X]+", page))
        assert ID_NUMBER not in client.get(f"{ROOT}/beneficiaries/{wang.id}").text
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registry.reveal")).all()
        assert [entry.details["what"] for entry in entries] == ["id_number", "phone", "card"]
        assert entries[0].details["reason"] == "核对六月发放失败"
        assert entries[0].subject_id == str(wang.id)
        assert entries[0].official_id is not None

    @pytest.mark.parametrize("reason", ["", "看", f"核对{ID_NUMBER}"])
    def test_no_value_without_a_reason(self, client: FlaskClient, wang: Beneficiary, reason: str) -> None:
        sign_in(client, clerk())
        page = self.reveal(client, wang, "id_number", reason)
        assert "理由" in page
        assert ID_NUMBER not in page
        assert not db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registry.reveal")).all()

    def test_whoever_only_reads_sees_masks(self, client: FlaskClient, wang: Beneficiary) -> None:
        sign_in(client, clerk(role=Role.VIEWER))
        assert "查看完整号码" not in client.get(f"{ROOT}/beneficiaries/{wang.id}").text
        assert "没有办理这项业务的权限" in self.reveal(client, wang, "id_number")

    def test_what_is_not_there_cannot_be_shown(self, client: FlaskClient, zhang: Beneficiary) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        assert "没有登记这一项" in self.reveal(client, zhang, "card")
        assert client.post(f"{ROOT}/beneficiaries/{zhang.id}/reveal", data={"what": "name"}).status_code == 400


class TestCardGaps:
    def test_the_ledger_narrows_and_exports(self, client: FlaskClient, zhang: Beneficiary) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        page = client.get(f"{ROOT}/card-gaps").text
        assert "张国强" in page
        assert "1 人次未办卡" in page
        assert "张国强" not in client.get(f"{ROOT}/card-gaps?place={TOWNSHIP}").text
        assert "张国强" not in client.get(f"{ROOT}/card-gaps?state=closed").text
        export = client.post(f"{ROOT}/card-gaps", data={"export": "csv"})
        assert "张国强,5134**********0017,A," in export.text

    def test_a_township_sees_its_own_gaps(self, client: FlaskClient, zhang: Beneficiary) -> None:
        sign_in(client, clerk())
        page = client.get(f"{ROOT}/card-gaps").text
        assert "张国强" not in page
        assert "0 人次未办卡" in page

    def test_readers_do_not_export(self, client: FlaskClient, zhang: Beneficiary) -> None:
        sign_in(client, clerk(OrganisationKind.AUDIT, Role.VIEWER))
        assert "张国强" in client.get(f"{ROOT}/card-gaps").text
        assert client.post(f"{ROOT}/card-gaps", data={"export": "csv"}).status_code == 403


class TestRegions:
    def test_they_are_walked_down_and_searched(self, client: FlaskClient, wang: Beneficiary) -> None:
        sign_in(client, clerk())
        assert "会东县" in client.get(f"{ROOT}/regions").text
        assert "鱼城街道" in client.get(f"{ROOT}/regions/{factories.COUNTY}").text
        page = client.get(f"{ROOT}/regions/{TOWNSHIP}").text
        assert "青杠村" in page
        assert "3社" not in page
        assert "3社" in client.get(f"{ROOT}/regions/{TOWNSHIP}?level=group").text
        assert client.get(f"{ROOT}/regions/999").status_code == 404

    def test_finance_brings_a_file(self, client: FlaskClient) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        assert "统计用区划代码" in client.get(f"{ROOT}/regions/import").text
        with (factories.SAMPLES / "regions.csv").open("rb") as file:
            answer = client.post(f"{ROOT}/regions/import", data={"file": (file, "regions.csv")})
        assert answer.status_code == 302
        page = client.get(answer.location).text
        assert "新增 305 个区划。" in page
        client.post(f"{answer.location}/confirm")
        assert "鱼城街道" in client.get(f"{ROOT}/regions/{factories.COUNTY}").text

    def test_a_file_must_be_chosen(self, client: FlaskClient, app: Flask) -> None:
        sign_in(client, clerk(OrganisationKind.FINANCE))
        assert "请选择要上传的文件" in client.post(f"{ROOT}/regions/import").text

    def test_others_bring_none(self, client: FlaskClient, wang: Beneficiary) -> None:
        sign_in(client, clerk())
        assert "上传区划表" not in client.get(f"{ROOT}/regions").text
        assert client.get(f"{ROOT}/regions/import").status_code == 403


@pytest.mark.usefixtures("wang")
def test_nobody_enters_without_signing_in(client: FlaskClient) -> None:
    for path in ("beneficiaries", "beneficiaries/1", "card-gaps", "regions", "regions/import"):
        answer = client.get(f"{ROOT}/{path}")
        assert answer.status_code == 302
        assert "/staff/login" in answer.location
