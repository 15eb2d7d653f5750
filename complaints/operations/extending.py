"""More days for a clock: asked for once with a reason, decided by a second official."""

from datetime import datetime

from complaints import rules
from complaints.models import Clock, Complaint, Extension
from complaints.operations.case import (
    add_entry,
    book_of,
    category_of,
    checked_text,
    open_extension,
    record,
    set_due,
)
from complaints.operations.desk import require_desk, require_handler
from complaints.rulebook import ClockKind
from core.calendar import local_date
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.msgid import N_
from core.principal import Principal
from core.working_days import load_calendar


def extendable_clock(complaint: Complaint) -> Clock | None:
    """The running clock that may still be extended: not yet asked for, of a matter that allows it."""
    book, matter = book_of(complaint), category_of(complaint).matter
    fresh = (clock for clock in complaint.clocks if clock.stopped_on is None and clock.extension is None)
    return next((clock for clock in fresh if rules.may_be_extended(book, matter, ClockKind(clock.kind))), None)


def ask_extension(principal: Principal, complaint: Complaint, days: int, reason: str, *, at: datetime) -> Extension:
    """Ask a colleague with the right to grant it for more days, once for a clock and before it is overdue.

    ``days`` are of the clock's kind (working days). Raises UserError or Conflict.
    """
    require_handler(principal, complaint)
    said = checked_text(reason, N_("请写明延期的理由，反映人会看到。"))
    clock = extendable_clock(complaint)
    if clock is None or complaint.state not in rules.RUNNING:
        raise Conflict("这件事现在不能延期：只有受理后的投诉举报可以延期，而且只能一次。")
    if local_date(at) > clock.due_on:
        raise Conflict("期限已过，不能再延期。请尽快答复。")
    most = rules.may_be_extended(book_of(complaint), category_of(complaint).matter, ClockKind(clock.kind))
    if not 1 <= days <= most:
        raise UserError("延期天数应在 1 到 %(most)d 个工作日之间。", most=most)
    assert principal.official_id is not None  # nobody else holds the right
    extension = Extension(
        clock=clock, days=days, reason=said, asked_by=principal.official_id, asked_at=at, due_before=clock.due_on
    )
    db.session.add(extension)
    complaint.extension_asked = True
    add_entry(complaint, principal, "extension_asked", said, public=False, at=at)
    record(principal, "ask_extension", complaint, at=at, days=days)
    db.session.flush()
    return extension


def decide_extension(principal: Principal, complaint: Complaint, granted: bool, *, at: datetime) -> None:
    """Grant or refuse the extension that was asked for; by another person than the one who asked. A grant moves the
    due day, counted from the clock's unmoved start, and tells the reporter with the reason."""
    principal.require(rules.GRANT_EXTENSION)
    require_desk(principal, complaint)
    extension = open_extension(complaint)
    if extension is None:
        raise Conflict("没有等待审批的延期申请。")
    if extension.asked_by == principal.official_id:
        raise PermissionDenied("延期是您本人申请的，必须由另一位同事审批。")
    clock = extension.clock
    if granted and local_date(at) > clock.due_on:
        raise Conflict("期限已过，不能再延期。请尽快答复。")
    extension.granted, extension.decided_by, extension.decided_at = granted, principal.official_id, at
    complaint.extension_asked = False
    if granted:
        clock.limit_days += extension.days
        clock.due_on, clock.provisional = rules.due_date(
            clock.started_on, clock.limit_days, clock.working_days, load_calendar()
        )
        set_due(complaint)
        add_entry(complaint, principal, "extended", extension.reason, public=True, at=at)
    else:
        add_entry(complaint, principal, "extension_refused", public=False, at=at)
    record(principal, "decide_extension", complaint, at=at, granted=granted, days=extension.days)
    db.session.flush()
