"""The county of these tests, and the hour at which they stand."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from core.database import db
from tests.built_once import built_once
from tests.complaints.access.objects import County, build
from tests.complaints.county import AT


@pytest.fixture
def county(app: Flask) -> Iterator[County]:
    """Everybody and everything, at ten in the morning of 6 July 2020; it stays so, and no visit runs out."""
    with time_machine.travel(AT, tick=False):
        built = built_once(app, build)
        db.session.remove()
        yield built
