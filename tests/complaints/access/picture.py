"""What stands in the tables of the complaints, to see that nothing has changed."""

import sqlalchemy as sa

from core.database import db

ALSO = frozenset({"messages"})
"""Tables of other rooms that a step at a case writes into: the outbox."""

Picture = dict[str, list[tuple[object, ...]]]


def picture() -> Picture:
    """Every row of every table of the complaints, new tables too, and of the outbox."""
    tables = [table for name, table in db.metadata.tables.items() if name.startswith("complaint") or name in ALSO]
    assert len(tables) > len(ALSO)
    with db.engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    sa.text(f"SELECT * FROM {table.name} ORDER BY {', '.join(table.primary_key.columns.keys())}")
                )
            ]
            for table in tables
        }


def changed(before: Picture) -> list[str]:
    """The tables that no longer hold what they held."""
    after = picture()
    return [name for name, rows in before.items() if after[name] != rows]
