"""The county's figures of complaints stand as they were drawn up in the night after a period's end."""

import sqlalchemy as sa
from alembic import op

revision = "4b9d06f3e182"
down_revision = "a9d4e02c7f13"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaint_drawn_periods",
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("villages", sa.JSON(), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=True),
        sa.Column("most_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_complaint_drawn_periods")),
    )
    op.create_table(
        "complaint_drawn_for_officials",
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("official_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["official_id"], ["officials.id"], name=op.f("fk_complaint_drawn_for_officials_official_id_officials")
        ),
        sa.ForeignKeyConstraint(
            ["period"],
            ["complaint_drawn_periods.period"],
            name=op.f("fk_complaint_drawn_for_officials_period_complaint_drawn_periods"),
        ),
        sa.PrimaryKeyConstraint("period", "official_id", name=op.f("pk_complaint_drawn_for_officials")),
    )


def downgrade() -> None:
    op.drop_table("complaint_drawn_for_officials")
    op.drop_table("complaint_drawn_periods")
