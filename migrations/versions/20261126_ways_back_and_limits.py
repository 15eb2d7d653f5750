"""What a correction reaches, counter-entries of returns, and limits in days."""

import sqlalchemy as sa
from alembic import op

revision = '4c1d7ab0e2f6'
down_revision = "5bbad952a802"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('corrected_along',
    sa.Column('correction_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('before_card_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('before_payee_name', sa.Text(), nullable=False),
    sa.Column('before_name', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['before_card_id'], ['cards.id'], name=op.f('fk_corrected_along_before_card_id_cards')),
    sa.ForeignKeyConstraint(['correction_id'], ['corrections.id'], name=op.f('fk_corrected_along_correction_id_corrections')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_corrected_along_payment_id_payments')),
    sa.PrimaryKeyConstraint('correction_id', 'payment_id', name=op.f('pk_corrected_along'))
    )
    with op.batch_alter_table('corrected_along', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_corrected_along_payment_id'), ['payment_id'], unique=False)

    op.create_table('return_reversals',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('voucher_number', sa.Text(), nullable=False),
    sa.Column('voucher_on', sa.Date(), nullable=False),
    sa.Column('credited_on', sa.Date(), nullable=False),
    sa.Column('carried_to', sa.Integer(), nullable=True),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reversed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reversed_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['return_orders.id'], name=op.f('fk_return_reversals_order_id_return_orders')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_reversals'))
    )
    with op.batch_alter_table('return_reversals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_return_reversals_order_id'), ['order_id'], unique=False)

    # An unclear outcome has its limit here as well, and that is in calendar days.
    with op.batch_alter_table('step_limits', schema=None) as batch_op:
        batch_op.alter_column('working_days', new_column_name='days', existing_type=sa.Integer(), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table('step_limits', schema=None) as batch_op:
        batch_op.alter_column('days', new_column_name='working_days', existing_type=sa.Integer(), existing_nullable=False)
    with op.batch_alter_table('return_reversals', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_return_reversals_order_id'))
    op.drop_table('return_reversals')
    with op.batch_alter_table('corrected_along', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_corrected_along_payment_id'))
    op.drop_table('corrected_along')
