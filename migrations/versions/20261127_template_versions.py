"""Wordings of messages in versions, and the codes under which providers have approved them."""

import sqlalchemy as sa
from alembic import op

revision = "d15b8e4c7a36"
down_revision = "a94c6e2f7d18"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chinese", sa.Text(), nullable=False),
        sa.Column("english", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_versions")),
        sa.UniqueConstraint("template", "number", name=op.f("uq_template_versions_template_number")),
    )
    op.create_index(
        "ix_template_versions_in_use",
        "template_versions",
        ["template"],
        unique=True,
        sqlite_where=sa.text("state = 'in_use'"),
        postgresql_where=sa.text("state = 'in_use'"),
    )
    op.create_table(
        "template_registrations",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("template", "number", "gateway", name=op.f("pk_template_registrations")),
    )
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("template_version", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("messages") as batch:
        batch.alter_column("template_version", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("template_version")
    op.drop_table("template_registrations")
    op.drop_index("ix_template_versions_in_use", table_name="template_versions")
    op.drop_table("template_versions")
