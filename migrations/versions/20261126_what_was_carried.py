"""Which differences of earlier months were outstanding when a month was closed. Nobody knows that of months closed
before."""

import sqlalchemy as sa
from alembic import op

revision = "9f1c5a7e2d40"
down_revision = "7d2e4f90b1c5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "carried_at_closing",
        sa.Column("month_id", number, sa.ForeignKey("reconciliation_months.id"), primary_key=True),
        sa.Column("difference_id", number, sa.ForeignKey("differences.id"), primary_key=True),
    )
    with op.batch_alter_table("reconciliation_months", schema=None) as batch_op:
        batch_op.add_column(sa.Column("carried", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reconciliation_months", schema=None) as batch_op:
        batch_op.drop_column("carried")
    op.drop_table("carried_at_closing")
