"""Takes back whatever an example has done, so that the next one, and the same one again, begins at the same rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from psycopg import Connection as Psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.pool import StaticPool

from core.database import db

SAVEPOINT = "example"


class Undone:
    """The database of an application from now on. ``written`` are the tables to which something was committed since the
    example has begun, or somebody was told."""

    def __init__(self, app: Flask) -> None:
        self.written: set[str] = set()
        self._touched = False
        self._pending: set[str] = set()
        self._memory: sqlite3.Connection | None = None
        if db.engine.dialect.name == "sqlite":
            self._memory = sqlite3.connect(":memory:", check_same_thread=False)
            with db.engine.connect() as connection:
                driver_of(connection).backup(self._memory)
        else:
            _one_connection(app)
        sa.event.listen(db.engine, "before_cursor_execute", self._notice)
        sa.event.listen(db.engine, "commit", self._committed)
        sa.event.listen(db.engine, "rollback", lambda _connection: self._pending.clear())

    @contextmanager
    def example(self) -> Iterator[None]:
        """All that is done inside is undone."""
        self.told()
        self._pending.clear()
        self._touched = False
        if self._memory is None:
            driver = _raw()
            driver.rollback()
            driver.execute(f"SAVEPOINT {SAVEPOINT}")
        try:
            yield
        finally:
            db.session.remove()
            if self._memory is None:
                _raw().rollback()
            elif self._touched:
                with db.engine.connect() as connection:
                    self._memory.backup(driver_of(connection))

    def end(self) -> None:
        """Let the database go."""
        db.session.remove()
        driver = None if self._memory else _raw()
        db.engine.dispose()
        if driver is not None:
            driver.close()

    def _notice(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        words = statement.split(None, 3)
        if words and words[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            self._pending.add(words[1] if words[0].upper() == "UPDATE" else words[2].split("(")[0])

    def told(self) -> None:
        """Begin anew to collect what is written."""
        self.written.clear()

    def _committed(self, _connection: Any) -> None:
        self.written |= self._pending
        self._touched = self._touched or bool(self._pending)
        self._pending.clear()


def driver_of(connection: sa.Connection) -> Any:
    """The connection as the driver knows it."""
    return connection.connection.driver_connection


def _raw() -> Psycopg[Any]:
    with db.engine.connect() as connection:
        found: Psycopg[Any] = driver_of(connection)
        return found


def _one_connection(app: Flask) -> None:
    """Have the application do everything in one connection, and never leave its transaction: what it takes for a commit
    only moves the point forward to which it can go back. To copy the rows back each time would take a second."""
    url = db.engine.url
    db.engine.dispose()
    engine = sa.create_engine(url, poolclass=StaticPool, hide_parameters=True)
    with engine.connect():
        pass
    db._app_engines[app][None] = engine

    def commit(pooled: Any) -> None:
        driver = pooled.driver_connection
        if driver.info.transaction_status == TransactionStatus.INERROR:
            # So the server does as well: what failed is gone, whatever one asks for.
            return rollback(pooled)
        if driver.info.transaction_status == TransactionStatus.INTRANS:
            driver.execute(f"RELEASE SAVEPOINT {SAVEPOINT}")
            driver.execute(f"SAVEPOINT {SAVEPOINT}")
        return None

    def rollback(pooled: Any) -> None:
        driver = pooled.driver_connection
        if driver.info.transaction_status != TransactionStatus.IDLE:
            driver.execute(f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")

    engine.dialect.do_commit = commit  # type: ignore[method-assign,assignment]  # undone at the end
    engine.dialect.do_rollback = rollback  # type: ignore[method-assign,assignment]  # likewise
