"""What rooms above add to pages of the registry, which knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.principal import Principal
from registry.models import Beneficiary


@dataclass(frozen=True)
class PersonSection:
    """A part of a person's page: its heading, and the template that draws it with ``context``."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


SectionProvider = Callable[[Principal, Beneficiary], PersonSection | None]
ProgrammeNames = Callable[[], Mapping[str, str]]

_sections: list[SectionProvider] = []
_programme_names: list[ProgrammeNames] = []


def person_section(provider: SectionProvider) -> SectionProvider:
    """Register a part of the page of a person (decorator); it asks the principal's rights for itself."""
    if provider not in _sections:
        _sections.append(provider)
    return provider


def sections_for(principal: Principal, person: Beneficiary) -> list[PersonSection]:
    """The parts that other rooms have for this person's page."""
    return [section for provider in _sections if (section := provider(principal, person)) is not None]


def programme_names_from(provider: ProgrammeNames) -> ProgrammeNames:
    """Register who knows the names of programmes by code (decorator)."""
    _programme_names[:] = [provider]
    return provider


def programme_names() -> Mapping[str, str]:
    """The names of programmes by code, as far as anybody knows them."""
    return _programme_names[0]() if _programme_names else {}
