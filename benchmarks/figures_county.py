"""The county whose complaints of a year are counted: so many cases over last year's twelve months, none of them sealed.

Cases crowd where counties have them: townships, offices, categories and channels get fewer the further back they stand,
so that every table has large figures and ones of a single case. What became of them is chance with a fixed seed.
"""

import hashlib
import random
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select

from accounts.models import Official, OfficialRole, Organisation
from benchmarks.complaints_county import COUNTY, PASSWORD, TEXT
from complaints.models import Clock, Complaint, ComplaintEntry, Escalation, Extension, Rating, Review
from complaints.rulebook import CURRENT
from complaints.rules import CHANNELS, DECLINE_REASONS
from complaints.rules.after_answer import SATISFACTION
from core import clock
from core.bulk import among, insert_columns
from core.calendar import start_of_day_utc
from core.database import db
from core.principal import OrganisationKind, Role
from core.working_days import load_calendar, seed_calendar
from registry.models import Region

TOWNSHIPS, VILLAGES, DEPARTMENTS = 20, 12, 25
SEED = 20251231


def year_counted() -> int:
    """The year whose figures are asked for: the last one that is over."""
    return clock.today().year - 1


def prepare(count: int) -> None:
    """Tables and rows."""
    db.create_all()
    seed_calendar()
    places = _regions()
    _insert(count, places, _offices(places))
    db.session.commit()


def _regions() -> list[str]:
    db.session.add(Region(code=COUNTY, name="会东县", level="county"))
    db.session.flush()
    places = [f"513426{100 + number}000" for number in range(TOWNSHIPS)]
    db.session.add_all(
        Region(code=code, name=f"{code[6:9]}号乡", level="township", parent_code=COUNTY) for code in places
    )
    db.session.flush()
    db.session.add_all(
        Region(code=f"{code[:9]}{200 + village}", name=f"{village}号村", level="village", parent_code=code)
        for code in places
        for village in range(VILLAGES)
    )
    db.session.flush()
    return places


def _offices(places: Sequence[str]) -> dict[OrganisationKind, list[int]]:
    kinds = {
        OrganisationKind.TOWNSHIP: places,
        OrganisationKind.VILLAGE: [f"{code[:9]}{200 + village}" for code in places for village in range(VILLAGES)],
        OrganisationKind.DEPARTMENT: [COUNTY] * DEPARTMENTS,
        **{kind: [COUNTY] for kind in (OrganisationKind.FINANCE, OrganisationKind.DISCIPLINE, OrganisationKind.AUDIT)},
    }
    found = {}
    for kind, codes in kinds.items():
        made = [
            Organisation(kind=kind.value, name=f"{number}号{kind}", region_code=code)
            for number, code in enumerate(codes)
        ]
        db.session.add_all(made)
        db.session.flush()
        found[kind] = [office.id for office in made]
    password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    for kind, role in (
        (OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER),
        (OrganisationKind.FINANCE, Role.COMPLAINT_HANDLER),
        (OrganisationKind.DISCIPLINE, Role.COMPLAINT_HANDLER),
        (OrganisationKind.AUDIT, Role.VIEWER),
    ):
        db.session.add(
            Official(
                organisation_id=found[kind][0],
                username=kind.value,
                name="经办",
                password_hash=password_hash,
                must_change_password=False,
                created_at=clock.utc_now(),
                roles=[OfficialRole(role=role.value)],
            )
        )
    db.session.flush()
    return found


def _crowded(chance: random.Random, among: Sequence[Any], count: int) -> list[Any]:
    """So many choices, of which each possible one is the rarer the further back it stands."""
    return chance.choices(among, cum_weights=list(accumulate(1 / (place + 1) for place in range(len(among)))), k=count)


