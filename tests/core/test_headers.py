"""What every answer says to the browser, whatever it answers, and what it may keep."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.database import db
from tests.conftest import application_for

ADDRESSES = ("/", "/lookup", "/no-such-page", "/staff/login", "/staff/", "/static/public.css", "/healthz")


@pytest.fixture
def over_tls(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An installation that browsers reach by https."""
    site = application_for(database_url, tmp_path, YKT_BASE_URL="https://ykt.example", YKT_ENV="demo")
    yield site
    with site.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_runs_inline_and_nobody_frames_it(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_whoever_came_by_https_comes_back_by_https(over_tls: Flask, client: FlaskClient, address: str) -> None:
    secure = over_tls.test_client().get(address, base_url="https://ykt.example", buffered=True)
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get(address, buffered=True).headers


def test_every_cookie_is_kept_to_https_and_from_scripts(over_tls: Flask) -> None:
    client, site = over_tls.test_client(), "https://ykt.example"
    answers = [
        client.get("/staff/login", base_url=site),
        client.get("/lookup", base_url=site),
        client.get("/language/en?next=/", base_url=site),
        client.get("/type-size/large?next=/", base_url=site),
    ]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert {cookie.split("=")[0] for cookie in cookies} >= {"language", "type_size", "__Host-ykt_staff"}
    for cookie in cookies:
        assert "; Secure" in cookie and "; HttpOnly" in cookie and "; SameSite=Lax" in cookie, cookie.split("=")[0]
