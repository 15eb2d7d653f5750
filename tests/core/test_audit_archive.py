"""Archives of the audit log: what is written, what is refused, and that nothing is lost wherever it is cut off."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import delete, func, select, update

from core import audit
from core.audit import AuditEntry, AuditSeal, archive
from core.audit.chain import AuditArchive
from core.database import db
from core.errors import UserError
from core.principal import system
from tests.core.intruder import without_guards
from tests.core.test_audit import AT, entries, sealed

LATER = datetime(2021, 7, 6, 2, tzinfo=UTC)
BEFORE = datetime(2021, 1, 1, tzinfo=UTC)
NAMES = ["audit-000000000001-000000000003.jsonl.gz", "audit-000000000004-000000000006.jsonl.gz"]


def _temporary() -> Path:
    return Path(current_app.instance_path) / "archive"


def written(remove: bool = False, pause: Callable[[str], None] = lambda _step: None) -> tuple[list[str], int]:
    made, removed = archive.archive(system("test"), BEFORE, _temporary(), remove=remove, at=LATER, pause=pause)
    return [one.file_name for one in made], removed


def archived(count: int, *, remove: bool = False) -> list[str]:
    """So many entries in an archive; the names of its files."""
    sealed(count)
    return written(remove)[0]


@pytest.fixture(autouse=True)
def short_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_LINKS", 3)


def lines(name: str) -> list[dict[str, object]]:
    with gzip.open(_temporary() / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_a_file_says_what_the_chain_says(app: Flask) -> None:
    assert archived(5) == [NAMES[0], "audit-000000000004-000000000005.jsonl.gz"]
    head, *links, end = lines(NAMES[0])
    seals = db.session.scalars(select(AuditSeal).order_by(AuditSeal.sequence)).all()
    assert head == {"format": "yikatong-audit-1", "first_sequence": 1, "hash_before": audit.GENESIS}
    assert [link["hash"] for link in links] == [seal.chain_hash for seal in seals[:3]]
    assert links[1]["entry"]["subject_id"] == "1"  # type: ignore[index] # JSON
    assert end == {"last_sequence": 3, "hash_after": seals[2].chain_hash}
    first, second = db.session.scalars(select(AuditArchive).order_by(AuditArchive.first_sequence)).all()
    assert (first.hash_after, first.earliest_at, first.archived_at) == (second.hash_before, AT, LATER)
    assert oct((_temporary() / NAMES[0]).stat().st_mode)[-3:] == "600"
    # The archive has entries of its own, and nothing was removed.
    assert count() == 5 + 2


def test_nothing_younger_than_six_months_is_archived(app: Flask) -> None:
    sealed(2)
    # Six months before 6 July 2021, as the county counts days.
    limit = datetime(2021, 1, 5, 16, tzinfo=UTC)
    with pytest.raises(UserError, match="六个月"):
        archive.archive(system("test"), limit + timedelta(seconds=1), _temporary(), remove=True, at=LATER)
    made, removed = archive.archive(system("test"), limit, _temporary(), remove=True, at=LATER)
    assert (len(made), removed) == (1, 2)


def test_what_was_sealed_or_happened_later_stays(app: Flask) -> None:
    sealed(2)
    audit.record(system("test"), "roll.approve", "roll", 9, at=BEFORE)
    audit.seal(at=AT)
    entries(1)
    audit.seal(at=LATER)
    db.session.commit()
    assert archived(0, remove=True) == ["audit-000000000001-000000000002.jsonl.gz"]
    assert sorted(db.session.scalars(select(AuditSeal.sequence))) == [3, 4]


def test_verification_starts_from_the_archives_end(app: Flask) -> None:
    archived(6, remove=True)
    entries(2)
    audit.seal(at=LATER)
    db.session.commit()
    # Two files recorded, two removals recorded, two entries after them.
    assert audit.verify() == audit.Verdict(6, 0, None)
    assert archive.verify_files(_temporary()) == 6
    without_guards()
    db.session.execute(delete(AuditSeal).where(AuditSeal.sequence == 7))
    assert audit.verify().broken_at == 7


def test_when_all_is_archived_and_removed_the_chain_goes_on(app: Flask) -> None:
    archived(3, remove=True)
    db.session.commit()
    assert audit.seal(at=LATER) == 2
    assert sorted(db.session.scalars(select(AuditSeal.sequence))) == [4, 5]
    assert audit.verify() == audit.Verdict(2, 0, None)


def test_a_second_run_goes_on_where_the_first_ended(app: Flask) -> None:
    assert archived(3) == NAMES[:1]
    sealed_again = audit.seal(at=AT)
    assert sealed_again == 1
    assert written() == ([], 0)  # the archive's own entry is younger
    assert written(remove=True) == ([], 3)
    assert written(remove=True) == ([], 0)


def spoil(name: str, how: str) -> None:
    path = _temporary() / name
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif how == "longer":
        path.write_bytes(path.read_bytes() + b"x")
    elif how == "other entry":
        text = gzip.decompress(path.read_bytes()).replace(b'"subject_id":"1"', b'"subject_id":"8"')
        path.write_bytes(gzip.compress(text))
    else:
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1))


@pytest.mark.parametrize("how", ["gone", "cut", "longer", "other entry", "packed anew"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_spoilt_file_is_noticed_and_nothing_is_removed_for_it(app: Flask, how: str) -> None:
    archived(6)
    spoil(NAMES[0], how)
    if how == "gone":
        # Its links are still there: it is written again, the same to the byte.
        assert written(remove=True) == ([], 6)
        assert archive.verify_files(_temporary()) == 6
        spoil(NAMES[0], how)
    else:
        with pytest.raises(UserError, match="000001"):
            written(remove=True)
        db.session.rollback()
        assert count() == 6 + 2
    with pytest.raises(UserError, match="000001"):
        archive.verify_files(_temporary())


def test_a_broken_chain_is_not_archived(app: Flask) -> None:
    ids = sealed(3)
    without_guards()
    db.session.execute(update(AuditEntry).where(AuditEntry.id == ids[1]).values(action="roll.strike"))
    db.session.commit()
    with pytest.raises(UserError, match="不完整"):
        written()
    db.session.rollback()
    assert not (_temporary() / NAMES[0]).exists()
    assert db.session.scalars(select(AuditArchive)).all() == []


class CutOff(BaseException):
    """The process is gone at this very moment."""


STEPS = ("unfinished", "written", "read back", "recorded", "checked", "removing", "removed")


@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_wherever_it_is_cut_off_nothing_is_lost(app: Flask, step: str, which: int) -> None:
    sealed(6)
    before = audit.verify()
    passed = 0

    def pause(reached: str) -> None:
        nonlocal passed
        passed += reached == step
        if passed == which:
            raise CutOff

    with pytest.raises(CutOff):
        written(remove=True, pause=pause)
    db.session.rollback()
    db.session.remove()
    assert audit.verify().broken_at is None
    # What is no longer in the database is in a file that is whole.
    gone = 6 - (db.session.scalar(select(func.count()).where(AuditSeal.sequence <= 6)) or 0)
    recorded = db.session.scalars(select(AuditArchive).order_by(AuditArchive.first_sequence)).all()
    assert gone <= sum(one.last_sequence - one.first_sequence + 1 for one in recorded)
    assert archive.verify_files(_temporary()) >= gone
    written(remove=True)
    assert archive.verify_files(_temporary()) == 6
    assert sorted(path.name for path in _temporary().iterdir()) == NAMES
    assert (
        db.session.scalars(select(AuditArchive.hash_after).where(AuditArchive.last_sequence == 6)).one() == before.head
    )
    assert db.session.scalar(select(func.count()).where(AuditSeal.sequence <= 6)) == 0
    assert audit.verify().broken_at is None


KILLED = """
import os, sys, signal
from datetime import datetime, UTC
from pathlib import Path
from app import create_app
from core.audit import archive
from core.principal import system
step, folder = sys.argv[1], Path(sys.argv[2])
def pause(reached):
    if reached == step:
        os.kill(os.getpid(), signal.SIGKILL)
