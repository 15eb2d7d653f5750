"""Reads of the public door. A person is found only to be compared with a proof; payments are read by their owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnClause, Integer, Select, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased, contains_eager

from accounts.models import Organisation
from core.database import db, visible_region
from core.errors import NotVisible
from core.identity import name_key
from core.principal import Principal, PrincipalKind
from disbursement.models import Batch, Payment
from disbursement.queries import PaymentOfPerson, payments_of, payments_received
from portal.models import AssistedLookup
from portal.rules import READ_ASSISTED, same_name
from programmes.models import Programme
from registry import queries as registry
from registry.models import Beneficiary, Card, Payee, Region
from registry.queries import LooksAt

NOBODY_ID = 0
"""An id that no beneficiary has: what is asked for somebody who does not exist, so that the work stays the same."""


class Person(NamedTuple):
    """What a lookup compares, and what its page shows of the person. ``receives`` says whether there may be payments
    that he receives for others. Somebody who does only that has no record: ``id`` is NOBODY_ID and ``held_card_id`` a
    card of his."""

    id: int
    name: str
    name_key: str
    region_code: str
    card_tail: str | None
    receives: bool
    held_card_id: int | None = None


# Nobody's name is empty and nobody's tail is longer than four digits: this person can be compared and never found.
STRANGER = Person(NOBODY_ID, "", "", "", "-----", False)

# The statements of a lookup are made once: to put them together costs more than to run them.
# The number of a double opens what is on record under the one that stands: there the payments are.
_STANDING_ID = func.coalesce(Beneficiary.merged_into_id, Beneficiary.id)
_held = aliased(Card)
# SQLite takes a star in EXISTS for a wish to see the row, and fetches it.
_ONE: ColumnClause[int] = literal_column("1", Integer)
_RECEIVES = or_(
    exists(_ONE).where(Payment.card_id == Beneficiary.card_id, Payment.beneficiary_id != _STANDING_ID),
    exists(_ONE).where(_held.holder_index == Beneficiary.id_number_index),
    exists(_ONE).where(Payee.payee_id == Beneficiary.id),
)
_PERSON = select(
    _STANDING_ID, Beneficiary.name, Beneficiary.name_key, Beneficiary.region_code, Card.tail, _RECEIVES
).outerjoin(Card, Card.id == Beneficiary.card_id)
_PERSON_BY_NUMBER = _PERSON.where(Beneficiary.id_number_index == bindparam("id_number"))
_PERSON_BY_ID = _PERSON.where(Beneficiary.id == bindparam("beneficiary_id"))
_PAID_TO_TAIL = select(
    exists()
    .where(Payment.beneficiary_id == bindparam("beneficiary_id"))
    .where(Card.id == Payment.card_id)
    .where(Card.tail == bindparam("tail"))
)
# Where he lives nobody has written down; those for whom he receives live near him.
_REGION_OF_CARD = (
    select(Beneficiary.region_code).where(Beneficiary.card_id == Card.id).order_by(Beneficiary.id).limit(1)
).scalar_subquery()
_HELD = select(Card.id, Card.holder_name, Card.tail, func.coalesce(_REGION_OF_CARD, "")).order_by(Card.id)
_HELD_BY_NUMBER = _HELD.where(Card.holder_index == bindparam("id_number"))
_HELD_BY_ID = _HELD.where(Card.id == bindparam("card_id"))


def person_by_id_number(id_number: str) -> Person:
    """The person with a checked ID number, or STRANGER: the caller does the same with either."""
    row = db.session.connection().execute(_PERSON_BY_NUMBER, {"id_number": id_number}).first()
    return Person(*row) if row else STRANGER


def holders_by_id_number(id_number: str) -> list[Person]:
    """Who holds a card on record under this checked number, as somebody without a record of his own: one for each
    card, the oldest first."""
    rows = db.session.connection().execute(_HELD_BY_NUMBER, {"id_number": id_number})
    return [_holder(row) for row in rows]


def _holder(row: Any) -> Person:
    card_id, name, tail, region_code = row
    return Person(NOBODY_ID, name, name_key(name), region_code, tail, True, card_id)


def person_of(principal: Principal) -> Person:
    """The person who has signed in. Raises NotVisible where that is nobody (any more)."""
    connection = db.session.connection()
    if principal.card_id:
        row = connection.execute(_HELD_BY_ID, {"card_id": principal.card_id}).first()
        found = _holder(row) if row else None
    else:
        row = connection.execute(_PERSON_BY_ID, {"beneficiary_id": principal.beneficiary_id}).first()
        found = Person(*row) if row else None
    if found is None:
        raise NotVisible
    return found


_LONG_TAILS = select(Card.number).where(
    Card.tail == bindparam("tail"),
    or_(
        Card.id.in_(select(Payment.card_id).where(Payment.beneficiary_id == bindparam("beneficiary_id"))),
        Card.id.in_(select(Beneficiary.card_id).where(Beneficiary.id == bindparam("beneficiary_id"))),
        Card.holder_index == bindparam("id_number", type_=Card.holder_index.type),
    ),
)


def long_tails(beneficiary_id: int, id_number: str, tail: str, digits: int) -> list[str]:
    """The last ``digits`` digits of the person's cards that end in ``tail``: those he has or had, and those he holds
    for others."""
    asked = {"beneficiary_id": beneficiary_id, "id_number": id_number, "tail": tail}
    return [number[-digits:] for number in db.session.scalars(_LONG_TAILS, asked)]


def person_at_counter(principal: Principal, id_number: str) -> Person | None:
    """Who has this checked number, for an official: None outside his regions, and where there is nobody."""
    person = person_by_id_number(id_number)
    if person.id != NOBODY_ID:
        # Of a double the record that stands counts, and where that person lives.
        found = [person_of(Principal(PrincipalKind.BENEFICIARY, beneficiary_id=person.id))]
    else:
        found = holders_by_id_number(id_number)
    return next((one for one in found if principal.sees_region(one.region_code)), None)


def looks_at(person: Person, *, most: int) -> Sequence[LooksAt]:
    """When officials have looked at the full numbers of the person who has looked up, and of which office they were, at
    most so many; nothing for somebody without a record of his own."""
    own = db.session.get(Beneficiary, person.id)
    return registry.looks_at(registry.records_of(own), most=most) if own else []


def assisted_lookups(principal: Principal) -> Select[AssistedLookup]:
    """The lookups at the counters of the principal's regions, with who made them. Raises PermissionDenied."""
    principal.require(READ_ASSISTED)
    return (
        select(AssistedLookup)
        .join(AssistedLookup.official)
        .join(AssistedLookup.organisation)
        .where(visible_region(Organisation.region_code, principal))
        .options(contains_eager(AssistedLookup.official), contains_eager(AssistedLookup.organisation))
    )


def received_by(person: Person) -> Sequence[PaymentOfPerson]:
    """What this person receives for others; asked for only where there may be any."""
    return payments_received(person.id, person.held_card_id, person.name) if person.receives else ()


def payee_to_text(id_number: str, name: str, on: date) -> int | None:
    """The entry of somebody who receives for another on that county day, by checked ID number and name as typed; None
    for nobody. To its phone goes his code."""
    rows = db.session.execute(
        select(Payee.id, Payee.name)
        .where(Payee.id_number_index == id_number, Payee.ended_at.is_(None))
        .where(or_(Payee.until_on.is_(None), Payee.until_on >= on))
        .order_by(Payee.id.desc())
    ).all()
    return next((row.id for row in rows if same_name(name_key(row.name), name)), None)


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
    """One payment of the person who has signed in, or that he receives for another. Raises NotVisible for anybody
    else's, and for one that his page does not show."""
    person = person_of(principal)
    shown = {payment.payment_id for payment in (*payments_of(person.id), *received_by(person))}
    found = payment_in_question(payment_id) if payment_id in shown else None
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
