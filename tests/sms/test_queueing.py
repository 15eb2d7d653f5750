"""A message is written in the transaction that causes it, once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, event, func, insert, literal, select

from core.database import db, json_object
from registry.models import Beneficiary
from sms.models import Message
from sms.operations import queue_message, queue_messages
from sms.templates import TemplateError
from tests import factories
from tests.factories import AT

PAID = {
    "name": "吉克阿依",
    "period": "202006",
    "programme": "困难残疾人生活补贴",
    "amount_fen": 9000,
    "card_tail": "5341",
}


def queue_one(subject_id: int = 1, **more: str) -> bool:
    return queue_message(
        "payment_paid",
        "13800000001",
        PAID,
        subject_kind="attempt",
        subject_id=subject_id,
        at=AT,
        region_code="",
        **more,
    )


def test_a_message_is_queued_once_for_each_cause(app: Flask) -> None:
    assert [queue_one(), queue_one(), queue_one(2)] == [True, False, True]
    message = db.session.scalars(select(Message).order_by(Message.id)).first()
    assert message is not None
    assert (message.phone, message.parameters, message.state) == ("13800000001", PAID, "queued")
    assert (message.not_before, message.expires_at) == (AT, AT + timedelta(days=3))


def test_what_is_rolled_back_was_never_queued(app: Flask) -> None:
    queue_one()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


@pytest.mark.parametrize(
    "parameters", [{}, PAID | {"extra": "x"}, PAID | {"amount_fen": "90"}, PAID | {"card_tail": "x"}]
)
def test_wrong_parameters_are_refused(app: Flask, parameters: dict[str, object]) -> None:
    with pytest.raises(TemplateError):
        queue_message("payment_paid", "13800000001", parameters, subject_kind="attempt", subject_id=1, at=AT)


def people_as_recipients() -> Select[Any]:
    return select(
        Beneficiary.id.label("subject_id"),
        Beneficiary.phone.label("phone"),
        Beneficiary.phone_index.label("phone_index"),
        json_object(
            "name", Beneficiary.name, "period", literal("202006"), "programme", literal("困难残疾人生活补贴"),
            "amount_fen", literal(9000), "card_tail", literal("5341"),
        ).label("parameters"),
        Beneficiary.region_code.label("region_code"),
    )  # fmt: skip


def many_people(count: int) -> None:
    factories.load_regions()
    first = factories.beneficiary("吉克阿依", "513426196801017030", "513426103201", phone="13800000001")
    columns = [c for c in Beneficiary.__table__.columns if c.name not in ("id", "id_number_index")]
    rows = select(*columns).where(Beneficiary.id == first.id)
    values = dict(db.session.execute(rows).mappings().one())
    index = (b"%016d" % number for number in range(count - 1))
    db.session.execute(insert(Beneficiary), [values | {"id_number_index": next(index)} for _ in range(count - 1)])


def test_messages_of_a_whole_file_are_queued_in_one_statement(app: Flask) -> None:
    many_people(50)
    factories.beneficiary("无电话", "513426196801017031", "513426103201")
    source = people_as_recipients()
    assert queue_messages("payment_paid", source, subject_kind="attempt", at=AT) == 50
    assert queue_messages("payment_paid", source, subject_kind="attempt", at=AT) == 0
    message = db.session.scalars(select(Message).order_by(Message.id)).first()
    assert message is not None
    assert (message.phone, message.parameters) == ("13800000001", PAID)
    found = db.session.scalar(select(func.count()).where(Message.phone_index == "13800000001"))
    assert found == 50


def test_a_select_that_does_not_fit_the_template_is_refused(app: Flask) -> None:
    many_people(2)
    with pytest.raises(TemplateError):
        queue_messages("complaint_answered", people_as_recipients(), subject_kind="attempt", at=AT)


def test_thousands_of_messages_cost_as_many_statements_as_one(app: Flask) -> None:
    many_people(5_000)
    db.session.commit()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert queue_messages("payment_paid", people_as_recipients(), subject_kind="attempt", at=AT) == 5_000
    event.remove(db.engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in statements if "messages" in statement] == ["INSERT"]
    assert len([statement for statement in statements if statement.startswith(("SELECT", "INSERT"))]) == 2
