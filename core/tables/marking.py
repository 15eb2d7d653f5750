"""Gives people their own file back, with one more column that says what is wrong in which row."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from typing import BinaryIO

from core.tables.frames import Done
from core.tables.process import Child, ReadLimits
from core.tables.reading import DEFAULT_LIMITS, Source, opened

HEADING = "问题"

Place = tuple[str | None, int]
"""A sheet (None for a text file) and a physical row of it."""


def write_marked_copy(
    source: Source,
    marks: Mapping[Place, str],
    out: BinaryIO,
    *,
    heading: str = HEADING,
    header_rows: Mapping[str | None, int] | None = None,
    limits: ReadLimits = DEFAULT_LIMITS,
) -> str:
    """Write a copy of a table file with a column of sentences at the right. Row numbers stay what they are.

    ``marks`` are the sentences by sheet and row; ``header_rows`` say in which row of a sheet the heading of the new
    column goes (else into the first row that looks like a header). A workbook of Excel 2007 and later keeps everything
    else as it was, formats and formulas included; other spreadsheets become one; text keeps its encoding and delimiter
    (columns by position become columns by tab). A column that an earlier marked copy brought along is replaced.
    Returns the extension: "xlsx", "xlsm", "csv" or "txt". Raises TableError as reading does.
    """
    task = {
        "heading": heading,
        "header_rows": [[sheet, row] for sheet, row in (header_rows or {}).items()],
        "marks": [[sheet, row, sentence] for (sheet, row), sentence in marks.items()],
    }
    with (
        opened(source, limits) as file,
        tempfile.TemporaryFile() as told,
        tempfile.TemporaryFile() as made,
    ):
        told.write(json.dumps(task).encode())
        told.seek(0)
        files = {"file": file, "marks": told.fileno(), "out": made.fileno()}
        with Child("mark", files, list(files.values()), limits) as child:
            extension = next(frame.result for frame in child.frames() if isinstance(frame, Done))
        made.seek(0)
        shutil.copyfileobj(made, out)
    return extension
