"""Manners of writing statements: those of the house and those entered, each in its version."""

from collections.abc import Sequence

from sqlalchemy import select

from core.database import db
from core.errors import NotVisible, UserError
from core.principal import Principal
from reconciliation.models import StatementProfileVersion
from reconciliation.profiles import BUILT_IN, StatementProfile, profile_from
from reconciliation.rules import SEE_LINES


def _profile_in(row: StatementProfileVersion) -> StatementProfile:
    return profile_from(row.content, name=row.name, title=row.title, bank=row.bank, version=row.version)


def current_profiles() -> dict[str, StatementProfile]:
    """The profiles in use, by name: those of the house, and the approved version of each that was entered."""
    current = select(StatementProfileVersion).where(StatementProfileVersion.state == "approved")
    rows = db.session.scalars(current.order_by(StatementProfileVersion.name))
    return dict(BUILT_IN) | {row.name: _profile_in(row) for row in rows if row.name not in BUILT_IN}


def profile_named(name: str) -> StatementProfile:
    """The profile in use under that name. Raises UserError naming those there are."""
    profiles = current_profiles()
    if name not in profiles:
        raise UserError("没有名为“%(name)s”的对账单格式。可用的格式：%(known)s。", name=name, known="、".join(profiles))
    return profiles[name]


def profile_of_version(name: str, version: int) -> StatementProfile | None:
    """The version that read a statement, whether still in use or not."""
    if version == 0:
        return BUILT_IN.get(name)
    row = db.session.scalars(
        select(StatementProfileVersion).where(
            StatementProfileVersion.name == name, StatementProfileVersion.version == version
        )
    ).first()
    return _profile_in(row) if row else None


def visible_versions(principal: Principal) -> Sequence[StatementProfileVersion]:
    """All entered versions by name, the newest first, for those who may see statements."""
    principal.require(SEE_LINES)
    ordered = select(StatementProfileVersion).order_by(
        StatementProfileVersion.name, StatementProfileVersion.version.desc()
    )
    return db.session.scalars(ordered).all()


def get_version(principal: Principal, profile_id: int) -> StatementProfileVersion:
    """One entered version. Raises NotVisible."""
    row = db.session.get(StatementProfileVersion, profile_id) if principal.may(SEE_LINES) else None
    if row is None:
        raise NotVisible
    return row
