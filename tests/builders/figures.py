"""Payments, failures and cases of a year long past, to be counted for everybody."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select, update
from stdnum.cn import ric

from complaints.models import Clock, Complaint
from complaints.operations import Submission, submit_complaint
from core.database import db
from core.money import Fen
from core.principal import NOBODY
from core.withholding import Cell
from disbursement.models import Attempt, Batch, Failure, OfferFile, Payment, Roll
from portal.statistics import rules
from portal.statistics.models import CountedUntil, PublicFigure
from portal.statistics.rules import Key
from programmes.models import Programme
from registry.models import Beneficiary, Region
from tests import factories

CARD = "6228480000004702"
NINETY_YUAN = 9000


@dataclass
class Book:
    """Payments of one programme, made as if the bank had paid them."""

    programme: Programme
    people: list[Beneficiary]

    def roll(self, period: str, township: str) -> Roll:
        """The township's roll of a period; made where there is none."""
        batch = db.session.query(Batch).filter_by(programme_id=self.programme.id, period=period).one_or_none()
        if batch is None:
            batch = Batch(programme_id=self.programme.id, period=period, year=int(period[:4]), created_at=factories.AT)
            db.session.add(batch)
            db.session.flush()
        roll = db.session.query(Roll).filter_by(batch_id=batch.id, township_code=township).one_or_none()
        if roll is None:
            roll = Roll(batch_id=batch.id, township_code=township, total_fen=Fen(0), created_at=factories.AT)
            db.session.add(roll)
            db.session.flush()
        return roll

    def pay(self, township: str, on: date, count: int, *, outcome: str = "paid", first: int = 0) -> list[Attempt]:
        """Ninety yuan for so many of the people, by the bank on that day (or tried in vain)."""
        roll = self.roll(f"{on:%Y%m}", township)
        offer = OfferFile(
            batch_id=roll.batch_id, line_count=count, total_fen=Fen(count * NINETY_YUAN), created_at=factories.AT
        )
        db.session.add(offer)
        db.session.flush()
        return [self._attempt(person, roll, offer, on, outcome) for person in self.people[first : first + count]]

    def _attempt(self, person: Beneficiary, roll: Roll, offer: OfferFile, on: date, outcome: str) -> Attempt:
        payment = Payment(
            roll_id=roll.id,
            batch_id=roll.batch_id,
            beneficiary_id=person.id,
            region_code=person.region_code,
            name=person.name,
            payee_name=person.name,
            amount_fen=Fen(NINETY_YUAN),
            state=outcome,
            row=1,
        )
        db.session.add(payment)
        db.session.flush()
        attempt = Attempt(
            payment_id=payment.id,
            number=1,
            reference=f"{payment.id}-1",
            offer_file_id=offer.id,
            line_number=1,
            payee_name=person.name,
            card_number=CARD,
            card_index=CARD,
            card_tail=CARD[-4:],
            amount_fen=Fen(NINETY_YUAN),
            outcome=outcome,
            bank_date=on,
            created_at=factories.AT,
        )
        db.session.add(attempt)
        db.session.flush()
        return attempt

    def fail(self, township: str, on: date, count: int, *, repaired: int, first: int = 0) -> None:
        """So many tries in vain, the first ones of them repaired later."""
        for place, attempt in enumerate(self.pay(township, on, count, outcome="failed", first=first)):
            done = on + timedelta(days=8) if place < repaired else None
            db.session.add(
                Failure(
                    attempt_id=attempt.id,
                    payment_id=attempt.payment_id,
                    month=f"{on:%Y-%m}",
                    recorded_on=on,
                    correct_by=on,
                    resubmit_by=on,
                    reissue_by=on,
                    ended_on=done,
                    ending="paid" if done else "",
                )
            )
        db.session.flush()


def people_of(group: str, count: int) -> list[Beneficiary]:
    """So many invented people."""
    bodies = (f"51342619610101{serial:03}" for serial in range(count))
    return [
        factories.beneficiary(f"阿木{place}", body + ric.calc_check_digit(body + "0"), group)
        for place, body in enumerate(bodies)
    ]


def hand_in(village: str, at: datetime, *, answered_after: int | None, category: str = "not_received") -> Complaint:
    """A case of that village; answered after so many days, or (None) never."""
    complaint, _code = submit_complaint(NOBODY, Submission(category, "上个月的补贴没有到账。", village), at=at)
    if answered_after is not None:
        stopped = update(Clock).where(Clock.complaint_id == complaint.id, Clock.kind == "resolve")
        db.session.execute(stopped.values(stopped_on=complaint.received_on + timedelta(days=answered_after)))
    return complaint


def publish_a_full_year(year: int, programmes: int) -> None:
    """What may be shown of a year in which every township was paid for by every programme, as the night writes it."""
    for number in range(programmes):
        factories.programme(f"FULL_{number:02}", f"第{number}号惠民惠农财政补贴项目")
    rows = []
    for subject in rules.SUBJECTS:
        for number in range(programmes):
            for township in townships():
                for month in range(1, 13):
                    for place, outcome in enumerate(subject.outcomes):
                        count = 1 + (number * 7 + month * 3 + place * 11 + int(township[6:9])) % 90
                        key = Key(township, f"FULL_{number:02}", f"{year}-{month:02}", outcome.value)
                        rows.append((subject, key, Cell(count, count, count * NINETY_YUAN)))
    for subject in rules.SUBJECTS:
        counted = {key: cell for one, key, cell in rows if one == subject}
        cells = rules.add_up(counted, subject, rules.grains_of(subject, whole_year=True))
        db.session.execute(
            insert(PublicFigure),
            [
                {
                    "subject": subject.code,
                    "year": year,
                    "township_code": key.township,
                    "programme_code": key.programme,
                    "month": key.month,
                    "outcome": key.outcome,
                    "number": cell.number if cell.number % 17 else None,
                    "amount_fen": cell.amount_fen if cell.number % 17 else None,
                }
                for key, cell in cells.items()
            ],
        )
        db.session.add(
            CountedUntil(
                subject=subject.code,
                month=f"{year}-12",
                counted_on=date(year + 1, 4, 1),
            )
        )
    db.session.flush()


def townships() -> list[str]:
    """The codes of the county's townships."""
    return list(db.session.scalars(select(Region.code).where(Region.level == "township").order_by(Region.code)))
