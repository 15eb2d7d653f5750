"""The demo county's messages arrive on the page that shows the handset."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.database import db
from sms import tasks
from sms.models import HandsetMessage, Message, Receipt, SendAttempt
from sms.operations import queue_message
from tests.sms.test_queueing import PAID


def queue(count: int = 1, template: str = "payment_paid", parameters: dict[str, object] | None = None) -> None:
    for number in range(count):
        queue_message(
            template,
            f"138000000{number:02d}",
            PAID if parameters is None else parameters,
            subject_kind="attempt",
            subject_id=number + 1,
            at=clock.utc_now() - timedelta(seconds=1),
        )


def test_a_queued_message_reaches_the_handset_when_its_cause_is_committed(app: Flask) -> None:
    queue(5)
    assert db.session.scalar(select(func.count()).select_from(HandsetMessage)) == 0
    db.session.commit()
    texts = db.session.scalars(select(HandsetMessage).order_by(HandsetMessage.id)).all()
    assert [one.phone for one in texts] == [f"138000000{number:02d}" for number in range(5)]
    assert texts[0].text == (
        "【会东一卡通】吉克阿依您好，您第202006期困难残疾人生活补贴金额90元，已发放到尾号为5341的社会保障卡，请注意查收。"
    )
    assert db.session.scalars(select(Message.state)).all() == ["delivered"] * 5
    assert set(db.session.scalars(select(SendAttempt.outcome))) == {"accepted"}
    assert set(db.session.scalars(select(Receipt.outcome))) == {"applied"}


def test_a_code_is_forgotten_once_it_was_handed_over(app: Flask) -> None:
    queue(1, "lookup_code", {"code": "482913", "minutes": 5})
    db.session.commit()
    assert "482913" in db.session.scalars(select(HandsetMessage)).one().text
    message = db.session.scalars(select(Message)).one()
    assert (message.state, message.parameters) == ("delivered", {})


def test_nothing_is_sent_twice_by_a_second_run(app: Flask) -> None:
    queue(3)
    db.session.commit()
    assert not tasks.send_due()
    assert db.session.scalar(select(func.count()).select_from(HandsetMessage)) == 3
