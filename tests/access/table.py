"""What an entry of the tables says, and what follows from it and from the rights as the code declares them. How to add
a line: see the package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.principal import OrganisationKind as Kind
from core.principal import Role, permission_catalogue
from tests.access.asking import DENIED, LET_IN, MISSING, NOTHING, SIGN_IN, Form
from tests.access.objects import OWN
from tests.access.people import Person

Kinds = frozenset[Kind]
Words = frozenset[str]
Route = tuple[str, str]
"""An endpoint and a method."""

NO_VALUES: Mapping[str, object] = MappingProxyType({})
NO_STAGE: Mapping[str, Mapping[str, object]] = MappingProxyType({})
_EVERYWHERE: Kinds = frozenset()
_PLACE: Kinds = frozenset({Kind.TOWNSHIP, Kind.VILLAGE})
_ROLLS: Kinds = frozenset({Kind.TOWNSHIP, Kind.DEPARTMENT})
_PROGRAMMES: Kinds = frozenset({Kind.DEPARTMENT})

NARROWED: Mapping[str, Kinds] = {
    # A township has its own rolls, a department those of its programmes.
    **dict.fromkeys(("roll", "batch", "payment", "evidence", "correction", "receipt"), _ROLLS),
    **dict.fromkeys(("order", "inclusion case", "opinion", "filing"), _PROGRAMMES),
    **dict.fromkeys(("person", "gap", "double", "payee", "wrong number", "list", "hung roll", "board", "code"), _PLACE),
    "township": frozenset({Kind.TOWNSHIP}),
    "card request": frozenset({Kind.TOWNSHIP, Kind.BANK}),
    "message": frozenset({Kind.TOWNSHIP}),
    # These are an office's, or a person's, and of nobody else whatever he is.
    **dict.fromkeys(("upload", "official", "session", "passkey"), frozenset(Kind)),
    # Files of the bank, months and what is the whole county's: for everybody who has the right.
    **dict.fromkeys(("offer", "result", "attempt", "discrepancy", "rebooking", "month", "refusal"), _EVERYWHERE),
    **dict.fromkeys(("settlement", "profile", "profile version", "statement profile"), _EVERYWHERE),
    **dict.fromkeys(("statement profile version", "programme", "standard", "rule", "region"), _EVERYWHERE),
    **dict.fromkeys(("template", "handset"), _EVERYWHERE),
}
"""Of what there is, by kind: the kinds of office that see only their own of it."""


@dataclass(frozen=True)
class Entry:
    """Who may ask. ``rights``: one of them is enough; None for any official. ``of``: the kind of thing that the address
    names; ``narrowed``: the kinds of office that see only their own of it; ``never``: those that hold the right and
    have nothing of it. ``form`` is what is sent, ``stage`` how the rows of a table are set beforehand (so that it is
    the right that is asked for, and not the state that stands in the way), ``values`` what else the address wants.
    ``public``: at a door that asks nobody who he is."""

    rights: tuple[str, ...] | None
    of: str = ""
    narrowed: Kinds = frozenset()
    never: Kinds = frozenset()
    form: Form = field(default_factory=dict)
    stage: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    public: bool = False

    def holds(self, person: Person) -> bool:
        """Whether his role, in his kind of office, holds one of the rights: asked of the catalogue."""
        if self.rights is None:
            return True
        catalogue = permission_catalogue()
        return any((person.kind, role) in catalogue[right].holders for right in self.rights for role in person.roles)

    def without(self) -> list[Person]:
        """Of each kind of office one official with all the roles that hold none of the rights there: whatever one of
        them would open, he would open."""
        roles = {kind: [role for role in Role if not self.holds(Person(kind, (role,)))] for kind in Kind}
        return [Person(kind, tuple(idle)) for kind, idle in roles.items() if idle]

    def sees(self, person: Person, whose: str) -> bool:
        """Whether the thing exists for him, if he has the right."""
        return whose == OWN and person.kind not in self.never

    def expected(self, person: Person | None, whose: str) -> Words:
        """How he is answered: a refusal may say that he may not, or that there is no such thing."""
        if person is None:
            return frozenset({SIGN_IN})
        if self.holds(person) and (not self.of or self.sees(person, whose)):
            return frozenset({LET_IN})
        return frozenset({DENIED, MISSING})


def may(
    *rights: str,
    of: str = "",
    narrowed: Kinds | None = None,
    never: Kinds = frozenset(),
    form: Form = NOTHING,
    stage: Mapping[str, Mapping[str, object]] = NO_STAGE,
    values: Mapping[str, object] = NO_VALUES,
) -> Entry:
    """For whoever holds one of the rights."""
    narrowed = NARROWED[of] if narrowed is None and of else narrowed or frozenset()
    return Entry(rights, of, narrowed, never, form, stage, values)


def anyone(
    of: str = "", *, form: Form = NOTHING, values: Mapping[str, object] = NO_VALUES, never: Kinds = frozenset()
) -> Entry:
    """For every official; what is a person's own is his alone."""
    return Entry(None, of, NARROWED[of] if of else frozenset(), never, form, values=values)


def public(form: Form = NOTHING) -> Entry:
    """For everybody, signed in or not."""
    return Entry(None, form=form, public=True)


def both(endpoint: str, entry: Entry) -> Mapping[Route, Entry]:
    """A list: its page, and what is sent from it (a search, an export, the deeds at several lines)."""
    return {(endpoint, "GET"): entry, (endpoint, "POST"): entry}
