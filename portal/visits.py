"""What the public door remembers of a visit, in its signed cookie: the region at hand, and for ten minutes who looked
up. No ID number, name or card is in there."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app, session
from itsdangerous import BadData, URLSafeTimedSerializer

from core.principal import NOBODY, Principal, PrincipalKind
from portal import rules

_REGION = "region"
_LOOKUP = "lookup"
_USED = "used"
_MOST_USED, _LONGEST_NAME = 8, 16
_PAYMENT_GOOD_FOR = 24 * 3600
"""Seconds for which a complaint may be written about a payment: longer than the visit, because writing takes time."""


@dataclass(frozen=True)
class Visit:
    """Who has looked up, and when that ends."""

    principal: Principal
    until: datetime


def remember_region(code: str) -> None:
    """Keep the region at hand, as long as the browser stays open."""
    session[_REGION] = code


def region_at_hand() -> str:
    """The region of the scanned code or of the lookup; "" where there is none."""
    code = session.get(_REGION)
    return code if isinstance(code, str) else ""


def new_form() -> str:
    """A name for the form of a lookup, by which a browser that sends it again is known (see is_over)."""
    return secrets.token_urlsafe(9)


def is_over(form: str, *, at: datetime) -> bool:
    """Whether the form of this name began a visit in this browser that has ended. The browser keeps what was sent, and
    sends it again when somebody goes back: he who does may be the next to hold the phone."""
    return form[:_LONGEST_NAME] in session.get(_USED, ()) and current(at=at) is None


def begin(beneficiary_id: int, card_id: int | None, form: str, *, at: datetime) -> Visit:
    """Somebody has given proof, by the form of this name; ``card_id`` is that of somebody without a record of his
    own."""
    if form:
        session[_USED] = [*session.get(_USED, ())[1 - _MOST_USED :], form[:_LONGEST_NAME]]
    until = (at + rules.VISIT).replace(microsecond=0)
    session[_LOOKUP] = [beneficiary_id, int(until.timestamp()), card_id]
    return _visit(beneficiary_id, card_id, until)


def current(*, at: datetime) -> Visit | None:
    """The visit that still lasts, if any."""
    kept = session.get(_LOOKUP)
    if not isinstance(kept, list) or len(kept) != 3 or kept[1] <= at.timestamp():
        return None
    return _visit(kept[0], kept[2], datetime.fromtimestamp(kept[1], UTC))


def principal_at_hand(*, at: datetime) -> Principal:
    """Who asks: the person who has looked up, or nobody."""
    visit = current(at=at)
    return visit.principal if visit else NOBODY


def end() -> None:
    """Forget who looked up; the region stays, it is no secret."""
    session.pop(_LOOKUP, None)


def _visit(beneficiary_id: int, card_id: int | None, until: datetime) -> Visit:
    return Visit(Principal(PrincipalKind.BENEFICIARY, beneficiary_id=beneficiary_id, card_id=card_id), until)


def payment_token(payment_id: int) -> str:
    """Proof, for the form of a complaint, that its sender was shown this payment."""
    token = _payments().dumps(payment_id)
    return token if isinstance(token, str) else token.decode()


def payment_of_token(token: str) -> int | None:
    """The payment that such a proof names; None where there is none, or it is too old."""
    try:
        payment_id = _payments().loads(token, max_age=_PAYMENT_GOOD_FOR)
    except BadData:
        return None
    return payment_id if isinstance(payment_id, int) else None


def _payments() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="complaint-payment")
