"""The lists of rebookings and of the tries in one."""

from flask import url_for
from flask_babel import lazy_gettext

from core.listing import ChoiceFilter, Column, Listing
from disbursement.models import Attempt, Batch, Rebooking, RebookingLine
from disbursement.words import OUTCOMES, REBOOKING_KINDS, REBOOKING_STATES, reason_words
from programmes.models import Programme

REBOOKINGS = Listing(
    name="rebookings",
    title=lazy_gettext("改记"),
    columns=(
        Column(
            "number",
            lazy_gettext("编号"),
            lambda row: row.id,
            sort=Rebooking.id,
            link=lambda row: url_for("disbursement.rebooking", rebooking_id=row.id),
        ),
        Column("kind", lazy_gettext("改记"), lambda row: str(REBOOKING_KINDS[row.kind]), sort=Rebooking.kind),
        Column(
            "proposed", lazy_gettext("提出时间"), lambda row: row.created_at, kind="time", sort=Rebooking.created_at
        ),
        Column("lines", lazy_gettext("笔数"), lambda row: row.line_count, kind="number", sort=Rebooking.line_count),
        Column("total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money", sort=Rebooking.total_fen),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=REBOOKING_STATES,
            sort=Rebooking.state,
        ),
    ),
    id=Rebooking.id,
    order="-number",
    filters=(ChoiceFilter("state", lazy_gettext("状态"), REBOOKING_STATES, Rebooking.state),),
    empty=lazy_gettext("没有改记：银行没有证实过与账上不同的结果。"),
)
REBOOKING_LINES = Listing(
    name="rebooking_lines",
    title=lazy_gettext("改记的明细"),
    columns=(
        Column(
            "reference",
            lazy_gettext("流水号"),
            lambda row: row.Attempt.reference,
            sort=Attempt.reference,
            link=lambda row: url_for("disbursement.payment", payment_id=row.RebookingLine.payment_id),
        ),
        Column("programme", lazy_gettext("补贴项目"), lambda row: row.Programme.name, sort=Programme.name),
        Column("period", lazy_gettext("期别"), lambda row: row.Batch.period, sort=Batch.period),
        Column("card", lazy_gettext("卡号后四位"), lambda row: row.Attempt.card_tail),
        Column(
            "amount",
            lazy_gettext("金额（元）"),
            lambda row: row.RebookingLine.amount_fen,
            kind="money",
            sort=RebookingLine.amount_fen,
        ),
        Column(
            "was",
            lazy_gettext("原来的结果"),
            lambda row: row.RebookingLine.was_outcome,
            kind="status",
            states=OUTCOMES,
        ),
        Column("reason", lazy_gettext("原来的原因"), lambda row: row.RebookingLine.was_reason, wording=reason_words),
        Column(
            "bank_day",
            lazy_gettext("到账日期"),
            lambda row: row.RebookingLine.bank_day,
            kind="day",
            sort=RebookingLine.bank_day,
        ),
        Column("booked_on", lazy_gettext("记账日期"), lambda row: row.RebookingLine.booked_on, kind="day"),
    ),
    id=RebookingLine.id,
    order="reference",
    search=(Attempt.reference, Programme.name),
    search_hint=lazy_gettext("流水号或项目"),
    empty=lazy_gettext("没有明细。"),
)
