"""The life of a message, and when it may be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from core.calendar import SHANGHAI
from core.msgid import N_
from core.principal import OrganisationKind, Role, permission
from core.states import Transition, Workflow, declare
from sms.templates import CODE

_READERS = (Role.PREPARER, Role.APPROVER, Role.VIEWER)

SEE_MESSAGES = permission(
    "sms.see_messages",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.TOWNSHIP: _READERS,
        OrganisationKind.DISCIPLINE: (*_READERS, Role.COMPLAINT_HANDLER),
    },
    title=N_("查看短信"),
)
DECIDE_UNKNOWN = permission(
    "sms.decide_unknown",
    {
        OrganisationKind.FINANCE: (Role.PREPARER, Role.APPROVER),
        OrganisationKind.DISCIPLINE: (Role.COMPLAINT_HANDLER,),
    },
    title=N_("决定结果不明的短信是否重发"),
)
SEE_COSTS = permission(
    "sms.see_costs",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
    },
    title=N_("查看短信费用"),
)
SEE_HANDSET = permission(
    "sms.see_handset", {kind: tuple(Role) for kind in OrganisationKind}, title=N_("查看模拟手机（仅演示环境）")
)

WRITE_TEMPLATES = permission(
    "sms.write_templates", {OrganisationKind.FINANCE: (Role.PREPARER,)}, title=N_("编写短信模板、登记运营商编号")
)
APPROVE_TEMPLATES = permission(
    "sms.approve_templates", {OrganisationKind.FINANCE: (Role.APPROVER,)}, title=N_("审批短信模板")
)

TEMPLATE_WORKFLOW = declare(
    Workflow(
        "template_version",
        "draft",
        (
            Transition("draft", "submit", "submitted", by=WRITE_TEMPLATES),
            Transition("draft", "discard", "discarded", by=WRITE_TEMPLATES),
            Transition("submitted", "withdraw", "draft", by=WRITE_TEMPLATES),
            Transition("submitted", "approve", "in_use", by=APPROVE_TEMPLATES, other_than=("submit",)),
            Transition("submitted", "send_back", "draft", by=APPROVE_TEMPLATES),
            # The next version is in use, or the one that comes with the product again.
            Transition("in_use", "retire", "retired", by=APPROVE_TEMPLATES),
        ),
    )
)

SMS_WORKFLOW = declare(
    Workflow(
        "message",
        "queued",
        (
            Transition("queued", "send", "sending"),
            Transition("queued", "suppress", "suppressed"),
            Transition("queued", "expire", "expired"),
            Transition("sending", "accept", "accepted"),
            Transition("sending", "reject", "rejected"),
            # Only when it surely did not leave.
            Transition("sending", "requeue", "queued"),
            Transition("sending", "lose_sight", "unknown"),
            Transition("accepted", "deliver", "delivered"),
            Transition("accepted", "fail", "undelivered"),
            # Nobody has reported on it in days, and the provider does not know either. A late report still counts.
            Transition("accepted", "stop_waiting", "unconfirmed"),
            Transition("unconfirmed", "deliver", "delivered"),
            Transition("unconfirmed", "fail", "undelivered"),
            # The provider was asked, or reported by itself, and knows the message.
            Transition("unknown", "accept", "accepted"),
            Transition("unknown", "resend", "queued", by=DECIDE_UNKNOWN),
            Transition("unknown", "confirm", "delivered", by=DECIDE_UNKNOWN),
            Transition("unknown", "give_up", "undelivered", by=DECIDE_UNKNOWN),
        ),
    )
)
STATES = SMS_WORKFLOW.states()
FINAL_STATES = frozenset({"delivered", "undelivered", "suppressed", "expired", "rejected"})
LEFT_STATES = frozenset({"accepted", "delivered", "undelivered", "unconfirmed"})
"""The provider has taken it."""
CHARGED_STATES = LEFT_STATES | {"sending", "unknown"}
"""What counts as spent, as the ceiling of the day counts it: whatever did not surely stay here."""
ALREADY_LEFT = "already_left"
"""Why a message is suppressed that waited for another attempt when the one before turned out to have left."""
WRONG_NUMBER = frozenset({"not_mobile", "isv.MOBILE_NUMBER_ILLEGAL", "21211", "21614", "30005", "30006"})
"""Errors that are the number's own: to send again is in vain before it is put right."""

BUDGET_WARNS = 80
"""Per cent of a month's budget from which on finance is told."""


def share_of_budget(cost_fen: int, monthly_yuan: int) -> int | None:
    """How much of a month's budget is spent, in whole per cent, downwards; None without a budget."""
    return cost_fen // monthly_yuan if monthly_yuan else None


LEASE = timedelta(minutes=5)
"""How long a worker has for a call and its record. It exceeds every time-out of a call many times over."""
LOOK_UP_EVERY = timedelta(minutes=10)
LOOK_UP_FOR = timedelta(days=2)
"""How often and how long the provider is asked by itself for a message of unknown fate."""
POLL_AFTER = timedelta(minutes=30)
POLL_EVERY = timedelta(hours=4)
UNCONFIRMED_AFTER = timedelta(days=3)
"""When the provider is asked about a message that nobody has reported on, how often, and when that ends: carriers
report within three days or never."""
RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True)
class QuietHours:
    """The hours of the county's night in which no phone shall ring, from ``begin`` to ``end``."""

    begin: time
    end: time

    def covers(self, at: datetime) -> bool:
        """Whether the aware instant lies in the quiet hours; their first minute does, their last does not."""
        clock = at.astimezone(SHANGHAI).time()
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def next_allowed(self, at: datetime) -> datetime:
        """The first instant from ``at`` on that is not quiet, in UTC."""
        if not self.covers(at):
            return at.astimezone(UTC)
        local = at.astimezone(SHANGHAI)
        ends = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return (ends if ends > local else ends + timedelta(days=1)).astimezone(UTC)


