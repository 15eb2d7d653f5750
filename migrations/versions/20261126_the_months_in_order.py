"""The months in order: refusals to sign, rebookings of what the bank proved to have paid, formats of statements."""

import sqlalchemy as sa
from alembic import op

revision = '5bbad952a802'
down_revision = "c1a07d54e2b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('statement_profiles',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('bank', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statement_profiles')),
    sa.UniqueConstraint('name', 'version', name=op.f('uq_statement_profiles_name_version'))
    )
    with op.batch_alter_table('statement_profiles', schema=None) as batch_op:
        batch_op.create_index('uq_statement_profiles_current', ['name'], unique=True, sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))

    op.create_table('month_refusals',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('month_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('organisation_kind', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('refused_by', sa.Text(), nullable=False),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('figures', sa.String(length=64), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Text(), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['month_id'], ['reconciliation_months.id'], name=op.f('fk_month_refusals_month_id_reconciliation_months')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_month_refusals_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_month_refusals'))
    )
    with op.batch_alter_table('month_refusals', schema=None) as batch_op:
        batch_op.create_index('ix_month_refusals_month', ['month_id', 'answered_at'], unique=False)

    op.create_table('rebookings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('result_file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['result_file_id'], ['result_files.id'], name=op.f('fk_rebookings_result_file_id_result_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rebookings'))
    )
    with op.batch_alter_table('rebookings', schema=None) as batch_op:
        batch_op.create_index('ix_rebookings_state', ['state', 'id'], unique=False)

    op.create_table('rebooking_lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('rebooking_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('bank_day', sa.Date(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=True),
    sa.Column('was_outcome', sa.Text(), nullable=False),
    sa.Column('was_reason', sa.Text(), nullable=False),
    sa.Column('was_bank_date', sa.Date(), nullable=True),
    sa.Column('was_state', sa.Text(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_rebooking_lines_attempt_id_attempts')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_rebooking_lines_payment_id_payments')),
    sa.ForeignKeyConstraint(['rebooking_id'], ['rebookings.id'], name=op.f('fk_rebooking_lines_rebooking_id_rebookings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rebooking_lines'))
    )
    with op.batch_alter_table('rebooking_lines', schema=None) as batch_op:
        batch_op.create_index('ix_rebooking_lines_payment', ['payment_id'], unique=False)
        batch_op.create_index('ix_rebooking_lines_rebooking', ['rebooking_id', 'attempt_id'], unique=False)
        batch_op.create_index('uq_rebooking_lines_one_standing', ['attempt_id'], unique=True, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))

    with op.batch_alter_table('discrepancies', schema=None) as batch_op:
        batch_op.add_column(sa.Column('bank_date', sa.Date(), nullable=True))

    with op.batch_alter_table('statements', schema=None) as batch_op:
        batch_op.add_column(sa.Column('profile_version', sa.Integer(), nullable=False, server_default='0'))



def downgrade() -> None:
    with op.batch_alter_table('statements', schema=None) as batch_op:
        batch_op.drop_column('profile_version')

    with op.batch_alter_table('discrepancies', schema=None) as batch_op:
        batch_op.drop_column('bank_date')

    with op.batch_alter_table('rebooking_lines', schema=None) as batch_op:
        batch_op.drop_index('uq_rebooking_lines_one_standing', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
        batch_op.drop_index('ix_rebooking_lines_rebooking')
        batch_op.drop_index('ix_rebooking_lines_payment')

    op.drop_table('rebooking_lines')
    with op.batch_alter_table('rebookings', schema=None) as batch_op:
        batch_op.drop_index('ix_rebookings_state')

    op.drop_table('rebookings')
    with op.batch_alter_table('month_refusals', schema=None) as batch_op:
        batch_op.drop_index('ix_month_refusals_month')

    op.drop_table('month_refusals')
    with op.batch_alter_table('statement_profiles', schema=None) as batch_op:
        batch_op.drop_index('uq_statement_profiles_current', sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))

    op.drop_table('statement_profiles')
