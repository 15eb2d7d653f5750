"""Whose phone it is: those who share a number, the reports that one is wrong, the codes under way."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, false, func, literal, select
from sqlalchemy.orm import contains_eager, selectinload

from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from registry import rules
from registry.models import Beneficiary, PhoneChange, PhoneCode, Region, WrongNumber
from registry.queries.people import MOST_SHARING, in_scope

MOST_SHARING_SHOWN = 20


def is_reported_wrong() -> ColumnElement[bool]:
    """The condition on Beneficiary that somebody has said that the number on record is not his, and his township has
    not settled it."""
    # Written out: only so does the index of the open ones serve it.
    is_open = WrongNumber.state == literal("open", literal_execute=True)
    same = (WrongNumber.beneficiary_id == Beneficiary.id, WrongNumber.phone_index == Beneficiary.phone_index)
    return exists().where(*same, is_open, WrongNumber.channel.in_(rules.STOPPING))


class Sharing(NamedTuple):
    """The others within somebody's regions who have registered the same phone: how many, and the first of them."""

    number: int
    first: list[Beneficiary]


def sharing_phone(principal: Principal, person: Beneficiary) -> Sharing:
    """Who shares a person's phone. Each message names its person, so a household may well."""
    if person.phone_index is None or not principal.may(rules.SEE_BENEFICIARIES):
        return Sharing(0, [])
    # The regions are looked at afterwards, as by find_person.
    same = (Beneficiary.phone_index == person.phone_index, Beneficiary.merged_into_id.is_(None))
    found = select(Beneficiary.id, Beneficiary.region_code).where(*same, Beneficiary.id != person.id)
    rows = db.session.execute(found.order_by(Beneficiary.id).limit(MOST_SHARING))
    seen = [other for other, region_code in rows if principal.sees_region(region_code)]
    shown = select(Beneficiary).where(Beneficiary.id.in_(seen[:MOST_SHARING_SHOWN])).order_by(Beneficiary.id)
    return Sharing(len(seen), list(db.session.scalars(shown)))


def phone_since(person: Beneficiary) -> datetime | None:
    """When the number on record was entered; None where there is none."""
    if not person.phone:
        return None
    last = select(func.max(PhoneChange.at)).where(PhoneChange.beneficiary_id == person.id)
    return db.session.scalar(last) or person.created_at


def wrong_numbers(principal: Principal) -> Select[Any]:
    """The reports of wrong numbers of the principal's regions, with their people. Nothing without the right."""
    seen = in_scope(principal, Beneficiary.region_code) if principal.may(rules.SEE_BENEFICIARIES) else false()
    place = selectinload(Beneficiary.region).selectinload(Region.parent).selectinload(Region.parent)
    return (
        select(WrongNumber)
        .join(WrongNumber.beneficiary)
        .where(seen, Beneficiary.merged_into_id.is_(None))
        .options(contains_eager(WrongNumber.beneficiary).options(place))
    )


def wrong_number(principal: Principal, report_id: int) -> WrongNumber:
    """One report. Raises NotVisible."""
    found: WrongNumber | None = db.session.scalar(wrong_numbers(principal).where(WrongNumber.id == report_id))
    if found is None:
        raise NotVisible
    return found


def open_report_of(person: Beneficiary) -> WrongNumber | None:
    """The open report about a person whom the caller has found through the principal."""
    found = select(WrongNumber).where(WrongNumber.beneficiary_id == person.id, WrongNumber.state == "open")
    return db.session.scalar(found)


def open_wrong_numbers(principal: Principal) -> int:
    """How many reports wait for the principal."""
    if not principal.may(rules.MANAGE_PEOPLE):
        return 0
    waiting = wrong_numbers(principal).where(WrongNumber.state == "open").options()
    return db.session.scalar(waiting.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def newest_phone_code(person: Beneficiary, *, at: datetime) -> ScalarSelect[Any]:
    """The id of the last code that was sent to a person's present number and is still good."""
    sent = (PhoneCode.beneficiary_id == person.id, PhoneCode.phone_index == person.phone_index)
    return select(func.max(PhoneCode.id)).where(*sent, PhoneCode.expires_at > at).scalar_subquery()


def waits_for_code(person: Beneficiary, *, at: datetime) -> bool:
    """Whether a code is under way to a person's phone."""
    return db.session.scalar(select(newest_phone_code(person, at=at))) is not None
