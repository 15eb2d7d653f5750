"""A small county for complaints: its offices, and somebody to handle complaints in each."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from complaints.models import Complaint
from complaints.operations import Submission, submit_complaint
from core.database import db
from core.principal import NOBODY, OrganisationKind, Principal, Role
from core.working_days import seed_calendar
from tests import factories

TOWNSHIP = "513426001000"
VILLAGE = "513426001200"
OTHER_TOWNSHIP = "513426002000"
# Monday, 6 July 2020, ten in the morning in the county.
AT = datetime(2020, 7, 6, 2, tzinfo=UTC)


@dataclass(frozen=True)
class County:
    """Principals: a handler for each office, and a second person who approves in the township."""

    township: Principal
    township_approver: Principal
    other_township: Principal
    department: Principal
    finance: Principal
    discipline: Principal
    village_office_id: int

    @property
    def everybody_else(self) -> list[Principal]:
        """All but the discipline commission."""
        return [self.township, self.township_approver, self.other_township, self.department, self.finance]


def build_county() -> County:
    """Regions, calendar, offices and officials."""
    factories.load_regions()
    seed_calendar()
    handler = Role.COMPLAINT_HANDLER
    village = factories.organisation(OrganisationKind.VILLAGE, VILLAGE)
    county = County(
        township=factories.principal(OrganisationKind.TOWNSHIP, handler, region_code=TOWNSHIP),
        township_approver=factories.principal(OrganisationKind.TOWNSHIP, Role.APPROVER, region_code=TOWNSHIP),
        other_township=factories.principal(OrganisationKind.TOWNSHIP, handler, region_code=OTHER_TOWNSHIP),
        department=factories.principal(OrganisationKind.DEPARTMENT, handler, organisation_name="县民政局"),
        finance=factories.principal(OrganisationKind.FINANCE, handler),
        discipline=factories.principal(OrganisationKind.DISCIPLINE, handler),
        village_office_id=village.id,
    )
    db.session.commit()
    return county


def submit(at: datetime = AT, **values: Any) -> tuple[Complaint, str]:
    """Hand something in from the village over the web."""
    fields: dict[str, Any] = {"category": "not_received", "text": "上个月的补贴没有到账。", "region_code": VILLAGE}
    return submit_complaint(NOBODY, Submission(**(fields | values)), at=at)
