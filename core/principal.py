"""Who asks. A principal says who, of which kind of organisation, with which roles, for which region.

Permissions are declared in each room's rules.py and checked in its operations: ``principal.require(SUBMIT_ROLL)``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import PermissionDenied


class OrganisationKind(StrEnum):
    """Kinds of organisations in the county plan."""

    FINANCE = "finance"
    DISCIPLINE = "discipline"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    VILLAGE = "village"
    BANK = "bank"
    AUDIT = "audit"
    HUMAN_RESOURCES = "human_resources"
    PREFECTURE_FINANCE = "prefecture_finance"


class Role(StrEnum):
    """What an official does in the organisation. One person may hold several; four eyes are checked by person."""

    PREPARER = "preparer"  # 经办: prepares rolls, files, entries
    APPROVER = "approver"  # 审核: approves what somebody else prepared
    COMPLAINT_HANDLER = "complaint_handler"  # 投诉办理
    VIEWER = "viewer"  # 查阅: reads
    ADMINISTRATOR = "administrator"  # 系统管理: accounts and settings, no data


@dataclass(frozen=True)
class Permission:
    """A right by name, and who holds it: pairs of organisation kind and role. ``title`` says it on screens (a message
    id)."""

    name: str
    holders: frozenset[tuple[OrganisationKind, Role]]
    title: str = ""


_catalogue: dict[str, Permission] = {}


def permission(name: str, holders: Mapping[OrganisationKind, Iterable[Role]], title: str = "") -> Permission:
    """Declare a right (once, in a room's rules.py) and enter it in the catalogue.

    Raises ValueError where the name already stands for a right with other holders.
    """
    declared = Permission(name, frozenset((kind, role) for kind, roles in holders.items() for role in roles), title)
    if _catalogue.get(name, declared) != declared:
        raise ValueError(f"the right {name} is declared twice")
    _catalogue[name] = declared
    return declared


def permission_catalogue() -> Mapping[str, Permission]:
    """Every right declared so far, by name: the page that shows who may do what reads it."""
    return dict(_catalogue)


class PrincipalKind(StrEnum):
    """What sort of asker this is."""

    OFFICIAL = "official"
    BENEFICIARY = "beneficiary"
    SYSTEM = "system"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Principal:
    """The asker. ``region_prefix`` is the start of the region codes in scope ("" for none; the system needs none)."""

    kind: PrincipalKind
    # A villager's name is personal data: it must not reach a log with the repr of something that holds a principal.
    name: str = field(default="", repr=False)
    official_id: int | None = None
    organisation_id: int | None = None
    organisation_kind: OrganisationKind | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    region_prefix: str = ""
    beneficiary_id: int | None = None
    # Of somebody who only receives for others, and has no record of his own: a card that he holds.
    card_id: int | None = None

    def may(self, right: Permission) -> bool:
        """Whether one of the roles, in this kind of organisation, holds the right. The system's jobs hold all."""
        if self.kind == PrincipalKind.SYSTEM:
            return True
        if self.kind != PrincipalKind.OFFICIAL or self.organisation_kind is None:
            return False
        return any((self.organisation_kind, role) in right.holders for role in self.roles)

    def require(self, right: Permission) -> None:
        """Raise PermissionDenied unless the principal holds the right."""
        if not self.may(right):
            raise PermissionDenied("您没有办理这项业务的权限。如确需办理，请联系本单位管理员。")

    def sees_region(self, code: str) -> bool:
        """Whether a region code lies in scope. The system sees all; an empty prefix sees nothing."""
        if self.kind == PrincipalKind.SYSTEM:
            return True
        return bool(self.region_prefix) and code.startswith(self.region_prefix)

    @property
    def recorded_name(self) -> str:
        """The name for histories and the audit log: officials and jobs sign what they do; a villager's or a
        reporter's name is personal data and is not kept there."""
        return self.name if self.kind in {PrincipalKind.OFFICIAL, PrincipalKind.SYSTEM} else ""

    @property
    def is_official(self) -> bool:
        """Whether an official is signed in."""
        return self.kind == PrincipalKind.OFFICIAL


NOBODY = Principal(PrincipalKind.NOBODY)


def system(name: str) -> Principal:
    """The system itself, at work under ``name`` (a job or a command)."""
    return Principal(PrincipalKind.SYSTEM, name=name)


def region_prefix(code: str) -> str:
    """The part of a region code that all codes below it share: prefecture 4 digits, county 6, township 9, village 12,
    group 15. Raises ValueError for anything but 12 or 15 digits: a short prefix would widen somebody's scope."""
    if len(code) not in {12, 15} or not (code.isascii() and code.isdecimal()):
        raise ValueError("a region code has 12 digits, a group's 15")
    if len(code) == 15:
        return code
    if code.endswith("0" * 8):
        return code[:4]
    if code.endswith("0" * 6):
        return code[:6]
    return code[:9] if code.endswith("000") else code


PrincipalLoader = Callable[[int], Principal]
_loaders: list[PrincipalLoader] = []


def principal_loader(loader: PrincipalLoader) -> PrincipalLoader:
    """Register how an official's id becomes a principal (accounts does; background jobs need it)."""
    _loaders[:] = [loader]
    return loader


def principal_of(official_id: int | None) -> Principal:
    """The official as he stands now, for work done later in his name; the system where no official asked."""
    return system("background") if official_id is None else _loaders[0](official_id)
