"""The bytes of a database as of one moment, while others work in it, and a database out of such bytes.

On PostgreSQL by its own pg_dump and pg_restore, on SQLite by its online copy. What is personal is encrypted in the
database already; what passes through a file on the way lies in a folder that only this user can read, and goes.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from backups.envelope import PIECE
from core.errors import UserError

REVISION = "alembic_version"
# What libpq reads from the environment: no password stands in a list of processes.
_LIBPQ = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


@dataclass(frozen=True)
class Moment:
    """A database as of one moment: its migration ("" for none), the rows of each table, and its bytes, to be read
    once."""

    revision: str
    rows: dict[str, int]
    body: Iterable[bytes]


class Database(Protocol):
    """What a back-up needs of either kind."""

    kind: str

    def moment(self) -> AbstractContextManager[Moment]:
        """The database as it is now."""

    def rows(self) -> dict[str, int]:
        """How many rows each table has; {} for a database without tables."""

    def fill(self, body: Iterable[bytes]) -> None:
        """Put what a body holds in the place of all that is there: whole, or not at all. Raises UserError."""


def database_at(url: str, tools: Path | None = None) -> Database:
    """The database of that address. ``tools``: the folder of pg_dump and pg_restore, where PATH does not lead there."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return PostgresDatabase(parsed, tools)
    return SqliteDatabase(Path(str(parsed.database)))


class PostgresDatabase:
    """A database of a PostgreSQL server."""

    kind = "postgresql"

    def __init__(self, url: URL, tools: Path | None) -> None:
        self._url, self._tools = url, tools

    @contextmanager
    def moment(self) -> Iterator[Moment]:
        """As Database says: counted and dumped in the same snapshot."""
        with self._connected("REPEATABLE READ") as connection:
            snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            counts = _counts(connection)
            arguments = ["--format=custom", "--compress=0", f"--snapshot={snapshot}", "--no-owner", "--no-privileges"]
            with self._running("pg_dump", *arguments, stdout=subprocess.PIPE) as dump:
                assert dump.stdout is not None
                yield Moment(_revision(connection, counts), counts, _parts(dump.stdout))

    def rows(self) -> dict[str, int]:
        """As Database says."""
        with self._connected("READ COMMITTED") as connection:
            return _counts(connection)

    def fill(self, body: Iterable[bytes]) -> None:
        """As Database says: what is there stands aside in a schema of another name until the restore has succeeded."""
        aside = "before_restore"
        self._administer(f"DROP SCHEMA IF EXISTS {aside} CASCADE")
        self._administer(f"ALTER SCHEMA public RENAME TO {aside}", "CREATE SCHEMA public")
        try:
            self._restore(body)
        except BaseException:
            self._administer("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {aside} RENAME TO public")
            raise
        self._administer(f"DROP SCHEMA {aside} CASCADE")

    def _restore(self, body: Iterable[bytes]) -> None:
        arguments = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner"]
        to = f"--dbname={self._url.database}"
        with self._running("pg_restore", *arguments, "--no-privileges", to, stdin=subprocess.PIPE) as restore:
            assert restore.stdin is not None
            # Where it stops by itself, what it says tells more than the pipe that broke.
            with suppress(BrokenPipeError), restore.stdin:
                for part in body:
                    restore.stdin.write(part)

    @contextmanager
    def _running(self, name: str, *arguments: str, **pipes: int) -> Iterator["subprocess.Popen[bytes]"]:
        """One of PostgreSQL's tools at work. Raises UserError, at the end, where it failed."""
        with tempfile.TemporaryFile() as said:
            command = [self._tool(name), *arguments]
            # The tool is PostgreSQL's own, and nothing that a user wrote is among its arguments; which pipe is open is
            # the caller's to say.
            with subprocess.Popen(command, env=self._environment, stderr=said, **pipes) as process:  # type: ignore[call-overload] # noqa: S603
                yield process
            if process.returncode:
                said.seek(0)
                sentence = said.read().decode(errors="replace").strip()[-500:]
                raise UserError("%(name)s 没有成功：%(said)s", name=name, said=sentence)

    def _administer(self, *statements: str) -> None:
        engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    @contextmanager
    def _connected(self, level: str) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self._url, poolclass=sa.NullPool, isolation_level=level)
        with engine.connect() as connection:
            yield connection

    def _tool(self, name: str) -> str:
        found = shutil.which(name, path=str(self._tools) if self._tools else None)
        if found is None:
            raise UserError(
                "找不到 %(name)s：请安装 PostgreSQL 的客户端工具，版本不低于数据库；"
                "或者在 YKT_POSTGRES_TOOLS 写明它的文件夹。",
                name=name,
            )
        return found

    @property
    def _environment(self) -> Mapping[str, str]:
        query = {name: str(value) for name, value in self._url.query.items()}
        given = {
            "PGHOST": self._url.host or query.get("host"),
            "PGPORT": str(self._url.port) if self._url.port else query.get("port"),
            "PGUSER": self._url.username or query.get("user"),
            "PGPASSWORD": self._url.password,
            "PGDATABASE": self._url.database,
            **{variable: query.get(name) for name, variable in _LIBPQ.items()},
        }
        return os.environ | {name: value for name, value in given.items() if value}


class SqliteDatabase:
    """A file of SQLite."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def moment(self) -> Iterator[Moment]:
        """As Database says: of a copy, which goes again."""
        with _folder_beside(self._path) as folder:
            copy = folder / "copy.sqlite"
            with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
            with _engine(copy).connect() as connection:
                counts = _counts(connection)
                revision = _revision(connection, counts)
            with copy.open("rb") as stream:
                yield Moment(revision, counts, _parts(stream))

    def rows(self) -> dict[str, int]:
        """As Database says."""
        if not self._path.exists():
            return {}
        with _engine(self._path).connect() as connection:
            return _counts(connection)

    def fill(self, body: Iterable[bytes]) -> None:
        """As Database says: into a file beside it, which is then copied over in one transaction."""
        with _folder_beside(self._path) as folder:
            whole = folder / "restored.sqlite"
            with whole.open("wb") as target:
                for part in body:
                    target.write(part)
            with (
                closing(sqlite3.connect(whole)) as source,
                closing(sqlite3.connect(self._path, timeout=5)) as target_db,
            ):
                try:
                    source.backup(target_db)
                except sqlite3.OperationalError as error:
                    raise UserError("数据库正在使用：请先停下网站和后台程序，再恢复备份。") from error


def _engine(path: Path) -> sa.Engine:
    return sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder that nobody else can read, on the same disk as the database: there is room for it, or for nothing."""
    folder = Path(tempfile.mkdtemp(prefix="backup-", dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _counts(connection: sa.Connection) -> dict[str, int]:
    names = [name for name in sa.inspect(connection).get_table_names() if not name.startswith("sqlite_")]
    return {
        name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in sorted(names)
    }


def _revision(connection: sa.Connection, counts: Mapping[str, int]) -> str:
    if REVISION not in counts:
        return ""
    return str(connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(REVISION))) or "")


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    while part := stream.read(PIECE):
        yield part
