"""What stands on the to-do board for complaints: the most urgent ones singly, the rest folded together."""

from collections.abc import Iterable, Iterator
from datetime import date

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import Select, and_, func, select

from complaints import queries, rules
from complaints.models import Clock, Complaint, DraftAnswer, Extension, RoutingObjection
from complaints.rulebook import CURRENT, ClockKind
from complaints.rules.sealed import Stage, stage_of
from complaints.words import category_name
from core.board import MOST_COUNTED, BoardItem, board_provider
from core.database import db
from core.principal import Principal
from core.working_days import load_calendar

ROOM = "complaints"
SINGLY = 10


@board_provider
def board(principal: Principal, today: date) -> Iterable[BoardItem]:
    """Cases to accept and to answer, new evidence, extensions to decide, and what has gone up to this office."""
    if not principal.is_official or not principal.may(rules.READ_COMPLAINTS):
        return
    if principal.may(rules.HANDLE_COMPLAINTS):
        yield from _desk(principal, queries.desk(principal), "complaints.desk", today)
        if principal.may(rules.READ_SEALED):
            yield from _desk(principal, queries.sealed_desk(principal), "complaints.sealed_room", today)
        yield from _unread(principal)
        yield from _unhandled(principal)
        yield from _to_decide(principal)
    if principal.organisation_kind in rules.SUPERVISING_KINDS:
        yield from _supervised(principal)
    if principal.may(rules.GRANT_EXTENSION):
        yield from _extensions(principal)
    if principal.may(rules.APPROVE_ANSWER):
        yield from _drafts(principal)


def _desk(principal: Principal, due: Select[Complaint], page: str, today: date) -> Iterator[BoardItem]:
    urgent = db.session.scalars(due.order_by(Complaint.queue_on, Complaint.number).limit(SINGLY + 1)).all()
    for complaint in urgent[:SINGLY]:
        yield BoardItem(
            title=_title(complaint),
            url=url_for("complaints.case", number=complaint.number),
            room=ROOM,
            due_on=complaint.due_on,
            detail=_nearness(complaint, today),
        )
    if len(urgent) > SINGLY:
        first = urgent[SINGLY].queue_on
        counted = _ids(due).limit(SINGLY + MOST_COUNTED).subquery()
        count = db.session.scalar(select(func.count()).select_from(counted)) or 0
        yield BoardItem(gettext("其余投诉举报"), url_for(page), ROOM, first, count=count - SINGLY)
        yield from _reminder(principal, due, page, today)


def _reminder(principal: Principal, due: Select[Complaint], page: str, today: date) -> Iterator[BoardItem]:
    """What the handler himself must answer within the reminder's days: his own must not go under among the office's
    late ones. Officials leave no phone, so the board is the reminder."""
    until = rules.reminded_until(today, CURRENT, load_calendar())
    own = _ids(due.where(Complaint.handler_id == principal.official_id, Complaint.queue_on.between(today, until)))
    mine = own.add_columns(Complaint.queue_on).order_by(Complaint.queue_on).limit(MOST_COUNTED).subquery()
    count, first = db.session.execute(select(func.count(), func.min(mine.c.queue_on)).select_from(mine)).one()
    if count:
        url = url_for(page, handler="mine", urgency="soon")
        yield BoardItem(gettext("您经办的快到期"), url, ROOM, first, count=count)


def _title(complaint: Complaint) -> str:
    values = {"category": category_name(complaint), "number": complaint.number}
    if complaint.sealed and stage_of(complaint.state, complaint.outcome) == Stage.HANDLED:
        return str(gettext("告知处理结果：%(category)s（%(number)s）", **values))
    if complaint.state == "reopened":
        return str(gettext("重新办理：%(category)s（%(number)s）", **values))
    if complaint.state == "review_asked":
        return str(gettext("复查：%(category)s（%(number)s）", **values))
    if complaint.state in rules.WAITING:
        return str(gettext("受理：%(category)s（%(number)s）", **values))
    return str(gettext("答复：%(category)s（%(number)s）", **values))


def _nearness(complaint: Complaint, today: date) -> str:
    """The reminder: it stands on the board from two working days before, read by people in their office hours."""
    if today <= complaint.queue_on <= rules.reminded_until(today, CURRENT, load_calendar()):
        return str(gettext("快到期，请优先办理"))
    return complaint.region.name


def _ids(statement: Select[Complaint]) -> Select[int]:
    return statement.with_only_columns(Complaint.id, maintain_column_froms=True)


