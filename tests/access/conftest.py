"""The county of these tests, at ten in the morning of 6 July 2020."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

import core.web
from core.database import db
from tests.access.asking import hearing
from tests.access.county import County, build
from tests.built_once import built_once
from tests.factories import AT


@pytest.fixture
def county(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    """Everybody and everything; the hour stays so, and no visit runs out."""
    # Thousands are refused here: to draw the page that says so each time would take longer than all the rest.
    monkeypatch.setattr(core.web, "render_template", lambda _template, sentence, **_more: sentence)
    with time_machine.travel(AT, tick=False):
        built = built_once(app, build)
        db.session.remove()
        yield built
