"""A person gets everything that is held of him, and nothing of anybody else; who has looked at his data is in it."""

import io
import re
from collections.abc import Iterator

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from complaints.models import Complaint
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.personal_records import Records, tables_about
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from registry import operations
from registry.hooks import PERSON_RECORDS
from registry.models import Beneficiary, Card
from registry.operations import PayeeEntry, export_person
from registry.rules import PayeeRelation, PersonalField, Proof, told_reason
from tests import factories
from tests.disbursement import county
from tests.disbursement.county import AT, TOWNSHIP, build_county, card_number, entry, first_payment, id_number
from tests.signing import sign_in

PAYEE, PAYEE_NUMBER, PAYEE_PHONE, PAYEE_CARD = "李代领", id_number(77), "13900007777", card_number(77)
NEIGHBOUR = 2


@pytest.fixture
def person(app: Flask) -> Iterator[Beneficiary]:
    """Somebody with a failed payment, a new phone, a payee with a card of his own, and a neighbour in the same roll."""
    house = build_county()
    offer = house.sent([entry(1), entry(NEIGHBOUR)])
    attempts = county.attempts_of(offer)
    lines = [county.result_line(attempts[0], county.FAILED), county.result_line(attempts[1])]
    house.answer(county.result_file(lines))
    found = db.session.scalars(select(Beneficiary).where(Beneficiary.id_number_index == id_number(1))).one()
    operations.change_phone(house.preparer, found.id, "13800009999", "本人来换号码", at=AT)
    operations.set_payee(
        house.preparer,
        found.id,
        PayeeEntry(
            PAYEE,
            PayeeRelation.GUARDIAN,
            AT.date(),
            id_number=PAYEE_NUMBER,
            phone=PAYEE_PHONE,
            card_number=PAYEE_CARD,
            document="监护证明 1 号",
        ),
        "本人无民事行为能力",
        at=AT,
    )
    db.session.commit()
    yield found


def clerk(kind: Kind = Kind.TOWNSHIP, role: Role = Role.PREPARER, region_code: str = TOWNSHIP) -> Principal:
    return factories.principal(kind, role, region_code=region_code if kind == Kind.TOWNSHIP else factories.COUNTY)


def tables_of(person: Beneficiary, principal: Principal | None = None, proof: Proof = Proof.IN_PERSON) -> list[Records]:
    made = export_person(principal or clerk(), person.id, proof, "本人到窗口申请", form="page", at=AT)
    return list(made.tables)


def text_of(tables: list[Records]) -> str:
    return "\n".join(cell for table in tables for row in table.rows for cell in row)


def rows_of(tables: list[Records], title: str) -> list[list[str]]:
    [found] = [table for table in tables if table.title == title]
    return [list(row) for row in found.rows]


def test_it_holds_what_is_his_in_full(person: Beneficiary) -> None:
    tables = tables_of(person)
    everything = text_of(tables)
    for own in (id_number(1), card_number(1), "13800009999", "本人来换号码", PAYEE, "监护证明 1 号", "账户已销户"):
        assert own in everything
    [payment] = rows_of(tables, "发放记录")
    assert payment[8:10] == ["270.00", "发放失败"]
    [attempt] = rows_of(tables, "代发记录")
    assert attempt[6] == "失败"
    assert len(rows_of(tables, "发放失败")) == 1
    [message] = rows_of(tables, "短信")
    assert message[1] == "发放失败通知"
    assert "困难残疾人生活补贴" in message[3]


def test_it_holds_nothing_of_anybody_else(person: Beneficiary) -> None:
    everything = text_of(tables_of(person))
    for others in (
        *(id_number(NEIGHBOUR), card_number(NEIGHBOUR), f"138{NEIGHBOUR:08d}", entry(NEIGHBOUR).person.name),
        *(PAYEE_NUMBER, PAYEE_PHONE, PAYEE_CARD),
    ):
        assert others not in everything
    assert f"**** {PAYEE_CARD[-4:]}" in everything


