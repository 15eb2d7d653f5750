"""POST /lookup to the rendered result, against a bare Flask route: same queries, same rows, a page of the same length.

Both are served by gunicorn with our own configuration (two workers of four threads) and asked by 32 connections, each
with a session and token that it got once.
"""

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select
from stdnum.cn import ric

from benchmarks.load import Load, run
from core import clock
from core.database import db
from core.money import Fen
from disbursement.models import Batch, Payment, Roll
from programmes.models import Programme
from publicity.models import PublicityList
from registry.models import Beneficiary, Card, Region

CONNECTIONS = 32
PEOPLE = 4200
PEOPLE_ASKED = 640
PERIODS = [f"{year}{month:02}" for year in (0, 1) for month in range(1, 13)]
SECONDS = 6.0
PAIRS = 3
BAR = 0.5
P99_BAR = 3.0
ROOT = Path(__file__).parents[1]
COUNTY, TOWNSHIP = "513426000000", "513426100000"
VILLAGES = 20
NAME = "张三"
ANSWERED = "结束查询".encode()


def measure(url: str) -> list[dict[str, Any]]:
    """Requests a second and the 99th percentile, ours against the floor, on the empty database at ``url``."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    with tempfile.TemporaryDirectory() as instance:
        environ = environment(url, instance)
        subprocess.run([sys.executable, "-m", "benchmarks.lookup"], env=environ, cwd=ROOT, check=True)
        with served("app:create_app()", environ) as port:
            length = len(ask_once(port))
        environ["BENCH_PAGE_LENGTH"] = str(length)
        ours: list[Load] = []
        floors: list[Load] = []
        for _ in range(PAIRS):
            for target, loads in (("benchmarks.lookup_floor:create_app()", floors), ("app:create_app()", ours)):
                with served(target, environ) as port:
                    loads.append(run(port, all_requests(port), SECONDS, ANSWERED))
    return [
        figures("lookup", kind, [load.per_second for load in ours], [load.per_second for load in floors], BAR),
        figures("lookup-p99", kind, [load.p99 for load in ours], [load.p99 for load in floors], P99_BAR),
    ]


def figures(name: str, kind: str, ours: list[float], floors: list[float], bar: float) -> dict[str, Any]:
    """One line of the results: medians, and the median of the pairs' ratios."""
    ratio = statistics.median(mine / floor for mine, floor in zip(ours, floors, strict=True))
    rate = name == "lookup"
    return {
        "name": name,
        "database": kind,
        "ours": round(statistics.median(ours), 0 if rate else 4),
        "floor": round(statistics.median(floors), 0 if rate else 4),
        "ratio": round(ratio, 2),
        "unit": "requests/s" if rate else "s",
        "bar": bar,
        "holds": ratio >= bar if rate else ratio <= bar,
    }


