"""Cases that went all the ways there are, by chance, and their figures counted by hand from their stories."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from complaints import operations
from complaints.models import Clock, Complaint, ComplaintEntry, Extension, Rating, Review
from complaints.rules.figures import ALL, By, Figure
from core.calendar import local_date
from core.database import db
from core.principal import Principal, system
from tests.complaints.county import AT, TOWNSHIP, VILLAGE, County, submit

DAY = timedelta(days=1)
TODAY = date(2020, 12, 15)


def some_lives(county: County, seed: int, number: int) -> None:
    """So many cases of five months, as of TODAY."""
    chance = random.Random(seed)
    people = (*county.everybody_else, county.discipline)
    handlers = {person.organisation_id: person for person in people if person is not county.township_approver}
    for _ in range(number):
        complaint, code = submit(
            at=AT + chance.randrange(150) * DAY,
            category=chance.choice(["not_received", "wrong_amount", "enquiry", "wrong_list", "fraud"]),
            region_code=chance.choice([VILLAGE, TOWNSHIP, "513426001201", "513426002200"]),
            about_organisation_id=chance.choice([None, None, None, county.village_office_id]),
            **chance.choice([{}, {"anonymous": False, "name": "王某某", "confidential": chance.random() < 0.5}]),
        )
        _live(chance, county, handlers, complaint, code)
    operations.escalate_overdue(system("night"), at=AT + 161 * DAY)
    db.session.commit()


def _live(
    chance: random.Random, county: County, handlers: dict[int | None, Principal], complaint: Complaint, code: str
) -> None:
    at, handler = complaint.received_at + chance.randrange(3) * DAY, handlers[complaint.owner_id]
    end = chance.choice(["received", "declined", "accepted", "extended", "referred", *["answered"] * 6])
    if end == "declined":
        why = chance.choice(["not_our_duty", "unclear", "other"])
        operations.decline(handler, complaint, "理由", why=why, at=at)
        # As those that were declined before a reason had to be chosen.
        complaint.decline_reason = chance.choice([why, None])
    elif end != "received":
        operations.accept(handler, complaint, at=at)
    if end == "referred" and not complaint.sealed:
        operations.refer_to_discipline(handler, complaint, "疑似截留", at=at)
    if end == "extended" and handler is county.township and complaint.category != "enquiry":
        operations.ask_extension(handler, complaint, 5, "要去村里核实", at=at)
        operations.decide_extension(county.township_approver, complaint, chance.random() < 0.7, at=at)
    if end == "answered":
        at += chance.randrange(30) * DAY
        _answer(handler, complaint, at)
        _come_back(chance, handlers, complaint, code, at)


def _answer(handler: Principal, complaint: Complaint, at: datetime) -> None:
    operations.start_investigation(handler, complaint, at=at)
    if complaint.sealed:
        operations.record_outcome(handler, complaint, "unfounded", "已核实。", at=at)
    operations.conclude(handler, complaint, "已核实。", at=at)


def _come_back(
    chance: random.Random, handlers: dict[int | None, Principal], complaint: Complaint, code: str, at: datetime
) -> None:
    if chance.random() < 0.6:
        operations.rate(code, chance.choice(["satisfied", "partly", "not_satisfied"]), at=at)
    again = chance.choice(["", "", "settle", "reopen", "ask_review"])
    if again == "settle":
        operations.settle(code, at=at)
    elif again == "reopen":
        operations.reopen(code, "不满意", at=at)
    elif again == "ask_review" and not complaint.sealed:
        operations.ask_review(code, "不满意", at=at)
    if complaint.state in ("reopened", "review_asked") and chance.random() < 0.7:
        handler = handlers[complaint.owner_id]
        operations.mark_read(handler, complaint, at=at)
        _answer(handler, complaint, at + 3 * DAY)
        if chance.random() < 0.5:
            operations.rate(code, "satisfied", at=at + 3 * DAY)


def counted_by_hand(cases: Sequence[Complaint]) -> Counter[Figure]:
    """The figures of these cases, one after the other, from their stories."""
    found: Counter[Figure] = Counter()
    for complaint in cases:
        review = db.session.scalar(select(Review).where(Review.complaint_id == complaint.id))
        lines = [
            (ALL, ALL),
            (By.CATEGORY, complaint.category),
            (By.TOWNSHIP, complaint.region_code[:9] + "000"),
            (By.OFFICE, str(review.answered_by_id if review else complaint.owner_id)),
            (By.CHANNEL, complaint.channel),
        ]
        for measure, number in measures_of(complaint, review is not None).items():
            for by, group in lines:
                found[Figure(by, group, measure)] += number
    return +found


def measures_of(complaint: Complaint, reviewed: bool) -> Counter[str]:
    told = Counter(db.session.scalars(select(ComplaintEntry.kind).where(ComplaintEntry.complaint_id == complaint.id)))
    rated = Counter(db.session.scalars(select(Rating.satisfaction).where(Rating.complaint_id == complaint.id)))
    first = db.session.scalar(
        select(ComplaintEntry.at)
        .where(ComplaintEntry.complaint_id == complaint.id, ComplaintEntry.kind == "answer")
        .order_by(ComplaintEntry.at)
        .limit(1)
    )
    due = next(clock for clock in complaint.clocks if clock.kind == "resolve").due_on
    extended = db.session.scalar(
        select(Extension.id).join(Clock).where(Clock.complaint_id == complaint.id, Extension.granted.is_(True))
    )
    if complaint.state == "declined":
        became = ["declined", f"declined:{complaint.decline_reason or 'unstated'}"]
    elif first is not None:
        became = ["in_time" if local_date(first) <= due else "late"]
    else:
        became = ["overdue" if due < TODAY else "running"]
    found = Counter({"received": 1, "answers": told["answer"], "silent": told["answer"] - rated.total()}) + rated
    found.update(became)
    found["extended"] += extended is not None
    found["reopened"] += told["reopened"]
    found["reviewed"] += reviewed
    found["settled"] += told["settled"]
    return +found