def next_allowed(at: datetime, quiet: QuietHours | None, priority: int) -> datetime:
    """When a message of this urgency that is due at ``at`` may be sent: codes at once, the others by daylight."""
    if quiet is None or priority == CODE:
        return at
    return quiet.next_allowed(at)


def retry_at(at: datetime, attempts: int, retry_after: timedelta | None = None) -> datetime:
    """When a message that surely did not leave is tried again: as the provider wishes, else later each time."""
    delay = RETRY_DELAYS[min(max(attempts, 1), len(RETRY_DELAYS)) - 1]
    return at + (delay if retry_after is None else retry_after)


class Window:
    """How many messages may be under way at once: one at first, one more for each success, half after each trouble.

    A provider that hangs or refuses thus costs one message a run, not the whole outbox; at nought the run ends.
    ``widest`` is also how many messages a crash can leave without an outcome.
    """

    def __init__(self, widest: int) -> None:
        self.size = 1
        self.widest = widest

    @property
    def is_shut(self) -> bool:
        """Whether this run sends nothing more."""
        return self.size == 0

    def note(self, *, well: bool) -> None:
        """Take one outcome into account. Once shut it stays shut."""
        if well and self.size:
            self.size = min(self.size + 1, self.widest)
        elif not well:
            self.size //= 2


# How far a message has come by each report of a provider. A report never takes it back.
ACCEPTED = "accepted"
DELIVERED = "delivered"
UNDELIVERED = "undelivered"


@dataclass(frozen=True)
class ReceiptDecision:
    """What a report does: the actions on the message, in order, and the outcome that is kept with the report."""

    outcome: str
    actions: tuple[str, ...] = ()


RECEIPT_APPLIED = "applied"
RECEIPT_EARLY = "early"
RECEIPT_LATE = "late"
RECEIPT_CONTRADICTS = "contradicts"
RECEIPT_REPEATED = "repeated"
RECEIPT_UNCLAIMED = "unclaimed"
RECEIPT_PATIENCE = timedelta(days=1)
"""How long an early report waits for its message before it is laid aside as *unclaimed*."""

_FINISH: Mapping[str, tuple[str, ...]] = {ACCEPTED: (), DELIVERED: ("deliver",), UNDELIVERED: ("fail",)}


def decide_receipt(state: str, reported: str) -> ReceiptDecision:
    """What a report of ``reported`` (accepted, delivered, undelivered) does to a message in ``state``.

    A final state stays: a later report of less is *late*, one of the opposite *contradicts* and is for a person.
    """
    if state == "sending":
        return ReceiptDecision(RECEIPT_EARLY)
    if state == "queued":
        # It waits for another attempt, and the one before arrived after all.
        return (
            ReceiptDecision(RECEIPT_LATE)
            if reported == UNDELIVERED
            else ReceiptDecision(RECEIPT_APPLIED, ("suppress",))
        )
    if state == "unknown":
        return ReceiptDecision(RECEIPT_APPLIED, ("accept", *_FINISH[reported]))
    if state == "accepted" or (state == "unconfirmed" and reported != ACCEPTED):
        return ReceiptDecision(RECEIPT_APPLIED, _FINISH[reported])
    return ReceiptDecision(RECEIPT_LATE if reported in (state, ACCEPTED) else RECEIPT_CONTRADICTS)


TROUBLES = 5
"""So many calls without success in a row shut a gateway."""
FIRST_BREAK = timedelta(minutes=1)
LONGEST_BREAK = timedelta(minutes=30)
PROBE = timedelta(minutes=2)
"""How long one message that tries a shut gateway keeps all others from it."""


@dataclass(frozen=True)
class Health:
    """How a gateway is: calls without success in a row, and until when it is left alone (None: it is not)."""

    troubles: int = 0
    shut_until: datetime | None = None

    def after(self, *, well: bool, at: datetime) -> "Health":
        """How it is after one more call. A success opens it; each trouble beyond the fifth doubles the break."""
        if well:
            return Health()
        troubles = self.troubles + 1
        if troubles < TROUBLES:
            return Health(troubles, self.shut_until)
        longer = FIRST_BREAK * 2 ** min(troubles - TROUBLES, 10)
        return Health(troubles, at + min(longer, LONGEST_BREAK))

    def room(self, wanted: int, at: datetime) -> int:
        """How many of so many messages may be tried: none while it is shut, one to try it after the break. A break that
        ends further ahead than any is long was made before the clock jumped back."""
        if self.shut_until is None:
            return wanted
        return 0 if at < self.shut_until <= at + LONGEST_BREAK else min(wanted, 1)


class Pace:
    """How many calls may begin by now: so many each second, a second's worth at once (a bucket that leaks)."""

    def __init__(self, per_second: int) -> None:
        self.interval = timedelta(seconds=1) / per_second
        self.burst = timedelta(seconds=1)

    def room(self, next_slot: datetime | None, at: datetime) -> int:
        """How many at this instant, where the next free slot is at ``next_slot`` (None: none was ever taken). One that
        lies further ahead than it can was taken before the clock jumped back."""
        ahead = max((next_slot or at) - at, timedelta())
        if ahead > 2 * self.burst:
            ahead = timedelta()
        return max(int((self.burst - ahead) / self.interval), 0)

    def taken(self, next_slot: datetime | None, at: datetime, number: int) -> datetime:
        """The next free slot after so many more."""
        known = next_slot if next_slot is not None and next_slot <= at + 2 * self.burst else at
        return max(known, at) + number * self.interval
