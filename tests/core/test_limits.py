"""Counters hold for everybody who shares the database, and forget in time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import func, select

from core.database import db, only_reads
from core.limits import Counter, DatabaseStorage, RateCounter, count, is_past, purge
from core.web import address_at_hand

AT = datetime(2020, 7, 6, 2, 0, tzinfo=UTC)
THREE_AN_HOUR = parse("3 per hour")


def test_a_counter_is_past_when_it_is_used_up_and_free_again_in_the_next_window(app: Flask) -> None:
    counters = [Counter(THREE_AN_HOUR, "address 192.0.2.1")]
    with only_reads():
        for _ in range(3):
            assert not is_past(counters, at=AT)
            db.session.rollback()
            assert not count(counters, at=AT)
        assert count(counters, at=AT)
        assert is_past(counters, at=AT)
        assert not is_past(counters, at=AT + timedelta(hours=1))


def test_what_is_counted_for_one_does_not_count_for_another(app: Flask) -> None:
    for _ in range(4):
        count([Counter(THREE_AN_HOUR, "a"), Counter(parse("100 per hour"), "all")], at=AT)
    assert is_past([Counter(THREE_AN_HOUR, "a")], at=AT)
    assert not is_past([Counter(THREE_AN_HOUR, "b"), Counter(parse("100 per hour"), "all")], at=AT)


def test_no_plain_key_is_kept(app: Flask) -> None:
    count([Counter(THREE_AN_HOUR, "513426199001011234")], at=AT)
    assert b"5134261990" not in bytes(db.session.execute(select(RateCounter.key)).scalar_one())


def test_many_threads_lose_no_count(app: Flask) -> None:
    counters = [Counter(parse("1000 per hour"), whom) for whom in ("one", "two", "three")]

    def hit(turn: int) -> None:
        with app.app_context():
            count(counters if turn % 2 else counters[::-1], at=AT)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hit, range(80)))
    with only_reads():
        assert set(db.session.scalars(select(RateCounter.count))) == {80}


def test_windows_that_are_over_are_purged(app: Flask) -> None:
    count([Counter(THREE_AN_HOUR, "a")], at=AT)
    count([Counter(THREE_AN_HOUR, "a")], at=AT + timedelta(hours=2))
    assert purge(at=AT + timedelta(hours=2)) == 1
    assert db.session.scalar(select(func.count()).select_from(RateCounter)) == 1


@time_machine.travel(AT, tick=False)
def test_the_library_counts_in_the_same_table(app: Flask) -> None:
    storage = DatabaseStorage()
    limiter, item = FixedWindowRateLimiter(storage), parse("2 per day")
    assert storage.check()
    assert limiter.test(item, "sign-in") and limiter.hit(item, "sign-in") and limiter.hit(item, "sign-in")
    assert not limiter.hit(item, "sign-in") and not limiter.test(item, "sign-in")
    assert limiter.get_window_stats(item, "sign-in").remaining == 0
    storage.clear(item.key_for("sign-in"))
    assert limiter.hit(item, "sign-in")
    assert storage.reset() == 1


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", str(0x20010DB800010002)),
        ("2001:db8:1:2::9", str(0x20010DB800010002)),
    ],
)
def test_an_address_counts_as_the_place_that_it_comes_from(app: Flask, written: str, counted: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": written}):
        assert address_at_hand() == counted
