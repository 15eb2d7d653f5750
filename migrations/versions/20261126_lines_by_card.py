"""Lines of statements by card: only those that stand out, so that matching the others need not keep the index."""

import sqlalchemy as sa
from alembic import op

revision = "c1a07d54e2b8"
down_revision = "9b2ee2873fa4"
branch_labels = None
depends_on = None

STANDS_OUT = sa.text("kind NOT IN ('', 'matched')")


def upgrade() -> None:
    op.drop_index("ix_statement_lines_card", "statement_lines")
    op.create_index(
        "ix_statement_lines_card",
        "statement_lines",
        ["card_index"],
        sqlite_where=STANDS_OUT,
        postgresql_where=STANDS_OUT,
    )


def downgrade() -> None:
    op.drop_index("ix_statement_lines_card", "statement_lines")
    op.create_index("ix_statement_lines_card", "statement_lines", ["statement_id", "card_index", "debit_fen"])
