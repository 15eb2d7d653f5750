"""The lists of what the bank has been sent and has not settled: never answered, or answered as unclear."""

from flask import g, url_for
from flask_babel import gettext, lazy_gettext

from core.clock import local_date
from core.listing import Column, Listing
from disbursement.models import Attempt, Batch, ResultFile
from disbursement.words import reason_words
from programmes.models import Programme

# A line that was sent: what its row holds first, in both lists.
_AT_THE_BANK = (
    Column(
        "reference",
        lazy_gettext("流水号"),
        lambda row: row[1],
        sort=Attempt.reference,
        link=lambda row: url_for("disbursement.no_answer", attempt_id=row[0]),
    ),
    Column("programme", lazy_gettext("补贴项目"), lambda row: row[3], sort=Programme.name),
    Column("period", lazy_gettext("期别"), lambda row: row[4], sort=Batch.period),
    Column("amount", lazy_gettext("金额（元）"), lambda row: row[2], kind="money", sort=Attempt.amount_fen),
    Column("sent", lazy_gettext("送银行时间"), lambda row: row[6], kind="time", sort=Attempt.created_at),
)

UNANSWERED = Listing(
    name="unanswered",
    title=lazy_gettext("银行没有答复"),
    columns=(
        *_AT_THE_BANK,
        Column(
            "days",
            lazy_gettext("已等天数"),
            lambda row: (local_date(g.now) - local_date(row[6])).days,
            kind="number",
        ),
        Column(
            "proposed",
            lazy_gettext("认定"),
            lambda row: gettext("待审批") if row[7] else "",
            link=lambda row: url_for("disbursement.rebooking", rebooking_id=row[7]) if row[7] else None,
        ),
    ),
    id=Attempt.id,
    order="sent",
    search=(Attempt.reference, Programme.name),
    search_hint=lazy_gettext("流水号或项目"),
    empty=lazy_gettext("送出的代发都有答复了。"),
)

UNCLEAR = Listing(
    name="unclear",
    title=lazy_gettext("银行结果不明"),
    columns=(
        *_AT_THE_BANK,
        Column("since", lazy_gettext("报不明时间"), lambda row: row[7], kind="time", sort=ResultFile.imported_at),
        Column(
            "days",
            lazy_gettext("已等天数"),
            lambda row: (local_date(g.now) - local_date(row[7])).days,
            kind="number",
        ),
        Column("words", lazy_gettext("银行的说法"), lambda row: row[8], wording=reason_words),
    ),
    id=Attempt.id,
    order="since",
    search=(Attempt.reference, Programme.name),
    search_hint=lazy_gettext("流水号或项目"),
    empty=lazy_gettext("没有结果不明的代发。"),
)
