"""Whose phone it is: confirmed by a code, shared by a household, reported as wrong and put right by the township."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core import board, sweeps, workflow
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role, system
from registry import changes, operations, queries, rules
from registry.enrolment import PersonLine, ensure_beneficiaries
from registry.models import Beneficiary, PhoneChange, PhoneCode, WrongNumber
from sms.codes import CODE_TRIES
from sms.gateways.base import InboundSms
from sms.inbound import help_line, receive_inbound
from sms.models import HandsetMessage, Message
from sms.operations import queue_message
from tests import factories
from tests.factories import AT
from tests.signing import sign_in

TOWNSHIP, VILLAGE, ELSEWHERE = "513426001000", "513426001200", "513426002200"
WANG, LI, ZHANG = "513426196001011239", "513426197503040033", "513426197503040017"
PHONE, OTHER = "13900000001", "13900000002"
REASON = "接电话的人说不认识"
ROOT = "/staff/registry"


@pytest.fixture
def township(app: Flask) -> Principal:
    factories.load_regions()
    return factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)


@pytest.fixture
def wang(township: Principal) -> Beneficiary:
    return factories.beneficiary("王秀英", WANG, VILLAGE, phone=PHONE)


@pytest.fixture
def li(wang: Beneficiary) -> Beneficiary:
    """Of the same village, with the same phone."""
    return factories.beneficiary("李国强", LI, VILLAGE, phone=PHONE)


@pytest.fixture
def zhang(wang: Beneficiary) -> Beneficiary:
    """Of another township, with the same phone."""
    return factories.beneficiary("张国强", ZHANG, ELSEWHERE, phone=PHONE)


def say(text: str, phone: str = PHONE) -> str:
    number = len(db.session.scalars(select(AuditEntry.id)).all())
    return receive_inbound(system("sms"), "twilio", InboundSms(f"SM{number}", phone, text), at=AT)


def code_to(person: Beneficiary, principal: Principal) -> str:
    """The code that was sent to a person's phone."""
    sent = operations.send_phone_code(principal, person.id, at=AT)
    message = db.session.scalars(select(Message).where(Message.subject_id == sent.id)).one()
    return str(message.parameters["code"])


def reports() -> Sequence[WrongNumber]:
    return db.session.scalars(select(WrongNumber).order_by(WrongNumber.id)).all()


