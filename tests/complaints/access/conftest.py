"""The county of these tests, and the hour at which they stand."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

import core.web
from core.database import db
from tests.built_once import built_once
from tests.complaints.access.objects import County, build
from tests.complaints.county import AT


@pytest.fixture
def county(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    """Everybody and everything, at ten in the morning of 6 July 2020; it stays so, and no visit runs out."""
    # Thousands are refused here: to draw the page that says so each time would take longer than all the rest.
    monkeypatch.setattr(core.web, "render_template", lambda _template, sentence, **_more: sentence)
    with time_machine.travel(AT, tick=False):
        built = built_once(app, build)
        db.session.remove()
        yield built
