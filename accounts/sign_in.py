"""The staff door's session at the edge: who is signed in, as which principal, and what he must do first."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user

from accounts import queries, rules, second_factor, sessions
from accounts.models import Official, StaffSession
from core import web
from core.web import settings

# What somebody may reach before he has chosen his own password, and then his second factor.
_PAGES_OF_STEPS = {
    rules.SignInStep.CHANGE_PASSWORD: "accounts.change_password",
    rules.SignInStep.SET_UP_SECOND_FACTOR: "accounts.set_up_second_factor",
}
OPEN_AT_EVERY_STEP = frozenset({"accounts.logout"})


class SignedIn(UserMixin):
    """The official of a session. The cookie carries the session's token."""

    def __init__(self, official: Official, running: StaffSession | None, token: str) -> None:
        self.official, self.running, self.token = official, running, token

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.token


def load_signed_in(token: str) -> SignedIn | None:
    """The official of a session's cookie, if the session still holds."""
    running = sessions.running(token, at=g.now)
    person = queries.signed_in(running.official_id) if running else None
    g.session_has_ended = person is None
    return SignedIn(person, running, token) if person else None


def begin_session(person: Official) -> None:
    """Sign an official in. What the session held before is dropped: nobody prepares a session for somebody else. Only
    the secret behind the tokens of forms is kept where the same official comes back in the same browser, so that a form
    which he had open when his session ended can still be sent."""
    kept = session.get("csrf_token") if session.get("last_official") == person.id else None
    session.clear()
    if kept:
        session["csrf_token"] = kept
    session["last_official"] = person.id
    token = sessions.begin(person, str(request.user_agent), web.address_at_hand(), at=g.now)
    login_user(SignedIn(person, None, token))


def end_session() -> None:
    """Sign out: the session ends here and in the database."""
    if current_user.is_authenticated:
        sessions.end(web.current_principal(), current_user.token, at=g.now)
    session.clear()


def present_official() -> Official | None:
    """The official who is signed in, or None."""
    signed_in = current_user
    return signed_in.official if signed_in.is_authenticated else None


def oneself() -> Official:
    """The official who is signed in, at pages that nobody else reaches."""
    person = present_official()
    assert person is not None, "the staff door lets in only who has signed in"
    return person


def present_session() -> StaffSession:
    """The session of the present request, which has one."""
    running: StaffSession = current_user.running
    return running


def next_step(person: Official) -> rules.SignInStep:
    """What this official has to do before anything else."""
    lacks = second_factor.is_needed(person, settings()) and second_factor.confirmed(person.id) is None
    return rules.step_after_sign_in(must_change_password=person.must_change_password, lacks_second_factor=lacks)


def page_after_sign_in(person: Official, target: str) -> str:
    """Where an official goes who has just come in and wanted to go there."""
    page = _PAGES_OF_STEPS.get(next_step(person))
    return url_for(page) if page else target


def load_principal() -> ResponseReturnValue | None:
    """Before each request at the staff door: make the principal, and see to it that first things come first."""
    if not web.at_staff_door():
        return None
    person = present_official()
    if person is None:
        return None
    g.principal = queries.principal_from(person)
    g.organisation_name = person.organisation.name
    page = _PAGES_OF_STEPS.get(next_step(person))
    if page and request.endpoint not in OPEN_AT_EVERY_STEP | {page}:
        return redirect(url_for(page))
    return None


def asks_again(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """A view that wants the password once more where it was given longer ago than rules.CONFIRMED_FOR: an official who
    leaves his place must not leave the keys to all accounts behind."""

    @wraps(view)
    def asking(**values: object) -> ResponseReturnValue:
        if not rules.is_confirmed(present_session().confirmed_at, g.now):
            target = request.full_path.rstrip("?") if request.method in web.READING_METHODS else _came_from()
            return redirect(url_for("accounts.confirm", next=target or None))
        return view(**values)

    return asking


def _came_from() -> str:
    """The page of this site whose form was sent; "" where the browser does not say."""
    parts = urlsplit(request.referrer or "")
    return urlunsplit(parts._replace(scheme="", netloc="")) if parts.netloc == request.host else ""


def install(app: Flask) -> None:
    """Find out who is asking before each request."""
    # Templates ask for the principal. Otherwise every page of the public door would look for an official, too.
    manager = LoginManager(app, add_context_processor=False)
    # A cookie that turns up at another address or browser is not the session that was begun.
    manager.session_protection = "strong"
    manager.user_loader(load_signed_in)
    app.before_request(load_principal)
