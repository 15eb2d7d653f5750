"""Why a case is declined and with what a clue ends, and indexes from which figures are counted without any text."""

import sqlalchemy as sa
from alembic import op

revision = "c40a7e19d5b2"
down_revision = "f27a90c6e4b1"
branch_labels = None
depends_on = None

SETTLED = sa.text("kind = 'settled'")
COUNTED = [
    "owner_id",
    "sealed",
    "received_on",
    "id",
    "about_organisation_id",
    "category",
    "region_code",
    "channel",
    "state",
    "decline_reason",
    "reopened_at",
]


def upgrade() -> None:
    with op.batch_alter_table("complaints") as batch:
        batch.add_column(sa.Column("decline_reason", sa.Text()))
        batch.add_column(sa.Column("outcome", sa.Text()))
        batch.add_column(sa.Column("outcome_on", sa.Date()))
    op.create_index("ix_complaints_figures", "complaints", COUNTED)
    op.create_index(
        "ix_complaint_entries_settled",
        "complaint_entries",
        ["complaint_id"],
        sqlite_where=SETTLED,
        postgresql_where=SETTLED,
    )


def downgrade() -> None:
    op.drop_index("ix_complaint_entries_settled", table_name="complaint_entries")
    op.drop_index("ix_complaints_figures", table_name="complaints")
    with op.batch_alter_table("complaints") as batch:
        batch.drop_column("outcome_on")
        batch.drop_column("outcome")
        batch.drop_column("decline_reason")
