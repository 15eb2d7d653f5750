"""What publicity lays on the to-do board: rolls and results to publicise, lists to post, lists that were taken down."""

from collections.abc import Iterator
from datetime import date

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from core.board import BoardItem, board_provider
from core.database import db
from core.principal import Principal
from disbursement.models import Batch, Roll
from publicity import queries, rules
from publicity.models import PublicityList
from publicity.progress import rounds_hanging

ROOM = "publicity"
MOST = 30


@board_provider
def items(principal: Principal, today: date) -> Iterator[BoardItem]:
    """Everything of this room that this official has to do."""
    if principal.may(rules.PUBLICISE):
        yield from _to_publicise(principal)
        yield from _taken_down(principal)
        yield from _results(principal, today)
    if principal.may(rules.CONFIRM_POSTING):
        yield from _to_post(principal, today)


def _named(roll: Roll) -> dict[str, str]:
    programme = roll.batch.programme.name
    return {"township": roll.township.name, "programme": programme, "period": roll.batch.period}


def _people(number: int) -> str:
    return str(ngettext("%(count)s 人", "%(count)s 人", number, count=number))


def _to_publicise(principal: Principal) -> Iterator[BoardItem]:
    """Approved rolls that nobody has hung out yet: the payment waits for them."""
    for roll in queries.rolls_waiting(principal):
        title = gettext("张榜公示：%(township)s %(programme)s %(period)s", **_named(roll))
        yield BoardItem(title, url_for("publicity.index"), ROOM, detail=_people(roll.line_count))


def _taken_down(principal: Principal) -> Iterator[BoardItem]:
    """Rolls of which a wrong list was taken down: the department waits for right ones."""
    last = (
        select(func.max(PublicityList.round))
        .where(PublicityList.roll_id == Roll.id, PublicityList.kind == rules.BEFORE)
        .correlate(Roll)
        .scalar_subquery()
    )
    down = select(PublicityList.id).where(
        PublicityList.roll_id == Roll.id,
        PublicityList.kind == rules.BEFORE,
        PublicityList.round == last,
        PublicityList.withdrawn_at.is_not(None),
    )
    rolls = db.session.scalars(
        select(Roll)
        .join(Roll.batch)
        .options(contains_eager(Roll.batch).joinedload(Batch.programme), joinedload(Roll.township))
        .where(Roll.state == "publicised", queries.in_scope(principal, Roll.township_code), down.exists())
        .order_by(Roll.id)
        .limit(MOST)
    )
    for roll in rolls:
        title = gettext("重新公示：%(township)s %(programme)s %(period)s", **_named(roll))
        detail = gettext("有公示表撤下，重新公示以前主管部门不能审批")
        yield BoardItem(title, url_for("publicity.roll_lists", roll_id=roll.id), ROOM, detail=detail)


def _results(principal: Principal, today: date) -> Iterator[BoardItem]:
    for roll in queries.results_waiting(principal, today)[:MOST]:
        title = gettext("公示发放结果：%(township)s %(programme)s %(period)s", **_named(roll))
        yield BoardItem(title, url_for("publicity.index"), ROOM, detail=_people(roll.line_count))


def _to_post(principal: Principal, today: date) -> Iterator[BoardItem]:
    """Lists that nobody has confirmed as posted. On paper only, no day has begun, and the payment waits."""
    for hanging in rounds_hanging(principal, today):
        missing = hanging.lists - hanging.posted
        if missing:
            yield BoardItem(
                title=gettext("登记张贴：%(township)s %(programme)s %(period)s", **_named(hanging.roll)),
                url=url_for("publicity.roll_lists", roll_id=hanging.roll.id, kind=hanging.kind, posted="no"),
                room=ROOM,
                due_on=hanging.closes_on if hanging.is_open else None,
                detail=gettext("已张贴 %(posted)s 张，共 %(lists)s 张", posted=hanging.posted, lists=hanging.lists),
                count=missing,
            )
