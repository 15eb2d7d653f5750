"""A word about differences is looked at, and entered where it stands at once or another official has confirmed it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.bulk import among
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from reconciliation.models import CarriedSettlement, Difference, Month
from reconciliation.operations.months import lock_month
from reconciliation.queries import is_outstanding
from reconciliation.rules import LineClass, Resolution

WaysOf = Callable[..., tuple[Resolution, ...]]


@dataclass(frozen=True)
class Word:
    """What somebody says of differences; ``confirmed_by`` is the second official, where one was needed."""

    resolution: Resolution
    reason: str
    at: datetime
    by: str
    official_id: int | None
    confirmed_by: str = ""


def word_of(principal: Principal, resolution: Resolution, reason: str, at: datetime) -> Word:
    """What this principal says alone."""
    return Word(resolution, reason, at, principal.recorded_name, principal.official_id)


def open_ones(month: Month, ids: Sequence[int]) -> Sequence[Difference]:
    """Those of a month's differences that nobody has settled, held until the transaction ends."""
    lock_month(month)
    return db.session.scalars(
        select(Difference)
        .where(Difference.month_id == month.id, among(Difference.id, ids), Difference.resolved_at.is_(None))
        .order_by(Difference.id)
    ).all()


def outstanding_ones(month: Month, ids: Sequence[int]) -> Sequence[Difference]:
    """Those that earlier months carried over and that have not ended, held until the transaction ends."""
    lock_month(month)
    return db.session.scalars(
        select(Difference)
        .join(Difference.month)
        .where(among(Difference.id, ids), Month.month < month.month, is_outstanding())
        .order_by(Difference.id)
        .with_for_update(of=Difference)
    ).all()


def refuse_unfit(found: Sequence[Difference], resolution: Resolution, ways_of: WaysOf) -> None:
    """Raise UserError where this cannot be said of one of them."""
    for one in found:
        kind = LineClass(one.kind)
        if resolution in ways_of(kind, comes_in=one.comes_in, is_whole=one.is_whole):
            continue
        if resolution in ways_of(kind, comes_in=one.comes_in, is_whole=True):
            raise UserError("退回的金额与发放的不同，不能登记为退票。请与银行核实后选择别的处理办法。")
        raise UserError("这类差异不能这样处理。请按类别分开选择处理办法。")


def enter(found: Sequence[Difference], word: Word) -> None:
    """Settle differences of an open month."""
    for one in found:
        one.resolution, one.reason = word.resolution.value, word.reason
        one.resolved_at, one.resolved_by = word.at, word.by
        one.official_id, one.confirmed_by = word.official_id, word.confirmed_by


def enter_later(month: Month, found: Sequence[Difference], word: Word) -> None:
    """Say in this month how differences of earlier ones have ended. Raises Conflict where somebody has just said so of
    one of them in another month, which the hold on this one does not keep out."""
    said = [
        CarriedSettlement(
            difference_id=one.id,
            month_id=month.id,
            resolution=word.resolution.value,
            reason=word.reason,
            settled_at=word.at,
            settled_by=word.by,
            official_id=word.official_id,
            confirmed_by=word.confirmed_by,
        )
        for one in found
    ]
    try:
        with db.session.begin_nested():
            db.session.add_all(said)
    except IntegrityError as error:
        raise Conflict("有的差异刚才已经了结，没有办理。请刷新页面后再看。") from error
