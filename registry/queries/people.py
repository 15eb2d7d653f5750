"""Reads of the registry. Regions are public; people exist for a principal within his regions only."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select, true
from sqlalchemy.orm import selectinload

from core.database import db, region_scope
from core.errors import NotVisible
from core.identity import check_card_number, normalise_phone
from core.plain_text import plain_without_spaces
from core.principal import Principal, PrincipalKind, region_prefix
from registry import rules
from registry.models import Beneficiary, Card, Region
from registry.rules import Level

MOST_SHARING = 1000
"""People who share one phone or card, at most, among whom the principal's own are looked for."""


def regions_of_township(code: str) -> list[Region]:
    """The township with all its villages and groups, by code. Regions are public: anybody may read them."""
    scope = region_scope(Region.code, region_prefix(code))
    return list(db.session.scalars(select(Region).where(scope).order_by(Region.code)))


def region_names() -> dict[str, str]:
    """The name of every region on record, by code."""
    return dict(db.session.execute(select(Region.code, Region.name)).all())


def region_names_of(codes: Iterable[str]) -> dict[str, str]:
    """The names of these regions, by code."""
    return dict(db.session.execute(select(Region.code, Region.name).where(Region.code.in_(sorted(codes)))).all())


def region(code: str) -> Region:
    """One region. Raises NotVisible where there is none of that code."""
    found = db.session.get(Region, code)
    if found is None:
        raise NotVisible
    return found


def regions_below(code: str | None) -> Select[Any]:
    """The regions right below one; the counties for None."""
    return select(Region).where(Region.parent_code == code if code else Region.level == Level.COUNTY.value)


def regions_within(code: str | None) -> Select[Any]:
    """A region with all that is below it; all regions for None."""
    return select(Region).where(region_scope(Region.code, region_prefix(code) if code else ""))


def lineage(code: str) -> list[Region]:
    """The regions from the county down to this one, as far as they are on record."""
    wanted = rules.lineage(code)
    return list(db.session.scalars(select(Region).where(Region.code.in_(wanted)).order_by(Region.code)))


def in_scope(principal: Principal, column: Any) -> ColumnElement[bool]:
    """Rows whose region code lies in the principal's scope. The system sees all; no region, nothing."""
    if principal.kind == PrincipalKind.SYSTEM or _is_whole_registry(principal.region_prefix):
        return true()
    return region_scope(column, principal.region_prefix) if principal.region_prefix else false()


def _is_whole_registry(prefix: str) -> bool:
    """Whether a county is the only one here. A condition that all rows meet would keep SQLite from walking a million
    of them in the order of another index: it would fetch and sort them all for one page."""
    if len(prefix) != 6:
        return False
    counties = db.session.scalars(select(Region.code).where(Region.parent_code.is_(None)).limit(2)).all()
    return len(counties) == 1 and counties[0].startswith(prefix)


# Loaded for the rows of a page, not joined to all that are sorted to find them.
_PLACE = selectinload(Beneficiary.region).selectinload(Region.parent).selectinload(Region.parent)


def beneficiaries(principal: Principal) -> Select[Any]:
    """The people whom the principal may see, with card and region. Nobody without the right."""
    if not principal.may(rules.SEE_BENEFICIARIES):
        return select(Beneficiary).where(false())
    scope = in_scope(principal, Beneficiary.region_code)
    return select(Beneficiary).where(scope).options(selectinload(Beneficiary.card), _PLACE)


def standing_beneficiaries(principal: Principal) -> Select[Any]:
    """Those of them whose record stands: the doubles that went up in another are left out."""
    return beneficiaries(principal).where(Beneficiary.merged_into_id.is_(None))


def beneficiary(principal: Principal, beneficiary_id: int) -> Beneficiary:
    """One person. Raises NotVisible outside the principal's regions or without the right."""
    found: Beneficiary | None = db.session.scalar(beneficiaries(principal).where(Beneficiary.id == beneficiary_id))
    if found is None:
        raise NotVisible
    return found


def sharing_card(principal: Principal, person: Beneficiary) -> list[Beneficiary]:
    """The others, within the principal's regions, whose money goes to the same card."""
    if person.card_id is None:
        return []
    others = standing_beneficiaries(principal).where(Beneficiary.card_id == person.card_id, Beneficiary.id != person.id)
    return list(db.session.scalars(others.order_by(Beneficiary.id).limit(50)))


def find_person(principal: Principal, term: str) -> Mapping[str, str] | None:
    """Who has this ID number, card or phone, as parameters of the list of people: one person, those of a card, those
    of a phone. None where nobody within the principal's regions has it."""
    wanted = plain_without_spaces(term).upper()
    person = _seen(principal, Beneficiary.id_number_index == wanted)
    if person is not None:
        # A double that went up in another record leads to that one.
        return {"person": str(person.merged_into_id or person.id)}
    card, problem = check_card_number(wanted)
    if problem is None and card and (person := _seen(principal, Beneficiary.card_id.in_(_card_of(card)))):
        return {"card": str(person.card_id)}
    phone = normalise_phone(wanted)
    if phone is not None and (person := _seen(principal, Beneficiary.phone_index == phone)):
        return {"phone_of": str(person.id)}
    return None


def _card_of(number: str) -> Select[int]:
    return select(Card.id).where(Card.number_index == number)


def _seen(principal: Principal, same: ColumnElement[bool]) -> Beneficiary | None:
    """The first of those who share a number that lies in the principal's regions."""
    if not principal.may(rules.SEE_BENEFICIARIES):
        return None
    # The regions are looked at afterwards: beside a range of them, SQLite takes their index and reads a township.
    sharing = db.session.scalars(select(Beneficiary).where(same).limit(MOST_SHARING))
    seen = [person for person in sharing if principal.sees_region(person.region_code)]
    return min(seen, key=lambda person: person.id, default=None)


def regions_to_narrow_by(principal: Principal) -> dict[str, str]:
    """The regions by which the principal may narrow a list: the level right below his own, by code."""
    if principal.kind == PrincipalKind.SYSTEM or len(principal.region_prefix) < 6:
        return {}
    own = principal.region_prefix.ljust(12, "0")
    below = select(Region.code, Region.name).where(Region.parent_code == own).order_by(Region.code)
    return dict(db.session.execute(below).all())


def bank_names() -> list[str]:
    """The names of the banks whose cards are on record, "" among them where some have none. Each name leads to the next
    one through the index: to look at a million cards for five names would be slow."""
    first = select(func.min(Card.bank_name).label("name")).cte("names", recursive=True)
    following = select(func.min(Card.bank_name)).where(Card.bank_name > first.c.name).scalar_subquery()
    names = first.union_all(select(following).where(first.c.name.is_not(None)))
    return list(db.session.scalars(select(names.c.name).where(names.c.name.is_not(None))))
