"""Names of forms that are good once: a form that is sent twice, because the answer got lost on the way, counts once.

Each form that is shown carries a random name, signed, in a hidden field. What it does is kept under that name (hashed)
or under something made from it; sent again, it finds that it is done. A name says nothing and opens nothing: whatever
is made from it needs the key of this house as well.
"""

import hashlib
import hmac
import secrets

from flask import current_app, request
from itsdangerous import BadData, Signer

FIELD = "form_name"
"""The hidden field in which a form carries its name."""


def new_form_name() -> str:
    """The signed name of a form about to be shown."""
    return _signer().sign(secrets.token_urlsafe(18)).decode()


def form_name_at_hand() -> str:
    """The name of the form that the present request has sent. One that brings none, or one that is not ours, gets a
    name of its own: it cannot be told from another, and is not refused for that."""
    try:
        return _signer().unsign(request.form.get(FIELD, "")).decode()
    except BadData:
        return secrets.token_urlsafe(18)


def secret_of_form(form_name: str, purpose: str) -> bytes:
    """32 bytes that belong to this form and purpose: always the same, and not to be had from the name without the
    signing key."""
    key: bytes = current_app.config["SECRET_KEY"]
    return hmac.digest(key, f"form/{purpose}/{form_name}".encode(), "sha256")


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt="form-name", digest_method=hashlib.sha256)
