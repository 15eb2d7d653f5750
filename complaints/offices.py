"""The county's organisations, and its cases, as routing sees them."""

from sqlalchemy import select

from accounts.models import Organisation
from complaints.models import Complaint
from complaints.rulebook import RULEBOOKS
from complaints.rules import Case, Office
from core.database import db
from core.principal import OrganisationKind


def office_of(organisation: Organisation) -> Office:
    """What routing needs to know of an organisation."""
    return Office(organisation.id, OrganisationKind(organisation.kind), organisation.region_code, organisation.name)


def all_offices() -> list[Office]:
    """Every active organisation, whether anybody has signed up there or not: duty does not wait for accounts."""
    found = db.session.scalars(select(Organisation).where(Organisation.active).order_by(Organisation.id))
    return [office_of(organisation) for organisation in found]


def case_of(complaint: Complaint) -> Case:
    """What routing needs to know of a complaint that is there."""
    about, programme = complaint.about_organisation, complaint.programme
    return Case(
        complaint.category,
        RULEBOOKS[complaint.rules_version].category(complaint.category).matter,
        complaint.region_code,
        office_of(about) if about else None,
        programme.code if programme else None,
        programme.department_id if programme else None,
    )
