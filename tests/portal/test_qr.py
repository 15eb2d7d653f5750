"""The entry from a printed code: years later, revoked, forged, and altered in a single character."""

import re
import string
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from core.database import db
from publicity import queries, rules
from publicity.models import QrCode
from registry.models import Region
from tests.factories import AT
from tests.portal.conftest import VILLAGE, Village

IN_AN_ADDRESS = string.ascii_letters + string.digits + "-_."


@pytest.fixture
def token(village: Village) -> str:
    """What is printed for the village."""
    code = QrCode(region_code=VILLAGE, created_at=AT)
    db.session.add(code)
    db.session.commit()
    return queries.qr_token_of(code)


def without_language_links(page: str) -> str:
    """A page but for the one thing in it that comes from its own address."""
    return re.sub(r"next=[^\"]*", "", page)


def revoke() -> None:
    db.session.query(QrCode).update({"revoked_at": AT})
    db.session.commit()


def test_a_print_still_works_after_years_and_under_another_name(client: FlaskClient, token: str) -> None:
    db.session.get_one(Region, VILLAGE).name = "新石门坎村"
    db.session.commit()
    with time_machine.travel(AT + timedelta(days=3650), tick=False):
        page = client.get(f"/q/{token}")
    assert page.status_code == 200 and "新石门坎村" in page.text


def test_a_revoked_print_says_so_and_what_to_do(client: FlaskClient, token: str) -> None:
    revoke()
    answer = client.get(f"/q/{token}")
    assert answer.status_code == 410
    assert "已经停用" in answer.text and "12345" in answer.text and 'href="/"' in answer.text


def test_each_altered_character_is_noticed_and_gives_no_hint(client: FlaskClient, token: str) -> None:
    """The page is that of any nonsense: it does not say how near a guess came, nor whether the code was revoked."""
    nonsense = client.get("/q/nonsense")
    assert nonsense.status_code == 404
    assert "印坏了" in nonsense.text and "12345" in nonsense.text and "http://localhost:8000" in nonsense.text
    for revoked in (False, True):
        if revoked:
            revoke()
        for place in range(len(token)):
            other = IN_AN_ADDRESS[(IN_AN_ADDRESS.index(token[place]) + 1 + place) % len(IN_AN_ADDRESS)]
            answer = client.get(f"/q/{token[:place]}{other}{token[place + 1 :]}")
            assert answer.status_code == 404, (place, other)
            assert without_language_links(answer.text) == without_language_links(nonsense.text), (place, other)


def test_no_other_character_in_any_place_is_accepted(client: FlaskClient, token: str) -> None:
    key = queries.signing_key()
    assert rules.read_qr_token(key, token) is not None
    for place, printed in enumerate(token):
        for other in IN_AN_ADDRESS.replace(printed, ""):
            assert rules.read_qr_token(key, token[:place] + other + token[place + 1 :]) is None, (place, other)


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, str.swapcase, lambda text: text + "=", lambda text: f"{text}."]
)
def test_a_token_has_one_spelling(client: FlaskClient, token: str, change: object) -> None:
    assert callable(change)
    assert client.get(f"/q/{change(token)}").status_code == 404


def test_a_code_of_ours_for_another_region_is_forged(client: FlaskClient, token: str) -> None:
    name = rules.read_qr_token(queries.signing_key(), token)
    assert name is not None
    for other in (rules.QrName(name.qr_id, "513426100201"), rules.QrName(name.qr_id + 1, VILLAGE)):
        assert client.get(f"/q/{rules.qr_token(queries.signing_key(), other)}").status_code == 404


def test_the_home_tells_how_to_know_the_genuine_site(client: FlaskClient, village: Village) -> None:
    page = client.get("/").text
    assert "怎样认出真的网站" in page and "http://localhost:8000" in page
    assert "开头和印的不一样，就关掉" in page and "12345" in page
