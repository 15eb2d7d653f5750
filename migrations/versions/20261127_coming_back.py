"""Confidential reporters, reviews by the next office, ratings of answers, and which files a scanner has looked at."""

import sqlalchemy as sa
from alembic import op

revision = "e5b27c90d418"
down_revision = "d5b17c92e6a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "complaint_reviews",
        sa.Column("id", key, nullable=False),
        sa.Column("complaint_id", key, nullable=False),
        sa.Column("answered_by_id", key, nullable=False),
        sa.Column("office_id", key, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_reviews_complaint_id_complaints")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["organisations.id"], name=op.f("fk_complaint_reviews_answered_by_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisations.id"], name=op.f("fk_complaint_reviews_office_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_reviews")),
        sa.UniqueConstraint("complaint_id", name=op.f("uq_complaint_reviews_complaint_id")),
    )
    op.create_index(op.f("ix_complaint_reviews_answered_by_id"), "complaint_reviews", ["answered_by_id"])
    op.create_table(
        "complaint_ratings",
        sa.Column("id", key, nullable=False),
        sa.Column("complaint_id", key, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("satisfaction", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_ratings_complaint_id_complaints")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_ratings")),
        sa.UniqueConstraint("complaint_id", "answered_at", name=op.f("uq_complaint_ratings_complaint_id_answered_at")),
    )
    for table, column in (("complaints", "confidential"), ("complaint_attachments", "scanned")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, server_default=None)
    op.create_index(
        "ix_complaints_confidential",
        "complaints",
        ["id"],
        sqlite_where=sa.text("confidential = 1"),
        postgresql_where=sa.text("confidential"),
    )


def downgrade() -> None:
    op.drop_index("ix_complaints_confidential", table_name="complaints")
    for table, column in (("complaint_attachments", "scanned"), ("complaints", "confidential")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
    op.drop_table("complaint_ratings")
    op.drop_table("complaint_reviews")
