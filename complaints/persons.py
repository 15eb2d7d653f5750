"""What this room shows of a person on the registry's page: the cases about his payments that the viewer's own queue
shows him. A sealed one never."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from complaints.models import Complaint
from complaints.queries import cases
from complaints.words import STATES, category_name
from core.database import db
from core.page_sections import PageSection
from core.principal import Principal
from disbursement.models import Payment
from registry.hooks import PERSON_SECTIONS
from registry.models import Beneficiary

MOST_CASES = 20


def cases_about(principal: Principal, beneficiary_id: int) -> Sequence[Complaint]:
    """The newest cases about a person's payments that exist for the principal and are not sealed."""
    theirs = select(Payment.id).where(Payment.beneficiary_id == beneficiary_id)
    found = cases(principal).where(Complaint.payment_id.in_(theirs)).order_by(Complaint.received_at.desc())
    return db.session.scalars(found.limit(MOST_CASES)).all()


@PERSON_SECTIONS.provider
def complaints_of_person(principal: Principal, person: Beneficiary) -> PageSection | None:
    """The cases about him; no section, not even an empty one, where there are none for this viewer."""
    found = cases_about(principal, person.id)
    if not found:
        return None
    context = {"complaints": [(case, category_name(case), STATES[case.state]) for case in found]}
    return PageSection(gettext("投诉举报"), "complaints/person_cases.html", context)
