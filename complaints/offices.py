"""The county's organisations as routing sees them."""

from sqlalchemy import select

from accounts.models import Organisation
from complaints.rules import Office
from core.database import db
from core.principal import OrganisationKind


def office_of(organisation: Organisation) -> Office:
    """What routing needs to know of an organisation."""
    return Office(organisation.id, OrganisationKind(organisation.kind), organisation.region_code, organisation.name)


def all_offices() -> list[Office]:
    """Every active organisation, whether anybody has signed up there or not: duty does not wait for accounts."""
    found = db.session.scalars(select(Organisation).where(Organisation.active).order_by(Organisation.id))
    return [office_of(organisation) for organisation in found]
