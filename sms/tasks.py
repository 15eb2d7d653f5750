"""Work of this room in the background: sending, and asking about what got lost."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Flask, current_app

from core import clock, jobs
from core.database import db
from core.principal import system
from core.settings import Settings
from sms.ceilings import is_shut
from sms.dispatch import dispatch, expire
from sms.gateways.base import Gateway
from sms.gateways.choice import gateway_named, gateway_names
from sms.lookup import look_up_lost
from sms.operations import DISPATCH, LOOK_UP, quiet_hours
from sms.outbox import Office
from sms.polling import poll_unreported
from sms.rendering import signature_of
from sms.wordings import load_wordings

_running = threading.Lock()
_wanted = threading.Event()


def running_app() -> Flask:
    """The application itself, for threads that outlive the context."""
    # The proxy has the method; its annotation, that of a Flask, has not.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


@contextmanager
def equipment(name: str) -> Iterator[tuple[Gateway, Office]]:
    """A configured gateway, closed afterwards, and what is to be known of the county."""
    app = running_app()
    settings: Settings = app.extensions["settings"]
    gateway = gateway_named(app, name)
    try:
        yield (
            gateway,
            Office(signature_of(settings.county_name), quiet_hours(), settings.sms_limits, load_wordings()),
        )
    finally:
        gateway.close()


def send_due() -> Counter[str]:
    """One run of the dispatcher; returns its counts. The second gateway takes what waits while the first is shut: what
    may have left by the first does not wait any more."""
    names = gateway_names(running_app())
    if not names:
        return expire(system("sms"), at=clock.utc_now())
    first, *others = names
    name = next((other for other in others if is_shut(first, clock.utc_now())), first)
    db.session.rollback()
    with equipment(name) as (gateway, office):
        return dispatch(system("sms"), gateway, office, now=clock.utc_now)


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


@jobs.wakeable(LOOK_UP)
@jobs.periodic("sms_look_up", minute="*/10")
def look_up(at: datetime) -> None:
    """Ask the providers about messages of unknown fate, and about those that nobody has reported on."""
    for name in gateway_names(running_app()):
        with equipment(name) as (gateway, office):
            look_up_lost(system("sms"), gateway, office, now=clock.utc_now)
            poll_unreported(system("sms"), gateway, now=clock.utc_now)
