"""The demo county is a county: every state is there, the money adds up, every role finds something to do."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from complaints.models import Complaint, Hold
from core import audit, board, clock
from core.database import db
from core.errors import UserError
from core.identity import check_id_number
from demo.calendar import quarter_of, quarters_before
from demo.load import USUAL_PEOPLE, is_empty, load_county
from demo.present import township_officials
from disbursement.balances import balances
from disbursement.models import Payment, Roll
from disbursement.rules import PAYMENT_WORKFLOW, ROLL_WORKFLOW
from programmes.rules import Frequency, months_covered
from publicity.models import PublicityList, QrCode
from registry.models import Beneficiary, CardGap
from sms.models import HandsetMessage, Message
from tests.demo.walk import every_link_and_every_bulk_action_opens


def states_of(model: Any) -> set[str]:
    return set(db.session.scalars(select(model.state).distinct()))


@pytest.mark.parametrize("month", range(1, 13))
def test_what_lies_on_the_desks_is_for_months_that_nobody_was_paid_for(month: int) -> None:
    today = date(2026, month, 15)
    desk = set(months_covered(Frequency.QUARTERLY, quarter_of(today)))
    paid = {m for period in quarters_before(today, 8) for m in months_covered(Frequency.QUARTERLY, period)}
    assert f"{today:%Y%m}" in desk
    assert not desk & paid


@pytest.mark.parametrize(
    ("database_url", "people", "now"),
    [
        # That of `make run`. More people meet more of the checks: on this day one had stopped it, where a smaller
        # county went through.
        ("sqlite", USUAL_PEOPLE, datetime(2026, 11, 26, 9, 30, tzinfo=UTC)),
        ("postgresql", 400, datetime(2026, 3, 10, 3, tzinfo=UTC)),
    ],
    indirect=["database_url"],
)
def test_the_demo_county_has_everything_and_its_money_adds_up(app: Flask, people: int, now: datetime) -> None:
    assert is_empty()
    loaded = load_county(people, at=now)
    today = clock.local_date(now)
    assert loaded.payments > people
    assert len(db.session.scalars(select(Beneficiary.id)).all()) > people / 2
    assert states_of(Payment) == set(PAYMENT_WORKFLOW.states())
    assert states_of(Roll) == set(ROLL_WORKFLOW.states())
    assert {"materials_collected", "submitted_to_bank"} <= states_of(CardGap)
    assert {"received", "accepted", "investigating", "concluded", "closed", "declined", "reopened"} <= states_of(
        Complaint
    )
    # Of those whose years are over one is announced for deletion, and one is kept for a lawsuit.
    announced = db.session.scalars(select(Complaint.erase_on).where(Complaint.erase_on.is_not(None))).all()
    assert len(announced) == 1 and announced[0] is not None and announced[0] > today
    assert len(db.session.scalars(select(Hold.id).where(Hold.lifted_at.is_(None))).all()) == 1
    for year in (today.year - 1, today.year):
        for found in balances(year):
            assert found.balance.available >= 0, found
            terms = found.balance.as_json()
            assert terms.pop("allocated_fen") == sum(terms.values())
    assert db.session.scalar(select(func.count()).where(PublicityList.closes_on >= today))
    assert db.session.scalar(select(func.count()).select_from(QrCode))
    # A newcomer sees phones with messages, not a heap of those that came too late to be sent.
    assert db.session.scalar(select(func.count()).select_from(HandsetMessage))
    too_late = Message.state.in_(("queued", "expired")) & (Message.expires_at <= now)
    assert db.session.scalar(select(func.count()).select_from(Message).where(too_late)) == 0
    assert audit.verify().broken_at is None
    with app.test_request_context():
        preparer, approver = township_officials()["513426100000"]
        assert board.items_for(approver, today)
        assert board.items_for(preparer, today)
    with pytest.raises(UserError, match="已经有数据"):
        load_county(people, at=now)
    everybody = db.session.scalars(select(Beneficiary)).all()
    assert [person.id for person in everybody if check_id_number(person.id_number, today)[1]] == []
    db.session.commit()
    the_printed_code_and_the_printed_person_open_their_doors(app)
    if people < USUAL_PEOPLE:
        every_link_and_every_bulk_action_opens(app)


def the_printed_code_and_the_printed_person_open_their_doors(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["demo", "show"]).output
    visitor = app.test_client()
    code = re.search(r"/q/\S+", printed)
    assert code
    assert "村" in visitor.get(code[0], follow_redirects=True).text
    somebody = re.search(r"人：(\S+)，身份证号 (\S{18})，卡号后四位 (\d{4})", printed)
    assert somebody
    name, id_number, card_tail = somebody.groups()
    answer = {"name": name, "id_number": id_number, "card_tail": card_tail}
    page = visitor.post("/lookup", data=answer, follow_redirects=True)
    assert "没有发成功" in page.text