def test_for_whom_somebody_receives_is_masked(person: Beneficiary) -> None:
    payee = factories.beneficiary("王代领", id_number(55), TOWNSHIP)
    operations.end_payee(clerk(), person.id, AT.date(), "换人代领", at=AT)
    given = PayeeEntry(payee.name, PayeeRelation.RELATIVE, AT.date(), id_number=payee.id_number, document="委托书")
    operations.set_payee(clerk(), person.id, given, "由亲属代领", at=AT)
    tables = tables_of(payee)
    [[whom, *_]] = rows_of(tables, "为别人代领")
    assert "*" in whom
    assert person.name not in text_of(tables)
    assert rows_of(tables, "发放记录") == []


def test_a_card_of_the_same_name_is_own_only_without_another_holder(person: Beneficiary) -> None:
    card = Card(number=card_number(5), number_index=card_number(5), tail="0000", holder_name=person.name, created_at=AT)
    db.session.add(card)
    db.session.flush()
    of_person, of_card = Beneficiary.id == person.id, Card.id == card.id
    db.session.execute(update(Beneficiary).where(of_person).values(card_id=card.id, card_index=card_number(5)))
    db.session.expire_all()
    assert card_number(5) in text_of(tables_of(person))
    db.session.execute(update(Card).where(of_card).values(holder_index=id_number(6)))
    db.session.expire_all()
    assert card_number(5) not in text_of(tables_of(person))


def test_who_looked_when_from_where_and_why(person: Beneficiary) -> None:
    finance = factories.principal(Kind.FINANCE, Role.PREPARER, organisation_name="县财政局")
    operations.reveal(finance, person.id, PersonalField.CARD, "核对六月发放失败的卡号", at=AT)
    operations.reveal(finance, person.id, PersonalField.PHONE, "核实举报人反映的冒领", at=AT)
    commission = factories.principal(Kind.DISCIPLINE, Role.PREPARER)
    operations.reveal(commission, person.id, PersonalField.PHONE, "联系本人了解情况", at=AT)
    tables_of(person)
    looks = rows_of(tables_of(person), "谁看过完整的个人信息")
    assert [row[1:] for row in looks if row[1] == "县财政局"] == [
        ["县财政局", finance.name, "查看了完整的个人信息", "手机号码", ""],
        ["县财政局", finance.name, "查看了完整的个人信息", "社保卡（账户）号码", "核对六月发放失败的卡号"],
    ]
    # The export before this one, and nothing of the discipline commission.
    assert len(looks) == 3
    assert looks[0][4] == "本人持身份证当面申请"
    assert commission.name not in str(looks)


@pytest.mark.parametrize("reason", ["核实举报", "群众反映他已去世", "配合纪委", "问题线索核查"])
def test_a_reason_that_speaks_of_a_case_is_not_told(reason: str) -> None:
    assert told_reason(reason) == ""


def complaint(number: str, **values: object) -> Complaint:
    township = factories.organisation(Kind.TOWNSHIP, TOWNSHIP)
    fields = {
        "category": "not_received",
        "text": "上个月没有收到",
        "region_code": TOWNSHIP,
        "payment_id": first_payment().id,
        "anonymous": False,
        "reporter_name": "赵反映",
        "reporter_phone": "13900001234",
        "owner_id": township.id,
        "rules_version": "2026-12",
        "received_on": AT.date(),
        "received_at": AT,
    }
    made = Complaint(number=number, receipt_index=number.rjust(20, "1"), **(fields | values))
    db.session.add(made)
    db.session.flush()
    return made


def test_complaints_tell_no_reporter_and_nothing_that_is_kept_from_the_office(person: Beneficiary) -> None:
    both = factories.official(Kind.TOWNSHIP, Role.PREPARER, Role.COMPLAINT_HANDLER, region_code=TOWNSHIP)
    principal = factories.principal_for(both)
    title = "关于本人发放的投诉"
    without = text_of(tables_of(person, principal))
    complaint("1", sealed=True)
    complaint("2", confidential=True)
    complaint("3", category="tip_off")
    complaint("6", category="wrong_list")
    complaint("4", payment_id=None, reporter_name=person.name, reporter_phone=person.phone)
    told = [table for table in tables_of(person, principal) if not table.title.startswith("谁")]
    assert text_of(told) in without
    complaint("5")
    [row] = rows_of(tables_of(person, principal), title)
    assert row[1:3] == ["2020-07-06", "补贴没有到账"]
    assert "赵反映" not in str(row)
    # Who does not read complaints learns of none.
    assert rows_of(tables_of(person, clerk()), title) == []


