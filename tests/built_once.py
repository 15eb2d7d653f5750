"""What many tests begin with is built by the operations once in a process; each test after that gets the same rows."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask

from core.database import Base, db
from core.principal import Principal

T = TypeVar("T")
_kept: dict[tuple[str, str], tuple[Any, Any]] = {}


@dataclass(frozen=True)
class _Row:
    """Stands for an object of the database while there is no session that holds it."""

    model: type[Base]
    key: tuple[Any, ...]


def built_once(app: Flask, build: Callable[[], T]) -> T:
    """What ``build`` makes of this test's empty database; committed. It gives a dataclass (or list, or dict) of rows,
    principals and plain values, and each call gives a new one."""
    which = (f"{build.__module__}.{build.__qualname__}", app.config["SQLALCHEMY_DATABASE_URI"])
    sqlite = db.engine.dialect.name == "sqlite"
    if which in _kept:
        (_put_back_file if sqlite else _put_back_rows)(_kept[which][0])
    else:
        made = build()
        db.session.commit()
        folded = _folded(made)
        db.session.remove()
        _kept[which] = (_copied_file() if sqlite else _copied_rows()), folded
    found: T = _unfolded(_kept[which][1])
    return found


def _folded(value: Any) -> Any:
    if isinstance(value, Base):
        key = sa.inspect(value).identity
        assert key is not None
        return _Row(type(value), tuple(key))
    if isinstance(value, list):
        return [_folded(one) for one in value]
    if isinstance(value, dict):
        return {name: _folded(one) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, Principal):
        return type(value), {each.name: _folded(getattr(value, each.name)) for each in fields(value)}
    return value


def _unfolded(value: Any) -> Any:
    if isinstance(value, _Row):
        return db.session.get_one(value.model, value.key)
    if isinstance(value, list):
        return [_unfolded(one) for one in value]
    if isinstance(value, dict):
        return {name: _unfolded(one) for name, one in value.items()}
    if isinstance(value, tuple):
        made, values = value
        return made(**_unfolded(values))
    return value


def _copied_file() -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with db.engine.connect() as connection:
        _driver(connection).backup(memory)
    return memory


def _put_back_file(memory: sqlite3.Connection) -> None:
    with db.engine.connect() as connection:
        memory.backup(_driver(connection))


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def _copied_rows() -> tuple[dict[str, bytes], dict[str, int]]:
    """The rows of each table as PostgreSQL writes them down, and where its sequences stand."""
    names = list(db.metadata.tables)
    with db.engine.connect() as connection:
        holds_rows = (f"EXISTS (SELECT FROM {name})" for name in names)
        found = connection.exec_driver_sql(f"SELECT {', '.join(holds_rows)}").one()
        rows = {}
        for name, filled in zip(names, found, strict=True):
            if filled:
                with _driver(connection).cursor() as cursor, cursor.copy(f"COPY {name} TO STDOUT") as copy:
                    rows[name] = b"".join(bytes(block) for block in copy)
        numbers = connection.exec_driver_sql(
            "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"
        ).all()
        return rows, {row[0]: row[1] for row in numbers}


def _put_back_rows(kept: tuple[dict[str, bytes], dict[str, int]]) -> None:
    rows, numbers = kept
    with db.engine.begin() as connection:
        # The rows have been checked when they were made.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name, content in rows.items():
            with _driver(connection).cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
                copy.write(content)
        for name, number in numbers.items():
            connection.execute(
                sa.text("SELECT setval(CAST(:name AS regclass), :number)"), {"name": name, "number": number}
            )
