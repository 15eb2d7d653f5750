"""The list of payments."""

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import func

from core.listing import ChoiceFilter, Column, Listing
from disbursement.models import Payment
from disbursement.whom import WITH_WHOM, whom
from disbursement.words import PAYMENT_STATES, reason_words
from registry.models import Card

_NAME = Column(
    "name",
    lazy_gettext("受益人"),
    lambda row: row.name,
    sort=Payment.name,
    expression=Payment.name,
    link=lambda row: url_for("disbursement.payment", payment_id=row.id),
    note=whom,
)
_CARD = Column("card", lazy_gettext("卡号后四位"), lambda row: row.card.tail if row.card else "", expression=Card.tail)
_AMOUNT = Column(
    "amount",
    lazy_gettext("金额（元）"),
    lambda row: row.amount_fen,
    kind="money",
    sort=Payment.amount_fen,
    expression=Payment.amount_fen,
)
_REASON = Column(
    "reason",
    lazy_gettext("未到账原因"),
    lambda row: row.failure_reason,
    wording=reason_words,
    expression=Payment.failure_reason,
)

PAYMENTS = Listing(
    name="payments",
    title=lazy_gettext("发放明细"),
    columns=(
        Column(
            "row",
            lazy_gettext("行"),
            lambda row: row.row or None,
            kind="number",
            sort=Payment.row,
            expression=func.nullif(Payment.row, 0),
        ),
        _NAME,
        Column(
            "payee",
            lazy_gettext("收款人"),
            lambda row: row.payee_name,
            sort=Payment.payee_name,
            expression=Payment.payee_name,
        ),
        _CARD,
        Column("quantity", lazy_gettext("数量"), lambda row: row.quantity, kind="number", expression=Payment.quantity),
        _AMOUNT,
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=PAYMENT_STATES,
            sort=Payment.state,
            expression=Payment.state,
        ),
        _REASON,
    ),
    id=Payment.id,
    order="row",
    search=(Payment.name, Payment.payee_name),
    search_hint=lazy_gettext("姓名"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), PAYMENT_STATES, Payment.state),),
    empty=lazy_gettext("这份花名册还没有人员。请重新上传文件。"),
    loads=WITH_WHOM,
)
