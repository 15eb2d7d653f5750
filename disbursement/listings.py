"""The lists of this room."""

from flask import url_for
from flask_babel import lazy_gettext

from core.listing import ChoiceFilter, Column, Listing
from disbursement.models import Batch, Payment, ResultFile, Roll
from disbursement.words import BATCH_STATES, PAYMENT_STATES, ROLL_STATES, ROLL_WAITS_FOR
from programmes.models import Programme
from registry.models import Region

BATCHES = Listing(
    name="batches",
    title=lazy_gettext("发放批次"),
    columns=(
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: row[1].name,
            sort=Programme.name,
            link=lambda row: url_for("disbursement.batch", batch_id=row[0].id),
        ),
        Column("period", lazy_gettext("期别"), lambda row: row[0].period, sort=Batch.period),
        Column("rolls", lazy_gettext("花名册"), lambda row: row[2], kind="number"),
        Column("lines", lazy_gettext("人数"), lambda row: row[3], kind="number"),
        Column("total", lazy_gettext("金额（元）"), lambda row: row[4], kind="money"),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row[0].state,
            kind="status",
            states=BATCH_STATES,
            sort=Batch.state,
        ),
    ),
    id=Batch.id,
    order="-period",
    search=(Programme.name, Programme.code, Batch.period),
    search_hint=lazy_gettext("项目名称、编码或期别"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), BATCH_STATES, Batch.state),),
    empty=lazy_gettext("还没有发放批次。乡镇上传第一份花名册时，批次会自动建立。"),
)

ROLLS = Listing(
    name="rolls",
    title=lazy_gettext("花名册"),
    columns=(
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: row.batch.programme.name,
            sort=Programme.name,
            link=lambda row: url_for("disbursement.roll", roll_id=row.id),
        ),
        Column("period", lazy_gettext("期别"), lambda row: row.batch.period, sort=Batch.period),
        Column("township", lazy_gettext("乡镇（街道）"), lambda row: row.township.name, sort=Roll.township_code),
        Column("lines", lazy_gettext("人数"), lambda row: row.line_count, kind="number", sort=Roll.line_count),
        Column("total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money", sort=Roll.total_fen),
        Column(
            "state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=ROLL_STATES, sort=Roll.state
        ),
        Column("waits_for", lazy_gettext("等待"), lambda row: ROLL_WAITS_FOR[row.state]),
    ),
    id=Roll.id,
    order="-period",
    search=(Programme.name, Programme.code, Region.name, Batch.period),
    search_hint=lazy_gettext("项目、期别或乡镇"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), ROLL_STATES, Roll.state),),
    empty=lazy_gettext("还没有花名册。请上传乡镇报来的花名册文件。"),
)

_NAME = Column(
    "name",
    lazy_gettext("受益人"),
    lambda row: row.name,
    sort=Payment.name,
    link=lambda row: url_for("disbursement.payment", payment_id=row.id),
)
_CARD = Column("card", lazy_gettext("卡号后四位"), lambda row: row.card.tail if row.card else "")
_AMOUNT = Column(
    "amount", lazy_gettext("金额（元）"), lambda row: row.amount_fen, kind="money", sort=Payment.amount_fen
)
_REASON = Column("reason", lazy_gettext("未到账原因"), lambda row: row.failure_reason)

PAYMENTS = Listing(
    name="payments",
    title=lazy_gettext("发放明细"),
    columns=(
        Column("row", lazy_gettext("行"), lambda row: row.row or None, kind="number", sort=Payment.row),
        _NAME,
        Column("payee", lazy_gettext("收款人"), lambda row: row.payee_name, sort=Payment.payee_name),
        _CARD,
        Column("quantity", lazy_gettext("数量"), lambda row: row.quantity, kind="number"),
        _AMOUNT,
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=PAYMENT_STATES,
            sort=Payment.state,
        ),
        _REASON,
    ),
    id=Payment.id,
    order="row",
    search=(Payment.name, Payment.payee_name),
    search_hint=lazy_gettext("姓名"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), PAYMENT_STATES, Payment.state),),
    empty=lazy_gettext("这份花名册还没有人员。请重新上传文件。"),
)

_FAILURE_STATES = {state: PAYMENT_STATES[state] for state in ("failed", "unclear", "corrected", "resubmitted")}

FAILURES = Listing(
    name="failures",
    title=lazy_gettext("发放失败"),
    columns=(
        _NAME,
        Column("township", lazy_gettext("乡镇（街道）"), lambda row: row.roll.township.name, sort=Roll.township_code),
        Column("programme", lazy_gettext("补贴项目"), lambda row: row.roll.batch.programme.name, sort=Programme.name),
        Column("period", lazy_gettext("期别"), lambda row: row.roll.batch.period, sort=Batch.period),
        _AMOUNT,
        _CARD,
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=PAYMENT_STATES,
            sort=Payment.state,
        ),
        _REASON,
        Column("due", lazy_gettext("办理期限"), lambda row: row.due_on, kind="due", sort=Payment.due_on),
    ),
    id=Payment.id,
    order="due",
    search=(Payment.name, Region.name, Programme.name),
    search_hint=lazy_gettext("姓名、乡镇或项目"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), _FAILURE_STATES, Payment.state),),
    empty=lazy_gettext("没有发放失败或银行还在核实的明细。"),
)

RESULTS = Listing(
    name="results",
    title=lazy_gettext("银行回盘"),
    columns=(
        Column(
            "imported_at",
            lazy_gettext("导入时间"),
            lambda row: row.imported_at,
            kind="time",
            sort=ResultFile.imported_at,
            link=lambda row: url_for("disbursement.result", result_id=row.id),
        ),
        Column("lines", lazy_gettext("笔数"), lambda row: row.line_count, kind="number", sort=ResultFile.line_count),
        Column("total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money", sort=ResultFile.total_fen),
        Column("paid", lazy_gettext("成功"), lambda row: row.paid_count, kind="number", sort=ResultFile.paid_count),
        Column(
            "failed", lazy_gettext("失败"), lambda row: row.failed_count, kind="number", sort=ResultFile.failed_count
        ),
        Column(
            "unclear", lazy_gettext("不明"), lambda row: row.unclear_count, kind="number", sort=ResultFile.unclear_count
        ),
    ),
    id=ResultFile.id,
    order="-imported_at",
    empty=lazy_gettext("还没有回盘文件。银行办理后，请上传银行返回的结果文件。"),
)
