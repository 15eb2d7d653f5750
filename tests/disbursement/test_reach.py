"""Whom the messages about a batch have reached: everybody once, by his newest news, and only to those who may know."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from accounts.models import Official
from core.audit import AuditEntry
from core.database import db
from core.errors import NotVisible, PermissionDenied
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from core.settings import Settings
from disbursement import operations, queries
from disbursement.models import Attempt, Batch, Payment, Roll
from disbursement.operations.bank_returns import record_bank_return
from disbursement.queries.reach import (
    Coverage,
    Reach,
    coverage_by_bank,
    coverage_by_township,
    is_unreachable,
    reach_of,
    told_people,
)
from disbursement.rules.reach import STANDINGS, UNREACHABLE, NextStep, next_step
from disbursement.words import NEXT_STEPS
from disbursement.words import STANDINGS as WORDS
from registry.models import Beneficiary, Card
from sms.models import Message, Refusal
from sms.rules import STATES
from tests import factories
from tests.disbursement.county import (
    FAILED,
    OTHER_TOWNSHIP,
    PAID,
    RESULT_AT,
    TOWNSHIP,
    UNCLEAR,
    County,
    attempts_of,
    build_county,
    card_number,
    entry,
    id_number,
    result_file,
    result_line,
)
from tests.disbursement.cycle import DAY, correct_all
from tests.signing import sign_in

BASE = "/staff/disbursement"
Browse = Callable[[Principal], FlaskClient]
# What becomes of the message to each person, by serial number, and why. The next three have none.
PLANTED = (
    ("queued", "phone_full"),
    ("sending", ""),
    ("accepted", ""),
    ("delivered", ""),
    ("delivered", ""),
    ("undelivered", "30005"),
    ("undelivered", "30003"),
    ("unconfirmed", ""),
    ("unknown", "read_timeout"),
    ("rejected", "isv.MOBILE_NUMBER_ILLEGAL"),
    ("suppressed", "not_mobile"),
    ("suppressed", "already_left"),
    ("expired", ""),
)
SILENT, REFUSING, LATE = len(PLANTED), len(PLANTED) + 1, len(PLANTED) + 2
UNSETTLED = len(PLANTED) + 3
VILLAGE = "513426100201"


# --- The decisions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "code", "new_phone", "has_phone", "step"),
    [
        ("delivered", "", False, True, None),
        ("refused", "", False, True, None),
        ("unknown", "read_timeout", False, True, None),
        ("no_phone", "", False, False, NextStep.REGISTER_PHONE),
        ("undelivered", "30003", False, False, NextStep.REGISTER_PHONE),
        ("undelivered", "30003", False, True, NextStep.CALL),
        ("undelivered", "30005", False, True, NextStep.CORRECT_PHONE),
        ("undelivered", "30005", True, True, NextStep.CALL_NEW_PHONE),
        ("suppressed", "not_mobile", False, True, NextStep.CORRECT_PHONE),
        ("not_made", "", False, True, NextStep.CALL_NEW_PHONE),
        ("expired", "", False, True, NextStep.CALL),
    ],
)
def test_what_the_township_does(
    standing: str, code: str, new_phone: bool, has_phone: bool, step: NextStep | None
) -> None:
    assert next_step(standing, code, new_phone=new_phone, has_phone=has_phone) == step


def test_everything_has_its_words() -> None:
    assert set(STATES) <= set(STANDINGS)
    assert set(WORDS) == set(STANDINGS)
    assert set(STANDINGS) >= UNREACHABLE
    assert set(NEXT_STEPS) == set(NextStep)


# --- One batch with everything in it -----------------------------------------------------------------


@pytest.fixture
def county(app: Flask) -> County:
    # What is planted here no dispatcher touches.
    app.extensions["wakers"] |= {"sms": lambda: None, "sms_look_up": lambda: None}
    return build_county()


@pytest.fixture
def browse(app: Flask) -> Browse:
    def signed_in(principal: Principal) -> FlaskClient:
        db.session.commit()
        return sign_in(app.test_client(), db.session.get_one(Official, principal.official_id))

    return signed_in


def message_of(serial: int) -> Message:
    """The message about the payment to the person of that serial number."""
    found = (
        select(Message)
        .join(Attempt, Attempt.id == Message.subject_id)
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .where(Message.subject_kind == "attempt", Beneficiary.id_number_index == id_number(serial))
    )
    return db.session.scalars(found.order_by(Message.id.desc()).limit(1)).one()


def plant(serial: int, state: str, error_code: str = "", segments: int = 2) -> None:
    message = message_of(serial)
    message.state, message.error_code, message.segments = state, error_code, segments


def give_phone(person: Beneficiary, phone: str) -> None:
    values = {"phone": phone, "phone_index": phone}
    db.session.execute(update(Beneficiary).where(Beneficiary.id == person.id).values(values))
    db.session.expire(person)


def refuse(serial: int) -> None:
    phone = f"138{serial:08d}"
    db.session.add(Refusal(phone_index=phone, refused_at=RESULT_AT - timedelta(days=99)))
    db.session.flush()


@pytest.fixture
def batch(county: County) -> Batch:
    """One township with a person in each state, and one without message for each reason; another with two people."""
    entries = [entry(serial, region_code=VILLAGE) for serial in range(UNSETTLED + 1)]
    for serial in (SILENT, LATE):
        entries[serial] = entry(serial, region_code=VILLAGE, phone="")
    roll = county.roll(entries)
    # Who prepares a roll of another township is of that township.
    other = county.roll([entry(serial, region_code=OTHER_TOWNSHIP) for serial in (100, 101)], township=OTHER_TOWNSHIP)
    refuse(REFUSING)
    county.approve(roll)
    approve_elsewhere(county, other)
    found = roll.batch
    operations.confirm_batch(county.finance, found, at=RESULT_AT - 2 * DAY)
    offer = operations.export_offer(county.finance, found, at=RESULT_AT - 2 * DAY)
    serials = {payment.id: serial_of(payment) for payment in db.session.scalars(select(Payment))}
    lines = []
    for attempt in attempts_of(offer):
        serial = serials[attempt.payment_id]
        answer = {6: FAILED, SILENT: FAILED, UNSETTLED: UNCLEAR}.get(serial, PAID)
        lines.append(result_line(attempt, answer))
    county.answer(result_file(lines))
    for serial, (state, error_code) in enumerate(PLANTED):
        plant(serial, state, error_code)
    plant(100, "delivered")
    plant(101, "undelivered", "30003")
    late = db.session.scalars(select(Beneficiary).where(Beneficiary.id_number_index == id_number(LATE))).one()
    give_phone(late, "13900000009")
    db.session.commit()
    return found


def approve_elsewhere(county: County, roll: Roll) -> None:
    preparer, approver = county.preparer, county.approver
    county.preparer = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=OTHER_TOWNSHIP)
    county.approver = factories.principal(Kind.TOWNSHIP, Role.APPROVER, region_code=OTHER_TOWNSHIP)
    county.approve(roll)
    county.preparer, county.approver = preparer, approver


def serial_of(payment: Payment) -> int:
    numbers = {id_number(serial): serial for serial in (*range(UNSETTLED + 1), 100, 101)}
    found: int = numbers[payment.beneficiary.id_number]
    return found


def test_everybody_stands_once_where_his_message_stands(county: County, batch: Batch) -> None:
    own, other = reach_of(county.finance, batch)
    assert (own.township_code, other.township_code) == (TOWNSHIP, OTHER_TOWNSHIP)
    assert own.standings == {
        "queued": 1, "sending": 1, "accepted": 2, "delivered": 2, "undelivered": 2, "unconfirmed": 1, "unknown": 1,
        "rejected": 1, "suppressed": 1, "expired": 1, "no_phone": 1, "refused": 1, "not_made": 1,
    }  # fmt: skip
    assert own.people == len(PLANTED) + 3
    assert (own.waiting, own.left, own.laid_aside, own.unreachable) == (2, 7, 2, 7)
    assert own.reasons == {
        ("queued", "phone_full"): 1,
        ("accepted", "already_left"): 1,
        ("undelivered", "30005"): 1,
        ("undelivered", "30003"): 1,
        ("unknown", "read_timeout"): 1,
        ("rejected", "isv.MOBILE_NUMBER_ILLEGAL"): 1,
        ("suppressed", "not_mobile"): 1,
    }
    # Two pieces each: sending, accepted, delivered, undelivered, unconfirmed, unknown, and one that had left before.
    assert own.pieces == 2 * 9
    assert other.standings == {"delivered": 1, "undelivered": 1}
    total = own + other
    assert (total.people, total.pieces, total.reasons["undelivered", "30003"]) == (own.people + 2, 22, 2)


def test_a_phone_that_refuses_is_still_told_what_somebody_has_to_act_on(county: County) -> None:
    refuse(1)
    refuse(2)
    offer = county.sent([entry(1), entry(2)])
    first, second = attempts_of(offer)
    county.answer(result_file([result_line(first, PAID), result_line(second, FAILED)]))
    [line] = reach_of(county.finance, offer.batch)
    assert line.standings == {"refused": 1, "queued": 1}


def test_the_newest_news_counts_and_the_older_ones_cost_all_the_same(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    county.answer(result_file([result_line(attempt, FAILED) for attempt in attempts_of(offer)]))
    plant(1, "undelivered", "30005", segments=3)
    plant(2, "delivered", segments=3)
    correct_all(county)
    operations.resubmit(county.department, list(db.session.scalars(select(Payment.id))), at=RESULT_AT + 2 * DAY)
    again = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    [line] = reach_of(county.finance, offer.batch)
    assert line.standings == {"undelivered": 1, "delivered": 1}, "sent again, and no answer yet"
    county.answer(
        result_file([result_line(one, PAID) for one in attempts_of(again)], "20200720"), at=RESULT_AT + 5 * DAY
    )
    plant(1, "delivered", segments=1)
    db.session.commit()
    [line] = reach_of(county.finance, offer.batch)
    assert (line.standings, line.pieces) == ({"delivered": 1, "queued": 1}, 7)
    # What the bank sends back is news again.
    paid = db.session.scalars(select(Attempt).where(Attempt.outcome == "paid").order_by(Attempt.id).limit(1)).one()
    record_bank_return(county.finance, [paid.id], date(2020, 7, 22), at=RESULT_AT + 7 * DAY, reason="账户已销户")
    [line] = reach_of(county.finance, offer.batch)
    assert line.standings == {"queued": 2}


def test_a_batch_without_results_has_nobody_to_tell(county: County, browse: Browse) -> None:
    offer = county.sent([entry(1)])
    assert reach_of(county.finance, offer.batch) == []
    page = browse(county.finance).get(f"{BASE}/batches/{offer.batch.id}/messages").text
    assert "还没有要告诉的人" in page


# --- Who may see it ----------------------------------------------------------------------------------


def test_a_township_sees_its_own(county: County, batch: Batch) -> None:
    other = factories.principal(Kind.TOWNSHIP, Role.VIEWER, region_code=OTHER_TOWNSHIP)
    assert [line.township_code for line in reach_of(other, batch)] == [OTHER_TOWNSHIP]
    people = db.session.execute(told_people(other, batch)).all()
    assert len(people) == 2
    assert len(db.session.execute(told_people(county.preparer, batch)).all()) == len(PLANTED) + 3


@pytest.mark.parametrize("kind", [Kind.BANK, Kind.VILLAGE, Kind.HUMAN_RESOURCES])
def test_nobody_else_sees_anything(county: County, batch: Batch, browse: Browse, kind: Kind) -> None:
    principal = factories.principal(kind, *Role, region_code=VILLAGE if kind == Kind.VILLAGE else factories.COUNTY)
    for ask in (reach_of, told_people):
        with pytest.raises(PermissionDenied):
            ask(principal, batch)
    for ask_coverage in (coverage_by_bank, coverage_by_township):
        with pytest.raises(PermissionDenied):
            ask_coverage(principal, date(2020, 1, 1), date(2020, 12, 31))
    client = browse(principal)
    for path in ("messages", "messages/people", "messages/unreached"):
        assert client.get(f"{BASE}/batches/{batch.id}/{path}").status_code in (403, 404)
        assert client.post(f"{BASE}/batches/{batch.id}/{path}", data={"export": "csv"}).status_code in (403, 404, 405)
    assert client.get(f"{BASE}/message-coverage").status_code == 403
    assert "message-coverage" not in client.get("/staff/").text


def test_to_a_township_without_a_roll_the_batch_does_not_exist(county: County, batch: Batch, browse: Browse) -> None:
    stranger = factories.principal(Kind.TOWNSHIP, Role.VIEWER, region_code="513426104000")
    with pytest.raises(NotVisible):
        queries.get_batch(stranger, batch.id)
    client = browse(stranger)
    for path in ("messages", "messages/people", "messages/unreached"):
        assert client.get(f"{BASE}/batches/{batch.id}/{path}").status_code == 404


def test_another_department_sees_nothing_of_it(county: County, batch: Batch) -> None:
    other = factories.principal(Kind.DEPARTMENT, Role.VIEWER, organisation_name="县农业农村局")
    assert reach_of(other, batch) == []
    assert db.session.execute(told_people(other, batch)).all() == []
    assert len(reach_of(county.department, batch)) == 2


# --- The pages ---------------------------------------------------------------------------------------


def test_the_page_leads_from_every_figure_to_the_people(
    app: Flask, county: County, batch: Batch, browse: Browse
) -> None:
    finance = browse(county.finance)
    here = f"{BASE}/batches/{batch.id}/messages"
    assert f'href="{here}"' in finance.get(f"{BASE}/batches/{batch.id}").text
    page = finance.get(here).text
    running: Settings = app.extensions["settings"]
    assert running.sms_limits.segment_fen == 5
    assert "1.10 元" in page
    for words in ("没有手机号码", "本人退订", "空号或停机", "没有联系上的人（8）", "不是手机号码"):
        assert words in page
    for query in ("standing=undelivered", f"township={OTHER_TOWNSHIP}", "standing=undelivered&amp;reason=30005"):
        assert query in page
    undelivered = finance.get(f"{here}/people?standing=undelivered&reason=30005").text
    assert "138****0005" in undelivered and "138****0006" not in undelivered
    assert "13800000005" not in undelivered and id_number(5) not in undelivered
    assert f'/staff/sms/messages/{message_of(5).id}"' in undelivered
    assert "共 1 条" in undelivered
    assert "共 2 条" in finance.get(f"{here}/people?township={OTHER_TOWNSHIP}").text
    assert "共 2 条" in finance.get(f"{here}/people?news=failed").text
    assert "共 1 条" in finance.get(f"{here}/people?standing=refused").text
    assert finance.get(f"{here}/people?reason=%27%3B--").status_code == 200
    # A department holds no right to read messages: it gets the state, not the way to the message.
    department = browse(county.department).get(f"{here}/people?standing=undelivered&reason=30005").text
    assert "138****0005" in department and "/staff/sms/messages/" not in department


def test_the_townships_page_is_about_its_own_people(county: County, batch: Batch, browse: Browse) -> None:
    other = browse(factories.principal(Kind.TOWNSHIP, Role.VIEWER, region_code=OTHER_TOWNSHIP))
    here = f"{BASE}/batches/{batch.id}/messages"
    page = other.get(here).text
    assert "没有联系上的人（1）" in page and TOWNSHIP not in page
    assert "共 2 条" in other.get(f"{here}/people").text
    assert "没有符合条件的记录" in other.get(f"{here}/people?township={OTHER_TOWNSHIP}&standing=rejected").text


def test_who_was_not_reached_is_exported_for_the_visit(county: County, batch: Batch, browse: Browse) -> None:
    here = f"{BASE}/batches/{batch.id}/messages/unreached"
    assert len(db.session.execute(told_people(county.preparer, batch).where(is_unreachable())).all()) == 7
    township = browse(county.preparer)
    text = township.post(here, data={"export": "csv"}).get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 7
    by_phone = {row["手机"]: row for row in rows}
    failed = by_phone["138****0006"]
    assert (failed["补贴项目"], failed["金额（元）"], failed["发放结果"], failed["短信"], failed["原因"]) == (
        "困难残疾人生活补贴 202006",
        "270.00",
        "发放失败",
        "未送达",
        "手机关机或不在服务区",
    )
    assert failed["怎么办"] == "打电话告知，打不通的上门"
    assert "请带身份证到银行网点办好卡" in failed["没有到账的，告诉本人"]
    assert all(row["村社"] for row in rows)
    assert by_phone["138****0005"]["怎么办"] == "上门告知，核对并改正登记的手机号码"
    assert by_phone["138****0005"]["没有到账的，告诉本人"] == ""
    assert by_phone[""]["短信"] == "没有手机号码"
    assert by_phone["139****0009"]["怎么办"] == "打现在登记的手机告知，打不通的上门"
    for serial in range(UNSETTLED + 1):
        assert id_number(serial) not in text and f"138{serial:08d}" not in text
        assert card_number(serial) not in text
    answer = township.post(here, data={"export": "xlsx"})
    assert answer.status_code == 200 and str(answer.mimetype).endswith("sheet")
    assert "共 7 条" in township.get(here).text
    assert "共 1 条" in township.get(f"{here}?standing=expired").text
    found = township.post(here, data={"q": db.session.scalars(select(Payment.name).where(Payment.id == 7)).one()})
    assert found.status_code == 303


def test_a_phone_that_changed_since_is_to_be_called(county: County, batch: Batch) -> None:
    person = db.session.scalars(select(Beneficiary).where(Beneficiary.id_number_index == id_number(5))).one()
    give_phone(person, "13900000005")
    db.session.flush()
    changed = [row for row in db.session.execute(told_people(county.preparer, batch)) if row.new_phone]
    assert [row.phone for row in changed] == ["13900000005"]


# --- Coverage ----------------------------------------------------------------------------------------


def test_people_are_covered_by_bank_and_township(county: County, batch: Batch) -> None:
    db.session.execute(update(Card).values(bank_name="县农商银行"))
    first = db.session.scalars(select(Attempt).order_by(Attempt.id).limit(1)).one()
    db.session.execute(update(Card).where(Card.number_index == first.card_index).values(bank_name=""))
    days = (date(2020, 7, 1), date(2020, 7, 31))
    everybody = len(PLANTED) + 5
    banks = coverage_by_bank(county.finance, *days)
    assert [line.key for line in banks] == ["县农商银行", ""]
    assert sum(banks, start=Coverage("")) == Coverage("", everybody, everybody - 1, 9, 3)
    own, other = coverage_by_township(county.finance, *days)
    assert own == Coverage(TOWNSHIP, everybody - 2, everybody - 3, 7, 2)
    assert other == Coverage(OTHER_TOWNSHIP, 2, 2, 2, 1)
    assert coverage_by_township(county.preparer, *days) == [own]
    assert coverage_by_township(county.finance, date(2020, 8, 1), date(2020, 8, 31)) == []


def test_a_person_with_several_payments_is_one(county: County) -> None:
    for period in ("202006", "202009"):
        offer = county.sent([entry(1)], period)
        county.answer(result_file([result_line(attempt, PAID) for attempt in attempts_of(offer)]))
    db.session.scalars(select(Message).order_by(Message.id).limit(1)).one().state = "delivered"
    db.session.flush()
    assert coverage_by_township(county.finance, date(2020, 7, 1), date(2020, 7, 31)) == [Coverage(TOWNSHIP, 1, 1, 1, 1)]


def test_the_coverage_page_shows_the_newest_months(county: County, batch: Batch, browse: Browse) -> None:
    finance = browse(county.finance)
    page = finance.get(f"{BASE}/message-coverage").text
    assert 'value="2020-05"' in page and 'value="2020-07"' in page
    assert "开户银行未登记" in page
    assert "message-coverage" in finance.get("/staff/").text
    assert "银行没有付过款" in finance.get(f"{BASE}/message-coverage?first=2020-01&last=2020-02").text
    swapped = finance.get(f"{BASE}/message-coverage?first=2020-07&last=2020-06").text
    assert 'value="2020-06"' in swapped
    long = finance.get(f"{BASE}/message-coverage?first=2018-01&last=2020-07").text
    assert "一次最多看 12 个月" in long and 'value="2019-08"' in long
    wrong = finance.get(f"{BASE}/message-coverage?first=abc")
    assert wrong.status_code == 200 and "月份要写成" in wrong.text
    audit = browse(factories.principal(Kind.AUDIT, Role.VIEWER))
    assert audit.get(f"{BASE}/message-coverage").status_code == 200


def test_the_coverage_can_be_taken_as_a_workbook_and_that_is_on_record(
    county: County, batch: Batch, browse: Browse
) -> None:
    finance = browse(county.finance)
    page = finance.get(f"{BASE}/message-coverage").text
    assert "导出 Excel" in page
    answer = finance.post(f"{BASE}/message-coverage?first=2020-05&last=2020-07")
    assert "filename=disbursement-2020-05-2020-07.xlsx" in answer.headers["Content-Disposition"].replace('"', "")
    banks, townships = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets
    assert (banks.title, townships.title) == ("1 按开户银行", "2 按乡镇（街道）")
    lines = list(townships.iter_rows(min_row=2, values_only=True))
    assert lines[-1] == ("合计", *(sum(int(str(line[place])) for line in lines[:-1]) for place in range(1, 5)))
    assert "开户银行未登记" in [name for name, *_ in banks.iter_rows(values_only=True)]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "messages.export_coverage")).one()
    assert entry.subject_id == "2020-05/2020-07"


def test_the_sum_of_nothing_is_nothing() -> None:
    assert sum([], start=Reach()).people == 0
