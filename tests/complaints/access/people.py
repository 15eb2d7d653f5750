"""Who asks: one person for each role of each kind of office, a villager, and nobody."""

from dataclasses import dataclass

from core.principal import OrganisationKind as Kind
from core.principal import Role
from tests.complaints.county import OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from tests.factories import COUNTY

OFFICES: dict[str, tuple[Kind, str]] = {
    "township": (Kind.TOWNSHIP, TOWNSHIP),
    "other township": (Kind.TOWNSHIP, OTHER_TOWNSHIP),
    "department": (Kind.DEPARTMENT, COUNTY),
    "human resources": (Kind.HUMAN_RESOURCES, COUNTY),
    "finance": (Kind.FINANCE, COUNTY),
    "discipline": (Kind.DISCIPLINE, COUNTY),
    "village": (Kind.VILLAGE, VILLAGE),
    "bank": (Kind.BANK, COUNTY),
    "audit": (Kind.AUDIT, COUNTY),
    "prefecture": (Kind.PREFECTURE_FINANCE, "513400000000"),
}
_ROLES = {
    "handler": Role.COMPLAINT_HANDLER,
    "approver": Role.APPROVER,
    "preparer": Role.PREPARER,
    "viewer": Role.VIEWER,
    "administrator": Role.ADMINISTRATOR,
}


@dataclass(frozen=True)
class Person:
    """An official, by the names of his office and of his role."""

    office: str
    role_name: str

    @property
    def name(self) -> str:
        """How the tables call him."""
        return f"{self.office} {self.role_name}"

    @property
    def role(self) -> Role:
        """What he does there."""
        return _ROLES[self.role_name]


PEOPLE = tuple(
    Person(office, role)
    for office, role in (
        ("township", "handler"),
        ("township", "approver"),
        ("township", "preparer"),
        ("township", "viewer"),
        ("other township", "handler"),
        ("department", "handler"),
        ("department", "approver"),
        ("human resources", "handler"),
        ("finance", "handler"),
        ("finance", "approver"),
        ("finance", "administrator"),
        ("discipline", "handler"),
        ("discipline", "approver"),
        ("discipline", "administrator"),
        ("village", "handler"),
        ("bank", "handler"),
        ("audit", "viewer"),
        ("prefecture", "handler"),
    )
)
OFFICIALS = tuple(person.name for person in PEOPLE)
NOBODY, VILLAGER = "nobody", "villager"
SIGNED_OUT = (NOBODY, VILLAGER)
"""At the staff door a villager who has looked up his payments is nobody."""
EVERYBODY = (*SIGNED_OUT, *OFFICIALS)

Group = frozenset[str]

HANDLERS: Group = frozenset(
    f"{office} handler"
    for office in ("township", "other township", "department", "human resources", "finance", "discipline")
)
APPROVERS: Group = frozenset(f"{office} approver" for office in ("township", "department", "finance", "discipline"))
READERS: Group = HANDLERS | APPROVERS
ENTERERS: Group = HANDLERS | {"village handler", "bank handler"}
DISCIPLINE: Group = frozenset({"discipline handler", "discipline approver"})
WRITE_ROUTING: Group = frozenset({"finance handler", "finance approver"})
APPROVE_ROUTING: Group = frozenset({"finance approver", "discipline approver"})


def of_offices(group: Group, *offices: str) -> Group:
    """Those of the group who work in one of these offices."""
    return frozenset(name for name in group if name.rpartition(" ")[0] in offices)
