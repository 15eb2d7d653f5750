"""What the reporter sees with the receipt code, and nothing else: no official's name, no internal note."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from accounts.models import Organisation
from complaints import rules
from complaints.models import Complaint, ComplaintAttachment, ComplaintEntry, Escalation
from complaints.operations import Submission
from complaints.operations.case import cleaned_text
from complaints.queries import complaint_by_receipt
from complaints.rulebook import CURRENT, RULEBOOKS, Category, ClockKind
from core.calendar import local_date
from core.database import db
from core.errors import Conflict, NotVisible
from core.principal import OrganisationKind, region_prefix
from registry.models import Region


@dataclass(frozen=True)
class TrackedClock:
    """A promise: its last day, how many calendar days are left (negative: overdue), and when it was kept.

    ``name`` is a message id. ``days_left`` is None where the clock has stopped."""

    name: str
    due_on: date
    days_left: int | None
    stopped_on: date | None
    provisional: bool


@dataclass(frozen=True)
class TrackedEntry:
    """One line of the public story. ``title`` is a message id; ``by`` is an organisation's name, or "" for the
    reporter himself or the system."""

    kind: str
    title: str
    by: str
    text: str
    at: datetime
    from_reporter: bool


@dataclass(frozen=True)
class TrackedCase:
    """A case as its reporter sees it. ``category``, ``state`` and ``state_text`` are message ids.

    ``may_reopen_until`` is None where he cannot have it reopened (any more).
    """

    number: str
    category: str
    state: str
    state_text: str
    received_on: date
    office: str
    clocks: list[TrackedClock]
    entries: list[TrackedEntry]
    answer: str | None
    attachments: list[str]
    may_add: bool
    may_reopen_until: date | None
    may_settle: bool


@dataclass(frozen=True)
class Filed:
    """A complaint that has come in, as the page that confirms it shows it."""

    number: str
    office: str
    category: Category
    received_at: datetime


def filed_of(complaint: Complaint) -> Filed:
    """What to confirm of this complaint."""
    category = RULEBOOKS[complaint.rules_version].category(complaint.category)
    return Filed(complaint.number, complaint.owner.name, category, complaint.received_at)


def filed_before(submission: Submission) -> Filed | None:
    """What was filed with the receipt code of this submission; None where nothing was. Raises Conflict where that said
    something else: what is new must not be lost in silence."""
    try:
        found = complaint_by_receipt(submission.receipt_code)
    except NotVisible:
        return None
    said = (found.category, found.text, found.region_code, found.anonymous, found.confidential)
    meant = (submission.category, cleaned_text(submission.text), submission.region_code)
    if said != (*meant, submission.anonymous, submission.is_confidential):
        raise Conflict(
            "这张表刚才已经提交过，编号 %(number)s。您改动的内容还没有提交：要作为另一件事反映，请再按一次“提交”；"
            "要补充原来那件，请凭查询码补充。",
            number=found.number,
        )
    return filed_of(found)


def track(receipt_code: str, *, at: datetime) -> TrackedCase:
    """The public view of the case of this receipt code. Raises NotVisible where there is none, for whatever reason."""
    complaint = complaint_by_receipt(receipt_code)
    today, book = local_date(at), RULEBOOKS[complaint.rules_version]
    concluded_on = local_date(complaint.concluded_at) if complaint.concluded_at else None
    reopenable = rules.may_reopen(complaint.state, concluded_on, complaint.reopened_at is not None, today, book)
    return TrackedCase(
        number=complaint.number,
        category=book.category(complaint.category).name,
        state=complaint.state,
        state_text=rules.PUBLIC_STATES[complaint.state],
        received_on=complaint.received_on,
        office=complaint.owner.name,
        clocks=_clocks(complaint, today),
        entries=_entries(complaint),
        answer=complaint.answer if complaint.state in ("concluded", "closed") else None,
        attachments=list(
            db.session.scalars(
                select(ComplaintAttachment.filename)
                .where(ComplaintAttachment.complaint_id == complaint.id)
                .order_by(ComplaintAttachment.position)
            )
        ),
        may_add=complaint.state in rules.OPEN,
        may_reopen_until=rules.reopening_ends(concluded_on, book) if reopenable and concluded_on else None,
        may_settle=complaint.state == "concluded",
    )


def _clocks(complaint: Complaint, today: date) -> list[TrackedClock]:
    return [
        TrackedClock(
            name=rules.CLOCK_NAMES[ClockKind(clock.kind)],
            due_on=clock.due_on,
            days_left=(clock.due_on - today).days if clock.stopped_on is None else None,
            stopped_on=clock.stopped_on,
            provisional=clock.provisional,
        )
        for clock in complaint.clocks
        # A case that was handed to the discipline commission has no other promise than its notice any more.
        if clock.stopped_on is None or not complaint.sealed
    ]


def _entries(complaint: Complaint) -> list[TrackedEntry]:
    spoken = db.session.execute(
        select(ComplaintEntry, Organisation.name)
        .outerjoin(Organisation, Organisation.id == ComplaintEntry.organisation_id)
        .where(ComplaintEntry.complaint_id == complaint.id, ComplaintEntry.public)
        .order_by(ComplaintEntry.id)
    )
    story = [
        TrackedEntry(
            kind=entry.kind,
            title=rules.ENTRY_NAMES[entry.kind],
            by=organisation or "",
            text=entry.text,
            at=entry.at,
            from_reporter=entry.kind in ("reporter", "reopened", "settled"),
        )
        for entry, organisation in spoken
    ]
    told = db.session.execute(
        select(Escalation, Organisation.name)
        .join(Organisation, Organisation.id == Escalation.to_organisation_id)
        .where(Escalation.complaint_id == complaint.id)
        .order_by(Escalation.id)
    )
    story += [
        TrackedEntry("escalated", rules.LEVEL_NAMES[step.level], organisation, "", step.at, False)
        for step, organisation in told
    ]
    return sorted(story, key=lambda entry: entry.at)


def categories() -> tuple[Category, ...]:
    """What a reporter may choose from now: ``code``, and ``name`` and ``hint`` as message ids; ``is_clue`` for those
    that go to the discipline commission at once."""
    return CURRENT.categories


@dataclass(frozen=True)
class Promise:
    """How long a category takes, in working days: to be told whether it is taken on, and to be answered (None: no
    limit, a clue)."""

    told_within: int
    answered_within: int | None


def promise_of(category: Category) -> Promise:
    """What to tell the reporter before he hands it in."""
    days = {limit.clock: limit.days for limit in CURRENT.limits[category.matter]}
    told = days.get(ClockKind.ACCEPT, days.get(ClockKind.NOTICE, 0))
    return Promise(told, days.get(ClockKind.RESOLVE))


def offices_to_complain_of(region_code: str = "") -> list[tuple[int, str]]:
    """Organisations that a reporter may name, as (id, name): with a region, the village and township that it lies in
    and the county's offices; without, all. The discipline commission is not among them: no office of the county may
    handle a case about it."""
    query = (
        select(Organisation.id, Organisation.name, Organisation.region_code)
        .where(Organisation.active, Organisation.kind != OrganisationKind.DISCIPLINE.value)
        .order_by(Organisation.region_code.desc(), Organisation.kind, Organisation.name)
    )
    found = db.session.execute(query).all()
    return [
        (office.id, office.name)
        for office in found
        if not region_code or region_code.startswith(region_prefix(office.region_code))
    ]


def regions_to_choose(prefix: str = "") -> list[tuple[str, str, str]]:
    """Townships and villages as (code, township name, village name or ""), in order of their codes."""
    rows = db.session.execute(
        select(Region.code, Region.name, Region.level, Region.parent_code)
        .where(Region.level.in_(("township", "village")), Region.code.startswith(prefix, autoescape=True))
        .order_by(Region.code)
    ).all()
    townships = {row.code: row.name for row in rows if row.level == "township"}
    return [
        (row.code, townships.get(row.code if row.level == "township" else row.parent_code, ""), village)
        for row in rows
        for village in ("" if row.level == "township" else row.name,)
    ]
