"""The counties on which hostile input is tried, each built once for each kind of database."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from tests.conftest import administer, application_for, database_of
from tests.factories import AT
from tests.hostile.reading import shapes_of
from tests.hostile.targets import Scene, of_the_complaints, of_the_house
from tests.hostile.undone import Undone
from tests.hostile.values import Shape
from tests.hostile.watching import Watch
from tests.plain_requests import Visitor

SCENES: Mapping[str, Callable[[], Scene]] = {"house": of_the_house, "complaints": of_the_complaints}

_shapes: dict[str, Mapping[str, Shape]] = {}
"""What is read does not depend on the database."""


@dataclass(frozen=True)
class Stage:
    """A county on a database, what can be tried in it, and what each of that reads."""

    app: Flask
    scene: Scene
    shapes: Mapping[str, Shape]
    undone: Undone
    watch: Watch

    def visitor(self, person: str) -> Visitor:
        """That person's browser, as it was when the county was built."""
        return self.scene.visitor(person)


@contextmanager
def _stage(url: str, scene: str, folder: Path) -> Iterator[Stage]:
    application = application_for(url, folder)
    application.config["PROPAGATE_EXCEPTIONS"] = False
    with application.app_context(), time_machine.travel(AT, tick=False):
        built = SCENES[scene]()
        undone = Undone(application)
        if scene not in _shapes:
            _shapes[scene] = shapes_of(application, built.targets, built.visitor, undone)
        watch = Watch(application, undone)
        with watch.listening():
            yield Stage(application, built, _shapes[scene], undone, watch)
        undone.end()


@pytest.fixture(scope="module", params=["house", "complaints"])
def on_postgresql(
    request: pytest.FixtureRequest, postgres_url: str, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """On PostgreSQL, which refuses what SQLite lets pass, and after a fault everything that follows."""
    name = f"hostile_{request.param}_{os.getpid()}"
    administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    with _stage(database_of(postgres_url, name), request.param, tmp_path_factory.mktemp("instance")) as stage:
        yield stage
    administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module", params=["house", "complaints"])
def on_sqlite(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """On SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="yikatong-hostile-"))
    shutil.copy(sqlite_template, folder / "test.sqlite")
    with _stage(f"sqlite:///{folder / 'test.sqlite'}", request.param, tmp_path_factory.mktemp("instance")) as stage:
        yield stage
    shutil.rmtree(folder)
