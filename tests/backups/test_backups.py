"""A county comes back as it was, from a file that tells nobody anything."""

import datetime as dt
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from backups import doctor, operations
from core.database import Base, db
from core.doctor import Health
from core.errors import Conflict, UserError
from core.principal import OrganisationKind, Role, system
from registry.models import Beneficiary
from tests import factories, processes
from tests.backups import backup_process
from tests.conftest import administer, database_of, postgres_tools, settings_for
from tests.factories import AT

ID_NUMBER, CARD, PHONE, NAME = "513426197001010015", "6217003810012345678", "13800000001", "沙马某某"
SYSTEM = system("backup")
VILLAGE = "513426100201"
NewDatabase = Callable[[], str]


@pytest.fixture(scope="module")
def tools() -> str:
    """The folder of pg_dump and pg_restore, as a setting."""
    return str(postgres_tools())


@pytest.fixture
def new_database(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[NewDatabase]:
    """Makes databases without tables, of the kind that the test runs on."""
    made: list[str] = []

    def make() -> str:
        name = f"restored_{secrets.token_hex(6)}"
        if database_url.startswith("sqlite"):
            return f"sqlite:///{tmp_path / name}.sqlite"
        administer(database_url, f"CREATE DATABASE {name}")
        made.append(name)
        return database_of(database_url, name)

    yield make
    for name in made:
        administer(request.getfixturevalue("postgres_url"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def county(app: Flask, tools: str) -> Flask:
    """A county with people, officials, a programme and an audit log."""
    app.extensions["settings"] = settings_for(
        app.config["SQLALCHEMY_DATABASE_URI"], Path(app.instance_path), YKT_POSTGRES_TOOLS=tools
    )
    factories.load_regions()
    factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    factories.programme()
    factories.beneficiary(NAME, ID_NUMBER, VILLAGE, phone=PHONE, card_number=CARD)
    db.session.commit()
    return app


def installation(url: str, folder: Path, tools: str) -> Flask:
    folder.mkdir(exist_ok=True)
    return create_app(settings_for(url, folder, YKT_POSTGRES_TOOLS=tools))


def contents() -> dict[str, list[str]]:
    """Every row of every table, as it is stored."""
    with db.engine.connect() as connection:
        return {
            name: sorted(
                repr(tuple(row)) for row in connection.execute(sa.select(sa.text("*")).select_from(sa.table(name)))
            )
            for name in Base.metadata.tables
        }


def test_a_county_comes_back_as_it_was(county: Flask, new_database: NewDatabase, tmp_path: Path, tools: str) -> None:
    before = contents()
    made = operations.create(SYSTEM, tmp_path / "backups", at=AT)
    db.session.commit()
    with installation(new_database(), tmp_path / "other", tools).app_context():
        assert operations.restore(SYSTEM, made.path, replace=False, at=AT) == made.manifest
        after = contents()
        # Readable, with an entry of its own, and new rows get new numbers.
        assert db.session.scalars(sa.select(Beneficiary)).one().id_number == ID_NUMBER
        factories.beneficiary("某甲", "513426197001010023", VILLAGE)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    added = [row for row in after["audit_entries"] if "backup.restore" in row]
    assert len(added) == 1
    after["audit_entries"].remove(added[0])
    assert after == before
    assert len(before["beneficiaries"]) == 1
    assert operations.check(made.path) == made.manifest


def test_a_stolen_back_up_tells_nothing(county: Flask, tmp_path: Path) -> None:
    whole = operations.create(SYSTEM, tmp_path, at=AT).path.read_bytes()
    for planted in (ID_NUMBER, CARD, PHONE, NAME, "beneficiaries", "困难残疾人"):
        assert planted.encode() not in whole


def test_the_file_is_its_owners_alone_and_nothing_else_is_left(county: Flask, tmp_path: Path) -> None:
    made = operations.create(SYSTEM, tmp_path / "backups", at=AT)
    assert made.path.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "backups").iterdir()) == [made.path]
    assert not list(Path(county.instance_path).glob("backup-*"))
    with pytest.raises(Conflict):
        operations.create(SYSTEM, tmp_path / "backups", at=AT)


def test_what_is_there_is_replaced_only_where_that_is_said(county: Flask, tmp_path: Path) -> None:
    made = operations.create(SYSTEM, tmp_path, at=AT)
    db.session.commit()
    factories.beneficiary("某乙", "513426197001010031", VILLAGE)
    db.session.commit()
    with pytest.raises(Conflict, match="--replace"):
        operations.restore(SYSTEM, made.path, replace=False, at=AT)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Beneficiary)) == 2
    db.session.rollback()
    operations.restore(SYSTEM, made.path, replace=True, at=AT)
    assert db.session.scalars(sa.select(Beneficiary.name)).all() == [NAME]


