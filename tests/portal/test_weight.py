"""Every public page with all it loads on a first visit comes through in 14 KB, and is read before any script."""

import re

import pytest
from flask.testing import FlaskClient

from tests.portal.conftest import CARD, TOWNSHIP, VILLAGE, Village, id_number
from tests.portal.test_lists import token_of

LIMIT = 14 * 1024
PHONE = {
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "Mozilla/5.0 (Linux; Android 8.1) AppleWebKit/537.36 MicroMessenger/8.0",
}
FORM = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:]}


def on_the_wire(client: FlaskClient, path: str, form: dict[str, str] | None = None) -> int:
    """Bytes of a page and of every file that it loads, headers included."""
    answer = client.post(path, data=form, headers=PHONE) if form else client.get(path, headers=PHONE)
    assert answer.status_code == 200
    text = client.post(path, data=form).text if form else client.get(path).text
    files = set(re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', text))
    assert all(file.startswith("/static/") for file in files)
    answers = [answer, *(client.get(file, headers=PHONE, buffered=True) for file in sorted(files))]
    return sum(len(one.data) + len(str(one.headers)) + len("HTTP/1.1 200 OK\r\n") for one in answers)


@pytest.mark.parametrize(
    "path", ["/", "/lookup", "/lookup?with=code", "/lists", f"/lists?region={TOWNSHIP}", "/complaints/new"]
)
def test_a_page_is_light(client: FlaskClient, village: Village, path: str) -> None:
    assert on_the_wire(client, path) <= LIMIT


def test_a_list_and_a_result_are_light(client: FlaskClient, village: Village) -> None:
    assert on_the_wire(client, f"/lists/{token_of(VILLAGE)}") <= LIMIT
    assert on_the_wire(client, "/lookup", FORM) <= LIMIT


@pytest.mark.parametrize("path", ["/", "/lookup", "/lists", "/complaints/new", "/complaints/track"])
def test_no_page_needs_a_script_or_a_style_of_its_own(client: FlaskClient, village: Village, path: str) -> None:
    page = client.get(path).text
    assert "<script" not in page and "style=" not in page and "<style" not in page and "@import" not in page
