"""Officials keep out of cases for an interest or a recusal; an office says that a case is not for it."""

import sqlalchemy as sa
from alembic import op

revision = "f2a60d8b91c7"
down_revision = "a41e7c93d0b5"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
HOLDS = sa.text("ended_at IS NULL")
UNHANDLED = sa.text("handler_id IS NULL")


def _key(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    table = "complaint_interests"
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("organisation_id", ID),
        sa.Column("region_code", sa.String(15)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("entered_by", ID, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("ended_by", ID),
        sa.Column("ended_at", INSTANT),
        sa.Column("end_reason", sa.Text()),
        _key(table, "official_id", "officials"),
        _key(table, "organisation_id", "organisations"),
        _key(table, "region_code", "regions", "code"),
        _key(table, "entered_by", "officials"),
        _key(table, "ended_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_official", table, ["official_id"], sqlite_where=HOLDS, postgresql_where=HOLDS)
    table = "complaint_recusals"
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("complaint_id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ended_by", ID),
        sa.Column("ended_at", INSTANT),
        sa.Column("end_reason", sa.Text()),
        _key(table, "complaint_id", "complaints"),
        _key(table, "official_id", "officials"),
        _key(table, "decided_by", "officials"),
        _key(table, "ended_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(
        f"uq_{table}_holding", table, ["official_id", "complaint_id"], unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS
    )
    op.create_index(f"ix_{table}_complaint", table, ["complaint_id"])
    table = "complaint_routing_objections"
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("complaint_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("proposed_id", ID, nullable=False),
        sa.Column("deciding_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String()),
        sa.Column("ended_by", ID),
        sa.Column("ended_at", INSTANT),
        _key(table, "complaint_id", "complaints"),
        _key(table, "organisation_id", "organisations"),
        _key(table, "official_id", "officials"),
        _key(table, "proposed_id", "organisations"),
        _key(table, "deciding_id", "organisations"),
        _key(table, "ended_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(
        f"uq_{table}_waiting", table, ["complaint_id"], unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS
    )
    op.create_index(
        f"ix_{table}_deciding", table, ["deciding_id", "complaint_id"], sqlite_where=HOLDS, postgresql_where=HOLDS
    )
    op.create_index(f"ix_{table}_complaint", table, ["complaint_id"])
    op.create_index(
        "ix_complaints_unhandled", "complaints", ["owner_id", "state"], sqlite_where=UNHANDLED, postgresql_where=UNHANDLED
    )


def downgrade() -> None:
    op.drop_index("ix_complaints_unhandled", "complaints")
    op.drop_table("complaint_routing_objections")
    op.drop_table("complaint_recusals")
    op.drop_table("complaint_interests")
