"""When money that cannot be paid is to be returned (B7), and the life of a return order."""

from calendar import monthrange
from datetime import date

from core.errors import UserError
from core.states import Transition, Workflow, declare
from disbursement.rules.rights import APPROVE_RETURN, CREDIT_RETURN, PROPOSE_RETURN
from programmes.rules import Frequency

LONGEST_VOUCHER = 60
BY_QUARTER = frozenset({Frequency.QUARTERLY, Frequency.MONTHLY})
"""The county plan names the quarterly programmes; for monthly ones the same rule is assumed."""

RETURN_WORKFLOW = declare(
    Workflow(
        "return_order",
        "drafted",
        (
            Transition("drafted", "propose", "proposed", by=PROPOSE_RETURN),
            Transition("proposed", "approve", "approved", by=APPROVE_RETURN, other_than=("propose",)),
            Transition("approved", "credit", "credited", by=CREDIT_RETURN),
            # A wrong voucher is not edited: a second person writes a counter-entry, and the right one is entered anew.
            Transition("credited", "reverse", "approved", by=APPROVE_RETURN, other_than=("credit",)),
            # Nothing has left the house before the voucher; the operation asks who may withdraw.
            Transition("proposed", "withdraw", "withdrawn"),
            Transition("approved", "withdraw", "withdrawn"),
        ),
    )
)


def return_due(frequency: Frequency | None, period: str, all_issued_on: date | None) -> date | None:
    """The calendar day by which what cannot be paid of a period (YYYYMM) is to be returned (B7): programmes that pay by
    quarter or month, by the end of the month after the quarter; all others, by the end of the month after the day on
    which all was issued (None: not yet, and so no day)."""
    if frequency in BY_QUARTER:
        year, month = int(period[:4]), int(period[4:])
        return _end_of_month(year, (month + 2) // 3 * 3 + 1)
    if all_issued_on is None:
        return None
    return _end_of_month(all_issued_on.year, all_issued_on.month + 1)


def _end_of_month(year: int, month: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def checked_voucher(number: str, voucher_on: date, approved_on: date, today: date) -> str:
    """The number of a bank voucher. Raises UserError without one, or for a day that cannot be."""
    text = number.strip()
    if not text or len(text) > LONGEST_VOUCHER:
        raise UserError("请填写银行凭证号，最多 %(most)s 个字。", most=LONGEST_VOUCHER)
    if not approved_on <= voucher_on <= today:
        raise UserError(
            "凭证日期应在批准之日（%(first)s）到今天（%(last)s）之间。",
            first=approved_on.isoformat(),
            last=today.isoformat(),
        )
    return text