archive.MOST_LINKS = 3
with create_app().app_context():
    archive.archive(system("x"), datetime(2021, 1, 1, tzinfo=UTC), folder, remove=True,
                    at=datetime(2021, 7, 6, tzinfo=UTC), pause=pause)
"""


@pytest.mark.kill
@pytest.mark.parametrize("step", ["unfinished", "recorded", "removing"])
def test_a_killed_process_leaves_nothing_lost(app: Flask, database_url: str, step: str, tmp_path: Path) -> None:
    sealed(6)
    db.session.remove()
    environment = os.environ | {
        "YKT_DATABASE_URL": database_url,
        "YKT_INSTANCE": str(tmp_path),
        "YKT_JOBS_URL": "immediate",
    }
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step, str(_temporary())],
        env=environment,
        cwd=Path(__file__).parents[2],
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert audit.verify().broken_at is None
    assert written(remove=True)[1] == 6
    assert archive.verify_files(_temporary()) == 6


def test_the_command_archives_and_verifies(app: Flask) -> None:
    sealed(2)
    runner = app.test_cli_runner()
    before = ["audit", "archive", "--out", str(_temporary()), "--before"]
    told = runner.invoke(args=[*before, "2020-07-07", "--remove", "--json"])
    assert json.loads(told.stdout) == {"files": ["audit-000000000001-000000000002.jsonl.gz"], "removed": 2}
    young = runner.invoke(args=[*before, "2999-01-01"])
    assert (young.exit_code, "六个月" in young.stderr) == (1, True)
    whole = runner.invoke(args=["audit", "verify", "--archives", str(_temporary()), "--json"])
    assert json.loads(whole.stdout)["broken_at"] is None
    (_temporary() / "audit-000000000001-000000000002.jsonl.gz").unlink()
    spoilt = runner.invoke(args=["audit", "verify", "--archives", str(_temporary())])
    assert (spoilt.exit_code, "不见了" in spoilt.stderr) == (1, True)
