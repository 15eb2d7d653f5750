"""What lies on the desks today: rolls at every step, a batch confirmed, a batch at the bank."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw
from sqlalchemy import select

from accounts.models import Official
from core.clock import local_date
from core.database import db
from core.pictures import CleanPicture, read_photo
from core.principal import Principal, principal_of
from demo.calendar import office_hour
from demo.county import SHOWN_TOWNSHIP
from demo.history import Scene, Subsidy, approve_all, batch_of, import_rolls, plan_entries
from demo.people import Person
from disbursement.models import Batch, Roll, RollFinding
from disbursement.operations import (
    approve_roll_department,
    approve_roll_township,
    confirm_batch,
    explain_findings,
    export_offer,
    submit_roll,
)
from disbursement.rules.checks import Severity
from programmes.models import Programme
from publicity.models import PublicityList
from publicity.operations import confirm_posting, publicise_results, publicise_roll
from publicity.rules import RESULT_STATES, board_of

# How many of the steps below each township's roll has taken, in turn; the shown township comes first.
STEPS_TAKEN = (1, 0, 1, 2, 3, 4, 5)
HANGING, CAME_DOWN, APPROVED = 3, 4, 5
"""Its lists hang; they have come down; the department has approved."""


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
    """A batch all of whose rolls are publicised now, so that every village has an open list; most are posted."""
    at_work = township_officials()
    for roll in _drafts(programme, subsidy, period, scene):
        advance(roll, HANGING, at_work[roll.township_code], scene)


def results_on_the_board(programme: Programme, scene: Scene, *, but: str = "") -> None:
    """Who was paid in the last period whose results are all in hangs now, in every township but one."""
    at_work, at = township_officials(), office_hour(scene.today - timedelta(days=2))
    answered = select(Batch.id).where(Batch.programme_id == programme.id, Batch.state.in_(RESULT_STATES))
    newest = answered.order_by(Batch.period.desc()).limit(1)
    for roll in db.session.scalars(select(Roll).where(Roll.batch_id == newest.scalar_subquery())).all():
        if roll.township_code != but:
            approver = at_work[roll.township_code][1]
            post(approver, publicise_results(approver, roll, at=at), at=at)


def _drafts(programme: Programme, subsidy: Subsidy, period: str, scene: Scene) -> list[Roll]:
    at = office_hour(scene.today - timedelta(days=14))
    return import_rolls(programme, period, plan_entries(subsidy, scene), at=at)


def advance(roll: Roll, steps: int, at_work: tuple[Principal, Principal], scene: Scene) -> None:
    """Take a draft so many steps further, a day or two apart."""
    preparer, approver = at_work

    def day(ago: int) -> datetime:
        return office_hour(scene.today - timedelta(days=ago))

    if steps >= 1:
        submit_roll(preparer, roll, at=day(13))
    if steps >= 2:
        explain_warnings(approver, roll, at=day(12))
        approve_roll_township(approver, roll, at=day(12))
    if steps >= HANGING:
        hung_out = day(3 if steps == HANGING else 11)
        lists = publicise_roll(approver, roll, at=hung_out)
        # In the shown township some boards are still to be photographed.
        done = lists[: len(lists) // 2] if roll.township_code == SHOWN_TOWNSHIP else lists
        post(preparer, done, at=hung_out + timedelta(days=1))
    if steps >= APPROVED:
        approve_roll_department(scene.officials["civil-affairs"], roll, at=day(1))


def explain_warnings(approver: Principal, roll: Roll, *, at: datetime) -> None:
    """Write down why what the checks point out may pass: a guardian and a child with one card are both in the roll."""
    warnings = select(RollFinding.id).where(
        RollFinding.roll_id == roll.id, RollFinding.severity == Severity.WARNING.value
    )
    if ids := db.session.scalars(warnings).all():
        explain_findings(approver, roll, ids, "已与村委会核对户口簿：监护人代收，确属各自应得。", at=at)


def post(official: Principal, lists: Sequence[PublicityList], *, at: datetime) -> None:
    """Confirm that these lists hang, each board with its photo."""
    by_board: dict[str, list[int]] = {}
    for made in lists:
        by_board.setdefault(board_of(made.region_code), []).append(made.id)
    for number, ids in enumerate(by_board.values()):
        confirm_posting(official, ids, local_date(at), board_photo(number), at=at)


@cache
def board_photo(number: int) -> CleanPicture:
    """A drawn notice board with a paper on it."""
    picture = Image.new("RGB", (480, 320), (112, 128, 144))
    drawn = ImageDraw.Draw(picture)
    drawn.rectangle((40 + number % 7, 30, 440, 290), fill=(139, 90, 43))
    drawn.rectangle((140, 60, 340, 260 - number % 5), fill=(250, 250, 245))
    for line in range(80, 240, 16):
        drawn.line((160, line, 320, line), fill=(90, 90, 90), width=2)
    file = BytesIO()
    picture.save(file, "JPEG")
    return read_photo(file.getvalue())


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
