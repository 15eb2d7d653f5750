"""What lies on the desks today: rolls at every step, a batch confirmed, a batch at the bank."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.principal import Principal, principal_of
from demo.calendar import office_hour
from demo.county import SHOWN_TOWNSHIP
from demo.history import Scene, Subsidy, approve_all, batch_of, import_rolls, plan_entries
from demo.people import Person
from disbursement.models import Roll
from disbursement.operations import (
    approve_roll_department,
    approve_roll_township,
    confirm_batch,
    export_offer,
    submit_roll,
)
from programmes.models import Programme
from publicity.operations import publicise_roll

# How many of the steps below each township's roll has taken, in turn; the shown township comes first.
STEPS_TAKEN = (1, 0, 1, 2, 3, 4)


def township_officials() -> dict[str, tuple[Principal, Principal]]:
    """For each township code, who prepares and who approves there."""
    found: dict[str, dict[str, Principal]] = {}
    for official in db.session.scalars(select(Official)):
        if official.organisation.kind == "township":
            part = "approver" if official.username.endswith("approver") else "preparer"
            found.setdefault(official.organisation.region_code, {})[part] = principal_of(official.id)
    return {code: (both["preparer"], both["approver"]) for code, both in found.items()}


def rolls_on_their_way(programme: Programme, subsidy: Subsidy, period: str, scene: Scene) -> None:
    """A batch whose rolls stand at every step, from draft to the department's approval."""
    rolls = _drafts(programme, subsidy, period, scene)
    in_turn = sorted(rolls, key=lambda roll: (roll.township_code != SHOWN_TOWNSHIP, roll.township_code))
    at_work = township_officials()
    for number, roll in enumerate(in_turn):
        advance(roll, STEPS_TAKEN[number % len(STEPS_TAKEN)], at_work[roll.township_code], scene)


def lists_on_the_board(programme: Programme, subsidy: Subsidy, period: str, scene: Scene) -> None:
    """A batch all of whose rolls are publicised now, so that every village has an open list."""
    at_work = township_officials()
    for roll in _drafts(programme, subsidy, period, scene):
        advance(roll, 3, at_work[roll.township_code], scene)


def _drafts(programme: Programme, subsidy: Subsidy, period: str, scene: Scene) -> list[Roll]:
    at = office_hour(scene.today - timedelta(days=9))
    return import_rolls(programme, period, plan_entries(subsidy, scene), at=at)


def advance(roll: Roll, steps: int, at_work: tuple[Principal, Principal], scene: Scene) -> None:
    """Take a draft so many steps further, a day or two apart."""
    preparer, approver = at_work

    def day(ago: int) -> datetime:
        return office_hour(scene.today - timedelta(days=ago))

    if steps >= 1:
        submit_roll(preparer, roll, at=day(8))
    if steps >= 2:
        approve_roll_township(approver, roll, at=day(6))
    if steps >= 3:
        publicise_roll(approver, roll, at=day(3))
    if steps >= 4:
        approve_roll_department(scene.officials["civil-affairs"], roll, at=day(1))


def confirmed(programme: Programme, subsidy: Subsidy, period: str, scene: Scene, *, sent: bool) -> None:
    """A batch that finance has confirmed, and sent to the bank where ``sent``."""
    at, finance = office_hour(scene.today - timedelta(days=6)), scene.officials["finance"]
    import_rolls(programme, period, plan_entries(subsidy, scene), at=at)
    batch = batch_of(programme, period)
    approve_all(batch, scene.officials, at=at)
    confirm_batch(finance, batch, at=office_hour(scene.today - timedelta(days=2)))
    if sent:
        export_offer(finance, batch, at=office_hour(scene.today - timedelta(days=1)))


def shuffled(people: Sequence[Person]) -> list[Person]:
    """The same people in another order, so that neighbours do not all receive the same."""
    mixed = list(people)
    Random(7).shuffle(mixed)  # noqa: S311 -- invented people
    return mixed
