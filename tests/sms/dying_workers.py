"""Dispatchers that are killed by the hundred. One process loads the product and forks the others from itself: each
takes up where those before it died, and dies itself at a point of its own."""

import gc
import json
import os
import signal
import time
import traceback
from collections import Counter
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from app import create_app
from core.database import db
from core.principal import system
from core.settings import Settings
from sms.dispatch import dispatch
from sms.gateways.base import OutboundSms, Result
from sms.gateways.twilio_gateway import TwilioGateway
from sms.rules import LEASE
from tests.conftest import settings_for
from tests.factories import AT
from tests.sms.conftest import OFFICE
from tests.sms.provider import Provider

BEFORE = AT - timedelta(minutes=30)
"""When the process that forks the others sends a few itself, so that none of them has to begin from nothing."""
SECOND = timedelta(seconds=1)
# Where a worker dies, and at which passing at the latest: before a statement, before and after a commit (that of the
# claim, that of the record), before a call, between question and answer, after the answer.
POINTS = {"statement": 45, "commit": 4, "committed": 4, "call": 4, "asked": 4, "answered": 4}
MOMENT = "moment"
LATEST_MOMENT = 0.05
"""Or it dies at any moment within so many seconds, by another's hand."""


class Fate:
    """Where a worker dies: when it passes this point for the n-th time."""

    def __init__(self, point: str, passings: int) -> None:
        self.point = point
        self.passings = passings

    def pass_by(self, point: str) -> None:
        """The worker is at this point."""
        if point == self.point:
            self.passings -= 1
            if self.passings <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """See to it that this process, which has nothing else to do in its life, passes by wherever it can die."""
        answer = HTTPConnection.getresponse

        def after_the_question(connection: HTTPConnection) -> HTTPResponse:
            self.pass_by("asked")
            return answer(connection)

        pytest.MonkeyPatch().setattr(HTTPConnection, "getresponse", after_the_question)
        event.listen(db.engine, "before_cursor_execute", lambda *_: self.pass_by("statement"))
        event.listen(db.engine, "commit", lambda *_: self.pass_by("commit"))
        event.listen(db.session, "after_commit", lambda *_: self.pass_by("committed"))


class Dying(TwilioGateway):
    """The real gateway, in a process that dies."""

    def __init__(self, settings: Settings, fate: Fate) -> None:
        super().__init__(settings)
        self.fate = fate

    def send(self, outbound: OutboundSms) -> Result:
        """Call, if life is long enough."""
        self.fate.pass_by("call")
        result = super().send(outbound)
        self.fate.pass_by("answered")
        return result


def main(database_url: str, folder: str, port: int, seed: int, kills: int) -> None:
    """Have so many workers killed, one after the other and sometimes two at once. What has happened is left in the
    folder: how many died where, how many ended otherwise, and what time it is by now."""
    settings = settings_for(database_url, Path(folder), **Provider(port=port).settings())
    app, chance, at = create_app(settings), Random(seed), AT
    died: Counter[str] = Counter()
    ended = 0
    with app.app_context():
        gateway = TwilioGateway(settings)
        dispatch(system("sms"), gateway, OFFICE, now=lambda: BEFORE)
        gateway.close()
        db.session.remove()
        db.engine.dispose()
        # They do not live long enough for their garbage to matter, and to look for it copies what they share.
        gc.disable()
        while died.total() < kills:
            fates = [_drawn(chance) for _ in range(chance.choice((1, 1, 1, 2)))]
            # First those that go on until they are killed: they would leave nothing for the others.
            fates.sort(key=lambda fate: fate.point != MOMENT)
            workers = [(_worker(settings, fate, at), fate.point) for fate in fates]
            for pid, point in workers:
                if point == MOMENT:
                    time.sleep(chance.uniform(0, LATEST_MOMENT))
                    os.kill(pid, signal.SIGKILL)
                if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL:
                    died[point] += 1
                else:
                    ended += 1
            # Some come while the leases of the dead still run.
            at += chance.choice((SECOND, LEASE + SECOND))
    Path(folder, "report").write_text(json.dumps({"died": died, "ended": ended, "at": at.isoformat()}))


def _drawn(chance: Random) -> Fate:
    point = chance.choice([*POINTS, MOMENT])
    return Fate(point, chance.randint(1, POINTS.get(point, 1)))


def _worker(settings: Settings, fate: Fate, at: datetime) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            fate.install()
            dispatch(system("sms"), Dying(settings, fate), OFFICE, now=lambda: at)
        except BaseException:  # noqa: BLE001 — whatever it is, this process must not go on as its parent
            traceback.print_exc()
        os._exit(1)
    return pid
