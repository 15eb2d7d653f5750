"""A county with offices and officials."""

import pytest
from flask import Flask

from tests.complaints.county import County, build_county


@pytest.fixture
def county(app: Flask) -> County:
    """Its offices are signed in as principals."""
    return build_county()
