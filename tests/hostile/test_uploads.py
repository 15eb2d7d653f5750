"""Wherever a file can be brought, any file can: it is taken, refused in words, or its faults are told line by line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile.conftest import Stage
from tests.hostile.files import NAMES, TYPES, contents
from tests.hostile.targets import Target
from tests.hostile.test_forms import examples
from tests.hostile.values import Field, Pairs, good, in_parts
from tests.hostile.watching import used
from tests.plain_requests import Body
from tests.recorded import ROOMS, ROOT

# What was brought is closed when nobody holds it any more, here as in the server.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
Brought = tuple[str, str, bytes]
FILE_FIELDS = frozenset({"attachments", "evidence", "file", "letter", "photo", "sheet"})
"""The names under which the house takes files in."""


def files_of(stage: Stage, target: Target) -> list[str]:
    """The fields of a route that hold files."""
    return [name for name, field in stage.shapes[target.name].items() if field.kind == "file"]


def taking_files(stage: Stage) -> list[Target]:
    """Every route that reads a file."""
    return [target for target in stage.scene.targets.values() if target.method == "POST" and files_of(stage, target)]


@st.composite
def answered(draw: st.DrawFn, fields: dict[str, Field]) -> Pairs:
    """The other fields of the form, well filled in."""
    return [(name, draw(good(field))) for name, field in fields.items()]


def _try_one(stage: Stage, target: Target, few: int) -> None:
    shape, names = stage.shapes[target.name], files_of(stage, target)
    others = {name: field for name, field in shape.items() if name not in names}
    brought = st.tuples(st.sampled_from(NAMES), st.sampled_from(TYPES), contents)

    @examples(few)
    @given(
        way=st.sampled_from(target.ways),
        pairs=answered(others),
        files=st.lists(brought, min_size=1, max_size=2),
        odd=st.tuples(st.sampled_from(["", *sorted(others)]), st.integers(0, 9)),
        further=st.sampled_from(["", "marked", "confirm"]),
    )
    def holds(way: tuple[str, str], pairs: Pairs, files: list[Brought], odd: tuple[str, int], further: str) -> None:
        astray, as_text = odd
        person, address = way
        sent = [(name, *one) for name in names for one in files]
        if astray and as_text < 2:
            sent.append((astray, *files[0]))
        if as_text == 0:
            # Words where a file is expected.
            pairs, sent = pairs + [(name, files[0][2][:200]) for name in names], []
        with stage.undone.example():
            target.prepare()
            stage.undone.told()
            faults, began = [], used()
            visitor = stage.visitor(person)
            answer = visitor.post(address, Body(*in_parts(pairs, sent)))
            faults += stage.watch.faults_of(answer, used() - began)
            page = answer.headers.get("Location", "")
            if "/uploads/" in page:
                faults += stage.watch.faults_of(visitor.get(page), used() - began)
                if further:
                    faults += stage.watch.faults_of(visitor.post(f"{page}/{further}", Body(b"")), used() - began)
        names_of = [(name, filename, content[:60]) for name, filename, _, content in sent]
        assert not faults, f"{target.name} by {way}: {faults} of {pairs} and {names_of}"

    holds()


def _try_all(stage: Stage, few: int) -> None:
    faults = []
    for target in taking_files(stage):
        try:
            _try_one(stage, target, few)
        except AssertionError as error:
            faults.append(str(error))
    assert not faults, "\n".join(faults)


def test_no_file_meets_a_500(on_postgresql: Stage) -> None:
    _try_all(on_postgresql, 3)


def test_no_file_meets_a_500_on_sqlite(on_sqlite: Stage) -> None:
    _try_all(on_sqlite, 1)


def test_every_field_that_takes_a_file_is_tried(on_sqlite: Stage) -> None:
    """A new one of another name has to be entered above; its route is then found by itself."""
    source = "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    named = set(re.findall(r"(\w+) = (?:Multiple)?FileField\(", source))
    named |= set(re.findall(r"""files\.get(?:list)?\(["'](\w+)["']""", source))
    assert named == FILE_FIELDS
    tried = {name for target in taking_files(on_sqlite) for name in files_of(on_sqlite, target)}
    assert tried <= FILE_FIELDS
    assert tried, "no route of this county takes a file"


@pytest.mark.parametrize("on_sqlite", ["house"], indirect=True)
def test_every_field_of_the_house_is_tried_somewhere(on_sqlite: Stage) -> None:
    tried = {name for target in taking_files(on_sqlite) for name in files_of(on_sqlite, target)}
    assert tried | {"attachments"} == FILE_FIELDS, "those of the complaints are tried in their own county"
