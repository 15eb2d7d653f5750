"""What is entered about one person or by lists, and what remains of it."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from core import uploads
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role, system
from registry import changes, operations, queries, rules
from registry.enrolment import PersonLine, ensure_beneficiaries, open_card_gaps
from registry.list_files import ARRIVAL_UPLOAD, HOUSEHOLD_UPLOAD, STATUS_UPLOAD
from registry.models import Beneficiary, Card, CardChange, CardGap, Payee, PhoneChange, StatusChange
from registry.operations import PayeeEntry
from registry.rules import PayeeRelation, PersonStatus
from tests import factories
from tests.factories import AT

TOWNSHIP, VILLAGE, ELSEWHERE = "513426001000", "513426001200", "513426002200"
WANG = "513426196001011234"
CARD, OTHER_CARD = "6214000000000000001", "6214000000000900002"
REASON = "村委会报告后核实"


@pytest.fixture
def township(app: Flask) -> Principal:
    factories.load_regions()
    return factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)


@pytest.fixture
def wang(township: Principal) -> Beneficiary:
    return factories.beneficiary("王秀英", WANG, VILLAGE, phone="13900000001", card_number=CARD)


def entry(**more: Any) -> PayeeEntry:
    values: dict[str, Any] = {
        "name": "李国强",
        "relation": PayeeRelation.GUARDIAN,
        "from_on": date(2020, 7, 1),
        "document": "监护证明",
    } | more
    return PayeeEntry(**values)


class TestCards:
    def test_another_card_leaves_its_history_and_closes_the_gap(self, township: Principal, wang: Beneficiary) -> None:
        open_card_gaps("A", [(wang.id, VILLAGE)], on=AT.date())
        before = wang.card_id
        card = operations.change_card(
            township, wang.id, "6214 0000 0000 0900 002", "", source=changes.TOWNSHIP, reason=REASON, at=AT
        )
        change = db.session.scalars(select(CardChange)).one()
        assert (card.number, card.holder_name, wang.card_id) == (OTHER_CARD, "王秀英", card.id)
        assert (change.before_id, change.after_id, change.source, change.reason, change.official_id) == (
            before,
            card.id,
            "township",
            REASON,
            township.official_id,
        )
        assert db.session.scalars(select(CardGap)).one().state == "closed"
        assert queries.find_person(township, OTHER_CARD) == {"card": str(card.id)}

    def test_a_number_that_its_last_digit_does_not_fit_is_entered_on_somebodys_word(
        self, township: Principal, wang: Beneficiary
    ) -> None:
        told: dict[str, Any] = {"source": changes.TOWNSHIP, "reason": REASON, "at": AT}
        with pytest.raises(rules.WrongCheckDigit):
            operations.change_card(township, wang.id, "6214000000000900003", "", **told)
        assert not db.session.scalars(select(CardChange)).all()
        operations.change_card(township, wang.id, "6214000000000900003", "", **told, number_confirmed=True)
        operations.change_card(township, wang.id, OTHER_CARD, "", **told, number_confirmed=True)
        confirmed = select(CardChange.number_confirmed).order_by(CardChange.id)
        assert db.session.scalars(confirmed).all() == [True, False]

    def test_refusals_leave_everything_as_it_is(self, township: Principal, wang: Beneficiary) -> None:
        factories.beneficiary("李国强", "513426197503040013", VILLAGE, card_number=OTHER_CARD)
        for number, holder, reason in ((OTHER_CARD, "", REASON), ("12", "", REASON), (OTHER_CARD, "李国强", "")):
            with pytest.raises(UserError):
                operations.change_card(township, wang.id, number, holder, source=changes.TOWNSHIP, reason=reason, at=AT)
        stranger = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code="513426002000")
        with pytest.raises(NotVisible):
            operations.change_card(
                stranger, wang.id, "6214000000000100009", "", source=changes.TOWNSHIP, reason=REASON, at=AT
            )
        auditor = factories.principal(Kind.AUDIT, Role.VIEWER)
        with pytest.raises(PermissionDenied):
            operations.change_card(auditor, wang.id, OTHER_CARD, "李国强", source="township", reason=REASON, at=AT)
        assert not db.session.scalars(select(CardChange)).all()

    def test_a_card_of_the_household_is_taken_under_its_holder(self, township: Principal, wang: Beneficiary) -> None:
        head = factories.beneficiary("李国强", "513426197503040013", VILLAGE, card_number=OTHER_CARD)
        operations.change_card(township, wang.id, OTHER_CARD, "李国强", source=changes.TOWNSHIP, reason=REASON, at=AT)
        assert wang.card_id == head.card_id

    def test_a_roll_that_changes_card_and_phone_leaves_a_history_too(self, wang: Beneficiary) -> None:
        before = wang.card_id
        line = PersonLine(WANG, "王秀英", VILLAGE, "13900000002", OTHER_CARD)
        ensure_beneficiaries([line], at=AT)
        ensure_beneficiaries([line], at=AT)
        card = db.session.scalars(select(CardChange)).one()
        phone = db.session.scalars(select(PhoneChange)).one()
        assert (card.before_id, card.source) == (before, "roll")
        assert (phone.before_tail, phone.after_tail) == ("0001", "0002")

    def test_a_phone_is_changed_and_taken_away(self, township: Principal, wang: Beneficiary) -> None:
        operations.change_phone(township, wang.id, "139 0000 0002", REASON, at=AT)
        assert queries.find_person(township, "13900000002") == {"phone_of": str(wang.id)}
        operations.change_phone(township, wang.id, "", REASON, at=AT)
        db.session.expire_all()
        assert (wang.phone, wang.phone_index, wang.phone_source) == (None, None, "")
        with pytest.raises(UserError):
            operations.change_phone(township, wang.id, "08345421234", REASON, at=AT)


class TestPayees:
    def test_one_receives_at_a_time_and_the_past_stays(self, township: Principal, wang: Beneficiary) -> None:
        head = factories.beneficiary("李国强", "513426197503040013", VILLAGE)
        first = operations.set_payee(
            township, wang.id, entry(id_number="513426197503040013", card_number=OTHER_CARD), REASON, at=AT
        )
        assert first.payee_id == head.id
        assert wang.card is not None
        assert (wang.card.number, wang.card.holder_name) == (OTHER_CARD, "李国强")
        assert queries.payee_names([wang.id], date(2020, 7, 1)) == {wang.id: "李国强"}
        assert queries.receives_for(township, head) == [wang]
        with pytest.raises(Conflict):
            operations.set_payee(township, wang.id, entry(name="赵桂兰"), REASON, at=AT)
        operations.end_payee(township, wang.id, date(2020, 7, 31), REASON, at=AT)
        with pytest.raises(Conflict):
            operations.end_payee(township, wang.id, date(2020, 7, 31), REASON, at=AT)
        operations.set_payee(township, wang.id, entry(name="赵桂兰", from_on=date(2020, 8, 1)), REASON, at=AT)
        assert [payee.name for payee in queries.payees_of(wang)] == ["赵桂兰", "李国强"]
        assert queries.payee_names([wang.id], date(2020, 7, 1)) == {wang.id: "赵桂兰"}

    @pytest.mark.parametrize(
        ("more", "reason"),
        [({"document": " "}, REASON), ({"name": " "}, REASON), ({"until_on": date(2020, 6, 30)}, REASON), ({}, "")],
    )
    def test_not_without_evidence_name_order_and_reason(
        self, township: Principal, wang: Beneficiary, more: dict[str, object], reason: str
    ) -> None:
        with pytest.raises(UserError):
            operations.set_payee(township, wang.id, entry(**more), reason, at=AT)
        assert not db.session.scalars(select(Payee)).all()

    def test_who_reads_the_evidence_is_on_record(self, township: Principal, wang: Beneficiary) -> None:
        payee = operations.set_payee(
            township, wang.id, entry(document="", evidence=b"scan", evidence_name="监护证明.jpg"), REASON, at=AT
        )
        assert operations.read_evidence(township, wang.id, payee.id, at=AT) == (b"scan", "监护证明.jpg")
        actions = db.session.scalars(select(AuditEntry.action)).all()
        assert actions == ["registry.set_payee", "registry.read_evidence"]
        viewer = factories.principal(Kind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
        with pytest.raises(PermissionDenied):
            operations.read_evidence(viewer, wang.id, payee.id, at=AT)


class TestStatus:
    def test_dead_and_living_after_all(self, township: Principal, wang: Beneficiary) -> None:
        day = date(2020, 6, 1)
        operations.set_status(township, wang.id, PersonStatus.DEAD, day, source="村委会", reason=REASON, at=AT)
        assert (wang.status, wang.status_on, wang.status_source) == ("dead", day, "村委会")
        with pytest.raises(Conflict):
            operations.set_status(township, wang.id, PersonStatus.DEAD, day, source="", reason=REASON, at=AT)
        operations.set_status(township, wang.id, PersonStatus.LIVING, None, source="", reason="同名同姓登记错了", at=AT)
        assert (wang.status, wang.status_on) == ("living", None)
        steps = db.session.scalars(select(StatusChange).order_by(StatusChange.id)).all()
        assert [(step.before, step.after, step.event_on) for step in steps] == [
            ("living", "dead", day),
            ("dead", "living", None),
        ]

    def test_a_list_is_checked_and_entered_once(self, township: Principal, wang: Beneficiary) -> None:
        zhang = factories.beneficiary("张国强", "513426197503040013", ELSEWHERE)
        file = (
            "死亡人员名单\n姓名,身份证号,死亡日期\n"
            f"王秀英,{WANG},2020年6月1日\n张国强,513426197503040013,2020-06-02\n王秀,{WANG},2020-06-01\n"
        ).encode("gb18030")
        parameters = {"status": "dead", "source": "县民政局名单"}
        for changed in (1, 0):
            report = uploads.import_at_once(township, STATUS_UPLOAD, file, "死亡.csv", parameters, at=AT, dry_run=False)
            # The other township's person does not exist for this one.
            assert [(found.row, found.problem) for found in report.problems] == [
                (4, "not_in_registry"),
                (5, "duplicate_in_file"),
            ]
            assert (report.good, report.notes) == (1, [f"新登记 {changed} 人，其余 {1 - changed} 人以前已经登记过。"])
        db.session.expire_all()
        assert (wang.status, wang.status_on, wang.status_source) == ("dead", date(2020, 6, 1), "县民政局名单")
        assert zhang.status == "living"
        assert len(db.session.scalars(select(StatusChange)).all()) == 1

    def test_a_list_with_another_name_is_not_believed(self, township: Principal, wang: Beneficiary) -> None:
        file = f"姓名,身份证号,死亡日期\n王秀,{WANG},2020-06-01\n".encode()
        report = uploads.import_at_once(
            township, STATUS_UPLOAD, file, "死亡.csv", {"status": "dead"}, at=AT, dry_run=True
        )
        assert [found.problem for found in report.problems] == ["name_differs"]
        assert report.good == 0


def test_households_by_file_and_by_hand(township: Principal, wang: Beneficiary) -> None:
    son = factories.beneficiary("王小明", "513426197503040013", VILLAGE)
    file = f"户编号,姓名,身份证号,与户主关系\n0012,王秀英,{WANG},户主\n0012,,513426197503040013,子\n".encode()
    uploads.import_at_once(township, HOUSEHOLD_UPLOAD, file, "户籍.csv", {}, at=AT, dry_run=False)
    db.session.expire_all()
    assert [(one.household_number, one.household_relation) for one in (wang, son)] == [("0012", "户主"), ("0012", "子")]
    assert queries.household_of(township, wang) == [son]
    operations.set_household(township, son.id, "", "子", at=AT)
    assert (son.household_number, son.household_relation) == ("", "")
    assert queries.household_of(township, wang) == []


def test_a_bank_says_which_cards_have_messages(wang: Beneficiary) -> None:
    bank = factories.principal(Kind.BANK, Role.PREPARER, organisation_name="农村信用社")
    file = f"卡号,到账短信\n{CARD},是\n{OTHER_CARD},否\n62,是\n{CARD},否\n".encode()
    report = uploads.import_at_once(bank, ARRIVAL_UPLOAD, file, "短信.csv", {}, at=AT, dry_run=False)
    assert [(found.row, found.problem) for found in report.problems] == [
        (3, "card_unknown"),
        (4, "card_unreadable"),
        (5, "duplicate_in_file"),
    ]
    db.session.expire_all()
    card = db.session.scalars(select(Card)).one()
    # The roll brought the card without its bank: now a bank has called it its own. What is known stays.
    assert (card.arrival_sms, card.bank_name) == (True, "农村信用社")
    other = f"卡号,到账短信,开户银行\n{CARD},否,邮储银行\n".encode()
    uploads.import_at_once(bank, ARRIVAL_UPLOAD, other, "短信.csv", {}, at=AT, dry_run=False)
    db.session.expire_all()
    assert (card.arrival_sms, card.bank_name) == (False, "农村信用社")
    with pytest.raises(PermissionDenied):
        uploads.import_at_once(
            factories.principal(Kind.TOWNSHIP, Role.PREPARER), ARRIVAL_UPLOAD, file, "", {}, at=AT, dry_run=True
        )


def test_coverage_counts_everybody_once(township: Principal, wang: Beneficiary) -> None:
    assert wang.card is not None
    wang.card.bank_name, wang.card.arrival_sms = "农村信用社", True
    gapped = factories.beneficiary("李国强", "513426197503040013", VILLAGE)
    unlisted = factories.beneficiary("赵桂兰", "513426196203035672", ELSEWHERE)
    dead = factories.beneficiary("阿尔·木果", "513426196102023453", VILLAGE)
    dead.status = "dead"
    open_card_gaps("A", [(gapped.id, VILLAGE)], on=AT.date())
    open_card_gaps("B", [(gapped.id, VILLAGE)], on=AT.date())
    all_of_b = select(CardGap.id).where(CardGap.programme_code == "B")
    db.session.execute(update(CardGap).where(CardGap.id.in_(all_of_b)).values(state="submitted_to_bank"))
    found = queries.coverage(system("test"))
    assert [(one.township_code, one.bank, one.people, one.with_card, one.without_card) for one in found] == [
        (TOWNSHIP, "", 1, 0, 1),
        (TOWNSHIP, "农村信用社", 1, 1, 0),
        ("513426002000", "", 1, 0, 1),
    ]
    assert [(one.not_listed, one.open, one.submitted_to_bank) for one in found] == [(0, 1, 0), (0, 0, 0), (1, 0, 0)]
    assert [(one.with_phone, one.arrival_on, one.arrival_off) for one in found] == [(0, 0, 0), (1, 1, 0), (0, 0, 0)]
    assert unlisted.id not in {one.id for one in db.session.scalars(queries.beneficiaries(township))}
    assert sum(one.people for one in queries.coverage(township)) == 2
