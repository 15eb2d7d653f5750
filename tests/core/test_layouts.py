"""Both doors' layouts: light, without anything inline, and kept by browsers only where that is safe."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from core.principal import OrganisationKind, Role
from tests import factories
from tests.signing import sign_in

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# What a strict content security policy would not run or apply.
INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_inline(template: Path) -> None:
    assert not INLINE.findall(template.read_text(encoding="utf-8"))


def test_the_layout_of_the_public_door_is_light(app: Flask, client: FlaskClient) -> None:
    page = client.get("/no-such-page")
    assert page.status_code == 404
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(addresses) == 2
    sizes = [len(gzip.compress(client.get(address, buffered=True).data)) for address in addresses]
    assert len(gzip.compress(page.data)) + sum(sizes) < 7 * 1024


def test_pages_are_not_kept_and_files_are(client: FlaskClient) -> None:
    page = client.get("/no-such-page")
    assert page.headers["Cache-Control"] == "no-store"
    address = next(iter(re.findall(r'href="(/static/public.css[^"]+)"', page.text)))
    assert "max-age=31536000" in client.get(address, buffered=True).headers["Cache-Control"]
    assert client.get("/static/no-such-file?v=1").headers["Cache-Control"] == "no-store"


def test_the_staff_door_answers_errors_in_its_own_layout(client: FlaskClient) -> None:
    assert "经办人员登录" in client.get("/staff/no-such-page").text
    sign_in(client, factories.official(OrganisationKind.FINANCE, Role.PREPARER))
    page = client.get("/staff/no-such-page")
    assert page.status_code == 404
    assert "退出登录" in page.text


def test_the_language_switch_keeps_the_place_but_no_query_at_the_public_door(client: FlaskClient) -> None:
    page = client.get("/no-such-page?name=somebody").text
    assert "/language/en?next=/no-such-page" in page
    assert "somebody" not in page
    answer = client.get("/language/en?next=//evil.example")
    assert answer.location == "/"
    assert 'lang="en"' in client.get("/no-such-page").text.split("<head>")[0]


def test_errors_of_a_form_are_tied_to_their_fields(app: Flask) -> None:
    from accounts.forms import PasswordForm

    with app.test_request_context("/staff/password", method="POST", data={"wanted": "one", "again": "two"}):
        form = PasswordForm()
        assert not form.validate()
        page = render_template("accounts/password.html", form=form, first=False)
    assert 'aria-describedby="again-error"' in page
    assert 'id="again-error"' in page
    assert 'href="#again"' in page
    assert 'aria-describedby="wanted-hint"' in page
