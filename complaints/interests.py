"""Whom a case is kept from for his interests and recusals, and which offices have anybody left for it (信访工作条例
§28)."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, false, func, not_, null, or_, select, union_all
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import Official, OfficialRole, Organisation
from complaints import rules
from complaints.models import Complaint, Interest, Recusal
from complaints.offices import all_offices
from complaints.rules import Office
from core.database import db, region_scope
from core.errors import NotVisible
from core.principal import OrganisationKind, Principal, Role, region_prefix
from registry.models import Region


def kept_from(official_id: int | None) -> list[ColumnElement[bool]]:
    """Conditions on Complaint, all of which a case meets that exists for this official as far as his own interests and
    recusals go. Whoever has none gets none, so that his queries and their plans stay as they are; that is asked first,
    of two small indexes."""
    if official_id is None:
        return []
    holds = select(Interest.organisation_id, Interest.region_code)
    recused = select(Recusal.complaint_id).where(Recusal.official_id == official_id, Recusal.ended_at.is_(None))
    rows: Sequence[Any] = db.session.execute(
        union_all(
            holds.where(Interest.official_id == official_id, Interest.ended_at.is_(None)),
            # A row of its own, of neither, says that there are recusals.
            select(null(), null()).where(recused.exists()),
        )
    ).all()
    organisations = sorted({row.organisation_id for row in rows if row.organisation_id is not None})
    regions = sorted({row.region_code for row in rows if row.region_code is not None})
    about = Complaint.about_organisation_id
    conditions: list[ColumnElement[bool]] = []
    if organisations:
        conditions.append(or_(about.is_(None), about.not_in(organisations)))
    conditions += [not_(region_scope(Complaint.region_code, region_prefix(code))) for code in regions]
    if any(row.organisation_id is None and row.region_code is None for row in rows):
        conditions.append(Complaint.id.not_in(recused))
    return conditions


def covered_by(interest: rules.InterestIn) -> ColumnElement[bool]:
    """The cases, of whatever office, that an interest keeps its official from."""
    if interest.region_code is not None:
        return region_scope(Complaint.region_code, region_prefix(interest.region_code))
    return Complaint.about_organisation_id == interest.organisation_id


def kept_away(region_code: str, about_id: int | None, complaint_id: int | None = None) -> set[int]:
    """The ids of the officials from whom a case of that place about that organisation is kept; with its id those as
    well who are recused from it."""
    concerns: ColumnElement[bool] = Interest.region_code.in_(rules.places_of(region_code))
    if about_id is not None:
        concerns = or_(concerns, Interest.organisation_id == about_id)
    found = set(db.session.scalars(select(Interest.official_id).where(Interest.ended_at.is_(None), concerns)))
    if complaint_id is not None:
        recused = select(Recusal.official_id).where(Recusal.complaint_id == complaint_id, Recusal.ended_at.is_(None))
        found |= set(db.session.scalars(recused))
    return found


def kept_away_from(complaint: Complaint) -> set[int]:
    """The ids of the officials from whom this case is kept."""
    return kept_away(complaint.region_code, complaint.about_organisation_id, complaint.id)


def handles(official: Official) -> bool:
    """Whether he handles complaints where his office can have any."""
    kind = OrganisationKind(official.organisation.kind)
    roles = {role.role for role in official.roles}
    return official.active and kind in rules.OWNER_KINDS and Role.COMPLAINT_HANDLER.value in roles


def has_somebody(organisation_id: int, away: Collection[int]) -> bool:
    """Whether anybody of the office handles complaints and is none of these officials."""
    found = exists().where(
        Official.id == OfficialRole.official_id,
        OfficialRole.role == Role.COMPLAINT_HANDLER.value,
        Official.organisation_id == organisation_id,
        Official.active,
        Official.id.not_in(away),
    )
    return bool(db.session.scalar(select(found)))


def able_offices(region_code: str, about_id: int | None, complaint_id: int | None = None) -> list[Office]:
    """Every active organisation (complaints.offices) but those whose handlers are all kept from the case. One in which
    nobody has signed up stays, for duty does not wait for accounts; so does the discipline commission, above which
    there is nobody."""
    away = kept_away(region_code, about_id, complaint_id)
    offices = all_offices()
    if not away:
        return offices
    theirs = select(Official.organisation_id).where(Official.id.in_(away))
    free = func.sum(case((Official.id.not_in(away), 1), else_=0))
    unable = set(
        db.session.scalars(
            select(Official.organisation_id)
            .join(OfficialRole, OfficialRole.official_id == Official.id)
            .where(
                Official.organisation_id.in_(theirs),
                Official.active,
                OfficialRole.role == Role.COMPLAINT_HANDLER.value,
            )
            .group_by(Official.organisation_id)
            .having(free == 0)
        )
    )
    return [office for office in offices if office.id not in unable or office.kind == OrganisationKind.DISCIPLINE]


def able_offices_for(complaint: Complaint) -> list[Office]:
    """The same for a case at hand."""
    return able_offices(complaint.region_code, complaint.about_organisation_id, complaint.id)


def registered(principal: Principal) -> Select[Interest]:
    """The interests on record, ended ones included, for a list: those of the principal's own office, of all offices for
    the discipline commission."""
    found = (
        select(Interest)
        .join(Interest.official)
        .join(Organisation, Organisation.id == Official.organisation_id)
        .options(
            contains_eager(Interest.official),
            joinedload(Interest.organisation),
            joinedload(Interest.region).joinedload(Region.parent),
            joinedload(Interest.enterer),
        )
    )
    if principal.may(rules.READ_SEALED):
        return found
    own = Official.organisation_id == principal.organisation_id
    return found.where(own if principal.may(rules.READ_COMPLAINTS) else false())


def interest_by_id(principal: Principal, interest_id: int) -> Interest:
    """One of them. Raises NotVisible for any other."""
    found = db.session.scalar(registered(principal).where(Interest.id == interest_id))
    if found is None:
        raise NotVisible
    return found


def recusals(complaint: Complaint, organisation_id: int | None = None) -> Sequence[Recusal]:
    """Who is recused from a case, in order; with an organisation only those of it."""
    found = (
        select(Recusal)
        .join(Recusal.official)
        .where(Recusal.complaint_id == complaint.id, Recusal.ended_at.is_(None))
        .order_by(Recusal.id)
    )
    if organisation_id is not None:
        found = found.where(Official.organisation_id == organisation_id)
    return db.session.scalars(found).all()
