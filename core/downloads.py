"""Files as answers, to be saved and never shown."""

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, request

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "csv": "text/csv",
    "txt": "text/plain",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
}


def as_download(file: BinaryIO, name: str) -> Response:
    """An open file as an answer to be saved under that name; it is closed when the answer is out."""
    size = file.seek(0, 2)
    file.seek(0)
    response = Response(_chunks(file), mimetype=TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream"))
    response.content_length = size
    # RFC 6266: a header has no room for Chinese; browsers take the encoded form where there is one.
    names = {"filename": plain_name(name, request.blueprint or "file"), "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    return response


def plain_name(name: str, what: str) -> str:
    """The same name for software that knows ASCII only. Where that leaves no word of it (a date, or nothing), ``what``
    says what it is."""
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    left = stem.encode("ascii", "ignore").decode().strip(" -_.()")
    if not any(character.isalpha() for character in left):
        left = f"{what}-{left}".strip("-")
    return f"{left}{dot}{extension}" if extension.isascii() else left


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(65_536):
            yield chunk
