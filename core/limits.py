"""Counters against floods, over the database: they hold for all processes together.

Past a limit this house asks a question instead of shutting the door: a stranger who uses up somebody's tries must not
lock that person out. So rooms ask ``is_past`` and decide themselves; nothing here answers a request.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from limits import RateLimitItem
from limits.storage import Storage
from sqlalchemy import Delete, Insert, Integer, LargeBinary, Select, bindparam, delete, func, select, text, type_coerce
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import Base, BlindIndex, db, keyring, only_reads, rows_changed
from core.jobs import periodic


class RateCounter(Base):
    """How often something was tried in one window. The key is a keyed hash: no address or ID number is stored."""

    __tablename__ = "rate_counters"

    key: Mapped[bytes] = mapped_column(BlindIndex("rate"), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Counter:
    """At most ``limit`` of one thing for ``whom`` (an address, an ID number), which is hashed before it is kept."""

    limit: RateLimitItem
    whom: str

    @property
    def key(self) -> str:
        """The name of the counter, before hashing."""
        return self.limit.key_for(self.whom)


@cache
def _counts(number: int) -> Select[bytes, int]:
    """The statement that asks for so many counters: every lookup runs it, and to put it together costs more."""
    keys = [bindparam(f"key{place}", type_=LargeBinary()) for place in range(number)]
    return select(RateCounter.key, RateCounter.count).where(
        type_coerce(RateCounter.key, LargeBinary()).in_(keys), RateCounter.expires_at > bindparam("at")
    )


def used_up(counters: Sequence[Counter], *, at: datetime) -> list[Counter]:
    """Those of them that are used up at this instant. One statement in the present transaction; writes nothing."""
    wanted = {keyring().blind_index(counter.key, "rate"): counter for counter in counters}
    asked: dict[str, Any] = {f"key{place}": key for place, key in enumerate(wanted)}
    rows = db.session.connection().execute(_counts(len(wanted)), asked | {"at": at}).all()
    return [wanted[key] for key, count in rows if count >= wanted[key].limit.amount]


def is_past(counters: Sequence[Counter], *, at: datetime) -> bool:
    """Whether any of them is used up at this instant."""
    return bool(used_up(counters, at=at))


def count(counters: Sequence[Counter], *, at: datetime) -> bool:
    """Add one to each, and say whether any was used up already. One statement in a short transaction of its own.

    To be called before the session begins to write: on SQLite a second writer would wait for the first.
    """
    found = _add([(counter.key, counter.limit.get_expiry()) for counter in counters], 1, at)
    return any(found[counter.key] > counter.limit.amount for counter in counters)


def add_one(key: str, seconds: int, *, at: datetime) -> int:
    """Add one to what is counted under this key in the present window of so many seconds; returns the count. Only a
    hash of the key is kept. As ``count``."""
    return _add([(key, seconds)], 1, at)[key]


def take_back(counters: Sequence[Counter], *, at: datetime) -> None:
    """Take one from each: what was counted turned out to be nobody's flood. As ``count``, and before the same window
    ends."""
    _add([(counter.key, counter.limit.get_expiry()) for counter in counters], -1, at)


def purge(*, at: datetime) -> int:
    """Forget the windows that are over; returns how many. In the present transaction."""
    removed = db.session.execute(_expired(at))
    return rows_changed(removed)


@periodic("purge_rate_counters", minute="17")
def purge_now(at: datetime) -> None:
    """Every hour: a counter is kept no longer than its window needs."""
    purge(at=at)


def _expired(at: datetime) -> Delete:
    return delete(RateCounter).where(RateCounter.expires_at <= at).execution_options(synchronize_session=False)


def _window_start(at: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def _add(keys: Iterable[tuple[str, int]], amount: int, at: datetime) -> dict[str, int]:
    """Counts after adding, by key. ``keys`` are pairs of key and length of the window in seconds."""
    names: dict[bytes, str] = {}
    rows: list[tuple[bytes, datetime, datetime]] = []
    for key, seconds in keys:
        start, hashed = _window_start(at, seconds), keyring().blind_index(key, "rate")
        names[hashed] = key
        rows.append((hashed, start, start + timedelta(seconds=seconds)))
    # Two requests that count the same things must lock the rows in one order, or they wait for each other forever.
    rows.sort()
    asked: dict[str, Any] = {"amount": amount}
    for place, (hashed, start, expires_at) in enumerate(rows):
        asked |= {f"key{place}": hashed, f"start{place}": start, f"expires{place}": expires_at}
    with only_reads(False), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # A crash may forget the last few tries; waiting for the disk at every try would cost much more.
            connection.execute(text("SET LOCAL synchronous_commit TO off"))
        found = connection.execute(_upsert(connection.dialect.name, len(rows)), asked)
        return {names[key]: count for key, count in found}


@cache
def _upsert(dialect: str, number: int) -> Insert:
    """The statement that adds to so many counters; put together once, as ``_counts``."""
    table = RateCounter.__table__
    insert: Any = postgresql_insert if dialect == "postgresql" else sqlite_insert
    rows = [
        {
            "key": bindparam(f"key{place}", type_=LargeBinary()),
            "window_start": bindparam(f"start{place}", type_=table.c.window_start.type),
            "count": bindparam("amount", type_=Integer()),
            "expires_at": bindparam(f"expires{place}", type_=table.c.expires_at.type),
        }
        for place in range(number)
    ]
    upsert: Insert = (
        insert(table)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[table.c.key, table.c.window_start],
            set_={"count": table.c.count + bindparam("amount", type_=Integer())},
        )
        .returning(type_coerce(table.c.key, LargeBinary()), table.c.count)
    )
    return upsert


class DatabaseStorage(Storage):
    """The same counters as a storage of the ``limits`` library (fixed windows), for its strategies and for
    Flask-Limiter, where an extension answers the request itself."""

    STORAGE_SCHEME = ["database"]  # noqa: RUF012 - the library's own attribute, read by its registry

    @property
    def base_exceptions(self) -> type[Exception]:
        """What counts as a fault of this storage."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add ``amount`` to the present window of ``expiry`` seconds; returns the count after it."""
        return _add([(key, expiry)], amount, clock.utc_now())[key]

    def get(self, key: str) -> int:
        """The count in the present window, 0 where nothing was counted."""
        return int(self._present(key, func.coalesce(func.sum(RateCounter.count), 0)))

    def get_expiry(self, key: str) -> float:
        """When the present window ends, as a POSIX time; now where nothing was counted."""
        ends: datetime | None = self._present(key, func.max(RateCounter.expires_at))
        return (ends or clock.utc_now()).timestamp()

    def _present(self, key: str, what: Any) -> Any:
        wanted = select(what).where(RateCounter.key == key, RateCounter.expires_at > clock.utc_now())
        with only_reads(), db.engine.connect() as connection:
            return connection.execute(wanted).scalar_one()

    def check(self) -> bool:
        """Whether the database answers."""
        with only_reads(), db.engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one())

    def reset(self) -> int | None:
        """Forget all counters; returns how many."""
        with only_reads(False), db.engine.begin() as connection:
            return connection.execute(delete(RateCounter)).rowcount

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with only_reads(False), db.engine.begin() as connection:
            connection.execute(delete(RateCounter).where(RateCounter.key == key))
