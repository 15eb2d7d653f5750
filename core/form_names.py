"""Names of forms that are good once: a form that is sent twice, because the answer got lost on the way, counts once.

Each form that is shown carries a random name with its time, signed, in a hidden field. What it does is kept under that
name (hashed) or under something made from it; sent again, it finds that it is done. A name says nothing and opens
nothing: whatever is made from it needs the key of this house as well.

A name is good for LIFE. After that the form is refused before anybody looks whether it was sent before: who finds it in
the history of a lent phone learns nothing. For the same reason a memory of names may be purged of what is older than
LIFE, and of nothing younger: what is refused anyway cannot be done twice.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadData, Signer

from core import clock
from core.errors import Conflict

FIELD = "form_name"
"""The hidden field in which a form carries its name."""
LIFE = timedelta(hours=24)
"""As long as a browser plausibly sends a form again, or somebody sits over one."""


def new_form_name() -> str:
    """The signed name of a form about to be shown."""
    return _signer().sign(_fresh_name()).decode()


def form_name_at_hand() -> str:
    """The name of the form that the present request has sent. One that brings none, or one that is not ours, gets a
    name of its own: it cannot be told from another, and is not refused for that. Raises Conflict for a form that was
    shown longer ago than LIFE, whether it was sent before or not."""
    name = _name_sent()
    if name is None:
        return _fresh_name()
    shown_at = name.rpartition("~")[2]
    if not shown_at.isdecimal() or clock.utc_now().timestamp() - int(shown_at) > LIFE.total_seconds():
        raise Conflict(
            "这张表是 %(hours)s 小时以前打开的，不能再用，这一次没有办理。请重新打开一张；以前交过的，不要再交。",
            hours=int(LIFE.total_seconds()) // 3600,
        )
    return name


def form_name_again() -> str:
    """The signed name for showing the form of the present request once more, where nothing has looked at it yet: its
    own, so that it still counts once if it was sent before; a new one where it brought none of ours."""
    return new_form_name() if _name_sent() is None else request.form[FIELD]


def _name_sent() -> str | None:
    try:
        return _signer().unsign(request.form.get(FIELD, "")).decode()
    except BadData:
        return None


def _fresh_name() -> str:
    return f"{secrets.token_urlsafe(18)}~{int(clock.utc_now().timestamp())}"


def secret_of_form(form_name: str, purpose: str) -> bytes:
    """32 bytes that belong to this form and purpose: always the same, and not to be had from the name without the
    signing key."""
    key: bytes = current_app.config["SECRET_KEY"]
    return hmac.digest(key, f"form/{purpose}/{form_name}".encode(), "sha256")


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt="form-name", digest_method=hashlib.sha256)
