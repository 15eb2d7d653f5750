"""POST /lookup to the rendered result: against a bare Flask route (same queries, same rows, a page of the same length),
and in a county with a hundred times the payments."""

import statistics
import tempfile
import urllib.parse
from typing import Any

import sqlalchemy as sa

from benchmarks.county import NAME, PEOPLE, PERIODS, card, id_number
from benchmarks.served import (
    CONNECTIONS,
    OURS,
    PAIRS,
    compare,
    environment,
    kind_of,
    load,
    prepare,
    request,
    session_of,
)

PEOPLE_ASKED = 640
MANY_PAYMENTS = 10_000_000
GROWTH_BAR = 1.2
ANSWERED = "结束查询".encode()


def measure(url: str) -> list[dict[str, Any]]:
    """Ours against the floor, on the empty database at ``url``."""
    with tempfile.TemporaryDirectory() as instance:
        environ = environment(url, instance)
        prepare(environ, PEOPLE)
        return compare("lookup", kind_of(url), environ, requests, ANSWERED)


def measure_growth(url: str) -> list[dict[str, Any]]:
    """The seconds of a lookup among 10 million payments against those among 100,000, in pairs."""
    with tempfile.TemporaryDirectory() as instance:
        large, small = environment(url, instance), environment(beside(url), instance)
        prepare(small, PEOPLE)
        prepare(large, MANY_PAYMENTS // len(PERIODS))
        pairs = [
            [1 / load(OURS, environ, requests, ANSWERED).per_second for environ in (large, small)] for _ in range(PAIRS)
        ]
    ratio = statistics.median(mine / floor for mine, floor in pairs)
    return [
        {
            "name": "lookup-growth",
            "database": kind_of(url),
            "ours": round(statistics.median(mine for mine, _ in pairs), 6),
            "floor": round(statistics.median(floor for _, floor in pairs), 6),
            "ratio": round(ratio, 2),
            "unit": "s",
            "bar": GROWTH_BAR,
            "holds": ratio <= GROWTH_BAR,
        }
    ]


def beside(url: str) -> str:
    """The address of another empty database in the same place."""
    if kind_of(url) == "sqlite":
        return f"{url}.small"
    name = "small"
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def requests(port: int, connection: int) -> list[bytes]:
    """Requests about different people, with a session of this connection's own."""
    cookie, token = session_of(port)
    share = PEOPLE_ASKED // CONNECTIONS
    found = []
    for person in range(connection * share, (connection + 1) * share):
        fields = {
            "csrf_token": token,
            "id_number": id_number(person),
            "name": NAME,
            "card_tail": card(person)[-4:],
        }
        found.append(request(port, "POST /lookup", cookie, urllib.parse.urlencode(fields).encode()))
    return found
