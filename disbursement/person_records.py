"""What this room holds of a person, for the file that is handed to him: his payments with all that happened to them,
and the messages about them. The tries name the card by its last digits: it may be another's."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import defer, joinedload

from core.database import db
from core.identity import mask_phone
from core.personal_records import Records, records, yuan
from core.principal import Principal
from core.screens import period
from core.settings import Settings
from disbursement.models import (
    Attempt,
    BankSpelling,
    Batch,
    CorrectedAlong,
    Correction,
    Discrepancy,
    Failure,
    OfflineReceipt,
    OfflineReceiptLine,
    Payment,
    Rebooking,
    RebookingLine,
    ReturnLine,
    ReturnOrder,
    Roll,
    RollFinding,
)
from disbursement.words import (
    CHECKS,
    CORRECTION_KINDS,
    DISCREPANCIES,
    FAILURE_ENDINGS,
    OUTCOMES,
    PAYMENT_STATES,
    REBOOKING_KINDS,
    REBOOKING_STATES,
    RETURN_STATES,
    reason_words,
)
from registry.hooks import PERSON_RECORDS, PersonAsked
from registry.models import CardRequestLine
from registry.person_records import is_own
from sms.models import Message
from sms.rendering import ForbiddenContent, render, signature_of
from sms.templates import TemplateError, template_named
from sms.wordings import load_wordings
from sms.words import MESSAGE_STATES, TEMPLATE_WORDS

PERSON_RECORDS.leave_out({"correction_evidence": "the documents themselves; which one was brought stands beside it"})


def _said(words: Any, code: str) -> str:
    found = words.get(code, code)
    return str(getattr(found, "text", found))


def payments_of_person(asked: PersonAsked) -> Select[int]:
    """The ids of all payments that a person is or was owed, whoever entered them."""
    return select(Payment.id).where(Payment.beneficiary_id.in_(asked.records))


def titles(asked: PersonAsked) -> dict[int, str]:
    """What his payments are called in the file: by programme and period, and their number."""
    found = db.session.scalars(
        select(Payment).where(Payment.beneficiary_id.in_(asked.records)).options(*_WITH_BATCH).order_by(Payment.id)
    )
    return {
        payment.id: f"{payment.batch.programme.name} {period(payment.batch.period)} #{payment.id}" for payment in found
    }


_WITH_BATCH = (joinedload(Payment.batch).joinedload(Batch.programme), defer(Payment.sheet))


@PERSON_RECORDS.provider(30, "payments")
def payments(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """What he is or was owed."""
    found = db.session.scalars(
        select(Payment)
        .where(Payment.beneficiary_id.in_(asked.records))
        .options(*_WITH_BATCH, joinedload(Payment.roll).joinedload(Roll.township), joinedload(Payment.card))
        .order_by(Payment.id)
    )
    return [
        records(
            gettext("发放记录"),
            [
                *(gettext("编号"), gettext("补贴项目"), gettext("期别"), gettext("乡镇（街道）"), gettext("姓名")),
                *(
                    gettext("收款人"),
                    gettext("卡号后四位"),
                    gettext("补贴数量"),
                    gettext("金额（元）"),
                    gettext("状态"),
                ),
                *(gettext("到账日期"), gettext("未到账原因"), gettext("花名册行号")),
            ],
            [
                (
                    *(one.id, one.batch.programme.name, period(one.batch.period), one.roll.township.name, one.name),
                    *(one.payee_name, one.card.tail if one.card else "", one.quantity, yuan(one.amount_fen)),
                    *(_said(PAYMENT_STATES, one.state), one.paid_on, reason_words(one.failure_reason)),
                    *(one.row or "",),
                )
                for one in found
            ],
        )
    ]


@PERSON_RECORDS.provider(32, "attempts", "discrepancies", "bank_spellings")
def attempts(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """The tries to pay him, what in the bank's answers did not fit them, and how the bank spells him."""
    named = titles(asked)
    tries = db.session.scalars(
        select(Attempt)
        .where(Attempt.payment_id.in_(payments_of_person(asked)))
        .options(defer(Attempt.card_number))
        .order_by(Attempt.payment_id, Attempt.number)
    ).all()
    of_attempt = {attempt.id: attempt for attempt in tries}
    doubts = db.session.scalars(
        select(Discrepancy).where(Discrepancy.attempt_id.in_(_attempts(asked))).order_by(Discrepancy.id)
    )
    card = asked.person.card
    spellings: Sequence[BankSpelling] = []
    if card is not None and is_own(card, asked.person):
        spellings = db.session.scalars(select(BankSpelling).where(BankSpelling.card_id == card.id)).all()
    return [
        records(
            gettext("代发记录"),
            [
                *(gettext("哪笔发放"), gettext("业务编号"), gettext("收款人"), gettext("送银行的户名")),
                *(gettext("卡号后四位"), gettext("金额（元）"), gettext("结果"), gettext("原因")),
                *(gettext("银行日期"), gettext("退票日期"), gettext("生成时间")),
            ],
            [
                (
                    *(named[one.payment_id], one.reference, one.payee_name, one.sent_name or one.payee_name),
                    *(one.card_tail, yuan(one.amount_fen), _said(OUTCOMES, one.outcome)),
                    *(reason_words(one.failure_reason), one.bank_date, one.returned_on, one.created_at),
                )
                for one in tries
            ],
        ),
        records(
            gettext("银行回盘中对不上的行"),
            (gettext("哪笔发放"), gettext("发现时间"), gettext("哪里对不上"), gettext("处理时间")),
            [
                (
                    named[of_attempt[one.attempt_id].payment_id] if one.attempt_id in of_attempt else "",
                    *(one.found_at, _said(DISCREPANCIES, one.kind), one.settled_at),
                )
                for one in doubts
            ],
        ),
        records(
            gettext("银行怎样写他的户名"),
            (gettext("户名"), gettext("银行的写法"), gettext("登记时间")),
            [(one.name, one.spelling, one.recorded_at) for one in spellings],
        ),
    ]


