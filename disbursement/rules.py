"""Decisions about rolls, batches and payments: who may do what, the states, the failure cycle, the balance.

Pure: no database, no clock; dates come in as arguments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.errors import UserError
from core.money import format_yuan
from core.msgid import N_
from core.principal import OrganisationKind, Principal, PrincipalKind, Role, permission
from core.states import Transition, Workflow, declare

# --- Who may do what -----------------------------------------------------------------------------

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


# --- States --------------------------------------------------------------------------------------

ROLL_WORKFLOW = declare(
    Workflow(
        "roll",
        "draft",
        (
            Transition("draft", "submit", "submitted", by=PREPARE_ROLL),
            Transition(
                "submitted", "approve_township", "township_approved", by=APPROVE_ROLL_TOWNSHIP, other_than=("submit",)
            ),
            # The publicity room publishes, and asks for its own right.
            Transition("township_approved", "publicise", "publicised"),
            Transition("publicised", "approve_department", "department_approved", by=APPROVE_ROLL_DEPARTMENT),
            Transition("submitted", "send_back", "draft", by=SEND_BACK_ROLL),
            Transition("township_approved", "send_back", "draft", by=SEND_BACK_ROLL),
            Transition("publicised", "send_back", "draft", by=SEND_BACK_ROLL),
        ),
    )
)
BATCH_WORKFLOW = declare(
    Workflow(
        "batch",
        "open",
        (
            Transition("open", "confirm", "finance_confirmed", by=CONFIRM_BATCH),
            Transition("finance_confirmed", "withdraw", "open", by=CONFIRM_BATCH),
            Transition("finance_confirmed", "send", "sent", by=EXPORT_OFFER),
            # Cards that were issued later, and payments that are tried again, go out in a further file.
            Transition("results_in", "send", "sent", by=EXPORT_OFFER),
            Transition("sent", "complete", "results_in", by=IMPORT_RESULT),
            Transition("results_in", "close", "closed", by=CONFIRM_BATCH),
        ),
    )
)
# A payment moves with its roll, its batch or a bank file, whose operations have asked for the right.
PAYMENT_WORKFLOW = declare(
    Workflow(
        "payment",
        "drafted",
        (
            Transition("drafted", "approve", "approved"),
            Transition("drafted", "strike", "struck"),
            Transition("struck", "restore", "drafted"),
            Transition("approved", "send", "sent"),
            Transition("resubmitted", "send", "sent"),
            Transition("approved", "pay_offline", "paid_offline"),
            Transition("sent", "record_paid", "paid"),
            Transition("unclear", "record_paid", "paid"),
            Transition("sent", "record_failed", "failed"),
            Transition("unclear", "record_failed", "failed"),
            Transition("sent", "record_unclear", "unclear"),
            Transition("failed", "correct", "corrected"),
            Transition("corrected", "resubmit", "resubmitted"),
            Transition("failed", "return", "returned"),
            Transition("corrected", "return", "returned"),
            # Only a bank return after payment does this.
            Transition("paid", "return_by_bank", "returned"),
        ),
    )
)


def check_period(period: str) -> str:
    """The period YYYYMM. Raises UserError for anything else."""
    if len(period) == 6 and period.isascii() and period.isdigit() and "01" <= period[4:] <= "12" and period >= "2000":
        return period
    raise UserError("期别要写成六位数字的年月，例如 202006。")


# --- The failure cycle (B6) ----------------------------------------------------------------------


@dataclass(frozen=True)
class FailureCycle:
    """Until when the township corrects (20th), the department pushes (25th), and the bank pays again (28th)."""

    correct_by: date
    resubmit_by: date
    reissue_by: date


def failure_cycle(recorded_on: date) -> FailureCycle:
    """The cycle of a failure recorded on this county day: this month's up to and including the 20th, later the next
    month's (policy §1, B6)."""
    year, month = recorded_on.year, recorded_on.month
    if recorded_on.day > 20:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return FailureCycle(date(year, month, 20), date(year, month, 25), date(year, month, 28))


# --- The balance (B4) ----------------------------------------------------------------------------

# Before finance confirms, a roll is a wish; afterwards each of its payments stands in exactly one place.
_UNCONFIRMED = frozenset({"open"})
PLACE_OF = {
    "approved": "reserved",
    "resubmitted": "reserved",
    "sent": "in_transit",
    "unclear": "in_transit",
    "paid": "paid",
    "paid_offline": "paid",
    "failed": "failed",
    "corrected": "failed",
    "returned": "returned",
}


@dataclass(frozen=True)
class Balance:
    """Where the money of one programme and year is, in fen. ``returned`` is not yet credited to the plan."""

    allocated: int
    reserved: int = 0
    in_transit: int = 0
    paid: int = 0
    failed: int = 0
    returned: int = 0

    @property
    def available(self) -> int:
        """What may still be confirmed. Negative only where a plan was cut below what had been confirmed."""
        return self.allocated - self.reserved - self.in_transit - self.paid - self.failed - self.returned

    def as_json(self) -> dict[str, int]:
        """All terms in fen, for commands."""
        return {
            "allocated_fen": self.allocated,
            "available_fen": self.available,
            "reserved_fen": self.reserved,
            "in_transit_fen": self.in_transit,
            "paid_fen": self.paid,
            "failed_fen": self.failed,
            "returned_fen": self.returned,
        }


def place_of(batch_state: str, payment_state: str) -> str | None:
    """The term of the balance to which a payment counts; None while it binds no money."""
    if batch_state in _UNCONFIRMED:
        return None
    return PLACE_OF.get(payment_state)


def balance_of(allocated: int, sums: Iterable[tuple[str, str, int]]) -> Balance:
    """The balance from the allocation and sums of fen by batch state and payment state."""
    places = dict.fromkeys(("reserved", "in_transit", "paid", "failed", "returned"), 0)
    for batch_state, payment_state, fen in sums:
        place = place_of(batch_state, payment_state)
        if place is not None:
            places[place] += fen
    return Balance(allocated, **places)


def refuse_overdraft(balance: Balance, wanted: int) -> None:
    """Raise UserError with the shortfall where ``wanted`` fen are more than is available."""
    if wanted > balance.available:
        raise UserError(
            "资金不足：本批次需要 %(wanted)s 元，项目本年度可用资金只有 %(available)s 元，还差 %(short)s 元。"
            "请先补充项目资金计划，或核减花名册。",
            wanted=format_yuan(wanted),
            available=format_yuan(balance.available),
            short=format_yuan(wanted - balance.available),
        )
