"""A registry of invented people, as large as asked for, to measure against."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select
from stdnum.cn import ric

from core.bulk import insert_columns
from core.database import db, keyring
from registry.enrolment import PersonLine
from registry.models import Beneficiary, Card, Region

REGIONS = Path(__file__).parent.parent / "tests" / "data" / "samples" / "regions.csv"
COUNTY = "513426"
AT = datetime(2020, 1, 6, 2, tzinfo=UTC)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
FIRST = "国建秀玉桂文志明春海永德兰英芳丽勇军平红"
LAST = "华珍芬梅英兰凤琴芳云军勇强明平辉刚健龙林"
CHUNK = 100_000
BIRTHS_FROM = date(1935, 1, 1)
BIRTH_DAYS = 25_000
PER_DAY = 999


def load_regions() -> None:
    """The county of the sample file, unless it is there."""
    if db.session.scalar(select(func.count()).select_from(Region)):
        return
    lines = REGIONS.read_text(encoding="utf-8-sig").splitlines()[1:]
    names = ("code", "name", "level", "parent_code")
    rows = [dict(zip(names, (cell or None for cell in line.split(",")), strict=True)) for line in lines if line]
    db.session.execute(insert(Region), rows)


def villages() -> list[str]:
    """The codes of all villages."""
    return list(db.session.scalars(select(Region.code).where(Region.level == "village").order_by(Region.code)))


def person(number: int, region_code: str) -> PersonLine:
    """The invented person of that number (0 to 24 million): the same number is always the same person."""
    day, serial = number % BIRTH_DAYS, number // BIRTH_DAYS + 1
    if serial > PER_DAY:
        raise ValueError(f"no more than {BIRTH_DAYS * PER_DAY} people can be invented")
    body = f"{COUNTY}{BIRTHS_FROM + timedelta(days=day):%Y%m%d}{serial:03d}"
    name = SURNAMES[number % 20] + FIRST[number // 20 % 20] + LAST[number // 400 % 20]
    return PersonLine(
        id_number=body + ric.calc_check_digit(body + "0"),
        name=name,
        region_code=region_code,
        phone=f"139{number:08d}",
        card_number=f"6214{number:015d}",
    )


def fill(people: int) -> None:
    """Bring the registry up to ``people`` beneficiaries, numbered from 0, each with a card and a phone; their villages
    take turns. Commits as it goes."""
    load_regions()
    places = villages()
    start = db.session.scalar(select(func.count()).select_from(Beneficiary)) or 0
    for first in range(start, people, CHUNK):
        numbers = range(first, min(first + CHUNK, people))
        _add([person(number, places[number % len(places)]) for number in numbers], first + 1)
        db.session.commit()
    if db.session.get_bind().dialect.name == "postgresql":
        # What autovacuum does within a minute of any real day.
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE beneficiaries, cards")


def _add(lines: list[PersonLine], first_id: int) -> None:
    ids = list(range(first_id, first_id + len(lines)))
    names = [line.name for line in lines]
    cards = [line.card_number for line in lines]
    card_keys = keyring().blind_indexes(cards, "card")
    insert_columns(
        Card,
        {
            "id": ids,
            "number": cards,
            "number_index": card_keys,
            "tail": [number[-4:] for number in cards],
            "holder_name": names,
            "created_at": AT,
        },
    )
    phones = [line.phone for line in lines]
    insert_columns(
        Beneficiary,
        {
            "id": ids,
            "name": names,
            "name_key": names,
            "id_number": [line.id_number for line in lines],
            "id_number_index": keyring().blind_indexes((line.id_number for line in lines), "id_number"),
            "region_code": [line.region_code for line in lines],
            "phone": phones,
            "phone_index": keyring().blind_indexes(phones, "phone"),
            "phone_source": "roll",
            "card_id": ids,
            "card_index": card_keys,
            "created_at": AT,
        },
    )
    if db.session.get_bind().dialect.name == "postgresql":
        for table in ("cards", "beneficiaries"):
            db.session.connection().exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {ids[-1]})"
            )
