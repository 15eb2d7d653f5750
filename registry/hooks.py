"""What rooms above tell the registry, which knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import UserError
from core.page_sections import PageSections
from core.personal_records import PersonalRecords
from registry.models import Beneficiary, Double

ProgrammeNames = Callable[[], Mapping[str, str]]

PERSON_SECTIONS: PageSections[Beneficiary] = PageSections()
"""Parts of a person's page, such as his payments."""

DOUBLE_SECTIONS: PageSections[Double] = PageSections()
"""Parts of the page on which two records are set side by side, such as what was paid to both."""


@dataclass(frozen=True)
class PersonAsked:
    """Whose records are collected, and when: the person, with the ids of his record and of the doubles that went up in
    it."""

    person: Beneficiary
    records: tuple[int, ...]
    at: datetime


PERSON_RECORDS: PersonalRecords[PersonAsked] = PersonalRecords()
"""All that is held of a person, for the file that is handed to him. What is his is complete, wherever it was entered:
the official hands it out for the person and not for himself. What is another's is masked, or not there."""

_programme_names: list[ProgrammeNames] = []


def programme_names_from(provider: ProgrammeNames) -> ProgrammeNames:
    """Register who knows the names of programmes by code (decorator)."""
    _programme_names[:] = [provider]
    return provider


def programme_names() -> Mapping[str, str]:
    """The names of programmes by code, as far as anybody knows them."""
    return _programme_names[0]() if _programme_names else {}


@dataclass(frozen=True)
class MergePart:
    """What a room has of a person, and how it goes along when his record goes up in another.

    Each function gets the ids of the record that stays and of the one that goes. ``refusal`` says why the two cannot
    be merged, or None. ``move`` moves by statements over sets and returns what it moved, as plain JSON, from which
    ``restore`` puts it back. ``went_on`` says whether since the merge something has happened that a return would
    tear apart.
    """

    name: str
    refusal: Callable[[int, int], UserError | None]
    move: Callable[[int, int], dict[str, Any]]
    restore: Callable[[int, int, Mapping[str, Any]], None]
    went_on: Callable[[int, Mapping[str, Any], datetime], bool]


_parts: dict[str, MergePart] = {}


def merge_part(part: MergePart) -> MergePart:
    """Register what a room moves when two records become one (once, in a module of it that is always imported)."""
    _parts[part.name] = part
    return part


def merge_parts() -> list[MergePart]:
    """Every registered part, by name."""
    return [_parts[name] for name in sorted(_parts)]
