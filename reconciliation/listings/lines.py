"""The list of a month's statement lines."""

from flask_babel import lazy_gettext

from core.listing import ChoiceFilter, Column, DayFilter, Listing
from reconciliation.listings.about import about, about_address
from reconciliation.models import StatementLine
from reconciliation.words import CLASSES

LINES = Listing(
    name="statement_lines",
    title=lazy_gettext("对账单明细"),
    columns=(
        Column("number", lazy_gettext("行"), lambda row: row.number, kind="number", sort=StatementLine.number),
        Column("day", lazy_gettext("日期"), lambda row: row.day, kind="day", sort=StatementLine.day),
        Column(
            "debit",
            lazy_gettext("支出（元）"),
            lambda row: row.debit_fen or None,
            kind="money",
            sort=StatementLine.debit_fen,
        ),
        Column(
            "credit",
            lazy_gettext("收入（元）"),
            lambda row: row.credit_fen or None,
            kind="money",
            sort=StatementLine.credit_fen,
        ),
        Column("balance", lazy_gettext("余额（元）"), lambda row: row.balance_fen, kind="money"),
        Column("card", lazy_gettext("对方账号后四位"), lambda row: row.card_tail, sort=StatementLine.card_tail),
        Column("summary", lazy_gettext("摘要"), lambda row: row.summary, sort=StatementLine.summary),
        Column("serial", lazy_gettext("流水号"), lambda row: row.serial, sort=StatementLine.serial),
        Column(
            "kind",
            lazy_gettext("核对结果"),
            lambda row: row.kind,
            kind="status",
            states=CLASSES,
            sort=StatementLine.kind,
        ),
        Column(
            "payment",
            lazy_gettext("发放明细"),
            about,
            link=about_address,
        ),
    ),
    id=StatementLine.id,
    order="number",
    search=(StatementLine.serial, StatementLine.summary, StatementLine.card_tail),
    search_hint=lazy_gettext("流水号、摘要或卡号后四位"),
    filters=(
        ChoiceFilter("kind", lazy_gettext("核对结果"), CLASSES, StatementLine.kind),
        DayFilter("day", lazy_gettext("日期"), StatementLine.day),
    ),
    empty=lazy_gettext("还没有对账单。请上传银行对账单。"),
)
