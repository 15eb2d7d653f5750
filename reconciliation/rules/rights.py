"""Who may do what with a month, and the life of a month."""

from core.msgid import N_
from core.principal import OrganisationKind, Role, permission
from core.states import Transition, Workflow, declare
from disbursement.rules import profile_workflow

_WORKERS = (Role.PREPARER, Role.APPROVER)
_READERS = (*_WORKERS, Role.VIEWER)

READ = permission(
    "reconciliation.read",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.BANK: _READERS,
        OrganisationKind.DEPARTMENT: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    N_("查看月末对账"),
)
SEE_LINES = permission(
    "reconciliation.see_lines",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.BANK: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    N_("查看对账单逐笔明细"),
)
IMPORT_STATEMENT = permission(
    "reconciliation.import_statement",
    {OrganisationKind.FINANCE: _WORKERS, OrganisationKind.BANK: (Role.PREPARER,)},
    N_("导入银行对账单"),
)
RESOLVE_DIFFERENCE = permission(
    "reconciliation.resolve_difference", {OrganisationKind.FINANCE: _WORKERS}, N_("处理对账差异")
)
CONFIRM_SETTLEMENT = permission(
    "reconciliation.confirm_settlement", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("复核对账差异的处理")
)
CHOOSE_SETTINGS = permission(
    "reconciliation.choose_settings", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("设定复核界限和对账的起始月份")
)
SIGN_MONTH = permission(
    "reconciliation.sign_month",
    {
        OrganisationKind.DEPARTMENT: (Role.APPROVER,),
        OrganisationKind.BANK: _WORKERS,
        OrganisationKind.FINANCE: (Role.APPROVER,),
    },
    N_("月末对账签章"),
)
CLOSE_MONTH = permission(
    "reconciliation.close_month", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("关账和重新开账")
)

MONTH_WORKFLOW = declare(
    Workflow(
        "reconciliation_month",
        "open",
        (
            Transition("open", "close", "closed", by=CLOSE_MONTH),
            # Somebody else of finance asks for it first: nobody reopens alone what is closed.
            Transition("closed", "ask_reopen", "reopen_asked", by=CLOSE_MONTH),
            Transition("reopen_asked", "refuse_reopen", "closed", by=CLOSE_MONTH),
            Transition("reopen_asked", "reopen", "open", by=CLOSE_MONTH, other_than=("ask_reopen",)),
        ),
    )
)
STATEMENT_PROFILE_WORKFLOW = declare(profile_workflow("statement_profile"))
