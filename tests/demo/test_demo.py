"""The demo county is a county: every state is there, the money adds up, every role finds something to do."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from complaints.models import Complaint
from core import audit, board, clock
from core.database import db
from core.errors import UserError
from demo.load import is_empty, load_county
from demo.present import township_officials
from disbursement.balances import balances
from disbursement.models import Payment, Roll
from disbursement.rules import PAYMENT_WORKFLOW, ROLL_WORKFLOW
from publicity.models import PublicityList, QrCode

PEOPLE = 400
NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)


def states_of(model: type) -> set[str]:
    return set(db.session.scalars(select(model.state).distinct()))  # type: ignore[attr-defined]


def test_the_demo_county_has_everything_and_its_money_adds_up(app: Flask) -> None:
    assert is_empty()
    loaded = load_county(PEOPLE, at=NOW)
    today = clock.local_date(NOW)
    assert loaded.payments > PEOPLE
    assert states_of(Payment) == set(PAYMENT_WORKFLOW.states())
    assert states_of(Roll) == set(ROLL_WORKFLOW.states())
    assert {"received", "accepted", "investigating", "concluded", "closed", "declined", "reopened"} <= states_of(
        Complaint
    )
    for year in (today.year - 1, today.year):
        for found in balances(year):
            assert found.balance.available >= 0, found
            terms = found.balance.as_json()
            assert terms.pop("allocated_fen") == sum(terms.values())
    assert db.session.scalar(select(func.count()).where(PublicityList.closes_on >= today))
    assert db.session.scalar(select(func.count()).select_from(QrCode))
    assert audit.verify().broken_at is None
    with app.test_request_context():
        preparer, approver = township_officials()["513426100000"]
        assert board.items_for(approver, today)
        assert board.items_for(preparer, today)
    with pytest.raises(UserError, match="已经有数据"):
        load_county(PEOPLE, at=NOW)
