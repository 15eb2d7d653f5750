"""Checks of people and of the cards that their money goes to."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import case, func, or_, select

from accounts.models import Official, Organisation
from core.bulk import among
from core.database import db
from core.identity import name_key
from core.principal import region_prefix
from disbursement.findings.subject import Found, Subject
from disbursement.models import Payment
from disbursement.rules import checks
from disbursement.rules.checks import CheckKind
from registry.models import Beneficiary, Card, Payee
from registry.queries import payee_names


def people(subject: Subject) -> Iterator[Found]:
    """The dead, the gone, the merged; names that are not those on record; cards that are somebody else's."""
    rows = db.session.execute(
        select(
            Payment.id,
            Payment.beneficiary_id,
            Payment.name,
            Payment.payee_name,
            Beneficiary.name,
            Beneficiary.status,
            Beneficiary.status_on,
            Beneficiary.merged_into_id,
            Card.holder_name,
        )
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .outerjoin(Card, Card.id == Payment.card_id)
        .where(
            subject.lines(),
            or_(
                Beneficiary.status != "living",
                Beneficiary.merged_into_id.is_not(None),
                Beneficiary.name != Payment.name,
                Card.holder_name != Payment.name,
            ),
        )
    ).all()
    foreign = []
    for payment_id, person, name, payee, on_record, status, status_on, merged_into, holder in rows:
        kind = checks.status_finding(status, status_on, subject.months)
        if kind is not None:
            yield Found(payment_id, kind, {})
        if merged_into is not None:
            yield Found(payment_id, CheckKind.MERGED, {})
        if name_key(name) != name_key(on_record):
            yield Found(payment_id, CheckKind.NAME_DIFFERS, {})
        if holder is not None and name_key(holder) not in {name_key(name), name_key(on_record)}:
            foreign.append((payment_id, person, holder, name_key(holder) == name_key(payee)))
    # Who has a registered payee is looked at with him, in payees().
    registered = payee_names({person for _, person, _, _ in foreign}, _first_day(subject))
    for payment_id, person, _holder, named in foreign:
        if person not in registered:
            yield Found(payment_id, CheckKind.CARD_HOLDER, {"named": named})


def payees(subject: Subject) -> Iterator[Found]:
    """Lines whose card is not the registered payee's: the registry says that somebody else receives for this person."""
    standing = (Payee.ended_at.is_(None), or_(Payee.until_on.is_(None), Payee.until_on >= _first_day(subject)))
    rows = db.session.execute(
        select(Payment.id, Payee.name, func.coalesce(Card.holder_name, Payment.payee_name))
        .join(Payee, Payee.beneficiary_id == Payment.beneficiary_id)
        .outerjoin(Card, Card.id == Payment.card_id)
        .where(subject.lines(), *standing)
    )
    for payment_id, payee, receiver in rows:
        if name_key(payee) != name_key(receiver):
            yield Found(payment_id, CheckKind.PAYEE_DIFFERS, {"payee": payee, "receiver": receiver})


def officials(subject: Subject) -> Iterator[Found]:
    """Lines for somebody who has the name of an official through whose office the roll goes: the township with its
    villages, or the programme's department. Officials have no ID number here; whoever explains it knows who it is."""
    prefix = region_prefix(subject.roll.township_code)
    names = db.session.scalars(
        select(Official.name)
        .join(Organisation, Organisation.id == Official.organisation_id)
        .where(
            Official.active,
            or_(
                Organisation.id == subject.programme.department_id,
                Organisation.region_code.startswith(prefix, autoescape=True),
            ),
        )
        .distinct()
    ).all()
    if not names:
        return
    named = or_(Payment.name.in_(names), Payment.payee_name.in_(names))
    for payment_id in db.session.scalars(select(Payment.id).where(subject.lines(), named)):
        yield Found(payment_id, CheckKind.OFFICIAL_NAMED, {})


def _first_day(subject: Subject) -> date:
    return checks.month_days(subject.months[0])[0]


def shared_cards(subject: Subject) -> Iterator[Found]:
    """Cards on which several people of the programme stand for the same months."""
    scope = (
        Payment.batch_id.in_(subject.own_batches),
        Payment.state.not_in(checks.NOT_STANDING),
        Payment.card_id.is_not(None),
    )
    # One walk through the batch: a list of the roll's cards to compare with would be walked for each line by a database
    # that does not know yet how many lines a new roll has.
    in_roll = func.max(case((Payment.roll_id == subject.roll.id, 1), else_=0))
    shared = db.session.scalars(
        select(Payment.card_id)
        .where(*scope)
        .group_by(Payment.card_id)
        .having(func.min(Payment.beneficiary_id) != func.max(Payment.beneficiary_id), in_roll == 1)
    ).all()
    if not shared:
        return
    uses: dict[int, list[checks.CardUse]] = defaultdict(list)
    mine = set()
    for payment_id, roll_id, card_id, person, household in db.session.execute(
        select(Payment.id, Payment.roll_id, Payment.card_id, Payment.beneficiary_id, Beneficiary.household_number)
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .where(*scope, among(Payment.card_id, [card for card in shared if card is not None]))
        .order_by(Payment.id)
    ):
        uses[card_id or 0].append(checks.CardUse(payment_id, person, household))
        if roll_id == subject.roll.id:
            mine.add(payment_id)
    for card_id, together in uses.items():
        number = len({use.beneficiary_id for use in together})
        for payment_id, other in checks.strangers_on_card(
            together, shared_cards=subject.programme.shared_cards
        ).items():
            if payment_id in mine:
                facts = {"people": number}
                yield Found(payment_id, CheckKind.SHARED_CARD, facts, f"card:{card_id}", other.payment_id)
