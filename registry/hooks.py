"""What rooms above tell the registry, which knows none of them."""

from collections.abc import Callable, Mapping

from core.page_sections import PageSections
from registry.models import Beneficiary

ProgrammeNames = Callable[[], Mapping[str, str]]

PERSON_SECTIONS: PageSections[Beneficiary] = PageSections()
"""Parts of a person's page, such as his payments."""

_programme_names: list[ProgrammeNames] = []


def programme_names_from(provider: ProgrammeNames) -> ProgrammeNames:
    """Register who knows the names of programmes by code (decorator)."""
    _programme_names[:] = [provider]
    return provider


def programme_names() -> Mapping[str, str]:
    """The names of programmes by code, as far as anybody knows them."""
    return _programme_names[0]() if _programme_names else {}
