"""The staff door's session: who is signed in, for how long, and as which principal."""

from datetime import UTC, datetime, timedelta

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user

from accounts import queries
from accounts.models import Official
from core import web

# A working day: whoever forgets to sign out is signed out by the next morning.
LONGEST_SESSION = timedelta(hours=10)
SINCE = "signed_in_at"
# What somebody with a first password may reach before he has chosen his own.
OPEN_WITH_FIRST_PASSWORD = frozenset({"accounts.change_password", "accounts.logout"})


class SignedIn(UserMixin):
    """The official of a session. The id in the cookie carries the epoch: raising it ends the session."""

    def __init__(self, official: Official) -> None:
        self.official = official

    def get_id(self) -> str:
        """What the cookie holds: the official's id and the epoch of his sessions."""
        return f"{self.official.id}.{self.official.session_epoch}"


def load_signed_in(cookie_id: str) -> SignedIn | None:
    """The official of a session's cookie, if the session still holds."""
    official_id, _, epoch = cookie_id.partition(".")
    if not (official_id.isdecimal() and epoch.isdecimal()) or _is_over():
        return None
    person = queries.signed_in(int(official_id), int(epoch))
    return SignedIn(person) if person else None


def _is_over() -> bool:
    since = datetime.fromtimestamp(int(session.get(SINCE, 0)), UTC)
    return bool(g.now - since > LONGEST_SESSION)


def begin_session(person: Official) -> None:
    """Sign an official in. What the session held before is dropped: nobody prepares a session for somebody else."""
    session.clear()
    session[SINCE] = int(g.now.timestamp())
    login_user(SignedIn(person))


def present_official() -> Official | None:
    """The official who is signed in, or None."""
    signed_in = current_user
    return signed_in.official if signed_in.is_authenticated else None


def load_principal() -> ResponseReturnValue | None:
    """Before each request at the staff door: make the principal, and see to it that a first password is changed."""
    if not web.at_staff_door():
        return None
    person = present_official()
    if person is None:
        return None
    g.principal = queries.principal_from(person)
    g.organisation_name = person.organisation.name
    if person.must_change_password and request.endpoint not in OPEN_WITH_FIRST_PASSWORD:
        return redirect(url_for("accounts.change_password"))
    return None


def install(app: Flask) -> None:
    """Find out who is asking before each request."""
    # Templates ask for the principal. Otherwise every page of the public door would look for an official, too.
    manager = LoginManager(app, add_context_processor=False)
    # A cookie that turns up at another address or browser is not the session that was begun.
    manager.session_protection = "strong"
    manager.user_loader(load_signed_in)
    app.before_request(load_principal)
