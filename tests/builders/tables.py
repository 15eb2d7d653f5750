"""Table files of every kind, as bytes."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import openpyxl
import xlwt

Cells = Sequence[Sequence[object]]

WORKBOOK_XML = (
    '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xlsx(sheets: Mapping[str, Cells], merged: Mapping[str, Iterable[str]] = {}, hidden: Iterable[str] = ()) -> bytes:
    """A workbook by openpyxl; texts that begin with = are formulas without a stored result."""
    book = openpyxl.Workbook()
    book.remove(book[book.sheetnames[0]])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row, cells in enumerate(rows, 1):
            for column, value in enumerate(cells, 1):
                if value not in (None, ""):
                    sheet.cell(row, column, value)
        for place in merged.get(name, ()):
            sheet.merge_cells(place)
        if name in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(sheets: Mapping[str, Cells], merged: Mapping[str, Iterable[tuple[int, int, int, int]]] = {}) -> bytes:
    """A workbook of Excel 97–2003; merged ranges are (first row, last row, first column, last column) from 0."""
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        ranges = {(top, left): (top, bottom, left, right) for top, bottom, left, right in merged.get(name, ())}
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if (row, column) in ranges:
                    sheet.write_merge(*ranges[row, column], value)
                elif value not in (None, ""):
                    sheet.write(row, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(rows: Cells, delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """Delimited text, quoted where it must be."""
    lines = [delimiter.join(_quoted(value, delimiter) for value in row) for row in rows]
    return (end.join(lines) + end).encode(encoding)


def _quoted(value: object, delimiter: str) -> str:
    plain = "" if value is None else str(value)
    if any(mark in plain for mark in (delimiter, '"', "\n")):
        return '"' + plain.replace('"', '""') + '"'
    return plain


def html(rows: Cells, charset: str = "utf-8") -> bytes:
    """What many systems export under the name .xls."""
    body = "".join(
        "<tr>" + "".join(f"<td>{escape('' if value is None else str(value))}</td>" for value in row) + "</tr>\r\n"
        for row in rows
    )
    head = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    style = "<style>td {mso-number-format:'\\@'}</style></head><body>"
    return f"{head}{style}<table border=1>{body}</table></body></html>".encode(charset)


def spreadsheetml(sheets: Mapping[str, Cells], hidden: Iterable[str] = ()) -> bytes:
    """An "XML spreadsheet 2003"."""
    parts = ['<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><ss:Workbook ', *_NAMES, ">"]
    for name, rows in sheets.items():
        parts.append(f'<ss:Worksheet ss:Name="{escape(name)}"><ss:Table>')
        for row in rows:
            parts.append("<ss:Row>" + "".join(map(_spreadsheetml_cell, row)) + "</ss:Row>")
        state = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>" if name in hidden else ""
        parts.append(f"</ss:Table>{state}</ss:Worksheet>")
    return "".join([*parts, "</ss:Workbook>"]).encode()


_NAMES = (
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" ',
    'xmlns:x="urn:schemas-microsoft-com:office:excel"',
)


def _spreadsheetml_cell(value: object) -> str:
    if value in (None, ""):
        return "<ss:Cell/>"
    kind = "Number" if isinstance(value, int | float) else "String"
    return f'<ss:Cell><ss:Data ss:Type="{kind}">{escape(str(value))}</ss:Data></ss:Cell>'


def ods(rows: Cells) -> bytes:
    """A workbook of LibreOffice with one sheet of texts."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(
        "<table:table-row>" + "".join(cell.format(escape(str(value or ""))) for value in row) + "</table:table-row>"
        for row in rows
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{office}:office:1.0" '
        f'xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{office}:manifest:1.0"><manifest:file-entry '
        'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        "</manifest:manifest>"
    )
    return package(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def package(files: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx_of_xml(sheet_xml: str | bytes, shared_strings: str | bytes | None = None) -> bytes:
    """A workbook of one sheet whose XML is given: for what no library would write."""
    types = (
        f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    )
    relations = (
        f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    parts = (
        f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": types,
        "_rels/.rels": relations,
        "xl/workbook.xml": WORKBOOK_XML,
        "xl/_rels/workbook.xml.rels": parts,
        "xl/worksheets/sheet1.xml": sheet_xml,
    }
    if shared_strings is not None:
        files["xl/sharedStrings.xml"] = shared_strings
    return package(files)


def sheet_xml(rows: str) -> str:
    """The XML of a sheet around its rows."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet '
        f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    )


def encrypted_xlsx() -> bytes:
    """What Excel makes of a workbook with a password: an OLE container with a stream EncryptedPackage."""
    old, new = "Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    container = xls({"Sheet1": [["x"]]})
    at = container.index(old + b"\x00" * 16)
    return container[:at] + new + container[at + len(new) :]


def encrypted_xls() -> bytes:
    """An old workbook with a password: its stream says so in a record FILEPASS right after its beginning."""
    container = bytearray(xls({"Sheet1": [["x"]]}))
    begin = container.index(b"\x09\x08\x10\x00")
    record = begin + 4 + 16
    container[record : record + 2] = b"\x2f\x00"
    return bytes(container)
