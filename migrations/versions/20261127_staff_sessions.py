"""Sessions of the staff door in the database, second factors, recovery codes, former passwords."""

import sqlalchemy as sa
from alembic import op

revision = "e83d5a07c1b4"
down_revision = "f2a60d8b91c7"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def _official(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f(f"fk_{table}_official_id_officials"))


def upgrade() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_index", sa.LargeBinary(), nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        _official("staff_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_index", name=op.f("uq_staff_sessions_token_index")),
    )
    op.create_index("ix_staff_sessions_official", "staff_sessions", ["official_id", "begun_at"])
    op.create_index(op.f("ix_staff_sessions_seen_at"), "staff_sessions", ["seen_at"])
    op.create_table(
        "second_factors",
        sa.Column("official_id", ID, nullable=False, autoincrement=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("last_step", ID, nullable=False),
        _official("second_factors"),
        sa.PrimaryKeyConstraint("official_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", INSTANT),
        _official("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_official_id"), "recovery_codes", ["official_id"])
    op.create_table(
        "former_passwords",
        sa.Column("id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        _official("former_passwords"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_passwords")),
    )
    op.create_index(op.f("ix_former_passwords_official_id"), "former_passwords", ["official_id"])
    with op.batch_alter_table("officials") as table:
        table.drop_column("session_epoch")


def downgrade() -> None:
    with op.batch_alter_table("officials") as table:
        table.add_column(sa.Column("session_epoch", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("officials") as table:
        table.alter_column("session_epoch", server_default=None)
    for table_name in ("former_passwords", "recovery_codes", "second_factors", "staff_sessions"):
        op.drop_table(table_name)
