"""What leaves in a day, how each gateway is doing, when the provider is asked about a message without a report, and
which phones want no notices."""

import sqlalchemy as sa
from alembic import op

revision = "c3f81a06d7b2"
down_revision = "b27e4d90c5f1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_health",
        sa.Column("gateway", sa.Text(), primary_key=True),
        sa.Column("troubles", sa.Integer(), nullable=False),
        sa.Column("shut_until", sa.DateTime(timezone=True)),
        sa.Column("next_slot", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text(), nullable=False),
    )
    op.create_table(
        "sms_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("gateway", sa.Text(), primary_key=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
    )
    op.create_table(
        "phone_days",
        sa.Column("phone_index", sa.LargeBinary(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("sent", sa.Integer(), nullable=False),
    )
    op.create_index("ix_phone_days_day", "phone_days", ["day"])
    op.create_table(
        "sms_refusals",
        sa.Column("phone_index", sa.LargeBinary(), primary_key=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("poll_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE messages SET poll_at = sent_at WHERE state = 'accepted'")
    op.create_index(
        "ix_messages_unreported",
        "messages",
        ["gateway", "poll_at"],
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_unreported", table_name="messages")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("poll_at")
    op.drop_table("sms_refusals")
    op.drop_table("phone_days")
    op.drop_table("sms_days")
    op.drop_table("gateway_health")
