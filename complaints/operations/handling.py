"""The office's side: taking on, investigating, answering, passing on. Each verb acts on a case that the principal sees
(queries.complaint_by_number) and that lies on his own office's desk."""

from datetime import datetime

from sqlalchemy import select, update

from accounts.models import Organisation
from complaints import rules
from complaints.after_answer import may_close
from complaints.models import Clock, Complaint, ComplaintEntry, Extension
from complaints.offices import all_offices, office_of
from complaints.operations.approving import decided_draft, needs_approval
from complaints.operations.case import (
    add_entry,
    book_of,
    category_of,
    checked_text,
    clock_of,
    record,
    set_due,
    start_clocks,
    stop_clocks,
)
from complaints.operations.coming_back import answered
from complaints.queries import is_visible
from complaints.reporters import concerns_office, may_reveal
from complaints.rulebook import ClockKind, Matter
from core import workflow
from core.calendar import local_date
from core.database import db, keyring, rows_changed
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.identity import is_mobile
from core.msgid import N_
from core.principal import OrganisationKind, Principal
from core.working_days import load_calendar
from sms.operations import queue_message


def _require_desk(principal: Principal, complaint: Complaint) -> None:
    """Raise NotVisible where the case does not exist for him, PermissionDenied where it lies on another's desk."""
    if not is_visible(principal, complaint):
        raise NotVisible
    if complaint.owner_id != principal.organisation_id:
        raise PermissionDenied("这件投诉由别的单位办理，您单位只能督办和查看。")


def _require_handler(principal: Principal, complaint: Complaint) -> None:
    principal.require(rules.HANDLE_COMPLAINTS)
    _require_desk(principal, complaint)


def _require_open(complaint: Complaint) -> None:
    if complaint.state not in rules.OPEN:
        raise Conflict("这件事已经结束，不能再办理。")


def _move(complaint: Complaint, action: str, principal: Principal, at: datetime) -> None:
    # The reason goes into the encrypted story of the case: it may name people.
    workflow.move(rules.COMPLAINT_WORKFLOW, complaint, action, principal, at=at)


def _tell_reporter(complaint: Complaint, template: str, subject_id: int, *, at: datetime, **parameters: str) -> None:
    """An SMS in this transaction, where the reporter left a mobile number. Never for a sealed case: whoever picks up
    the phone must not learn of it. Nor for a confidential one: the outbox would show that he is known."""
    phone = complaint.reporter_phone
    if complaint.sealed or complaint.confidential or not phone or not is_mobile(phone):
        return
    queue_message(
        template,
        phone,
        {"number": complaint.number, **parameters},
        subject_kind=template,
        subject_id=subject_id,
        at=at,
    )


