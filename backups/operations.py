"""Back-ups are made, looked through and restored."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app

from backups import envelope
from backups.databases import Database, database_at
from backups.envelope import Manifest
from core import audit
from core.clock import local_time
from core.database import db, keyring
from core.errors import Conflict, UserError
from core.heartbeats import beat
from core.principal import Principal

SUFFIX = ".backup"
BACKUP = "backup"
"""The heartbeat of the last back-up that was made."""


@dataclass(frozen=True)
class Made:
    """A back-up that was made: its file, its bytes, what it holds."""

    path: Path
    size: int
    manifest: Manifest


def create(principal: Principal, folder: Path, *, at: datetime) -> Made:
    """Write a back-up of the database into ``folder``, under a name with its time. Others work on meanwhile.

    The file has its name only when it is whole and on the disk. Raises UserError.
    """
    database = _database()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"yikatong-{local_time(at):%Y%m%d-%H%M%S}{SUFFIX}"
    if path.exists():
        raise Conflict("这一秒已经有一份备份：%(name)s。", name=path.name)
    unfinished = path.with_suffix(".unfinished")
    try:
        with database.moment() as moment, _private(unfinished) as target:
            manifest = Manifest(at.isoformat(), database.kind, moment.revision, moment.rows)
            envelope.write(target, keyring(), manifest, moment.body)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    beat(BACKUP, at)
    # Not how many rows there are: the log must not tell whoever reads it that there is a sealed case more.
    audit.record(principal, "backup.create", "backup", path.name, at=at)
    db.session.flush()
    return Made(path, path.stat().st_size, manifest)


def check(path: Path) -> Manifest:
    """Read a back-up to its end, under the present keys. Raises UserError for one that could not be restored whole."""
    with _opened(path) as source:
        manifest, body = envelope.read(source, keyring())
        for _part in body:
            pass
    return manifest


def restore(principal: Principal, path: Path, *, replace: bool, at: datetime) -> Manifest:
    """Put a back-up in the place of the database: whole, or not at all. Commits.

    The database must be empty unless ``replace`` is said. Raises UserError; Conflict where something is there, or where
    what came out is not what went in.
    """
    manifest, database = check(path), _database()
    if manifest.database != database.kind:
        raise UserError(
            "这份备份来自 %(theirs)s，现在的数据库是 %(ours)s：只能恢复到同一种数据库。",
            theirs=manifest.database,
            ours=database.kind,
        )
    if any(database.rows().values()) and not replace:
        raise Conflict("数据库里已经有内容。要用备份替换它，请先给现在的内容另做一份备份，再加上 --replace。")
    # Connections of this process would stand in the way of what replaces the tables under them.
    db.session.remove()
    db.engine.dispose()
    with _opened(path) as source:
        _manifest, body = envelope.read(source, keyring())
        database.fill(body)
    found = database.rows()
    if found != manifest.rows:
        wrong = sorted(
            name for name in found.keys() | manifest.rows.keys() if found.get(name) != manifest.rows.get(name)
        )
        raise Conflict(
            "恢复后的行数和备份里写的不一样（%(tables)s）：请不要使用，换一份备份。", tables="、".join(wrong)
        )
    audit.record(principal, "backup.restore", "backup", path.name, at=at, made_at=manifest.made_at)
    db.session.commit()
    return manifest


def prune(folder: Path, *, keep_days: int, at: datetime) -> list[Path]:
    """Delete the back-ups of a folder that are older than so many days, but never the newest; returns those deleted."""
    backups = sorted(folder.glob(f"yikatong-*{SUFFIX}"))
    last = f"yikatong-{local_time(at - timedelta(days=keep_days)):%Y%m%d-%H%M%S}{SUFFIX}"
    old = [path for path in backups[:-1] if path.name < last]
    for path in old:
        path.unlink()
    return old


def _database() -> Database:
    settings = current_app.extensions["settings"]
    url = db.engine.url.render_as_string(hide_password=False)
    return database_at(url, settings.postgres_tools)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UserError("打不开备份文件 %(name)s：请检查路径和权限。", name=path.name) from error
    with stream:
        yield stream


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """A new file that only this user can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        yield stream
