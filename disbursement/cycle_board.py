"""What the failure cycle and the returns lay on the to-do board: reminders, never a change of money."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from flask import url_for
from flask_babel import gettext
from sqlalchemy import func, select

from core.board import BoardItem
from core.clock import SHANGHAI
from core.database import db
from core.money import format_yuan
from core.principal import Principal
from disbursement import queries, rules
from disbursement.models import OfferFile, Payment, Rebooking, ReturnOrder
from disbursement.words import REBOOKING_TASKS

MOST = 12


def cycle_items(principal: Principal, today: date) -> Iterator[BoardItem]:
    """Re-issue files to make or fetch, unclear tries to clear up, returns to propose, approve and credit, rebookings to
    decide."""
    yield from _reissue(principal, today)
    yield from _unclear(principal, today)
    yield from _unanswered(principal, today)
    yield from _orders(principal)
    yield from _owed(principal, today)
    yield from _rebookings(principal)


def _reissue(principal: Principal, today: date) -> Iterator[BoardItem]:
    month = rules.month_of(today)
    made = queries.reissue_of(principal, month)
    if principal.may(rules.MAKE_REISSUE):
        waiting = queries.reissue_count(principal)
        if waiting.lines and made is None:
            yield BoardItem(
                title=gettext("生成本月的重发文件"),
                url=url_for("disbursement.reissues"),
                room=gettext("重发文件"),
                due_on=waiting.due_on,
                detail=gettext("%(number)s 笔", number=waiting.lines),
                count=waiting.lines,
            )
    elif principal.may(rules.EXPORT_OFFER) and made is not None and made.downloaded_at is None:
        yield BoardItem(
            title=gettext("领取重发文件"),
            url=url_for("disbursement.reissue", offer_id=made.id),
            room=gettext("重发文件"),
            due_on=rules.failure_cycle(today.replace(day=1)).reissue_by,
            detail=gettext("%(number)s 笔", number=made.line_count),
        )


def _unclear(principal: Principal, today: date) -> Iterator[BoardItem]:
    if not principal.may(rules.IMPORT_RESULT):
        return
    days = queries.step_limits()[rules.UNCLEAR]
    number = queries.unclear_before(principal, _days_before(today, days))
    if number:
        yield BoardItem(
            title=gettext("银行结果不明超过 %(days)s 天，请查清", days=days),
            url=url_for("disbursement.unclear"),
            room=gettext("银行回盘"),
            detail=gettext("%(number)s 笔", number=number),
            count=number,
        )


def _unanswered(principal: Principal, today: date) -> Iterator[BoardItem]:
    """What the bank has had for long and says nothing of. Finance presses for an answer, or has it declared failed."""
    if not principal.may(rules.SETTLE_DISCREPANCY):
        return
    days = queries.step_limits()[rules.UNANSWERED]
    number = queries.unanswered_before(principal, _days_before(today, days - 1))
    if number:
        yield BoardItem(
            title=gettext("送银行 %(days)s 天没有答复，请催要或认定", days=days),
            url=url_for("disbursement.unanswered"),
            room=gettext("银行回盘"),
            detail=gettext("%(number)s 笔", number=number),
            count=number,
        )


def _days_before(today: date, days: int) -> datetime:
    return datetime.combine(today - timedelta(days=days), time.min, SHANGHAI)


def _orders(principal: Principal) -> Iterator[BoardItem]:
    """Orders that wait for this official; by whom they were proposed is asked when they are approved."""
    tasks = {
        "proposed": (rules.APPROVE_RETURN, gettext("审批退回单")),
        "approved": (rules.CREDIT_RETURN, gettext("登记退回资金入账")),
    }
    mine = [state for state, (right, _) in tasks.items() if principal.may(right)]
    if not mine:
        return
    waiting = queries.visible_returns(principal).where(ReturnOrder.state.in_(mine))
    rows = db.session.execute(
        waiting.with_only_columns(ReturnOrder.state, func.count(), func.min(ReturnOrder.due_on))
        .options()
        .group_by(ReturnOrder.state)
    )
    for state, number, due_on in rows:
        yield BoardItem(
            title=tasks[state][1],
            url=url_for("disbursement.returns", state=state),
            room=gettext("退回资金"),
            due_on=due_on,
            detail=gettext("%(number)s 张", number=number),
            count=number,
        )


def _rebookings(principal: Principal) -> Iterator[BoardItem]:
    """What colleagues proposed to book as paid, as never paid, as failed for want of an answer, or to let stand."""
    if not principal.may(rules.APPROVE_REBOOKING):
        return
    waiting = (
        queries.visible_rebookings(principal)
        .where(Rebooking.state == "proposed", Rebooking.official_id.is_distinct_from(principal.official_id))
        .order_by(Rebooking.id)
        .limit(MOST)
    )
    for one in db.session.scalars(waiting):
        yield BoardItem(
            title=str(REBOOKING_TASKS[one.kind]),
            url=url_for("disbursement.rebooking", rebooking_id=one.id),
            room=gettext("银行回盘"),
            detail=gettext("%(number)s 笔，%(yuan)s 元", number=one.line_count, yuan=format_yuan(int(one.total_fen))),
            count=one.line_count,
        )


def _owed(principal: Principal, today: date) -> Iterator[BoardItem]:
    """Money that is due to go back within a month, folded by its day."""
    if not principal.may(rules.PROPOSE_RETURN):
        return
    by_day: dict[date, list[queries.OwedReturn]] = {}
    for owed in queries.owed_returns(principal, due_before=today + timedelta(days=31)):
        if owed.due_on is not None:
            by_day.setdefault(owed.due_on, []).append(owed)
    for due_on, several in by_day.items():
        yield BoardItem(
            title=gettext("退回发不出去的资金"),
            url=url_for("disbursement.returns"),
            room=gettext("退回资金"),
            due_on=due_on,
            detail=gettext(
                "%(number)s 笔，%(yuan)s 元",
                number=sum(one.number for one in several),
                yuan=format_yuan(sum(one.total_fen for one in several)),
            ),
            count=sum(one.number for one in several),
        )


def overdue_counts(principal: Principal, today: date) -> dict[str, int]:
    """How much is past its day, for the nightly sweep's record."""
    rows = db.session.execute(
        queries.payments_in_cycle(principal)
        .with_only_columns(Payment.state, func.count(), maintain_column_froms=True)
        .where(Payment.due_on < today)
        .order_by(None)
        .group_by(Payment.state)
    ).all()
    late = dict(rows)
    last = _days_before(today, queries.step_limits()[rules.UNCLEAR])
    waiting = db.session.scalar(
        select(func.count())
        .select_from(OfferFile)
        .where(OfferFile.cycle_month.is_not(None), OfferFile.cancelled_at.is_(None), OfferFile.downloaded_at.is_(None))
    )
    return {
        "overdue_corrections": int(late.get("failed", 0)) + int(late.get("returned", 0)),
        "overdue_pushes": int(late.get("corrected", 0)),
        "overdue_reissues": int(late.get("resubmitted", 0)),
        "overdue_returns": sum(owed.number for owed in queries.owed_returns(principal, due_before=today)),
        "unclear_too_long": queries.unclear_before(principal, last),
        "files_not_fetched": int(waiting or 0),
    }