def environment(url: str, instance: str) -> dict[str, str]:
    """What the servers and the preparing process run with."""
    return os.environ | {
        "YKT_DATABASE_URL": url,
        "YKT_INSTANCE": instance,
        "YKT_DOORS": "public",
        "YKT_BIND": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def served(target: str, environ: dict[str, str]) -> Iterator[int]:
    """A gunicorn with our configuration; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", target]
    more = {"PORT": str(port), "WEB_CONCURRENCY": "2"}
    server = subprocess.Popen(command, env=environ | more, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    """Until the server answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/lookup"):
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def ask_once(port: int) -> bytes:
    """The body of one answer."""
    with socket.create_connection(("127.0.0.1", port)) as opened:
        opened.sendall(requests_of(port, 0)[0].replace(b"keep-alive", b"close").replace(b"gzip", b"identity"))
        answer = b""
        while chunk := opened.recv(65536):
            answer += chunk
    return answer.partition(b"\r\n\r\n")[2]


def all_requests(port: int) -> list[list[bytes]]:
    """For each connection the requests that it sends."""
    return [requests_of(port, number) for number in range(CONNECTIONS)]


def requests_of(port: int, connection: int) -> list[bytes]:
    """Requests about different people, with a session of this connection's own."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/lookup") as page:
        cookie = (page.headers["Set-Cookie"] or "").split(";")[0]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
    share = PEOPLE_ASKED // CONNECTIONS
    found = []
    for person in range(connection * share, (connection + 1) * share):
        fields = {
            "csrf_token": token[1] if token else "",
            "id_number": id_number(person),
            "name": NAME,
            "card_tail": card(person)[-4:],
        }
        body = urllib.parse.urlencode(fields).encode()
        head = (
            f"POST /lookup HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive\r\nCookie: {cookie}\r\n"
            "Accept-Encoding: gzip\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


# --- The county that is asked about ------------------------------------------------------------------


def id_number(person: int) -> str:
    """A well-formed number of nobody."""
    born = date(1950, 1, 1) + timedelta(days=person)
    body = f"513426{born:%Y%m%d}001"
    return body + ric.calc_check_digit(body + "0")


def card(person: int) -> str:
    """A card number."""
    return f"622848{person:010}"


def prepare(app: Flask) -> None:
    """100,800 payments of 4,200 people over two years and two programmes, and open lists for every village."""
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
    _insert_people(villages)
    for period in PERIODS:
        rolls = _insert_batch(f"{today.year - int(period[0])}{period[1:]}")
        if period == PERIODS[0]:
            _insert_lists(rolls, villages, today)
    db.session.commit()


def _insert_people(villages: list[str]) -> None:
    now = clock.utc_now()
    db.session.execute(
        insert(Card),
        [
            {
                "number": card(person),
                "number_index": card(person),
                "tail": card(person)[-4:],
                "holder_name": NAME,
                "created_at": now,
            }
            for person in range(PEOPLE)
        ],
    )
    first = db.session.scalars(select(Card.id).order_by(Card.id)).first() or 1
    db.session.execute(
        insert(Beneficiary),
        [
            {
                "name": NAME,
                "name_key": NAME,
                "id_number": id_number(person),
                "id_number_index": id_number(person),
                "region_code": villages[person % VILLAGES],
                "card_id": first + person,
                "card_index": card(person),
                "created_at": now,
            }
            for person in range(PEOPLE)
        ],
    )


def _insert_batch(period: str) -> list[Roll]:
    """A batch with everybody in it; one programme in even months, the other in odd ones."""
    now, number = clock.utc_now(), int(period) % 2
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
            created_at=now,
        )
        db.session.add(programme)
        db.session.flush()
    batch = Batch(programme_id=programme.id, period=period, year=int(period[:4]), state="results_in", created_at=now)
    db.session.add(batch)
    db.session.flush()
    roll = Roll(
        batch_id=batch.id,
        township_code=TOWNSHIP,
        state="department_approved",
        line_count=PEOPLE,
        total_fen=Fen(9000 * PEOPLE),
        created_at=now,
    )
    db.session.add(roll)
    db.session.flush()
    people = db.session.execute(
        select(Beneficiary.id, Beneficiary.region_code, Beneficiary.card_id).order_by(Beneficiary.id)
    ).all()
    db.session.execute(
        insert(Payment),
        [
            {
                "roll_id": roll.id,
                "batch_id": batch.id,
                "beneficiary_id": person,
                "region_code": region,
                "name": NAME,
                "payee_name": NAME,
                "card_id": card_id,
                "quantity": "1",
                "amount_fen": 9000,
                "state": "failed" if place % 24 == int(period[4:]) else "paid",
                "failure_reason": "账户已销户" if place % 24 == int(period[4:]) else "",
                "paid_on": date(int(period[:4]), int(period[4:]), 20),
                "row": place,
            }
            for place, (person, region, card_id) in enumerate(people)
        ],
    )
    return [roll]


def _insert_lists(rolls: list[Roll], villages: list[str], today: date) -> None:
    db.session.add_all(
        PublicityList(
            roll_id=roll.id,
            region_code=code,
            level="village" if code in villages else "township",
            title=f"{code}公示表",
            opens_on=today,
            closes_on=today + timedelta(days=6),
            line_count=1,
            total_fen=Fen(9000),
            created_at=clock.utc_now(),
        )
        for roll in rolls
        for code in (TOWNSHIP, *villages)
    )


if __name__ == "__main__":
    from app import create_app

    application = create_app()
    with application.app_context():
        prepare(application)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
