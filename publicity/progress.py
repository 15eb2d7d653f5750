"""How far the lists that hang have been posted: by roll, and by notice board."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.bulk import among
from core.database import db
from core.principal import Principal
from disbursement.models import Batch, Roll
from publicity import rules
from publicity.models import PublicityList
from publicity.queries import is_hanging, lists_for
from registry.models import Region


@dataclass(frozen=True)
class HangingRound:
    """The lists of one roll and kind that hang now: how many of them are posted, and until which day the last hangs.
    ``is_open``: none of them waits to be put up before its days begin (on paper only)."""

    roll: Roll
    kind: str
    lists: int
    posted: int
    closes_on: date
    is_open: bool


def rounds_hanging(principal: Principal, today: date, roll: Roll | None = None) -> list[HangingRound]:
    """Every roll in scope that hangs lists today, the one that comes down first on top; or those of one roll."""
    found = lists_for(principal).where(is_hanging(today))
    if roll is not None:
        found = found.where(PublicityList.roll_id == roll.id)
    waits = ~PublicityList.online & PublicityList.posted_on.is_(None)
    columns = (
        PublicityList.roll_id,
        PublicityList.kind,
        func.count(),
        func.count(PublicityList.posted_on),
        func.max(PublicityList.closes_on),
        func.count().filter(waits),
    )
    rows = db.session.execute(
        found.with_only_columns(*columns, maintain_column_froms=True)
        .options()
        .group_by(PublicityList.roll_id, PublicityList.kind)
        .order_by(func.max(PublicityList.closes_on), PublicityList.roll_id)
    ).all()
    rolls = _rolls({row[0] for row in rows})
    return [HangingRound(rolls[row[0]], row[1], row[2], row[3], row[4], not row[5]) for row in rows]


def _rolls(ids: set[int]) -> dict[int, Roll]:
    wanted = select(Roll).where(among(Roll.id, sorted(ids)))
    options = (joinedload(Roll.batch).joinedload(Batch.programme), joinedload(Roll.township))
    return {roll.id: roll for roll in db.session.scalars(wanted.options(*options))}


@dataclass(frozen=True)
class BoardProgress:
    """A notice board: how many of the lists at it are posted, and whether a photo shows it."""

    code: str
    name: str
    lists: int
    posted: int
    has_photo: bool


def boards_of(principal: Principal, roll: Roll, kind: str, today: date) -> list[BoardProgress]:
    """The notice boards at which the lists of a roll hang, in the order of the regions."""
    lists = db.session.scalars(
        lists_for(principal).where(PublicityList.roll_id == roll.id, PublicityList.kind == kind, is_hanging(today))
    ).all()
    by_board: dict[str, list[PublicityList]] = defaultdict(list)
    for shown in lists:
        by_board[rules.board_of(shown.region_code)].append(shown)
    names = _names(sorted(by_board))
    return [
        BoardProgress(
            code,
            names.get(code, code),
            len(mine),
            sum(1 for shown in mine if shown.posted_on),
            any(shown.photo_id for shown in mine),
        )
        for code, mine in sorted(by_board.items())
    ]


def _names(codes: Sequence[str]) -> dict[str, str]:
    return dict(db.session.execute(select(Region.code, Region.name).where(Region.code.in_(codes))).all())
