"""The office's side: taking on, investigating, answering, passing on. Each verb acts on a case that the principal sees
(queries.complaint_by_number) and that lies on his own office's desk."""

from datetime import datetime

from complaints import rules
from complaints.linked import going_along
from complaints.models import Complaint
from complaints.offices import all_offices, office_of
from complaints.operations.approving import decided_draft, needs_approval
from complaints.operations.case import (
    add_entry,
    book_of,
    checked_text,
    clock_of,
    lapse_extension,
    record,
    start_clocks,
    stop_clocks,
)
from complaints.operations.coming_back import answered
from complaints.operations.desk import require_handler
from complaints.operations.linking import leave_group
from complaints.operations.objecting import end_objection
from complaints.operations.outcomes import require_outcome
from complaints.queries import is_visible
from complaints.reporters import concerns_office, gets_sms
from complaints.rulebook import ClockKind, Matter
from complaints.rules.after_answer import may_close
from core import workflow
from core.calendar import local_date
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.msgid import N_
from core.principal import Principal
from core.working_days import load_calendar
from sms.operations import queue_message


def _require_open(complaint: Complaint) -> None:
    if complaint.state not in rules.OPEN:
        raise Conflict("这件事已经结束，不能再办理。")


def _move(complaint: Complaint, action: str, principal: Principal, at: datetime) -> None:
    # The reason goes into the encrypted story of the case: it may name people.
    workflow.move(rules.COMPLAINT_WORKFLOW, complaint, action, principal, at=at)


def _tell_reporter(complaint: Complaint, template: str, subject_id: int, *, at: datetime, **parameters: str) -> None:
    """An SMS in this transaction, where the reporter gets any."""
    if not gets_sms(complaint):
        return
    queue_message(
        template,
        str(complaint.reporter_phone),
        {"number": complaint.number, **parameters},
        subject_kind=template,
        subject_id=subject_id,
        at=at,
    )


def accept(principal: Principal, complaint: Complaint, *, at: datetime, with_linked: bool = False) -> int:
    """Take the case on; the principal becomes its handler. Stops the accept (or notice) clock; an objection that it is
    misrouted is withdrawn. ``with_linked``: and the linked cases that can go along; returns how many did."""
    require_handler(principal, complaint)
    _move(complaint, "accept", principal, at)
    end_objection(complaint, principal, at=at)
    complaint.handler_id = principal.official_id
    stop_clocks(complaint, ClockKind.ACCEPT, ClockKind.NOTICE, on=local_date(at))
    entry = add_entry(complaint, principal, "accepted", public=True, at=at)
    resolve = clock_of(complaint, ClockKind.RESOLVE)
    if resolve is not None and resolve.stopped_on is None:
        _tell_reporter(complaint, "complaint_accepted", entry.id, at=at, due_on=resolve.due_on.isoformat())
    record(principal, "accept", complaint, at=at)
    db.session.flush()
    others = going_along(principal, complaint, "accept") if with_linked else []
    for other in others:
        accept(principal, other, at=at)
    return len(others)


def decline(principal: Principal, complaint: Complaint, reason: str, *, why: str = "other", at: datetime) -> None:
    """Do not take it on; the reporter reads the reason. Stops all clocks. ``why`` is what figures count it as, a code
    of DECLINE_REASONS. Raises UserError for another, or without a reason."""
    require_handler(principal, complaint)
    if why not in rules.DECLINE_REASONS:
        raise UserError("请选择不予受理的原因。")
    said = checked_text(reason, N_("请写明不予受理的理由，反映人会看到。"))
    _move(complaint, "decline", principal, at)
    complaint.decline_reason = why
    end_objection(complaint, principal, at=at)
    complaint.unread = False
    complaint.closed_at = at
    stop_clocks(complaint, on=local_date(at))
    entry = add_entry(complaint, principal, "declined", said, public=True, at=at)
    _tell_reporter(complaint, "complaint_answered", entry.id, at=at)
    record(principal, "decline", complaint, at=at, why=why)
    db.session.flush()


def start_investigation(principal: Principal, complaint: Complaint, *, at: datetime, with_linked: bool = False) -> int:
    """Begin (or, after a reopening or for a review, begin again) to look into it. ``with_linked`` as for accept."""
    require_handler(principal, complaint)
    _move(complaint, "investigate", principal, at)
    complaint.handler_id = principal.official_id
    add_entry(complaint, principal, "started", public=True, at=at)
    record(principal, "investigate", complaint, at=at)
    db.session.flush()
    others = going_along(principal, complaint, "investigate") if with_linked else []
    for other in others:
        start_investigation(principal, other, at=at)
    return len(others)


def add_note(principal: Principal, complaint: Complaint, text: str, *, at: datetime) -> None:
    """Note something for colleagues; the reporter never sees it. Supervising offices may note too. No clock moves."""
    principal.require(rules.HANDLE_COMPLAINTS)
    if not is_visible(principal, complaint):
        raise NotVisible
    if not concerns_office(principal, complaint):
        raise PermissionDenied("这件保密举报由别的单位办理，您单位只能查看反映人身份，或者收归本单位办理。")
    _require_open(complaint)
    add_entry(complaint, principal, "note", checked_text(text, N_("请写明要记录的内容。")), public=False, at=at)
    record(principal, "note", complaint, at=at)
    db.session.flush()


