"""Who may do what with complaints."""

from core.msgid import N_
from core.principal import OrganisationKind as Kind
from core.principal import Role, permission

OWNER_KINDS = (Kind.TOWNSHIP, Kind.DEPARTMENT, Kind.HUMAN_RESOURCES, Kind.FINANCE, Kind.DISCIPLINE)
"""Offices that can have a case on their desk."""


READ_COMPLAINTS = permission(
    "complaints.read",
    dict.fromkeys(OWNER_KINDS, (Role.COMPLAINT_HANDLER, Role.APPROVER)),
    N_("查看本单位办理和督办的投诉举报"),
)
HANDLE_COMPLAINTS = permission(
    "complaints.handle",
    dict.fromkeys(OWNER_KINDS, (Role.COMPLAINT_HANDLER,)),
    N_("受理、转办、核实、答复、移送投诉举报"),
)
GRANT_EXTENSION = permission(
    "complaints.grant_extension", dict.fromkeys(OWNER_KINDS, (Role.APPROVER,)), N_("审批投诉举报延期")
)
APPROVE_ANSWER = permission(
    "complaints.approve_answer", dict.fromkeys(OWNER_KINDS, (Role.APPROVER,)), N_("审核投诉举报的答复")
)
ENTER_COMPLAINTS = permission(
    "complaints.enter",
    dict.fromkeys((*OWNER_KINDS, Kind.VILLAGE, Kind.BANK), (Role.COMPLAINT_HANDLER,)),
    N_("登记来电、来信、来访"),
)
READ_FIGURES = permission(
    "complaints.read_figures",
    dict.fromkeys((Kind.FINANCE, Kind.AUDIT, Kind.DISCIPLINE), (Role.COMPLAINT_HANDLER, Role.APPROVER, Role.VIEWER)),
    N_("查看全县投诉举报统计"),
)
READ_SEALED = permission(
    "complaints.read_sealed", {Kind.DISCIPLINE: (Role.COMPLAINT_HANDLER, Role.APPROVER)}, N_("查看移送的问题线索")
)
SET_ROUTING = permission(
    "complaints.set_routing",
    {Kind.FINANCE: (Role.COMPLAINT_HANDLER, Role.APPROVER)},
    N_("起草投诉举报的分派规则"),
)
APPROVE_ROUTING = permission(
    "complaints.approve_routing",
    {Kind.FINANCE: (Role.APPROVER,), Kind.DISCIPLINE: (Role.APPROVER,)},
    N_("审批投诉举报的分派规则"),
)
