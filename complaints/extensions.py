"""More days that wait to be granted: who grants them where the office has nobody but the one who asks."""

from sqlalchemy import select

from accounts.models import Official, OfficialRole
from complaints import rules
from complaints.interests import kept_away_from
from complaints.models import Complaint, Extension
from complaints.offices import all_offices, case_of, office_of
from complaints.rules import Office
from core.database import db
from core.principal import Principal, Role


def grants(principal: Principal, complaint: Complaint, extension: Extension | None) -> bool:
    """Whether that request is for this principal, who sees the case, to decide: of the office that decides, with the
    right, and not the one who asks."""
    return (
        extension is not None
        and (extension.deciding_id or complaint.owner_id) == principal.organisation_id
        and extension.asked_by != principal.official_id
        and principal.may(rules.GRANT_EXTENSION)
    )


def has_granter(complaint: Complaint, asked_by: int | None) -> bool:
    """Whether somebody of the office that has the case, other than the one who asks, may grant more days: who keeps out
    of the case for an interest or a recusal does not count."""
    return complaint.owner_id in _offices_with_granter({asked_by, *kept_away_from(complaint)})


def granting_office(complaint: Complaint, asked_by: int | None) -> Office | None:
    """The next office above the one that has the case in which somebody may grant more days. None where there is none;
    a sealed case is for nobody but the discipline commission, above which nobody stands."""
    if complaint.sealed:
        return None
    able = _offices_with_granter({asked_by, *kept_away_from(complaint)})
    return rules.next_above(
        office_of(complaint.owner), case_of(complaint), [office for office in all_offices() if office.id in able]
    )


def _offices_with_granter(away: set[int | None]) -> set[int]:
    """The offices in which anybody else than these officials approves."""
    found = (
        select(Official.organisation_id)
        .join(OfficialRole, OfficialRole.official_id == Official.id)
        .where(
            Official.active,
            OfficialRole.role == Role.APPROVER.value,
            Official.id.not_in([one for one in away if one is not None]),
        )
    )
    return set(db.session.scalars(found.distinct()))
