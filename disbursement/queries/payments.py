"""Payments and their attempts: as officials see them, and as the person sees them whom they are for."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import BigInteger, CompoundSelect, Select, bindparam, func, select, union
from sqlalchemy.orm import aliased, contains_eager

from core.database import db
from core.errors import NotVisible
from core.identity import mask_name, name_key
from core.money import Fen
from core.principal import Principal
from disbursement.models import Attempt, Batch, Payment, Roll
from disbursement.queries.rolls import rolls_in_scope
from programmes.models import Programme
from registry.models import Beneficiary, Card


def visible_payments(principal: Principal) -> Select[Payment]:
    """Payments with their card, roll, batch, programme and township."""
    return (
        select(Payment)
        .join(Payment.roll)
        .join(Roll.batch)
        .join(Batch.programme)
        .join(Roll.township)
        .outerjoin(Payment.card)
        .options(
            contains_eager(Payment.card),
            contains_eager(Payment.roll).contains_eager(Roll.batch).contains_eager(Batch.programme),
            contains_eager(Payment.roll).contains_eager(Roll.township),
        )
        .where(rolls_in_scope(principal))
    )


def get_payment(principal: Principal, payment_id: int) -> Payment:
    """One payment. Raises NotVisible."""
    payment = db.session.scalars(visible_payments(principal).where(Payment.id == payment_id)).first()
    if payment is None:
        raise NotVisible
    return payment


def attempts_of(payment: Payment) -> Sequence[Attempt]:
    """The tries to pay a payment, first to last."""
    return db.session.scalars(select(Attempt).where(Attempt.payment_id == payment.id).order_by(Attempt.number)).all()


class PaymentOfPerson(NamedTuple):
    """A payment as the person whom it is for may see it, or who received it for him. Only then ``for_whom`` is filled:
    the masked name of the one whom it is for; ``region_code`` is then where he lives."""

    payment_id: int
    programme: str
    period: str
    amount_fen: Fen
    state: str
    paid_on: date | None
    card_tail: str | None
    failure_reason: str
    for_whom: str = ""
    region_code: str = ""


_NOT_OWED = ("drafted", "struck")
_SHOWN = (
    select(
        Payment.id,
        Programme.name,
        Batch.period,
        Payment.amount_fen,
        Payment.state,
        Payment.paid_on,
        Card.tail,
        Payment.failure_reason,
    )
    .join(Batch, Batch.id == Payment.batch_id)
    .join(Programme, Programme.id == Batch.programme_id)
    # Each compared by itself: a list in a statement is spelt out anew at every run.
    .where(*(Payment.state != state for state in _NOT_OWED))
    .order_by(Batch.period.desc(), Payment.id.desc())
)
# Made once: every lookup runs it, and to put a statement together costs more than to run it.
_PAYMENTS_OF = _SHOWN.outerjoin(Card, Card.id == Payment.card_id).where(Payment.beneficiary_id == bindparam("person"))


def payments_of(beneficiary_id: int) -> Sequence[PaymentOfPerson]:
    """All that one person was ever owed, newest first, in one query. Drafts and struck lines are nobody's yet.

    The caller has made sure that it is this person who asks.
    """
    rows = db.session.connection().execute(_PAYMENTS_OF, {"person": beneficiary_id}).all()
    return [PaymentOfPerson(*row) for row in rows]


_own, _held = aliased(Payment), aliased(Card)
_HOLDER = bindparam("person", type_=BigInteger())
_HOLDER_INDEX = func.coalesce(
    select(Beneficiary.id_number_index).where(Beneficiary.id == _HOLDER).scalar_subquery(),
    select(_held.holder_index).where(_held.id == bindparam("card", type_=BigInteger())).scalar_subquery(),
)
# The cards that may be a person's: his present one, those that his own money went to, those on record under his number.
_CARDS_HELD: CompoundSelect[int | None] = union(
    select(Beneficiary.card_id).where(Beneficiary.id == _HOLDER, Beneficiary.card_id.is_not(None)),
    select(_own.card_id).where(_own.beneficiary_id == _HOLDER, _own.card_id.is_not(None)),
    select(Card.id).where(Card.holder_index == _HOLDER_INDEX),
)
_RECEIVED = (
    _SHOWN.add_columns(
        Payment.region_code, Payment.card_id, Payment.payee_name, Payment.name.label("for_whom"), Programme.sensitive
    )
    .join(Card, Card.id == Payment.card_id)
    .where(Payment.card_id.in_(_CARDS_HELD), Payment.beneficiary_id != _HOLDER)
)


def payments_received(beneficiary_id: int, card_id: int | None, holder_name: str) -> Sequence[PaymentOfPerson]:
    """All that came, or is to come, to the cards of one person for somebody else, newest first.

    The caller has made sure that it is this person who asks: by his record, or where he has none (0) by a card on
    record under his number. A card counts as his where the payment names him as its payee; one on which somebody else
    of the same name is paid for himself may be that other's, and shows nothing.
    """
    rows = db.session.execute(_RECEIVED, {"person": beneficiary_id, "card": card_id}).all()
    key = name_key(holder_name)
    his = [row for row in rows if name_key(row.payee_name) == key]
    doubtful = {row.card_id for row in his if name_key(row.for_whom) == key}
    return [
        PaymentOfPerson(*row[:8])._replace(
            for_whom=mask_name(row.for_whom, surname_only=row.sensitive), region_code=row.region_code
        )
        for row in his
        if row.card_id not in doubtful
    ]
