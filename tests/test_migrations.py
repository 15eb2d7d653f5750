"""One set of migrations serves both databases, goes up and down, and ends where the models are."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from core.database import db

MIGRATIONS = str(Path(__file__).parents[1] / "migrations")


@pytest.fixture
def empty(app: Flask) -> Flask:
    """The application on a database without a table."""
    db.session.remove()
    db.drop_all()
    return app


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_the_head_equals_the_models(empty: Flask) -> None:
    upgrade(MIGRATIONS)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, db.metadata) == []
    assert tables() == set(db.metadata.tables)


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
