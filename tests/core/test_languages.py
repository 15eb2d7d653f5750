"""Chinese, English, and Nuosu Yi as far as somebody has translated it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

import app as front_desk
from core import web
from core.languages import LANGUAGES, offered
from core.settings import Settings
from tests.conftest import settings_for

ROOT = Path(__file__).parents[2]
# Stand-ins that say nothing: syllables in the order of their table.
LINE, TITLE = "ꀀꀁꀂ", "ꀃꀄꀅ"


def catalogue(folder: Path, lines: dict[str, str]) -> Path:
    """A compiled Yi catalogue with these lines filled and one empty."""
    made = Catalog(locale="ii")
    for text, translated in (lines | {"查询不要钱，也不用下载软件。": ""}).items():
        made.add(text, translated)
    path = folder / "ii" / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, made)
    return folder


@pytest.fixture
def with_yi(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[dict[str, str]], FlaskClient]]:
    """A browser on a site whose Yi catalogue holds these lines."""
    configure = front_desk.configure

    def opened(lines: dict[str, str]) -> FlaskClient:
        folder = catalogue(tmp_path / "translations", lines)

        def configured(application: Flask, settings: Settings) -> None:
            configure(application, settings)
            application.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{folder};{ROOT / 'translations'}"

        monkeypatch.setattr(front_desk, "configure", configured)
        return front_desk.create_app(settings_for(database_url, tmp_path / "instance")).test_client()

    yield opened
    web._messages["ii"].clear()


def test_the_yi_catalogue_is_there_and_in_step() -> None:
    with (ROOT / "translations/ii/LC_MESSAGES/messages.po").open("rb") as file:
        yi = {str(line.id) for line in read_po(file, locale="ii") if line.id}
    with (ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        english = {str(line.id) for line in read_po(file, locale="en") if line.id}
    # Both are made by `make catalogue`, which takes every folder of translations/.
    assert english <= yi


def test_nobody_is_sent_into_an_empty_language(
    tmp_path: Path, with_yi: Callable[[dict[str, str]], FlaskClient]
) -> None:
    assert set(offered([tmp_path / "nowhere"])) == {"zh_CN", "en"}
    client = with_yi({})
    assert LANGUAGES["ii"] not in client.get("/").text
    client.get("/language/ii")
    assert client.get_cookie("language") is None
    client.set_cookie("language", "ii")
    assert '<html lang="zh-CN">' in client.get("/").text


def test_one_line_opens_the_language_and_the_others_stay_chinese(
    with_yi: Callable[[dict[str, str]], FlaskClient],
) -> None:
    client = with_yi({"您要办什么事？": LINE, "首页": TITLE})
    switch = client.get("/").text
    assert 'lang="ii"' in switch and LANGUAGES["ii"] in switch
    assert client.get("/language/ii?next=/").location == "/"
    page = client.get("/").text
    assert '<html lang="ii">' in page
    assert f"<h1>{LINE}</h1>" in page and TITLE in page.split("</title>")[0]
    # An empty line and one that the catalogue lacks: in Chinese, and said to be so.
    assert '<bdi lang="zh-CN">查询不要钱，也不用下载软件。</bdi>' in page
    assert '<bdi lang="zh-CN">查询我的补贴</bdi>' in page
    # Nowhere in an attribute, and not twice.
    assert not re.search(r'="[^"]*<bdi', page) and "<bdi><bdi" not in page


def test_a_chinese_or_english_page_has_no_marks(client: FlaskClient) -> None:
    assert "<bdi" not in client.get("/").text
    client.get("/language/en")
    assert "<bdi" not in client.get("/").text


def test_large_type_stays_on_and_leads_back(client: FlaskClient) -> None:
    page = client.get("/lookup?with=code").text
    link = re.search(r'href="(/type-size/large\?next=[^"]+)"', page)
    assert link and '<html lang="zh-CN">' in page
    answer = client.get(link[1])
    assert answer.location == "/lookup?with=code"
    cookie = client.get_cookie("type_size")
    assert cookie is not None and cookie.max_age == 31536000 and cookie.http_only
    for path in ("/", "/lookup", "/lists", "/complaints/new", "/complaints/track", "/statistics", "/no-such-page"):
        assert '<html lang="zh-CN" class="large">' in client.get(path).text
    client.get("/language/en")
    assert '<html lang="en" class="large">' in client.get("/").text
    client.get("/type-size/normal")
    assert '<html lang="en">' in client.get("/").text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_switch_leads_away(client: FlaskClient, target: str) -> None:
    for switch in ("/type-size/large", "/language/en"):
        assert client.get(switch, query_string={"next": target}).location == "/"


def test_another_size_changes_nothing(client: FlaskClient) -> None:
    assert client.get("/type-size/huge").location == "/"
    assert client.get_cookie("type_size") is None
    client.set_cookie("type_size", '"><script>')
    assert "<script>" not in client.get("/").text and "large" not in client.get("/").text.split("<head>")[0]


def test_the_way_back_keeps_what_names_nobody(client: FlaskClient) -> None:
    page = client.get("/no-such-page?name=somebody&page=2&id_number=5").text
    assert "next=/no-such-page?page%3D2" in page or "next=/no-such-page?page=2" in page
    assert "somebody" not in page and "id_number" not in page
