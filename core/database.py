"""The database: one session, column types for money, time and personal data, and how a transaction begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast

from flask import current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from psycopg import Connection as PsycopgConnection
from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    event,
    false,
    true,
    type_coerce,
)
from sqlalchemy.engine import Connection, CursorResult, Result
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import JSON

from core.encryption import Keyring
from core.money import Fen
from core.principal import Principal, PrincipalKind

# Constraint names must be the same on both databases, or a migration cannot name what it alters.
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def rows_changed(result: Result[Any]) -> int:
    """How many rows an update or a delete has met."""
    return int(cast("CursorResult[Any]", result).rowcount)


def keyring() -> Keyring:
    """The keys of the running installation; needs an application context."""
    ring: Keyring = current_app.extensions["keyring"]
    return ring


class _Sealed(TypeDecorator[Any]):
    """What encrypted columns share: each value has a nonce of its own, so that none ever equals another."""

    impl = LargeBinary
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Any]):
        """Refuses what would silently never match."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Only ``IS NULL`` and ``IS NOT NULL`` make sense. (SQLAlchemy itself compares columns with columns.)"""
            if all(value is None or isinstance(value, ClauseElement) for value in other):
                return super().operate(op, *other, **kwargs)
            raise TypeError("an encrypted column cannot be compared: compare its blind index")

    comparator_factory = Comparator


class EncryptedText(_Sealed):
    """Text that is encrypted at rest, bound to ``context``; columns of one context may be copied in SQL.

    Comparing it raises TypeError (compare the blind index); a value that was altered raises DecryptionError.
    """

    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().encrypt(value, self.context)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring().decrypt(bytes(value), self.context)


class EncryptedBytes(_Sealed):
    """A file that is encrypted at rest; see EncryptedText."""

    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().encrypt_bytes(value, self.context)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().decrypt_bytes(bytes(value), self.context)


class BlindIndex(TypeDecorator[bytes]):
    """A keyed hash of a value that stands encrypted beside it. Bind the plain text; compare with plain text."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        return keyring().blind_index(value, self.purpose)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes(value)


class FenAmount(TypeDecorator[int]):
    """Money in fen. PostgreSQL sums big integers as decimals: what comes back is an int on both databases.

    Storing anything but an int (a float, a Decimal, a bool) raises TypeError.
    """

    impl = BigInteger
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[int]):
        """Sums and differences of money are money; SQLAlchemy would take them for plain numbers."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """The expression, typed as money where it is money."""
            return self._as_money(op, super().operate(op, *other, **kwargs))

        def reverse_operate(self, op: OperatorType, other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """The same with the column on the right."""
            return self._as_money(op, super().reverse_operate(op, other, **kwargs))

        def _as_money(self, op: OperatorType, expression: ColumnElement[Any]) -> ColumnElement[Any]:
            return type_coerce(expression, FenAmount()) if op in {operators.add, operators.sub} else expression

    comparator_factory = Comparator

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> int | None:
        if value is None or type(value) is int:
            return value
        raise TypeError("money is an integer number of fen")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. A naive one raises ValueError: nobody would know what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone was about to be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only for a column that is exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What all tables share."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            str: Text,
            datetime: UtcDateTime,
            Fen: FenAmount,
            dict[str, Any]: JSON,
            list[Any]: JSON,
        },
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(compare_type=True, render_as_batch=True)

# Whether the work at hand only reads. A writer on SQLite takes the write lock when it begins: a transaction that
# reads first and writes later fails at once ("database is locked") when somebody else wrote in between.
_only_reads: ContextVar[bool] = ContextVar("only_reads", default=False)


def set_only_reads(value: bool) -> None:
    """Say for the rest of this context whether its transactions only read (the web edge does, per request)."""
    _only_reads.set(value)


@contextmanager
def only_reads(value: bool = True) -> Iterator[None]:
    """Begin the transactions inside as readers (or, with False, as writers)."""
    token = _only_reads.set(value)
    try:
        yield
    finally:
        _only_reads.reset(token)


def tune_sqlite(engine: Engine) -> None:
    """WAL, enforced foreign keys, patience with other writers, and transactions that begin as they mean to go on."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin or end transactions by itself; SQLAlchemy does, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            # First, so that the others wait too.
            "busy_timeout=30000",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-65536",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if _only_reads.get() else "BEGIN IMMEDIATE")


NOT_UNICODE = (
    "数据库的编码不是 UTF-8，存不了汉字：请新建一个 UTF-8 的数据库"
    "（createdb --encoding UTF8 --template template0），再运行 flask db upgrade。"
)


def holds_unicode(connection: Connection) -> bool:
    """Whether the database keeps texts as UTF-8. One that initdb made without a locale keeps bytes: it takes names that
    nobody can read any more, and counts three letters for one. Asks nothing and begins no transaction."""
    if connection.dialect.name != "postgresql":
        return True
    info = cast("PsycopgConnection[Any]", connection.connection.driver_connection).info
    return info.parameter_status("server_encoding") == "UTF8"


def region_scope(column: Any, prefix: str) -> ColumnElement[bool]:
    """Rows whose region code starts with ``prefix``, as a range so that an index serves it on both databases.

    The empty prefix is the scope of who has none, and matches nothing.
    """
    if not prefix:
        return false()
    inside: ColumnElement[bool] = (column >= prefix) & (column < str(int(prefix) + 1).zfill(len(prefix)))
    return inside


def visible_region(column: Any, principal: Principal) -> ColumnElement[bool]:
    """Rows whose region the principal sees (``Principal.sees_region`` as a condition): the system sees all."""
    return true() if principal.kind == PrincipalKind.SYSTEM else region_scope(column, principal.region_prefix)


class json_object(GenericFunction[Any]):
    """A JSON object from alternating keys and values, built by the database (bulk INSERT … SELECT)."""

    type = JSON()
    inherit_cache = True
    name = "json_object"


@compiles(json_object, "postgresql")
def _json_object_postgresql(element: json_object, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_build_object({compiler.process(element.clauses, **options)})"
