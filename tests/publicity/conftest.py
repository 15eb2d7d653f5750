"""A township with two villages, a roll that waits for publicity, and an official who may hang it out."""

from dataclasses import dataclass

import pytest
from flask import Flask

from core.database import db
from core.money import Fen
from core.principal import OrganisationKind, Principal, Role
from disbursement.models import Batch, Payment, Roll
from tests import factories

TOWNSHIP = "513426100000"
VILLAGE = "513426100200"
OTHER_VILLAGE = "513426100201"
PEOPLE = (
    ("阿西·木牛", VILLAGE + "001", 27000),
    ("欧阳小梅", VILLAGE + "001", 18000),
    ("李雷", VILLAGE + "002", 9000),
    ("王建国", OTHER_VILLAGE + "001", 9000),
    ("赵四", TOWNSHIP, 9000),
)


@dataclass(frozen=True)
class Story:
    """Who and what the tests are about."""

    official: Principal
    roll: Roll


def make_roll(*, sensitive: bool = False, publicity_days: int = 7) -> Roll:
    """A roll of five people at three levels, approved by the township."""
    programme = factories.programme(sensitive=sensitive, publicity_days=publicity_days, policy_basis="东民〔2020〕1号")
    factories.fund_line(programme.id, 100_000_00)
    batch = Batch(programme_id=programme.id, period="202006", year=2020, created_at=factories.AT)
    db.session.add(batch)
    db.session.flush()
    roll = Roll(
        batch_id=batch.id,
        township_code=TOWNSHIP,
        state="township_approved",
        line_count=len(PEOPLE),
        total_fen=Fen(sum(amount for _, _, amount in PEOPLE)),
        created_at=factories.AT,
    )
    db.session.add(roll)
    db.session.flush()
    for row, (name, region, amount) in enumerate(PEOPLE, start=2):
        person = factories.beneficiary(name, f"51342619700101{row:03}X", region)
        db.session.add(
            Payment(
                roll_id=roll.id,
                batch_id=batch.id,
                beneficiary_id=person.id,
                region_code=region,
                name=name,
                payee_name=name,
                quantity="3",
                amount_fen=Fen(amount),
                row=row,
            )
        )
    db.session.commit()
    return roll


@pytest.fixture
def story(app: Flask) -> Story:
    """The ordinary case."""
    factories.load_regions()
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    return Story(official, make_roll())
