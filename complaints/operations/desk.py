"""On whose desk a case lies: who may act on it at all."""

from complaints import rules
from complaints.models import Complaint
from complaints.queries import is_visible
from core.errors import NotVisible, PermissionDenied
from core.principal import Principal


def require_desk(principal: Principal, complaint: Complaint) -> None:
    """Raise NotVisible where the case does not exist for him, PermissionDenied where it lies on another's desk."""
    if not is_visible(principal, complaint):
        raise NotVisible
    if complaint.owner_id != principal.organisation_id:
        raise PermissionDenied("这件投诉由别的单位办理，您单位只能督办和查看。")


def require_handler(principal: Principal, complaint: Complaint) -> None:
    """The same for who handles cases. Raises PermissionDenied for everybody else."""
    principal.require(rules.HANDLE_COMPLAINTS)
    require_desk(principal, complaint)
