"""A villager finds the own payments, and nobody else does."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import db, only_reads
from portal import rules
from portal.models import LookupCode
from portal.operations import forget_codes, use_code
from registry.models import Beneficiary, Card
from registry.operations import report_by_sms
from sms.codes import CODE_TRIES
from sms.models import HandsetMessage, Message
from tests import factories
from tests.portal.conftest import CARD, PHONE, Village, add_batch, add_payment, id_number, look_up

NAME = "阿西·木牛"
NUMBER = id_number(1)
TAIL = CARD[-4:]
FOUND = "结束查询</button>"


def test_the_result_shows_each_payment_in_plain_words(client: FlaskClient, village: Village) -> None:
    page = look_up(client, NUMBER, NAME, TAIL)
    assert "阿西·木牛的补贴" in page
    assert page.count("困难残疾人生活补贴</h3>") == 5
    assert "已经到账" in page and "2020-01-20" in page and "90.00" in page and "尾号 4702" in page
    assert "登记的银行卡已经注销" in page and "请带身份证到银行网点办好卡" in page
    assert "银行正在核实" in page and "钱被退回" in page and "等待发放" in page and "2020年5月" in page
    assert "2020年6月</dd>" not in page, "a draft is nobody's yet"
    assert "石门坎村" in page
    assert NUMBER not in page and CARD not in page


@pytest.mark.parametrize(
    "number", [NUMBER.lower(), " ".join(NUMBER), NUMBER.translate({48 + d: 0xFF10 + d for d in range(10)})]
)
@pytest.mark.parametrize("name", ["阿西木牛", "阿西 . 木牛", "阿西木*"])
def test_typing_is_forgiven(client: FlaskClient, village: Village, number: str, name: str) -> None:
    assert FOUND in look_up(client, number, name, "４７０２")


def test_a_name_that_no_phone_types(client: FlaskClient, village: Village) -> None:
    assert "李䶮的补贴" in look_up(client, id_number(2), "李*", "1234")


def test_a_card_of_an_earlier_payment_is_proof_too(client: FlaskClient, village: Village) -> None:
    former = Card(
        number="6228480000005555",
        number_index="6228480000005555",
        tail="5555",
        holder_name="李䶮",
        created_at=factories.AT,
    )
    db.session.add(former)
    db.session.flush()
    batch, roll = add_batch(village.batch.programme_id, "201912")
    add_payment(village.rare, batch, roll, card_id=former.id, state="paid")
    db.session.commit()
    assert FOUND in look_up(client, id_number(2), "李䶮", "5555")
    assert "没有查到" in look_up(client, NUMBER, NAME, "5555")


def test_the_number_of_a_double_opens_the_record_that_stands(client: FlaskClient, village: Village) -> None:
    double = factories.beneficiary(NAME, id_number(3), village.person.region_code)
    double.merged_into_id = village.person.id
    db.session.commit()
    page = look_up(client, id_number(3), NAME, TAIL)
    assert FOUND in page and page.count("困难残疾人生活补贴</h3>") == 5
    assert "没有查到" in look_up(client, id_number(3), NAME, "0000")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "请填写身份证号码。"),
        ("51342619600101", "18 位"),
        ("513426600101001", "15 位的旧号码"),
        (NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"), "身份证号码写错了"),
        ("513426196013011234", "身份证号码写错了"),
        ("<script>alert(1)</script>", "18 位"),
    ],
)
def test_a_mistyped_number_is_said_to_be_mistyped(
    client: FlaskClient, village: Village, number: str, sentence: str
) -> None:
    page = look_up(client, number, NAME, TAIL)
    assert sentence in page
    assert "<script>" not in page


def test_a_proof_must_have_its_form(client: FlaskClient, village: Village) -> None:
    assert "请填写卡号最后四位数字。" in look_up(client, NUMBER, NAME, "")
    assert "请填写卡号最后四位数字。" in look_up(client, NUMBER, NAME, CARD)
    assert "请填写卡号最后四位数字。" in look_up(client, NUMBER, NAME, CARD[-6:])
    assert "验证码是 6 位数字。" in look_up(client, NUMBER, NAME, "", "12")


def test_a_visit_lasts_ten_minutes_and_says_so(client: FlaskClient, village: Village) -> None:
    began = datetime(2020, 7, 6, 2, 0, 30, tzinfo=UTC)
    with time_machine.travel(began, tick=False) as traveller:
        assert "查询到 10:10 自动结束" in look_up(client, NUMBER, NAME, TAIL)
        assert FOUND in client.get("/lookup/result").text
        assert client.get("/lookup").location == "/lookup/result"
        traveller.shift(timedelta(minutes=9, seconds=59))
        assert FOUND in client.get("/lookup/result").text
        traveller.shift(timedelta(seconds=1))
        answer = client.get("/lookup/result")
        assert answer.location == "/lookup"
        assert "查询已经自动结束" in client.get("/lookup").text


def test_a_visit_can_be_ended(client: FlaskClient, village: Village) -> None:
    look_up(client, NUMBER, NAME, TAIL)
    assert "查询已经结束" in client.post("/lookup/end", follow_redirects=True).text
    assert client.get("/lookup/result").status_code == 302


def visit_on(page: str) -> str:
    found = re.search(r'name="visit" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_browser_that_sends_the_form_again_shows_nothing_after_the_end(client: FlaskClient, village: Village) -> None:
    visit = visit_on(client.get("/lookup").text)
    assert FOUND in look_up(client, NUMBER, NAME, TAIL, visit=visit)
    assert FOUND in look_up(client, NUMBER, NAME, TAIL, visit=visit), "while it lasts, reloading is fine"
    client.post("/lookup/end")
    form = {"id_number": NUMBER, "name": NAME, "card_tail": TAIL, "visit": visit}
    answer = client.post("/lookup", data=form)
    assert answer.location == "/lookup" and "木牛" not in answer.text
    assert "查询已经自动结束" in client.get("/lookup").text
    assert FOUND in look_up(client, NUMBER, NAME, TAIL, visit=visit_on(client.get("/lookup").text))


def test_nor_does_it_when_the_ten_minutes_are_over(client: FlaskClient, village: Village) -> None:
    began = datetime(2020, 7, 6, 2, 0, 30, tzinfo=UTC)
    with time_machine.travel(began, tick=False) as traveller:
        visit = visit_on(client.get("/lookup").text)
        assert FOUND in look_up(client, NUMBER, NAME, TAIL, visit=visit)
        traveller.shift(timedelta(minutes=11))
        assert FOUND not in look_up(client, NUMBER, NAME, TAIL, visit=visit)


def test_without_a_lookup_there_is_no_result(client: FlaskClient, village: Village) -> None:
    assert client.get("/lookup/result").location == "/lookup"


def test_years_are_shown_one_at_a_time(client: FlaskClient, village: Village) -> None:
    batch, roll = add_batch(village.batch.programme_id, "201912")
    add_payment(village.person, batch, roll, state="paid")
    db.session.commit()
    page = look_up(client, NUMBER, NAME, TAIL)
    assert page.count("</article>") == 5 and "看2019年的" in page
    assert client.get("/lookup/result?year=2019").text.count("</article>") == 1
    assert client.get("/lookup/result?year=1999").text.count("</article>") == 5


def codes_on_the_phone() -> list[str]:
    db.session.rollback()
    texts = db.session.scalars(select(HandsetMessage.text).order_by(HandsetMessage.id)).all()
    return [code for text in texts for code in re.findall(r"验证码(\d{6})", text)]


def ask_for_code(client: FlaskClient, number: str = NUMBER, name: str = NAME) -> str:
    return client.post("/lookup/code", data={"id_number": number, "name": name}).text


def test_a_code_by_sms_is_proof_once(client: FlaskClient, village: Village) -> None:
    assert "几分钟内会有一条短信" in ask_for_code(client)
    message = db.session.scalars(select(Message)).one()
    assert (message.template, message.phone) == ("lookup_code", PHONE)
    [code] = codes_on_the_phone()
    assert FOUND in look_up(client, NUMBER, NAME, code=code)
    client.post("/lookup/end")
    assert "没有查到" in look_up(client, NUMBER, NAME, code=code)


def test_a_code_is_worth_nothing_for_another_or_too_late(client: FlaskClient, village: Village) -> None:
    ask_for_code(client)
    [code] = codes_on_the_phone()
    assert "没有查到" in look_up(client, id_number(2), "李䶮", code=code)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6), tick=False):
        assert "没有查到" in look_up(client, NUMBER, NAME, code=code)


def test_a_code_stands_five_tries(client: FlaskClient, village: Village) -> None:
    ask_for_code(client)
    [code] = codes_on_the_phone()
    wrong = "000000" if code != "000000" else "000001"
    db.session.rollback()
    for _ in range(CODE_TRIES):
        assert not use_code(NUMBER, wrong, at=datetime.now(UTC))
        db.session.commit()
    assert not use_code(NUMBER, code, at=datetime.now(UTC))
    db.session.commit()


def test_a_code_that_is_used_confirms_the_phone(client: FlaskClient, village: Village) -> None:
    ask_for_code(client)
    [code] = codes_on_the_phone()
    look_up(client, NUMBER, NAME, code="000000" if code != "000000" else "000001")
    assert confirmed_at(village) is None
    assert FOUND in look_up(client, NUMBER, NAME, code=code)
    assert confirmed_at(village) is not None


def test_a_card_confirms_no_phone_and_a_code_none_that_came_later(client: FlaskClient, village: Village) -> None:
    assert FOUND in look_up(client, NUMBER, NAME, CARD[-4:])
    assert confirmed_at(village) is None
    client.post("/lookup/end")
    ask_for_code(client)
    [code] = codes_on_the_phone()
    with only_reads(False):
        db.session.rollback()
        person = db.session.get_one(Beneficiary, village.person.id)
        person.phone = "13800000009"
        person.phone_index = "13800000009"  # type: ignore[assignment] # the column turns the digits into their index
        db.session.commit()
    assert FOUND in look_up(client, NUMBER, NAME, code=code)
    assert confirmed_at(village) is None


def test_no_code_goes_to_a_phone_that_was_reported_as_not_his(client: FlaskClient, village: Village) -> None:
    with only_reads(False):
        db.session.rollback()
        report_by_sms(PHONE, at=datetime.now(UTC))
        db.session.commit()
    assert "几分钟内会有一条短信" in ask_for_code(client)
    assert codes_on_the_phone() == []
    assert FOUND in look_up(client, NUMBER, NAME, CARD[-4:])


def confirmed_at(village: Village) -> datetime | None:
    db.session.rollback()
    found = select(Beneficiary.phone_confirmed_at).where(Beneficiary.id == village.person.id)
    return db.session.scalars(found).one()


def test_only_the_newest_code_counts(client: FlaskClient, village: Village) -> None:
    ask_for_code(client)
    ask_for_code(client)
    first, second = codes_on_the_phone()
    if first != second:
        assert "没有查到" in look_up(client, NUMBER, NAME, code=first)
    assert FOUND in look_up(client, NUMBER, NAME, code=second)


def test_a_stranger_who_asks_for_a_code_does_not_put_out_the_owner_s(client: FlaskClient, village: Village) -> None:
    ask_for_code(client)
    ask_for_code(client, NUMBER, "别人")
    [code] = codes_on_the_phone()
    assert FOUND in look_up(client, NUMBER, NAME, code=code)


def test_beside_a_code_no_card_counts(client: FlaskClient, village: Village) -> None:
    assert "没有查到" in look_up(client, NUMBER, NAME, CARD[-4:], code="000000")
    assert FOUND in look_up(client, NUMBER, NAME, CARD[-4:])


def test_the_answer_to_a_wish_for_a_code_tells_nothing(client: FlaskClient, village: Village) -> None:
    known = ask_for_code(client)
    unknown = ask_for_code(client, id_number(99))
    wrong_name = ask_for_code(client, NUMBER, "别人")
    no_phone = ask_for_code(client, id_number(2), "李䶮")
    blank = [re.sub(r'value="[^"]*"', "", page) for page in (known, unknown, wrong_name, no_phone)]
    assert len(set(blank)) == 1
    assert len(db.session.scalars(select(Message)).all()) == 1
    assert len(db.session.scalars(select(LookupCode)).all()) == 4


def test_nobody_s_phone_rings_all_day(client: FlaskClient, village: Village) -> None:
    for hour in range(8):
        with time_machine.travel(datetime(2020, 7, 6, 1 + hour, 0, 5, tzinfo=UTC), tick=False):
            page = ask_for_code(client)
    assert "今天给这个身份证号码发的验证码已经够多了" in page
    assert len(db.session.scalars(select(Message)).all()) == rules.MOST_CODES_A_DAY.amount


def test_who_knows_the_number_alone_cannot_use_up_its_codes(client: FlaskClient, village: Village) -> None:
    for hour in range(8):
        with time_machine.travel(datetime(2020, 7, 6, 1 + hour, 0, 5, tzinfo=UTC), tick=False):
            page = ask_for_code(client, NUMBER, "别人")
    assert "今天给这个身份证号码发的验证码已经够多了" in page
    with time_machine.travel(datetime(2020, 7, 6, 10, 0, 5, tzinfo=UTC), tick=False):
        assert "今天给这个身份证号码发的验证码已经够多了" not in ask_for_code(client)
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_phone_has_its_codes_of_a_day_however_the_name_is_written(client: FlaskClient, village: Village) -> None:
    # One star stands for any character.
    names = [NAME[:place] + "*" + NAME[place + 1 :] for place in range(4)]
    for minute, name in enumerate(names * 5):
        with time_machine.travel(datetime(2020, 7, 6, 1 + minute // 2, minute % 2 * 30, 5, tzinfo=UTC), tick=False):
            ask_for_code(client, NUMBER, name)
    assert len(db.session.scalars(select(Message)).all()) == rules.MOST_CODES_TO_A_PHONE


def test_wishes_for_codes_are_forgotten(client: FlaskClient, village: Village) -> None:
    ask_for_code(client)
    assert forget_codes(at=datetime.now(UTC) + timedelta(minutes=10)) == 1
    db.session.commit()


def test_no_personal_data_in_addresses_cookies_or_logs(
    client: FlaskClient, village: Village, capsys: pytest.CaptureFixture[str], app: Flask
) -> None:
    look_up(client, NUMBER, NAME, TAIL)
    client.get("/lookup/result")
    look_up(client, NUMBER, "别人", TAIL)
    # Without the time and the number of each request, in which four digits stand by chance.
    logged = re.sub(r'"(timestamp|request_id)": "[^"]*"', "", "".join(capsys.readouterr()))
    assert '"endpoint": "portal.look_up"' in logged
    cookie = client.get_cookie("ykt_public")
    assert cookie is not None
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    kept = str(signer.loads(cookie.value))
    for secret in (NUMBER, NAME, "阿西", CARD, TAIL, PHONE, "别人"):
        assert secret not in logged
        assert secret not in kept


def test_the_end_of_a_visit_needs_a_token_of_ours(app: Flask, village: Village) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    for path in ("/lookup", "/lookup/code", "/lookup/end", "/complaints/new", "/complaints/track"):
        assert client.post(path, data={"id_number": NUMBER, "name": NAME, "card_tail": TAIL}).status_code == 400
