"""Files that are no tables, broken ones and hostile ones: each gets its sentence, and nothing else happens."""

import io
import os
import random
import resource
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from core.tables.process import Child
from core.tables.reading import ReadLimits, TableError, open_table, read_all
from tests.builders import tables

QUICK = 10.0
"""Seconds of work (not of waiting for a busy machine) within which any file must have its answer."""


def work_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def refusal(content: bytes, limits: ReadLimits | None = None) -> TableError:
    before = work_of_children()
    with pytest.raises(TableError) as refused:
        read_all(content, limits or ReadLimits())
    assert work_of_children() - before < QUICK
    assert str(refused.value).endswith("。")
    assert "请" in str(refused.value)
    return refused.value


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG")
    return out.getvalue()


def archive_of_another_program(kind: str) -> bytes:
    return tables.package({"[Content_Types].xml": "<Types/>", kind: "<x/>"})


@pytest.mark.parametrize(
    ("code", "build"),
    [
        ("empty", lambda: b""),
        ("picture", picture),
        ("picture", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100),
        ("pdf", lambda: b"%PDF-1.7\n1 0 obj"),
        ("document", lambda: archive_of_another_program("word/document.xml")),
        ("slides", lambda: archive_of_another_program("ppt/presentation.xml")),
        ("archive", lambda: tables.package({"roll.xlsx": tables.xlsx({"S": [["x"]]})})),
        ("archive", lambda: b"Rar!\x1a\x07\x01\x00" + b"\0" * 50),
        ("document", lambda: rb"{\rtf1\ansi"),
        ("web_archive", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related"),
        ("other_kind", lambda: b"SQLite format 3\x00" + b"\0" * 100),
        ("other_kind", lambda: random.Random(1).randbytes(5000)),
        ("other_kind", lambda: b"\0" * 5000),
        ("encrypted", tables.encrypted_xlsx),
        ("encrypted", tables.encrypted_xls),
        ("no_table", lambda: b"<html><body><p>404 Not Found</p></body></html>"),
        ("no_table", lambda: b'<?xml version="1.0"?><data><row/></data>'),
        ("damaged", lambda: tables.xlsx({"S": [["x"] * 50] * 50})[:3000]),
        ("damaged", lambda: tables.xlsx_of_xml("<worksheet><sheetData><row r='1'><c r='A1'")),
        ("damaged", lambda: tables.xls({"S": [["x"] * 50] * 50})[:2000]),
        ("damaged", lambda: tables.spreadsheetml({"S": [["x"]]})[:-20]),
        ("encoding", lambda: b"name,amount\n" + bytes(range(0x80, 0xFF)) * 20),
    ],
)
def test_each_has_its_sentence(code: str, build: Callable[[], bytes]) -> None:
    assert refusal(build()).code == code


def test_too_large_is_said_before_anything_is_read(tmp_path: Path) -> None:
    big = tmp_path / "big.xlsx"
    with big.open("wb") as file:
        file.truncate(51 * 2**20)
    with pytest.raises(TableError) as refused, open_table(big):
        pass
    assert refused.value.code == "too_large"
    assert "51 MB" in str(refused.value)
    assert "50 MB" in str(refused.value)
    assert refusal(b"x" * (2**20 + 1), ReadLimits(megabytes=1)).code == "too_large"


def test_a_cell_in_the_last_column_of_the_last_row() -> None:
    corners = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal(tables.xlsx_of_xml(tables.sheet_xml(corners))).code == "too_complex"


def test_an_archive_that_claims_too_much() -> None:
    honest = io.BytesIO()
    with zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 30_000_000)
    assert refusal(honest.getvalue(), ReadLimits(unpacked_megabytes=20)).code == "too_complex"


def test_an_archive_that_holds_more_than_it_claims() -> None:
    blanks = b" " * 400_000_000
    content = bytearray(tables.xlsx_of_xml(tables.sheet_xml("<row/>"), b"<sst><si><t>" + blanks + b"</t></si></sst>"))
    claimed = struct.pack("<L", len(blanks) + 27)
    for at in _all_places(content, claimed):
        content[at : at + 4] = struct.pack("<L", 100)
    assert refusal(bytes(content), ReadLimits(memory_megabytes=300)).code in ("too_complex", "damaged")


