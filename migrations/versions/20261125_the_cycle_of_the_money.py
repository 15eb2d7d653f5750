"""The cycle of the money: failures, returns, checks, bank file formats, inclusion, reconciliation, card gaps."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '9b2ee2873fa4'
down_revision = '0001'
branch_labels = None
depends_on = None


def _fill_in() -> None:
    """What the rows that are there already would have, had they been made by this version."""
    connection = op.get_bind()
    # Whatever was handed to the bank before has left the house: nobody may take it back and send it again.
    connection.execute(sa.text("UPDATE offer_files SET downloaded_at = created_at"))
    # Without its failure, a failed payment could not be corrected.
    open_ones = connection.execute(
        sa.text(
            "SELECT p.id, a.id, a.failure_reason, p.due_on, a.bank_date FROM payments p "
            "JOIN attempts a ON a.payment_id = p.id AND a.outcome = 'failed' AND a.number = "
            "(SELECT max(number) FROM attempts WHERE payment_id = p.id) "
            "WHERE p.state = 'failed' AND p.due_on IS NOT NULL"
        ).columns(sa.column("p", sa.Integer), sa.column("a", sa.Integer), sa.column("reason", sa.Text),
                  sa.column("due_on", sa.Date), sa.column("bank_date", sa.Date))
    ).all()
    rows = [
        {
            "payment_id": payment_id,
            "attempt_id": attempt_id,
            "kind": "failed",
            "month": f"{due_on:%Y-%m}",
            "reason": reason,
            "bank_name": "",
            "recorded_on": bank_date or due_on,
            "correct_by": due_on,
            "resubmit_by": due_on.replace(day=25),
            "reissue_by": due_on.replace(day=28),
            "ending": "",
        }
        for payment_id, attempt_id, reason, due_on, bank_date in open_ones
    ]
    if rows:
        failures = sa.table(
            "failures",
            *(sa.column(name, sa.Date) for name in ("recorded_on", "correct_by", "resubmit_by", "reissue_by")),
            *(sa.column(name) for name in ("payment_id", "attempt_id", "kind", "month", "reason", "bank_name", "ending")),
        )
        connection.execute(sa.insert(failures), rows)
    # A gap is at its first step, with the days that the ledger gives it, or closed with its card.
    connection.execute(sa.text("UPDATE card_gaps SET state = 'closed' WHERE closed_on IS NOT NULL"))
    gaps = sa.table(
        "card_gaps",
        sa.column("id"),
        sa.column("closed_on"),
        *(sa.column(name, sa.Date) for name in ("opened_on", "materials_due_on", "card_due_on", "due_on")),
    )
    waiting = connection.execute(sa.select(gaps.c.id, gaps.c.opened_on).where(gaps.c.closed_on.is_(None))).all()
    for gap_id, opened_on in waiting:
        materials, card = opened_on + timedelta(days=30), opened_on + timedelta(days=91)
        connection.execute(
            sa.update(gaps)
            .where(gaps.c.id == gap_id)
            .values(materials_due_on=materials, card_due_on=card, due_on=materials)
        )


def upgrade() -> None:
    op.create_table('bank_profiles',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('bank', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_profiles')),
    sa.UniqueConstraint('name', 'version', name=op.f('uq_bank_profiles_name_version'))
    )
    with op.batch_alter_table('bank_profiles', schema=None) as batch_op:
        batch_op.create_index('uq_bank_profiles_current', ['name'], unique=True, sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))

    op.create_table('check_severities',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('chosen_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_severities'))
    )
    with op.batch_alter_table('check_severities', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_check_severities_kind'), ['kind'], unique=False)

    op.create_table('closed_months',
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_closed_months'))
    )
    op.create_table('reconciliation_months',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('matched_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliation_months')),
    sa.UniqueConstraint('month', name=op.f('uq_reconciliation_months_month'))
    )
    op.create_table('step_limits',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('working_days', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('chosen_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_step_limits'))
    )
    with op.batch_alter_table('step_limits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_step_limits_step'), ['step'], unique=False)

    op.create_table('bank_spellings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('card_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('spelling', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['card_id'], ['cards.id'], name=op.f('fk_bank_spellings_card_id_cards')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_spellings')),
    sa.UniqueConstraint('card_id', 'name', name=op.f('uq_bank_spellings_card_id_name'))
    )
    op.create_table('card_requests',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('bank_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['bank_id'], ['organisations.id'], name=op.f('fk_card_requests_bank_id_organisations')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_card_requests_file_id_stored_files')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_card_requests_region_code_regions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_requests'))
    )
    with op.batch_alter_table('card_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_card_requests_bank_id'), ['bank_id'], unique=False)

    op.create_table('correction_evidence',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('filename', sa.LargeBinary(), nullable=False),
    sa.Column('brought_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_correction_evidence_file_id_stored_files')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_evidence'))
    )
    op.create_table('month_signatures',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('month_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('organisation_kind', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('signed_by', sa.Text(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('figures', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['month_id'], ['reconciliation_months.id'], name=op.f('fk_month_signatures_month_id_reconciliation_months')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_month_signatures_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_month_signatures')),
    sa.UniqueConstraint('month_id', 'organisation_id', name=op.f('uq_month_signatures_month_id_organisation_id'))
    )
    op.create_table('statements',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('month_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('account', sa.LargeBinary(), nullable=False),
    sa.Column('account_index', sa.LargeBinary(), nullable=False),
    sa.Column('account_tail', sa.String(length=4), nullable=False),
    sa.Column('opening_fen', sa.BigInteger(), nullable=False),
    sa.Column('closing_fen', sa.BigInteger(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('imported_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_statements_file_id_stored_files')),
    sa.ForeignKeyConstraint(['month_id'], ['reconciliation_months.id'], name=op.f('fk_statements_month_id_reconciliation_months')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statements'))
    )
    with op.batch_alter_table('statements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_statements_file_id'), ['file_id'], unique=False)
        batch_op.create_index('uq_statements_account_month', ['month_id', 'account_index'], unique=True, sqlite_where=sa.text('replaced_at IS NULL'), postgresql_where=sa.text('replaced_at IS NULL'))

    op.create_table('card_changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('before_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('after_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['after_id'], ['cards.id'], name=op.f('fk_card_changes_after_id_cards')),
    sa.ForeignKeyConstraint(['before_id'], ['cards.id'], name=op.f('fk_card_changes_before_id_cards')),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_card_changes_beneficiary_id_beneficiaries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_changes'))
    )
    with op.batch_alter_table('card_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_card_changes_beneficiary_id'), ['beneficiary_id'], unique=False)

    op.create_table('card_request_lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('request_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('line_number', sa.Integer(), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('reference', sa.String(length=40), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=False),
    sa.Column('card_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_card_request_lines_beneficiary_id_beneficiaries')),
    sa.ForeignKeyConstraint(['card_id'], ['cards.id'], name=op.f('fk_card_request_lines_card_id_cards')),
    sa.ForeignKeyConstraint(['request_id'], ['card_requests.id'], name=op.f('fk_card_request_lines_request_id_card_requests')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_request_lines')),
    sa.UniqueConstraint('reference', name=op.f('uq_card_request_lines_reference')),
    sa.UniqueConstraint('request_id', 'line_number', name=op.f('uq_card_request_lines_request_id_line_number'))
    )
    with op.batch_alter_table('card_request_lines', schema=None) as batch_op:
        batch_op.create_index('uq_card_request_lines_one_open', ['beneficiary_id'], unique=True, sqlite_where=sa.text("outcome = 'open'"), postgresql_where=sa.text("outcome = 'open'"))

    op.create_table('doubles',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('first_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('second_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('region_code', sa.String(length=15), nullable=False),
    sa.Column('grounds', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('kept_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('moved', sa.JSON(), nullable=True),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('first_id < second_id', name=op.f('ck_doubles_ordered')),
    sa.ForeignKeyConstraint(['first_id'], ['beneficiaries.id'], name=op.f('fk_doubles_first_id_beneficiaries')),
    sa.ForeignKeyConstraint(['kept_id'], ['beneficiaries.id'], name=op.f('fk_doubles_kept_id_beneficiaries')),
    sa.ForeignKeyConstraint(['second_id'], ['beneficiaries.id'], name=op.f('fk_doubles_second_id_beneficiaries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_doubles')),
    sa.UniqueConstraint('first_id', 'second_id', name=op.f('uq_doubles_first_id_second_id'))
    )
    with op.batch_alter_table('doubles', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_doubles_second_id'), ['second_id'], unique=False)
        batch_op.create_index('ix_doubles_state', ['state', 'region_code'], unique=False)

    op.create_table('inclusion_cases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('programme_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('proposal', sa.Text(), nullable=False),
    sa.Column('grounds', sa.Text(), nullable=False),
    sa.Column('document_number', sa.Text(), nullable=False),
    sa.Column('submitted_on', sa.Date(), nullable=False),
    sa.Column('opinions_due_on', sa.Date(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('decision_document', sa.Text(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('reply_document', sa.Text(), nullable=False),
    sa.Column('replied_on', sa.Date(), nullable=True),
    sa.Column('set_up_code', sa.Text(), nullable=False),
    sa.Column('set_up_on', sa.Date(), nullable=True),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['programme_id'], ['programmes.id'], name=op.f('fk_inclusion_cases_programme_id_programmes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inclusion_cases'))
    )
    with op.batch_alter_table('inclusion_cases', schema=None) as batch_op:
        batch_op.create_index('uq_inclusion_cases_running', ['programme_id'], unique=True, sqlite_where=sa.text('settled_on IS NULL'), postgresql_where=sa.text('settled_on IS NULL'))

    op.create_table('offline_filings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('programme_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('office', sa.Text(), nullable=False),
    sa.Column('management_document', sa.Text(), nullable=False),
    sa.Column('supervision_document', sa.Text(), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=False),
    sa.Column('filed_by', sa.Text(), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('received_on', sa.Date(), nullable=True),
    sa.Column('received_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_offline_filings_file_id_stored_files')),
    sa.ForeignKeyConstraint(['programme_id'], ['programmes.id'], name=op.f('fk_offline_filings_programme_id_programmes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offline_filings')),
    sa.UniqueConstraint('programme_id', 'office', name=op.f('uq_offline_filings_programme_id_office'))
    )
    op.create_table('payees',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('payee_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('document', sa.LargeBinary(), nullable=False),
    sa.Column('evidence_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('evidence_name', sa.LargeBinary(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('set_by', sa.Text(), nullable=False),
    sa.Column('set_by_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.Text(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_payees_beneficiary_id_beneficiaries')),
    sa.ForeignKeyConstraint(['evidence_id'], ['stored_files.id'], name=op.f('fk_payees_evidence_id_stored_files')),
    sa.ForeignKeyConstraint(['payee_id'], ['beneficiaries.id'], name=op.f('fk_payees_payee_id_beneficiaries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payees'))
    )
    with op.batch_alter_table('payees', schema=None) as batch_op:
        batch_op.create_index('ix_payees_beneficiary', ['beneficiary_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payees_payee_id'), ['payee_id'], unique=False)
        batch_op.create_index('uq_payees_one_standing', ['beneficiary_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('phone_changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('before_tail', sa.String(length=4), nullable=False),
    sa.Column('after_tail', sa.String(length=4), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_phone_changes_beneficiary_id_beneficiaries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phone_changes'))
    )
    with op.batch_alter_table('phone_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_phone_changes_beneficiary_id'), ['beneficiary_id'], unique=False)

    op.create_table('programme_standards',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('programme_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('per', sa.Text(), nullable=False),
    sa.Column('monthly', sa.Boolean(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programmes.id'], name=op.f('fk_programme_standards_programme_id_programmes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_standards'))
    )
    with op.batch_alter_table('programme_standards', schema=None) as batch_op:
        batch_op.create_index('ix_programme_standards_programme', ['programme_id', 'valid_from'], unique=False)

    op.create_table('status_changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('beneficiary_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('before_on', sa.Date(), nullable=True),
    sa.Column('before_source', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('event_on', sa.Date(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['beneficiary_id'], ['beneficiaries.id'], name=op.f('fk_status_changes_beneficiary_id_beneficiaries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_changes'))
    )
    with op.batch_alter_table('status_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_status_changes_beneficiary_id'), ['beneficiary_id'], unique=False)

    op.create_table('card_gap_notes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('gap_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['gap_id'], ['card_gaps.id'], name=op.f('fk_card_gap_notes_gap_id_card_gaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_gap_notes'))
    )
    with op.batch_alter_table('card_gap_notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_card_gap_notes_gap_id'), ['gap_id'], unique=False)

    op.create_table('inclusion_opinions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('office', sa.Text(), nullable=False),
    sa.Column('agrees', sa.Boolean(), nullable=False),
    sa.Column('opinion', sa.Text(), nullable=False),
    sa.Column('document_number', sa.Text(), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['inclusion_cases.id'], name=op.f('fk_inclusion_opinions_case_id_inclusion_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inclusion_opinions')),
    sa.UniqueConstraint('case_id', 'office', name=op.f('uq_inclusion_opinions_case_id_office'))
    )
    op.create_table('return_orders',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_on', sa.Date(), nullable=True),
    sa.Column('voucher_number', sa.Text(), nullable=False),
    sa.Column('voucher_on', sa.Date(), nullable=True),
    sa.Column('credited_on', sa.Date(), nullable=True),
    sa.Column('carried_to', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_return_orders_batch_id_batches')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_orders'))
    )
    with op.batch_alter_table('return_orders', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_return_orders_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index('ix_return_orders_state', ['state', 'id'], unique=False)

    op.create_table('offline_receipts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('roll_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=False),
    sa.Column('payer', sa.Text(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_offline_receipts_file_id_stored_files')),
    sa.ForeignKeyConstraint(['roll_id'], ['rolls.id'], name=op.f('fk_offline_receipts_roll_id_rolls')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offline_receipts'))
    )
    with op.batch_alter_table('offline_receipts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offline_receipts_roll_id'), ['roll_id'], unique=False)

    op.create_table('offline_receipt_lines',
    sa.Column('receipt_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_offline_receipt_lines_payment_id_payments')),
    sa.ForeignKeyConstraint(['receipt_id'], ['offline_receipts.id'], name=op.f('fk_offline_receipt_lines_receipt_id_offline_receipts')),
    sa.PrimaryKeyConstraint('receipt_id', 'payment_id', name=op.f('pk_offline_receipt_lines')),
    sa.UniqueConstraint('payment_id', 'receipt_id', name=op.f('uq_offline_receipt_lines_payment_id_receipt_id'))
    )
    op.create_table('return_lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('from_state', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['return_orders.id'], name=op.f('fk_return_lines_order_id_return_orders')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_return_lines_payment_id_payments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_lines'))
    )
    with op.batch_alter_table('return_lines', schema=None) as batch_op:
        batch_op.create_index('ix_return_lines_order', ['order_id', 'payment_id'], unique=False)
        batch_op.create_index('uq_return_lines_one_binding', ['payment_id'], unique=True, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))

    op.create_table('roll_findings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('roll_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('other', sa.Text(), nullable=False),
    sa.Column('other_payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('other_programme_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('explanation', sa.LargeBinary(), nullable=True),
    sa.Column('explained_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('explained_by_name', sa.Text(), nullable=False),
    sa.Column('explained_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['other_payment_id'], ['payments.id'], name=op.f('fk_roll_findings_other_payment_id_payments')),
    sa.ForeignKeyConstraint(['other_programme_id'], ['programmes.id'], name=op.f('fk_roll_findings_other_programme_id_programmes')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_roll_findings_payment_id_payments')),
    sa.ForeignKeyConstraint(['roll_id'], ['rolls.id'], name=op.f('fk_roll_findings_roll_id_rolls')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roll_findings')),
    sa.UniqueConstraint('payment_id', 'kind', 'other', name=op.f('uq_roll_findings_payment_id_kind_other'))
    )
    with op.batch_alter_table('roll_findings', schema=None) as batch_op:
        batch_op.create_index('ix_roll_findings_other', ['other_payment_id'], unique=False)
        batch_op.create_index('ix_roll_findings_roll', ['roll_id', 'kind'], unique=False)
        batch_op.create_index('uq_roll_findings_of_the_roll', ['roll_id', 'kind'], unique=True, sqlite_where=sa.text('payment_id IS NULL'), postgresql_where=sa.text('payment_id IS NULL'))

    op.create_table('failures',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('bank_name', sa.Text(), nullable=False),
    sa.Column('recorded_on', sa.Date(), nullable=False),
    sa.Column('correct_by', sa.Date(), nullable=False),
    sa.Column('resubmit_by', sa.Date(), nullable=False),
    sa.Column('reissue_by', sa.Date(), nullable=False),
    sa.Column('corrected_on', sa.Date(), nullable=True),
    sa.Column('resubmitted_on', sa.Date(), nullable=True),
    sa.Column('reissued_on', sa.Date(), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('ending', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_failures_attempt_id_attempts')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_failures_payment_id_payments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failures'))
    )
    with op.batch_alter_table('failures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_failures_attempt_id'), ['attempt_id'], unique=False)
        batch_op.create_index('ix_failures_month', ['month', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_failures_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index('uq_failures_one_open', ['payment_id'], unique=True, sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))

    op.create_table('statement_lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('statement_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('debit_fen', sa.BigInteger(), nullable=False),
    sa.Column('credit_fen', sa.BigInteger(), nullable=False),
    sa.Column('balance_fen', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=False),
    sa.Column('card', sa.LargeBinary(), nullable=False),
    sa.Column('card_index', sa.LargeBinary(), nullable=True),
    sa.Column('card_tail', sa.String(length=4), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('serial', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('pair_line_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_statement_lines_attempt_id_attempts')),
    sa.ForeignKeyConstraint(['statement_id'], ['statements.id'], name=op.f('fk_statement_lines_statement_id_statements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statement_lines')),
    sa.UniqueConstraint('statement_id', 'number', name=op.f('uq_statement_lines_statement_id_number'))
    )
    with op.batch_alter_table('statement_lines', schema=None) as batch_op:
        batch_op.create_index('ix_statement_lines_attempt', ['attempt_id', 'kind', 'statement_id'], unique=False)
        batch_op.create_index('ix_statement_lines_card', ['statement_id', 'card_index', 'debit_fen'], unique=False)
        batch_op.create_index('ix_statement_lines_kind', ['statement_id', 'kind'], unique=False)
        batch_op.create_index('ix_statement_lines_pair', ['pair_line_id'], unique=False, sqlite_where=sa.text('pair_line_id IS NOT NULL'), postgresql_where=sa.text('pair_line_id IS NOT NULL'))

    op.create_table('corrections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('failure_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('before_state', sa.Text(), nullable=False),
    sa.Column('before_card_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('after_card_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('before_card_tail', sa.String(length=4), nullable=False),
    sa.Column('after_card_tail', sa.String(length=4), nullable=False),
    sa.Column('before_payee_name', sa.Text(), nullable=False),
    sa.Column('after_payee_name', sa.Text(), nullable=False),
    sa.Column('before_holder_name', sa.Text(), nullable=False),
    sa.Column('before_name', sa.Text(), nullable=False),
    sa.Column('after_name', sa.Text(), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=False),
    sa.Column('evidence_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('undone_by_name', sa.Text(), nullable=False),
    sa.Column('undo_reason', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['after_card_id'], ['cards.id'], name=op.f('fk_corrections_after_card_id_cards')),
    sa.ForeignKeyConstraint(['before_card_id'], ['cards.id'], name=op.f('fk_corrections_before_card_id_cards')),
    sa.ForeignKeyConstraint(['evidence_id'], ['correction_evidence.id'], name=op.f('fk_corrections_evidence_id_correction_evidence')),
    sa.ForeignKeyConstraint(['failure_id'], ['failures.id'], name=op.f('fk_corrections_failure_id_failures')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_corrections_payment_id_payments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrections'))
    )
    with op.batch_alter_table('corrections', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_corrections_payment_id'), ['payment_id'], unique=False)
        batch_op.create_index('uq_corrections_one_standing', ['failure_id'], unique=True, sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))

    op.create_table('differences',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('month_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('bank_fen', sa.BigInteger(), nullable=True),
    sa.Column('book_fen', sa.BigInteger(), nullable=True),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolution', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_differences_attempt_id_attempts')),
    sa.ForeignKeyConstraint(['line_id'], ['statement_lines.id'], name=op.f('fk_differences_line_id_statement_lines')),
    sa.ForeignKeyConstraint(['month_id'], ['reconciliation_months.id'], name=op.f('fk_differences_month_id_reconciliation_months')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_differences')),
    sa.UniqueConstraint('month_id', 'kind', 'line_id', 'attempt_id', name=op.f('uq_differences_month_id_kind_line_id_attempt_id'))
    )
    with op.batch_alter_table('differences', schema=None) as batch_op:
        batch_op.create_index('ix_differences_open', ['month_id', 'resolved_at'], unique=False)

    op.create_table('carried_settlements',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('difference_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('month_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('resolution', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_by', sa.Text(), nullable=False),
    sa.Column('official_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.ForeignKeyConstraint(['difference_id'], ['differences.id'], name=op.f('fk_carried_settlements_difference_id_differences')),
    sa.ForeignKeyConstraint(['month_id'], ['reconciliation_months.id'], name=op.f('fk_carried_settlements_month_id_reconciliation_months')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carried_settlements')),
    sa.UniqueConstraint('difference_id', name=op.f('uq_carried_settlements_difference_id'))
    )
    with op.batch_alter_table('carried_settlements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_carried_settlements_month_id'), ['month_id'], unique=False)

    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sent_name', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('was_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('returned_on', sa.Date(), nullable=True))
        batch_op.create_index('ix_attempts_bank_date', ['bank_date', 'card_index', 'amount_fen', 'outcome'], unique=False)

    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.add_column(sa.Column('return_due_on', sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f('ix_batches_return_due_on'), ['return_due_on'], unique=False)

    with op.batch_alter_table('beneficiaries', schema=None) as batch_op:
        batch_op.add_column(sa.Column('status_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('status_source', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('household_number', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('household_relation', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('merged_into_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_index('ix_beneficiaries_household', ['household_number'], unique=False, sqlite_where=sa.text("household_number <> ''"), postgresql_where=sa.text("household_number <> ''"))
        batch_op.create_index('ix_beneficiaries_merged', ['merged_into_id', 'id'], unique=False, sqlite_where=sa.text('merged_into_id IS NOT NULL'), postgresql_where=sa.text('merged_into_id IS NOT NULL'))
        batch_op.create_foreign_key(batch_op.f('fk_beneficiaries_merged_into_id_beneficiaries'), 'beneficiaries', ['merged_into_id'], ['id'])

    with op.batch_alter_table('card_gaps', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sa.Text(), nullable=False, server_default='open'))
        batch_op.add_column(sa.Column('measure', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('responsible_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column('materials_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('card_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('materials_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('submitted_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('issued_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('refusal', sa.Text(), nullable=False, server_default=''))
        batch_op.create_index('ix_card_gaps_due', ['due_on', 'state'], unique=False, sqlite_where=sa.text('closed_on IS NULL'), postgresql_where=sa.text('closed_on IS NULL'))
        batch_op.create_foreign_key(batch_op.f('fk_card_gaps_responsible_id_organisations'), 'organisations', ['responsible_id'], ['id'])

    with op.batch_alter_table('cards', schema=None) as batch_op:
        batch_op.add_column(sa.Column('arrival_sms', sa.Boolean(), nullable=True))
        batch_op.create_index(batch_op.f('ix_cards_bank_name'), ['bank_name'], unique=False)

    with op.batch_alter_table('discrepancies', schema=None) as batch_op:
        batch_op.add_column(sa.Column('bank_reason', sa.Text(), nullable=False, server_default=''))

    with op.batch_alter_table('incompatibility_rules', schema=None) as batch_op:
        batch_op.add_column(sa.Column('scope', sa.Text(), nullable=False, server_default='person'))
        batch_op.add_column(sa.Column('valid_from', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('valid_until', sa.Date(), nullable=True))

    with op.batch_alter_table('offer_files', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cycle_month', sa.String(length=7), nullable=True))
        batch_op.add_column(sa.Column('respelled', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('profile', sa.Text(), nullable=False, server_default='sample'))
        batch_op.add_column(sa.Column('profile_version', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('downloaded_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('cancelled_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column('cancel_reason', sa.Text(), nullable=False, server_default=''))
        batch_op.alter_column('batch_id',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.create_index('uq_offer_files_one_a_cycle', ['cycle_month'], unique=True, sqlite_where=sa.text('cycle_month IS NOT NULL AND cancelled_at IS NULL'), postgresql_where=sa.text('cycle_month IS NOT NULL AND cancelled_at IS NULL'))

    with op.batch_alter_table('payments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('struck_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_payments_unclear', ['id'], unique=False, sqlite_where=sa.text("state = 'unclear'"), postgresql_where=sa.text("state = 'unclear'"))

    with op.batch_alter_table('programmes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('level_of_funds', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('valid_from', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('valid_until', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('shared_cards', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('result_files', schema=None) as batch_op:
        batch_op.add_column(sa.Column('profile_version', sa.Integer(), nullable=False, server_default='0'))

    _fill_in()


def downgrade() -> None:
    with op.batch_alter_table('result_files', schema=None) as batch_op:
        batch_op.drop_column('profile_version')

    with op.batch_alter_table('programmes', schema=None) as batch_op:
        batch_op.drop_column('shared_cards')
        batch_op.drop_column('valid_until')
        batch_op.drop_column('valid_from')
        batch_op.drop_column('level_of_funds')

    with op.batch_alter_table('payments', schema=None) as batch_op:
        batch_op.drop_index('ix_payments_unclear', sqlite_where=sa.text("state = 'unclear'"), postgresql_where=sa.text("state = 'unclear'"))
        batch_op.drop_column('struck_at')

    with op.batch_alter_table('offer_files', schema=None) as batch_op:
        batch_op.drop_index('uq_offer_files_one_a_cycle', sqlite_where=sa.text('cycle_month IS NOT NULL AND cancelled_at IS NULL'), postgresql_where=sa.text('cycle_month IS NOT NULL AND cancelled_at IS NULL'))
        batch_op.alter_column('batch_id',
               existing_type=sa.INTEGER(),
               nullable=False)
        batch_op.drop_column('cancel_reason')
        batch_op.drop_column('cancelled_by')
        batch_op.drop_column('cancelled_at')
        batch_op.drop_column('downloaded_at')
        batch_op.drop_column('profile_version')
        batch_op.drop_column('profile')
        batch_op.drop_column('respelled')
        batch_op.drop_column('cycle_month')

    with op.batch_alter_table('incompatibility_rules', schema=None) as batch_op:
        batch_op.drop_column('valid_until')
        batch_op.drop_column('valid_from')
        batch_op.drop_column('scope')

    with op.batch_alter_table('discrepancies', schema=None) as batch_op:
        batch_op.drop_column('bank_reason')

    with op.batch_alter_table('cards', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cards_bank_name'))
        batch_op.drop_column('arrival_sms')

    with op.batch_alter_table('card_gaps', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_card_gaps_responsible_id_organisations'), type_='foreignkey')
        batch_op.drop_index('ix_card_gaps_due', sqlite_where=sa.text('closed_on IS NULL'), postgresql_where=sa.text('closed_on IS NULL'))
        batch_op.drop_column('refusal')
        batch_op.drop_column('issued_on')
        batch_op.drop_column('submitted_on')
        batch_op.drop_column('materials_on')
        batch_op.drop_column('due_on')
        batch_op.drop_column('card_due_on')
        batch_op.drop_column('materials_due_on')
        batch_op.drop_column('responsible_id')
        batch_op.drop_column('measure')
        batch_op.drop_column('state')

    with op.batch_alter_table('beneficiaries', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_beneficiaries_merged_into_id_beneficiaries'), type_='foreignkey')
        batch_op.drop_index('ix_beneficiaries_merged', sqlite_where=sa.text('merged_into_id IS NOT NULL'), postgresql_where=sa.text('merged_into_id IS NOT NULL'))
        batch_op.drop_index('ix_beneficiaries_household', sqlite_where=sa.text("household_number <> ''"), postgresql_where=sa.text("household_number <> ''"))
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('household_relation')
        batch_op.drop_column('household_number')
        batch_op.drop_column('status_source')
        batch_op.drop_column('status_on')

    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_batches_return_due_on'))
        batch_op.drop_column('return_due_on')

    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_index('ix_attempts_bank_date')
        batch_op.drop_column('returned_on')
        batch_op.drop_column('was_due_on')
        batch_op.drop_column('sent_name')

    with op.batch_alter_table('carried_settlements', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_carried_settlements_month_id'))

    op.drop_table('carried_settlements')
    with op.batch_alter_table('differences', schema=None) as batch_op:
        batch_op.drop_index('ix_differences_open')

    op.drop_table('differences')
    with op.batch_alter_table('corrections', schema=None) as batch_op:
        batch_op.drop_index('uq_corrections_one_standing', sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_corrections_payment_id'))

    op.drop_table('corrections')
    with op.batch_alter_table('statement_lines', schema=None) as batch_op:
        batch_op.drop_index('ix_statement_lines_pair', sqlite_where=sa.text('pair_line_id IS NOT NULL'), postgresql_where=sa.text('pair_line_id IS NOT NULL'))
        batch_op.drop_index('ix_statement_lines_kind')
        batch_op.drop_index('ix_statement_lines_card')
        batch_op.drop_index('ix_statement_lines_attempt')

    op.drop_table('statement_lines')
    with op.batch_alter_table('failures', schema=None) as batch_op:
        batch_op.drop_index('uq_failures_one_open', sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))
        batch_op.drop_index(batch_op.f('ix_failures_payment_id'))
        batch_op.drop_index('ix_failures_month')
        batch_op.drop_index(batch_op.f('ix_failures_attempt_id'))

    op.drop_table('failures')
    with op.batch_alter_table('roll_findings', schema=None) as batch_op:
        batch_op.drop_index('uq_roll_findings_of_the_roll', sqlite_where=sa.text('payment_id IS NULL'), postgresql_where=sa.text('payment_id IS NULL'))
        batch_op.drop_index('ix_roll_findings_roll')
        batch_op.drop_index('ix_roll_findings_other')

    op.drop_table('roll_findings')
    with op.batch_alter_table('return_lines', schema=None) as batch_op:
        batch_op.drop_index('uq_return_lines_one_binding', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
        batch_op.drop_index('ix_return_lines_order')

    op.drop_table('return_lines')
    op.drop_table('offline_receipt_lines')
    with op.batch_alter_table('offline_receipts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_offline_receipts_roll_id'))

    op.drop_table('offline_receipts')
    with op.batch_alter_table('return_orders', schema=None) as batch_op:
        batch_op.drop_index('ix_return_orders_state')
        batch_op.drop_index(batch_op.f('ix_return_orders_batch_id'))

    op.drop_table('return_orders')
    op.drop_table('inclusion_opinions')
    with op.batch_alter_table('card_gap_notes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_card_gap_notes_gap_id'))

    op.drop_table('card_gap_notes')
    with op.batch_alter_table('status_changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_status_changes_beneficiary_id'))

    op.drop_table('status_changes')
    with op.batch_alter_table('programme_standards', schema=None) as batch_op:
        batch_op.drop_index('ix_programme_standards_programme')

    op.drop_table('programme_standards')
    with op.batch_alter_table('phone_changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_phone_changes_beneficiary_id'))

    op.drop_table('phone_changes')
    with op.batch_alter_table('payees', schema=None) as batch_op:
        batch_op.drop_index('uq_payees_one_standing', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_payees_payee_id'))
        batch_op.drop_index('ix_payees_beneficiary')

    op.drop_table('payees')
    op.drop_table('offline_filings')
    with op.batch_alter_table('inclusion_cases', schema=None) as batch_op:
        batch_op.drop_index('uq_inclusion_cases_running', sqlite_where=sa.text('settled_on IS NULL'), postgresql_where=sa.text('settled_on IS NULL'))

    op.drop_table('inclusion_cases')
    with op.batch_alter_table('doubles', schema=None) as batch_op:
        batch_op.drop_index('ix_doubles_state')
        batch_op.drop_index(batch_op.f('ix_doubles_second_id'))

    op.drop_table('doubles')
    with op.batch_alter_table('card_request_lines', schema=None) as batch_op:
        batch_op.drop_index('uq_card_request_lines_one_open', sqlite_where=sa.text("outcome = 'open'"), postgresql_where=sa.text("outcome = 'open'"))

    op.drop_table('card_request_lines')
    with op.batch_alter_table('card_changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_card_changes_beneficiary_id'))

    op.drop_table('card_changes')
    with op.batch_alter_table('statements', schema=None) as batch_op:
        batch_op.drop_index('uq_statements_account_month', sqlite_where=sa.text('replaced_at IS NULL'), postgresql_where=sa.text('replaced_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_statements_file_id'))

    op.drop_table('statements')
    op.drop_table('month_signatures')
    op.drop_table('correction_evidence')
    with op.batch_alter_table('card_requests', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_card_requests_bank_id'))

    op.drop_table('card_requests')
    op.drop_table('bank_spellings')
    with op.batch_alter_table('step_limits', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_step_limits_step'))

    op.drop_table('step_limits')
    op.drop_table('reconciliation_months')
    op.drop_table('closed_months')
    with op.batch_alter_table('check_severities', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_check_severities_kind'))

    op.drop_table('check_severities')
    with op.batch_alter_table('bank_profiles', schema=None) as batch_op:
        batch_op.drop_index('uq_bank_profiles_current', sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))

    op.drop_table('bank_profiles')
