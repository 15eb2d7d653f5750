"""Passkeys of officials."""

import sqlalchemy as sa
from alembic import op

# Names that Alembic reads.
revision = "a9d4e02c7f13"
down_revision = "7c1e94d2b6a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "passkeys",
        sa.Column("id", big, nullable=False),
        sa.Column("official_id", big, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", big, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_passkeys_official_id_officials")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_official_id"), "passkeys", ["official_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_passkeys_official_id"), table_name="passkeys")
    op.drop_table("passkeys")
