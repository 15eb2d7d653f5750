"""The list of what did not fit the book, over all result files."""

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import case, func

from core.bulk_actions import BulkAction, Requirement
from core.listing import ChoiceFilter, Column, DayFilter, Listing
from core.status import Status
from disbursement import operations, queries, rules
from disbursement.models import Attempt, Batch, Discrepancy
from disbursement.words import DISCREPANCIES, OUTCOMES
from programmes.models import Programme

_OPEN = Discrepancy.settled_at.is_(None)
_STATE = case((_OPEN, "open"), else_="settled")
STATES = {"open": Status(lazy_gettext("待处理"), "warning"), "settled": Status(lazy_gettext("已处理"), "success")}

SETTLE = BulkAction(
    "settle",
    lazy_gettext("登记处理结果"),
    rules.SETTLE_DISCREPANCY,
    lazy_gettext("请先与银行核对。选中的差异都登记同一个处理结果；这里只登记结果，不改动任何资金，以后可以重新核对。"),
    lambda principal, ids, reason, at: operations.settle_discrepancies(principal, ids, reason, at=at),
    needs_reason=True,
    reason_label=lazy_gettext("核对的结果和处理办法"),
    requires=(
        Requirement(_OPEN, lazy_gettext("已经处理过了。")),
        Requirement(~queries.awaits_booking(), lazy_gettext("日期在已关账的月份或者属于另一个批次，要选“补记”。")),
        Requirement(
            ~queries.frees_money(), lazy_gettext("银行说已付、账上是失败：请点进回盘，改记为已到账，或者维持失败。")
        ),
    ),
)
BOOK_LATE = BulkAction(
    "book_late",
    lazy_gettext("补记"),
    rules.SETTLE_DISCREPANCY,
    lazy_gettext("银行的日期所在月份没有关账的，按银行的日期登记；已经关账的，按今天的日期登记，关账的月份不变。"),
    lambda principal, ids, reason, at: operations.book_late_answers(principal, ids, reason, at=at),
    needs_reason=True,
    requires=(
        Requirement(_OPEN, lazy_gettext("已经处理过了。")),
        Requirement(
            queries.awaits_booking(), lazy_gettext("不是日期在已关账月份或者属于另一个批次、还没有结果的一笔。")
        ),
    ),
)
REOPEN = BulkAction(
    "reopen",
    lazy_gettext("重新核对"),
    rules.SETTLE_DISCREPANCY,
    lazy_gettext("选中的差异重新列为待处理，原来写的处理结果留在记录里。"),
    lambda principal, ids, reason, at: operations.reopen_discrepancies(principal, ids, reason, at=at),
    needs_reason=True,
    requires=(Requirement(Discrepancy.settled_at.is_not(None), lazy_gettext("还没有处理。")),),
)

DISCREPANCY_LIST = Listing(
    name="discrepancies",
    title=lazy_gettext("回盘差异"),
    columns=(
        Column(
            "found_at",
            lazy_gettext("发现时间"),
            lambda row: row.Discrepancy.found_at,
            kind="time",
            sort=Discrepancy.found_at,
            link=lambda row: url_for("disbursement.result", result_id=row.Discrepancy.result_file_id),
        ),
        Column("line", lazy_gettext("行"), lambda row: row.Discrepancy.line, kind="number", sort=Discrepancy.line),
        Column(
            "kind",
            lazy_gettext("问题"),
            lambda row: str(DISCREPANCIES.get(row.Discrepancy.kind, row.Discrepancy.kind)),
            sort=Discrepancy.kind,
        ),
        Column(
            "batch",
            lazy_gettext("批次"),
            lambda row: f"{row.Programme.name} {row.Batch.period}" if row.Batch else "",
            link=lambda row: url_for("disbursement.batch", batch_id=row.Batch.id) if row.Batch else None,
        ),
        Column("reference", lazy_gettext("流水号"), lambda row: row.Attempt.reference if row.Attempt else ""),
        Column(
            "bank_outcome",
            lazy_gettext("银行说"),
            lambda row: row.Discrepancy.bank_outcome,
            kind="status",
            states=OUTCOMES,
        ),
        Column(
            "bank_fen",
            lazy_gettext("银行金额（元）"),
            lambda row: row.Discrepancy.bank_fen,
            kind="money",
            sort=func.coalesce(Discrepancy.bank_fen, 0),
        ),
        Column("book_fen", lazy_gettext("账上金额（元）"), lambda row: row.Discrepancy.book_fen, kind="money"),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: "settled" if row.Discrepancy.settled_at else "open",
            kind="status",
            states=STATES,
            sort=_STATE,
        ),
        Column("settlement", lazy_gettext("处理"), lambda row: row.Discrepancy.settlement),
    ),
    id=Discrepancy.id,
    order="found_at",
    search=(Attempt.reference, Programme.name, Batch.period),
    search_hint=lazy_gettext("流水号、项目或期别"),
    filters=(
        ChoiceFilter("state", lazy_gettext("状态"), STATES, _STATE),
        ChoiceFilter("kind", lazy_gettext("问题"), DISCREPANCIES, Discrepancy.kind),
        DayFilter("found", lazy_gettext("发现日期"), Discrepancy.found_at, instants=True),
    ),
    empty=lazy_gettext("没有回盘差异：银行答复的每一行都与账相符。"),
    actions=(BOOK_LATE, SETTLE, REOPEN),
)
