"""The list of the bank's answers."""

from flask import url_for
from flask_babel import lazy_gettext

from core.listing import Column, Listing
from disbursement.models import ResultFile

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