def audited(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


class TestConfirming:
    def test_the_right_code_confirms_once_and_is_on_record(self, township: Principal, wang: Beneficiary) -> None:
        code = code_to(wang, township)
        message = db.session.scalars(select(Message)).one()
        assert (message.template, message.phone, message.parameters["name"]) == ("phone_code", PHONE, "王秀英")
        assert operations.confirm_phone(township, wang.id, code, at=AT + timedelta(minutes=9))
        assert wang.phone_confirmed_at == AT + timedelta(minutes=9)
        assert [entry.subject_id for entry in audited("registry.confirm_phone")] == [str(wang.id)]
        assert not operations.confirm_phone(township, wang.id, code, at=AT + timedelta(minutes=9))
        with pytest.raises(Conflict):
            operations.send_phone_code(township, wang.id, at=AT)

    def test_five_tries_ten_minutes_and_the_newest_code_only(self, township: Principal, wang: Beneficiary) -> None:
        first, second = code_to(wang, township), code_to(wang, township)
        assert first == second or not operations.confirm_phone(township, wang.id, first, at=AT)
        wrong = "000000" if second != "000000" else "000001"
        for _ in range(CODE_TRIES):
            assert not operations.confirm_phone(township, wang.id, wrong, at=AT)
        assert not operations.confirm_phone(township, wang.id, second, at=AT)
        late = code_to(wang, township)
        assert not operations.confirm_phone(township, wang.id, late, at=AT + rules.PHONE_CODE_LIFE)
        assert wang.phone_confirmed_at is None

    def test_a_code_is_worth_nothing_for_another_person_or_number(
        self, township: Principal, wang: Beneficiary, li: Beneficiary
    ) -> None:
        code = code_to(wang, township)
        assert not operations.confirm_phone(township, li.id, code, at=AT)
        operations.change_phone(township, wang.id, OTHER, REASON, at=AT)
        assert not operations.confirm_phone(township, wang.id, code, at=AT)

    def test_a_phone_does_not_ring_all_day(self, township: Principal, wang: Beneficiary, li: Beneficiary) -> None:
        for _ in range(rules.MOST_PHONE_CODES):
            operations.send_phone_code(township, wang.id, at=AT)
        for person in (wang, li):
            with pytest.raises(UserError, match="明天"):
                operations.send_phone_code(township, person.id, at=AT)
        operations.send_phone_code(township, li.id, at=AT + timedelta(days=1, seconds=1))

    def test_another_number_is_not_confirmed_whoever_brings_it(self, township: Principal, wang: Beneficiary) -> None:
        for bring in (
            lambda: operations.change_phone(township, wang.id, OTHER, REASON, at=AT),
            lambda: ensure_beneficiaries([PersonLine(WANG, "王秀英", VILLAGE, phone=PHONE)], at=AT),
            lambda: operations.change_phone(township, wang.id, "", REASON, at=AT),
        ):
            wang.phone_confirmed_at = AT
            db.session.flush()
            bring()
            db.session.refresh(wang)
            assert wang.phone_confirmed_at is None

    def test_the_same_number_again_stays_confirmed(self, township: Principal, wang: Beneficiary) -> None:
        wang.phone_confirmed_at = AT
        db.session.flush()
        ensure_beneficiaries([PersonLine(WANG, "王秀英", VILLAGE, phone=PHONE)], at=AT)
        operations.change_phone(township, wang.id, PHONE, REASON, at=AT)
        db.session.refresh(wang)
        assert wang.phone_confirmed_at == AT

    def test_codes_are_kept_hashed_and_not_for_long(self, township: Principal, wang: Beneficiary) -> None:
        code = code_to(wang, township)
        kept = db.session.scalars(select(PhoneCode)).one()
        assert kept.code_index and code.encode() not in kept.code_index
        assert operations.forget_phone_codes(at=AT) == 0
        assert operations.forget_phone_codes(at=AT + rules.PHONE_CODE_LIFE) == 1

    def test_only_the_person_s_own_township(self, wang: Beneficiary) -> None:
        elsewhere = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code="513426002000")
        reader = factories.principal(Kind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
        for principal, refusal in ((elsewhere, NotVisible), (reader, PermissionDenied)):
            with pytest.raises(refusal):
                operations.send_phone_code(principal, wang.id, at=AT)
            with pytest.raises(refusal):
                operations.confirm_phone(principal, wang.id, "123456", at=AT)
            with pytest.raises(refusal):
                operations.report_wrong_number(principal, wang.id, REASON, at=AT)


class TestReporting:
    def test_who_says_it_is_not_him_is_noted_for_everybody_with_the_number(
        self, wang: Beneficiary, li: Beneficiary, zhang: Beneficiary
    ) -> None:
        factories.beneficiary("赵六", "513426198001010016", VILLAGE, phone=OTHER)
        answer = say("不是我。")
        assert "乡镇核实以前" in answer
        assert not {"王秀英", "李国强", PHONE} & {word for word in ("王秀英", "李国强", PHONE) if word in answer}
        found = {(one.beneficiary_id, one.channel, one.phone_tail, one.state) for one in reports()}
        assert found == {(person.id, "sms", "0001", "open") for person in (wang, li, zhang)}
        assert "乡镇核实以前" in say("打错了")
        assert len(reports()) == 3

    def test_more_words_are_not_taken_for_it(self, wang: Beneficiary) -> None:
        assert "请只回复" in say("不是我的钱没有到账，是我妈的")
        assert reports() == []
        assert "没有登记" in say("不是我", OTHER)
        assert reports() == []

    def test_the_line_of_help_has_one_way_to_say_it(self, app: Flask) -> None:
        assert "不是我" in help_line() and "打错了" not in help_line()

    def test_what_waits_to_go_there_is_held_back(self, wang: Beneficiary) -> None:
        payment = {
            "name": "王秀英",
            "period": "202006",
            "programme": "高龄津贴",
            "amount_fen": 9000,
            "card_tail": "0001",
        }
        case = {"number": "T1", "due_on": "2020-07-31"}
        queue_message("payment_paid", PHONE, payment, subject_kind="attempt", subject_id=1, at=AT)
        queue_message("payment_paid", OTHER, payment, subject_kind="attempt", subject_id=2, at=AT)
        queue_message("complaint_accepted", PHONE, case, subject_kind="case", subject_id=1, at=AT)
        say("不是我")
        states = db.session.execute(select(Message.template, Message.state, Message.error_code).order_by(Message.id))
        assert [tuple(row) for row in states] == [
            ("payment_paid", "suppressed", "wrong_number"),
            ("payment_paid", "queued", ""),
            ("complaint_accepted", "queued", ""),
        ]

    def test_an_official_reports_with_a_reason_and_no_code_goes_there(
        self, township: Principal, wang: Beneficiary, li: Beneficiary
    ) -> None:
        with pytest.raises(UserError):
            operations.report_wrong_number(township, wang.id, "", at=AT)
        report = operations.report_wrong_number(township, wang.id, REASON, at=AT)
        assert (report.channel, report.reason, report.official_id) == ("official", REASON, township.official_id)
        with pytest.raises(Conflict):
            operations.report_wrong_number(township, wang.id, REASON, at=AT)
        with pytest.raises(Conflict):
            operations.send_phone_code(township, wang.id, at=AT)
        reported = db.session.scalars(select(Beneficiary).where(queries.is_reported_wrong())).all()
        assert reported == [wang], "the others with the number are not meant"

    def test_nobody_without_a_number_is_reported(self, township: Principal, wang: Beneficiary) -> None:
        operations.change_phone(township, wang.id, "", REASON, at=AT)
        with pytest.raises(UserError, match="没有登记"):
            operations.report_wrong_number(township, wang.id, REASON, at=AT)
        with pytest.raises(UserError, match="没有登记"):
            operations.send_phone_code(township, wang.id, at=AT)


class TestSettling:
    @pytest.fixture
    def report(self, township: Principal, wang: Beneficiary) -> WrongNumber:
        return operations.report_wrong_number(township, wang.id, REASON, at=AT)

    def settle(self, principal: Principal, report: WrongNumber, action: str, phone: str = "") -> None:
        operations.settle_wrong_number(principal, report.id, action, phone, "本人到场更正", at=AT + timedelta(days=1))

    def test_a_new_number_with_its_history(self, township: Principal, wang: Beneficiary, report: WrongNumber) -> None:
        self.settle(township, report, "replace", "139 0000 0002")
        change = db.session.scalars(select(PhoneChange)).one()
        assert (wang.phone, change.source, change.reason) == (OTHER, changes.TOWNSHIP, "本人到场更正")
        assert (report.state, report.settled_at) == ("replaced", AT + timedelta(days=1))
        [step] = workflow.history(rules.WRONG_NUMBER_WORKFLOW, report.id)
        assert (step.action, step.reason) == ("replace", "本人到场更正")
        with pytest.raises(Conflict):
            self.settle(township, report, "keep")

    def test_removed_or_right_after_all(self, township: Principal, wang: Beneficiary, report: WrongNumber) -> None:
        self.settle(township, report, "keep")
        assert (report.state, wang.phone) == ("kept", PHONE)
        again = operations.report_wrong_number(township, wang.id, REASON, at=AT + timedelta(days=2))
        self.settle(township, again, "remove")
        assert (again.state, wang.phone, wang.phone_index) == ("removed", None, None)

    def test_what_is_no_settlement(self, township: Principal, wang: Beneficiary, report: WrongNumber) -> None:
        for action, phone, words in (
            ("replace", "", "请填写新的手机号码"),
            ("replace", PHONE, "一样"),
            ("replace", "12", "11 位"),
            ("overtake", "", "请选择"),
            ("", "", "请选择"),
        ):
            with pytest.raises(UserError, match=words):
                self.settle(township, report, action, phone)
        with pytest.raises(UserError):
            operations.settle_wrong_number(township, report.id, "keep", "", "", at=AT)
        assert (report.state, wang.phone) == ("open", PHONE)

    def test_no_roll_brings_a_wrong_number_back(
        self, township: Principal, wang: Beneficiary, report: WrongNumber
    ) -> None:
        self.settle(township, report, "remove")
        ensure_beneficiaries([PersonLine(WANG, "王秀英", VILLAGE, phone=PHONE)], at=AT)
        db.session.refresh(wang)
        assert wang.phone is None
        ensure_beneficiaries([PersonLine(WANG, "王秀英", VILLAGE, phone=OTHER)], at=AT)
        db.session.refresh(wang)
        assert wang.phone == OTHER

    def test_a_number_that_a_roll_brings_ends_the_report(
        self, township: Principal, wang: Beneficiary, report: WrongNumber
    ) -> None:
        ensure_beneficiaries([PersonLine(WANG, "王秀英", VILLAGE, phone=OTHER)], at=AT)
        db.session.refresh(report)
        assert report.state == "overtaken"
        assert db.session.scalars(select(Beneficiary).where(queries.is_reported_wrong())).all() == []

    def test_only_where_the_person_lives(self, report: WrongNumber) -> None:
        elsewhere = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code="513426002000")
        with pytest.raises(NotVisible):
            self.settle(elsewhere, report, "keep")
        assert queries.open_wrong_numbers(elsewhere) == 0
        with pytest.raises(PermissionDenied):
            self.settle(factories.principal(Kind.FINANCE, Role.APPROVER), report, "keep")


