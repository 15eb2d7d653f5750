"""Who entered a line of a fund plan: that official does not confirm a batch that needs it. Nobody knows that of older
lines."""

import sqlalchemy as sa
from alembic import op

revision = "b27e4d90c5f1"
down_revision = "9f1c5a7e2d40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("fund_lines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("official_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))


def downgrade() -> None:
    with op.batch_alter_table("fund_lines", schema=None) as batch_op:
        batch_op.drop_column("official_id")
