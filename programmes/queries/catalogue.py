"""Reads: the catalogue is open to every official; money only to those whom it concerns."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, null, or_, select, true
from sqlalchemy.orm import aliased, contains_eager

from accounts.models import Organisation
from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import OrganisationKind, Principal, PrincipalKind
from programmes import rules
from programmes.fund_plan_lines import FundKey, KnownProgramme
from programmes.models import FundLine, IncompatibilityRule, Programme
from programmes.rules import Handling
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
    """Each programme with what is allocated to it in that year, in fen: None where the principal may not see it."""
    total = (
        select(func.coalesce(func.sum(FundLine.amount_fen), 0))
        .where(FundLine.programme_id == Programme.id, FundLine.year == year, concerns(principal))
        .correlate(Programme)
        .scalar_subquery()
    )
    shown = case((concerns(principal), total), else_=null())
    return select(Programme, shown.label("allocated"))


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


def years() -> list[int]:
    """The years for which there is a fund plan, the latest first."""
    return list(db.session.scalars(select(FundLine.year).distinct().order_by(FundLine.year.desc())))


def allocated(programme_id: int, year: int) -> Fen:
    """What the fund plan allocates to a programme in a year, in fen (design §4: the left side of the balance)."""
    total = select(func.sum(FundLine.amount_fen)).where(FundLine.programme_id == programme_id, FundLine.year == year)
    return Fen(int(db.session.scalar(total) or 0))


def incompatible_with(programme: Programme) -> list[tuple[Programme, Handling, str]]:
    """The programmes about which there is a rule together with this one: which, what it says, and by what document;
    those that may not be held together come first."""
    other = aliased(Programme)
    pairs = or_(
        and_(IncompatibilityRule.first_code == programme.code, IncompatibilityRule.second_code == other.code),
        and_(IncompatibilityRule.second_code == programme.code, IncompatibilityRule.first_code == other.code),
    )
    found = select(other, IncompatibilityRule.handling, IncompatibilityRule.basis).join(IncompatibilityRule, pairs)
    rows = db.session.execute(found.order_by(IncompatibilityRule.handling.desc(), other.name))
    return [(partner, Handling(handling), basis) for partner, handling, basis in rows]
