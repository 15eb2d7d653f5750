"""Reads of the audit log: which entries an official may see, and how the chain over them stands for him."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import g, has_request_context, url_for
from flask_babel import gettext
from sqlalchemy import Select, select

from accounts import rules
from accounts.models import Official, Organisation
from core.audit import AuditEntry, verification
from core.audit.chain import last_place, unsealed_count
from core.audit.verification import State
from core.audit.withheld import not_withheld
from core.audit.words import Names
from core.board import BoardItem, board_provider
from core.database import db
from core.heartbeats import SEALER, last_beat
from core.listing import AnySelect, Parts
from core.principal import OrganisationKind, Principal

SEALER_SILENT = timedelta(minutes=20)
"""Sealing is due every five minutes: after so long without it somebody should look."""
NIGHTS = 31


def parts(principal: Principal) -> Parts:
    """The entries that the principal may see: those open to all who read the log, and those confined to his kind of
    office. Each part has indexes of its own, in the order of the page."""
    principal.require(rules.READ_AUDIT)
    kind = principal.organisation_kind
    rows: Select[AuditEntry] = select(AuditEntry)
    kept = not_withheld(principal)
    return Parts(
        rows,
        [
            rows.where(AuditEntry.visible_to.is_(None)),
            rows.where(AuditEntry.visible_to == (kind.value if kind else ""), *kept),
        ],
        counted_in_order=True,
    )


def entries(principal: Principal) -> AnySelect:
    """The same as one select, for an export."""
    principal.require(rules.READ_AUDIT)
    kind = principal.organisation_kind
    seen = AuditEntry.visible_to.is_(None) | (AuditEntry.visible_to == (kind.value if kind else ""))
    return select(AuditEntry).where(seen, *not_withheld(principal))


def names() -> Names:
    """The names of all offices and officials, also of those that are closed: read once in a request."""
    if has_request_context() and "audit_names" in g:
        found: Names = g.audit_names
        return found
    read = Names(
        offices={row.id: row.name for row in db.session.execute(select(Organisation.id, Organisation.name))},
        officials={row.id: row.name for row in db.session.execute(select(Official.id, Official.name))},
    )
    if has_request_context():
        g.audit_names = read
    return read


@dataclass(frozen=True)
class Night:
    """What one verification found. ``links`` and ``broken_at`` are for who sees every entry."""

    begun_at: datetime
    whole: bool
    head: str
    links: int | None = None
    broken_at: int | None = None


@dataclass(frozen=True)
class ChainState:
    """How the chain stands. ``waiting`` and ``sealed`` are numbers for who sees every entry, None for everybody else:
    one more would tell him that there is a case which he must not know of."""

    nights: list[Night]
    sealed_at: datetime | None
    sealing_is_late: bool
    is_running: bool
    waiting: int | None = None
    sealed: int | None = None


def chain_state(principal: Principal, *, at: datetime) -> ChainState:
    """How the chain stood each night, and whether the sealing goes on.

    Of a night only its hash is told, which says nothing of what is in it (core.audit.verification): neither how many
    links there are nor how many entries wait. When sealing last ran does not depend on whether there was anything to
    seal.
    """
    principal.require(rules.READ_AUDIT)
    sees_all = principal.organisation_kind == OrganisationKind.DISCIPLINE
    nights = [
        Night(
            found.begun_at,
            found.state == State.WHOLE,
            found.head,
            found.target if sees_all else None,
            found.broken_at if sees_all else None,
        )
        for found in verification.last_nights(NIGHTS)
    ]
    sealed_at = last_beat(SEALER)
    return ChainState(
        nights,
        sealed_at,
        sealed_at is None or sealed_at < at - SEALER_SILENT,
        verification.latest(State.RUNNING) is not None,
        unsealed_count() if sees_all else None,
        last_place().sequence if sees_all else None,
    )


@board_provider
def broken_chain(principal: Principal, _today: date) -> Iterable[BoardItem]:
    """Whoever reads the audit log is told at once that somebody has changed it."""
    if principal.may(rules.READ_AUDIT) and verification.is_broken():
        yield BoardItem(
            title=gettext("审计日志的封存链断开了：有记录被改动、删除或调换"),
            url=url_for("accounts.audit_chain"),
            room="audit",
            detail=gettext("请立即请人查明，并与先前抄下的链尾核对。"),
        )