def test_every_handing_out_is_one_entry_with_its_proof(person: Beneficiary) -> None:
    principal = clerk()
    tables = tables_of(person, principal)
    [made] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registry.export_person")).all()
    assert (made.subject_id, made.official_id) == (str(person.id), principal.official_id)
    rows = sum(len(table.rows) for table in tables)
    assert made.details == {"proof": "in_person", "reason": "本人到窗口申请", "format": "page", "rows": rows}


def test_the_proof_fits_the_person(person: Beneficiary) -> None:
    with pytest.raises(UserError, match="没有登记为已故"):
        tables_of(person, proof=Proof.RELATIVE)
    person.status = "dead"
    db.session.flush()
    with pytest.raises(UserError, match="近亲属"):
        tables_of(person, proof=Proof.IN_PERSON)
    assert tables_of(person, proof=Proof.RELATIVE)


@pytest.mark.parametrize("reason", ["", "看", f"本人 {id_number(1)} 申请"])
def test_nothing_without_a_usable_reason(person: Beneficiary, reason: str) -> None:
    with pytest.raises(UserError):
        export_person(clerk(), person.id, Proof.IN_PERSON, reason, form="page", at=AT)
    assert not db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registry.export_person")).all()


def test_only_township_and_finance_within_their_regions(person: Beneficiary) -> None:
    for kind, role in ((Kind.AUDIT, Role.PREPARER), (Kind.DEPARTMENT, Role.APPROVER), (Kind.TOWNSHIP, Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            tables_of(person, clerk(kind, role))
    with pytest.raises(NotVisible):
        tables_of(person, clerk(region_code=county.OTHER_TOWNSHIP))
    assert tables_of(person, clerk(Kind.FINANCE, Role.APPROVER))


def test_a_merged_record_goes_out_with_the_one_that_stands(person: Beneficiary) -> None:
    double = factories.beneficiary(person.name, id_number(31), TOWNSHIP)
    double.merged_into_id = person.id
    db.session.flush()
    with pytest.raises(Conflict):
        tables_of(double)
    assert id_number(31) in text_of(tables_of(person))


class TestPages:
    """As officials ask for it."""

    def test_the_page_asks_for_proof_and_reason_and_prints(self, client: FlaskClient, person: Beneficiary) -> None:
        sign_in(client, factories.official(Kind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP))
        address = f"/staff/registry/beneficiaries/{person.id}/export"
        assert address in client.get(address.removesuffix("/export")).text
        assert "先核对申请人是谁" in client.get(address).text
        refused = client.post(address, data={"form": "page", "reason": "本人到窗口申请"}).text
        assert "请选择申请人怎样证明身份" in refused
        assert id_number(1) not in refused
        printed = client.post(address, data={"form": "page", "proof": "in_person", "reason": "本人到窗口申请"})
        assert id_number(1) in printed.text
        assert "no-store" in printed.headers["Cache-Control"]
        assert not re.search(r'"(?:id_number|card_changes)"', printed.text)

    def test_the_workbook_holds_text_alone(self, client: FlaskClient, person: Beneficiary) -> None:
        sign_in(client, factories.official(Kind.FINANCE, Role.PREPARER))
        address = f"/staff/registry/beneficiaries/{person.id}/export"
        answer = client.post(address, data={"form": "xlsx", "proof": "authorised", "reason": "凭委托书申请"})
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        assert len(book.sheetnames) > 15
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}
        assert id_number(1) in {cell.value for cell in cells}

    def test_who_may_not_is_not_offered_it(self, client: FlaskClient, person: Beneficiary) -> None:
        sign_in(client, factories.official(Kind.AUDIT, Role.VIEWER))
        assert "导出本人全部信息" not in client.get(f"/staff/registry/beneficiaries/{person.id}").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_table_about_people_is_in_the_file_or_left_out_with_a_reason(app: Flask) -> None:
    about = tables_about(db.metadata, {"beneficiaries", "cards"})
    declared = PERSON_RECORDS.read | set(PERSON_RECORDS.left_out)
    assert about - declared == set()
    assert declared - set(db.metadata.tables) == set()
    assert PERSON_RECORDS.read & set(PERSON_RECORDS.left_out) == set()
    assert all(len(reason) > 10 for reason in PERSON_RECORDS.left_out.values())
