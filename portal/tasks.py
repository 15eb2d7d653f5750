"""Background work of the public door."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.database import db
from core.jobs import Progress, background, periodic
from portal import operations
from portal.models import LookupCode


@background(operations.SEND_CODE)
def send_lookup_code(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
    """Send the code that somebody asked for; a wish that is gone has expired."""
    wish = db.session.get(LookupCode, payload["lookup_code"])
    if wish is not None:
        operations.send_code(wish, at=at)


@periodic("forget_lookup_codes", minute="*/30")
def forget_lookup_codes(at: datetime) -> None:
    """Twice an hour: who asked for a code is nobody's business afterwards."""
    operations.forget_codes(at=at)
