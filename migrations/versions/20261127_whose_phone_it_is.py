"""Whether a phone on record is the person's: confirmed by a code, reported as wrong, or found empty by a provider."""

import sqlalchemy as sa
from alembic import op

revision = "d5b17c92e6a4"
down_revision = "e27c904b1fd8"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EMPTY_NUMBERS = sa.text("error_code IN ('21211', '21614', '30005', '30006', 'isv.MOBILE_NUMBER_ILLEGAL')")


def upgrade() -> None:
    op.add_column("beneficiaries", sa.Column("phone_confirmed_at", sa.DateTime(timezone=True)))
    op.create_table(
        "phone_codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("beneficiary_id", ID, nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("code_index", sa.LargeBinary()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("official_id", ID),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_phone_codes_beneficiary_id_beneficiaries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_codes")),
    )
    op.create_index(op.f("ix_phone_codes_beneficiary_id"), "phone_codes", ["beneficiary_id"])
    op.create_index(op.f("ix_phone_codes_expires_at"), "phone_codes", ["expires_at"])
    op.create_table(
        "wrong_numbers",
        sa.Column("id", ID, nullable=False),
        sa.Column("beneficiary_id", ID, nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_tail", sa.String(length=4), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary()),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("official_id", ID),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiaries.id"], name=op.f("fk_wrong_numbers_beneficiary_id_beneficiaries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_numbers")),
    )
    op.create_index("ix_wrong_numbers_person", "wrong_numbers", ["beneficiary_id", "phone_index"])
    op.create_index(
        "uq_wrong_numbers_one_open",
        "wrong_numbers",
        ["beneficiary_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_messages_empty_number",
        "messages",
        ["finished_at"],
        sqlite_where=EMPTY_NUMBERS,
        postgresql_where=EMPTY_NUMBERS,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_empty_number", table_name="messages")
    op.drop_table("wrong_numbers")
    op.drop_table("phone_codes")
    with op.batch_alter_table("beneficiaries", schema=None) as batch_op:
        batch_op.drop_column("phone_confirmed_at")
