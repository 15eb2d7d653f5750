"""What kind of file some bytes are. The name of the file is never asked: extensions lie. Runs in the child process."""

import zipfile
import zlib
from typing import BinaryIO

from core.tables.refusals import TableError

WORKBOOKS = ("xlsx", "xlsm", "xlsb", "xls", "ods")

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"RIFF", "other_kind"),
    (b"8BPS", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"{\\rtf", "document"),
    (b"\x7fELF", "other_kind"),
    (b"MZ", "other_kind"),
    (b"SQLite format 3", "other_kind"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")
_GLOBALS = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_FILEPASS = b"\x2f\x00"
_MOST_ENTRIES = 10_000
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)


def kind_of(file: BinaryIO, most_unpacked: int) -> str:
    """One of WORKBOOKS, "html", "spreadsheetml" or "text". Raises TableError for every other kind of file.

    ``most_unpacked`` bytes is what an archive may claim to hold; what it really holds is the business of the
    memory and time limits.
    """
    head = file.read(8192)
    file.seek(0)
    if head.startswith(_ZIP):
        return _kind_of_zip(file, most_unpacked)
    if head.startswith(_OLE):
        return _kind_of_ole(file)
    if head.startswith(_OLD_BIFF):
        return "xls"
    for magic, code in _MAGIC:
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head):
            raise TableError(code)
    if head[4:8] == b"ftyp":
        raise TableError("other_kind")
    return _kind_of_text(head)


def _kind_of_zip(file: BinaryIO, most_unpacked: int) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > most_unpacked:
                raise TableError("too_complex")
            mimetype, types = _small(archive, "mimetype"), _small(archive, "[Content_Types].xml")
    except _BROKEN_ZIP as error:
        raise TableError("damaged") from error
    finally:
        file.seek(0)
    return _kind_of_package({entry.filename.lower() for entry in entries}, mimetype, types)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of an entry, however much a crafted one may unpack to; nothing where there is none."""
    if name not in archive.namelist():
        return b""
    with archive.open(name) as entry:
        return entry.read(100_000)


def _kind_of_package(names: set[str], mimetype: bytes, types: bytes) -> str:
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("word/") for name in names) or b"opendocument.text" in mimetype:
        raise TableError("document")
    if any(name.startswith("ppt/") for name in names) or b"opendocument.presentation" in mimetype:
        raise TableError("slides")
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    if any(name.startswith("xl/") for name in names):
        return "xlsm" if b"macroEnabled" in types else "xlsx"
    raise TableError("archive")


def _kind_of_ole(file: BinaryIO) -> str:
    content = file.read()
    file.seek(0)
    # Names of streams stand in the directory as UTF-16; a search spares a reader for the container.
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise TableError("encrypted")
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        if _has_password(content):
            raise TableError("encrypted")
        return "xls"
    if "WordDocument".encode("utf-16-le") in content:
        raise TableError("document")
    if "PowerPoint Document".encode("utf-16-le") in content:
        raise TableError("slides")
    raise TableError("other_kind" if _has_directory(content) else "damaged")


def _has_password(container: bytes) -> bool:
    """Whether an old workbook begins with a record FILEPASS; everything after it is encrypted."""
    at = max(container.find(_GLOBALS), 0)
    for _ in range(10):
        record, length = container[at : at + 2], int.from_bytes(container[at + 2 : at + 4], "little")
        if record == _FILEPASS:
            return True
        at += 4 + length
    return False


def _has_directory(container: bytes) -> bool:
    sector_size = 1 << min(int.from_bytes(container[30:32], "little"), 16)
    first_sector = int.from_bytes(container[48:52], "little")
    return (first_sector + 1) * sector_size < len(container)


def _kind_of_text(head: bytes) -> str:
    sample = head.replace(b"\x00", b"").lower().lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if sample.startswith(b"<"):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in sample:
            return "spreadsheetml"
        return "html"
    if sample.startswith(b"mime-version:"):
        raise TableError("web_archive")
    return "text"
