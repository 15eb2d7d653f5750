"""A case says that more days for it wait to be granted: an office finds its own without reading the county's."""

import sqlalchemy as sa
from alembic import op

revision = "0b9c4f62ad17"
down_revision = "e83d5a07c1b4"
branch_labels = None
depends_on = None

UNDECIDED = {"sqlite_where": sa.text("granted IS NULL"), "postgresql_where": sa.text("granted IS NULL")}


def upgrade() -> None:
    op.add_column("complaints", sa.Column("extension_asked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        sa.text(
            "UPDATE complaints SET extension_asked = :yes WHERE id IN ("
            "SELECT complaint_clocks.complaint_id FROM complaint_extensions"
            " JOIN complaint_clocks ON complaint_clocks.id = complaint_extensions.clock_id"
            " WHERE complaint_extensions.granted IS NULL AND complaint_clocks.stopped_on IS NULL)"
        ).bindparams(sa.bindparam("yes", True, sa.Boolean()))
    )
    op.create_index(
        "ix_complaints_extension_asked",
        "complaints",
        ["owner_id", "queue_on"],
        sqlite_where=sa.text("extension_asked = 1"),
        postgresql_where=sa.text("extension_asked"),
    )
    op.drop_index("ix_complaint_extensions_undecided", table_name="complaint_extensions")


def downgrade() -> None:
    op.create_index("ix_complaint_extensions_undecided", "complaint_extensions", ["clock_id", "asked_by"], **UNDECIDED)
    op.drop_index("ix_complaints_extension_asked", table_name="complaints")
    with op.batch_alter_table("complaints") as batch:
        batch.drop_column("extension_asked")
