"""What a villager may ask by SMS: 查询 answers with the last payments of those who registered this phone, 投诉 hands in
what stands after it. Answers go to the phone on record alone: whoever forges a sender's number learns nothing."""

from datetime import timedelta

from sqlalchemy import func, select

from complaints.operations import Submission, submit_complaint
from core.database import db
from core.errors import UserError
from core.identity import mask_name
from core.money import format_yuan_plain
from core.principal import NOBODY
from core.web import settings
from disbursement.queries import PaymentOfPerson, payments_of
from portal.rules import BY_SMS_A_DAY, COMPLAINTS_BY_SMS_A_DAY, LONGEST_BY_SMS, plain_state
from registry.models import Beneficiary
from registry.queries import is_reported_wrong
from sms.inbound import Said, inbound_word
from sms.models import InboundMessage

LOOK_UP, COMPLAIN = "查询", "投诉"
MOST_PEOPLE, MOST_PAYMENTS = 5, 3
_DAY = timedelta(days=1)


@inbound_word(LOOK_UP)
def look_up(said: Said) -> str:
    """The last three payments of the people with this phone, each named by his masked name."""
    if _today(said, LOOK_UP) > BY_SMS_A_DAY:
        return ""
    people = db.session.execute(
        select(Beneficiary.id, Beneficiary.name)
        .where(Beneficiary.phone_index == said.phone, Beneficiary.merged_into_id.is_(None), ~is_reported_wrong())
        .order_by(Beneficiary.id)
        .limit(MOST_PEOPLE)
    ).all()
    if not people:
        return f"这个手机号没有登记。请带身份证和社保卡到村委会登记，或者拨打{settings().hotline}。"
    found = [(name, payment) for person, name in people for payment in payments_of(person)[:MOST_PAYMENTS]]
    if not found:
        return "还没有您的补贴发放记录。"
    newest = sorted(found, key=lambda one: (one[1].period, one[1].payment_id), reverse=True)[:MOST_PAYMENTS]
    return "；".join(_line(name, payment) for name, payment in newest) + "。"


def _line(name: str, payment: PaymentOfPerson) -> str:
    shown = plain_state(payment.state, payment.failure_reason, has_card=payment.card_tail is not None).title
    card = f"，卡尾{payment.card_tail}" if payment.card_tail else ""
    yuan = format_yuan_plain(payment.amount_fen).removesuffix(".00")
    return f"{mask_name(name)}{payment.period}{payment.programme}{yuan}元{shown}{card}"


@inbound_word(COMPLAIN)
def complain(said: Said) -> str:
    """Open a case from what was written; the answer brings its number and its receipt code. It goes to the county: by
    SMS nobody says whom it is about, and no office below shall get what is about itself."""
    if not said.text:
        return "请回复“投诉”加上要反映的事情，例如：投诉 六月的低保没有到账。"
    if _today(said, COMPLAIN) > COMPLAINTS_BY_SMS_A_DAY:
        return f"今天收到您的反映较多，请拨打{settings().hotline}。"
    submission = Submission(
        category="service",
        text=said.text[:LONGEST_BY_SMS],
        region_code=settings().county_code,
        anonymous=False,
        name="短信反映人",
        phone=said.phone,
        channel="sms",
    )
    try:
        complaint, receipt_code = submit_complaint(NOBODY, submission, at=said.at)
    except UserError:
        return f"没有收下。请拨打{settings().hotline}，或者在网上反映。"
    grouped = " ".join(receipt_code[start : start + 4] for start in range(0, len(receipt_code), 4))
    return f"已收到，编号{complaint.number}，查询码{grouped}。凭查询码在网上看办理进度，请勿告诉他人。"


def _today(said: Said, word: str) -> int:
    """How often this phone has said this word within a day, this time included. Few, by its index."""
    recent = (InboundMessage.phone_index == said.phone, InboundMessage.received_at > said.at - _DAY)
    return db.session.scalar(select(func.count()).where(*recent, InboundMessage.word == word)) or 0
