"""What the audit log must not tell an official of the discipline commission: of a case that is kept from him."""

from sqlalchemy import ColumnElement, and_, exists, not_

from complaints import rules
from complaints.models import Complaint
from complaints.queries import not_withheld
from core.audit import AuditEntry
from core.audit.withheld import withholding
from core.principal import Principal


@withholding
def of_cases_kept_from(principal: Principal) -> ColumnElement[bool] | None:
    """An entry is not about a case of his own office, nor one that he keeps out of for an interest or a recusal. Others
    than the commission see no entry about any case."""
    if not principal.may(rules.READ_SEALED):
        return None
    kept = exists().where(Complaint.number == AuditEntry.subject_id, not_(not_withheld(principal)))
    return not_(and_(AuditEntry.subject_kind == "complaint", kept))
