"""The county whose complaints are swept by night and looked at by day: so many open cases, and a tenth of that ended.

Of a thousand open cases ten fell due on the last working day, five on days before it on which nobody swept, twenty went
up long ago and are still open, twenty are sealed, one hundred and fifty are answered, three lie with the office above
for a review, and one was taken over. Every thousandth was answered so long ago that it is filed away tonight. The other clocks
run. One township has nobody signed up. Every due day is what the calendar says for its start.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher

from accounts.models import Official, OfficialRole, Organisation
from complaints.desk_models import Takeover
from complaints.models import (
    NOTHING_DUE,
    Clock,
    Complaint,
    ComplaintEntry,
    Escalation,
    FollowedCalendar,
    Review,
)
from complaints.rulebook import CURRENT
from core import clock
from core.bulk import insert_columns
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


def _shapes(days: _Days, offices: Offices) -> Any:
    """A function that says what the case of a number is; starts of the same kind are computed once."""
    fresh = [days.recent(number, ACCEPT) for number in range(ACCEPT - 1)]
    running = [days.recent(number, RESOLVE) for number in range(RESOLVE - 1)]
    accept_late = [days.started(ACCEPT, late) for late in range(4)]
    resolve_late = [days.started(RESOLVE, late) for late in range(4)]
    ancient = days.started(RESOLVE, 20)

    def owner_of(number: int) -> int:
        place = number * 2654435761 >> 7
        if place % 10 == 0:
            return offices.finance
        return offices.department if place % 20 == 1 else offices.townships[place // 20 % TOWNSHIPS]

    def worked(start: date) -> tuple[tuple[str, date, int, date | None], ...]:
        return ("accept", start, ACCEPT, start), ("resolve", start, RESOLVE, None)

    def answered(start: date) -> tuple[tuple[str, date, int, date | None], ...]:
        return ("accept", start, ACCEPT, start), ("resolve", start, RESOLVE, start + timedelta(days=5))

    def shape(number: int, ended: bool) -> _Case:
        place, owner = number % 1000, owner_of(number // 1000 * 7 + number)
        today = days.last
        if ended:
            start = today - timedelta(days=60 + number % 900)
            return _Case("closed", start, answered(start), owner, concluded_days_ago=(today - start).days - 5)
        if place < 15:
            late = 0 if place < 10 else 1 + place % 3
            start = (accept_late if place % 2 else resolve_late)[late]
            if place % 2:
                return _Case(
                    "received", start, (("accept", start, ACCEPT, None), ("resolve", start, RESOLVE, None)), owner
                )
            return _Case("investigating", start, worked(start), owner)
        if place < 35:
            levels = ("resolve_overdue",)
            return _Case("investigating", ancient, worked(ancient), owner, levels=levels)
        if place < 55:
            start = running[number // 1000 % len(running)]
            return _Case("referred", start, (("notice", start, NOTICE, None),), offices.discipline, sealed=True)
        if place < 205:
            ago = 40 if place == 55 else place % 28
            start = today - timedelta(days=ago + 5)
            return _Case("concluded", start, answered(start), owner, concluded_days_ago=ago)
        if place < 208:
            start = today - timedelta(days=30)
            clocks = (*answered(start), ("higher_review", today - timedelta(days=number // 1000 % 20), 30, None))
            township = offices.townships[number // 1000 % TOWNSHIPS]
            return _Case("review_asked", start, clocks, offices.finance, concluded_days_ago=25, reviewed_for=township)
        if place == 208:
            township = offices.townships[number // 1000 % TOWNSHIPS]
            start = running[number // 1000 % len(running)]
            return _Case("investigating", start, worked(start), offices.finance, taken_from=township)
        if place < 500:
            start = fresh[number // 1000 % len(fresh)]
            return _Case("received", start, (("accept", start, ACCEPT, None), ("resolve", start, RESOLVE, None)), owner)
        start = running[(number // 1000 + place) % len(running)]
        return _Case("accepted" if place < 750 else "investigating", start, worked(start), owner)

    return shape


def _insert(numbers: range, count: int, offices: Offices, calendar: WorkingCalendar) -> None:
    shape = _shapes(_Days(calendar, last_worked(calendar)), offices)
    due_days: dict[tuple[str, date, int], date] = {}

    def due(kind: str, start: date, limit: int) -> date:
        key = (kind, start, limit)
        if key not in due_days:
            calendar_days = kind == "higher_review"
            due_days[key] = start + timedelta(days=limit) if calendar_days else calendar.add_working_days(start, limit)
        return due_days[key]

    cases = [(number + 1, shape(number, number >= count)) for number in numbers]
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
    finance = next(iter(_officials_of(offices.finance)))
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


def _officials_of(organisation_id: int) -> Iterator[int]:
    return iter(db.session.scalars(db.select(Official.id).where(Official.organisation_id == organisation_id)))
