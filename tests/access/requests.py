"""Sending a form to an address."""

from urllib.parse import urlencode

from tests.access.asking import Form
from tests.plain_requests import Answer, Body, Visitor


def post(visitor: Visitor, address: str, form: Form) -> Answer:
    """Send it; the answer as it came."""
    return visitor.post(address, Body(urlencode(form, doseq=True).encode()))
