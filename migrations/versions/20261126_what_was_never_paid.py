"""What was never paid: rebookings of two kinds."""

import sqlalchemy as sa
from alembic import op

revision = "7d20c3b9e154"
down_revision = "c41d7e0b52aa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rebookings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="paid"))


def downgrade() -> None:
    with op.batch_alter_table("rebookings", schema=None) as batch_op:
        batch_op.drop_column("kind")
