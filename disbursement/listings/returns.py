"""The lists of return orders and of the payments in them."""

from dataclasses import replace

from flask import url_for
from flask_babel import lazy_gettext

from core.listing import ChoiceFilter, Column, Listing
from disbursement.listings.payments import PAYMENTS
from disbursement.models import Batch, ReturnOrder
from disbursement.words import RETURN_STATES
from programmes.models import Programme

RETURNS = Listing(
    name="returns",
    title=lazy_gettext("退回单"),
    columns=(
        Column(
            "number",
            lazy_gettext("编号"),
            lambda row: row.id,
            sort=ReturnOrder.id,
            link=lambda row: url_for("disbursement.return_order", order_id=row.id),
        ),
        Column("programme", lazy_gettext("补贴项目"), lambda row: row.batch.programme.name, sort=Programme.name),
        Column("period", lazy_gettext("期别"), lambda row: row.batch.period, sort=Batch.period),
        Column("lines", lazy_gettext("笔数"), lambda row: row.line_count, kind="number", sort=ReturnOrder.line_count),
        Column(
            "total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money", sort=ReturnOrder.total_fen
        ),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=RETURN_STATES,
            sort=ReturnOrder.state,
        ),
        # A day counts only until the money is back.
        Column(
            "due",
            lazy_gettext("退回期限"),
            lambda row: row.due_on if row.state in ("proposed", "approved") else None,
            kind="due",
            sort=ReturnOrder.due_on,
        ),
        Column("voucher", lazy_gettext("银行凭证号"), lambda row: row.voucher_number),
        Column("credited", lazy_gettext("入账日期"), lambda row: row.credited_on, kind="day"),
    ),
    id=ReturnOrder.id,
    order="-number",
    search=(Programme.name, Batch.period, ReturnOrder.voucher_number),
    search_hint=lazy_gettext("项目、期别或凭证号"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), RETURN_STATES, ReturnOrder.state),),
    empty=lazy_gettext("还没有退回单。有发不出去的钱时，从上面按批次提出退回。"),
)
RETURNABLE = replace(
    PAYMENTS,
    name="returnable",
    title=lazy_gettext("可以退回的明细"),
    empty=lazy_gettext("这个批次没有可以退回的明细：都已到账、已退回，或者还在办理。"),
)
RETURN_PAYMENTS = replace(PAYMENTS, name="return_payments", title=lazy_gettext("退回的明细"))
