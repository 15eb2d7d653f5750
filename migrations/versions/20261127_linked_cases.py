"""Cases of one matter are linked; an answer that waits may be for all of them."""

import sqlalchemy as sa
from alembic import op

revision = "c4e91b7d2f60"
down_revision = "b83f0d6a51c9"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
HOLDS = sa.text("ended_at IS NULL")


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_complaint_links_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "complaint_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("complaint_id", ID, nullable=False),
        sa.Column("leading_id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ended_by", ID),
        sa.Column("ended_at", INSTANT),
        _key("complaint_id", "complaints"),
        _key("leading_id", "complaints"),
        _key("official_id", "officials"),
        _key("ended_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_links")),
    )
    op.create_index(
        "uq_complaint_links_holding", "complaint_links", ["complaint_id"], unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS
    )
    op.create_index("ix_complaint_links_leading", "complaint_links", ["leading_id"], sqlite_where=HOLDS, postgresql_where=HOLDS)
    op.create_index("ix_complaints_same_matter", "complaints", ["region_code", "category", "received_on"])
    with op.batch_alter_table("complaint_draft_answers") as table:
        table.add_column(sa.Column("with_linked", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("complaint_draft_answers") as table:
        table.alter_column("with_linked", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("complaint_draft_answers") as table:
        table.drop_column("with_linked")
    op.drop_index("ix_complaints_same_matter", "complaints")
    op.drop_table("complaint_links")
