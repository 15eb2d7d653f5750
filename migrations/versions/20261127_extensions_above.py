"""More days may be for the office above to grant, and linked cases stay together under another leading one."""

import sqlalchemy as sa
from alembic import op

revision = "7c1e94d2b6a8"
down_revision = "c1f7d20a96be"
branch_labels = None
depends_on = None

ASKED_ABOVE = sa.text("granted IS NULL AND deciding_id IS NOT NULL")
FORMERLY = sa.text("formerly_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("complaint_extensions") as batch:
        batch.add_column(sa.Column("deciding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch.create_foreign_key(
            op.f("fk_complaint_extensions_deciding_id_organisations"), "organisations", ["deciding_id"], ["id"]
        )
    op.create_index(
        "ix_complaint_extensions_deciding",
        "complaint_extensions",
        ["deciding_id", "clock_id"],
        sqlite_where=ASKED_ABOVE,
        postgresql_where=ASKED_ABOVE,
    )
    with op.batch_alter_table("complaint_links") as batch:
        batch.add_column(sa.Column("formerly_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("moved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch.create_foreign_key(
            op.f("fk_complaint_links_formerly_id_complaints"), "complaints", ["formerly_id"], ["id"]
        )
        batch.create_foreign_key(op.f("fk_complaint_links_moved_by_officials"), "officials", ["moved_by"], ["id"])
    # By which a case that is deleted finds where it led.
    op.create_index(
        "ix_complaint_links_formerly",
        "complaint_links",
        ["formerly_id"],
        sqlite_where=FORMERLY,
        postgresql_where=FORMERLY,
    )


def downgrade() -> None:
    op.drop_index("ix_complaint_links_formerly", table_name="complaint_links")
    with op.batch_alter_table("complaint_links") as batch:
        batch.drop_constraint(op.f("fk_complaint_links_moved_by_officials"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_complaint_links_formerly_id_complaints"), type_="foreignkey")
        batch.drop_column("moved_by")
        batch.drop_column("moved_at")
        batch.drop_column("formerly_id")
    op.drop_index("ix_complaint_extensions_deciding", table_name="complaint_extensions")
    with op.batch_alter_table("complaint_extensions") as batch:
        batch.drop_constraint(op.f("fk_complaint_extensions_deciding_id_organisations"), type_="foreignkey")
        batch.drop_column("deciding_id")
