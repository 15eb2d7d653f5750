"""How many payments the bank had not cleared up when a month was closed. Nobody knows that of months closed before."""

import sqlalchemy as sa
from alembic import op

revision = "7d2e4f90b1c5"
down_revision = "3f6a91d2c07b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reconciliation_months", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unclear", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reconciliation_months", schema=None) as batch_op:
        batch_op.drop_column("unclear")
