"""Reads: offices and officials that a principal manages, and how an official becomes a principal."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from accounts import rules
from accounts.models import Official, Organisation
from core.database import db, region_scope
from core.errors import NotVisible, UserError
from core.principal import OrganisationKind, Principal, PrincipalKind, Role, principal_loader, region_prefix


def managed(principal: Principal) -> ColumnElement[bool]:
    """The offices whose officials the principal manages: rules.may_manage as a condition."""
    principal.require(rules.MANAGE_OFFICIALS)
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    own = Organisation.id == principal.organisation_id
    scope = region_scope(Organisation.region_code, principal.region_prefix)
    if principal.organisation_kind == OrganisationKind.FINANCE:
        return or_(own, and_(scope, Organisation.kind != OrganisationKind.DISCIPLINE.value))
    if principal.organisation_kind == OrganisationKind.TOWNSHIP:
        return or_(own, and_(scope, Organisation.kind == OrganisationKind.VILLAGE.value))
    return own


def organisations(principal: Principal) -> Select[Any]:
    """The offices that the principal manages."""
    return select(Organisation).where(managed(principal))


def officials(principal: Principal) -> Select[Any]:
    """The officials whom the principal manages."""
    return select(Official).join(Organisation, Official.organisation_id == Organisation.id).where(managed(principal))


def organisation(principal: Principal, organisation_id: int) -> Organisation:
    """One office. Raises NotVisible where the principal does not manage it."""
    found: Organisation | None = db.session.scalar(organisations(principal).where(Organisation.id == organisation_id))
    if found is None:
        raise NotVisible
    return found


def official(principal: Principal, official_id: int) -> Official:
    """One official. Raises NotVisible where the principal does not manage him."""
    found: Official | None = db.session.scalar(officials(principal).where(Official.id == official_id))
    if found is None:
        raise NotVisible
    return found


def official_by_username(username: str) -> Official:
    """The official of that user name, for commands. Raises UserError where there is none."""
    found = db.session.scalar(select(Official).where(Official.username == username.strip().lower()))
    if found is None:
        raise UserError("没有这个用户名。请核对。")
    return found


def signed_in(official_id: int) -> Official | None:
    """The official of a session that runs, unless his account or his office has been closed since."""
    person = db.session.get(Official, official_id)
    if person is None or not person.active or not person.organisation.active:
        return None
    return person


def principal_from(person: Official) -> Principal:
    """The principal that an official is."""
    office = person.organisation
    return Principal(
        kind=PrincipalKind.OFFICIAL,
        name=person.name,
        official_id=person.id,
        organisation_id=office.id,
        organisation_kind=OrganisationKind(office.kind),
        roles=frozenset(Role(held.role) for held in person.roles),
        region_prefix=region_prefix(office.region_code),
    )


@principal_loader
def load_principal(official_id: int) -> Principal:
    """The official as he stands now, for work done in his name. Raises NotVisible where the account is closed."""
    person = db.session.get(Official, official_id)
    if person is None or not person.active:
        raise NotVisible
    return principal_from(person)