class TestReturned:
    def bounce(self, number: int, code: str, phone: str = PHONE) -> None:
        case = {"number": f"T{number}", "due_on": "2020-07-31"}
        queue_message("complaint_accepted", phone, case, subject_kind="case", subject_id=number, at=AT)
        message = db.session.scalars(select(Message).where(Message.subject_id == number)).one()
        message.state, message.error_code, message.finished_at = "undelivered", code, AT + timedelta(days=number)

    def find(self, days: int) -> int:
        return sweeps.run_all(AT + timedelta(days=days))["registry_returned_numbers"]["found"]

    def test_numbers_that_a_provider_found_empty_are_listed_and_still_used(
        self, township: Principal, wang: Beneficiary, li: Beneficiary
    ) -> None:
        self.bounce(1, "30003")
        assert self.find(2) == 0
        self.bounce(2, "30005")
        self.bounce(3, "isv.MOBILE_NUMBER_ILLEGAL", OTHER)
        assert (self.find(4), self.find(4)) == (2, 0)
        assert {one.channel for one in reports()} == {"returned"}
        assert db.session.scalars(select(Beneficiary).where(queries.is_reported_wrong())).all() == []

    def test_who_has_looked_into_it_is_not_asked_again(self, township: Principal, wang: Beneficiary) -> None:
        self.bounce(1, "30005")
        self.find(2)
        operations.settle_wrong_number(township, reports()[0].id, "keep", "", "只是停机", at=AT + timedelta(days=2))
        assert self.find(3) == 0
        self.bounce(4, "30005")
        assert self.find(5) == 1

    def test_a_confirmed_number_and_an_old_report_are_no_reason(self, township: Principal, wang: Beneficiary) -> None:
        self.bounce(1, "30005")
        assert self.find(40) == 0
        wang.phone_confirmed_at = AT + timedelta(days=2)
        db.session.flush()
        assert self.find(3) == 0

    def test_what_somebody_says_counts_more(self, township: Principal, wang: Beneficiary, li: Beneficiary) -> None:
        self.bounce(1, "30005")
        self.find(2)
        operations.report_wrong_number(township, li.id, REASON, at=AT)
        say("不是我")
        assert {one.beneficiary_id: one.channel for one in reports()} == {wang.id: "sms", li.id: "official"}


