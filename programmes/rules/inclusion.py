"""How a programme comes onto the platform, or is let pay outside it (B2, B3)."""

from collections.abc import Collection, Mapping

from core.msgid import N_
from core.principal import OrganisationKind, Role, permission
from core.states import Transition, Workflow, declare

_WORKERS = (Role.PREPARER, Role.APPROVER)
_READERS = (*_WORKERS, Role.COMPLAINT_HANDLER, Role.VIEWER)

CONSULTED_OFFICES = (
    OrganisationKind.DISCIPLINE,
    OrganisationKind.HUMAN_RESOURCES,
    OrganisationKind.AUDIT,
    OrganisationKind.DEPARTMENT,
)
"""Whose opinion 县财政局 asks before it decides (B2)."""
FILING_OFFICES = (OrganisationKind.FINANCE, OrganisationKind.DISCIPLINE)
"""With whom an offline programme's rules are filed before it may pay (B3)."""
OPINION_DAYS = 10
"""Working days for an opinion. The plan names none: a default of the house."""

SEE_INCLUSION = permission(
    "programmes.see_inclusion",
    dict.fromkeys((*CONSULTED_OFFICES, OrganisationKind.FINANCE, OrganisationKind.PREFECTURE_FINANCE), _READERS),
    N_("查看项目纳入平台的办理情况"),
)
SUBMIT_INCLUSION = permission(
    "programmes.submit_inclusion",
    {OrganisationKind.DEPARTMENT: _WORKERS, OrganisationKind.FINANCE: _WORKERS},
    N_("提请研究项目是否纳入平台"),
)
GIVE_OPINION = permission(
    "programmes.give_opinion",
    {**dict.fromkeys(CONSULTED_OFFICES, _WORKERS), OrganisationKind.FINANCE: (Role.PREPARER,)},
    N_("对项目纳入平台提出意见"),
)
PROPOSE_DECISION = permission(
    "programmes.propose_decision", {OrganisationKind.FINANCE: _WORKERS}, N_("拟定项目是否纳入平台")
)
CONFIRM_DECISION = permission(
    "programmes.confirm_decision", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("审定项目是否纳入平台")
)
RECORD_SET_UP = permission(
    "programmes.record_set_up",
    {OrganisationKind.PREFECTURE_FINANCE: _WORKERS, OrganisationKind.FINANCE: _WORKERS},
    N_("登记州财政局设立项目"),
)
FILE_MEASURES = permission(
    "programmes.file_measures",
    {OrganisationKind.DEPARTMENT: _WORKERS, OrganisationKind.FINANCE: _WORKERS},
    N_("报送线下项目的资金管理办法和监管措施"),
)
RECEIVE_FILING = permission(
    "programmes.receive_filing",
    {OrganisationKind.FINANCE: _WORKERS, OrganisationKind.DISCIPLINE: _WORKERS},
    N_("办理线下项目备案"),
)

INCLUSION_WORKFLOW = declare(
    Workflow(
        "inclusion",
        "submitted",
        (
            # The last of the four opinions does this, or finance when the day for them has passed.
            Transition("submitted", "consult", "consulted"),
            Transition("consulted", "propose", "proposed", by=PROPOSE_DECISION),
            Transition("proposed", "send_back", "consulted", by=CONFIRM_DECISION),
            Transition("proposed", "decide", "decided", by=CONFIRM_DECISION, other_than=("propose",)),
            Transition("decided", "reply", "replied", by=PROPOSE_DECISION),
            # Only what goes onto the platform is set up there.
            Transition("replied", "set_up", "set_up", by=RECORD_SET_UP),
            Transition("submitted", "withdraw", "withdrawn", by=SUBMIT_INCLUSION),
            Transition("consulted", "withdraw", "withdrawn", by=SUBMIT_INCLUSION),
        ),
    )
)
OPEN_STATES = ("submitted", "consulted", "proposed", "decided", "replied")


def missing_opinions(given: Collection[str]) -> tuple[OrganisationKind, ...]:
    """The offices that have not said anything yet, in the order of the plan."""
    return tuple(office for office in CONSULTED_OFFICES if office.value not in given)


def desk_of(state: str) -> tuple[OrganisationKind, ...]:
    """The office that takes the next step of a case in that state, once the four have been heard."""
    if state == "replied":
        return (OrganisationKind.PREFECTURE_FINANCE,)
    return (OrganisationKind.FINANCE,) if state in OPEN_STATES else ()


def missing_filings(received: Mapping[str, bool]) -> tuple[OrganisationKind, ...]:
    """The offices with which the filing is not on record yet. ``received``: office → whether it has recorded it."""
    return tuple(office for office in FILING_OFFICES if not received.get(office.value))


def is_settled(state: str, decision: str) -> bool:
    """Whether a case has come to its end: set up on the platform, answered for offline, or withdrawn."""
    return state in ("set_up", "withdrawn") or (state == "replied" and decision == "offline")
