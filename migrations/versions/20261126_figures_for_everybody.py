"""Figures for everybody, counted by night."""

import sqlalchemy as sa
from alembic import op

revision = "3f6a91d2c07b"
down_revision = "e84b6f0d3a17"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "month_figures",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("township_code", sa.String(length=15), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_figures")),
    )
    with op.batch_alter_table("month_figures", schema=None) as batch_op:
        batch_op.create_index("ix_month_figures_subject_month", ["subject", "month"], unique=False)
    op.create_table(
        "public_figures",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("township_code", sa.String(length=15), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_figures")),
    )
    with op.batch_alter_table("public_figures", schema=None) as batch_op:
        batch_op.create_index("ix_public_figures_year", ["year", "township_code"], unique=False)
    op.create_table(
        "counted_until",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_counted_until")),
    )


def downgrade() -> None:
    op.drop_table("counted_until")
    with op.batch_alter_table("public_figures", schema=None) as batch_op:
        batch_op.drop_index("ix_public_figures_year")
    op.drop_table("public_figures")
    with op.batch_alter_table("month_figures", schema=None) as batch_op:
        batch_op.drop_index("ix_month_figures_subject_month")
    op.drop_table("month_figures")
