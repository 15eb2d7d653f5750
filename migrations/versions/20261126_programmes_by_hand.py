"""Programmes by hand: versions of rules, ends of standards, and names of the files that come with filings."""

import sqlalchemy as sa
from alembic import op

revision = 'c41d7e0b52aa'
down_revision = '4c1d7ab0e2f6'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('programme_standards', schema=None) as batch_op:
        batch_op.add_column(sa.Column('replaced_until', sa.Date(), nullable=True))

    with op.batch_alter_table('incompatibility_rules', schema=None) as batch_op:
        batch_op.add_column(sa.Column('replaced_until', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_incompatibility_rules_first_code_second_code'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_incompatibility_rules_first_code_second_code_valid_from'), ['first_code', 'second_code', 'valid_from'])

    with op.batch_alter_table('offline_filings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('filename', sa.LargeBinary(), nullable=True))

    with op.batch_alter_table('inclusion_opinions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column('filename', sa.LargeBinary(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_inclusion_opinions_file_id_stored_files'), 'stored_files', ['file_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('inclusion_opinions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_inclusion_opinions_file_id_stored_files'), type_='foreignkey')
        batch_op.drop_column('filename')
        batch_op.drop_column('file_id')

    with op.batch_alter_table('offline_filings', schema=None) as batch_op:
        batch_op.drop_column('filename')

    # Where a rule has several versions, the house before knew only the last.
    op.execute(
        "DELETE FROM incompatibility_rules WHERE EXISTS (SELECT 1 FROM incompatibility_rules AS later "
        "WHERE later.first_code = incompatibility_rules.first_code "
        "AND later.second_code = incompatibility_rules.second_code AND later.id > incompatibility_rules.id)"
    )
    with op.batch_alter_table('incompatibility_rules', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_incompatibility_rules_first_code_second_code_valid_from'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_incompatibility_rules_first_code_second_code'), ['first_code', 'second_code'])
        batch_op.drop_column('recorded_at')
        batch_op.drop_column('replaced_until')

    with op.batch_alter_table('programme_standards', schema=None) as batch_op:
        batch_op.drop_column('replaced_until')
