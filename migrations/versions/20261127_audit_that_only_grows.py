"""The audit log can only be added to: triggers, archives, verifications, and indexes for the auditors' page."""

import sqlalchemy as sa
from alembic import op

revision = "c1f7d20a96be"
down_revision = "0b9c4f62ad17"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
REFUSAL = "the audit log can only be added to"
COLUMNS = ("action", "official_id", "organisation_id", "subject_kind")
ARCHIVED = {
    "audit_entries": (
        "EXISTS (SELECT 1 FROM audit_seals JOIN audit_archives ON audit_seals.sequence"
        " BETWEEN audit_archives.first_sequence AND audit_archives.last_sequence"
        " WHERE audit_seals.entry_id = OLD.id)"
    ),
    "audit_seals": (
        "EXISTS (SELECT 1 FROM audit_archives WHERE OLD.sequence"
        " BETWEEN audit_archives.first_sequence AND audit_archives.last_sequence)"
    ),
    "audit_archives": "1 = 0",
}
KEYS = {"audit_entries": "id", "audit_seals": "sequence", "audit_archives": "last_sequence"}


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    with op.batch_alter_table("audit_seals", schema=None) as table:
        table.drop_constraint("fk_audit_seals_entry_id_audit_entries", type_="foreignkey")
    op.create_table(
        "audit_archives",
        sa.Column("last_sequence", ID, autoincrement=False, nullable=False),
        sa.Column("first_sequence", ID, nullable=False),
        sa.Column("hash_before", sa.Text(), nullable=False),
        sa.Column("hash_after", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("earliest_at", INSTANT, nullable=False),
        sa.Column("latest_at", INSTANT, nullable=False),
        sa.Column("archived_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("last_sequence", name=op.f("pk_audit_archives")),
        sa.UniqueConstraint("first_sequence", name=op.f("uq_audit_archives_first_sequence")),
    )
    op.create_table(
        "audit_verifications",
        sa.Column("id", ID, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("touched_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("target", ID, nullable=False),
        sa.Column("sequence", ID, nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("broken_at", ID),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_verifications")),
    )
    op.drop_index("ix_audit_entries_at", table_name="audit_entries")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_id", "subject_kind", "at", "id"])
    for name, condition, first in (("open", "IS NULL", []), ("confined", "IS NOT NULL", ["visible_to"])):
        where = sa.text(f"visible_to {condition}")
        for column in (None, *COLUMNS):
            columns = [*first, *([column] if column else []), "at", "id"]
            named = f"ix_audit_entries_{name}_{column or 'at'}"
            op.create_index(named, "audit_entries", columns, sqlite_where=where, postgresql_where=where)
    for statement in _for_postgresql() if _is_postgresql() else _for_sqlite():
        op.execute(statement)


def _for_sqlite() -> list[str]:
    found = []
    for table in KEYS:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        found += [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table}"
            f" WHEN NOT ({ARCHIVED[table]}) {refuse}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {KEYS[table]} = NEW.{KEYS[table]}) {refuse}",
        ]
    return found


def _for_postgresql() -> list[str]:
    refuse = f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege';"
    found = [f"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse} END $$"]
    for table in KEYS:
        found += [
            f"CREATE OR REPLACE FUNCTION {table}_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {ARCHIVED[table]} THEN RETURN OLD; END IF; {refuse} END $$",
            f"CREATE OR REPLACE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
            f"CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_refuse_delete()",
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        ]
    return found


def downgrade() -> None:
    kinds = ("update", "delete", "truncate") if _is_postgresql() else ("update", "delete", "replace")
    for table in KEYS:
        for kind in kinds:
            op.execute(f"DROP TRIGGER {table}_no_{kind}" + (f" ON {table}" if _is_postgresql() else ""))
        if _is_postgresql():
            op.execute(f"DROP FUNCTION {table}_refuse_delete()")
    if _is_postgresql():
        op.execute("DROP FUNCTION audit_refuse()")
    for name in ("open", "confined"):
        for column in ("at", *COLUMNS):
            op.drop_index(f"ix_audit_entries_{name}_{column}", table_name="audit_entries")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_kind", "subject_id"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    op.drop_table("audit_verifications")
    op.drop_table("audit_archives")
    with op.batch_alter_table("audit_seals", schema=None) as table:
        table.create_foreign_key("fk_audit_seals_entry_id_audit_entries", "audit_entries", ["entry_id"], ["id"])