def test_a_damaged_back_up_leaves_everything_as_it_is(county: Flask, tmp_path: Path) -> None:
    made = operations.create(SYSTEM, tmp_path, at=AT)
    db.session.commit()
    before = contents()
    whole = made.path.read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole[:-20] + b"x" + whole[-19:]):
        made.path.write_bytes(damaged)
        with pytest.raises(UserError, match="什么也没有恢复"):
            operations.restore(SYSTEM, made.path, replace=True, at=AT)
        assert contents() == before


def test_what_does_not_go_in_leaves_everything_as_it_is(
    county: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that is sound, and that the database refuses half-way."""
    made = operations.create(SYSTEM, tmp_path, at=AT)
    db.session.commit()
    before = contents()
    database = operations._database()
    with operations._opened(made.path) as source:
        _manifest, body = operations.envelope.read(source, county.extensions["keyring"])
        parts = list(body)
    half = b"".join(parts)
    db.session.remove()
    db.engine.dispose()
    with pytest.raises((UserError, sa.exc.DatabaseError, sqlite3.DatabaseError)):
        database.fill([half[: len(half) // 2]])
    assert contents() == before


def test_a_back_up_of_another_kind_of_database_is_refused(county: Flask, tmp_path: Path, tools: str) -> None:
    made = operations.create(SYSTEM, tmp_path, at=AT)
    db.session.commit()
    other = "sqlite" if made.manifest.database == "postgresql" else "postgresql"
    with operations._opened(made.path) as source:
        manifest, body = operations.envelope.read(source, county.extensions["keyring"])
        held = list(body)
    with made.path.open("wb") as target:
        operations.envelope.write(target, county.extensions["keyring"], replace(manifest, database=other), held)
    with pytest.raises(UserError, match="同一种数据库"):
        operations.restore(SYSTEM, made.path, replace=True, at=AT)


def test_old_ones_go_and_the_newest_stays(county: Flask, tmp_path: Path) -> None:
    days = [AT - dt.timedelta(days=ago) for ago in (40, 31, 29, 0)]
    made = [operations.create(SYSTEM, tmp_path, at=at).path for at in days]
    (tmp_path / "yikatong-notes.txt").write_text("kept")
    assert operations.prune(tmp_path, keep_days=30, at=AT) == made[:2]
    assert operations.prune(tmp_path, keep_days=1, at=AT + dt.timedelta(days=400)) == made[2:3]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([made[3].name, "yikatong-notes.txt"])


def test_the_doctor_says_where_there_is_none(county: Flask, tmp_path: Path) -> None:
    production = replace(county.extensions["settings"], environment="production")
    assert list(doctor.backups(county.extensions["settings"], AT)) == []

    def told(at: dt.datetime) -> list[Health]:
        return [finding.health for finding in doctor.backups(production, at)]

    assert told(AT) == [Health.BAD]
    operations.create(SYSTEM, tmp_path, at=AT)
    assert told(AT + dt.timedelta(hours=25)) == [Health.GOOD]
    assert told(AT + dt.timedelta(hours=27)) == [Health.BAD]


def test_by_command(county: Flask, tmp_path: Path, tools: str) -> None:
    runner = county.test_cli_runner()

    def run(*arguments: str) -> dict[str, object]:
        done = runner.invoke(args=["backup", *arguments, "--json"])
        found: dict[str, object] = json.loads(done.stdout)
        return found | {"exit": done.exit_code}

    made = run("create", "--folder", str(tmp_path), "--keep-days", "30")
    assert made["exit"] == 0
    assert run("check", str(made["file"]))["rows"] == made["rows"]
    assert run("restore", str(made["file"]))["exit"] == 1
    assert run("restore", str(made["file"]), "--replace")["rows"] == made["rows"]
    assert "打不开备份文件" in str(run("check", str(tmp_path / "nothing"))["error"])


@pytest.mark.kill
def test_killed_while_it_writes_it_leaves_no_back_up(county: Flask, tmp_path: Path, tools: str) -> None:
    """Only what is whole has the name of a back-up; the next one is not in the way of what is left."""
    for number in range(300):
        factories.beneficiary(f"某{number}", f"{number:018}", VILLAGE)
    db.session.commit()
    work = (backup_process.main, county.config["SQLALCHEMY_DATABASE_URI"], str(tmp_path), tools)
    for _attempt in range(3):
        process = processes.start(*work)
        deadline = time.monotonic() + 60
        while not list((tmp_path / "backups").glob("*")) and time.monotonic() < deadline and process.is_alive():
            time.sleep(0.002)
        process.kill()
        processes.end(process)
        for whole in (tmp_path / "backups").glob("*.backup"):
            operations.check(whole)
            whole.unlink()
        for left in (tmp_path / "backups").glob("*.unfinished"):
            left.unlink()
    assert processes.end(processes.start(*work)) == 0
    assert len(list((tmp_path / "backups").glob("*.backup"))) == 1
