"""More days for a clock: asked for once with a reason, decided by a second official, of the office above where the own
one has no other. What nobody has decided can be withdrawn."""

from datetime import datetime

from sqlalchemy import delete, update

from complaints import rules
from complaints.extensions import granting_office, grants, has_granter
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
from complaints.queries import is_visible
from complaints.rulebook import ClockKind
from core.calendar import local_date
from core.database import db, rows_changed
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.msgid import N_
from core.principal import Principal
from core.working_days import load_calendar


def extendable_clock(complaint: Complaint) -> Clock | None:
    """The running clock that may still be extended: not yet asked for, of a matter that allows it."""
    book, matter = book_of(complaint), category_of(complaint).matter
    fresh = (clock for clock in complaint.clocks if clock.stopped_on is None and clock.extension is None)
    return next((clock for clock in fresh if rules.may_be_extended(book, matter, ClockKind(clock.kind))), None)


def ask_extension(principal: Principal, complaint: Complaint, days: int, reason: str, *, at: datetime) -> Extension:
    """Ask a colleague with the right to grant it for more days, once for a clock and before it is overdue; where the
    office has no such colleague, the next one above it that has somebody.

    ``days`` are of the clock's kind (working days). Raises UserError, or Conflict, also where nobody could grant it.
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
    above = None
    if not has_granter(complaint, principal.official_id):
        above = granting_office(complaint, principal.official_id)
        if above is None:
            raise Conflict(
                "本单位没有另一位同事可以审批延期，上面也没有单位可以审批。请先由管理员给本单位另一位审批人员开通账号。"
            )
    extension = Extension(
        clock=clock,
        days=days,
        reason=said,
        asked_by=principal.official_id,
        asked_at=at,
        due_before=clock.due_on,
        deciding_id=above.id if above else None,
    )
    db.session.add(extension)
    complaint.extension_asked = True
    add_entry(complaint, principal, "extension_asked", said, public=False, at=at)
    record(principal, "ask_extension", complaint, at=at, days=days)
    db.session.flush()
    return extension


def withdraw_extension(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """Take back what nobody has decided: the office that has the case may ask anew. Raises Conflict where nothing waits
    any more."""
    require_handler(principal, complaint)
    extension = open_extension(complaint)
    if extension is None:
        raise Conflict("没有等待审批的延期申请：可能已经审批。请刷新页面后再看。")
    clock = extension.clock
    gone = db.session.execute(
        delete(Extension)
        .where(Extension.id == extension.id, Extension.granted.is_(None))
        .execution_options(synchronize_session=False)
    )
    _require_changed(rows_changed(gone))
    db.session.expunge(extension)
    db.session.expire(clock, ["extension"])
    complaint.extension_asked = False
    add_entry(complaint, principal, "extension_withdrawn", public=False, at=at)
    record(principal, "withdraw_extension", complaint, at=at)
    db.session.flush()


def decide_extension(principal: Principal, complaint: Complaint, granted: bool, *, at: datetime) -> None:
    """Grant or refuse the extension that was asked for; by another person than the one who asked, of the office that
    has the case or of the one above that was asked. A grant moves the due day, counted from the clock's unmoved start,
    and tells the reporter with the reason."""
    principal.require(rules.GRANT_EXTENSION)
    if not is_visible(principal, complaint):
        raise NotVisible
    extension = open_extension(complaint)
    if extension is None or extension.deciding_id is None:
        require_desk(principal, complaint)
    if extension is None:
        raise Conflict("没有等待审批的延期申请。")
    if extension.asked_by == principal.official_id:
        raise PermissionDenied("延期是您本人申请的，必须由另一位同事审批。")
    if not grants(principal, complaint, extension):
        raise PermissionDenied("这次延期由上一级单位审批。")
    clock = extension.clock
    if granted and local_date(at) > clock.due_on:
        raise Conflict("期限已过，不能再延期。请尽快答复。")
    decided = db.session.execute(
        update(Extension)
        .where(Extension.id == extension.id, Extension.granted.is_(None))
        .values(granted=granted, decided_by=principal.official_id, decided_at=at)
        .execution_options(synchronize_session=False)
    )
    _require_changed(rows_changed(decided))
    db.session.expire(extension)
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


def find_granter(complaint: Complaint) -> None:
    """See to it that somebody decides upon a request that waits, after the case has changed its desk or an official has
    been kept from it. Where there is nobody, it waits until it is withdrawn."""
    extension = open_extension(complaint)
    if extension is None:
        return
    above = None if has_granter(complaint, extension.asked_by) else granting_office(complaint, extension.asked_by)
    extension.deciding_id = above.id if above else None
    db.session.flush()


def _require_changed(rows: int) -> None:
    if not rows:
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。")