def ask_reporter(principal: Principal, complaint: Complaint, question: str, *, at: datetime) -> None:
    """Ask the reporter something; he reads it and answers with his receipt code. No clock stops meanwhile."""
    require_handler(principal, complaint)
    _require_open(complaint)
    add_entry(complaint, principal, "question", checked_text(question, N_("请写明要问的问题。")), public=True, at=at)
    record(principal, "ask", complaint, at=at)
    db.session.flush()


def mark_read(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """Take note of what the reporter has added."""
    require_handler(principal, complaint)
    complaint.unread = False
    record(principal, "mark_read", complaint, at=at)
    db.session.flush()


def conclude(
    principal: Principal, complaint: Complaint, answer: str, *, at: datetime, with_linked: bool = False
) -> int:
    """Give the answer that the reporter reads. Stops the resolve clock and those that started later.
    ``with_linked``: give it to the reporters of the linked cases that can go along as well; returns how many.

    Raises Conflict while something that he added is unread, where the office wants a second person to approve it, and
    for a sealed case without an outcome.
    """
    require_handler(principal, complaint)
    said = checked_text(answer, N_("请写明答复，反映人会看到。"))
    if complaint.unread:
        raise Conflict("反映人刚补充了内容。请先看过并标记已阅，再答复。")
    require_outcome(complaint)
    if needs_approval(complaint.owner_id, principal.official_id):
        raise Conflict("本单位的答复要由另一位同事审核。请把答复送审。")
    return _give_answer(principal, complaint, "conclude", said, at=at, with_linked=with_linked)


def approve_answer(principal: Principal, complaint: Complaint, written_at: str, *, at: datetime) -> int:
    """Approve the answer of a colleague that was handed in at that instant; the reporter reads it and the clocks stop
    now. Returns how many linked cases it answers as well. Raises what decided_draft raises."""
    draft = decided_draft(principal, complaint, written_at, True, at=at)
    add_entry(complaint, principal, "answer_approved", public=False, at=at)
    return _give_answer(principal, complaint, "approve_answer", draft.text, at=at, with_linked=draft.with_linked)


def _give_answer(
    principal: Principal, complaint: Complaint, action: str, said: str, *, at: datetime, with_linked: bool
) -> int:
    _move(complaint, action, principal, at)
    complaint.answer, complaint.concluded_at = said, at
    lapse_extension(complaint, principal, at=at)
    stop_clocks(complaint, ClockKind.RESOLVE, *rules.STARTED_LATER, on=local_date(at))
    entry = add_entry(complaint, principal, "answer", said, public=True, at=at)
    _tell_reporter(complaint, "complaint_answered", entry.id, at=at)
    record(principal, action, complaint, at=at)
    db.session.flush()
    others = going_along(principal, complaint, action) if with_linked else []
    for other in others:
        _give_answer(principal, other, action, said, at=at, with_linked=False)
    return len(others)


def close(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """File an answered case away, once nothing is unread and the reporter can ask for neither reopening nor review."""
    require_handler(principal, complaint)
    if complaint.unread or not may_close(answered(complaint), local_date(at), book_of(complaint)):
        raise Conflict("现在不能办结：要先答复、看过反映人补充的内容，并且反映人要求重新办理和申请复查的期限已过。")
    _move(complaint, "close", principal, at)
    complaint.closed_at = at
    add_entry(complaint, principal, "closed", public=True, at=at)
    record(principal, "close", complaint, at=at)
    db.session.flush()


def refer_to_discipline(principal: Principal, complaint: Complaint, reason: str, *, at: datetime) -> None:
    """Hand a clue to the discipline commission, at once and sealed: from now on the case exists for nobody else,
    the principal included. The office that has it or supervises it may refer."""
    principal.require(rules.HANDLE_COMPLAINTS)
    if not is_visible(principal, complaint):
        raise NotVisible
    if complaint.sealed:
        raise Conflict("这件事已经移送。")
    said = checked_text(reason, N_("请写明移送的理由。"))
    about = office_of(complaint.about_organisation) if complaint.about_organisation else None
    case = rules.Case(complaint.category, Matter.CLUE, complaint.region_code, about)
    target = rules.route(case, book_of(complaint).routing, all_offices())
    leave_group(principal, complaint, at=at)
    add_entry(complaint, principal, "note", said, public=False, at=at)
    add_entry(complaint, principal, "referred", public=True, at=at)
    _move(complaint, "refer", principal, at)
    end_objection(complaint, principal, at=at)
    complaint.sealed, complaint.owner_id, complaint.handler_id = True, target.id, None
    today = local_date(at)
    lapse_extension(complaint, principal, at=at)
    stop_clocks(complaint, on=today)
    start_clocks(complaint, rules.clocks_at_receipt(book_of(complaint), Matter.CLUE, today, load_calendar()))
    record(principal, "refer", complaint, at=at)
    db.session.flush()
