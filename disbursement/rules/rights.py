"""Who may do what in this room, and to whom a roll exists."""

from core.msgid import N_
from core.principal import OrganisationKind, Permission, Principal, PrincipalKind, Role, permission

_WORKERS = (Role.PREPARER, Role.APPROVER)
_READERS = (*_WORKERS, Role.VIEWER)

READ = permission(
    "disbursement.read",
    {
        OrganisationKind.TOWNSHIP: _READERS,
        OrganisationKind.DEPARTMENT: _READERS,
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
        OrganisationKind.BANK: _READERS,
    },
    N_("查看发放批次"),
)
# A bank handles files and batches; rolls and the people on them are not its business.
SEE_ROLLS = permission(
    "disbursement.see_rolls",
    {
        OrganisationKind.TOWNSHIP: _READERS,
        OrganisationKind.DEPARTMENT: _READERS,
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    N_("查看花名册和发放明细"),
)
SEE_RESULTS = permission(
    "disbursement.see_results",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.BANK: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    N_("查看代发文件和回盘"),
)
SEE_BALANCE = permission(
    "disbursement.see_balance",
    {
        OrganisationKind.DEPARTMENT: _READERS,
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    N_("查看项目资金台账"),
)
PREPARE_ROLL = permission(
    "disbursement.prepare_roll", {OrganisationKind.TOWNSHIP: (Role.PREPARER,)}, N_("上传、修改、提交花名册")
)
APPROVE_ROLL_TOWNSHIP = permission(
    "disbursement.approve_roll_township", {OrganisationKind.TOWNSHIP: (Role.APPROVER,)}, N_("乡镇审核花名册")
)
APPROVE_ROLL_DEPARTMENT = permission(
    "disbursement.approve_roll_department", {OrganisationKind.DEPARTMENT: (Role.APPROVER,)}, N_("主管部门审批花名册")
)
SEND_BACK_ROLL = permission(
    "disbursement.send_back_roll",
    {OrganisationKind.TOWNSHIP: (Role.APPROVER,), OrganisationKind.DEPARTMENT: (Role.APPROVER,)},
    N_("退回花名册"),
)
CONFIRM_BATCH = permission("disbursement.confirm_batch", {OrganisationKind.FINANCE: _WORKERS}, N_("确认发放批次"))
EXPORT_OFFER = permission(
    "disbursement.export_offer",
    {OrganisationKind.FINANCE: _WORKERS, OrganisationKind.BANK: (Role.PREPARER,)},
    N_("生成代发文件"),
)
IMPORT_RESULT = permission(
    "disbursement.import_result",
    {OrganisationKind.FINANCE: _WORKERS, OrganisationKind.BANK: (Role.PREPARER,)},
    N_("导入银行回盘"),
)
SETTLE_DISCREPANCY = permission(
    "disbursement.settle_discrepancy", {OrganisationKind.FINANCE: _WORKERS}, N_("处理回盘差异")
)
EDIT_PROFILE = permission(
    "disbursement.edit_profile", {OrganisationKind.FINANCE: _WORKERS}, N_("编辑银行文件格式，登记银行的户名写法")
)
APPROVE_PROFILE = permission(
    "disbursement.approve_profile", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("批准银行文件格式")
)

CHECK_ROLL = permission(
    "disbursement.check_roll",
    {OrganisationKind.TOWNSHIP: _WORKERS, OrganisationKind.DEPARTMENT: _WORKERS, OrganisationKind.FINANCE: _WORKERS},
    N_("重新核查花名册"),
)
EXPLAIN_FINDING = permission(
    "disbursement.explain_finding",
    {OrganisationKind.TOWNSHIP: (Role.APPROVER,), OrganisationKind.DEPARTMENT: (Role.APPROVER,)},
    N_("为核查提示写明理由"),
)
STRIKE_LINE = permission(
    "disbursement.strike_line",
    {OrganisationKind.TOWNSHIP: _WORKERS, OrganisationKind.DEPARTMENT: (Role.APPROVER,)},
    N_("剔除、恢复花名册中的人员"),
)
CHOOSE_CHECKS = permission(
    "disbursement.choose_checks",
    {OrganisationKind.FINANCE: _WORKERS},
    N_("设定核查的轻重和各环节的时限"),
)
CORRECT_PAYMENT = permission(
    "disbursement.correct_payment", {OrganisationKind.TOWNSHIP: _WORKERS}, N_("改正发放失败的信息")
)
RESUBMIT_PAYMENT = permission("disbursement.resubmit_payment", {OrganisationKind.DEPARTMENT: _WORKERS}, N_("推送重发"))
MAKE_REISSUE = permission("disbursement.make_reissue", {OrganisationKind.FINANCE: _WORKERS}, N_("生成重发文件"))
PROPOSE_RETURN = permission(
    "disbursement.propose_return",
    {OrganisationKind.DEPARTMENT: _WORKERS, OrganisationKind.FINANCE: _WORKERS},
    N_("提出退回资金"),
)
APPROVE_RETURN = permission(
    "disbursement.approve_return", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("审批退回资金")
)
CREDIT_RETURN = permission("disbursement.credit_return", {OrganisationKind.FINANCE: _WORKERS}, N_("登记退回资金入账"))
RECORD_BANK_RETURN = permission(
    "disbursement.record_bank_return", {OrganisationKind.FINANCE: _WORKERS}, N_("登记银行退票")
)
APPROVE_REBOOKING = permission(
    "disbursement.approve_rebooking", {OrganisationKind.FINANCE: (Role.APPROVER,)}, N_("审批改记")
)

PAY_OFFLINE = permission(
    "disbursement.pay_offline",
    {OrganisationKind.TOWNSHIP: (Role.PREPARER,), OrganisationKind.DEPARTMENT: _WORKERS},
    N_("登记线下发放"),
)

_ALL_OF_REGION = frozenset({OrganisationKind.FINANCE, OrganisationKind.AUDIT, OrganisationKind.DISCIPLINE})


def sees_roll(principal: Principal, township_code: str, department_id: int | None) -> bool:
    """Whether a roll exists for this principal: the township's own, the department's programmes, and all of the
    county for finance, audit and discipline."""
    if principal.kind == PrincipalKind.SYSTEM:
        return True
    if not principal.may(READ):
        return False
    if principal.organisation_kind == OrganisationKind.DEPARTMENT:
        return department_id is not None and department_id == principal.organisation_id
    within = principal.organisation_kind in _ALL_OF_REGION or principal.organisation_kind == OrganisationKind.TOWNSHIP
    return within and principal.sees_region(township_code)


def striking_right(roll_state: str, *, hangs: bool = False) -> Permission | None:
    """The right to strike lines of a roll in that state: whoever has it on the desk. None where nobody may: while its
    lists hang (``hangs``, see rules.still_hangs) it stands as it hangs, and once the department has approved it, its
    payments are owed."""
    if hangs:
        return None
    return {
        "draft": PREPARE_ROLL,
        "submitted": APPROVE_ROLL_TOWNSHIP,
        "publicised": APPROVE_ROLL_DEPARTMENT,
    }.get(roll_state)
