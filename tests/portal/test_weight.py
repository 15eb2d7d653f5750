"""Every public page with all it loads on a first visit comes through in 14 KB, and is read before any script."""

import gzip
import re
from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.database import db, set_only_reads
from publicity import queries
from publicity.models import QrCode
from tests.builders.figures import publish_a_full_year
from tests.factories import AT
from tests.portal.conftest import CARD, TOWNSHIP, VILLAGE, Village, id_number
from tests.portal.test_complaints import code_on, fields
from tests.portal.test_lists import token_of

LIMIT = 14 * 1024
PHONE = {
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "Mozilla/5.0 (Linux; Android 8.1) AppleWebKit/537.36 MicroMessenger/8.0",
}
FORM = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:]}
PAGES = (
    *("/", "/lookup", "/lookup?with=code", "/lists", f"/lists?region={TOWNSHIP}", f"/lists?region={VILLAGE}"),
    *("/complaints/new", "/complaints/track", "/statistics", f"/statistics?township={TOWNSHIP}"),
)


def loaded_by(text: str) -> set[str]:
    """The files that a page loads."""
    files = set(re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', text))
    assert files
    assert all(file.startswith("/static/") for file in files)
    return files


def wire_bytes(client: FlaskClient, answer: TestResponse) -> int:
    """Bytes of a page and of every file that it loads, headers included."""
    files = loaded_by(unpacked(answer))
    answers = [answer, *(client.get(file, headers=PHONE, buffered=True) for file in sorted(files))]
    return sum(len(one.data) + len(str(one.headers)) + len("HTTP/1.1 200 OK\r\n") for one in answers)


def unpacked(answer: TestResponse) -> str:
    """The page as a browser reads it."""
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(answer.data) if packed else answer.data).decode()


def on_the_wire(client: FlaskClient, path: str, form: Mapping[str, object] | None = None) -> int:
    """The weight of a first visit there."""
    answer = client.post(path, data=form, headers=PHONE) if form else client.get(path, headers=PHONE)
    return wire_bytes(client, answer)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(client: FlaskClient, village: Village, path: str) -> None:
    assert on_the_wire(client, path) <= LIMIT


@pytest.mark.parametrize("cookie", [("language", "en"), ("type_size", "large")])
def test_english_and_large_type_are_light_too(client: FlaskClient, village: Village, cookie: tuple[str, str]) -> None:
    client.set_cookie(*cookie)
    assert max(on_the_wire(client, path) for path in PAGES) <= LIMIT


def test_a_list_and_a_result_are_light(client: FlaskClient, village: Village) -> None:
    assert on_the_wire(client, f"/lists/{token_of(VILLAGE)}") <= LIMIT
    assert on_the_wire(client, "/lookup", FORM) <= LIMIT
    for path in ("/lookup/result?year=2020", "/lookup/totals", "/lookup/print", "/lookup/seen"):
        assert on_the_wire(client, path) <= LIMIT


def test_what_went_wrong_is_light(client: FlaskClient, village: Village) -> None:
    set_only_reads(False)
    code = QrCode(region_code=VILLAGE, created_at=AT)
    db.session.add(code)
    db.session.commit()
    scanned = f"/q/{queries.qr_token_of(code)}"
    assert on_the_wire(client, scanned) <= LIMIT
    code.revoked_at = AT
    db.session.commit()
    for path in (scanned, "/q/forged", "/no-such-page"):
        assert on_the_wire(client, path) <= LIMIT
    assert on_the_wire(client, "/lookup", FORM | {"card_tail": "0000"}) <= LIMIT
    assert on_the_wire(client, "/lookup", FORM | {"id_number": "1"}) <= LIMIT
    assert on_the_wire(client, "/complaints/new", {"text": ""}) <= LIMIT
    assert on_the_wire(client, "/complaints/track", {"receipt_code": "1" * 20}) <= LIMIT


def test_a_receipt_and_a_case_are_light(client: FlaskClient, village: Village) -> None:
    receipt = client.post("/complaints/new", data=fields(), headers=PHONE)
    assert wire_bytes(client, receipt) <= LIMIT
    assert on_the_wire(client, "/complaints/track", {"receipt_code": code_on(unpacked(receipt))}) <= LIMIT


def test_the_figures_of_a_full_year_are_light(client: FlaskClient, village: Village) -> None:
    """Nineteen townships and thirty programmes, in every month."""
    set_only_reads(False)
    publish_a_full_year(2020, programmes=30)
    db.session.commit()
    for path in ("/statistics", f"/statistics?township={TOWNSHIP}"):
        assert on_the_wire(client, path) <= LIMIT


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_a_script_or_a_style_of_its_own(client: FlaskClient, village: Village, path: str) -> None:
    page = client.get(path).text
    assert "style=" not in page and "<style" not in page and "@import" not in page
    # One script there is: it reads the page out, comes after the page, and its button is hidden without it.
    scripts = re.findall(r"<script[^>]*>[^<]*", page)
    assert [
        script for script in scripts if not re.fullmatch(r'<script src="/static/read-aloud.js[^"]*" defer>', script)
    ] == []
    assert bool(scripts) == ('id="read-aloud"' in page)
    assert all("hidden" in button for button in re.findall(r'<button[^>]*id="read-aloud"[^>]*>', page))


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_loads_is_kept_for_a_year(client: FlaskClient, village: Village, path: str) -> None:
    for file in loaded_by(client.get(path).text):
        kept = client.get(file, buffered=True).headers["Cache-Control"]
        assert "max-age=31536000" in kept and "immutable" in kept and "?v=" in file
