"""Files as nobody should send them: good ones that were damaged, disguised, emptied, or packed to burst."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from tests.conftest import SAMPLES

NAMES = (
    "花名册.xlsx", "花名册.xls", "a.csv", "a.txt", "a.jpg", "a.png", "a.pdf", "a.amr", "a.zip", "a", ".", "..", "",
    "../../etc/passwd", "C:\\\\a\\\\b.xlsx", "a\x00.xlsx", "x" * 3000 + ".xlsx", "\u202excod.exe", "é" * 200,
    "a.xlsx.exe",
    "<script>alert(1)</script>.csv", "%s%n.csv", "  .csv", "CON", "a;b.csv", "\ud800.csv",
)  # fmt: skip
TYPES = ("application/octet-stream", "text/csv", "image/jpeg", "application/zip", "x", "", "text/html; charset=utf-7")
_SECONDS = (
    "[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "_rels/.rels", "xl/sharedStrings.xml",
    "xl/styles.xml", "xl/_rels/workbook.xml.rels",
)  # fmt: skip
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]><a>&c;&d;</a>'
)


@cache
def good() -> Mapping[str, bytes]:
    """Good files of every kind that the house takes in, by what they are."""
    found = {path.name: path.read_bytes() for path in sorted(SAMPLES.iterdir()) if path.suffix != ".json"}
    found |= {"png": _picture("PNG"), "jpeg": _picture("JPEG"), "gif": _picture("GIF"), "tiff": _picture("TIFF")}
    found["pdf"] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    found["amr"] = b"#!AMR\n" + bytes(200)
    found["mp3"] = b"ID3\x03\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00" + bytes(400)
    found["wav"] = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00" + bytes(40)
    found["zip"] = _zip({"a.txt": b"a", "../b": b"b"})
    found["csv"] = "姓名,身份证号,银行卡号,金额\r\n阿西木牛,1,2,3\r\n".encode("gb18030")
    found["html"] = (
        "<table><tr><th>姓名</th><th>金额</th></tr><tr><td>阿西木牛</td><td>1e400</td></tr></table>".encode()
    )
    return found


def _picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(made, kind)
    return made.getvalue()


def _zip(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def odd() -> Mapping[str, bytes]:
    """Files that are bad as a whole."""
    bomb = zlib.compress(bytes(20_000_000), 9)
    wide = Workbook()
    wide.active["XFD1048576"] = "远"  # type: ignore[index]  # a new book has a sheet
    far = io.BytesIO()
    wide.save(far)
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    huge = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", bomb[:2000]), (b"IEND", b""))
    )
    return {
        "nothing": b"",
        "a blank": b" ",
        "one byte": b"\x00",
        "no text": bytes(range(256)) * 20,
        "a long line": b"x" * 300_000,
        "commas": b"," * 100_000,
        "quotes": b'"' * 9_999,
        "a mark alone": b"\xef\xbb\xbf",
        "utf-16 cut off": "姓名,金额\r\n".encode("utf-16")[:-1],
        "half a character": "姓名".encode()[:-1],
        "a bomb": _zip({"xl/worksheets/sheet1.xml": bytes(20_000_000), "[Content_Types].xml": b"<a/>"}),
        "a far cell": far.getvalue(),
        "a huge picture": huge,
        "a workbook of odd values": _odd_workbook(),
        "odd values": "\n".join(f"阿西木牛,{one},{one},{one}" for one in ODD_VALUES).encode(),
        "a roll of odd values": _odd_roll(),
    }


ODD_VALUES = (
    "1e400", "NaN", "-0", "9" * 400, "0000-00-00", "9999-12-31", "2019-02-29", "\x01", "\u202e", "=1+1", "%s", "{0}",
    "１２", "1,000", "-1", "0.001", "1" * 19, "513426200002300000", "x" * 40_000, "\U0010ffff", "²",
)  # fmt: skip


def _odd_workbook() -> bytes:
    made, book = io.BytesIO(), Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "花名册'<&>"
    sheet.append(["姓名", "身份证号", "银行卡号", "金额", "村", "日期"])
    for value in (float("inf"), 1e308, -1e-308, True, "=1/0", "#REF!", "2020-02-30", None, 10**15, 0.1 + 0.2):
        sheet.append(["阿西木牛", value, value, value, value, value])
    sheet.merge_cells("A2:F2")
    book.save(made)
    return made.getvalue()


def _odd_roll() -> bytes:
    heading = "序号,姓名,身份证号,社保卡号,金额,村,组,联系电话,备注"
    return "\r\n".join([heading, *(",".join([one] * 9) for one in ODD_VALUES)]).encode("gb18030", "replace")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file with some bytes turned over, cut off, or put twice; of a workbook, a part left out or replaced."""
    content = draw(st.sampled_from(list(good().values())))
    if content[:2] == b"PK" and draw(st.booleans()):
        parts = _members(content)
        name = draw(st.sampled_from([*parts, *_SECONDS]))
        how: Callable[[bytes], bytes] | None = draw(st.sampled_from(_WAYS))
        if how is None:
            parts.pop(name, None)
        else:
            parts[name] = how(parts.get(name, b""))
        return _zip(parts)
    for place in draw(st.lists(st.integers(0, 2**20), max_size=8)):
        at = place % max(len(content), 1)
        content = content[:at] + bytes([(content[at] if content else 0) ^ (1 + place % 255)]) + content[at + 1 :]
    if draw(st.booleans()):
        content = content[: draw(st.integers(0, len(content)))]
    return content + (content[-200:] if draw(st.integers(0, 9)) == 0 else b"")


_WAYS = (
    None,
    lambda _content: b"",
    lambda _content: _BOMB,
    lambda content: content[: len(content) // 2],
    lambda content: content.replace(b"<", b"<<", 3),
    lambda content: content.replace(b'r="A1"', b'r="XFD1048576"').replace(b'r="A2"', b'r="ZZZZ99999999999"'),
    lambda content: content.replace(b'" ', b'" a="1" a="2" ', 1),
    lambda content: content.replace(b"<v>", b"<v>1e999", 5),
    lambda content: content.replace(b"UTF-8", b"UTF-7", 1),
)
contents: st.SearchStrategy[bytes] = st.one_of(
    damaged(),
    damaged(),
    st.sampled_from(range(len(odd()))).map(lambda place: list(odd().values())[place]),
    st.sampled_from(range(len(good()))).map(lambda place: list(good().values())[place]),
)
"""What is in a file."""
