"""One set of migrations serves both databases, goes up and down, and ends where the models are."""

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from core import clock, doctor
from core.database import NOT_UNICODE, db
from tests.conftest import administer, application_for, database_of

MIGRATIONS = str(Path(__file__).parents[1] / "migrations")


@pytest.fixture
def empty(app: Flask) -> Iterator[Flask]:
    """The application on a database without a table, not even Alembic's; afterwards with those of the models, for the
    next test to find."""
    drop_everything()
    yield app
    drop_everything()
    db.create_all()


def drop_everything() -> None:
    """Every table there is, whoever made it."""
    db.session.remove()
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        return
    found = sa.MetaData()
    found.reflect(db.engine)
    found.drop_all(db.engine)


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_the_head_equals_the_models(empty: Flask) -> None:
    upgrade(MIGRATIONS)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, db.metadata) == []
    assert tables() == set(db.metadata.tables)


@pytest.fixture
def made_without_a_locale(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database such as initdb makes where no locale is set."""
    name = f"bytes_{secrets.token_hex(6)}"
    administer(postgres_url, f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    yield database_of(postgres_url, name)
    administer(postgres_url, f"DROP DATABASE {name}")


def test_a_database_that_keeps_bytes_for_letters_gets_no_table(made_without_a_locale: str, tmp_path: Path) -> None:
    application = application_for(made_without_a_locale, tmp_path)
    with application.app_context():
        with pytest.raises(click.ClickException, match="不是 UTF-8"):
            upgrade(MIGRATIONS)
        assert tables() == set()
        told = [finding.sentence for finding in doctor.examine(application.extensions["settings"], at=clock.utc_now())]
        assert NOT_UNICODE in told
        db.session.remove()
        db.engine.dispose()


def test_every_step_goes_down_and_up_again(empty: Flask) -> None:
    upgrade(MIGRATIONS)
    downgrade(MIGRATIONS, revision="base")
    assert tables() == set()
    upgrade(MIGRATIONS)
    assert tables() == set(db.metadata.tables)


def definitions() -> set[str]:
    """Every index as the database itself would write it: with conditions and included columns, which the comparison
    of models with the head does not look at."""
    if db.engine.dialect.name == "postgresql":
        query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    else:
        query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    with db.engine.connect() as connection:
        return {" ".join(text.replace('"', "").split()) for text in connection.scalars(sa.text(query))}


def test_the_indexes_are_those_of_the_models_to_the_letter(empty: Flask) -> None:
    upgrade(MIGRATIONS)
    migrated = definitions()
    downgrade(MIGRATIONS, revision="base")
    db.create_all()
    assert migrated == definitions()


def triggers() -> set[str]:
    """Every trigger and every function of ours, as the database itself keeps it."""
    if db.engine.dialect.name == "postgresql":
        query = (
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION"
            " SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname = 'public'"
        )
    else:
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
    with db.engine.connect() as connection:
        return {" ".join(text.split()) for text in connection.scalars(sa.text(query))}


def test_the_triggers_are_those_of_the_models_to_the_letter(empty: Flask) -> None:
    # On SQLite a later migration that makes a guarded table anew loses its triggers without a word.
    upgrade(MIGRATIONS)
    migrated = triggers()
    downgrade(MIGRATIONS, revision="base")
    assert triggers() == set()
    db.create_all()
    assert migrated == triggers() != set()


def test_what_was_there_before_the_cycle_of_the_money_is_taken_along(empty: Flask) -> None:
    upgrade(MIGRATIONS, revision="0001")
    with db.engine.begin() as connection:
        for statement in BEFORE_THE_CYCLE:
            connection.execute(sa.text(statement))
    upgrade(MIGRATIONS)
    with db.engine.connect() as connection:
        offer = connection.execute(sa.text("SELECT downloaded_at = created_at, profile FROM offer_files")).one()
        assert (bool(offer[0]), offer[1]) == (True, "sample")
        failure = connection.execute(sa.text("SELECT payment_id, attempt_id, month, reason FROM failures")).one()
        assert tuple(failure) == (1, 1, "2020-08", "账户已销户")
        assert connection.scalar(sa.text("SELECT scope FROM incompatibility_rules")) == "person"


# A payment that has failed, the file it was sent in, and a rule, as the first house kept them.
BEFORE_THE_CYCLE = (
    "INSERT INTO regions (code, name, level) VALUES ('513426100000', '鲹鱼河镇', 'township')",
    "INSERT INTO programmes (id, code, name, department_name, target, standard, unit, frequency, channel, "
    "publicity_days, sensitive, policy_basis, created_at) VALUES (1, 'A', '甲', '', '', '', '', '', 'platform', 7, "
    "false, '', '2020-07-01 00:00:00')",
    "INSERT INTO incompatibility_rules (id, first_code, second_code, handling, basis) "
    "VALUES (1, 'A', 'B', 'forbidden', '')",
    "INSERT INTO batches (id, programme_id, period, year, state, created_at) "
    "VALUES (1, 1, '202006', 2020, 'results_in', '2020-07-01 00:00:00')",
    "INSERT INTO rolls (id, batch_id, township_code, state, line_count, total_fen, created_at) "
    "VALUES (1, 1, '513426100000', 'department_approved', 1, 100, '2020-07-01 00:00:00')",
    "INSERT INTO cards (id, number, number_index, tail, holder_name, bank_name, created_at) "
    "VALUES (1, '', '', '0001', '张三', '', '2020-07-01 00:00:00')",
    "INSERT INTO beneficiaries (id, name, name_key, id_number, id_number_index, region_code, phone_source, status, "
    "created_at) VALUES (1, '张三', '张三', '', '', '513426100000', '', 'living', '2020-07-01 00:00:00')",
    "INSERT INTO payments (id, roll_id, batch_id, beneficiary_id, region_code, name, payee_name, card_id, quantity, "
    "amount_fen, state, sheet, \"row\", failure_reason, due_on) VALUES (1, 1, 1, 1, '513426100000', '张三', '张三', "
    "1, '', 100, 'failed', '', 3, '账户已销户', '2020-08-20')",
    "INSERT INTO offer_files (id, batch_id, line_count, total_fen, lost_characters, created_at) "
    "VALUES (1, 1, 1, 100, 0, '2020-07-10 00:00:00')",
    "INSERT INTO attempts (id, payment_id, number, reference, offer_file_id, line_number, payee_name, card_number, "
    "card_index, card_tail, amount_fen, outcome, failure_reason, bank_date, created_at) "
    "VALUES (1, 1, 1, '1-1', 1, 1, '张三', '', '', '0001', 100, 'failed', '账户已销户', '2020-07-21', "
    "'2020-07-10 00:00:00')",
)


def test_of_several_versions_of_a_rule_the_house_before_keeps_the_last(empty: Flask) -> None:
    upgrade(MIGRATIONS)
    insert = sa.text(
        "INSERT INTO incompatibility_rules (id, first_code, second_code, handling, scope, basis, valid_from) "
        "VALUES (:number, 'A', 'B', :handling, 'person', '', :begins)"
    )
    with db.engine.begin() as connection:
        for number, handling in ((1, "forbidden"), (2, "allowed"), (3, "take_higher")):
            connection.execute(
                insert, {"number": number, "handling": handling, "begins": date(2020, number, 1).isoformat()}
            )
    downgrade(MIGRATIONS, revision="9b2ee2873fa4")
    with db.engine.connect() as connection:
        assert list(connection.scalars(sa.text("SELECT handling FROM incompatibility_rules"))) == ["take_higher"]
