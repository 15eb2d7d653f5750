"""Runs the migrations inside the application: the same set for SQLite and PostgreSQL."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import JSON, BigInteger, DateTime, Integer, LargeBinary

from core.database import BlindIndex, EncryptedBytes, EncryptedText, FenAmount, UtcDateTime

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
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=compare_type,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
