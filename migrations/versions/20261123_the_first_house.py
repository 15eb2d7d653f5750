"""The first house."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_entries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.Text(), nullable=False),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('visible_to', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entries_at', ['at'], unique=False)
        batch_op.create_index('ix_audit_entries_subject', ['subject_kind', 'subject_id'], unique=False)

    op.create_table('background_jobs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_background_jobs'))
    )
    with op.batch_alter_table('background_jobs', schema=None) as batch_op:
        batch_op.create_index('ix_background_jobs_state_id', ['state', 'id'], unique=False)

    op.create_table('calendar_days',
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('on', name=op.f('pk_calendar_days'))
    )
    op.create_table('cards',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=False),
    sa.Column('number_index', sa.LargeBinary(), nullable=False),
    sa.Column('tail', sa.String(length=4), nullable=False),
    sa.Column('holder_name', sa.Text(), nullable=False),
    sa.Column('bank_name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cards')),
    sa.UniqueConstraint('id', 'number_index', name=op.f('uq_cards_id_number_index')),
    sa.UniqueConstraint('number_index', name=op.f('uq_cards_number_index'))
    )
    op.create_table('handset_messages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handset_messages')),
    sa.UniqueConstraint('provider_id', name=op.f('uq_handset_messages_provider_id'))
    )
    with op.batch_alter_table('handset_messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handset_messages_phone_index'), ['phone_index'], unique=False)

    op.create_table('inbound_messages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_messages')),
    sa.UniqueConstraint('gateway', 'provider_id', name=op.f('uq_inbound_messages_gateway_provider_id'))
    )
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.create_index('ix_inbound_messages_phone', ['phone_index', 'received_at'], unique=False)

    op.create_table('incompatibility_rules',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('first_code', sa.Text(), nullable=False),
    sa.Column('second_code', sa.Text(), nullable=False),
    sa.Column('handling', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incompatibility_rules')),
    sa.UniqueConstraint('first_code', 'second_code', name=op.f('uq_incompatibility_rules_first_code_second_code'))
    )
    op.create_table('messages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=True),
    sa.Column('error_code', sa.Text(), nullable=False),
    sa.Column('segments', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('looked_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('subject_kind', 'subject_id', 'template', name=op.f('uq_messages_subject_kind_subject_id_template'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_messages_phone_index'), ['phone_index'], unique=False)
        batch_op.create_index('ix_messages_provider_id', ['gateway', 'provider_id'], unique=False, sqlite_where=sa.text('provider_id IS NOT NULL'), postgresql_where=sa.text('provider_id IS NOT NULL'))
        batch_op.create_index('ix_messages_sending', ['lease_until'], unique=False, sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"))
        batch_op.create_index('ix_messages_unknown', ['id'], unique=False, sqlite_where=sa.text("state = 'unknown'"), postgresql_where=sa.text("state = 'unknown'"))
        batch_op.create_index('ix_messages_waiting', ['priority', 'not_before', 'id'], unique=False, sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))

    op.create_table('organisations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('region_code', sa.Text(), nullable=False),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['organisations.id'], name=op.f('fk_organisations_parent_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisations')),
    sa.UniqueConstraint('kind', 'name', 'region_code', name=op.f('uq_organisations_kind_name_region_code'))
    )
    op.create_table('rate_counters',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('window_start', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', 'window_start', name=op.f('pk_rate_counters'))
    )
    with op.batch_alter_table('rate_counters', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rate_counters_expires_at'), ['expires_at'], unique=False)

    op.create_table('receipts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reported', sa.Text(), nullable=False),
    sa.Column('error_code', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipts')),
    sa.UniqueConstraint('gateway', 'provider_id', 'status', name=op.f('uq_receipts_gateway_provider_id_status'))
    )
    with op.batch_alter_table('receipts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipts_outcome'), ['outcome'], unique=False)

    op.create_table('regions',
    sa.Column('code', sa.String(length=15), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('parent_code', sa.String(length=15), nullable=True),
    sa.ForeignKeyConstraint(['parent_code'], ['regions.code'], name=op.f('fk_regions_parent_code_regions')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_regions'))
    )
    with op.batch_alter_table('regions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_regions_parent_code'), ['parent_code'], unique=False)

    op.create_table('stored_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('stored_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_files')),
    sa.UniqueConstraint('sha256', name=op.f('uq_stored_files_sha256'))
    )
    op.create_table('workflow_steps',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('from_state', sa.Text(), nullable=False),
    sa.Column('to_state', sa.Text(), nullable=False),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workflow_steps'))
    )
    with op.batch_alter_table('workflow_steps', schema=None) as batch_op:
        batch_op.create_index('ix_workflow_steps_subject', ['subject_kind', 'subject_id'], unique=False)

    op.create_table('audit_seals',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('chain_hash', sa.Text(), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['audit_entries.id'], name=op.f('fk_audit_seals_entry_id_audit_entries')),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_seals')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_audit_seals_entry_id'))
    )
    op.create_table('beneficiaries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('id_number', sa.LargeBinary(), nullable=False),
    sa.Column('id_number_index', sa.LargeBinary(), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('phone_source', sa.Text(), nullable=False),
    sa.Column('card_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('card_index', sa.LargeBinary(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(card_id IS NULL) = (card_index IS NULL)', name=op.f('ck_beneficiaries_card_complete')),
    sa.ForeignKeyConstraint(['card_id', 'card_index'], ['cards.id', 'cards.number_index'], name=op.f('fk_beneficiaries_card_id_cards'), onupdate='CASCADE'),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_beneficiaries_region_code_regions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_beneficiaries')),
    sa.UniqueConstraint('id_number_index', name=op.f('uq_beneficiaries_id_number_index'))
    )
    with op.batch_alter_table('beneficiaries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_beneficiaries_card_id'), ['card_id'], unique=False)
        batch_op.create_index('ix_beneficiaries_name_key', ['name_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_beneficiaries_phone_index'), ['phone_index'], unique=False)
        batch_op.create_index('ix_beneficiaries_region_name', ['region_code', 'name_key'], unique=False)
        batch_op.create_index('ix_beneficiaries_roll', ['id_number_index', 'name_key', 'card_id', 'card_index', 'phone_index'], unique=False, postgresql_include=['id'])

    op.create_table('officials',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('username', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('session_epoch', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_sign_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_officials_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_officials')),
    sa.UniqueConstraint('username', name=op.f('uq_officials_username'))
    )
    with op.batch_alter_table('officials', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_officials_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('programmes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('department_name', sa.Text(), nullable=False),
    sa.Column('department_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('standard', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('frequency', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('publicity_days', sa.Integer(), nullable=False),
    sa.Column('sensitive', sa.Boolean(), nullable=False),
    sa.Column('policy_basis', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['organisations.id'], name=op.f('fk_programmes_department_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programmes')),
    sa.UniqueConstraint('code', name=op.f('uq_programmes_code')),
    sa.UniqueConstraint('name', name=op.f('uq_programmes_name'))
    )
    with op.batch_alter_table('programmes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_programmes_department_id'), ['department_id'], unique=False)

    op.create_table('qr_codes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_qr_codes_region_code_regions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qr_codes'))
    )
    with op.batch_alter_table('qr_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_qr_codes_region_code'), ['region_code'], unique=False)
        batch_op.create_index('uq_qr_codes_one_good', ['region_code'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.create_table('result_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_count', sa.Integer(), nullable=False),
    sa.Column('failed_count', sa.Integer(), nullable=False),
    sa.Column('unclear_count', sa.Integer(), nullable=False),
    sa.Column('repeated_count', sa.Integer(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_result_files_file_id_stored_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_result_files')),
    sa.UniqueConstraint('file_id', name=op.f('uq_result_files_file_id'))
    )
    op.create_table('send_attempts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_send_attempts_message_id_messages')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_send_attempts')),
    sa.UniqueConstraint('message_id', 'number', name=op.f('uq_send_attempts_message_id_number'))
    )
    op.create_table('uploads',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('filename', sa.LargeBinary(), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('report', sa.JSON(), nullable=True),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.Column('result_url', sa.Text(), nullable=False),
    sa.Column('job_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_uploads_file_id_stored_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads'))
    )
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.create_index('ix_uploads_kind_created', ['kind', 'created_at'], unique=False)

    op.create_table('batches',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('programme_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('period', sa.String(length=6), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programmes.id'], name=op.f('fk_batches_programme_id_programmes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    sa.UniqueConstraint('programme_id', 'period', name=op.f('uq_batches_programme_id_period'))
    )
    op.create_table('card_gaps',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('programme_code', sa.Text(), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_card_gaps_beneficiary_id_beneficiaries')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_card_gaps_region_code_regions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_gaps')),
    sa.UniqueConstraint('beneficiary_id', 'programme_code', name=op.f('uq_card_gaps_beneficiary_id_programme_code'))
    )
    with op.batch_alter_table('card_gaps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_card_gaps_region_code'), ['region_code'], unique=False)

    op.create_table('fund_lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('programme_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('document_number', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('recorded_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programmes.id'], name=op.f('fk_fund_lines_programme_id_programmes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fund_lines')),
    sa.UniqueConstraint('programme_id', 'year', 'document_number', 'source', 'level', name=op.f('uq_fund_lines_programme_id_year_document_number_source_level'))
    )
    op.create_table('lookup_codes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('person_index', sa.LargeBinary(), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('code_index', sa.LargeBinary(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_lookup_codes_beneficiary_id_beneficiaries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lookup_codes'))
    )
    with op.batch_alter_table('lookup_codes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lookup_codes_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index('ix_lookup_codes_newest', ['person_index', 'id'], unique=False)

    op.create_table('official_roles',
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['official_id'], ['officials.id'], name=op.f('fk_official_roles_official_id_officials')),
    sa.PrimaryKeyConstraint('official_id', 'role', name=op.f('pk_official_roles'))
    )
    op.create_table('offer_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('lost_characters', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_offer_files_batch_id_batches')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_offer_files_file_id_stored_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer_files'))
    )
    with op.batch_alter_table('offer_files', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offer_files_batch_id'), ['batch_id'], unique=False)

    op.create_table('rolls',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('township_code', sa.String(length=15), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('upload_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_rolls_batch_id_batches')),
    sa.ForeignKeyConstraint(['township_code'], ['regions.code'], name=op.f('fk_rolls_township_code_regions')),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads.id'], name=op.f('fk_rolls_upload_id_uploads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rolls')),
    sa.UniqueConstraint('batch_id', 'township_code', name=op.f('uq_rolls_batch_id_township_code'))
    )
    with op.batch_alter_table('rolls', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rolls_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_rolls_township_code'), ['township_code'], unique=False)

    op.create_table('payments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('roll_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('payee_name', sa.Text(), nullable=False),
    sa.Column('card_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('quantity', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('sheet', sa.Text(), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.Column('failure_reason', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_payments_batch_id_batches')),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_payments_beneficiary_id_beneficiaries')),
    sa.ForeignKeyConstraint(['card_id'], ['cards.id'], name=op.f('fk_payments_card_id_cards')),
    sa.ForeignKeyConstraint(['roll_id'], ['rolls.id'], name=op.f('fk_payments_roll_id_rolls')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments')),
    sa.UniqueConstraint('roll_id', 'beneficiary_id', name=op.f('uq_payments_roll_id_beneficiary_id'))
    )
    with op.batch_alter_table('payments', schema=None) as batch_op:
        batch_op.create_index('ix_payments_batch_state', ['batch_id', 'state', 'amount_fen'], unique=False)
        batch_op.create_index('ix_payments_beneficiary', ['beneficiary_id', 'id'], unique=False)
        batch_op.create_index('ix_payments_card', ['card_id'], unique=False)
        batch_op.create_index('ix_payments_due', ['due_on'], unique=False, sqlite_where=sa.text('due_on IS NOT NULL'), postgresql_where=sa.text('due_on IS NOT NULL'))

    op.create_table('publicity_lists',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('roll_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('online', sa.Boolean(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_publicity_lists_region_code_regions')),
    sa.ForeignKeyConstraint(['roll_id'], ['rolls.id'], name=op.f('fk_publicity_lists_roll_id_rolls')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publicity_lists')),
    sa.UniqueConstraint('roll_id', 'region_code', 'round', name=op.f('uq_publicity_lists_roll_id_region_code_round'))
    )
    with op.batch_alter_table('publicity_lists', schema=None) as batch_op:
        batch_op.create_index('ix_publicity_lists_open', ['region_code', 'closes_on'], unique=False)

    op.create_table('attempts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=40), nullable=False),
    sa.Column('offer_file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('line_number', sa.Integer(), nullable=False),
    sa.Column('payee_name', sa.Text(), nullable=False),
    sa.Column('card_number', sa.LargeBinary(), nullable=False),
    sa.Column('card_index', sa.LargeBinary(), nullable=False),
    sa.Column('card_tail', sa.String(length=4), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('failure_reason', sa.Text(), nullable=False),
    sa.Column('bank_date', sa.Date(), nullable=True),
    sa.Column('result_file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('result_line', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['offer_file_id'], ['offer_files.id'], name=op.f('fk_attempts_offer_file_id_offer_files')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_attempts_payment_id_payments')),
    sa.ForeignKeyConstraint(['result_file_id'], ['result_files.id'], name=op.f('fk_attempts_result_file_id_result_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts')),
    sa.UniqueConstraint('payment_id', 'number', name=op.f('uq_attempts_payment_id_number')),
    sa.UniqueConstraint('reference', name=op.f('uq_attempts_reference'))
    )
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.create_index('ix_attempts_card_amount', ['card_index', 'amount_fen'], unique=False)
        batch_op.create_index('ix_attempts_offer_file', ['offer_file_id', 'line_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_attempts_result_file_id'), ['result_file_id'], unique=False)
        batch_op.create_index('uq_attempts_one_open', ['payment_id'], unique=True, sqlite_where=sa.text("outcome IN ('open', 'unclear')"), postgresql_where=sa.text("outcome IN ('open', 'unclear')"))

    op.create_table('complaints',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('receipt_index', sa.LargeBinary(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('sealed', sa.Boolean(), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('about_organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('programme_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('publicity_list_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('publicity_line', sa.Integer(), nullable=True),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('reporter_name', sa.LargeBinary(), nullable=True),
    sa.Column('reporter_phone', sa.LargeBinary(), nullable=True),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('handler_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('entered_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('rules_version', sa.Text(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('queue_on', sa.Date(), nullable=False),
    sa.Column('unread', sa.Boolean(), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.Column('concluded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['about_organisation_id'], ['organisations.id'], name=op.f('fk_complaints_about_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['handler_id'], ['officials.id'], name=op.f('fk_complaints_handler_id_officials')),
    sa.ForeignKeyConstraint(['owner_id'], ['organisations.id'], name=op.f('fk_complaints_owner_id_organisations')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_complaints_payment_id_payments')),
    sa.ForeignKeyConstraint(['programme_id'], ['programmes.id'], name=op.f('fk_complaints_programme_id_programmes')),
    sa.ForeignKeyConstraint(['publicity_list_id'], ['publicity_lists.id'], name=op.f('fk_complaints_publicity_list_id_publicity_lists')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_complaints_region_code_regions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaints')),
    sa.UniqueConstraint('number', name=op.f('uq_complaints_number')),
    sa.UniqueConstraint('receipt_index', name=op.f('uq_complaints_receipt_index'))
    )
    with op.batch_alter_table('complaints', schema=None) as batch_op:
        batch_op.create_index('ix_complaints_owner_queue', ['owner_id', 'sealed', 'queue_on', 'number', 'about_organisation_id'], unique=False)
        batch_op.create_index('ix_complaints_owner_received', ['owner_id', 'received_at', 'number'], unique=False)
        batch_op.create_index(batch_op.f('ix_complaints_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_complaints_publicity_list_id'), ['publicity_list_id'], unique=False)
        batch_op.create_index('ix_complaints_state_concluded', ['state', 'concluded_at'], unique=False)
        batch_op.create_index('ix_complaints_unread', ['owner_id', 'sealed', 'number', 'about_organisation_id'], unique=False, sqlite_where=sa.text('unread = 1'), postgresql_where=sa.text('unread'))

    op.create_table('publicity_lines',
    sa.Column('list_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('masked_name', sa.Text(), nullable=False),
    sa.Column('group_name', sa.Text(), nullable=False),
    sa.Column('quantity', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['publicity_lists.id'], name=op.f('fk_publicity_lines_list_id_publicity_lists')),
    sa.PrimaryKeyConstraint('list_id', 'number', name=op.f('pk_publicity_lines'))
    )
    op.create_table('complaint_attachments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('complaint_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('filename', sa.LargeBinary(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaints.id'], name=op.f('fk_complaint_attachments_complaint_id_complaints')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_attachments')),
    sa.UniqueConstraint('complaint_id', 'position', name=op.f('uq_complaint_attachments_complaint_id_position'))
    )
    op.create_table('complaint_clocks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('complaint_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('limit_days', sa.Integer(), nullable=False),
    sa.Column('working_days', sa.Boolean(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('stopped_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaints.id'], name=op.f('fk_complaint_clocks_complaint_id_complaints')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_clocks')),
    sa.UniqueConstraint('complaint_id', 'kind', name=op.f('uq_complaint_clocks_complaint_id_kind'))
    )
    with op.batch_alter_table('complaint_clocks', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_clocks_provisional', ['due_on', 'id'], unique=False, sqlite_where=sa.text('stopped_on IS NULL AND provisional = 1'), postgresql_where=sa.text('stopped_on IS NULL AND provisional'))
        batch_op.create_index('ix_complaint_clocks_running', ['kind', 'due_on', 'id'], unique=False, sqlite_where=sa.text('stopped_on IS NULL'), postgresql_where=sa.text('stopped_on IS NULL'))

    op.create_table('complaint_entries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('complaint_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaints.id'], name=op.f('fk_complaint_entries_complaint_id_complaints')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_complaint_entries_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_entries'))
    )
    with op.batch_alter_table('complaint_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_complaint_entries_complaint_id'), ['complaint_id'], unique=False)

    op.create_table('complaint_escalations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('complaint_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('to_organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['complaint_id'], ['complaints.id'], name=op.f('fk_complaint_escalations_complaint_id_complaints')),
    sa.ForeignKeyConstraint(['to_organisation_id'], ['organisations.id'], name=op.f('fk_complaint_escalations_to_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_escalations')),
    sa.UniqueConstraint('complaint_id', 'level', name=op.f('uq_complaint_escalations_complaint_id_level'))
    )
    with op.batch_alter_table('complaint_escalations', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_escalations_to', ['to_organisation_id', 'complaint_id'], unique=False)

    op.create_table('discrepancies',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('result_file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('bank_outcome', sa.Text(), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('bank_fen', sa.BigInteger(), nullable=True),
    sa.Column('book_fen', sa.BigInteger(), nullable=True),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('settlement', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_discrepancies_attempt_id_attempts')),
    sa.ForeignKeyConstraint(['result_file_id'], ['result_files.id'], name=op.f('fk_discrepancies_result_file_id_result_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discrepancies')),
    sa.UniqueConstraint('result_file_id', 'line', name=op.f('uq_discrepancies_result_file_id_line'))
    )
    with op.batch_alter_table('discrepancies', schema=None) as batch_op:
        batch_op.create_index('ix_discrepancies_open', ['settled_at', 'id'], unique=False)

    op.create_table('complaint_extensions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('clock_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('asked_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('due_before', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['officials.id'], name=op.f('fk_complaint_extensions_asked_by_officials')),
    sa.ForeignKeyConstraint(['clock_id'], ['complaint_clocks.id'], name=op.f('fk_complaint_extensions_clock_id_complaint_clocks')),
    sa.ForeignKeyConstraint(['decided_by'], ['officials.id'], name=op.f('fk_complaint_extensions_decided_by_officials')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_extensions')),
    sa.UniqueConstraint('clock_id', name=op.f('uq_complaint_extensions_clock_id'))
    )


def downgrade() -> None:
    op.drop_table('complaint_extensions')
    with op.batch_alter_table('discrepancies', schema=None) as batch_op:
        batch_op.drop_index('ix_discrepancies_open')

    op.drop_table('discrepancies')
    with op.batch_alter_table('complaint_escalations', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_escalations_to')

    op.drop_table('complaint_escalations')
    with op.batch_alter_table('complaint_entries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_complaint_entries_complaint_id'))

    op.drop_table('complaint_entries')
    with op.batch_alter_table('complaint_clocks', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_clocks_provisional', sqlite_where=sa.text('stopped_on IS NULL AND provisional = 1'), postgresql_where=sa.text('stopped_on IS NULL AND provisional'))
        batch_op.drop_index('ix_complaint_clocks_running', sqlite_where=sa.text('stopped_on IS NULL'), postgresql_where=sa.text('stopped_on IS NULL'))

    op.drop_table('complaint_clocks')
    op.drop_table('complaint_attachments')
    op.drop_table('publicity_lines')
    with op.batch_alter_table('complaints', schema=None) as batch_op:
        batch_op.drop_index('ix_complaints_unread', sqlite_where=sa.text('unread = 1'), postgresql_where=sa.text('unread'))
        batch_op.drop_index('ix_complaints_state_concluded')
        batch_op.drop_index(batch_op.f('ix_complaints_publicity_list_id'))
        batch_op.drop_index(batch_op.f('ix_complaints_payment_id'))
        batch_op.drop_index('ix_complaints_owner_received')
        batch_op.drop_index('ix_complaints_owner_queue')

    op.drop_table('complaints')
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_index('uq_attempts_one_open', sqlite_where=sa.text("outcome IN ('open', 'unclear')"), postgresql_where=sa.text("outcome IN ('open', 'unclear')"))
        batch_op.drop_index(batch_op.f('ix_attempts_result_file_id'))
        batch_op.drop_index('ix_attempts_offer_file')
        batch_op.drop_index('ix_attempts_card_amount')

    op.drop_table('attempts')
    with op.batch_alter_table('publicity_lists', schema=None) as batch_op:
        batch_op.drop_index('ix_publicity_lists_open')

    op.drop_table('publicity_lists')
    with op.batch_alter_table('payments', schema=None) as batch_op:
        batch_op.drop_index('ix_payments_due', sqlite_where=sa.text('due_on IS NOT NULL'), postgresql_where=sa.text('due_on IS NOT NULL'))
        batch_op.drop_index('ix_payments_card')
        batch_op.drop_index('ix_payments_beneficiary')
        batch_op.drop_index('ix_payments_batch_state')

    op.drop_table('payments')
    with op.batch_alter_table('rolls', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rolls_township_code'))
        batch_op.drop_index(batch_op.f('ix_rolls_state'))

    op.drop_table('rolls')
    with op.batch_alter_table('offer_files', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_offer_files_batch_id'))

    op.drop_table('offer_files')
    op.drop_table('official_roles')
    with op.batch_alter_table('lookup_codes', schema=None) as batch_op:
        batch_op.drop_index('ix_lookup_codes_newest')
        batch_op.drop_index(batch_op.f('ix_lookup_codes_expires_at'))

    op.drop_table('lookup_codes')
    op.drop_table('fund_lines')
    with op.batch_alter_table('card_gaps', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_card_gaps_region_code'))

    op.drop_table('card_gaps')
    op.drop_table('batches')
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.drop_index('ix_uploads_kind_created')

    op.drop_table('uploads')
    op.drop_table('send_attempts')
    op.drop_table('result_files')
    with op.batch_alter_table('qr_codes', schema=None) as batch_op:
        batch_op.drop_index('uq_qr_codes_one_good', sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_qr_codes_region_code'))

    op.drop_table('qr_codes')
    with op.batch_alter_table('programmes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_programmes_department_id'))

    op.drop_table('programmes')
    with op.batch_alter_table('officials', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_officials_organisation_id'))

    op.drop_table('officials')
    with op.batch_alter_table('beneficiaries', schema=None) as batch_op:
        batch_op.drop_index('ix_beneficiaries_roll')
        batch_op.drop_index('ix_beneficiaries_region_name')
        batch_op.drop_index(batch_op.f('ix_beneficiaries_phone_index'))
        batch_op.drop_index('ix_beneficiaries_name_key')
        batch_op.drop_index(batch_op.f('ix_beneficiaries_card_id'))

    op.drop_table('beneficiaries')
    op.drop_table('audit_seals')
    with op.batch_alter_table('workflow_steps', schema=None) as batch_op:
        batch_op.drop_index('ix_workflow_steps_subject')

    op.drop_table('workflow_steps')
    op.drop_table('stored_files')
    with op.batch_alter_table('regions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_regions_parent_code'))

    op.drop_table('regions')
    with op.batch_alter_table('receipts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_receipts_outcome'))

    op.drop_table('receipts')
    with op.batch_alter_table('rate_counters', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rate_counters_expires_at'))

    op.drop_table('rate_counters')
    op.drop_table('organisations')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index('ix_messages_waiting', sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
        batch_op.drop_index('ix_messages_unknown', sqlite_where=sa.text("state = 'unknown'"), postgresql_where=sa.text("state = 'unknown'"))
        batch_op.drop_index('ix_messages_sending', sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"))
        batch_op.drop_index('ix_messages_provider_id', sqlite_where=sa.text('provider_id IS NOT NULL'), postgresql_where=sa.text('provider_id IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_messages_phone_index'))

    op.drop_table('messages')
    op.drop_table('incompatibility_rules')
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.drop_index('ix_inbound_messages_phone')

    op.drop_table('inbound_messages')
    with op.batch_alter_table('handset_messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handset_messages_phone_index'))

    op.drop_table('handset_messages')
    op.drop_table('cards')
    op.drop_table('calendar_days')
    with op.batch_alter_table('background_jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_background_jobs_state_id')

    op.drop_table('background_jobs')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entries_subject')
        batch_op.drop_index('ix_audit_entries_at')

    op.drop_table('audit_entries')
