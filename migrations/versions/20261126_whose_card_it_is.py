"""Whose card it is that receives for others; a reporter's form that was taken already."""

import sqlalchemy as sa
from alembic import op

revision = "e84b6f0d3a17"
down_revision = "b83f5d1e6c27"
branch_labels = None
depends_on = None

HELD = sa.text("holder_index IS NOT NULL")
FROM_A_FORM = sa.text("form_index IS NOT NULL")


def upgrade() -> None:
    op.add_column("cards", sa.Column("holder_index", sa.LargeBinary(), nullable=True))
    op.create_index("ix_cards_holder", "cards", ["holder_index"], sqlite_where=HELD, postgresql_where=HELD)
    op.add_column("payees", sa.Column("id_number_index", sa.LargeBinary(), nullable=True))
    op.add_column("payees", sa.Column("phone", sa.LargeBinary(), nullable=True))
    op.create_index("ix_payees_id_number_index", "payees", ["id_number_index"])
    op.drop_index("ix_payments_card", "payments")
    op.create_index("ix_payments_card", "payments", ["card_id", "beneficiary_id"])
    with op.batch_alter_table("lookup_codes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_foreign_key("fk_lookup_codes_payee_id_payees", "payees", ["payee_id"], ["id"])
    op.add_column("complaint_entries", sa.Column("form_index", sa.LargeBinary(), nullable=True))
    op.create_index(
        "uq_complaint_entries_form",
        "complaint_entries",
        ["form_index"],
        unique=True,
        sqlite_where=FROM_A_FORM,
        postgresql_where=FROM_A_FORM,
    )
    # Whoever has a record of his own is known by it.
    op.execute(
        "UPDATE payees SET id_number_index = "
        "(SELECT b.id_number_index FROM beneficiaries b WHERE b.id = payees.payee_id) WHERE payee_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("uq_complaint_entries_form", "complaint_entries")
    op.drop_column("complaint_entries", "form_index")
    with op.batch_alter_table("lookup_codes", schema=None) as batch_op:
        batch_op.drop_constraint("fk_lookup_codes_payee_id_payees", type_="foreignkey")
        batch_op.drop_column("payee_id")
    op.drop_index("ix_payments_card", "payments")
    op.create_index("ix_payments_card", "payments", ["card_id"])
    op.drop_index("ix_payees_id_number_index", "payees")
    op.drop_column("payees", "phone")
    op.drop_column("payees", "id_number_index")
    op.drop_index("ix_cards_holder", "cards")
    op.drop_column("cards", "holder_index")
