"""Reads of the public door. A person is found only to be compared with a proof; payments are read by their owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, select

from accounts.models import Organisation
from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from disbursement.models import Batch, Payment
from disbursement.queries import payments_of
from programmes.models import Programme
from registry.models import Beneficiary, Card, Region

NOBODY_ID = 0
"""An id that no beneficiary has: what is asked for somebody who does not exist, so that the work stays the same."""


class Person(NamedTuple):
    """What a lookup compares, and what its page shows of the person."""

    id: int
    name: str
    name_key: str
    region_code: str
    card_tail: str | None


# Nobody's name is empty and nobody's tail is longer than four digits: this person can be compared and never found.
STRANGER = Person(NOBODY_ID, "", "", "", "-----")

# The statements of a lookup are made once: to put them together costs more than to run them.
# The number of a double opens what is on record under the one that stands: there the payments are.
_PERSON = select(
    func.coalesce(Beneficiary.merged_into_id, Beneficiary.id),
    Beneficiary.name,
    Beneficiary.name_key,
    Beneficiary.region_code,
    Card.tail,
).outerjoin(Card, Card.id == Beneficiary.card_id)
_PERSON_BY_NUMBER = _PERSON.where(Beneficiary.id_number_index == bindparam("id_number"))
_PERSON_BY_ID = _PERSON.where(Beneficiary.id == bindparam("beneficiary_id"))
_PAID_TO_TAIL = select(
    exists()
    .where(Payment.beneficiary_id == bindparam("beneficiary_id"))
    .where(Card.id == Payment.card_id)
    .where(Card.tail == bindparam("tail"))
)


def person_by_id_number(id_number: str) -> Person:
    """The person with a checked ID number, or STRANGER: the caller does the same with either."""
    row = db.session.connection().execute(_PERSON_BY_NUMBER, {"id_number": id_number}).first()
    return Person._make(row) if row else STRANGER


def person_of(principal: Principal) -> Person:
    """The person who has signed in. Raises NotVisible where that is nobody (any more)."""
    row = db.session.connection().execute(_PERSON_BY_ID, {"beneficiary_id": principal.beneficiary_id}).first()
    if row is None:
        raise NotVisible
    return Person._make(row)


def was_paid_to_tail(beneficiary_id: int, tail: str) -> bool:
    """Whether a payment of this person went to a card with this tail: people know the card they had then."""
    found = db.session.connection().execute(_PAID_TO_TAIL, {"beneficiary_id": beneficiary_id, "tail": tail})
    return bool(found.scalar_one())


@dataclass(frozen=True)
class PaymentInQuestion:
    """The payment that a complaint is about, as its form shows it."""

    id: int
    programme: str
    period: str
    amount_fen: int
    region_code: str


_IN_QUESTION = (
    select(Payment.id, Programme.name, Batch.period, Payment.amount_fen, Payment.region_code)
    .join(Batch, Batch.id == Payment.batch_id)
    .join(Programme, Programme.id == Batch.programme_id)
)


def own_payment(principal: Principal, payment_id: int) -> PaymentInQuestion:
    """One payment of the person who has signed in. Raises NotVisible for anybody else's, and for one that
    ``payments_of`` does not show."""
    own = payments_of(principal.beneficiary_id or NOBODY_ID)
    found = payment_in_question(payment_id) if payment_id in {payment.payment_id for payment in own} else None
    if found is None:
        raise NotVisible
    return found


def payment_in_question(payment_id: int) -> PaymentInQuestion | None:
    """A payment that somebody was shown before (the caller holds the signed proof); None where it is gone."""
    row = db.session.execute(_IN_QUESTION.where(Payment.id == payment_id)).first()
    return PaymentInQuestion(*row) if row else None


def region_named(code: str) -> Region | None:
    """A region by its code. Regions are public."""
    return db.session.get(Region, code) if code else None


def children_of(code: str) -> Sequence[Region]:
    """The regions right below one, in the order of their codes."""
    return db.session.scalars(select(Region).where(Region.parent_code == code).order_by(Region.code)).all()


def office_at(kind: str, region_code: str | None) -> int | None:
    """The id of the office of that kind for exactly that region, None where there is none."""
    if region_code is None:
        return None
    return db.session.scalar(
        select(Organisation.id).where(
            Organisation.kind == kind, Organisation.region_code == region_code, Organisation.active
        )
    )
