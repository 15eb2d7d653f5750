"""The county that is looked up in: people with two years of payments, and publicity lists that are open."""

import os
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Integer, case, cast, insert, literal, select
from stdnum.cn import ric

from core import clock
from core.database import db
from core.money import Fen
from disbursement.models import Batch, Payment, Roll
from programmes.models import Programme
from publicity.models import PublicityLine, PublicityList
from registry.models import Beneficiary, Card, Region

PERIODS = [f"{year}{month:02}" for year in (0, 1) for month in range(1, 13)]
PEOPLE = 4200
COUNTY, TOWNSHIP = "513426000000", "513426100000"
VILLAGES = 20
NAME = "张三"
LONG_LIST = 5000
PEOPLE_AT_A_TIME = 50_000


def id_number(person: int) -> str:
    """A well-formed number of nobody."""
    born = date(1950, 1, 1) + timedelta(days=person)
    body = f"513426{born:%Y%m%d}001"
    return body + ric.calc_check_digit(body + "0")


def card(person: int) -> str:
    """A card number."""
    return f"622848{person:010}"


def prepare(people: int) -> None:
    """24 payments of each of so many people over two years and two programmes, open lists for every village, and one
    open list of 5,000 lines."""
    db.create_all()
    today = clock.today()
    villages = [f"513426100{200 + number}" for number in range(VILLAGES)]
    db.session.add(Region(code=COUNTY, name="会东县", level="county"))
    db.session.add(Region(code=TOWNSHIP, name="鲹鱼河镇", level="township", parent_code=COUNTY))
    db.session.flush()
    db.session.add_all(
        Region(code=code, name=f"{place}号村", level="village", parent_code=TOWNSHIP)
        for place, code in enumerate(villages)
    )
    db.session.flush()
    for first in range(0, people, PEOPLE_AT_A_TIME):
        _insert_people(range(first, min(first + PEOPLE_AT_A_TIME, people)), villages)
    for period in PERIODS:
        roll = _insert_batch(f"{today.year - int(period[0])}{period[1:]}", people)
        if period == PERIODS[0]:
            _insert_lists(roll, [TOWNSHIP, *villages], today)
    db.session.commit()


def _insert_people(numbers: range, villages: list[str]) -> None:
    now = clock.utc_now()
    db.session.execute(
        insert(Card),
        [
            {
                "id": person + 1,
                "number": card(person),
                "number_index": card(person),
                "tail": card(person)[-4:],
                "holder_name": NAME,
                "created_at": now,
            }
            for person in numbers
        ],
    )
    db.session.execute(
        insert(Beneficiary),
        [
            {
                "name": NAME,
                "name_key": NAME,
                "id_number": id_number(person),
                "id_number_index": id_number(person),
                "region_code": villages[person % VILLAGES],
                "card_id": person + 1,
                "card_index": card(person),
                "created_at": now,
            }
            for person in numbers
        ],
    )


def _programme(number: int) -> Programme:
    programme = db.session.scalar(select(Programme).where(Programme.code == f"P{number}"))
    if programme is None:
        programme = Programme(
            code=f"P{number}",
            name=("困难残疾人生活补贴", "耕地地力保护补贴")[number],
            department_name="县民政局",
            target="",
            standard="",
            unit="人",
            frequency="月",
            channel="platform",
            created_at=clock.utc_now(),
        )
        db.session.add(programme)
        db.session.flush()
    return programme


def _insert_batch(period: str, people: int) -> Roll:
    """A batch with everybody in it; one programme in even months, the other in odd ones."""
    now, programme = clock.utc_now(), _programme(int(period) % 2)
    batch = Batch(programme_id=programme.id, period=period, year=int(period[:4]), state="results_in", created_at=now)
    db.session.add(batch)
    db.session.flush()
    roll = Roll(
        batch_id=batch.id,
        township_code=TOWNSHIP,
        state="department_approved",
        line_count=people,
        total_fen=Fen(9000 * people),
        created_at=now,
    )
    db.session.add(roll)
    db.session.flush()
    failed = Beneficiary.id % 24 == int(period[4:])
    values: dict[str, Any] = {
        "roll_id": literal(roll.id),
        "batch_id": literal(batch.id),
        "beneficiary_id": Beneficiary.id,
        "region_code": Beneficiary.region_code,
        "name": literal(NAME),
        "payee_name": literal(NAME),
        "card_id": Beneficiary.card_id,
        "quantity": literal("1"),
        "amount_fen": literal(9000),
        "state": case((failed, "failed"), else_="paid"),
        "failure_reason": case((failed, "账户已销户"), else_=""),
        "sheet": literal(""),
        "paid_on": literal(date(int(period[:4]), int(period[4:]), 20)),
        "row": cast(Beneficiary.id, Integer),
    }
    columns = [value.label(name) for name, value in values.items()]
    db.session.execute(insert(Payment).from_select(list(values), select(*columns).order_by(Beneficiary.id)))
    return roll


def _insert_lists(roll: Roll, regions: list[str], today: date) -> None:
    """A list of each region; that of the township is the long one."""
    for code in regions:
        count = LONG_LIST if code == TOWNSHIP else 1
        made = PublicityList(
            roll_id=roll.id,
            region_code=code,
            level="township" if code == TOWNSHIP else "village",
            title=f"{code}公示表",
            opens_on=today,
            closes_on=today + timedelta(days=6),
            line_count=count,
            total_fen=Fen(9000 * count),
            created_at=clock.utc_now(),
        )
        db.session.add(made)
        db.session.flush()
        db.session.execute(
            insert(PublicityLine),
            [
                {
                    "list_id": made.id,
                    "number": number,
                    "masked_name": "张*",
                    "group_name": f"{number % VILLAGES}号村",
                    "quantity": "1",
                    "amount_fen": 9000,
                }
                for number in range(1, count + 1)
            ],
        )


if __name__ == "__main__":
    from app import create_app

    with create_app().app_context():
        prepare(int(os.environ.get("BENCH_PEOPLE", PEOPLE)))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # What both databases do by themselves once in a while.
            connection.exec_driver_sql("VACUUM ANALYZE" if db.engine.dialect.name == "postgresql" else "ANALYZE")