def _all_places(content: bytes | bytearray, part: bytes) -> list[int]:
    places, at = [], content.find(part)
    while at >= 0:
        places.append(at)
        at = content.find(part, at + 1)
    return places


LAUGHS = '<!DOCTYPE lol [<!ENTITY a "ha">{}]>'.format(
    "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in ("ab", "bc", "cd", "de", "ef"))
)


def test_a_billion_laughs_in_the_xml_of_office_2003() -> None:
    head, body = tables.spreadsheetml({"S": [["x"]]}).decode().split("?>", 1)
    assert refusal(f"{head}?>{LAUGHS}{body.replace('>x<', '>&f;<')}".encode()).code == "damaged"


def test_a_billion_laughs_in_a_workbook() -> None:
    shared = f'<?xml version="1.0"?>{LAUGHS}<sst><si><t>&f;</t></si></sst>'
    content = tables.xlsx_of_xml(tables.sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), shared)
    try:
        (sheet,) = read_all(content)
    except TableError as error:
        assert error.code == "damaged"
    else:
        assert len(sheet.rows[0].cells[0]) < 100


def test_a_sheet_formatted_to_its_end_is_read() -> None:
    formatted = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(2, 1_048_577))
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'
    before = work_of_children()
    (sheet,) = read_all(tables.xlsx_of_xml(tables.sheet_xml(first + formatted)))
    assert work_of_children() - before < QUICK
    assert [row.cells for row in sheet.rows] == [["姓名"]]


def test_a_table_as_wide_as_a_continent_in_html() -> None:
    assert refusal(b"<table><tr>" + b"<td colspan=99999999>x" * 3).code == "too_complex"


def test_the_child_may_not_work_for_ever() -> None:
    content = tables.text([["1", "王秀英", "513426199509167030", "270"]] * 400_000)
    limits = ReadLimits(cpu_seconds=1)
    with pytest.raises(TableError) as refused, open_table(content * 3, limits) as table:
        for sheet in table.sheets():
            sheet.skip()
    assert refused.value.code == "too_slow"


def test_the_parent_does_not_wait_for_ever() -> None:
    content = tables.xlsx({"S": [["x"] * 20] * 5000})
    assert refusal(content, ReadLimits(wait_seconds=0.02)).code == "too_slow"


def test_the_child_is_gone_when_nobody_listens_any_more() -> None:
    content = tables.text([["1", "王秀英", "513426199509167030", "270"]] * 300_000)
    with open_table(content) as table:
        sheet = next(table.sheets())
        next(sheet.rows())
        child = table._child
        assert child.running
    assert not child.running


def test_the_child_has_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YKT_KEYS", "secret")
    with open_table(tables.text([["a", "b", "c"]] * 300_000)) as table:
        environment = Path(f"/proc/{table._child.number}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"YKT" not in environment


def test_nothing_of_the_file_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_table(tables.text([["a", "b", "c"]] * 1000)):
        assert list(tmp_path.iterdir()) == []


def test_a_child_that_dies_is_a_file_that_cannot_be_read() -> None:
    read, write = os.pipe()
    os.close(write)
    with Child("no such job", {"file": read}, [read], ReadLimits()) as child, pytest.raises(TableError) as refused:
        list(child.frames())
    os.close(read)
    assert refused.value.code == "unreadable"


SAMPLES = sorted(path for path in (Path(__file__).parents[1] / "data" / "samples").iterdir() if path.suffix != ".json")


@pytest.mark.parametrize("path", SAMPLES, ids=[path.name for path in SAMPLES])
def test_spoilt_files_are_read_or_refused_and_nothing_else(path: Path) -> None:
    fuzz = random.Random(path.name)
    for _ in range(6):
        content = bytearray(path.read_bytes())
        for _ in range(fuzz.choice([1, 5, 50])):
            at = fuzz.randrange(len(content))
            content[at : at + fuzz.choice([0, 1, 100])] = fuzz.randbytes(fuzz.choice([0, 1, 2, 100]))
        try:
            read_all(bytes(content))
        except TableError as error:
            assert str(error).endswith("。")