def accept(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """Take the case on; the principal becomes its handler. Stops the accept (or notice) clock."""
    _require_handler(principal, complaint)
    _move(complaint, "accept", principal, at)
    complaint.handler_id = principal.official_id
    stop_clocks(complaint, ClockKind.ACCEPT, ClockKind.NOTICE, on=local_date(at))
    entry = add_entry(complaint, principal, "accepted", public=True, at=at)
    resolve = clock_of(complaint, ClockKind.RESOLVE)
    if resolve is not None and resolve.stopped_on is None:
        _tell_reporter(complaint, "complaint_accepted", entry.id, at=at, due_on=resolve.due_on.isoformat())
    record(principal, "accept", complaint, at=at)
    db.session.flush()


def decline(principal: Principal, complaint: Complaint, reason: str, *, at: datetime) -> None:
    """Do not take it on; the reporter reads the reason. Stops all clocks."""
    _require_handler(principal, complaint)
    said = checked_text(reason, N_("请写明不予受理的理由，反映人会看到。"))
    _move(complaint, "decline", principal, at)
    complaint.unread = False
    complaint.closed_at = at
    stop_clocks(complaint, on=local_date(at))
    entry = add_entry(complaint, principal, "declined", said, public=True, at=at)
    _tell_reporter(complaint, "complaint_answered", entry.id, at=at)
    record(principal, "decline", complaint, at=at)
    db.session.flush()


def redirect(principal: Principal, complaint: Complaint, to_organisation_id: int, reason: str, *, at: datetime) -> None:
    """Pass a misrouted case on to another office, before anybody has taken it on. No clock moves.

    Raises UserError for an office that may not have it: the one complained of, one not above it, the same one, one
    that handles no complaints, or the discipline commission (which is what refer_to_discipline is for).
    """
    _require_handler(principal, complaint)
    if complaint.sealed:
        raise Conflict("移送的线索不能转办。")
    said = checked_text(reason, N_("请写明转办的理由。"))
    target = db.session.get(Organisation, to_organisation_id)
    if target is None or target.id not in {office.id for office in redirect_targets(complaint)}:
        raise UserError("不能转给这个单位。请从列出的单位中选择；被反映的单位及其下级不能办理。")
    _move(complaint, "redirect", principal, at)
    complaint.owner_id, complaint.handler_id = target.id, None
    add_entry(complaint, principal, "redirected", said, public=True, at=at)
    record(principal, "redirect", complaint, at=at, to_organisation_id=target.id)
    db.session.flush()


def redirect_targets(complaint: Complaint) -> list[rules.Office]:
    """The offices that a misrouted case may be passed on to: above the one complained of, and neither its owner nor
    the discipline commission."""
    about = office_of(complaint.about_organisation) if complaint.about_organisation else None
    return [
        office
        for office in all_offices()
        if office.kind in rules.OWNER_KINDS
        and office.kind != OrganisationKind.DISCIPLINE
        and office.id != complaint.owner_id
        and rules.may_handle(office, about)
    ]


def start_investigation(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """Begin (or, after a reopening or for a review, begin again) to look into it."""
    _require_handler(principal, complaint)
    _move(complaint, "investigate", principal, at)
    complaint.handler_id = principal.official_id
    add_entry(complaint, principal, "started", public=True, at=at)
    record(principal, "investigate", complaint, at=at)
    db.session.flush()


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
    _require_handler(principal, complaint)
    _require_open(complaint)
    add_entry(complaint, principal, "question", checked_text(question, N_("请写明要问的问题。")), public=True, at=at)
    record(principal, "ask", complaint, at=at)
    db.session.flush()


def mark_read(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """Take note of what the reporter has added."""
    _require_handler(principal, complaint)
    complaint.unread = False
    record(principal, "mark_read", complaint, at=at)
    db.session.flush()


def conclude(principal: Principal, complaint: Complaint, answer: str, *, at: datetime) -> None:
    """Give the answer that the reporter reads. Stops the resolve clock and those of reopening and review.

    Raises Conflict while something that he added is unread, and where the office wants a second person to approve it.
    """
    _require_handler(principal, complaint)
    said = checked_text(answer, N_("请写明答复，反映人会看到。"))
    if complaint.unread:
        raise Conflict("反映人刚补充了内容。请先看过并标记已阅，再答复。")
    if needs_approval(complaint.owner_id):
        raise Conflict("本单位的答复要由另一位同事审核。请把答复送审。")
    _give_answer(principal, complaint, "conclude", said, at)


def approve_answer(principal: Principal, complaint: Complaint, written_at: str, *, at: datetime) -> None:
    """Approve the answer of a colleague that was handed in at that instant; the reporter reads it and the clocks stop
    now. Raises what decided_draft raises."""
    draft = decided_draft(principal, complaint, written_at, True, at=at)
    add_entry(complaint, principal, "answer_approved", public=False, at=at)
    _give_answer(principal, complaint, "approve_answer", draft.text, at)


def _give_answer(principal: Principal, complaint: Complaint, action: str, said: str, at: datetime) -> None:
    _move(complaint, action, principal, at)
    complaint.answer, complaint.concluded_at = said, at
    stop_clocks(complaint, ClockKind.RESOLVE, *rules.STARTED_LATER, on=local_date(at))
    entry = add_entry(complaint, principal, "answer", said, public=True, at=at)
    _tell_reporter(complaint, "complaint_answered", entry.id, at=at)
    record(principal, action, complaint, at=at)
    db.session.flush()


def close(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """File an answered case away, once nothing is unread and the reporter can ask for neither reopening nor review."""
    _require_handler(principal, complaint)
    if complaint.unread or not may_close(answered(complaint), local_date(at), book_of(complaint)):
        raise Conflict("现在不能办结：要先答复、看过反映人补充的内容，并且反映人要求重新办理和申请复查的期限已过。")
    _move(complaint, "close", principal, at)
    complaint.closed_at = at
    add_entry(complaint, principal, "closed", public=True, at=at)
    record(principal, "close", complaint, at=at)
    db.session.flush()


def extendable_clock(complaint: Complaint) -> Clock | None:
    """The running clock that may still be extended: not yet asked for, of a matter that allows it."""
    book, matter = book_of(complaint), category_of(complaint).matter
    fresh = (clock for clock in complaint.clocks if clock.stopped_on is None and clock.extension is None)
    return next((clock for clock in fresh if rules.may_be_extended(book, matter, ClockKind(clock.kind))), None)


def ask_extension(principal: Principal, complaint: Complaint, days: int, reason: str, *, at: datetime) -> Extension:
    """Ask a colleague with the right to grant it for more days, once for a clock and before it is overdue.

    ``days`` are of the clock's kind (working days). Raises UserError or Conflict.
    """
    _require_handler(principal, complaint)
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
    add_entry(complaint, principal, "extension_asked", said, public=False, at=at)
    record(principal, "ask_extension", complaint, at=at, days=days)
    db.session.flush()
    return extension


def open_extension(complaint: Complaint) -> Extension | None:
    """The extension that waits for a decision."""
    asked = (clock.extension for clock in complaint.clocks if clock.stopped_on is None)
    return next((extension for extension in asked if extension and extension.granted is None), None)


def decide_extension(principal: Principal, complaint: Complaint, granted: bool, *, at: datetime) -> None:
    """Grant or refuse the extension that was asked for; by another person than the one who asked. A grant moves the
    due day, counted from the clock's unmoved start, and tells the reporter with the reason."""
    principal.require(rules.GRANT_EXTENSION)
    _require_desk(principal, complaint)
    extension = open_extension(complaint)
    if extension is None:
        raise Conflict("没有等待审批的延期申请。")
    if extension.asked_by == principal.official_id:
        raise PermissionDenied("延期是您本人申请的，必须由另一位同事审批。")
    clock = extension.clock
    if granted and local_date(at) > clock.due_on:
        raise Conflict("期限已过，不能再延期。请尽快答复。")
    extension.granted, extension.decided_by, extension.decided_at = granted, principal.official_id, at
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
    target = rules.route(case, book_of(complaint), all_offices())
    add_entry(complaint, principal, "note", said, public=False, at=at)
    add_entry(complaint, principal, "referred", public=True, at=at)
    _move(complaint, "refer", principal, at)
    complaint.sealed, complaint.owner_id, complaint.handler_id = True, target.id, None
    today = local_date(at)
    stop_clocks(complaint, on=today)
    start_clocks(complaint, rules.clocks_at_receipt(book_of(complaint), Matter.CLUE, today, load_calendar()))
    record(principal, "refer", complaint, at=at)
    db.session.flush()


def issue_receipt_code(
    principal: Principal, complaint: Complaint, reason: str, receipt_code: str, form_name: str, *, at: datetime
) -> str:
    """Make this the receipt code of a case that an official entered for somebody, and of no other any more: who entered
    it may not have been given one (submit_complaint). Returns it, to be shown once; "" where this very form issued it
    before, and it is no longer shown or no longer the code.

    The reason stands in the encrypted story of the case. Raises UserError without one; Conflict for what its reporter
    handed in himself, whose code is his alone, and where a colleague has issued another one meanwhile; IntegrityError
    where the same form comes twice at one moment.
    """
    _require_handler(principal, complaint)
    if complaint.entered_by is None:
        raise Conflict("这件事是反映人自己提交的，查询码只有他本人有，不能补发。")
    # The name of a form is good for one case: nobody can carry it over to another.
    name_here = f"{complaint.number}/{form_name}"
    before = db.session.scalar(select(ComplaintEntry).where(ComplaintEntry.form_index == name_here))
    if before is not None:
        # The case may have been read before the other sending of this form was committed.
        db.session.refresh(complaint, ["receipt_index"])
        opens = complaint.receipt_index == keyring().blind_index(receipt_code, "receipt_code")
        return receipt_code if opens and at - before.at <= rules.RECEIPT_SHOWN_AGAIN else ""
    said = checked_text(reason, N_("请写明为什么补发查询码、怎样核实是反映人本人。"))
    add_entry(complaint, principal, "code_issued", said, public=False, at=at, form_name=name_here)
    replaced = db.session.execute(
        update(Complaint)
        .where(Complaint.id == complaint.id, Complaint.receipt_index == complaint.receipt_index)
        .values(receipt_index=receipt_code)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(complaint, ["receipt_index"])
    if not rows_changed(replaced):
        raise Conflict("同事刚刚补发过查询码，请先问他。确实还要补发的，请重新打开这一页再办。")
    record(principal, "issue_receipt_code", complaint, at=at)
    db.session.flush()
    return receipt_code


def reveal_reporter(
    principal: Principal, complaint: Complaint, reason: str, *, at: datetime
) -> tuple[str | None, str | None]:
    """Name and phone of a named reporter, for the office that has the case; of a confidential one for the discipline
    commission alone. The reason is recorded.

    Raises Conflict where there is no name for him: the same for one who stayed unnamed and for a confidential one.
    """
    if complaint.confidential and principal.may(rules.READ_SEALED):
        principal.require(rules.HANDLE_COMPLAINTS)
        if not is_visible(principal, complaint):
            raise NotVisible
    else:
        _require_handler(principal, complaint)
    said = checked_text(reason, N_("请写明为什么要查看反映人身份。"))
    if not may_reveal(principal, complaint):
        raise Conflict("反映人没有留姓名和电话，没有可以查看的身份。")
    kind = rules.SEEN_IN_CONFIDENCE if complaint.confidential else "revealed"
    add_entry(complaint, principal, kind, said, public=False, at=at)
    record(principal, "reveal_reporter", complaint, at=at)
    db.session.flush()
    return complaint.reporter_name, complaint.reporter_phone
