"""What this room lays on the to-do board: rolls and batches that wait for this official, failures by their due day."""

from collections.abc import Iterator, Sequence
from datetime import date

from flask import url_for
from flask_babel import gettext
from sqlalchemy import and_, case, func, select

from core.board import BoardItem
from core.database import db
from core.principal import OrganisationKind, Principal
from disbursement import queries, rules
from disbursement.cycle_board import cycle_items
from disbursement.models import Batch, Discrepancy, OfferFile, Payment, ResultFile, Roll
from disbursement.queries.bank_files import has_left
from disbursement.words import HELD_TASKS, held_words

MOST = 30
# For each state of a roll, the right of whoever moves it on.
ROLL_TASKS = {
    "draft": rules.PREPARE_ROLL,
    "submitted": rules.APPROVE_ROLL_TOWNSHIP,
    "publicised": rules.APPROVE_ROLL_DEPARTMENT,
}


def items(principal: Principal, today: date) -> Iterator[BoardItem]:
    """Everything of this room that this official has to do."""
    if not principal.may(rules.READ):
        return
    yield from _rolls(principal, today)
    yield from _batches(principal)
    yield from _failures(principal)
    yield from cycle_items(principal, today)
    yield from _discrepancies(principal)


def _title(task: str, programme: str, period: str) -> str:
    return str(gettext("%(task)s：%(programme)s %(period)s", task=task, programme=programme, period=period))


def _rolls(principal: Principal, today: date) -> Iterator[BoardItem]:
    mine = [state for state, right in ROLL_TASKS.items() if principal.may(right)]
    if not mine:
        return
    words = {
        "draft": gettext("核对并提交花名册"),
        "submitted": gettext("审核花名册"),
        "publicised": gettext("审批花名册"),
    }
    # Those whose lists still hang come last: they are shown so that nobody looks for them, not to be done.
    hanging = and_(Roll.state == "publicised", Roll.publicity_until >= today)
    waiting = queries.visible_rolls(principal).where(Roll.state.in_(mine))
    rolls = db.session.scalars(waiting.order_by(case((hanging, 1), else_=0), Roll.created_at).limit(MOST)).all()
    holds = queries.publicity_holds(principal, rolls, today)
    for roll in rolls:
        hold = holds.get(roll.id)
        task = words[roll.state] if hold is None else str(HELD_TASKS[hold.reason])
        detail = gettext("%(township)s，%(lines)s 人", township=roll.township.name, lines=roll.line_count)
        yield BoardItem(
            title=_title(task, roll.batch.programme.name, roll.batch.period),
            url=url_for("disbursement.roll", roll_id=roll.id),
            room=gettext("花名册"),
            detail=detail if hold is None else f"{held_words(hold)} · {detail}",
        )


def _batches(principal: Principal) -> Iterator[BoardItem]:
    tasks = {
        "finance_confirmed": (rules.EXPORT_OFFER, gettext("领取代发文件")),
        "sent": (rules.IMPORT_RESULT, gettext("上传银行回盘")),
    }
    mine = [state for state, (right, _) in tasks.items() if principal.may(right)]
    states = (*mine, "open") if principal.may(rules.CONFIRM_BATCH) else tuple(mine)
    waiting = queries.visible_batches(principal).where(Batch.state.in_(states)).order_by(Batch.period).limit(MOST)
    rows = db.session.execute(waiting).all()
    to_fetch = _with_unfetched_file([batch.id for batch, *_ in rows]) if principal.may(rules.EXPORT_OFFER) else set()
    for batch, programme, rolls, _lines, _fen in rows:
        if batch.state == "open" and not _all_approved(batch):
            continue
        title = gettext("确认发放批次") if batch.state == "open" else tasks[batch.state][1]
        if batch.state == "sent" and batch.id in to_fetch:
            # There is no answer to what the bank does not have yet.
            title = gettext("下载代发文件，送银行")
        yield BoardItem(
            title=_title(title, programme.name, batch.period),
            url=url_for("disbursement.batch", batch_id=batch.id),
            room=gettext("发放批次"),
            detail=gettext("%(rolls)s 个乡镇", rolls=rolls),
        )


def _with_unfetched_file(batch_ids: Sequence[int]) -> set[int | None]:
    """Those of the batches whose offer file the bank does not have yet."""
    waiting = (~has_left(), OfferFile.cancelled_at.is_(None))
    return set(db.session.scalars(select(OfferFile.batch_id).where(OfferFile.batch_id.in_(batch_ids), *waiting)))


def _all_approved(batch: Batch) -> bool:
    waiting = select(Roll.id).where(Roll.batch_id == batch.id, Roll.state != "department_approved").limit(1)
    return db.session.scalar(waiting) is None


def _failures(principal: Principal) -> Iterator[BoardItem]:
    """Failed payments by due day (B6), folded: a month has hundreds."""
    if principal.organisation_kind not in (OrganisationKind.TOWNSHIP, OrganisationKind.DEPARTMENT):
        return
    state = "failed" if principal.organisation_kind == OrganisationKind.TOWNSHIP else "corrected"
    # What the bank sent back is to be corrected like what failed.
    states = ("failed", "returned") if state == "failed" else (state,)
    rows = db.session.execute(
        queries.visible_payments(principal)
        .where(Payment.state.in_(states), Payment.due_on.is_not(None))
        .with_only_columns(Payment.due_on, func.count(), maintain_column_froms=True)
        .options()
        .group_by(Payment.due_on)
        .order_by(Payment.due_on)
    )
    title = gettext("改正发放失败的信息") if state == "failed" else gettext("推送重发")
    for due_on, number in rows:
        yield BoardItem(
            title=title,
            url=url_for("disbursement.failures"),
            room=gettext("发放失败"),
            due_on=due_on,
            detail=gettext("%(number)s 笔", number=number),
            count=number,
        )


def _discrepancies(principal: Principal) -> Iterator[BoardItem]:
    if not principal.may(rules.SETTLE_DISCREPANCY):
        return
    rows = db.session.execute(
        select(Discrepancy.result_file_id, func.count())
        .join(ResultFile, ResultFile.id == Discrepancy.result_file_id)
        .where(Discrepancy.settled_at.is_(None))
        .group_by(Discrepancy.result_file_id)
        .order_by(Discrepancy.result_file_id)
        .limit(MOST)
    )
    for result_id, number in rows:
        yield BoardItem(
            title=gettext("核对银行回盘差异"),
            url=url_for("disbursement.result", result_id=result_id),
            room=gettext("银行回盘"),
            detail=gettext("%(number)s 条", number=number),
            count=number,
        )
