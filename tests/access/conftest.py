"""The county of these tests, at ten in the morning of 6 July 2020."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask, g, request

import core.web
from accounts.sign_in import SignedIn
from core.database import db
from core.errors import UserError
from tests.access.asking import Hearing
from tests.access.county import County, build
from tests.built_once import built_once
from tests.factories import AT

_signed_in: dict[str, SignedIn | None] = {}


@pytest.fixture
def hearing(monkeypatch: pytest.MonkeyPatch) -> Hearing:
    """Somebody who hears what is refused."""
    made, begin = Hearing(), UserError.__init__

    def noticed(error: UserError, sentence: str, **parameters: object) -> None:
        begin(error, sentence, **parameters)
        made.hear(error)

    monkeypatch.setattr(UserError, "__init__", noticed)
    return made


@pytest.fixture
def county(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    """Everybody and everything; the hour stays so, and no visit runs out."""
    # Thousands are refused here: to draw the page that says so each time would take longer than all the rest.
    monkeypatch.setattr(core.web, "render_template", lambda _template, sentence, **_more: sentence)
    sign_in_once(app, monkeypatch)
    with time_machine.travel(AT, tick=False):
        built = built_once(app, build)
        db.session.remove()
        yield built


def sign_in_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose a session is is read from the database once, not at each of thousands of requests (tests of the sign-in
    have it read each time). Where somebody's own account is at stake it is read as in service."""
    load = app.login_manager._user_callback  # type: ignore[attr-defined]  # flask-login sets it

    def loader(token: str) -> SignedIn | None:
        if request.blueprint == "accounts":
            return load(token)  # type: ignore[no-any-return] # flask-login says not what it is
        if token not in _signed_in:
            found = load(token)
            _signed_in[token] = found
            if found is not None:
                # Everything that is asked of it later is read now.
                assert found.official.organisation is not None and found.official.roles is not None
                db.session.expunge_all()
        g.session_has_ended = _signed_in[token] is None
        return _signed_in[token]

    monkeypatch.setattr(app.login_manager, "_user_callback", loader)  # type: ignore[attr-defined] # flask-login sets it
