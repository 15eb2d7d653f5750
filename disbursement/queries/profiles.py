"""Bank file formats: those of the house and those entered, each in its version."""

from collections.abc import Sequence

from sqlalchemy import select

from core.database import db
from core.errors import NotVisible, UserError
from core.principal import Principal
from disbursement.bank_files.profiles import BUILT_IN, Profile, profile_from
from disbursement.models import BankProfile, Batch, OfferFile
from disbursement.rules import SEE_RESULTS


def profile_in(row: BankProfile) -> Profile:
    """The profile that a row holds."""
    return profile_from(row.content, name=row.name, title=row.title, bank=row.bank, version=row.version)


def current_profiles() -> dict[str, Profile]:
    """The profiles in use, by name: the approved version of each, else that of the house."""
    rows = db.session.scalars(select(BankProfile).where(BankProfile.state == "approved").order_by(BankProfile.name))
    return dict(BUILT_IN) | {row.name: profile_in(row) for row in rows}


def profile_named(name: str) -> Profile:
    """The profile in use under that name. Raises UserError naming those there are."""
    profiles = current_profiles()
    if name not in profiles:
        raise UserError(
            "没有名为“%(name)s”的银行文件格式。可用的格式：%(known)s。", name=name, known="、".join(profiles)
        )
    return profiles[name]


def profile_of_version(name: str, version: int) -> Profile | None:
    """The version that wrote or read a file, whether still in use or not."""
    if version == 0:
        return BUILT_IN.get(name)
    row = db.session.scalars(
        select(BankProfile).where(BankProfile.name == name, BankProfile.version == version)
    ).first()
    return profile_in(row) if row else None


def profile_for(batch: Batch) -> Profile:
    """The profile to offer for a batch's next file: that of its last file, else of the last file of any, else the
    sample's."""
    last = db.session.scalar(
        select(OfferFile.profile)
        .where(OfferFile.cancelled_at.is_(None))
        .order_by((OfferFile.batch_id == batch.id).desc(), OfferFile.id.desc())
        .limit(1)
    )
    profiles = current_profiles()
    return profiles.get(last or "", BUILT_IN["sample"])


def visible_versions(principal: Principal) -> Sequence[BankProfile]:
    """All entered versions by name, the newest first, for those who may see bank files."""
    principal.require(SEE_RESULTS)
    return db.session.scalars(select(BankProfile).order_by(BankProfile.name, BankProfile.version.desc())).all()


def get_version(principal: Principal, profile_id: int) -> BankProfile:
    """One entered version. Raises NotVisible."""
    row = db.session.get(BankProfile, profile_id) if principal.may(SEE_RESULTS) else None
    if row is None:
        raise NotVisible
    return row
