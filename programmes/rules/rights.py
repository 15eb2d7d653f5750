"""Who may do what with programmes and fund plans."""

from core.msgid import N_
from core.principal import OrganisationKind, Role, permission

_READERS = (Role.PREPARER, Role.APPROVER, Role.COMPLAINT_HANDLER, Role.VIEWER)

IMPORT_CATALOGUE = permission(
    "programmes.import_catalogue", {OrganisationKind.FINANCE: (Role.PREPARER,)}, N_("导入补贴项目和不相容规则")
)
IMPORT_FUND_PLAN = permission(
    "programmes.import_fund_plan", {OrganisationKind.FINANCE: (Role.PREPARER,)}, N_("导入项目资金计划")
)
EDIT_PROGRAMME = permission(
    "programmes.edit",
    {OrganisationKind.FINANCE: (Role.PREPARER, Role.APPROVER)},
    N_("新增和修改补贴项目及其执行标准"),
)
DECIDE_INCLUSION = permission(
    "programmes.decide_inclusion",
    {OrganisationKind.FINANCE: (Role.PREPARER, Role.APPROVER)},
    N_("督办尚未决定是否纳入平台的补贴项目"),
)
SEE_FUND_PLAN = permission(
    "programmes.see_fund_plan",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.DEPARTMENT: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
        OrganisationKind.PREFECTURE_FINANCE: _READERS,
    },
    N_("查看项目资金计划（主管部门只看本部门的）"),
)
