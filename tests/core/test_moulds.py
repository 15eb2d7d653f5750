"""A mould shows to each reader what is his, escaped, and keeps nothing of him."""

from collections.abc import Iterator

import pytest
from flask import Flask, session
from jinja2 import DictLoader

from core import moulds
from core.moulds import mould


@pytest.fixture
def templates(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application that knows a few small templates."""
    few = DictLoader(
        {
            "hello.html": "<p>{{ _('元') }} 100% {{ name }} {{ count }}</p>",
            "form.html": "<input value='{{ csrf_token() }}'>{% for m in get_flashed_messages() %}{{ m }}{% endfor %}",
            "choice.html": "{% if name %}{{ name }}{% endif %}",
            "fixed.html": "{{ 'ja' if wanted else 'nein' }} {{ name }}",
        }
    )
    monkeypatch.setattr(app.jinja_env, "loader", few)
    moulds._mould.cache_clear()
    yield app
    moulds._mould.cache_clear()


def test_values_are_escaped_when_they_are_filled_in(templates: Flask) -> None:
    with templates.test_request_context("/lookup"):
        page = mould("hello.html", "name", "count").fill(name="<b>100%(count)s & %s", count=3)
        assert page == "<p>元 100% &lt;b&gt;100%(count)s &amp; %s 3</p>"
        inner = mould("hello.html", "name", "count").fill(name=page, count=0)
        assert "<p>元" in inner[4:]


def test_a_template_is_rendered_once_for_all(templates: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with templates.test_request_context("/lookup"):
        first = mould("fixed.html", "name", wanted=True)
        assert mould("fixed.html", "name", wanted=True) is first
        assert mould("fixed.html", "name", wanted=False).fill(name="x") == "nein x"
        assert first.fill(name="x") == "ja x"


def test_no_token_and_no_message_stays_in_a_mould(templates: Flask) -> None:
    with templates.test_request_context("/lookup"):
        session["_flashes"] = [("info", "nur einmal")]
        form = mould("form.html")
        assert form.fill(csrf_token="mine") == "<input value='mine'>"
        assert "csrf_token" not in session
        assert session["_flashes"]
        with pytest.raises(KeyError):
            form.fill()


def test_what_a_page_shows_must_not_hang_on_an_open_place(templates: Flask) -> None:
    with templates.test_request_context("/lookup"), pytest.raises(TypeError, match="name is filled in later"):
        mould("choice.html", "name")
