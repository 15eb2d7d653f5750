"""When the book is put right by what the bank proved: a try that failed in the book and was paid in truth, or that is
paid in the book and was never paid in truth."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from core.errors import Conflict, UserError
from core.states import Transition, Workflow, declare
from disbursement.rules.rights import APPROVE_REBOOKING, SETTLE_DISCREPANCY


class RebookingKind(StrEnum):
    """What the bank proved of a try: that it was paid after all; that it never was; of one that it has never answered,
    that it was not paid and will not be; or of one that failed, and of which it said elsewhere that it was paid, that
    this word was wrong."""

    PAID = "paid"
    NEVER_PAID = "never_paid"
    NO_ANSWER = "no_answer"
    STILL_FAILED = "still_failed"


REBOOKABLE = frozenset({"failed", "unclear"})
"""Outcomes that a rebooking changes. What the bank has not answered yet is answered by its result file."""
MAY_COME_AFTER = frozenset({"failed", "returned"})
"""Later tries that moved no money, or whose money came back."""

SETTLED_STATES = frozenset({"paid", "credited"})
"""Payments that are not sent again and not returned, whatever the bank says of an earlier try."""

LONGEST_BACK = timedelta(days=31)
"""How long before a try was sent the day of its answer may lie: banks write value days, and their clocks differ."""

REBOOKING_WORKFLOW = declare(
    Workflow(
        "rebooking",
        "drafted",
        (
            Transition("drafted", "propose", "proposed", by=SETTLE_DISCREPANCY),
            Transition("proposed", "approve", "approved", by=APPROVE_REBOOKING, other_than=("propose",)),
            Transition("proposed", "refuse", "refused", by=APPROVE_REBOOKING, other_than=("propose",)),
            Transition("proposed", "withdraw", "withdrawn", by=SETTLE_DISCREPANCY),
        ),
    )
)


def is_double(later: Collection[str]) -> bool:
    """Whether a try that was paid in truth is a double payment: a later try of the payment (their outcomes) has moved
    money too, or still may."""
    return not MAY_COME_AFTER.issuperset(later)


def refuse_rebooking(reference: str, outcome: str, later: Collection[str], *, is_in_order: bool) -> None:
    """Raise Conflict where a try with this outcome cannot be rebooked as paid; ``later`` are the outcomes of the later
    tries of its payment, ``is_in_order`` whether a return order has it. A payment that was sent again is never booked
    as paid a second time: the money is one too many, and comes back."""
    if outcome not in REBOOKABLE:
        raise Conflict("%(reference)s 现在不是失败或不明，没有可以改记的。请刷新页面后再看。", reference=reference)
    if is_double(later):
        raise Conflict(
            "%(reference)s 是重复付款：失败以后已经重发，银行又证实当时付过，钱付了两次。不能改记为已到账；"
            "请在月末对账的差异里选“由银行追回”，追回以前一直列为未了结。",
            reference=reference,
        )
    if is_in_order:
        raise Conflict(
            "%(reference)s 已列入退回单。请先撤回退回单，再改记；已经入账的，请由银行追回。", reference=reference
        )


def refuse_denial(reference: str, outcome: str, *, is_rebooked: bool) -> None:
    """Raise Conflict where a try with this outcome cannot be rebooked as never paid. What two officials have rebooked
    as paid (``is_rebooked``) is not rebooked back: the bank has said both, and owes the proof."""
    if is_rebooked:
        raise Conflict(
            "%(reference)s 以前凭银行的证明由两位同事改记为已到账，不能再改记为没有付出。请选“转到下月核对”，"
            "向银行要书面说明；钱退回账户以后，对账单上会列为付款后退票，再登记退票。",
            reference=reference,
        )
    if outcome != "paid":
        raise Conflict("%(reference)s 现在不是已到账，没有可以改记的。请刷新页面后再看。", reference=reference)


def refuse_no_answer(reference: str, outcome: str, sent_on: date, today: date, days: int, *, is_silent: bool) -> None:
    """Raise Conflict for a try that the bank has answered; UserError for one that was sent fewer than so many days ago,
    and where the statements of the days around do not show (``is_silent``) that no money left."""
    if outcome not in ("open", "unclear"):
        raise Conflict("%(reference)s 银行已经答复，不用认定。请刷新页面后再看。", reference=reference)
    waited = (today - sent_on).days
    if waited < days:
        raise UserError(
            "%(reference)s 送银行 %(waited)s 天，满 %(days)s 天没有答复的才能认定失败。请先向银行催要回盘。",
            reference=reference,
            waited=waited,
            days=days,
        )
    if not is_silent:
        raise UserError(
            "%(reference)s 还不能认定没有付出：送银行那几天所在月份的对账单没有导入，或者对账单上扣了这一笔款。"
            "请先在月末对账里导入、核对。",
            reference=reference,
        )


def refuse_still_failed(reference: str, outcome: str, *, says_paid: bool) -> None:
    """Raise Conflict where there is no word of the bank to take back: the try has not failed, or no open line of a bank
    file says of it that it was paid."""
    if outcome != "failed" or not says_paid:
        raise Conflict(
            "%(reference)s 没有“账上失败、银行说已付”的待处理差异，没有可以维持的。请刷新页面后再看。",
            reference=reference,
        )


def check_letter_day(day: date | None, sent_on: date, today: date) -> date:
    """The day of the bank's letter. Raises UserError without one, before the tries were sent, or in the future."""
    if day is None or not sent_on <= day <= today:
        raise UserError(
            "银行函件的日期应在送银行之日（%(first)s）到今天（%(last)s）之间。",
            first=sent_on.isoformat(),
            last=today.isoformat(),
        )
    return day


def check_bank_day(day: date, sent_on: date, today: date) -> None:
    """Raise UserError for a day on which the bank cannot have paid: before the try was sent, or in the future."""
    if not sent_on <= day <= today:
        raise UserError(
            "银行确认的到账日期应在送银行之日（%(first)s）到今天（%(last)s）之间。",
            first=sent_on.isoformat(),
            last=today.isoformat(),
        )


def earliest_bank_day(sent_on: date) -> date:
    """The earliest day that the answer to a try sent on this day may have."""
    return sent_on - LONGEST_BACK


def believed_day(told: date | None, sent_on: date | None, today: date) -> date:
    """The day of an answer in the book: the bank's own. Money without a day, or with one that cannot be (it has not
    come yet, or lies long before the try was sent, where that matters), would be in no month or in one that nobody can
    close: it has the day on which we heard of it."""
    if told is None or told > today or (sent_on is not None and told < earliest_bank_day(sent_on)):
        return today
    return told
