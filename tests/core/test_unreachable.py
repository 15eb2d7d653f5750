"""The database does not answer: both doors say so in plain words, with a number, and stay up."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import unreachable
from core.database import db
from core.principal import OrganisationKind, Role
from tests import factories
from tests.conftest import administer, application_for, database_of
from tests.signing import sign_in


@pytest.fixture
def unplugged(postgres_url: str, tmp_path: Path) -> Flask:
    """A house whose database is nowhere."""
    return application_for(database_of(postgres_url, "nowhere"), tmp_path / "instance")


@pytest.mark.parametrize("address", ["/", "/statistics", "/lists", "/staff/login", "/staff/", "/readyz"])
def test_a_page_says_to_come_back(unplugged: Flask, address: str) -> None:
    visitor = unplugged.test_client()
    visitor.set_cookie("ykt_staff", "anything")
    answer = visitor.get(address)
    if answer.status_code == 503:
        assert answer.headers["Retry-After"]
        assert "过一分钟" in answer.text
        assert answer.headers["X-Request-Id"] in answer.text
        assert "nowhere" not in answer.text
        assert "psycopg" not in answer.text
    else:
        # What needs no database goes on.
        assert answer.status_code in {200, 302}
    assert unplugged.test_client().get("/healthz").text == "ok"


def test_the_health_of_a_house_without_a_database_is_bad(unplugged: Flask) -> None:
    assert unplugged.test_client().get("/readyz").status_code == 503


def cut(pid: int | None) -> None:
    """End a connection from the server's side."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    administer(url, f"SELECT pg_terminate_backend({pid}, 5000)")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_after_it_has_stood_up_again_nobody_meets_a_dead_connection(app: Flask) -> None:
    client = sign_in(app.test_client(), factories.official(OrganisationKind.FINANCE, Role.PREPARER))
    assert client.get("/staff/").status_code == 200
    pid = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
    db.session.remove()
    cut(pid)
    assert client.get("/staff/").status_code == 200


def test_what_was_cut_tells_nothing_of_what_it_was_about(app: Flask) -> None:
    with app.test_request_context("/"):
        app.preprocess_request()
        values = {"name": "某甲"}
        error = sa.exc.OperationalError("UPDATE beneficiaries", values, Exception("server closed the connection: 某甲"))
        answer = unreachable.answer(error)
    assert answer.status_code == 503
    page = answer.get_data(as_text=True)
    assert "某甲" not in page
    assert "beneficiaries" not in page


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_answer_that_stands_is_given_though_the_connection_is_cut_behind_it(app: Flask) -> None:
    context = app.app_context()
    context.push()
    before = db.session()
    pid = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
    cut(pid)
    unreachable.leave(None)
    assert db.session() is not before
    assert db.session.scalar(sa.text("SELECT 1")) == 1
    context.pop()
