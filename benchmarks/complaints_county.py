"""The county whose complaints are swept by night and looked at by day: so many open cases, and a tenth of that ended.

Of a thousand open cases ten fell due on the last working day, five on days before it on which nobody swept, twenty went
up long ago and are still open, twenty are sealed, one hundred and fifty are answered, three lie with the office above
for a review, one was taken over, three wait for an extension. Every thousandth was answered so long ago that it is
filed away tonight. The other clocks run. One township has nobody signed up. Every due day is what the calendar says for
its start.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select

from accounts.models import Official, OfficialRole, Organisation
from complaints.models import (
    NOTHING_DUE,
    Clock,
    Complaint,
    ComplaintEntry,
    Escalation,
    Extension,
    FollowedCalendar,
    Review,
    Takeover,
)
from complaints.rulebook import CURRENT
from core import clock
from core.bulk import among, insert_columns
from core.calendar import WorkingCalendar, start_of_day_utc
from core.database import db
from core.principal import OrganisationKind, Role
from core.working_days import load_calendar, seed_calendar
from registry.models import Region

COUNTY = "513426000000"
TOWNSHIPS, VILLAGES = 20, 10
PASSWORD = "a calm password for measuring"
PIECE = 50_000
ACCEPT, RESOLVE, NOTICE, HIGHER_REVIEW = 5, 15, 15, 30
SMALL_HOURS = timedelta(hours=1, minutes=10)
TEXT = "上个月的补贴别人都到了，我家没有到账，卡也没有换过，请帮忙查一查是哪里出了问题。"


def last_worked(calendar: WorkingCalendar) -> date:
    """The last working day before today: what fell due on it is late now."""
    return calendar.previous_working_day(clock.today())


def tonight() -> datetime:
    """The first night after it."""
    return start_of_day_utc(last_worked(load_calendar()) + timedelta(days=1)) + SMALL_HOURS


@dataclass(frozen=True)
class Offices:
    """Ids of the county's offices, and of the handlers in the townships that have one."""

    townships: list[int]
    villages: list[int]
    department: int
    finance: int
    discipline: int
    handlers: dict[int, int]


