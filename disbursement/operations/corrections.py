"""The township's step of the failure cycle: a card, a name or a payee is put right, and can be put back (B6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from core import audit, workflow
from core.bulk import among, insert_columns, update_columns
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.evidence import BroughtEvidence
from core.identity import card_tail
from core.msgid import N_
from core.principal import Principal
from disbursement.models import Correction, Evidence, Failure, Payment
from disbursement.operations.corrected_along import correct_along, hold_along, hold_unsent, put_along_back
from disbursement.operations.evidence import keep_evidence
from disbursement.operations.failures import note_failures, open_failure
from disbursement.queries.failures import bound_by_order, correctable
from disbursement.queries.payments import get_payment, visible_payments
from disbursement.rules import (
    CORRECT_PAYMENT,
    PAYMENT_WORKFLOW,
    Account,
    Change,
    CorrectedAccount,
    checked_note,
    corrected,
)
from registry.enrolment import CardLine, ensure_cards
from registry.mending import AccountChange, change_card, rename_holders, take_back
from registry.models import Card

TOO_LATE = N_("有 %(count)s 笔刚才已由别人改正，或者已列入退回单，这次没有保存。请刷新页面后再看。")


@dataclass(frozen=True)
class CorrectionRequest:
    """What a township wants changed of one payment, and on what grounds."""

    payment_id: int
    change: Change
    note: str


@dataclass(frozen=True)
class _Planned:
    """A correction that is about to be made: the payment as it is, and the account as it will be."""

    payment_id: int
    beneficiary_id: int
    failure_id: int
    state: str
    card_id: int
    holder_name: str
    before: Account
    after: CorrectedAccount
    note: str


def correct_payments(
    principal: Principal,
    requests: Sequence[CorrectionRequest],
    *,
    at: datetime,
    evidence: BroughtEvidence | None = None,
) -> int:
    """Correct payments that failed, or that the bank sent back, all of them or none; the registry gets what turned out
    right, and so do approved payments of the same people to the same cards that no file has taken yet. Returns how many
    had failed.

    Raises NotVisible for a payment of another township, what rules.corrected raises for a change that cannot be,
    UserError for one that lacks the document it needs, and Conflict where somebody was quicker or a return order has
    the payment.
    """
    principal.require(CORRECT_PAYMENT)
    # Held first, so that what is looked at next is how things stand: an order may be taking them at this moment.
    wanted = sorted({request.payment_id for request in requests})
    hold_unsent(wanted)
    held = select(Payment.id).where(among(Payment.id, wanted))
    db.session.execute(held.order_by(Payment.id).with_for_update())
    planned = plan_corrections(principal, requests)
    if evidence is None and any(plan.after.needs_evidence for plan in planned):
        raise UserError("收款人换成了另一个人，必须上传依据材料（监护证明、委托书等的照片或扫描件）。")
    ids = [plan.payment_id for plan in planned]
    moved = workflow.move_set(
        PAYMENT_WORKFLOW,
        Payment,
        "correct",
        principal,
        among(Payment.id, ids),
        correctable(),
        due_on=open_failure(Failure.resubmit_by),
    )
    if moved != len(planned):
        raise Conflict(TOO_LATE, count=len(planned) - moved)
    cards = _mend(principal, planned, at)
    note_failures(ids, corrected_on=local_date(at))
    _write_down(principal, planned, cards, keep_evidence(evidence, at).id if evidence else None, at)
    along = correct_along([plan.failure_id for plan in planned])
    audit.record(
        principal,
        "failure.correct",
        "payment",
        ids[0] if len(ids) == 1 else "",
        at=at,
        payments=len(ids),
        not_sent_yet=along,
        kinds=sorted({plan.after.kind.value for plan in planned}),
        evidence=evidence is not None,
        number_confirmed=any(plan.after.number_confirmed for plan in planned),
    )
    db.session.flush()
    return len(ids)


def plan_corrections(principal: Principal, requests: Sequence[CorrectionRequest]) -> list[_Planned]:
    """What these requests would change; writes nothing. Raises as ``correct_payments`` does."""
    wanted = {request.payment_id: request for request in requests}
    if not wanted:
        raise UserError("没有要改正的明细。")
    rows = db.session.execute(
        visible_payments(principal)
        .join(Failure, Failure.payment_id == Payment.id)
        .where(among(Payment.id, list(wanted)), Failure.ended_on.is_(None))
        .add_columns(Failure.id)
        .order_by(Payment.id)
    ).all()
    if len(rows) != len(wanted):
        _refuse_missing(principal, list(wanted))
    return [_planned(payment, failure_id, wanted[payment.id]) for payment, failure_id in rows]


def _refuse_missing(principal: Principal, payment_ids: Sequence[int]) -> None:
    seen = db.session.scalars(
        visible_payments(principal).where(among(Payment.id, payment_ids)).with_only_columns(Payment.id)
    ).all()
    if len(seen) != len(payment_ids):
        raise NotVisible
    raise Conflict("有的明细已经不是发放失败，不能改正。请刷新页面后再看。")


def _planned(payment: Payment, failure_id: int, request: CorrectionRequest) -> _Planned:
    if payment.card is None:
        raise Conflict("这一笔没有登记过卡号，不能在这里改正。")
    before = Account(payment.name, payment.payee_name, payment.card.number)
    return _Planned(
        payment.id,
        payment.beneficiary_id,
        failure_id,
        payment.state,
        payment.card.id,
        payment.card.holder_name,
        before,
        corrected(before, request.change),
        checked_note(request.note),
    )


def _mend(principal: Principal, planned: Sequence[_Planned], at: datetime) -> list[int]:
    """Give payments, people and cards what is right; returns the card of each payment."""
    lines = [CardLine(plan.after.account.card, plan.after.account.payee) for plan in planned]
    cards = ensure_cards(lines, at=at)
    rename_holders({card: line.holder_name for card, line in zip(cards, lines, strict=True)})
    columns = {
        "id": [plan.payment_id for plan in planned],
        "card_id": cards,
        "payee_name": [plan.after.account.payee for plan in planned],
        "name": [plan.after.account.name for plan in planned],
    }
    update_columns(Payment, "id", columns)
    changes = [
        AccountChange(
            plan.beneficiary_id,
            card,
            plan.after.account.name if _renames(plan) else "",
            plan.note,
            plan.after.number_confirmed,
        )
        for plan, card in zip(planned, cards, strict=True)
        if card != plan.card_id or _renames(plan)
    ]
    change_card(principal, changes, at=at)
    return cards


def _renames(plan: _Planned) -> bool:
    return plan.after.account.name != plan.before.name


def _write_down(
    principal: Principal, planned: Sequence[_Planned], cards: list[int], evidence_id: int | None, at: datetime
) -> None:
    columns = {
        "payment_id": [plan.payment_id for plan in planned],
        "failure_id": [plan.failure_id for plan in planned],
        "kind": [plan.after.kind.value for plan in planned],
        "before_state": [plan.state for plan in planned],
        "before_card_id": [plan.card_id for plan in planned],
        "after_card_id": cards,
        "before_card_tail": [card_tail(plan.before.card) for plan in planned],
        "after_card_tail": [card_tail(plan.after.account.card) for plan in planned],
        "number_confirmed": [plan.after.number_confirmed for plan in planned],
        "before_payee_name": [plan.before.payee for plan in planned],
        "after_payee_name": [plan.after.account.payee for plan in planned],
        "before_holder_name": [plan.holder_name for plan in planned],
        "before_name": [plan.before.name for plan in planned],
        "after_name": [plan.after.account.name for plan in planned],
        "note": [plan.note for plan in planned],
        "evidence_id": evidence_id,
        "official_id": principal.official_id,
        "actor_name": principal.recorded_name,
        "at": at,
    }
    insert_columns(Correction, columns)


def undo_correction(principal: Principal, correction: Correction, reason: str, *, at: datetime) -> None:
    """Put a correction back while the department has not pushed it: payment, registry, and what was corrected along and
    has not been sent are as before, except for what somebody has changed again since. Raises UserError without a
    reason, Conflict once it has gone on, where a later one stands, or while a return order has the payment."""
    principal.require(CORRECT_PAYMENT)
    if not reason.strip():
        raise UserError("请写明撤回改正的原因。")
    payment = get_payment(principal, correction.payment_id)
    hold_along(correction)
    db.session.execute(select(Payment.id).where(Payment.id == payment.id).with_for_update())
    db.session.refresh(correction)
    if correction.undone_at is not None:
        raise Conflict("这次改正刚才已经撤回了。请刷新页面后再看。")
    failure = db.session.get_one(Failure, correction.failure_id, populate_existing=True)
    # Its failure has ended, and another one been corrected since: undone, it would bring back an account that failed
    # twice, and leave the later correction standing over a payment that it no longer is about.
    if failure.ended_on is not None:
        raise Conflict("这次改正以后已经重发过，又有了新的结果，不能撤回。要撤回的是最近一次改正。请刷新页面后再看。")
    # An order that is withdrawn leads back to where it found the payment: it would be corrected to a wrong account.
    if db.session.scalar(select(Payment.id).where(Payment.id == payment.id, bound_by_order())) is not None:
        raise Conflict("这一笔已列入退回单，改正不能撤回。请先撤回退回单。")
    action = "undo_correction" if correction.before_state == "failed" else "undo_correction_of_returned"
    workflow.move(PAYMENT_WORKFLOW, payment, action, principal, at=at, reason=reason.strip())
    failure.corrected_on = None
    payment.card_id, payment.due_on = correction.before_card_id, failure.correct_by
    payment.payee_name, payment.name = correction.before_payee_name, correction.before_name
    correction.undone_at, correction.undone_by = at, principal.official_id
    correction.undone_by_name, correction.undo_reason = principal.recorded_name, reason.strip()
    beneficiary_id = payment.beneficiary_id
    db.session.flush()
    along = put_along_back(correction)
    told: dict[str, Any] = {"correction": correction.id, "not_sent_yet": along}
    audit.record(principal, "failure.undo_correction", "payment", correction.payment_id, at=at, **told)
    db.session.flush()
    _put_holder_back(correction)
    take_back(
        principal,
        AccountChange(beneficiary_id, correction.after_card_id, correction.after_name),
        AccountChange(beneficiary_id, correction.before_card_id, correction.before_name, reason.strip()),
        at=at,
    )


def _put_holder_back(correction: Correction) -> None:
    """The holder's name of a card that stayed the same."""
    if correction.after_card_id == correction.before_card_id:
        db.session.execute(
            update(Card)
            .where(Card.id == correction.before_card_id, Card.holder_name == correction.after_payee_name)
            .values(holder_name=correction.before_holder_name)
            .execution_options(synchronize_session=False)
        )


def read_evidence_file(principal: Principal, evidence: Evidence, *, at: datetime) -> bytes:
    """The bytes of a document; every reading is on record."""
    payment_id = db.session.scalars(
        select(Correction.payment_id).where(Correction.evidence_id == evidence.id).order_by(Correction.id).limit(1)
    ).one()
    audit.record(principal, "failure.read_evidence", "payment", payment_id, at=at, evidence=evidence.id)
    db.session.flush()
    return evidence.file.content
