"""Rows of the tables as they come to mind: what a column must hold and nobody has named is filled in."""

from datetime import date, datetime
from itertools import count
from typing import Any, TypeVar

import sqlalchemy as sa

from core.database import Base, BlindIndex, EncryptedText, db
from tests.factories import AT

Row = TypeVar("Row", bound=Base)
_serial = count(1)


def row(model: type[Row], **values: Any) -> Row:
    """A new row, flushed. A column that refers to another table is never guessed."""
    table: Any = model.__table__
    for column in table.columns:
        optional = column.nullable or column.default is not None or column.server_default is not None
        if column.key in values or optional or column.primary_key:
            continue
        assert not column.foreign_keys, f"{table.name}.{column.key} has to be named"
        values[column.key] = _some(column)
    made = model(**values)
    db.session.add(made)
    db.session.flush()
    return made


def _some(column: sa.Column[Any]) -> Any:
    held = column.type.impl if isinstance(column.type, sa.TypeDecorator) else column.type
    # An encrypted text and a blind index are bytes in the database only.
    is_text = isinstance(column.type, BlindIndex | EncryptedText)
    kind: Any = str if is_text else held.python_type
    serial = next(_serial)
    values: dict[type, Any] = {
        int: serial,
        bool: False,
        date: AT.date(),
        datetime: AT,
        bytes: b"%d" % serial,
        dict: {},
        list: [],
    }
    longest = getattr(held, "length", None)
    return values.get(kind, f"甲{serial}"[-longest:] if longest else f"甲{serial}")
