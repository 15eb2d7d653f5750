"""What the database itself refuses: an entry, a seal or an archive is never changed, and goes only once an archive of
it was written. On PostgreSQL ``protect`` leaves the application's role no right to it in the first place.

The owner of the tables can take triggers away, and whoever can write to SQLite's file can do anything: against them
there is the chain, and the head hash noted elsewhere.
"""

from sqlalchemy import Connection, MetaData, event, func, select, text

from core.database import Base, db
from core.errors import UserError
from core.msgid import N_

ONLY_ADDED = ("audit_entries", "audit_seals", "audit_archives")
WRITTEN_BY_ROLE = frozenset({"audit_entries", "audit_seals"})
"""What the application's role adds to; archives are recorded by the owner, who alone can remove what they cover."""
REFUSAL = "the audit log can only be added to"

_ARCHIVED = {
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
_KEYS = {"audit_entries": "id", "audit_seals": "sequence", "audit_archives": "last_sequence"}


def statements(dialect: str) -> list[str]:
    """The statements that put the triggers up, for ``sqlite`` or ``postgresql``; the tables must be there."""
    return _for_postgresql() if dialect == "postgresql" else _for_sqlite()


def _for_sqlite() -> list[str]:
    found = []
    for table in ONLY_ADDED:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        found += [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table}"
            f" WHEN NOT ({_ARCHIVED[table]}) {refuse}",
            # INSERT OR REPLACE deletes without asking the trigger above.
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table}"  # noqa: S608 - names of our own tables
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {_KEYS[table]} = NEW.{_KEYS[table]}) {refuse}",
        ]
    return found


def _for_postgresql() -> list[str]:
    refuse = f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege';"
    found = [f"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse} END $$"]
    for table in ONLY_ADDED:
        found += [
            f"CREATE OR REPLACE FUNCTION {table}_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {_ARCHIVED[table]} THEN RETURN OLD; END IF; {refuse} END $$",
            f"CREATE OR REPLACE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
            f"CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_refuse_delete()",
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        ]
    return found


@event.listens_for(Base.metadata, "after_create")
def _put_up(target: MetaData, connection: Connection, **_options: object) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def protect(role: str) -> list[str]:
    """Give the application's role on PostgreSQL all that it needs, and on the audit log nothing but reading and adding.
    To be run by the owner of the tables, once and after each upgrade. Returns the statements that were run.

    Raises UserError on SQLite, for a role that does not exist, or for one that could do more whatever it is granted.
    """
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        raise UserError(N_("只有 PostgreSQL 有数据库权限可设。SQLite 上由触发器和封存链保护。"))
    is_superuser = db.session.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role})
    if is_superuser is None:
        raise UserError(N_("数据库里没有角色 %(role)s。请先用 CREATE ROLE 建好。"), role=role)
    if is_superuser or role == db.session.scalar(select(func.current_user())):
        raise UserError(
            N_("%(role)s 是超级用户，或者就是表的所有者，限制不了它。请另建一个普通角色给程序用。"), role=role
        )
    quote = connection.dialect.identifier_preparer.quote_identifier
    name, schema = quote(role), quote(str(db.session.scalar(text("SELECT current_schema()"))))
    database = quote(str(db.session.scalar(text("SELECT current_database()"))))
    told = [
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {name}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM {name}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
        # Tables of a later version, made by the same owner.
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {name}",
    ]
    read_only = ["alembic_version"] if db.session.scalar(text("SELECT to_regclass('alembic_version')")) else []
    for table in (*ONLY_ADDED, *read_only):
        rights = "SELECT, INSERT" if table in WRITTEN_BY_ROLE else "SELECT"
        told += [f"REVOKE ALL ON {table} FROM PUBLIC, {name}", f"GRANT {rights} ON {table} TO {name}"]
    for statement in told:
        connection.exec_driver_sql(statement)
    for table in ONLY_ADDED:
        if _may_change(table, role):
            raise UserError(N_("%(role)s 通过别的角色仍然能改审计日志：请先取消那个角色的授予。"), role=role)
    return told


def _may_change(table: str, role: str | None = None) -> bool:
    """Whether a role (the present one) may do more than read and add."""
    whom = func.current_user() if role is None else role
    return any(
        db.session.scalar(select(func.has_table_privilege(whom, table, right)))
        for right in ("UPDATE", "DELETE", "TRUNCATE")
    )


def is_protected() -> bool | None:
    """Whether the role at hand may only read the audit log and add to it; None where the database knows no roles."""
    if db.engine.dialect.name != "postgresql":
        return None
    return not any(_may_change(table) for table in ONLY_ADDED)
