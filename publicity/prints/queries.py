"""Reads for prints, through the principal."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from publicity import queries, rules
from publicity.models import PublicityLine, PublicityList, QrCode
from publicity.prints.contents import Line
from registry.models import Region

_AT_ONCE = 2000


def lists_hanging(principal: Principal, roll_id: int, kind: str) -> Sequence[PublicityList]:
    """The lists of a roll of that kind that were not taken down, at all levels: each village is followed by its groups.
    Raises NotVisible where there are none in scope."""
    found = db.session.scalars(
        queries.lists_for(principal)
        .where(PublicityList.roll_id == roll_id, PublicityList.kind == kind, PublicityList.withdrawn_at.is_(None))
        .order_by(PublicityList.region_code)
    ).all()
    if not found:
        raise NotVisible
    return found


def lines_of_lists(lists: Sequence[PublicityList]) -> Iterator[list[Line]]:
    """The lines of each of these lists, in the order of ``lists``, which is that of their regions. One query, of which
    no more than one list is in memory."""
    rows: Any = db.session.execute(
        select(
            PublicityLine.list_id,
            PublicityLine.number,
            PublicityLine.masked_name,
            PublicityLine.group_name,
            PublicityLine.quantity,
            PublicityLine.amount_fen,
        )
        .join(PublicityList, PublicityList.id == PublicityLine.list_id)
        .where(PublicityLine.list_id.in_([shown.id for shown in lists]))
        .order_by(PublicityList.region_code, PublicityLine.list_id, PublicityLine.number)
        .execution_options(yield_per=_AT_ONCE)
    )
    found: Iterator[tuple[int, Iterable[Line]]] = groupby(rows, key=attrgetter("list_id"))
    list_id, lines = next(found, (0, ()))
    for shown in lists:
        if shown.id == list_id:
            yield list(lines)
            list_id, lines = next(found, (0, ()))
        else:
            yield []


def codes_around(principal: Principal, lists: Sequence[PublicityList]) -> dict[str, QrCode]:
    """The good codes, by region, of the places of these lists and of those above them."""
    around = {code for shown in lists for code in rules.regions_around(shown.region_code)}
    return queries.good_codes(principal, around)


def get_township(principal: Principal, code: str) -> Region:
    """A township in scope. Raises NotVisible, for a village too."""
    region = queries.get_region(principal, code)
    if region.level != rules.TOWNSHIP:
        raise NotVisible
    return region


def boards_with_codes(principal: Principal, township: Region) -> list[tuple[str, QrCode]]:
    """The notice boards of a township that have a good code: where each is, in words, and its code."""
    boards = queries.notice_boards(principal, township.code)
    codes = queries.good_codes(principal, [board.code for board in boards])
    return [
        (township.name if board.code == township.code else f"{township.name}{board.name}", codes[board.code])
        for board in boards
        if board.code in codes
    ]
