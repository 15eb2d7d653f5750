"""What is wrong with an answer, and with what the house did meanwhile."""

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, got_request_exception

from core.database import db
from tests.hostile.undone import Undone
from tests.plain_requests import Answer

TRACES = (b"Traceback (most recent", b"sqlalchemy.", b"psycopg", b'File "/', b"werkzeug.", b"jinja2.")
SECONDS = 5.0
"""What one answer may cost of the processor, the longest text and the oddest file included."""
KEPT_WHEN_REFUSED = frozenset(
    {"rate_counters", "audit_entries", "staff_sessions", "second_factors", "complaint_openings"}
)
"""A refusal is counted and written down, the visit of whoever asked goes on, a wrong code is remembered; and who has
opened a case has, though what he asked of it is not there."""


class Watch(logging.Handler):
    """Hears every fault that is logged or raised while it listens."""

    def __init__(self, app: Flask, undone: Undone) -> None:
        super().__init__(logging.ERROR)
        self._app, self._undone, self._heard = app, undone, list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """A line of a log that tells of a fault."""
        self._heard.append(f"{record.getMessage()} {told(record.exc_info[1] if record.exc_info else None)}")

    def _raised(self, _sender: Any, exception: BaseException, **_more: Any) -> None:
        self._heard.append(told(exception))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen, inside."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            with got_request_exception.connected_to(self._raised, self._app):
                yield
        finally:
            root.removeHandler(self)

    def faults_of(self, answer: Answer, cost: float) -> list[str]:
        """All that is wrong."""
        found = [*self._heard]
        self._heard.clear()
        if answer.status >= 500:
            found.append(f"answered {answer.status}")
        found += [f"shows {trace!r}" for trace in TRACES if trace in answer.content]
        if b"<script>alert(1)" in answer.content and answer.headers.get("Content-Type", "").startswith("text/html"):
            found.append("a script came back as it was sent")
        if cost > SECONDS:
            found.append(f"took {cost:.1f} s")
        left = self._undone.written - KEPT_WHEN_REFUSED
        # What comes next is another request.
        self._undone.told()
        if answer.status >= 400 and left:
            found.append(f"refused with {answer.status}, and yet wrote {left}")
        if db.session.execute(db.text("SELECT 1")).scalar_one() != 1 or db.session.new or db.session.dirty:
            found.append("the session is not clean")
        return found


def told(error: BaseException | None) -> str:
    """A fault in a few words: what it was, and the last places of ours that it passed."""
    if error is None:
        return ""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    places = " < ".join(f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in reversed(ours[-3:]))
    return f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''} at {places}"


def used() -> float:
    """How much of the processor this process has used."""
    return time.process_time()
