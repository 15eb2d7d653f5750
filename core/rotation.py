"""Re-encryption under the current key, while the house is at work: in chunks, each a short transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, bindparam, func, or_, select, type_coerce, update

from core import audit
from core.database import Base, EncryptedBytes, EncryptedText, db, keyring
from core.encryption import HEADER_BYTES, DecryptionError
from core.errors import UserError
from core.principal import OrganisationKind, Principal

CHUNK = 500
# Files are megabytes each: one at a time.
FILE_CHUNK = 1


@dataclass(frozen=True)
class EncryptedColumns:
    """A table, its key, and its columns that are encrypted at rest."""

    table: Table
    key: Column[Any]
    columns: tuple[Column[Any], ...]

    @property
    def chunk(self) -> int:
        """How many rows to hold at a time."""
        return FILE_CHUNK if any(isinstance(column.type, EncryptedBytes) for column in self.columns) else CHUNK

    def raw(self, column: Column[Any]) -> Any:
        """The column as the bytes that are stored."""
        return type_coerce(column, LargeBinary)

    def waits(self) -> Any:
        """Whether a row has a value under another key or cipher than the present one."""
        header = keyring().header
        return or_(*(func.substr(self.raw(column), 1, HEADER_BYTES) != header for column in self.columns))


def encrypted_tables() -> list[EncryptedColumns]:
    """Every table with encrypted columns, in order of name."""
    found = []
    for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
        columns = tuple(column for column in table.c if isinstance(column.type, EncryptedText | EncryptedBytes))
        if columns:
            (key,) = table.primary_key.columns
            found.append(EncryptedColumns(table, key, columns))
    return found


def waiting() -> dict[str, int]:
    """How many rows of each table wait for re-encryption; tables without any are left out."""
    counted = {
        found.table.name: db.session.scalar(select(func.count()).select_from(found.table).where(found.waits())) or 0
        for found in encrypted_tables()
    }
    return {name: count for name, count in counted.items() if count}


def rotate(principal: Principal, *, at: datetime) -> dict[str, int]:
    """Re-encrypt everything that is not under the current key; returns the number of rows by table.

    Commits for itself after each chunk: nobody waits for long, and what is done stays done after a crash. A value that
    somebody changes meanwhile is left to him: he writes under the current key. Raises UserError where a value cannot be
    read because its key is missing.
    """
    done = {}
    for found in encrypted_tables():
        count = sum(_rotate_chunks(found))
        if count:
            done[found.table.name] = count
    key = keyring().header.hex()
    audit.record(principal, "keys.rotate", "keys", key, at=at)
    # How many rows there were would tell everybody who reads the log how many sealed cases there are.
    audit.record(principal, "keys.count_rotated", "keys", key, at=at, visible_to=OrganisationKind.DISCIPLINE, rows=done)
    db.session.commit()
    return done


def _rotate_chunks(found: EncryptedColumns) -> Iterator[int]:
    after: Any = None
    while rows := _next_rows(found, after):
        after = rows[-1][0]
        yield _reencrypt(found, rows)
        db.session.commit()


def _next_rows(found: EncryptedColumns, after: Any) -> list[Any]:
    wanted = select(found.key, *(found.raw(column) for column in found.columns)).where(found.waits())
    if after is not None:
        wanted = wanted.where(found.key > after)
    return list(db.session.execute(wanted.order_by(found.key).limit(found.chunk)).all())


def _reencrypt(found: EncryptedColumns, rows: list[Any]) -> int:
    """Write the rows anew, each column only where it still is as it was read. Returns the number of rows."""
    ring = keyring()
    for place, column in enumerate(found.columns, start=1):
        changes = []
        for row in rows:
            old = None if row[place] is None else bytes(row[place])
            if old is None or old.startswith(ring.header):
                continue
            changes.append({"row_key": row[0], "old": old, "new": _under_current_key(found, column, old)})
        if changes:
            statement = (
                update(found.table)
                .where(found.key == bindparam("row_key"), found.raw(column) == bindparam("old", type_=LargeBinary))
                .values({column.name: bindparam("new", type_=LargeBinary)})
            )
            db.session.connection().execute(statement, changes)
    return len(rows)


def _under_current_key(found: EncryptedColumns, column: Column[Any], old: bytes) -> bytes:
    kind = column.type
    assert isinstance(kind, EncryptedText | EncryptedBytes)
    context = kind.context
    try:
        return keyring().encrypt_bytes(keyring().decrypt_bytes(old, context), context)
    except DecryptionError as error:
        raise UserError(
            "%(table)s.%(column)s 里有数据解不开：它的密钥不在 YKT_ENCRYPTION_KEYS 里，或者数据被改动过。"
            "请把旧密钥加回去后再运行。已完成的部分不受影响。",
            table=found.table.name,
            column=column.name,
        ) from error
