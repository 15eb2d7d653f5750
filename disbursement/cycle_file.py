"""The month's cycle report as a workbook: one row a township, department, bank and reason."""

from collections.abc import Iterator
from typing import BinaryIO

from flask_babel import gettext

from core.money import format_yuan_plain
from core.tables.export import write_xlsx
from disbursement.queries.cycle import COUNTS, CycleLine, CycleReport
from disbursement.words import CYCLE_COUNTS, reason_words


def write_cycle(out: BinaryIO, report: CycleReport) -> None:
    """Write the report; returns nothing, leaves the file open."""
    heading = [
        gettext("分组"),
        gettext("名称"),
        gettext("金额（元）"),
        *(str(CYCLE_COUNTS[name]) for name in COUNTS),
    ]
    write_xlsx(out, heading, _rows(report), sheet=report.month, widths=(12, 24, 14, *([12] * len(COUNTS))))


def _rows(report: CycleReport) -> Iterator[list[str]]:
    for group, lines in (
        (gettext("合计"), [report.total]),
        (gettext("乡镇（街道）"), report.townships),
        (gettext("主管部门"), report.departments),
        (gettext("银行"), report.banks),
        (gettext("未到账原因"), report.reasons),
    ):
        for line in lines:
            yield _row(group, line)


def _row(group: str, line: CycleLine) -> list[str]:
    return [group, reason_words(line.name), format_yuan_plain(line.fen), *(str(getattr(line, name)) for name in COUNTS)]
