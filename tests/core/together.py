"""Several sessions at work at one moment, for tests of what happens then."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from core.database import db
from core.errors import UserError


def elsewhere(app: Flask, work: Callable[[], Any], pool: ThreadPoolExecutor) -> Future[Any]:
    """``work`` in a thread with a session of its own, committed at its end. A refusal is its result."""

    def run() -> Any:
        with app.app_context():
            try:
                result = work()
                db.session.commit()
                return result
            except (UserError, SQLAlchemyError) as error:
                db.session.rollback()
                return error

    return pool.submit(run)


def together(app: Flask, *works: Callable[[], Any]) -> list[Any]:
    """All works begun at one moment; their results or refusals, in the order given."""
    gate = Barrier(len(works), timeout=20)

    def after_the_gate(work: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            gate.wait()
            return work()

        return run

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [elsewhere(app, after_the_gate(work), pool) for work in works]]


def meanwhile(app: Flask, first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """``second`` begins when ``first`` has done everything but commit: what guards only by looking lets both pass."""
    done = Event()

    def hold() -> Any:
        result = first()
        done.set()
        time.sleep(0.4)
        return result

    def follow() -> Any:
        assert done.wait(20)
        return second()

    return together(app, hold, follow)
