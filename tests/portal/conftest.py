"""A village with people whose payments stand in every state, an open list, and the offices that take complaints."""

from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from stdnum.cn import ric

from core import clock
from core.database import db, set_only_reads
from core.money import Fen
from core.principal import OrganisationKind, Role
from disbursement.models import Batch, Payment, Roll
from publicity.operations import publicise_roll
from registry.models import Beneficiary
from tests import factories

TOWNSHIP = "513426100000"
VILLAGE = "513426100200"
GROUP = VILLAGE + "001"
CARD = "6228480000004702"
PHONE = "13800000001"


def id_number(serial: int) -> str:
    """A well-formed ID number of nobody."""
    body = f"51342619600101{serial:03}"
    return body + ric.calc_check_digit(body + "0")


@dataclass(frozen=True)
class Village:
    """Who lives here: 阿西·木牛 has payments, a card and a phone; 李䶮 has a name that no phone types."""

    person: Beneficiary
    rare: Beneficiary
    roll: Roll
    batch: Batch


class Browser(FlaskClient):
    """A client whose requests share nothing with the test: no application context, no database session."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        """Send a request from a context of its own."""
        return Context().run(super().open, *arguments, **options)


@pytest.fixture
def client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser without a screen, on a database that the test itself only reads while it browses."""
    # The application is used by other tests afterwards, which browse and write at once.
    monkeypatch.setattr(app, "test_client_class", Browser)
    return app.test_client()


STATES = (
    ("202001", "paid", ""),
    ("202002", "failed", "账户已销户"),
    ("202003", "unclear", ""),
    ("202004", "returned", ""),
    ("202005", "approved", ""),
)


def add_payment(person: Beneficiary, batch: Batch, roll: Roll, **more: object) -> Payment:
    """A payment of 90 yuan in that batch."""
    values: dict[str, object] = {
        "roll_id": roll.id,
        "batch_id": batch.id,
        "beneficiary_id": person.id,
        "region_code": person.region_code,
        "name": person.name,
        "payee_name": person.name,
        "card_id": person.card_id,
        "quantity": "1",
        "amount_fen": Fen(9000),
        "row": 2,
    }
    payment = Payment(**(values | more))
    db.session.add(payment)
    db.session.flush()
    return payment


def add_batch(programme_id: int, period: str, state: str = "department_approved") -> tuple[Batch, Roll]:
    """A batch of that period with the township's roll."""
    batch = Batch(programme_id=programme_id, period=period, year=int(period[:4]), created_at=factories.AT)
    db.session.add(batch)
    db.session.flush()
    roll = Roll(
        batch_id=batch.id,
        township_code=TOWNSHIP,
        state=state,
        line_count=2,
        total_fen=Fen(18000),
        created_at=factories.AT,
    )
    db.session.add(roll)
    db.session.flush()
    return batch, roll


def build_village() -> Village:
    """The whole of it, committed."""
    factories.load_regions()
    for kind, region in (
        (OrganisationKind.FINANCE, factories.COUNTY),
        (OrganisationKind.DISCIPLINE, factories.COUNTY),
        (OrganisationKind.TOWNSHIP, TOWNSHIP),
        (OrganisationKind.VILLAGE, VILLAGE),
    ):
        factories.organisation(kind, region)
    programme = factories.programme()
    person = factories.beneficiary("阿西·木牛", id_number(1), GROUP, phone=PHONE, card_number=CARD)
    rare = factories.beneficiary("李䶮", id_number(2), GROUP, card_number="6228480000001234")
    for period, state, reason in STATES:
        batch, roll = add_batch(programme.id, period)
        paid_on = date(2020, 1, 20) if state == "paid" else None
        add_payment(person, batch, roll, state=state, failure_reason=reason, paid_on=paid_on)
    batch, roll = add_batch(programme.id, "202006", "township_approved")
    add_payment(person, batch, roll)
    add_payment(rare, batch, roll)
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    publicise_roll(official, roll, at=clock.utc_now())
    db.session.commit()
    return Village(person, rare, roll, batch)


@pytest.fixture
def village(app: Flask) -> Iterator[Village]:
    """The village. The test only reads: a writer's transaction left open would hold up the requests on SQLite."""
    built = build_village()
    set_only_reads(True)
    yield built
    set_only_reads(False)


@pytest.fixture
def standing_clock() -> Iterator[None]:
    """Ten in the morning of 6 July 2020, and it stays so: the counters against floods count by the clock's windows, and
    none may end in the middle of a test that fills one."""
    with time_machine.travel("2020-07-06T02:00:05+00:00", tick=False):
        yield


def look_up(client: FlaskClient, number: str, name: str, tail: str = "", code: str = "", **more: str) -> str:
    """What a lookup answers, as text."""
    form = {"id_number": number, "name": name, "card_tail": tail, "sms_code": code}
    return client.post("/lookup", data=form | more).text
