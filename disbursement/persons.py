"""What this room shows of a person on the registry's pages: his payments with their tries, the messages about them,
what was paid twice, and what keeps two records apart."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import defer

from core.database import db
from core.listing import ChoiceFilter, Column, Listing
from core.page_sections import PageSection
from core.principal import Principal
from disbursement import merging, queries, rules
from disbursement.models import Attempt, Batch, Payment
from disbursement.words import OUTCOMES, PAYMENT_STATES, ROLL_STATES, WHO_STRIKES, reason_words
from programmes.models import Programme
from registry.hooks import DOUBLE_SECTIONS, PERSON_SECTIONS
from registry.models import Beneficiary, Double
from sms.models import Message
from sms.queries import scope
from sms.rules import SEE_MESSAGES
from sms.words import MESSAGE_STATES, TEMPLATE_WORDS

MOST_PAYMENTS, MOST_MESSAGES = 20, 20
NOT_OWED = ("drafted", "struck")
MERGING = merging.__name__
"""Imported so that payments go along when records are merged."""

PERSON_PAYMENTS = Listing(
    name="person_payments",
    title=lazy_gettext("全部发放记录"),
    columns=(
        Column(
            "period",
            lazy_gettext("期别"),
            lambda row: row.roll.batch.period,
            sort=Batch.period,
            link=lambda row: url_for("disbursement.payment", payment_id=row.id),
        ),
        Column("programme", lazy_gettext("补贴项目"), lambda row: row.roll.batch.programme.name, sort=Programme.name),
        Column("township", lazy_gettext("乡镇（街道）"), lambda row: row.roll.township.name),
        Column("payee", lazy_gettext("收款人"), lambda row: row.payee_name),
        Column("card", lazy_gettext("卡号后四位"), lambda row: row.card.tail if row.card else ""),
        Column("amount", lazy_gettext("金额（元）"), lambda row: row.amount_fen, kind="money", sort=Payment.amount_fen),
        Column("state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=PAYMENT_STATES),
        Column("paid", lazy_gettext("到账日期"), lambda row: row.paid_on, kind="day", sort=Payment.paid_on),
        Column("reason", lazy_gettext("未到账原因"), lambda row: row.failure_reason, wording=reason_words),
    ),
    id=Payment.id,
    order="-period",
    filters=(ChoiceFilter("state", lazy_gettext("状态"), PAYMENT_STATES, Payment.state),),
    empty=lazy_gettext("您的查看范围内没有这个人的发放记录。"),
)


def payments_of_person(principal: Principal, beneficiary_id: int) -> Select[Payment]:
    """The payments of one person that the principal may see."""
    return queries.visible_payments(principal).where(Payment.beneficiary_id == beneficiary_id)


@PERSON_SECTIONS.provider
def payments(principal: Principal, person: Beneficiary) -> PageSection | None:
    """The newest payments, each with its tries."""
    if not principal.may(rules.SEE_ROLLS):
        return None
    newest = payments_of_person(principal, person.id).order_by(Batch.period.desc(), Payment.id.desc())
    found = db.session.scalars(newest.limit(MOST_PAYMENTS + 1)).all()
    shown = found[:MOST_PAYMENTS]
    tries: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in _attempts([payment.id for payment in shown]):
        tries[attempt.payment_id].append(attempt)
    live = [payment.batch_id for payment in shown if payment.state not in NOT_OWED]
    context = {
        "person": person,
        "payments": [(payment, tries[payment.id]) for payment in shown],
        "more": len(found) > MOST_PAYMENTS,
        "twice": {batch for batch, times in Counter(live).items() if times > 1},
        "PAYMENT_STATES": PAYMENT_STATES,
        "OUTCOMES": OUTCOMES,
    }
    return PageSection(gettext("发放记录"), "disbursement/person_payments.html", context)


def _attempts(payment_ids: Collection[int]) -> Sequence[Attempt]:
    found = select(Attempt).where(Attempt.payment_id.in_(payment_ids)).options(defer(Attempt.card_number))
    return db.session.scalars(found.order_by(Attempt.payment_id, Attempt.number)).all()


@PERSON_SECTIONS.provider
def messages(principal: Principal, person: Beneficiary) -> PageSection | None:
    """The newest messages about his payments. Not by his phone: a household often shares one."""
    if not principal.may(SEE_MESSAGES):
        return None
    attempts = (
        select(Attempt.id).join(Payment, Payment.id == Attempt.payment_id).where(Payment.beneficiary_id == person.id)
    )
    found = db.session.scalars(
        select(Message)
        .where(Message.subject_kind == "attempt", Message.subject_id.in_(attempts), scope(principal))
        .options(defer(Message.phone))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(MOST_MESSAGES)
    ).all()
    if not found:
        return None
    context = {"messages": found, "states": MESSAGE_STATES, "templates": TEMPLATE_WORDS}
    return PageSection(gettext("短信"), "disbursement/person_messages.html", context)


@DOUBLE_SECTIONS.provider
def in_one_roll(principal: Principal, double: Double) -> PageSection | None:
    """The rolls in which both records stand, which keeps them from being merged, with the way to each and what is to
    be done there."""
    if not principal.may(rules.SEE_ROLLS) or double.state == "merged":
        return None
    found = queries.rolls_of_both(principal, double.first_id, double.second_id)
    if not found:
        return None
    context = {
        "lines": found,
        "PAYMENT_STATES": PAYMENT_STATES,
        "ROLL_STATES": ROLL_STATES,
        "WHO_STRIKES": WHO_STRIKES,
    }
    return PageSection(gettext("同在一份花名册里"), "disbursement/double_rolls.html", context)


@DOUBLE_SECTIONS.provider
def paid_twice(principal: Principal, double: Double) -> PageSection | None:
    """Programmes and periods for which both records are, or were, owed something: a finding that a merge must not
    hide."""
    if not principal.may(rules.SEE_ROLLS):
        return None
    ours = Payment.beneficiary_id.in_((double.first_id, double.second_id))
    owed = (ours, Payment.state.not_in(NOT_OWED))
    # Once merged, one record stands twice; before that, each once.
    twice = select(Payment.batch_id).where(*owed).group_by(Payment.batch_id).having(func.count() > 1)
    found: Sequence[Any] = db.session.scalars(
        queries.visible_payments(principal)
        .where(*owed, Payment.batch_id.in_(twice))
        .order_by(Batch.period.desc(), Programme.name, Payment.id)
        .limit(MOST_PAYMENTS)
    ).all()
    if not found:
        return None
    context = {"payments": found, "PAYMENT_STATES": PAYMENT_STATES}
    return PageSection(gettext("同一期重复列入的发放"), "disbursement/double_payments.html", context)
