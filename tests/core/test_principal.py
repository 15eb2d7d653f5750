"""Who may do what, and how far somebody sees."""

from dataclasses import replace

import pytest

from core.errors import PermissionDenied
from core.principal import (
    NOBODY,
    OrganisationKind,
    Permission,
    Principal,
    PrincipalKind,
    Role,
    permission,
    permission_catalogue,
    region_prefix,
    system,
)
from core.states import Transition, Workflow, declare, declared_workflows
from core.uploads import UPLOAD_WORKFLOW

SUBMIT = Permission("test.submit", frozenset({(OrganisationKind.TOWNSHIP, Role.PREPARER)}))
PREPARER = Principal(
    PrincipalKind.OFFICIAL,
    name="经办甲",
    official_id=1,
    organisation_id=1,
    organisation_kind=OrganisationKind.TOWNSHIP,
    roles=frozenset({Role.PREPARER}),
    region_prefix="513426101",
)
VILLAGER = Principal(PrincipalKind.BENEFICIARY, name="村民甲", beneficiary_id=1)


def test_a_right_needs_the_role_in_the_kind_of_organisation() -> None:
    PREPARER.require(SUBMIT)
    for other in (
        replace(PREPARER, roles=frozenset({Role.APPROVER})),
        replace(PREPARER, organisation_kind=OrganisationKind.FINANCE),
        replace(PREPARER, organisation_kind=None),
        VILLAGER,
        NOBODY,
    ):
        with pytest.raises(PermissionDenied):
            other.require(SUBMIT)
    system("sweep").require(SUBMIT)


def test_scope_is_a_prefix_and_an_empty_one_sees_nothing() -> None:
    assert PREPARER.sees_region("513426101001")
    assert not PREPARER.sees_region("513426102001")
    assert not replace(PREPARER, region_prefix="").sees_region("513426101001")
    assert not NOBODY.sees_region("513426101001")
    assert system("sweep").sees_region("513426101001")


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("513400000000", "5134"),
        ("513426000000", "513426"),
        ("513426101000", "513426101"),
        ("513426101001", "513426101001"),
        ("513426101001002", "513426101001002"),
    ],
)
def test_the_prefix_of_a_region_covers_all_below_it(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix


@pytest.mark.parametrize("code", ["", "513426", "51342610100", "51342610100a", "５１３４２６１０１００１"])
def test_what_is_no_region_code_gives_no_scope(code: str) -> None:
    with pytest.raises(ValueError):
        region_prefix(code)


def test_a_villagers_name_is_neither_printed_nor_recorded() -> None:
    assert "村民甲" not in repr(VILLAGER)
    assert VILLAGER.recorded_name == ""
    assert NOBODY.recorded_name == ""
    assert PREPARER.recorded_name == "经办甲"
    assert system("sweep").recorded_name == "sweep"


def test_a_right_has_one_meaning() -> None:
    first = permission("test.once", {OrganisationKind.BANK: [Role.VIEWER]})
    try:
        assert permission("test.once", {OrganisationKind.BANK: [Role.VIEWER]}) == first
        with pytest.raises(ValueError):
            permission("test.once", {OrganisationKind.BANK: [Role.APPROVER]})
        assert permission_catalogue()["test.once"] == first
    finally:
        from core import principal

        del principal._catalogue["test.once"]


def test_a_life_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError):
        Workflow("test", "a", (Transition("a", "go", "b"), Transition("a", "go", "c")))
    with pytest.raises(ValueError):
        Workflow("test", "a", (Transition("a", "go", "b", other_than=("mistyped",)),))


def test_two_lives_cannot_share_a_name() -> None:
    with pytest.raises(ValueError):
        declare(Workflow(UPLOAD_WORKFLOW.name, "a", (Transition("a", "go", "b"),)))
    assert UPLOAD_WORKFLOW in declared_workflows()


def test_a_life_is_drawn() -> None:
    life = Workflow("test", "a", (Transition("a", "go", "b"), Transition("b", "back", "a")))
    assert life.mermaid() == "stateDiagram-v2\n    [*] --> a\n    a --> b: go\n    b --> a: back"
    assert life.states() == ("a", "b")
    assert life.sources("go") == ("a",)