def prepare(count: int) -> None:
    """Tables and rows."""
    db.create_all()
    seed_calendar()
    offices = _offices()
    calendar = load_calendar()
    db.session.add(FollowedCalendar(id=1, fingerprint=calendar.fingerprint, at=clock.utc_now()))
    db.session.commit()
    for first in range(0, count + count // 10, PIECE):
        _insert(range(first, min(first + PIECE, count + count // 10)), count, offices, calendar)
        db.session.commit()


def _offices() -> Offices:
    now, password_hash = clock.utc_now(), PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.session.add(Region(code=COUNTY, name="会东县", level="county"))
    db.session.flush()
    places = [f"513426{100 + number}000" for number in range(TOWNSHIPS)]
    db.session.add_all(
        Region(code=code, name=f"{number}号乡", level="township", parent_code=COUNTY)
        for number, code in enumerate(places)
    )
    db.session.flush()
    db.session.add_all(
        Region(code=f"{code[:9]}{200 + village}", name=f"{village}号村", level="village", parent_code=code)
        for code in places
        for village in range(VILLAGES)
    )

    def office(kind: OrganisationKind, code: str, name: str) -> Organisation:
        made = Organisation(kind=kind.value, name=name, region_code=code)
        db.session.add(made)
        db.session.flush()
        return made

    def person(of: Organisation, username: str) -> int:
        roles = [OfficialRole(role=role.value) for role in (Role.COMPLAINT_HANDLER, Role.APPROVER)]
        made = Official(
            organisation_id=of.id,
            username=username,
            name="经办",
            password_hash=password_hash,
            must_change_password=False,
            created_at=now,
            roles=roles,
        )
        db.session.add(made)
        db.session.flush()
        return made.id

    townships = [office(OrganisationKind.TOWNSHIP, code, f"{code[6:9]}号乡政府") for code in places]
    villages = [office(OrganisationKind.VILLAGE, f"{code[:9]}200", f"{code[6:9]}号乡0号村") for code in places]
    department = office(OrganisationKind.DEPARTMENT, COUNTY, "县民政局")
    finance = office(OrganisationKind.FINANCE, COUNTY, "县财政局")
    discipline = office(OrganisationKind.DISCIPLINE, COUNTY, "县纪委监委")
    for found in (finance, discipline, department):
        person(found, found.kind)
    handlers = {found.id: person(found, f"township{number}") for number, found in enumerate(townships[:-1])}
    return Offices(
        [found.id for found in townships],
        [found.id for found in villages],
        department.id,
        finance.id,
        discipline.id,
        handlers,
    )


@dataclass(frozen=True)
class _Days:
    """The days on which a clock of so many working days must have started to end on a given one."""

    calendar: WorkingCalendar
    last: date

    def started(self, limit: int, late: int = 0) -> date:
        """A start whose limit ended ``late`` working days before the last one."""
        due = self.last
        for _ in range(late):
            due = self.calendar.previous_working_day(due)
        for _ in range(limit):
            due = self.calendar.previous_working_day(due)
        return due

    def recent(self, number: int, limit: int) -> date:
        """One of the starts whose limit has not ended yet."""
        start = self.last
        for _ in range(number % (limit - 1)):
            start = self.calendar.previous_working_day(start)
        return start


@dataclass(frozen=True)
class _Case:
    """One case to be."""

    state: str
    start: date
    clocks: tuple[tuple[str, date, int, date | None], ...]  # kind, start, limit, stopped on
    owner: int
    sealed: bool = False
    concluded_days_ago: int | None = None
    levels: tuple[str, ...] = ()
    reviewed_for: int | None = None
    taken_from: int | None = None
    extension: bool = False


class _County:
    """Says what the case of a number is; starts of the same kind are computed once."""

    def __init__(self, days: _Days, offices: Offices) -> None:
        self.offices, self.last = offices, days.last
        self.fresh = [days.recent(number, ACCEPT) for number in range(ACCEPT - 1)]
        self.running = [days.recent(number, RESOLVE) for number in range(RESOLVE - 1)]
        self.accept_late = [days.started(ACCEPT, late) for late in range(4)]
        self.resolve_late = [days.started(RESOLVE, late) for late in range(4)]
        self.ancient = days.started(RESOLVE, 20)
        # Of a thousand cases: up to which place which kind of case.
        self.kinds = (
            (15, self.just_late),
            (35, self.long_late),
            (55, self.clue),
            (205, self.answered),
            (208, self.reviewed),
            (209, self.taken_over),
            (212, self.awaiting_extension),
            (500, self.waiting),
            (1000, self.at_work),
        )

    def case(self, number: int) -> _Case:
        """An open case."""
        return next(kind for upto, kind in self.kinds if number % 1000 < upto)(number)

    def owner(self, number: int) -> int:
        place = (number // 1000 * 7 + number) * 2654435761 >> 7
        if place % 10 == 0:
            return self.offices.finance
        return self.offices.department if place % 20 == 1 else self.offices.townships[place // 20 % TOWNSHIPS]

    def township(self, number: int) -> int:
        return self.offices.townships[number // 1000 % TOWNSHIPS]

    def start(self, number: int) -> date:
        return self.running[(number // 1000 + number % 1000) % len(self.running)]

    def just_late(self, number: int) -> _Case:
        """Ten since the last working day, five since one of the three before it."""
        place = number % 1000
        late = 0 if place < 10 else 1 + place % 3
        if place % 2:
            start = self.accept_late[late]
            return _Case("received", start, _unaccepted(start), self.owner(number))
        start = self.resolve_late[late]
        return _Case("investigating", start, _worked(start), self.owner(number))

    def long_late(self, number: int) -> _Case:
        levels = ("resolve_overdue",)
        return _Case("investigating", self.ancient, _worked(self.ancient), self.owner(number), levels=levels)

    def clue(self, number: int) -> _Case:
        start = self.start(number)
        return _Case("referred", start, (("notice", start, NOTICE, None),), self.offices.discipline, sealed=True)

    def answered(self, number: int) -> _Case:
        ago = 40 if number % 1000 == 55 else number % 28
        start = self.last - timedelta(days=ago + 5)
        return _Case("concluded", start, _answered(start), self.owner(number), concluded_days_ago=ago)

    def ended(self, number: int) -> _Case:
        start = self.last - timedelta(days=60 + number % 900)
        ago = (self.last - start).days - 5
        return _Case("closed", start, _answered(start), self.owner(number), concluded_days_ago=ago)

    def reviewed(self, number: int) -> _Case:
        start, asked = self.last - timedelta(days=30), self.last - timedelta(days=number // 1000 % 20)
        clocks = (*_answered(start), ("higher_review", asked, HIGHER_REVIEW, None))
        answered_by, owner = self.township(number), self.offices.finance
        return _Case("review_asked", start, clocks, owner, concluded_days_ago=25, reviewed_for=answered_by)

    def taken_over(self, number: int) -> _Case:
        start, before = self.start(number), self.township(number)
        return _Case("investigating", start, _worked(start), self.offices.finance, taken_from=before)

    def awaiting_extension(self, number: int) -> _Case:
        start = self.start(number)
        return _Case("investigating", start, _worked(start), self.owner(number), extension=True)

    def waiting(self, number: int) -> _Case:
        start = self.fresh[number // 1000 % len(self.fresh)]
        return _Case("received", start, _unaccepted(start), self.owner(number))

    def at_work(self, number: int) -> _Case:
        start = self.start(number)
        return _Case("accepted" if number % 1000 < 750 else "investigating", start, _worked(start), self.owner(number))


_Clocks = tuple[tuple[str, date, int, date | None], ...]


def _unaccepted(start: date) -> _Clocks:
    return ("accept", start, ACCEPT, None), ("resolve", start, RESOLVE, None)


def _worked(start: date) -> _Clocks:
    return ("accept", start, ACCEPT, start), ("resolve", start, RESOLVE, None)


def _answered(start: date) -> _Clocks:
    return ("accept", start, ACCEPT, start), ("resolve", start, RESOLVE, start + timedelta(days=5))


def _insert(numbers: range, count: int, offices: Offices, calendar: WorkingCalendar) -> None:
    county = _County(_Days(calendar, last_worked(calendar)), offices)
    due_days: dict[tuple[str, date, int], date] = {}

    def due(kind: str, start: date, limit: int) -> date:
        key = (kind, start, limit)
        if key not in due_days:
            calendar_days = kind == "higher_review"
            due_days[key] = start + timedelta(days=limit) if calendar_days else calendar.add_working_days(start, limit)
        return due_days[key]

    cases = [(number + 1, county.case(number) if number < count else county.ended(number)) for number in numbers]
    _insert_cases(cases, offices, due)
    clocks = [(case_id, *one) for case_id, case in cases for one in case.clocks]
    insert_columns(
        Clock,
        {
            "complaint_id": [one[0] for one in clocks],
            "kind": [one[1] for one in clocks],
            "started_on": [one[2] for one in clocks],
            "limit_days": [one[3] for one in clocks],
            "working_days": [one[1] != "higher_review" for one in clocks],
            "due_on": [due(one[1], one[2], one[3]) for one in clocks],
            "provisional": False,
            "stopped_on": [one[4] for one in clocks],
        },
    )
    insert_columns(
        ComplaintEntry,
        {
            "complaint_id": [case_id for case_id, _case in cases],
            "kind": "received",
            "author": "",
            "text": "",
            "public": True,
            "at": [start_of_day_utc(case.start) for _id, case in cases],
        },
    )
    _insert_more(cases, offices)


def _insert_cases(cases: list[tuple[int, _Case]], offices: Offices, due: Any) -> None:
    def queue_on(case: _Case) -> date:
        running = (due(kind, start, limit) for kind, start, limit, stopped in case.clocks if stopped is None)
        return min(running, default=NOTHING_DUE)

    ended = [None if case.concluded_days_ago is None else case.concluded_days_ago for _id, case in cases]
    answered = [None if ago is None else start_of_day_utc(clock.today() - timedelta(days=ago)) for ago in ended]
    categories = [category.code for category in CURRENT.categories if not category.is_clue]
    insert_columns(
        Complaint,
        {
            "id": [case_id for case_id, _case in cases],
            "number": [str(100_000_000_000 + case_id * 618_033_988_747 % 900_000_000_000) for case_id, _case in cases],
            "receipt_index": [hashlib.sha256(str(case_id).encode()).digest() for case_id, _case in cases],
            "category": [categories[case_id % len(categories)] for case_id, _case in cases],
            "text": TEXT,
            "state": [case.state for _id, case in cases],
            "sealed": [case.sealed for _id, case in cases],
            "region_code": [f"513426{100 + case_id % TOWNSHIPS}{200 + case_id % VILLAGES}" for case_id, _case in cases],
            "about_organisation_id": [
                offices.villages[case_id % TOWNSHIPS] if case_id % 5 == 0 else None for case_id, _case in cases
            ],
            "anonymous": True,
            "confidential": [case_id % 100 == 7 for case_id, _case in cases],
            "owner_id": [case.owner for _id, case in cases],
            "handler_id": [offices.handlers.get(case.owner) if case_id % 5 else None for case_id, case in cases],
            "rules_version": CURRENT.version,
            "received_on": [case.start for _id, case in cases],
            "received_at": [
                start_of_day_utc(case.start) + timedelta(seconds=case_id % 80_000) for case_id, case in cases
            ],
            "queue_on": [queue_on(case) for _id, case in cases],
            "unread": [case_id % 100 == 3 and case.state != "closed" for case_id, case in cases],
            "went_up": [bool(case.levels) for _id, case in cases],
            "extension_asked": [case.extension for _id, case in cases],
            "concluded_at": answered,
            "closed_at": [
                at if case.state == "closed" else None for at, (_id, case) in zip(answered, cases, strict=True)
            ],
        },
    )


def _insert_more(cases: list[tuple[int, _Case]], offices: Offices) -> None:
    now = clock.utc_now()
    told = [(case_id, level) for case_id, case in cases for level in case.levels]
    reviewed = [(case_id, case.reviewed_for) for case_id, case in cases if case.reviewed_for]
    taken = [(case_id, case.taken_from) for case_id, case in cases if case.taken_from]
    finance = db.session.scalars(select(Official.id).where(Official.organisation_id == offices.finance)).one()
    rows: list[tuple[Any, dict[str, Any], list[tuple[int, Any]]]] = [
        (
            Escalation,
            {"level": [level for _id, level in told], "to_organisation_id": offices.discipline, "at": now},
            told,
        ),
        (
            Review,
            {"answered_by_id": [by for _id, by in reviewed], "office_id": offices.finance, "asked_at": now},
            reviewed,
        ),
        (
            Takeover,
            {
                "from_organisation_id": [by for _id, by in taken],
                "to_organisation_id": offices.finance,
                "official_id": finance,
                "at": now,
            },
            taken,
        ),
    ]
    for model, columns, found in rows:
        if found:
            insert_columns(model, {"complaint_id": [case_id for case_id, _ in found]} | columns)
    asked = [case_id for case_id, case in cases if case.extension]
    clocks = db.session.execute(
        select(Clock.id, Clock.due_on).where(among(Clock.complaint_id, asked), Clock.kind == "resolve")
    ).all()
    if clocks:
        ids, due_days = zip(*clocks, strict=True)
        more = {"days": 10, "reason": "等待材料", "asked_by": finance, "asked_at": now}
        insert_columns(Extension, {"clock_id": list(ids), "due_before": list(due_days)} | more)
