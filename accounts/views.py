"""Sign-in and sign-out, and the pages about officials."""

from flask import Flask
from flask.typing import ResponseReturnValue

from core.web import staff_blueprint

blueprint = staff_blueprint("accounts", __name__, "")


def install(app: Flask) -> None:
    """Find out who is asking before each request."""


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in."""
    return ""
