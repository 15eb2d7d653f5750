"""Card numbers that an official has confirmed although their last digit does not fit."""

import sqlalchemy as sa
from alembic import op

revision = "b83f5d1e6c27"
down_revision = "b83e5f0d7a16"
branch_labels = None
depends_on = None

TABLES = ("card_changes", "corrections")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("number_confirmed", sa.Boolean(), nullable=False, server_default=sa.false())
            )


def downgrade() -> None:
    for table in reversed(TABLES):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("number_confirmed")
