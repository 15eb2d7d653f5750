"""The month's report: every figure with its explanation, on one page and as a workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from flask_babel import gettext

from accounts.models import Organisation
from core.clock import local_time
from core.database import db
from core.money import format_yuan_plain
from core.principal import Principal
from core.tables.export import write_xlsx
from reconciliation import queries
from reconciliation.models import Difference, Month, MonthRefusal, MonthSignature, Statement
from reconciliation.queries import ClassFigure, Unlike
from reconciliation.rules import NEEDS_WORD, Sides
from reconciliation.words import CLASSES, MONTH_STATES, OFFICES, RESOLUTIONS

MOST = 2000
"""Differences that a report lists; a month with more has not been reconciled."""


@dataclass(frozen=True)
class MonthReport:
    """Everything that a month's three offices put their names to."""

    month: Month
    statements: Sequence[Statement]
    figures: Sequence[ClassFigure]
    sides: Sides
    unlike: Unlike
    unclear: int
    differences: Sequence[Difference]
    carried: Sequence[Difference]
    signatures: Sequence[MonthSignature]
    waiting: Sequence[Organisation]
    refusals: Sequence[MonthRefusal]


def month_report(principal: Principal, month: Month) -> MonthReport:
    """The report as it stands now, with the differences that this principal may see."""
    signed = queries.standing_signatures(month)
    needing = [kind.value for kind in NEEDS_WORD]
    found = queries.visible_differences(principal, month).where(Difference.kind.in_(needing))
    carried = queries.visible_carried(principal, month)
    return MonthReport(
        month,
        queries.statements_of(month),
        [one for one in queries.figures_of(month) if one.number],
        queries.sides_of(month),
        queries.unlike(month, NEEDS_WORD),
        queries.still_unclear(month),
        db.session.scalars(found.order_by(Difference.kind, Difference.id).limit(MOST)).all(),
        db.session.scalars(carried.order_by(Month.month, Difference.id).limit(MOST)).all(),
        signed,
        queries.departments_to_sign(month, signed),
        queries.refusals_of(month),
    )


def write_report(out: BinaryIO, report: MonthReport) -> None:
    """The report as a workbook of one sheet; leaves the file open."""
    heading = [gettext("项目"), gettext("说明"), gettext("笔数"), gettext("金额（元）"), gettext("备注")]
    write_xlsx(out, heading, _rows(report), sheet=report.month.month, widths=(24, 40, 10, 18, 50))


Line = tuple[object, ...]


def _rows(report: MonthReport) -> Iterator[Line]:
    yield gettext("月份"), report.month.month, "", "", str(MONTH_STATES[report.month.state].text)
    yield from _balances(report)
    for figure in report.figures:
        yield gettext("逐笔核对"), str(CLASSES[figure.kind.value].text), figure.number, _yuan(figure.fen)
    if report.unclear:
        yield gettext("逐笔核对"), gettext("银行仍未查清"), report.unclear
    for title, found in (
        (gettext("本月差异"), report.differences),
        (gettext("以前月份转来"), report.carried),
    ):
        for difference in found:
            yield _difference(title, difference)
    for signature in report.signatures:
        signed_at = f"{local_time(signature.signed_at):%Y-%m-%d %H:%M}"
        yield gettext("签章"), str(OFFICES[signature.organisation_kind]), "", "", f"{signature.signed_by} {signed_at}"
    for one in report.refusals:
        refused_at = f"{local_time(one.refused_at):%Y-%m-%d %H:%M}"
        told = " ".join(filter(None, (one.refused_by, refused_at, one.reason, one.answer)))
        yield gettext("不同意签章"), str(OFFICES[one.organisation_kind]), "", "", told
    for office in report.waiting:
        yield gettext("签章"), office.name, "", "", gettext("还没有签")


def _balances(report: MonthReport) -> Iterator[Line]:
    sides = report.sides
    for name, fen in (
        (gettext("期初余额"), sides.opening),
        (gettext("本月收入"), sides.credits),
        (gettext("本月支出"), sides.debits),
        (gettext("期末余额"), sides.closing),
        (gettext("余额未说明"), sides.balance_gap),
    ):
        yield gettext("账户余额"), name, "", _yuan(fen)
    for name, fen in (
        (gettext("账上已付"), sides.book),
        (gettext("其中对账单相符"), sides.matched),
        (gettext("其中对账单没有"), sides.missing),
        (gettext("其中金额不同"), sides.amount_book),
        (gettext("账上未说明"), sides.book_gap),
    ):
        yield gettext("账与对账单"), name, "", _yuan(fen)
    unlike = report.unlike
    told = gettext("已说明 %(said)s 笔，未说明 %(open)s 笔", said=unlike.number - unlike.open, open=unlike.open)
    yield gettext("账与对账单"), gettext("账与对账单相差"), unlike.number, _yuan(unlike.fen), told
    for name, fen in (
        (gettext("账上已退回入账"), sides.returns_book),
        (gettext("其中对账单收到"), sides.returns_matched),
        (gettext("其中对账单没有"), sides.returns_missing),
    ):
        if sides.returns_book or sides.returns_matched:
            yield gettext("退回入账与对账单"), name, "", _yuan(fen)


def _difference(title: str, difference: Difference) -> Line:
    fen = difference.bank_fen if difference.bank_fen is not None else difference.book_fen
    told = str(RESOLUTIONS[difference.resolution]) if difference.resolution else gettext("待处理")
    where = difference.line.serial if difference.line else ""
    second = gettext("%(name)s 复核", name=difference.confirmed_by) if difference.confirmed_by else ""
    words = " ".join(filter(None, (told, difference.reason, difference.resolved_by, second)))
    return title, f"{CLASSES[difference.kind].text} {where}".strip(), 1, _yuan(int(fen or 0)), words


def _yuan(fen: int) -> str:
    return format_yuan_plain(fen)
