"""What the operations share: entries, clocks, attachments, and the one way to write a case into the audit log."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from complaints.attachments import IncomingFile, prepare
from complaints.models import NOTHING_DUE, Clock, Complaint, ComplaintAttachment, ComplaintEntry, Extension
from complaints.rulebook import RULEBOOKS, Category, ClockKind, Rulebook
from complaints.rules import PlannedClock
from core import audit
from core.database import db
from core.errors import Conflict, UserError
from core.plain_text import readable
from core.principal import OrganisationKind, Principal

MOST_TEXT = 5000
"""Characters of one text. Longer ones come as a file."""


def book_of(complaint: Complaint) -> Rulebook:
    """The rules under which it was filed."""
    return RULEBOOKS[complaint.rules_version]


def category_of(complaint: Complaint) -> Category:
    """What the reporter chose."""
    return book_of(complaint).category(complaint.category)


def cleaned_text(text: str) -> str:
    """A text as it is kept."""
    return readable(text)


def checked_text(text: str, missing: str) -> str:
    """The text without outer blanks. Raises UserError: ``missing`` for an empty one, or that it is too long."""
    if not cleaned_text(text):
        raise UserError(missing)
    return checked_length(text)


def checked_length(text: str) -> str:
    """The text, which may be empty, without outer blanks. Raises UserError where it is too long."""
    cleaned = cleaned_text(text)
    if len(cleaned) > MOST_TEXT:
        raise UserError("文字太长：最多 %(most)d 字。请写要点，其余用附件。", most=MOST_TEXT)
    return cleaned


def hold(complaint: Complaint) -> None:
    """Keep everybody else from moving the case until this transaction ends, and read where it stands now. What is kept
    beside it (an objection) is changed after that, by everybody in this order, or two would wait for each other."""
    db.session.flush()
    db.session.refresh(complaint, ["state", "owner_id", "handler_id", "sealed"], with_for_update=True)


def record(principal: Principal, action: str, complaint: Complaint, *, at: datetime, **details: object) -> None:
    """The audit entry of an operation. All entries about complaints are for the discipline commission only: any case
    may be sealed later, and what was written before would then betray it."""
    audit.record(
        principal,
        f"complaint.{action}",
        "complaint",
        complaint.number,
        at=at,
        visible_to=OrganisationKind.DISCIPLINE,
        **details,
    )


def add_entry(
    complaint: Complaint,
    principal: Principal,
    kind: str,
    text: str = "",
    *,
    public: bool,
    at: datetime,
    form_name: str = "",
) -> ComplaintEntry:
    """Put something said or done into the story of the case. ``form_name`` is that of the form it came with, which the
    database lets in once: the second of two at the same moment raises IntegrityError."""
    entry = ComplaintEntry(
        complaint_id=complaint.id,
        kind=kind,
        author=principal.name,
        official_id=principal.official_id,
        organisation_id=principal.organisation_id,
        text=text,
        public=public,
        # The column turns the name into its blind index.
        form_index=form_name or None,
        at=at,
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def was_taken(form_name: str, text: str) -> bool:
    """Whether a form of this name was taken before. Raises Conflict where it said something else then: what is new
    must not be lost in silence."""
    if not form_name:
        return False
    entry = db.session.scalar(select(ComplaintEntry).where(ComplaintEntry.form_index == form_name))
    if entry is not None and entry.text != cleaned_text(text):
        raise Conflict("这张表刚才已经交过一次，您现在改动的内容还没有交。请再按一次提交。")
    return entry is not None


def start_clocks(complaint: Complaint, planned: Iterable[PlannedClock]) -> None:
    """Start the clocks that the case does not have yet; one that it has had is never started again."""
    known = {clock.kind for clock in complaint.clocks}
    complaint.clocks.extend(
        Clock(
            kind=plan.kind.value,
            started_on=plan.started_on,
            limit_days=plan.limit_days,
            working_days=plan.working_days,
            due_on=plan.due_on,
            provisional=plan.provisional,
        )
        for plan in planned
        if plan.kind.value not in known
    )
    set_due(complaint)


def stop_clocks(complaint: Complaint, *kinds: ClockKind, on: date) -> None:
    """Stop the running clocks of these kinds (all kinds when none is named)."""
    names = {kind.value for kind in kinds or ClockKind}
    for clock in complaint.clocks:
        if clock.kind in names and clock.stopped_on is None:
            clock.stopped_on = on
    # Nobody decides on more days for what is answered.
    complaint.extension_asked = open_extension(complaint) is not None
    set_due(complaint)


def lapse_extension(complaint: Complaint, principal: Principal, *, at: datetime) -> None:
    """Say in the story that nobody decides any more on the days that were asked for: the clock is about to stop."""
    if open_extension(complaint) is not None:
        add_entry(complaint, principal, "extension_lapsed", public=False, at=at)


def open_extension(complaint: Complaint) -> Extension | None:
    """The extension that waits for a decision."""
    asked = (clock.extension for clock in complaint.clocks if clock.stopped_on is None)
    return next((extension for extension in asked if extension and extension.granted is None), None)


def set_due(complaint: Complaint) -> None:
    """Keep the due day that the queue is sorted by."""
    running = (clock.due_on for clock in complaint.clocks if clock.stopped_on is None)
    complaint.queue_on = min(running, default=NOTHING_DUE)
    db.session.flush()


def clock_of(complaint: Complaint, kind: ClockKind) -> Clock | None:
    """The clock of that kind, running or not."""
    return next((clock for clock in complaint.clocks if clock.kind == kind.value), None)


def add_attachments(complaint: Complaint, files: Sequence[IncomingFile], *, at: datetime) -> int:
    """Check, clean and keep files. Returns how many. Raises UserError for one that is not taken; then none is kept."""
    if not files:
        return 0
    kept, size, last = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(ComplaintAttachment.size), 0),
            func.coalesce(func.max(ComplaintAttachment.position), 0),
        ).where(ComplaintAttachment.complaint_id == complaint.id)
    ).one()
    prepared = prepare(files, kept_files=int(kept), kept_bytes=int(size))
    db.session.add_all(
        ComplaintAttachment(
            complaint_id=complaint.id,
            position=position,
            filename=file.filename,
            media_type=file.media_type,
            size=len(file.content),
            content=file.content,
            scanned=file.scanned,
            added_at=at,
        )
        for position, file in enumerate(prepared, start=int(last) + 1)
    )
    db.session.flush()
    return len(prepared)
