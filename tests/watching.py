"""Watches every request of every test: what an unsafe request at the staff door has changed and committed, an audit
entry of the same request accounts for."""

import re
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from sqlalchemy import event

from core.database import db
from core.web import READING_METHODS, at_staff_door

CHANGES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|COPY)\s+\"?(\w+)", re.IGNORECASE)
# What is no operation of anybody: counters against floods, when somebody was last here, names of forms that were sent,
# what wakes the worker, and what is kept of a try that is over at once.
OF_NO_ACCOUNT = frozenset({"rate_counters", "staff_sessions", "sent_forms", "background_jobs", "case_presence"})


def watch(app: Flask) -> list[str]:
    """Watch this application; returns the list that unaccounted changes will be entered into."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        changed = CHANGES.match(statement)
        if changed and has_request_context():
            g.setdefault("changed", set()).add(changed[1])

    def settle(_session: Any) -> None:
        if has_request_context():
            g.setdefault("kept", set()).update(g.pop("changed", set()))

    def forget(_session: Any) -> None:
        if has_request_context():
            g.pop("changed", None)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    event.listen(db.session, "after_commit", settle)
    event.listen(db.session, "after_rollback", forget)

    @app.after_request
    def account(response: Response) -> Response:
        kept = g.get("kept", set()) - OF_NO_ACCOUNT
        unsafe = request.method not in READING_METHODS and at_staff_door()
        if unsafe and kept and "audit_entries" not in g.kept:
            found.append(f"{request.method} {request.endpoint} changed {sorted(kept)} and left no audit entry")
        return response

    return found