def _unread(principal: Principal) -> Iterator[BoardItem]:
    unread = and_(queries.on_desk(principal), queries.not_withheld(principal), Complaint.unread)
    numbers = db.session.scalars(select(Complaint.number).where(unread).limit(MOST_COUNTED)).all()
    if len(numbers) == 1:
        url = url_for("complaints.case", number=numbers[0])
        yield BoardItem(gettext("反映人补充了内容（%(number)s）", number=numbers[0]), url, ROOM)
    elif numbers:
        url = url_for("complaints.everything", urgency="unread")
        yield BoardItem(gettext("反映人补充了内容"), url, ROOM, count=len(numbers))


def _unhandled(principal: Principal) -> Iterator[BoardItem]:
    """Cases that were taken on and have nobody any more: their handler keeps out of them, or they came up the line."""
    waiting = db.session.execute(
        select(Complaint.number, Complaint.queue_on)
        .where(
            Complaint.handler_id.is_(None),
            Complaint.state.in_(("accepted", "investigating", "reopened")),
            queries.on_desk(principal),
            queries.not_withheld(principal),
        )
        .order_by(Complaint.queue_on, Complaint.number)
        .limit(SINGLY)
    )
    for number, due_on in waiting:
        url = url_for("complaints.case", number=number)
        detail = gettext("请分派给一位同事，或者接着办理")
        yield BoardItem(gettext("回避后没有人经办（%(number)s）", number=number), url, ROOM, due_on, detail)


def _to_decide(principal: Principal) -> Iterator[BoardItem]:
    """What other offices say is not for them: whoever is to have it must still accept in time."""
    waiting = db.session.execute(
        select(Complaint.number, Clock.due_on)
        .join(RoutingObjection, RoutingObjection.complaint_id == Complaint.id)
        .join(Clock, and_(Clock.complaint_id == Complaint.id, Clock.kind == ClockKind.ACCEPT.value))
        .where(
            RoutingObjection.deciding_id == principal.organisation_id,
            RoutingObjection.ended_at.is_(None),
            queries.not_withheld(principal),
        )
        .order_by(Clock.due_on, Complaint.number)
        .limit(SINGLY)
    )
    for number, due_on in waiting:
        url = url_for("complaints.case", number=number)
        yield BoardItem(gettext("裁定转办异议（%(number)s）", number=number), url, ROOM, due_on)


def _supervised(principal: Principal) -> Iterator[BoardItem]:
    open_cases = queries.supervised_cases(principal).with_only_columns(Complaint.queue_on, maintain_column_froms=True)
    listed = open_cases.order_by(Complaint.queue_on, Complaint.number).limit(MOST_COUNTED).subquery()
    count, first = db.session.execute(select(func.count(), func.min(listed.c.queue_on)).select_from(listed)).one()
    if count:
        yield BoardItem(gettext("督办：超期的投诉举报"), url_for("complaints.supervised"), ROOM, first, count=count)


def _extensions(principal: Principal) -> Iterator[BoardItem]:
    """Requests for more days: of colleagues, and of offices below that have nobody else to grant them."""
    asked = (
        select(Complaint.number, Clock.due_on)
        .join(Clock, Clock.complaint_id == Complaint.id)
        .join(Extension, Extension.clock_id == Clock.id)
        .where(
            queries.not_withheld(principal),
            Clock.stopped_on.is_(None),
            Extension.granted.is_(None),
            Extension.asked_by != principal.official_id,
        )
        .order_by(Complaint.queue_on)
        .limit(SINGLY)
    )
    own = asked.where(Complaint.extension_asked, queries.on_desk(principal), Extension.deciding_id.is_(None))
    below = asked.where(Extension.deciding_id == principal.organisation_id)
    for title, waiting in (
        (lazy_gettext("审批延期（%(number)s）"), own),
        (lazy_gettext("审批下级单位的延期（%(number)s）"), below),
    ):
        for number, due_on in db.session.execute(waiting):
            url = url_for("complaints.case", number=number)
            yield BoardItem(str(title) % {"number": number}, url, ROOM, due_on)


def _drafts(principal: Principal) -> Iterator[BoardItem]:
    """Answers of colleagues that wait for approval: the clock runs on until then."""
    waiting = db.session.execute(
        select(Complaint.number, Complaint.queue_on)
        .join(DraftAnswer, DraftAnswer.complaint_id == Complaint.id)
        .where(
            DraftAnswer.decided_at.is_(None),
            DraftAnswer.organisation_id == principal.organisation_id,
            DraftAnswer.written_by != principal.official_id,
            Complaint.state.concat("") == "investigating",
            queries.still_on_desk(principal),
            queries.not_withheld(principal),
        )
        .order_by(Complaint.queue_on, Complaint.number)
        .limit(SINGLY)
    )
    for number, due_on in waiting:
        url = url_for("complaints.case", number=number)
        yield BoardItem(gettext("审核答复（%(number)s）", number=number), url, ROOM, due_on)
