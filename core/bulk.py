"""Many rows at once, in the open transaction: COPY on PostgreSQL, one prepared statement on SQLite.

A set of rows comes as columns: a list holds one value a row, anything else is the same in every row. Values are what
the model's columns take (text for an encrypted column, an aware instant for a time), but blind indexes come ready
made (Keyring.blind_indexes); scalar defaults are filled in.
Nothing here keeps the session's objects up to date: flush before, expire after where it matters.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
    insert,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import Column, ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from core.database import Base, BlindIndex, EncryptedText, db, keyring
from core.encryption import INDEX_BYTES

Columns = Mapping[str, Any]
Target = Table | type[Base]
"""A model, or its table."""


def insert_columns(target: Target, columns: Columns, *, unless: Sequence[str] = ()) -> None:
    """Insert the rows. With ``unless``, rows whose values in these unique columns exist already are left out (two
    imports at once may bring the same person); give the rows in a fixed order then, or the two may wait in a ring."""
    table = _table(target)
    filled = _defaults(table, columns) | dict(columns)
    connection = _connection()
    if connection.dialect.name == "postgresql":
        if not unless:
            _copy(connection, table.name, table, filled)
            return
        staged = _stage(connection, table, filled)
        names = ", ".join(filled)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {staged} ORDER BY {', '.join(unless)} "  # noqa: S608 - names of our own tables
            f"ON CONFLICT ({', '.join(unless)}) DO NOTHING"
        )
        connection.exec_driver_sql(f"DROP TABLE {staged}")
        return
    rows = _rows(connection, table, filled)
    conflict = f" ON CONFLICT ({', '.join(unless)}) DO NOTHING" if unless else ""
    marks = ", ".join("?" * len(filled))
    if rows:
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(filled)}) VALUES ({marks}){conflict}", rows)  # noqa: S608 - names of our own tables


def insert_selected(target: Target, names: Iterable[str], rows: Any) -> None:
    """Insert what a select gives, its columns in the order of these names."""
    db.session.execute(insert(_table(target)).from_select(list(names), rows))


def update_columns(target: Target, key: str, columns: Columns) -> None:
    """Give the rows named by the column ``key`` (unique) the values of the other columns; None leaves a value as it
    stands."""
    table, changed = _table(target), [name for name in columns if name != key]
    connection = _connection()
    if connection.dialect.name == "postgresql":
        staged = _stage(connection, table, columns)
        # Locks taken in one order by all: two imports that meet wait for one another, never in a ring.
        connection.exec_driver_sql(
            f"SELECT 1 FROM {table.name} t JOIN {staged} s USING ({key}) ORDER BY t.{key} FOR UPDATE OF t"  # noqa: S608 - names of our own tables
        )
        values = ", ".join(f"{name} = COALESCE(s.{name}, t.{name})" for name in changed)
        connection.exec_driver_sql(f"UPDATE {table.name} t SET {values} FROM {staged} s WHERE t.{key} = s.{key}")  # noqa: S608 - names of our own tables
        connection.exec_driver_sql(f"DROP TABLE {staged}")
        return
    ordered = {name: columns[name] for name in (*changed, key)}
    rows = _rows(connection, table, ordered)
    values = ", ".join(f"{name} = COALESCE(?, {name})" for name in changed)
    if rows:
        connection.exec_driver_sql(f"UPDATE {table.name} SET {values} WHERE {key} = ?", rows)  # noqa: S608 - names of our own tables


def among(subject: Any, values: Iterable[int | str]) -> ColumnElement[bool]:
    """The condition that a column (numbers or text) is one of many values: one parameter, however many they are."""
    listed = list(values)
    condition: ColumnElement[bool]
    if db.session.get_bind().dialect.name == "postgresql":
        condition = subject == any_(bindparam(None, listed, type_=postgresql.ARRAY(subject.type)))
        return condition
    each = func.json_each(json.dumps(listed, ensure_ascii=False)).table_valued(column("value", subject.type))
    condition = subject.in_(select(each.c.value))
    return condition


def given_rows(rows: Sequence[Mapping[str, int | str]]) -> FromClause:
    """These rows (at least one, all with the same names) as something to select from or to update by: one parameter and
    one statement, however many they are (a CASE or VALUES over as many would be compiled anew each time)."""
    told = json.dumps(rows, ensure_ascii=False)
    kinds: dict[str, TypeEngine[Any]] = {
        name: BigInteger() if isinstance(value, int) else Text() for name, value in rows[0].items()
    }
    if db.session.get_bind().dialect.name == "postgresql":
        parsed = func.jsonb_to_recordset(cast_to(bindparam(None, told, Text), postgresql.JSONB))
        return parsed.table_valued(*(column(name, kind) for name, kind in kinds.items())).render_derived(
            with_types=True
        )
    each = func.json_each(told).table_valued(column("value", Text))
    return select(
        *(cast_to(func.json_extract(each.c.value, f"$.{name}"), kind).label(name) for name, kind in kinds.items())
    ).subquery()


def _table(target: Target) -> Table:
    return target if isinstance(target, Table) else cast("Table", target.__table__)


def _connection() -> Connection:
    db.session.flush()
    return db.session.connection()


def _defaults(table: Table, columns: Columns) -> dict[str, Any]:
    return {
        c.name: c.default.arg
        for c in table.columns
        if c.name not in columns and isinstance(c.default, ScalarElementColumnDefault)
    }


def _values(connection: Connection, kind: Column[Any], values: Any, count: int) -> Iterable[Any]:
    """One column as the driver takes it."""
    if isinstance(values, list) and len(values) != count:
        raise ValueError(f"column {kind.name} has {len(values)} values for {count} rows")
    if isinstance(kind.type, EncryptedText) and isinstance(values, list):
        return keyring().encrypt_many(values, kind.type.context)
    if isinstance(kind.type, BlindIndex) and isinstance(values, list):
        return values
    convert = kind.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if not isinstance(values, list):
        return repeat(convert(values) if convert else values, count)
    # Days and instants repeat themselves; to convert one takes ten times as long as to remember it.
    return map(cache(convert), values) if convert else values


def _rows(connection: Connection, table: Table, columns: Columns) -> list[tuple[Any, ...]]:
    count = next(len(values) for values in columns.values() if isinstance(values, list))
    converted = [_values(connection, table.c[name], values, count) for name, values in columns.items()]
    return list(zip(*converted, strict=True))


def _stage(connection: Connection, table: Table, columns: Columns) -> str:
    """A temporary table with these rows, gone at the end of the transaction at the latest."""
    staged = f"staged_{table.name}_{secrets.token_hex(4)}"
    names = ", ".join(columns)
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {staged} ON COMMIT DROP AS SELECT {names} FROM {table.name} LIMIT 0"  # noqa: S608 - names of our own tables
    )
    _copy(connection, staged, table, columns)
    connection.exec_driver_sql(f"ANALYZE {staged}")
    return staged


def _copy(connection: Connection, target: str, table: Table, columns: Columns) -> None:
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {target} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in _rows(connection, table, columns):
            copy.write_row(row)


def look_up(
    table: str, key: str, columns: Sequence[str], keys: Sequence[bytes], *, index: str = ""
) -> dict[bytes, Sequence[Any]]:
    """What stands in ``columns`` for each of these blind indexes, by blind index: one statement, one parameter.

    Values are as the driver gives them. ``index`` names an index that holds all the columns: SQLite, which knows no
    statistics before somebody gathers them, else fetches each row from its own page for what the index already says.
    """
    if not keys:
        return {}
    connection = _connection()
    names = ", ".join((key, *columns))
    # The driver's own cursor: its rows are plain tuples, and there are 100,000 of them.
    cursor = connection.connection.cursor()
    joined = b"".join(keys)
    if connection.dialect.name == "postgresql":
        cursor.execute(
            f"SELECT {names} FROM {table} WHERE {key} = ANY(ARRAY("  # noqa: S608 - names of our own tables
            f"SELECT substr(%b::bytea, i * {INDEX_BYTES} + 1, {INDEX_BYTES}) FROM generate_series(0, %s) AS i))",
            (joined, len(keys) - 1),
        )
    else:
        hint = f"INDEXED BY {index} " if index else ""
        cursor.execute(
            "WITH RECURSIVE place(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM place WHERE i < ?) "  # noqa: S608 - names of our own tables
            f"SELECT {names} FROM {table} {hint}"
            f"WHERE {key} IN (SELECT substr(?, i * {INDEX_BYTES} + 1, {INDEX_BYTES}) FROM place)",
            (len(keys) - 1, joined),
        )
    found = {row[0]: row for row in cursor.fetchall()}
    cursor.close()
    return found