class TestMerging:
    def test_a_report_goes_along_with_the_number_and_comes_back(self, township: Principal, wang: Beneficiary) -> None:
        approver = factories.principal(Kind.TOWNSHIP, Role.APPROVER, region_code=TOWNSHIP)
        kept = factories.beneficiary("王秀英", LI, VILLAGE)
        report = operations.report_wrong_number(township, wang.id, REASON, at=AT)
        double = operations.name_double(township, wang.id, LI, at=AT)
        operations.propose_merge(township, double.id, kept.id, "核对过户口本", at=AT)
        operations.confirm_merge(approver, double.id, at=AT)
        db.session.refresh(report)
        assert (kept.phone, report.beneficiary_id, report.state) == (PHONE, kept.id, "open")
        operations.undo_merge(approver, double.id, "合并错了", at=AT + timedelta(days=1))
        db.session.refresh(report)
        assert (kept.phone, report.beneficiary_id, report.state) == (None, wang.id, "open")


class TestPages:
    def clerk(self, region_code: str = TOWNSHIP, role: Role = Role.PREPARER) -> Official:
        return factories.official(Kind.TOWNSHIP, role, region_code=region_code)

    def test_the_person_s_page_says_whose_phone_it_is(
        self, client: FlaskClient, wang: Beneficiary, li: Beneficiary, zhang: Beneficiary
    ) -> None:
        db.session.commit()
        sign_in(client, self.clerk())
        page = client.get(f"{ROOT}/beneficiaries/{wang.id}").text
        assert "未核实" in page and "还有 1 人登记了同一个号码" in page
        assert f"{ROOT}/beneficiaries/{li.id}" in page
        assert "张国强" not in page
        assert PHONE not in page

    def test_a_code_is_sent_and_entered(self, client: FlaskClient, wang: Beneficiary) -> None:
        db.session.commit()
        sign_in(client, self.clerk())
        page = f"{ROOT}/beneficiaries/{wang.id}"
        assert "本人读出的验证码" not in client.get(page).text
        client.post(f"{page}/phone/code")
        assert "本人读出的验证码" in client.get(page).text
        [code] = re.findall("验证码([0-9]{6})", db.session.scalars(select(HandsetMessage.text)).one())
        wrong = "000000" if code != "000000" else "000001"
        client.post(f"{page}/phone/confirm", data={"code": wrong})
        assert "验证码不对" in client.get(page).text
        assert db.session.scalars(select(PhoneCode.tries)).one() == 1, "a wrong code is a try"
        client.post(f"{page}/phone/confirm", data={"code": f" {code} "})
        shown = client.get(page).text
        assert "已核实" in shown and "发送核对验证码" not in shown
        listed = client.get(f"{ROOT}/beneficiaries?phone_state=confirmed").text
        assert "王秀英" in listed
        assert "王秀英" not in client.get(f"{ROOT}/beneficiaries?phone_state=unconfirmed").text

    def test_a_wrong_number_from_the_report_to_the_new_one(
        self, client: FlaskClient, wang: Beneficiary, zhang: Beneficiary
    ) -> None:
        say("不是我")
        db.session.commit()
        sign_in(client, self.clerk())
        assert "核实被报错的手机号码" in client.get("/staff/").text
        shown = client.get(f"{ROOT}/beneficiaries/{wang.id}").text
        assert "有人报错" in shown and "发送核对验证码" not in shown
        assert "王秀英" in client.get(f"{ROOT}/beneficiaries?phone_state=reported").text
        listed = client.get(f"{ROOT}/wrong-numbers?state=open").text
        assert "王秀英" in listed and "短信回复" in listed
        assert "张国强" not in listed
        assert "王秀英" in client.get(client.post(f"{ROOT}/wrong-numbers", data={"q": PHONE}).location).text
        page = f"{ROOT}/wrong-numbers/{reports()[0].id}"
        without = client.post(page, data={"action": "replace", "reason": "本人到场更正"}, follow_redirects=True)
        assert "请填写新的手机号码" in without.text
        given = {"action": "replace", "phone": OTHER, "reason": "本人到场更正"}
        assert client.post(page, data=given).location.endswith("/wrong-numbers?state=open")
        assert "已换号码" in client.get(page).text
        assert "核实被报错的手机号码" not in client.get("/staff/").text
        exported = client.post(f"{ROOT}/wrong-numbers", data={"export": "csv"}).data.decode("utf-8-sig")
        assert "王秀英" in exported and "已换号码" in exported and OTHER not in exported

    def test_a_household_s_number_is_removed_at_once(
        self, client: FlaskClient, wang: Beneficiary, li: Beneficiary, zhang: Beneficiary
    ) -> None:
        say("不是我")
        db.session.commit()
        sign_in(client, self.clerk())
        sent = {"bulk": "remove", "id": [str(one.id) for one in reports()], "reason": "全家都不用这个号码了"}
        answer = client.post(f"{ROOT}/wrong-numbers", data=sent | {"confirmed": "1", "count": "2", "total": "None"})
        assert answer.status_code == 303
        states = {one.beneficiary_id: one.state for one in reports()}
        assert [states[person.id] for person in (wang, li, zhang)] == ["removed", "removed", "open"]
        assert [person.phone for person in (wang, li, zhang)] == [None, None, PHONE]

    def test_an_official_reports_on_the_page(self, client: FlaskClient, wang: Beneficiary) -> None:
        db.session.commit()
        sign_in(client, self.clerk())
        page = f"{ROOT}/beneficiaries/{wang.id}"
        client.post(f"{page}/phone/wrong", data={"reason": ""})
        assert "请写明办理的理由" in client.get(page).text
        client.post(f"{page}/phone/wrong", data={"reason": REASON})
        assert "有人报错" in client.get(page).text
        assert [one.channel for one in reports()] == ["official"]

    def test_for_another_township_none_of_it_exists(self, client: FlaskClient, wang: Beneficiary) -> None:
        say("不是我")
        db.session.commit()
        report = reports()[0].id
        sign_in(client, self.clerk("513426002000"))
        for path in ("phone/code", "phone/confirm", "phone/wrong"):
            sent = {"code": "123456", "reason": REASON}
            assert client.post(f"{ROOT}/beneficiaries/{wang.id}/{path}", data=sent).status_code == 404
        assert client.get(f"{ROOT}/wrong-numbers/{report}").status_code == 404
        assert (
            client.post(f"{ROOT}/wrong-numbers/{report}", data={"action": "keep", "reason": REASON}).status_code == 404
        )
        assert "王秀英" not in client.get(f"{ROOT}/wrong-numbers").text

    def test_a_reader_sees_and_does_not_settle(self, client: FlaskClient, wang: Beneficiary) -> None:
        say("不是我")
        db.session.commit()
        sign_in(client, self.clerk(role=Role.VIEWER))
        page = f"{ROOT}/wrong-numbers/{reports()[0].id}"
        assert "怎样处理" not in client.get(page).text
        assert client.post(page, data={"action": "keep", "reason": REASON}).status_code == 403
        assert board.items_for(factories.principal(Kind.FINANCE, Role.APPROVER), AT.date()) == []
