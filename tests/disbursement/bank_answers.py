"""What a bank would send back, in the layout of any profile."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from core.money import format_yuan_plain
from disbursement.bank_files.profiles import DELIMITED, FIXED_WIDTH, Column, Layout, Profile
from tests.disbursement.county import Line

DAY = "20200715"


def answer_in(profile: Profile, lines: Iterable[Line], /, day: str = DAY, **totals: int) -> bytes:
    """The bank's file with totals that agree, unless ``totals`` say otherwise (lines, fen, paid, failed, unclear)."""
    layout, listed = profile.result, list(lines)
    told = {
        "lines": len(listed),
        "fen": sum(line[3] for line in listed),
        "paid": sum(line[4] == "0000" for line in listed),
        "failed": sum(line[4] == "9999" for line in listed),
        "unclear": sum(line[4] not in ("0000", "9999") for line in listed),
    } | totals
    rows = [(layout.columns, _cells(layout, line, day)) for line in listed]
    summary = {"mark": layout.mark, "total": _amount(layout, told["fen"])}
    summary |= {field: str(told[field]) for field in ("lines", "paid", "failed", "unclear")}
    rows.append((layout.summary, [summary.get(column.field, "") for column in layout.summary]))
    rows[:0] = [(layout.columns, [column.field for column in layout.columns])] * layout.header_lines
    return _written(layout, rows)


def _amount(layout: Layout, fen: int) -> str:
    return str(fen) if layout.unit == "fen" else format_yuan_plain(fen)


def _cells(layout: Layout, line: Line, day: str) -> list[str]:
    reference, name, card, fen, code, reason = line
    known = {"reference": reference, "name": name, "card": card, "code": code, "reason": reason, "date": day}
    known["amount"] = _amount(layout, fen)
    return [known[column.field] for column in layout.columns]


def _written(layout: Layout, rows: Sequence[tuple[Sequence[Column], Sequence[str]]]) -> bytes:
    if layout.kind == DELIMITED:
        return "".join(layout.delimiter.join(cells) + "\r\n" for _, cells in rows).encode(layout.encoding, "replace")
    if layout.kind == FIXED_WIDTH:
        return b"\r\n".join(
            b"".join(_padded(layout, column, cell) for column, cell in zip(columns, cells, strict=True))
            for columns, cells in rows
        )
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        for number, (_, cells) in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell.encode(layout.encoding, "replace").decode(layout.encoding))
    return out.getvalue()


def _padded(layout: Layout, column: Column, text: str) -> bytes:
    content, fill = text.encode(layout.encoding, "replace"), column.fill.encode()
    return content.rjust(column.width, fill) if column.right else content.ljust(column.width, fill)
