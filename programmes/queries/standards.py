"""The dated standards of programmes, and the rules about two of them, as plain values for checks."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from programmes.models import IncompatibilityRule, Programme, ProgrammeStandard
from programmes.rules import Standard, StandardUnit


def standards_of(programme_id: int) -> list[Standard]:
    """The standards of a programme, oldest first."""
    return [standard_in(row) for row in standard_rows(programme_id)]


def standard_in(row: ProgrammeStandard) -> Standard:
    """A standard on record as a plain value."""
    return Standard(row.amount_fen, StandardUnit(row.per), row.monthly, row.valid_from, row.valid_until)


def standard_rows(programme_id: int) -> Sequence[ProgrammeStandard]:
    """The same as they are on record, with basis and time."""
    return db.session.scalars(
        select(ProgrammeStandard).where(ProgrammeStandard.programme_id == programme_id).order_by(ProgrammeStandard.id)
    ).all()


def programme_of_standard(_principal: Principal, standard_id: int) -> int:
    """The programme of a standard, by id. Raises NotVisible where there is none."""
    found = db.session.get(ProgrammeStandard, standard_id)
    if found is None:
        raise NotVisible
    return found.programme_id


def programmes_with_standard() -> frozenset[int]:
    """The ids of the programmes for which a standard was ever entered."""
    return frozenset(db.session.scalars(select(ProgrammeStandard.programme_id).distinct()))


FIRST, SECOND = aliased(Programme), aliased(Programme)


def incompatibility_rules(_principal: Principal) -> Select[IncompatibilityRule, str, str]:
    """Every rule with its two programmes."""
    return (
        select(IncompatibilityRule, FIRST.name.label("first_name"), SECOND.name.label("second_name"))
        .join(FIRST, FIRST.code == IncompatibilityRule.first_code)
        .join(SECOND, SECOND.code == IncompatibilityRule.second_code)
    )


def rule_versions(principal: Principal, rule: IncompatibilityRule) -> Sequence[IncompatibilityRule]:
    """Every version about the same two programmes, the latest first."""
    return db.session.scalars(
        incompatibility_rules(principal)
        .where(IncompatibilityRule.first_code == rule.first_code, IncompatibilityRule.second_code == rule.second_code)
        .order_by(IncompatibilityRule.id.desc())
    ).all()


def incompatibility_rule(_principal: Principal, rule_id: int) -> IncompatibilityRule:
    """One rule. Raises NotVisible where there is none."""
    found = db.session.get(IncompatibilityRule, rule_id)
    if found is None:
        raise NotVisible
    return found
