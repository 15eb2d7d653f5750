"""What the rights as such promise, whatever routes there are."""

from collections.abc import Callable

from flask import Flask

from core.principal import OrganisationKind as Kind
from core.principal import Role, permission_catalogue

WITHOUT_DATA = frozenset(
    {
        "accounts.manage",
        "accounts.see_rights",
        "core.edit_calendar",
        # The simulated telephones of a demo county: invented people.
        "sms.see_handset",
    }
)
READING = ("see_", "read")
OF_AUDIT = frozenset({"accounts.manage", "programmes.give_opinion"})
"""What the audit bureau does besides reading: its own accounts, and the opinion that the plan asks it for (B2)."""


def held(which: Callable[[Kind, Role], bool]) -> set[str]:
    """The rights that somebody of that sort holds."""
    return {
        name for name, right in permission_catalogue().items() if any(which(kind, role) for kind, role in right.holders)
    }


def test_administrators_manage_and_see_no_data(app: Flask) -> None:
    assert held(lambda _kind, role: role == Role.ADMINISTRATOR) == WITHOUT_DATA


def test_the_audit_bureau_reads(app: Flask) -> None:
    rights = held(lambda kind, _role: kind == Kind.AUDIT) - OF_AUDIT
    assert rights
    assert {name for name in rights if not name.partition(".")[2].startswith(READING)} == set()


def test_a_viewer_reads(app: Flask) -> None:
    rights = held(lambda _kind, role: role == Role.VIEWER)
    assert {name for name in rights if not name.partition(".")[2].startswith(READING)} == set()


def test_sealed_clues_are_for_the_discipline_commission_alone(app: Flask) -> None:
    assert {kind for kind, _role in permission_catalogue()["complaints.read_sealed"].holders} == {Kind.DISCIPLINE}