def _insert(count: int, places: Sequence[str], offices: dict[OrganisationKind, list[int]]) -> None:
    chance, calendar = random.Random(SEED), load_calendar()
    first = date(year_counted(), 1, 1)
    ids = range(1, count + 1)
    days = [first + timedelta(days=(number * 365) // count) for number in range(count)]
    due = {day: calendar.add_working_days(day, 15) for day in sorted(set(days))}
    townships = _crowded(chance, range(TOWNSHIPS), count)
    in_county = [
        *offices[OrganisationKind.FINANCE],
        *offices[OrganisationKind.DEPARTMENT],
    ]
    owners = [
        offices[OrganisationKind.TOWNSHIP][township] if chance.random() < 0.8 else _crowded(chance, in_county, 1)[0]
        for township in townships
    ]
    villages = _crowded(chance, range(VILLAGES), count)
    categories = [category.code for category in CURRENT.categories if not category.is_clue]
    states = chance.choices(["closed", "declined", "investigating"], weights=[90, 7, 3], k=count)
    answered = [
        None if state == "investigating" else day + timedelta(days=chance.choice([1, 3, 7, 12, 18, 20, 21, 30]))
        for day, state in zip(days, states, strict=True)
    ]
    reasons = _crowded(chance, [*DECLINE_REASONS, None], count)
    reopened = [state == "closed" and chance.random() < 0.05 for state in states]
    insert_columns(
        Complaint,
        {
            "id": list(ids),
            "number": [str(100_000_000_000 + case_id * 618_033_988_747 % 900_000_000_000) for case_id in ids],
            "receipt_index": [hashlib.sha256(str(case_id).encode()).digest() for case_id in ids],
            "category": _crowded(chance, categories, count),
            "text": TEXT,
            "channel": _crowded(chance, list(CHANNELS), count),
            "state": states,
            "region_code": [
                f"{places[township][:9]}{200 + village}" for township, village in zip(townships, villages, strict=True)
            ],
            "about_organisation_id": [
                offices[OrganisationKind.VILLAGE][township * VILLAGES + village] if chance.random() < 0.2 else None
                for township, village in zip(townships, villages, strict=True)
            ],
            "anonymous": True,
            "owner_id": owners,
            "rules_version": CURRENT.version,
            "received_on": days,
            "received_at": [start_of_day_utc(day) for day in days],
            "decline_reason": [
                reason if state == "declined" else None for reason, state in zip(reasons, states, strict=True)
            ],
            "reopened_at": [
                start_of_day_utc(day) if again else None for day, again in zip(days, reopened, strict=True)
            ],
        },
    )
    insert_columns(
        Clock,
        {
            "complaint_id": list(ids),
            "kind": "resolve",
            "started_on": days,
            "limit_days": 15,
            "working_days": True,
            "due_on": [due[day] for day in days],
            "provisional": False,
            "stopped_on": answered,
        },
    )
    _insert_more([case_id for case_id in ids if states[case_id - 1] == "closed"], days, answered, reopened, offices)


def _insert_more(
    closed: Sequence[int],
    days: Sequence[date],
    answered: Sequence[date | None],
    reopened: Sequence[bool],
    offices: dict[OrganisationKind, list[int]],
) -> None:
    """What only some of the answered cases have."""
    chance, now = random.Random(SEED + 1), clock.utc_now()
    finance, discipline = (offices[kind][0] for kind in (OrganisationKind.FINANCE, OrganisationKind.DISCIPLINE))

    def some(share: float) -> list[int]:
        return [case_id for case_id in closed if chance.random() < share]

    again = [case_id for case_id in closed if reopened[case_id - 1]]
    rated, settled, extended, reviewed, told = some(0.4), some(0.3), some(0.05), some(0.01), some(0.04)
    insert_columns(
        Clock,
        {
            "complaint_id": again,
            "kind": "review",
            "started_on": [answered[case_id - 1] for case_id in again],
            "limit_days": 15,
            "working_days": True,
            "due_on": [days[case_id - 1] + timedelta(days=60) for case_id in again],
            "provisional": False,
            "stopped_on": [days[case_id - 1] + timedelta(days=50) for case_id in again],
        },
    )
    insert_columns(
        Rating,
        {
            "complaint_id": rated,
            "answered_at": now,
            "satisfaction": _crowded(chance, list(SATISFACTION), len(rated)),
            "settled": False,
            "words": "",
            "at": now,
        },
    )
    insert_columns(
        ComplaintEntry,
        {"complaint_id": settled, "kind": "settled", "author": "", "text": "", "public": True, "at": now},
    )
    running = select(Clock.complaint_id, Clock.id).where(among(Clock.complaint_id, extended), Clock.kind == "resolve")
    clocks: dict[int, int] = dict(db.session.execute(running).all())
    insert_columns(
        Extension,
        {
            "clock_id": [clocks[case_id] for case_id in extended],
            "days": 10,
            "reason": "",
            "asked_at": now,
            "granted": True,
            "due_before": [days[case_id - 1] + timedelta(days=15) for case_id in extended],
        },
    )
    insert_columns(
        Review,
        {
            "complaint_id": reviewed,
            "answered_by_id": chance.choices(offices[OrganisationKind.TOWNSHIP], k=len(reviewed)),
            "office_id": finance,
            "asked_at": now,
        },
    )
    insert_columns(
        Escalation,
        {
            "complaint_id": told,
            "level": "resolve_overdue",
            "to_organisation_id": chance.choices([finance, discipline], k=len(told)),
            "at": now,
        },
    )
