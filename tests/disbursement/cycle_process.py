"""A step of the failure cycle (one of STEPS) in a process of its own, which stops in the middle so that a test can kill
it there.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import create_app
from core import audit
from core.database import db
from core.principal import Principal, system
from core.settings import Settings
from disbursement import operations
from disbursement.models import Attempt, Payment, Rebooking, ReturnOrder
from disbursement.operations import CorrectionRequest
from disbursement.rules import Change
from tests.disbursement.county import RESULT_AT

AT = RESULT_AT + timedelta(days=1)
# The second pair of eyes: no official of the test's county has this number.
DEPUTY = Principal(**{**vars(system("deputy")), "official_id": 10_000})


def _ids(state: str) -> list[int]:
    return list(db.session.scalars(select(Payment.id).where(Payment.state == state).order_by(Payment.id)))


def correct() -> None:
    """Everything that failed was put right at the bank."""
    requests = [CorrectionRequest(number, Change(done_at_bank=True), "网点已激活") for number in _ids("failed")]
    operations.correct_payments(system("test"), requests, at=AT)


def resubmit() -> None:
    """All that is corrected is pushed."""
    operations.resubmit(system("test"), _ids("corrected"), at=AT)


def reissue() -> None:
    """The month's file."""
    operations.make_reissue(system("test"), at=AT)


def approve() -> None:
    """A return order is approved."""
    operations.approve_return(DEPUTY, db.session.scalars(select(ReturnOrder)).one(), at=AT)


def bank_return() -> None:
    """The bank sends all back that it paid."""
    ids = db.session.scalars(select(Attempt.id).where(Attempt.outcome == "paid")).all()
    operations.record_bank_return(system("test"), ids, date(2020, 7, 16), at=AT)


def rebook() -> None:
    """What the bank proved to have paid is booked."""
    operations.approve_rebooking(DEPUTY, db.session.scalars(select(Rebooking)).one(), at=AT)


STEPS: dict[str, Callable[[], None]] = {
    "correct": correct,
    "resubmit": resubmit,
    "reissue": reissue,
    "approve": approve,
    "bank-return": bank_return,
    "rebook": rebook,
}


def main(step: str, database_url: str, where: str) -> None:
    """Begin, write everything but the audit entry, which comes last, say so, and wait for the end."""
    folder = Path(where)

    def stop(*_: Any, **__: Any) -> None:
        db.session.flush()
        (folder / "began").touch()
        time.sleep(60)

    environ = {"YKT_DATABASE_URL": database_url, "YKT_INSTANCE": where, "YKT_JOBS_URL": "immediate"}
    app = create_app(Settings.from_environment(environ))
    with app.app_context():
        audit.record = stop
        STEPS[step]()
