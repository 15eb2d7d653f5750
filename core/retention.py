"""How long each table is kept, from when and why: each room declares its own, once, and what is to be deleted by the
machine the night deletes.

Nothing that is money or evidence is ever deleted by the machine: 会计档案管理办法 wants an appraisal, a list and two
people who watch. What serves a moment only (codes, counters, files that were never saved) goes when the moment is over
(个人信息保护法 §19: no longer than the purpose needs). A test holds that every table has exactly one rule, and that
what is declared as deleted is.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Date, Table, delete, select, tuple_

from core import audit
from core.audit.words import counted
from core.clock import local_date
from core.database import Base, db, rows_changed
from core.principal import system
from core.sweeps import Pause, nightly

NIGHT = "core.retention"
PIECE = 1_000
"""Rows deleted in one statement: nobody waits long for a lock."""


@dataclass(frozen=True)
class Rule:
    """How long tables are kept. ``what``, ``kept``, ``since`` and ``why`` are message ids; ``task`` names the nightly
    sweep or the periodic work that deletes, "" where no machine does."""

    room: str
    tables: tuple[str, ...]
    what: str
    kept: str
    since: str
    why: str
    task: str = ""


@dataclass(frozen=True)
class Expiry:
    """What of a table is over: where ``column`` is older than ``after``, and ``also`` holds."""

    table: Table
    column: ColumnElement[Any]
    after: timedelta
    also: Sequence[ColumnElement[bool]] = ()


_rules: dict[tuple[str, ...], Rule] = {}
_expiries: dict[str, Expiry] = {}


def declare(*rules: Rule) -> None:
    """Register the rules of a room (once, in its retention.py)."""
    _rules.update({rule.tables: rule for rule in rules})
    counted({table: lazy_gettext(rule.what) for rule in rules for table in rule.tables})


def rules() -> list[Rule]:
    """Every rule, by room and table."""
    return sorted(_rules.values(), key=lambda rule: (rule.room, rule.tables))


def forget(model: type[Base], column: Any, after: timedelta, *also: ColumnElement[bool]) -> str:
    """Have the night delete the rows of a table whose ``column`` (a day or an instant) is older than ``after``; returns
    the name of the sweep, for the rule."""
    table: Any = model.__table__
    _expiries[table.name] = Expiry(table, column, after, also)
    return NIGHT


def forgotten_after(table: str) -> timedelta:
    """After how long the night deletes rows of this table."""
    return _expiries[table].after


@nightly(NIGHT)
def forget_all(at: datetime, pause: Pause) -> Mapping[str, int]:
    """Delete what is over, table by table, in pieces; one audit entry says how much it was."""
    counts: Counter[str] = Counter()
    for name, expiry in sorted(_expiries.items()):
        while found := _forget_piece(expiry, at):
            counts[name] += found
            pause()
            if found < PIECE:
                break
    note_deleted(dict(counts), at)
    return dict(counts)


def note_deleted(counts: Mapping[str, int], at: datetime) -> None:
    """Write the one entry of a night that has deleted something, by table."""
    if any(counts.values()):
        audit.record(system("nightly sweep"), "retention.delete", "retention", "", at=at, counts=dict(counts))


def _forget_piece(expiry: Expiry, at: datetime) -> int:
    limit = at - expiry.after
    before = local_date(limit) if isinstance(expiry.column.type, Date) else limit
    keys = list(expiry.table.primary_key.columns)
    over = select(*keys).where(expiry.column < before, *expiry.also).limit(PIECE)
    key = keys[0] if len(keys) == 1 else tuple_(*keys)
    removed = db.session.execute(delete(expiry.table).where(key.in_(over)).execution_options(synchronize_session=False))
    return rows_changed(removed)
