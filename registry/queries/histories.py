"""What a person's record was before, who receives for him, and who lives with him."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from core.bulk import among, look_up
from core.database import db, keyring
from core.errors import NotVisible
from core.plain_text import plain_without_spaces
from core.principal import Principal
from registry.models import Beneficiary, CardChange, Payee, PhoneChange, StatusChange
from registry.queries.people import beneficiary, standing_beneficiaries

MOST_SHOWN = 20
"""Changes of one kind on a person's page: ten years bring fewer."""


def records_of(person: Beneficiary) -> list[int]:
    """The ids of a person's record and of the doubles that went up in it."""
    doubles = select(Beneficiary.id).where(Beneficiary.merged_into_id == person.id)
    return [person.id, *db.session.scalars(doubles)]


def merged_into(person: Beneficiary) -> list[Beneficiary]:
    """The doubles that went up in this record."""
    doubles = select(Beneficiary).where(Beneficiary.merged_into_id == person.id).order_by(Beneficiary.id)
    return list(db.session.scalars(doubles))


def survivor_of(principal: Principal, person: Beneficiary) -> Beneficiary | None:
    """The record in which this one went up, None where it stands or the other lies outside the principal's regions."""
    if person.merged_into_id is None:
        return None
    found: Beneficiary | None = db.session.scalar(
        standing_beneficiaries(principal).where(Beneficiary.id == person.merged_into_id)
    )
    return found


def card_changes(records: Sequence[int]) -> Sequence[CardChange]:
    """The newest changes of cards of these records (records_of a person found through the principal)."""
    cards = (selectinload(CardChange.before), selectinload(CardChange.after))
    return _newest(CardChange, records, *cards)


def phone_changes(records: Sequence[int]) -> Sequence[PhoneChange]:
    """The newest changes of phones of these records."""
    return _newest(PhoneChange, records)


def status_changes(records: Sequence[int]) -> Sequence[StatusChange]:
    """The newest changes of status of these records."""
    return _newest(StatusChange, records)


def _newest(model: Any, records: Sequence[int], *options: Any) -> Sequence[Any]:
    found = select(model).where(model.beneficiary_id.in_(records)).order_by(model.at.desc(), model.id.desc())
    return db.session.scalars(found.options(*options).limit(MOST_SHOWN)).all()


def payees_of(person: Beneficiary) -> Sequence[Payee]:
    """Everybody who has received for this person, the newest first."""
    found = select(Payee).where(Payee.beneficiary_id == person.id).order_by(Payee.id.desc()).limit(MOST_SHOWN)
    return db.session.scalars(found).all()


def entered_payee(beneficiary_id: int) -> Payee | None:
    """The payee of this person that nobody has ended, whatever day it is."""
    found = select(Payee).where(Payee.beneficiary_id == beneficiary_id, Payee.ended_at.is_(None))
    return db.session.scalar(found)


def payee_names(people: Collection[int], since: date) -> dict[int, str]:
    """Who receives for each of these people, by person: as entered, not ended, and not run out before ``since``, the
    first day that the money is for."""
    if not people:
        return {}
    standing = (Payee.ended_at.is_(None), or_(Payee.until_on.is_(None), Payee.until_on >= since))
    entered = select(Payee.beneficiary_id, Payee.name).where(among(Payee.beneficiary_id, sorted(people)), *standing)
    return dict(db.session.execute(entered).all())


def receives_on(day: date) -> ColumnElement[bool]:
    """The condition that a payee receives on this day."""
    return (Payee.from_on <= day) & or_(Payee.until_on.is_(None), Payee.until_on >= day)


def payee(principal: Principal, beneficiary_id: int, payee_id: int) -> Payee:
    """One entry about a payee that has a file as evidence. Raises NotVisible."""
    person = beneficiary(principal, beneficiary_id)
    found = db.session.scalar(
        select(Payee).where(Payee.id == payee_id, Payee.beneficiary_id == person.id, Payee.evidence_id.is_not(None))
    )
    if found is None:
        raise NotVisible
    return found


def receives_for(principal: Principal, person: Beneficiary) -> list[Beneficiary]:
    """The people for whom this person receives now, within the principal's regions."""
    theirs = select(Payee.beneficiary_id).where(Payee.payee_id == person.id, Payee.ended_at.is_(None))
    found = standing_beneficiaries(principal).where(Beneficiary.id.in_(theirs)).order_by(Beneficiary.id)
    return list(db.session.scalars(found.limit(MOST_SHOWN)))


def household_of(principal: Principal, person: Beneficiary) -> list[Beneficiary]:
    """The others of his household, within the principal's regions."""
    if not person.household_number:
        return []
    same = (Beneficiary.household_number == person.household_number, Beneficiary.id != person.id)
    return list(db.session.scalars(standing_beneficiaries(principal).where(*same).order_by(Beneficiary.id).limit(50)))


def record_of_number(principal: Principal, id_number: str) -> int | None:
    """The standing record with this ID number within the principal's regions; None for none."""
    number = plain_without_spaces(id_number).upper()
    if not number:
        return None
    found = db.session.scalar(select(Beneficiary).where(Beneficiary.id_number_index == number))
    if found is None or not principal.sees_region(found.region_code):
        return None
    return found.merged_into_id or found.id


# --- Lists about many people -------------------------------------------------------------------


class KnownPerson(NamedTuple):
    """Whom a line of a list names."""

    id: int
    name: str


class HeldStatus(NamedTuple):
    """A person's status as it stands, held until the transaction ends."""

    id: int
    status: str
    on: date | None
    source: str


def known_people(principal: Principal, id_numbers: Sequence[str]) -> dict[str, KnownPerson]:
    """Who has these ID numbers within the principal's regions, by number. A double leads to the record that stands."""
    keys = keyring().blind_indexes(id_numbers, "id_number")
    rows = look_up("beneficiaries", "id_number_index", ("id", "name", "region_code", "merged_into_id"), keys)
    people: dict[str, KnownPerson] = {}
    doubles: dict[str, int] = {}
    for number, key in zip(id_numbers, keys, strict=True):
        row = rows.get(key)
        if row is None or not principal.sees_region(row[3]):
            continue
        if row[4] is None:
            people[number] = KnownPerson(row[1], row[2])
        else:
            doubles[number] = row[4]
    if doubles:
        named = select(Beneficiary.id, Beneficiary.name).where(among(Beneficiary.id, sorted(set(doubles.values()))))
        names = dict(db.session.execute(named).all())
        people |= {number: KnownPerson(record, names[record]) for number, record in doubles.items()}
    return people


def statuses_held(ids: Iterable[int]) -> dict[int, HeldStatus]:
    """The status of these people, held until the transaction ends."""
    rows = db.session.execute(
        select(Beneficiary.id, Beneficiary.status, Beneficiary.status_on, Beneficiary.status_source)
        .where(among(Beneficiary.id, sorted(set(ids))))
        .order_by(Beneficiary.id)
        .with_for_update(of=Beneficiary)
    )
    return {row[0]: HeldStatus(*row) for row in rows}
