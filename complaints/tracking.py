"""What the reporter sees with the receipt code, and nothing else: no official's name, no internal note."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from accounts.models import Organisation
from complaints import rules
from complaints.models import Complaint, ComplaintEntry, Escalation, Rating
from complaints.operations import Submission
from complaints.operations.case import cleaned_text
from complaints.operations.coming_back import answered, office_above, whom_to_turn_to
from complaints.queries import complaint_by_receipt, files_by_entry, last_rating
from complaints.reporters import gets_sms
from complaints.rulebook import CURRENT, RULEBOOKS, Category, ClockKind
from complaints.rules import after_answer
from complaints.words import entry_text
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
    reporter himself or the system. ``files``: the names of what he handed in with it."""

    kind: str
    title: str
    by: str
    text: str
    at: datetime
    from_reporter: bool
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrackedCase:
    """A case as its reporter sees it. ``said``: his own words. ``category``, ``state`` and ``state_text`` are message
    ids. ``may_reopen_until`` is None where he cannot have it reopened (any more); ``may_ask_review_until``
    likewise for a review by ``review_office``. ``turn_to``: whom outside the county he may turn to (a message
    id, "" for nobody). ``question``: what an office has asked him and he has not answered. ``rating``: what he
    thinks of the last answer. ``erase_on``: the day on which all of it will be deleted, once that is announced.
    """

    number: str
    category: str
    said: str
    state: str
    state_text: str
    received_on: date
    office: str
    clocks: list[TrackedClock]
    entries: list[TrackedEntry]
    answer: str | None
    may_add: bool
    may_reopen_until: date | None
    may_settle: bool
    may_ask_review_until: date | None
    review_office: str
    turn_to: str
    question: str
    rating: Rating | None
    erase_on: date | None


@dataclass(frozen=True)
class Filed:
    """A complaint that has come in, as the page that confirms it shows it; ``due``: what is promised (a message id) and
    its last day. ``by_sms``: an SMS will say when something happens."""

    number: str
    office: str
    category: Category
    received_at: datetime
    due: list[tuple[str, date]]
    by_sms: bool


def filed_of(complaint: Complaint) -> Filed:
    """What to confirm of this complaint."""
    category = RULEBOOKS[complaint.rules_version].category(complaint.category)
    due = [(rules.CLOCK_NAMES[ClockKind(clock.kind)], clock.due_on) for clock in complaint.clocks]
    return Filed(complaint.number, complaint.owner.name, category, complaint.received_at, due, gets_sms(complaint))


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
    case, entries = answered(complaint), _entries(complaint)
    above = office_above(complaint) if after_answer.may_ask_review(case, today, book) else None
    concluded_on = case.concluded_on
    reopenable = after_answer.may_reopen(case, today, book)
    return TrackedCase(
        number=complaint.number,
        category=book.category(complaint.category).name,
        said=complaint.text,
        state=complaint.state,
        state_text=rules.PUBLIC_STATES[complaint.state],
        received_on=complaint.received_on,
        office=complaint.owner.name,
        clocks=_clocks(complaint, today),
        entries=entries,
        answer=complaint.answer if complaint.state in ("concluded", "closed") else None,
        may_add=complaint.state in rules.OPEN,
        may_reopen_until=after_answer.reopening_ends(concluded_on, book) if reopenable and concluded_on else None,
        may_settle=complaint.state == "concluded",
        may_ask_review_until=after_answer.review_ends(concluded_on, book) if above and concluded_on else None,
        review_office=above.name if above else "",
        turn_to=whom_to_turn_to(complaint, case),
        question=_open_question(entries) if complaint.state in rules.OPEN else "",
        rating=last_rating(complaint),
        erase_on=complaint.erase_on,
    )


def _open_question(entries: list[TrackedEntry]) -> str:
    """What was asked after he last wrote something himself."""
    for entry in reversed(entries):
        if entry.kind == "question":
            return entry.text
        if entry.from_reporter:
            return ""
    return ""


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
    files = files_by_entry(complaint)
    story = [
        TrackedEntry(
            kind=entry.kind,
            title=rules.ENTRY_NAMES[entry.kind],
            by=organisation or "",
            text=entry_text(entry.kind, entry.text),
            at=entry.at,
            from_reporter=entry.kind in rules.FROM_REPORTER,
            files=tuple(file.filename for file in files.get(entry.id, ())),
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
