"""To whom a roll exists, and who may strike its lines: decisions without a database."""

import pytest

from core.principal import NOBODY, OrganisationKind, Permission, Principal, PrincipalKind, Role, system
from disbursement.rules import (
    APPROVE_ROLL_DEPARTMENT,
    APPROVE_ROLL_TOWNSHIP,
    PREPARE_ROLL,
    ROLL_WORKFLOW,
    sees_roll,
    striking_right,
)

TOWNSHIP, NEIGHBOUR = "513426101000", "513426102000"
DEPARTMENT = 7


def official(
    kind: OrganisationKind, *, prefix: str = "513426", organisation_id: int | None = 1, role: Role = Role.VIEWER
) -> Principal:
    return Principal(
        PrincipalKind.OFFICIAL,
        organisation_kind=kind,
        organisation_id=organisation_id,
        roles=frozenset({role}),
        region_prefix=prefix,
    )


@pytest.mark.parametrize(
    "kind", [OrganisationKind.FINANCE, OrganisationKind.AUDIT, OrganisationKind.DISCIPLINE], ids=str
)
def test_offices_of_the_county_see_the_rolls_of_their_county(kind: OrganisationKind) -> None:
    assert sees_roll(official(kind), TOWNSHIP, DEPARTMENT)
    assert not sees_roll(official(kind), "513427101000", DEPARTMENT)


def test_a_township_sees_its_own_rolls() -> None:
    mine = official(OrganisationKind.TOWNSHIP, prefix="513426101")
    assert sees_roll(mine, TOWNSHIP, DEPARTMENT)
    assert not sees_roll(mine, NEIGHBOUR, DEPARTMENT)


def test_a_department_sees_the_rolls_of_its_own_programmes_and_no_others() -> None:
    mine = official(OrganisationKind.DEPARTMENT, organisation_id=DEPARTMENT)
    assert sees_roll(mine, TOWNSHIP, DEPARTMENT)
    assert sees_roll(mine, NEIGHBOUR, DEPARTMENT)
    assert not sees_roll(mine, TOWNSHIP, DEPARTMENT + 1)


def test_a_programme_without_a_department_is_no_departments() -> None:
    assert not sees_roll(official(OrganisationKind.DEPARTMENT, organisation_id=DEPARTMENT), TOWNSHIP, None)
    assert not sees_roll(official(OrganisationKind.DEPARTMENT, organisation_id=None), TOWNSHIP, None)


def test_a_bank_sees_files_and_batches_but_no_roll() -> None:
    assert not sees_roll(official(OrganisationKind.BANK, role=Role.PREPARER), TOWNSHIP, DEPARTMENT)


@pytest.mark.parametrize(
    "stranger",
    [
        NOBODY,
        Principal(PrincipalKind.BENEFICIARY, beneficiary_id=1, region_prefix="513426101"),
        official(OrganisationKind.VILLAGE, prefix="513426101"),
        official(OrganisationKind.FINANCE, role=Role.ADMINISTRATOR),
        official(OrganisationKind.DEPARTMENT, organisation_id=DEPARTMENT, role=Role.COMPLAINT_HANDLER),
    ],
    ids=["nobody", "villager", "village", "administrator", "complaint handler"],
)
def test_to_others_no_roll_exists(stranger: Principal) -> None:
    assert not sees_roll(stranger, TOWNSHIP, DEPARTMENT)


def test_to_the_systems_own_jobs_every_roll_exists() -> None:
    assert sees_roll(system("sweep"), TOWNSHIP, None)


DESK = {"draft": PREPARE_ROLL, "submitted": APPROVE_ROLL_TOWNSHIP, "publicised": APPROVE_ROLL_DEPARTMENT}


@pytest.mark.parametrize("state", ROLL_WORKFLOW.states())
def test_lines_are_struck_by_whose_desk_the_roll_is_on_and_never_while_it_hangs(state: str) -> None:
    expected: Permission | None = DESK.get(state)
    assert striking_right(state) == expected
    assert striking_right(state, hangs=True) is None
