"""Manners of writing statements are entered by one official and put to use by another, as file formats are."""

from datetime import datetime

from core.principal import Principal
from disbursement.operations.profiles import (
    ProfileKind,
    approve_profile,
    propose_version,
    refuse_taken_name,
    reject_profile,
)
from reconciliation.models import StatementProfileVersion
from reconciliation.profile_checks import faults_of
from reconciliation.profiles import BUILT_IN, StatementProfile
from reconciliation.rules import STATEMENT_PROFILE_WORKFLOW

STATEMENT_FORMATS = ProfileKind(StatementProfileVersion, STATEMENT_PROFILE_WORKFLOW, "statement_profile", BUILT_IN)


def propose_statement_profile(
    principal: Principal, profile: StatementProfile, *, at: datetime, is_new: bool = False
) -> StatementProfileVersion:
    """Enter a new version of a manner, or (``is_new``) a manner under a name that nobody has used. It is used only when
    another official has approved it. Raises UserError with all that is wrong at once, or for a name of the house, whose
    own manners are never overwritten; Conflict where somebody has entered a version at the same moment."""
    if is_new:
        refuse_taken_name(profile.name, kind=STATEMENT_FORMATS)
    row = StatementProfileVersion(name=profile.name, title=profile.title, bank=profile.bank, content=profile.content())
    faults = [fault.text for fault in faults_of(profile)]
    propose_version(STATEMENT_FORMATS, principal, row, faults, at=at)
    return row


def approve_statement_profile(principal: Principal, row: StatementProfileVersion, *, at: datetime) -> None:
    """Put a version to use. Raises as ``approve_profile`` does."""
    approve_profile(principal, row, at=at, kind=STATEMENT_FORMATS)


def reject_statement_profile(principal: Principal, row: StatementProfileVersion, reason: str, *, at: datetime) -> None:
    """Refuse a proposed version, with a reason."""
    reject_profile(principal, row, reason, at=at, kind=STATEMENT_FORMATS)
