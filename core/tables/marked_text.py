"""Marked copies of text files. Runs in the child process."""

import csv
import io
from typing import BinaryIO

from core.tables.delimited import layout_of, records
from core.tables.encodings import Decoded
from core.tables.export import harmless
from core.tables.marks import Marks

_BOM = "\ufeff"


def mark_text(decoded: Decoded, marks: Marks, out: BinaryIO) -> str:
    """Write the text with one more column, in its encoding and with its delimiter. Returns the extension."""
    text = decoded.text
    layout = layout_of(text)
    delimiter = layout.delimiter or "\t"
    rows = list(records(io.StringIO(text, newline=""), layout))
    width = max((len(cells) for _, cells in rows), default=0)
    sentences, column = marks.placed(None, ((number, cells, "") for number, cells in rows), width)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=_line_end(text))
    for number, cells in rows:
        kept = cells[:column]
        if number in sentences:
            kept += [""] * (column - len(kept)) + [harmless(sentences[number])]
        writer.writerow(kept)
    # Spreadsheet programs need the mark to read UTF-8 at all.
    mark = _BOM if decoded.bom or decoded.encoding == "utf-8" else ""
    out.write((mark + buffer.getvalue()).encode(decoded.encoding, "replace"))
    return "csv" if delimiter == "," else "txt"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n" if "\n" in text else "\r"
