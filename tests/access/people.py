"""Who asks: one official for each role of each kind of office, officials with several roles, a villager, and nobody."""

from dataclasses import dataclass

from core.principal import OrganisationKind as Kind
from core.principal import Role
from tests.factories import COUNTY

TOWNSHIP, OTHER_TOWNSHIP = "513426100000", "513426103000"
VILLAGE, OTHER_VILLAGE = "513426100200", "513426103200"
PREFECTURE = "513400000000"

REGIONS: dict[Kind, str] = {
    kind: {Kind.TOWNSHIP: TOWNSHIP, Kind.VILLAGE: VILLAGE, Kind.PREFECTURE_FINANCE: PREFECTURE}.get(kind, COUNTY)
    for kind in Kind
}
"""Where the office of each kind sits."""


@dataclass(frozen=True)
class Person:
    """An official of the office of that kind, with these roles."""

    kind: Kind
    roles: tuple[Role, ...]

    @property
    def name(self) -> str:
        """How the tests call him."""
        return f"{self.kind.value} {' and '.join(self.roles)}"


PEOPLE = tuple(Person(kind, (role,)) for kind in Kind for role in Role)
NOBODY, VILLAGER = "nobody", "villager"
SIGNED_OUT = (NOBODY, VILLAGER)
"""At the staff door a villager who has looked up his payments is nobody."""
