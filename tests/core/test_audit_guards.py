"""The database itself refuses to change the audit log, and the application's role on PostgreSQL has no right to."""

import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import audit
from core.audit import AuditEntry, guards
from core.database import Base, db
from core.errors import UserError
from core.principal import system
from core.tasks import seal_audit, verify_audit
from tests.core.test_audit import AT, entries, sealed
from tests.core.test_audit_archive import archived


def refused(statement: str) -> None:
    """That the database refuses it, and everything is as before."""
    with pytest.raises(DBAPIError, match=guards.REFUSAL):
        db.session.execute(text(statement))
    db.session.rollback()


ON_EACH = (
    "UPDATE {table} SET {column} = 'x'",
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
)


@pytest.mark.parametrize("statement", ON_EACH)
def test_no_entry_seal_or_archive_is_changed_or_deleted(app: Flask, statement: str) -> None:
    archived(3)
    entries(2)
    audit.seal(at=AT)
    db.session.commit()
    # The application's own session has all rights here: it is the triggers that refuse.
    columns = {"audit_entries": "action", "audit_seals": "chain_hash", "audit_archives": "file_sha256"}
    for table, column in columns.items():
        refused(statement.format(table=table, column=column))
    assert len(db.session.scalars(select(AuditEntry.id)).all()) == 6
    assert audit.verify().broken_at is None


def test_an_entry_that_waits_for_its_seal_is_not_deleted_either(app: Flask) -> None:
    audit.record(system("test"), "roll.approve", "roll", 1, at=AT)
    db.session.commit()
    refused("DELETE FROM audit_entries")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["audit_entries", "audit_seals"])
def test_nothing_is_replaced(app: Flask, table: str) -> None:
    sealed(2)
    refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_emptied(app: Flask) -> None:
    sealed(2)
    for table in guards.ONLY_ADDED:
        refused(f"TRUNCATE {table} CASCADE")


@pytest.fixture
def role(app: Flask) -> Iterator[sa.Engine]:
    """Connections of a role of its own, as the application would have them in production."""
    name, password = f'ykt "{secrets.token_hex(4)}', secrets.token_hex(8)
    quoted = '"' + name.replace('"', '""') + '"'
    db.session.execute(text(f"CREATE ROLE {quoted} LOGIN PASSWORD '{password}'"))
    guards.protect(name)
    db.session.commit()
    engine = sa.create_engine(db.engine.url.set(username=name, password=password))
    yield engine
    engine.dispose()
    db.session.rollback()
    db.session.execute(text(f"DROP OWNED BY {quoted}"))
    db.session.execute(text(f"DROP ROLE {quoted}"))
    db.session.commit()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_role_of_the_application_can_only_read_the_log_and_add_to_it(app: Flask, role: sa.Engine) -> None:
    sealed(2)
    kept = ("audit_entries", "audit_seals", "audit_archives")
    with role.connect() as connection:
        for table in kept:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() in (0, 2)
        connection.rollback()
        for table in kept:
            column = "file_name" if table == "audit_archives" else "chain_hash" if table == "audit_seals" else "action"
            for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(DBAPIError, match="permission denied"):
                    connection.execute(text(statement))
                connection.rollback()
        for statement in (
            "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
            "DROP TRIGGER audit_entries_no_update ON audit_entries",
            "SET session_replication_role = replica",
            "CREATE TABLE mine (id int)",
            "INSERT INTO audit_archives SELECT 1, 1, '', '', '', '', now(), now(), now()",
        ):
            with pytest.raises(DBAPIError):
                connection.execute(text(statement))
            connection.rollback()
    assert audit.verify() == audit.Verdict(2, 0, None)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_role_of_the_application_can_do_all_its_work(app: Flask, role: sa.Engine) -> None:
    with role.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rights = ("SELECT", "INSERT") + (() if table.name in guards.ONLY_ADDED else ("UPDATE", "DELETE"))
            for right in rights:
                may = sa.select(sa.func.has_table_privilege(table.name, right))
                assert connection.scalar(may) == (table.name != "audit_archives" or right == "SELECT"), table.name
    # The application itself, connected as that role: an entry, its seal, and the night's verification.
    engines: dict[str | None, sa.Engine] = db.engines  # type: ignore[assignment] # a dict, typed as a mapping
    owner = engines[None]
    try:
        engines[None] = role
        db.session.remove()
        audit.record(system("test"), "roll.approve", "roll", 1, at=AT)
        db.session.commit()
        seal_audit(AT)
        verify_audit(AT)
        db.session.commit()
        assert guards.is_protected() is True
    finally:
        db.session.remove()
        engines[None] = owner
    assert guards.is_protected() is False
    assert audit.verify().verified == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_tables_of_a_later_version_are_the_roles_too(app: Flask, role: sa.Engine) -> None:
    db.session.execute(text("CREATE TABLE later (id bigserial PRIMARY KEY)"))
    db.session.commit()
    try:
        with role.begin() as connection:
            connection.execute(text("INSERT INTO later DEFAULT VALUES"))
            connection.execute(text("DELETE FROM later"))
    finally:
        db.session.execute(text("DROP TABLE later"))
        db.session.commit()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_could_change_it_all_the_same_is_told(app: Flask) -> None:
    name = f"ykt_{secrets.token_hex(4)}"
    owner = db.session.scalar(select(sa.func.current_user()))
    with pytest.raises(UserError, match="没有角色"):
        guards.protect(name)
    with pytest.raises(UserError, match="超级用户"):
        guards.protect(str(owner))
    db.session.execute(text(f"CREATE ROLE {name}"))
    db.session.execute(text(f"CREATE ROLE {name}_all"))
    db.session.execute(text(f"GRANT UPDATE ON audit_entries TO {name}_all"))
    db.session.execute(text(f"GRANT {name}_all TO {name}"))
    with pytest.raises(UserError, match="别的角色"):
        guards.protect(name)
    db.session.rollback()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_knows_no_roles(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["audit", "protect", "--role", "x"])
    assert (result.exit_code, "PostgreSQL" in result.stderr) == (1, True)
    assert guards.is_protected() is None
