"""By SMS: the owner of a phone asks and hands in; nobody else learns anything, and nobody can run up a bill."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from complaints.models import Complaint
from complaints.operations import add_from_reporter
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role, system
from portal.rules import BY_SMS_A_DAY, COMPLAINTS_BY_SMS_A_DAY
from registry.models import Beneficiary, WrongNumber
from registry.operations import settle_wrong_number
from sms.gateways.base import InboundSms
from sms.inbound import receive_inbound
from sms.models import Message, Refusal
from tests import factories
from tests.disbursement.county import AT, FAILED, County, attempts_of, build_county, entry, result_file, result_line

PHONE, OTHER = "13800000001", "13800000002"
LATER = AT + timedelta(days=20)
_numbers = iter(range(1, 10**6))


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def say(text: str, phone: str = PHONE) -> str:
    inbound = InboundSms(f"SM{next(_numbers)}", phone, text)
    return receive_inbound(system("sms"), "twilio", inbound, at=LATER)


def paid(county: County, *periods: str) -> None:
    for period in periods:
        offer = county.sent([entry(1, name="沙马拉者", phone=PHONE), entry(2, name="吉克阿果", phone=PHONE)], period)
        one, two = attempts_of(offer)
        county.answer(result_file([result_line(one), result_line(two, FAILED)]))


# --- 查询 ------------------------------------------------------------------------------------------


def test_the_last_three_payments_each_with_its_masked_name(county: County) -> None:
    paid(county, "202003", "202006")
    answer = say("查询")
    assert answer.count("元") == 3
    assert answer.index("202006") < answer.index("202003")
    assert "已经到账" in answer and "没有发成功" in answer and "卡尾" in answer
    for private in ("沙马拉者", "吉克阿果", PHONE):
        assert private not in answer


def test_a_phone_that_nobody_registered_learns_nothing(county: County) -> None:
    paid(county, "202006")
    answer = say("查询", OTHER)
    assert "没有登记" in answer
    assert "元" not in answer


def test_after_five_a_day_it_is_silent(county: County) -> None:
    paid(county, "202006")
    answers = [say("查询") for _ in range(BY_SMS_A_DAY + 2)]
    assert [bool(answer) for answer in answers] == [True] * BY_SMS_A_DAY + [False, False]


# --- 投诉 ------------------------------------------------------------------------------------------


def test_what_stands_after_the_word_becomes_a_case_with_its_receipt_code(county: County) -> None:
    factories.organisation(Kind.FINANCE)
    answer = say("投诉 六月的低保没有到账")
    complaint = db.session.scalars(select(Complaint)).one()
    assert (complaint.channel, complaint.text, complaint.reporter_phone) == ("sms", "六月的低保没有到账", PHONE)
    assert complaint.number in answer
    code = answer.split("查询码", 1)[1][:24].replace(" ", "")
    assert add_from_reporter(code, "我姓沙马", at=LATER).id == complaint.id


def test_the_word_alone_is_answered_with_how(county: County) -> None:
    assert "例如" in say("投诉")
    assert db.session.scalar(select(func.count()).select_from(Complaint)) == 0


def test_a_flood_from_one_phone_is_three_a_day(county: County) -> None:
    factories.organisation(Kind.FINANCE)
    for number in range(COMPLAINTS_BY_SMS_A_DAY + 3):
        say(f"投诉 第{number}件")
    assert db.session.scalar(select(func.count()).select_from(Complaint)) == COMPLAINTS_BY_SMS_A_DAY


# --- 退订、恢复 ------------------------------------------------------------------------------------


def test_who_wants_no_arrival_notices_gets_none_and_failures_all_the_same(county: County) -> None:
    assert "恢复" in say("退订")
    say("退订")
    assert db.session.scalar(select(func.count()).select_from(Refusal)) == 1
    paid(county, "202006")
    assert set(db.session.scalars(select(Message.template))) == {"payment_failed"}
    say("恢复")
    paid(county, "202009")
    assert sorted(db.session.scalars(select(Message.template))) == ["payment_failed", "payment_failed", "payment_paid"]


# --- 不是我 ----------------------------------------------------------------------------------------


def test_nothing_about_people_goes_to_a_phone_that_is_not_theirs(county: County) -> None:
    paid(county, "202006")
    before = db.session.scalar(select(func.count()).select_from(Message))
    assert "乡镇核实以前" in say("不是我")
    paid(county, "202009")
    assert db.session.scalar(select(func.count()).select_from(Message)) == before
    answer = say("查询")
    assert "没有登记" in answer and "元" not in answer


def test_once_the_township_has_settled_it_notices_come_again(county: County) -> None:
    paid(county, "202006")
    say("不是我")
    for report in db.session.scalars(select(WrongNumber).order_by(WrongNumber.id)).all():
        action, phone = ("replace", OTHER) if report.beneficiary.name == "沙马拉者" else ("keep", "")
        settle_wrong_number(county.preparer, report.id, action, phone, "本人到场更正", at=LATER)
    offer = county.sent([entry(1, name="沙马拉者", phone=OTHER), entry(2, name="吉克阿果", phone=PHONE)], "202009")
    one, two = attempts_of(offer)
    county.answer(result_file([result_line(one), result_line(two, FAILED)]))
    newest = select(Message.template, Message.phone).where(Message.subject_id.in_((one.id, two.id)))
    assert {tuple(row) for row in db.session.execute(newest)} == {("payment_paid", OTHER), ("payment_failed", PHONE)}


def test_an_official_enters_nothing_as_sent_by_sms(county: County) -> None:
    from complaints.words import channel_choices

    assert not {"sms", "web"} & set(channel_choices())
    assert factories.principal(Kind.FINANCE, Role.COMPLAINT_HANDLER).is_official
    assert db.session.scalars(select(Beneficiary)).all() == []
