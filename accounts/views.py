"""Sign-in and sign-out, and the pages about officials."""

from flask import Flask, redirect, session, url_for
from flask.typing import ResponseReturnValue

from core.web import staff_blueprint

blueprint = staff_blueprint("accounts", __name__, "")


def install(app: Flask) -> None:
    """Find out who is asking before each request."""


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in."""
    return ""


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out."""
    session.clear()
    return redirect(url_for("accounts.login"))


@blueprint.get("/password")
def change_password() -> ResponseReturnValue:
    """Choose a new password."""
    return redirect(url_for("staff.board"))
