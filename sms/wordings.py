"""The wordings that are approved, and the codes under which providers know them: a few rows, read whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from core.database import db
from sms.models import TemplateRegistration, TemplateVersion
from sms.rendering import Wording, built_in
from sms.templates import Template, template_named


@dataclass(frozen=True)
class Registration:
    """A provider's code for a version of a template, and its places in the provider's order: pairs of our name and
    its."""

    code: str
    places: tuple[tuple[str, str], ...]

    def values(self, written: Mapping[str, str]) -> dict[str, str]:
        """The values by the provider's names, in its order."""
        return {theirs: written[ours] for ours, theirs in self.places}


@dataclass(frozen=True)
class Wordings:
    """Every version that was ever in use, by template and number; which is in use now; and the registrations by
    template, number and gateway."""

    versions: Mapping[tuple[str, int], Wording] = field(default_factory=dict)
    in_use: Mapping[str, int] = field(default_factory=dict)
    registrations: Mapping[tuple[str, int, str], Registration] = field(default_factory=dict)

    def current(self, template: Template) -> Wording:
        """What is said now."""
        return self.of(template, self.in_use.get(template.name, 0))

    def of(self, template: Template, number: int) -> Wording:
        """A version by its number; the product's own where there is no such version (any more)."""
        return self.versions.get((template.name, number)) or built_in(template)

    def registration(self, template: str, number: int, gateway: str) -> Registration | None:
        """How a provider knows a version, None where it does not."""
        return self.registrations.get((template, number, gateway))


BUILT_IN = Wordings()
"""The wordings that come with the product, alone."""


def load_wordings() -> Wordings:
    """All of them, as the database has them now."""
    versions = db.session.scalars(select(TemplateVersion).where(TemplateVersion.state.in_(("in_use", "retired")))).all()
    return Wordings(
        {(one.template, one.number): Wording(one.number, one.chinese, one.english) for one in versions},
        {one.template: one.number for one in versions if one.state == "in_use"},
        {
            (one.template, one.number, one.gateway): registration_of(one)
            for one in db.session.scalars(select(TemplateRegistration))
        },
    )


def registration_of(row: TemplateRegistration) -> Registration:
    """A stored registration."""
    return Registration(row.code, tuple((str(ours), str(theirs)) for ours, theirs in row.places))


def places_of(template: str) -> tuple[tuple[str, str], ...]:
    """The places of a template under their own names, in our order: how a provider is told of them where nobody has
    said otherwise."""
    return tuple((one.written_name, one.written_name) for one in template_named(template).parameters)
