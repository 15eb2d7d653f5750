"""What stands in the tables, to see that nothing has changed."""

import sqlalchemy as sa

from core.database import db

LEFT_OUT = frozenset({"regions", "calendar_days", "rate_counters", "audit_entries", "audit_seals"})
"""Tables that nobody changes by a route of the tests and that are long; the counters against floods; and the audit,
which may record a refusal."""

Picture = dict[str, list[tuple[object, ...]]]


def picture() -> Picture:
    """Every row of every table but those."""
    with db.engine.connect() as connection:
        return _drawn(connection)


def _drawn(connection: sa.Connection) -> Picture:
    return {
        name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")), key=repr)
        for name in db.metadata.tables
        if name not in LEFT_OUT
    }


def changed(before: Picture) -> list[str]:
    """The tables that no longer hold what they held."""
    after = picture()
    return [name for name, rows in before.items() if after[name] != rows]


def picture_within() -> Picture:
    """The same as the open transaction sees it."""
    return _drawn(db.session.connection())
