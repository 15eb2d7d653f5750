"""A second official for what only words explain, returns on the statement, settings, letters."""

import sqlalchemy as sa
from alembic import op

revision = "b83e5f0d7a16"
down_revision = "e5a83c07d9b1"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDECIDED = sa.text("ended_at IS NULL")
HAS_RETURN = sa.text("return_order_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "reconciliation_settings",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.Column("official_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_settings")),
    )
    op.create_table(
        "settlement_proposals",
        sa.Column("id", Id, nullable=False),
        sa.Column("month_id", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("is_carried", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("official_id", Id, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month_id"],
            ["reconciliation_months.id"],
            name=op.f("fk_settlement_proposals_month_id_reconciliation_months"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_proposals")),
    )
    with op.batch_alter_table("settlement_proposals", schema=None) as batch_op:
        batch_op.create_index("ix_settlement_proposals_month", ["month_id", "state"], unique=False)

    with op.batch_alter_table("differences", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_by", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("return_order_id", Id, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_differences_return_order_id_return_orders"), "return_orders", ["return_order_id"], ["id"]
        )
        batch_op.create_index(op.f("ix_differences_return_order_id"), ["return_order_id"], unique=False)

    op.create_table(
        "settlement_lines",
        sa.Column("proposal_id", Id, nullable=False),
        sa.Column("difference_id", Id, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["difference_id"], ["differences.id"], name=op.f("fk_settlement_lines_difference_id_differences")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["settlement_proposals.id"],
            name=op.f("fk_settlement_lines_proposal_id_settlement_proposals"),
        ),
        sa.PrimaryKeyConstraint("proposal_id", "difference_id", name=op.f("pk_settlement_lines")),
    )
    with op.batch_alter_table("settlement_lines", schema=None) as batch_op:
        batch_op.create_index("ix_settlement_lines_difference", ["difference_id"], unique=False)
        batch_op.create_index(
            "uq_settlement_lines_one_undecided",
            ["difference_id"],
            unique=True,
            sqlite_where=UNDECIDED,
            postgresql_where=UNDECIDED,
        )

    with op.batch_alter_table("carried_settlements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_by", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("month_refusals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    # Lines are millions: a column without a key is added in place.
    with op.batch_alter_table("statement_lines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("return_order_id", Id, nullable=True))
        batch_op.create_index(
            "ix_statement_lines_return",
            ["return_order_id"],
            unique=False,
            sqlite_where=HAS_RETURN,
            postgresql_where=HAS_RETURN,
        )
    with op.batch_alter_table("rebookings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evidence_id", Id, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_rebookings_evidence_id_correction_evidence"), "correction_evidence", ["evidence_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("rebookings", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_rebookings_evidence_id_correction_evidence"), type_="foreignkey")
        batch_op.drop_column("evidence_id")
    with op.batch_alter_table("statement_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_statement_lines_return")
        batch_op.drop_column("return_order_id")
    with op.batch_alter_table("month_refusals", schema=None) as batch_op:
        batch_op.drop_column("changed_at")
    with op.batch_alter_table("carried_settlements", schema=None) as batch_op:
        batch_op.drop_column("confirmed_by")
    op.drop_table("settlement_lines")
    with op.batch_alter_table("differences", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_differences_return_order_id"))
        batch_op.drop_constraint(op.f("fk_differences_return_order_id_return_orders"), type_="foreignkey")
        batch_op.drop_column("return_order_id")
        batch_op.drop_column("confirmed_by")
    op.drop_table("settlement_proposals")
    op.drop_table("reconciliation_settings")