def _attempts(asked: PersonAsked) -> Select[int]:
    return select(Attempt.id).where(Attempt.payment_id.in_(payments_of_person(asked)))


@PERSON_RECORDS.provider(34, "failures", "corrections", "corrected_along")
def failures(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """What failed, and what was corrected."""
    named, mine = titles(asked), payments_of_person(asked)
    failed = db.session.scalars(select(Failure).where(Failure.payment_id.in_(mine)).order_by(Failure.id))
    along = select(CorrectedAlong.correction_id).where(CorrectedAlong.payment_id.in_(mine))
    corrected = db.session.scalars(
        select(Correction)
        .where(or_(Correction.payment_id.in_(mine), Correction.id.in_(along)))
        .options(joinedload(Correction.evidence))
        .order_by(Correction.id)
    ).unique()
    taken_along: dict[int, list[str]] = {}
    for correction, payment in db.session.execute(
        select(CorrectedAlong.correction_id, CorrectedAlong.payment_id)
        .where(CorrectedAlong.payment_id.in_(mine))
        .order_by(CorrectedAlong.payment_id)
    ):
        taken_along.setdefault(correction, []).append(named[payment])
    return [
        records(
            gettext("发放失败"),
            [
                *(gettext("哪笔发放"), gettext("失败月份"), gettext("原因"), gettext("开户银行"), gettext("登记日期")),
                *(gettext("改正日期"), gettext("推送日期"), gettext("重发日期"), gettext("办结日期"), gettext("结果")),
            ],
            [
                (
                    *(named[one.payment_id], one.month, reason_words(one.reason), one.bank_name, one.recorded_on),
                    *(one.corrected_on, one.resubmitted_on, one.reissued_on, one.ended_on),
                    *(_said(FAILURE_ENDINGS, one.ending),),
                )
                for one in failed
            ],
        ),
        records(
            gettext("改正记录"),
            [
                *(gettext("哪笔发放"), gettext("一并改正的发放"), gettext("时间"), gettext("改了什么")),
                *(gettext("原卡后四位"), gettext("新卡后四位"), gettext("原收款人"), gettext("新收款人")),
                *(gettext("原姓名"), gettext("新姓名"), gettext("说明"), gettext("依据材料"), gettext("经办的人")),
                *(gettext("撤销时间"), gettext("撤销人"), gettext("撤销理由")),
            ],
            [
                (
                    *(named.get(one.payment_id, ""), "；".join(taken_along.get(one.id, ())), one.at),
                    *(_said(CORRECTION_KINDS, one.kind), one.before_card_tail, one.after_card_tail),
                    *(one.before_payee_name, one.after_payee_name, one.before_name, one.after_name, one.note),
                    *(one.evidence.filename if one.evidence else "", one.actor_name),
                    *(one.undone_at, one.undone_by_name, one.undo_reason),
                )
                for one in corrected
            ],
        ),
    ]


@PERSON_RECORDS.provider(36, "return_lines", "rebooking_lines", "offline_receipt_lines", "roll_findings")
def other_entries(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """What was returned, rebooked, paid by hand, and found by the checks of a roll."""
    named, mine = titles(asked), payments_of_person(asked)
    return [
        records(
            gettext("退回"),
            (gettext("哪笔发放"), gettext("提出时间"), gettext("金额（元）"), gettext("进度"), gettext("入账日期")),
            [
                (
                    *(named[line.payment_id], order.created_at, yuan(line.amount_fen)),
                    *(_said(RETURN_STATES, order.state), order.credited_on),
                )
                for line, order in _lines(ReturnLine, ReturnOrder, ReturnLine.payment_id.in_(mine))
            ],
        ),
        records(
            gettext("改记"),
            (gettext("哪笔发放"), gettext("时间"), gettext("改记内容"), gettext("进度"), gettext("银行日期")),
            [
                (
                    *(named[line.payment_id], of.created_at, _said(REBOOKING_KINDS, of.kind)),
                    *(_said(REBOOKING_STATES, of.state), line.bank_day),
                )
                for line, of in _lines(RebookingLine, Rebooking, RebookingLine.payment_id.in_(mine))
            ],
        ),
        records(
            gettext("线下发放的签领表"),
            (gettext("哪笔发放"), gettext("签领表编号"), gettext("发放日期"), gettext("发放人"), gettext("撤销时间")),
            [
                (named[line.payment_id], sheet.number, sheet.paid_on, sheet.payer, sheet.cancelled_at)
                for line, sheet in _lines(OfflineReceiptLine, OfflineReceipt, OfflineReceiptLine.payment_id.in_(mine))
            ],
        ),
        records(
            gettext("发放前核查的提示"),
            (gettext("哪笔发放"), gettext("时间"), gettext("提示"), gettext("已作说明的时间")),
            [
                (named[one.payment_id or 0], one.found_at, _said(CHECKS, one.kind), one.explained_at)
                for one in db.session.scalars(
                    select(RollFinding).where(RollFinding.payment_id.in_(mine)).order_by(RollFinding.id)
                )
            ],
            gettext("提示涉及的其他人和经办人员的说明不在这里：里面有别人的信息。"),
        ),
    ]


def _lines(line: Any, whole: Any, where: ColumnElement[bool]) -> Sequence[Any]:
    return db.session.execute(select(line, whole).join(whole).where(where).order_by(whole.id)).all()


@PERSON_RECORDS.provider(60, "messages")
def messages(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """The messages about his payments and his card. Not by the phone: a household often shares one."""
    lines = select(CardRequestLine.id).where(CardRequestLine.beneficiary_id.in_(asked.records))
    found = db.session.scalars(
        select(Message)
        .where(
            or_(
                and_(Message.subject_kind == "attempt", Message.subject_id.in_(_attempts(asked))),
                and_(Message.subject_kind == "card_request_line", Message.subject_id.in_(lines)),
            )
        )
        .order_by(Message.created_at, Message.id)
    )
    text = _texts()
    return [
        records(
            gettext("短信"),
            (gettext("时间"), gettext("种类"), gettext("发往"), gettext("短信内容"), gettext("状态")),
            [
                (
                    *(one.sent_at or one.created_at, _said(TEMPLATE_WORDS, one.template)),
                    *(mask_phone(one.phone) if one.phone else "", text(one), _said(MESSAGE_STATES, one.state)),
                )
                for one in found
            ],
            gettext("验证码不留内容。投诉举报的短信不在这里：有没有、是谁的，都不能让人看出来。"),
        )
    ]


def _texts() -> Callable[[Message], str]:
    """A function that gives the text of a message as it was sent."""
    settings: Settings = current_app.extensions["settings"]
    signature, wordings = signature_of(settings.county_name), load_wordings()

    def text(message: Message) -> str:
        template = template_named(message.template)
        wording = wordings.of(template, message.template_version)
        try:
            return render(template, message.parameters, signature=signature, language=message.language, wording=wording)
        except (TemplateError, ForbiddenContent):
            return ""

    return text
