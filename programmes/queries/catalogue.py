"""Reads: the catalogue is open to every official; money only to those whom it concerns."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, null, or_, select, true, union
from sqlalchemy.orm import aliased, contains_eager, selectinload

from accounts.models import Organisation
from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import OrganisationKind, Principal, PrincipalKind
from programmes import rules
from programmes.fund_plan_lines import FundKey, KnownProgramme
from programmes.models import FundLine, IncompatibilityRule, Programme, PublicityWaitChoice
from programmes.rules import Channel
from registry.hooks import programme_names_from


@programme_names_from
def names_by_code() -> dict[str, str]:
    """The name of every programme, by code."""
    return dict(db.session.execute(select(Programme.code, Programme.name).order_by(Programme.name)).all())


def known_programmes() -> list[KnownProgramme]:
    """All programmes, as a fund plan's lines are held against them."""
    columns = (Programme.id, Programme.code, Programme.name, Programme.department_name)
    return [KnownProgramme(*row) for row in db.session.execute(select(*columns))]


def recorded_amounts() -> dict[FundKey, int]:
    """The amount in fen of every fund line, by what it is."""
    key = (FundLine.programme_id, FundLine.year, FundLine.document_number, FundLine.source, FundLine.level)
    rows = db.session.execute(select(*key, FundLine.amount_fen))
    return {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in rows}


def departments_by_name(names: Iterable[str]) -> dict[str, int]:
    """The departments of these names; a name that two of them bear leads to neither."""
    found = select(Organisation.name, func.min(Organisation.id), func.count()).where(
        Organisation.kind == OrganisationKind.DEPARTMENT.value, Organisation.name.in_(set(names))
    )
    rows = db.session.execute(found.group_by(Organisation.name))
    return {name: number for name, number, count in rows if count == 1}


def unknown_departments(names: Iterable[str]) -> list[str]:
    """Those of these names that lead to no department, each once, in their order."""
    wanted = list(dict.fromkeys(names))
    known = departments_by_name(wanted)
    return [name for name in wanted if name not in known]


def programmes(_principal: Principal) -> Select[Any]:
    """The catalogue."""
    return select(Programme)


def programme(principal: Principal, programme_id: int) -> Programme:
    """One programme. Raises NotVisible where there is none."""
    found: Programme | None = db.session.scalar(programmes(principal).where(Programme.id == programme_id))
    if found is None:
        raise NotVisible
    return found


def own_programme(principal: Principal, programme_id: int) -> Programme:
    """One programme that the principal may do something about: a department one of its own, the others any. Raises
    NotVisible."""
    found = programme(principal, programme_id)
    if principal.organisation_kind == OrganisationKind.DEPARTMENT and found.department_id != principal.organisation_id:
        raise NotVisible
    return found


def publicity_wait_choices(programme: Programme) -> Sequence[PublicityWaitChoice]:
    """Who chose, and why, whether the programme's approvals wait for the end of the publicity; newest first."""
    return db.session.scalars(
        select(PublicityWaitChoice)
        .where(PublicityWaitChoice.programme_id == programme.id)
        .order_by(PublicityWaitChoice.id.desc())
    ).all()


def concerns(principal: Principal) -> ColumnElement[bool]:
    """The programmes whose money the principal may see: all of them, a department's own, or none."""
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    if not principal.may(rules.SEE_FUND_PLAN):
        return false()
    if principal.organisation_kind == OrganisationKind.DEPARTMENT:
        return Programme.department_id == principal.organisation_id
    return true()


def programmes_with_money(principal: Principal, year: int) -> Select[Any]:
    """Each programme, with its standards, and what is allocated to it in that year, in fen: None where the principal
    may not see it."""
    total = (
        select(func.coalesce(func.sum(FundLine.amount_fen), 0))
        .where(FundLine.programme_id == Programme.id, FundLine.year == year, concerns(principal))
        .correlate(Programme)
        .scalar_subquery()
    )
    shown = case((concerns(principal), total), else_=null())
    return select(Programme, shown.label("allocated")).options(selectinload(Programme.standards))


def fund_lines(principal: Principal) -> Select[Any]:
    """The fund lines that the principal may see, with their programmes."""
    return (
        select(FundLine)
        .join(Programme, FundLine.programme_id == Programme.id)
        .where(concerns(principal))
        .options(contains_eager(FundLine.programme))
    )


def fund_lines_of(principal: Principal, programme: Programme) -> list[FundLine]:
    """The lines of one programme, the latest year first."""
    found = fund_lines(principal).where(FundLine.programme_id == programme.id)
    return list(db.session.scalars(found.order_by(FundLine.year.desc(), FundLine.id)))


def without_plan(principal: Principal, year: int) -> list[Programme]:
    """The programmes that pay in that year and whose money the principal may see, but that no fund line of the year
    names (B4), by name. Which pay: those with a way of paying whose validity touches the year."""
    planned = select(FundLine.id).where(FundLine.programme_id == Programme.id, FundLine.year == year)
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = programmes(principal).where(
        concerns(principal),
        Programme.channel != Channel.UNDECIDED.value,
        or_(Programme.valid_from.is_(None), Programme.valid_from <= last),
        or_(Programme.valid_until.is_(None), Programme.valid_until >= first),
        ~planned.exists(),
    )
    return list(db.session.scalars(found.order_by(Programme.name)))


def years() -> list[int]:
    """The years for which there is a fund plan, the latest first."""
    return list(db.session.scalars(select(FundLine.year).distinct().order_by(FundLine.year.desc())))


def allocated(programme_id: int, year: int) -> Fen:
    """What the fund plan allocates to a programme in a year, in fen (design §4: the left side of the balance)."""
    total = select(func.sum(FundLine.amount_fen)).where(FundLine.programme_id == programme_id, FundLine.year == year)
    return Fen(int(db.session.scalar(total) or 0))


def incompatible_with(programme: Programme, today: date) -> list[tuple[Programme, IncompatibilityRule]]:
    """The programmes about which there is a rule together with this one that is valid today or will be; those that may
    not be held together come first."""
    other = aliased(Programme)
    pairs = or_(
        and_(IncompatibilityRule.first_code == programme.code, IncompatibilityRule.second_code == other.code),
        and_(IncompatibilityRule.second_code == programme.code, IncompatibilityRule.first_code == other.code),
    )
    found = (
        select(other, IncompatibilityRule)
        .join(IncompatibilityRule, pairs)
        .where(or_(IncompatibilityRule.valid_until.is_(None), IncompatibilityRule.valid_until >= today))
        .order_by(IncompatibilityRule.handling.desc(), other.name, IncompatibilityRule.id)
    )
    return [(partner, rule) for partner, rule in db.session.execute(found)]


def department_names() -> list[str]:
    """The departments that a programme can belong to, and those that programmes name already, by name."""
    offices = select(Organisation.name).where(Organisation.kind == OrganisationKind.DEPARTMENT.value)
    return sorted(db.session.scalars(union(offices, select(Programme.department_name))))
