"""Lists before and after payment, where they were posted, and approvals that wait for the publicity."""

import sqlalchemy as sa
from alembic import op

revision = "e5a83c07d9b1"
down_revision = "7d20c3b9e154"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OLD_UNIQUE = "uq_publicity_lists_roll_id_region_code_round"
NEW_UNIQUE = "uq_publicity_lists_roll_id_region_code_kind_round"


def upgrade() -> None:
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits_for_publicity", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "publicity_wait_choices",
        sa.Column("id", ID, nullable=False),
        sa.Column("programme_id", ID, nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.Column("official_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_publicity_wait_choices_programme_id_programmes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity_wait_choices")),
    )
    with op.batch_alter_table("publicity_wait_choices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publicity_wait_choices_programme_id"), ["programme_id"], unique=False)
    with op.batch_alter_table("rolls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("publicity_until", sa.Date(), nullable=True))
    with op.batch_alter_table("publicity_lists", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="before"))
        batch_op.add_column(sa.Column("withdrawn_by", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("withdraw_reason", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("posted_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("posted_by", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("photo_id", ID, nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_publicity_lists_photo_id_stored_files"), "stored_files", ["photo_id"], ["id"]
        )
        batch_op.drop_constraint(OLD_UNIQUE, type_="unique")
        batch_op.create_unique_constraint(NEW_UNIQUE, ["roll_id", "region_code", "kind", "round"])
    # What hangs online goes on as before; of lists on paper only nobody has said yet that they hang.
    op.execute(
        "UPDATE rolls SET publicity_until = (SELECT max(closes_on) FROM publicity_lists WHERE roll_id = rolls.id "
        "AND withdrawn_at IS NULL) WHERE NOT EXISTS (SELECT 1 FROM publicity_lists WHERE roll_id = rolls.id "
        "AND withdrawn_at IS NULL AND NOT online)"
    )


def downgrade() -> None:
    # The house before knew no lists after payment.
    after = "(SELECT id FROM publicity_lists WHERE kind = 'after')"
    op.execute(
        f"UPDATE complaints SET publicity_list_id = NULL, publicity_line = NULL WHERE publicity_list_id IN {after}"
    )
    op.execute(f"DELETE FROM publicity_lines WHERE list_id IN {after}")
    op.execute("DELETE FROM publicity_lists WHERE kind = 'after'")
    with op.batch_alter_table("publicity_lists", schema=None) as batch_op:
        batch_op.drop_constraint(NEW_UNIQUE, type_="unique")
        batch_op.create_unique_constraint(OLD_UNIQUE, ["roll_id", "region_code", "round"])
        batch_op.drop_constraint(batch_op.f("fk_publicity_lists_photo_id_stored_files"), type_="foreignkey")
        for name in ("photo_id", "posted_by", "posted_at", "posted_on", "withdraw_reason", "withdrawn_by", "kind"):
            batch_op.drop_column(name)
    with op.batch_alter_table("rolls", schema=None) as batch_op:
        batch_op.drop_column("publicity_until")
    with op.batch_alter_table("publicity_wait_choices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_publicity_wait_choices_programme_id"))
    op.drop_table("publicity_wait_choices")
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.drop_column("waits_for_publicity")
