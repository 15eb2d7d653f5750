"""Runs the migrations inside the application: the same set for SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import click
from alembic import context
from flask import current_app
from sqlalchemy import JSON, BigInteger, Connection, DateTime, Integer, LargeBinary

from core.database import (
    NOT_UNICODE,
    BlindIndex,
    EncryptedBytes,
    EncryptedText,
    FenAmount,
    UtcDateTime,
    holds_unicode,
)

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database: a migration must not change with the code."""
    if kind != "type":
        return False
    if isinstance(item, (EncryptedText, EncryptedBytes, BlindIndex)):
        return "sa.LargeBinary()"
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, FenAmount):
        return "sa.BigInteger()"
    if isinstance(item, BigInteger) and "sqlite" in item._variant_mapping:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def compare_type(_context: Any, _column: Any, _metadata_column: Any, found: Any, declared: Any) -> bool | None:
    """SQLite has fewer types than the models; those it cannot tell apart are the same there."""
    declared = (
        declared.impl if isinstance(declared, (EncryptedText, EncryptedBytes, BlindIndex, UtcDateTime)) else declared
    )
    same_kind = ((Integer, Integer), (LargeBinary, LargeBinary), (DateTime, DateTime), (JSON, JSON))
    if any(isinstance(found, a) and isinstance(declared, b) for a, b in same_kind):
        return False
    return None


def run() -> None:
    """Connect through the application's engine and run what was asked for, in one transaction."""
    with database.engine.connect() as connection, unenforced_keys(connection):
        if not holds_unicode(connection):
            raise click.ClickException(NOT_UNICODE)
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=compare_type,
        )
        with context.begin_transaction():
            context.run_migrations()
            refuse_broken_keys(connection)


@contextmanager
def unenforced_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew and dropping the old one, which it refuses while others point there. The
    switch works outside a transaction only; what it would have enforced is checked before the commit."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def refuse_broken_keys(connection: Connection) -> None:
    """Raise RuntimeError, and so undo everything, where a row points nowhere after the migration."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise RuntimeError(f"after the migration a row of {broken[0]} points to a missing row of {broken[2]}")


run()
