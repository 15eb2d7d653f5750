"""Lookups at a counter, with what the official wrote about them encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "a94c6e2f7d18"
down_revision = "c3f81a06d7b2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assisted_lookups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("official_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary()),
        sa.ForeignKeyConstraint(
            ["official_id"], ["officials.id"], name=op.f("fk_assisted_lookups_official_id_officials")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_assisted_lookups_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assisted_lookups")),
    )
    op.create_index(op.f("ix_assisted_lookups_at"), "assisted_lookups", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_assisted_lookups_at"), table_name="assisted_lookups")
    op.drop_table("assisted_lookups")
