"""What was refused at the staff door, in the audit log: who, which page, how; not which object.

A page that is not there and one that he may not see leave the same entry, so that nobody can tell a sealed case by it;
and of the same refusal on one day only the first, the tenth, the hundredth … are written, so that a flood fills no
disk.
"""

from datetime import datetime

from core.audit.entries import record
from core.database import db, only_reads
from core.limits import add_one
from core.principal import OrganisationKind, Principal

DAY_SECONDS = 24 * 60 * 60


def is_milestone(times: int) -> bool:
    """Whether the so many-th refusal is written down: 1, 10, 100 …"""
    return str(times).strip("0") == "1"


def note_refusal(principal: Principal, endpoint: str, method: str, *, at: datetime) -> bool:
    """Write down that an official was refused a page, if it is one of those that are; commits, after whatever the
    request left undone is undone. Returns whether it was written.

    What the discipline commission's officials are refused is for the commission alone: one of their own cases may be
    behind it."""
    db.session.rollback()
    times = add_one(f"refused {principal.official_id} {endpoint} {method}", DAY_SECONDS, at=at)
    if not is_milestone(times):
        return False
    own = principal.organisation_kind == OrganisationKind.DISCIPLINE
    with only_reads(False):
        record(
            principal,
            "access.refused",
            "page",
            endpoint,
            at=at,
            visible_to=OrganisationKind.DISCIPLINE if own else None,
            method=method,
            times=times,
        )
        db.session.commit()
    return True
