"""Whatever a provider does with a call has one outcome, and no message is sent a second time that may have left.

One table for both providers. Each is a local server; the clients are the real ones.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.database import db
from sms.models import Message, PhoneDay, SendAttempt, SmsDay
from sms.rules import RETRY_DELAYS
from tests.factories import AT
from tests.sms.aliyun_provider import decline, deny
from tests.sms.conftest import queue, run
from tests.sms.provider import Act, Provider, babble, close, half_said, hang, refuse, reset, say, taken_but

FIRST_DELAY = RETRY_DELAYS[0]
WISH = timedelta(minutes=4)


@dataclass(frozen=True)
class Outcome:
    """What becomes of the message: its state, its error by either provider, and when it is tried again."""

    state: str
    twilio: str
    aliyun: str
    again: timedelta | None = None


def unknown(twilio: str, aliyun: str = "") -> Outcome:
    return Outcome("unknown", twilio, aliyun or twilio)


def requeued(twilio: str, aliyun: str, again: timedelta = FIRST_DELAY) -> Outcome:
    return Outcome("queued", twilio, aliyun, again)


def rejected(twilio: str, aliyun: str) -> Outcome:
    return Outcome("rejected", twilio, aliyun)


LOST, LATE, GARBLED = unknown("connection_lost"), unknown("read_timeout"), unknown("garbled")
PAGE = "<html><body>Bad Gateway</body></html>"
OK = (201, 200)
"""How Twilio says that all is well, and how Aliyun does."""


def both(act: Act) -> tuple[Act, Act]:
    return act, act


def said(content: object, headers: dict[str, str] | None = None) -> tuple[Act, Act]:
    """All is well, and then this."""
    twilio, aliyun = (taken_but(say(status, content, headers)) for status in OK)
    return twilio, aliyun


def errors(status: int, code: int | None, word: str) -> tuple[Act, Act]:
    return refuse(status, code), deny(status, word)


MINUTES_IN_SECONDS = {"Retry-After": f"{WISH.seconds}"}
MINUTES_IN_MILLISECONDS = {"x-acs-retry-after": f"{WISH.seconds}000"}
NO_TIME = {"Retry-After": "soon", "x-acs-retry-after": "soon"}

FAULTS: dict[str, tuple[tuple[Act, Act], Outcome]] = {
    # It hangs.
    "it takes nothing and hangs": (both(hang), LATE),
    "it takes the message and hangs": (both(taken_but(hang)), LATE),
    "it hangs in mid-answer": (both(half_said(hang)), LATE),
    # The line is cut, or ends.
    "cut before any answer": (both(taken_but(reset)), LOST),
    "cut in mid-answer": (both(half_said(reset)), LOST),
    "closed before any answer": (both(taken_but(close)), LOST),
    "closed in mid-answer": (both(half_said(close)), LOST),
    "no HTTP": (both(babble), LOST),
    # It is ill, or something in front of it.
    "500": (errors(500, 20500, "InternalError"), unknown("http_500")),
    "503": (errors(503, 20503, "ServiceUnavailable"), unknown("http_503")),
    "503 with a wish": (
        (refuse(503, 20503, MINUTES_IN_SECONDS), deny(503, "ServiceUnavailable", MINUTES_IN_MILLISECONDS)),
        unknown("http_503"),
    ),
    "500 of a proxy": (both(say(500, PAGE)), unknown("http_500", "garbled")),
    "502 of a proxy": (both(say(502, PAGE)), unknown("http_502", "garbled")),
    "504 of a proxy": (both(taken_but(say(504, PAGE))), unknown("http_504", "garbled")),
    "408": (errors(408, None, "RequestTimeout"), unknown("http_408")),
    "sent elsewhere": (both(taken_but(say(307, "", {"Location": "/elsewhere"}))), unknown("http_307", "garbled")),
    # Too much at once.
    "429": (errors(429, 20429, "Throttling.User"), requeued("20429", "Throttling.User")),
    "429 without a code": (errors(429, None, "Throttling"), requeued("429", "Throttling")),
    "429 with a wish": (
        (refuse(429, 20429, MINUTES_IN_SECONDS), deny(429, "Throttling.User", MINUTES_IN_MILLISECONDS)),
        requeued("20429", "Throttling.User", WISH),
    ),
    "429 with a wish for nothing": (
        (refuse(429, 20429, NO_TIME), deny(429, "Throttling.User", NO_TIME)),
        requeued("20429", "Throttling.User"),
    ),
    # All is well, it says, and nobody understands the rest.
    "garbage": (said("\x00\x01 {"), GARBLED),
    "bytes that are no text": (said(b"\xff\xfe\x00\xd8"), GARBLED),
    "a page": (said(PAGE), GARBLED),
    "half a JSON": (said('{"sid": "SM1", "Code": "O'), GARBLED),
    "a list": (said([]), GARBLED),
    "null": (said("null"), GARBLED),
    "an object without what is needed": (said({}), GARBLED),
    "no id": (said({"sid": None, "status": "queued", "Code": "OK", "BizId": None}), GARBLED),
    "empty": (said(""), GARBLED),
    "204": (both(taken_but(say(204, ""))), GARBLED),
    "packed wrongly": (said("not packed", {"Content-Encoding": "gzip"}), LOST),
    # All is well, it says, and it is not.
    "an error inside": (
        (say(201, {"sid": "SM1", "status": "failed", "error_code": 30007}), decline("isv.BLACK_KEY_CONTROL_LIMIT")),
        rejected("30007", "isv.BLACK_KEY_CONTROL_LIMIT"),
    ),
    # Refused.
    "a bad number": (
        (refuse(400, 21211), deny(400, "isv.MOBILE_NUMBER_ILLEGAL")),
        rejected("21211", "isv.MOBILE_NUMBER_ILLEGAL"),
    ),
    "a wrong key": (
        (refuse(401, 20003), deny(403, "InvalidAccessKeyId.NotFound")),
        requeued("20003", "InvalidAccessKeyId.NotFound"),
    ),
}


@dataclass(frozen=True)
class House:
    """An installation and its provider."""

    app: Flask
    provider: Provider

    @property
    def name(self) -> str:
        return str(self.app.extensions["settings"].sms_gateway)


@pytest.fixture(params=["twilio", "aliyun"])
def house(request: pytest.FixtureRequest, database_url: str) -> House:
    app = request.getfixturevalue(f"{request.param}_app")
    return House(app, request.getfixturevalue("provider" if request.param == "twilio" else "aliyun"))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_outcome(house: House, fault: str) -> None:
    acts, outcome = FAULTS[fault]
    act, code = (acts[0], outcome.twilio) if house.name == "twilio" else (acts[1], outcome.aliyun)
    house.provider.script = [act]
    queue()
    run(house.app, patience=0.3 if outcome is LATE else 20)
    message = db.session.scalars(select(Message)).one()
    attempt = db.session.scalars(select(SendAttempt)).one()
    assert (message.state, message.error_code, message.lease_until) == (outcome.state, code, None)
    assert (attempt.number, attempt.detail) == (1, code)
    assert len(house.provider.calls) == 1
    # What may have left counts, what surely did not costs nothing.
    assert db.session.scalars(select(SmsDay.segments)).one() == (1 if outcome.state == "unknown" else 0)
    assert db.session.scalars(select(PhoneDay.sent)).one() == 1

    # From now on the provider is well. Only what surely did not leave is tried again, not before its time, and once.
    if outcome.again:
        assert message.not_before == AT + outcome.again
        assert not run(house.app, message.not_before - timedelta(seconds=1))
    for later in (outcome.again or FIRST_DELAY, timedelta(days=1)):
        run(house.app, AT + later)
    again = 1 if outcome.again else 0
    assert message.state == ("accepted" if again else outcome.state)
    assert len(house.provider.calls) == db.session.scalar(select(func.count(SendAttempt.id))) == 1 + again
    assert len(house.provider.messages) <= 1
