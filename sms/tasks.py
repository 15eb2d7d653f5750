"""Work of this room in the background: sending, and asking about what got lost."""

import threading
from collections import Counter
from datetime import datetime

from flask import Flask, current_app

from core import clock, jobs
from core.principal import system
from core.settings import Settings
from sms.dispatch import Office, dispatch
from sms.gateways.choice import configured_gateway
from sms.operations import DISPATCH, quiet_hours
from sms.templates import signature_of

_running = threading.Lock()
_wanted = threading.Event()


def running_app() -> Flask:
    """The application itself, for threads that outlive the context."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


def send_due() -> Counter[str]:
    """One run of the dispatcher with the configured gateway; returns its counts."""
    app = running_app()
    settings: Settings = app.extensions["settings"]
    gateway = configured_gateway(app)
    try:
        office = Office(signature_of(settings.county_name), quiet_hours())
        return dispatch(system("sms"), gateway, office, now=clock.utc_now)
    finally:
        gateway.close()


@jobs.wakeable(DISPATCH)
@jobs.periodic("sms_dispatch", minute="*")
def dispatch_due(at: datetime) -> None:
    """Send what is due. One run a process: whoever is woken meanwhile only asks the running one for another round."""
    _wanted.set()
    while _wanted.is_set() and _running.acquire(blocking=False):
        try:
            _wanted.clear()
            send_due()
        finally:
            _running.release()
