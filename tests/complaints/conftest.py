"""A county with offices and officials."""

import pytest
from flask import Flask

from tests.built_once import built_once
from tests.complaints.county import County, build_county


@pytest.fixture
def county(app: Flask) -> County:
    """Its offices are signed in as principals."""
    return built_once(app, build_county)
