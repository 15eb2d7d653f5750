"""Files that reporters bring: known by their content, images stripped of everything but the picture. No database."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from core.errors import UserError
from core.pictures import FORMATS, PictureDamaged, PictureTooLarge, clean_picture, media_type_of, pixels_of

MOST_FILES = 10
MOST_BYTES = 30 * 1024 * 1024
MOST_PIXELS_TOGETHER = 200_000_000
"""Of what comes at once: ten photos of a good phone, or three of the largest."""

# Type by content → (media type, extension). Images are stored as one of the last two.
_KEPT = {
    "application/pdf": ("application/pdf", "pdf"),
    "audio/mpeg": ("audio/mpeg", "mp3"),
    "audio/mp4": ("audio/mp4", "m4a"),
    "audio/x-m4a": ("audio/mp4", "m4a"),
    "audio/m4a": ("audio/mp4", "m4a"),
    "audio/aac": ("audio/aac", "aac"),
    "audio/amr": ("audio/amr", "amr"),
    "audio/ogg": ("audio/ogg", "ogg"),
    "audio/wav": ("audio/wav", "wav"),
    "audio/x-wav": ("audio/wav", "wav"),
}
_UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|]')


@dataclass(frozen=True)
class IncomingFile:
    """A file as the browser sent it. ``filename`` is what the sender says, and not believed. ``scanned``: the virus
    scanner has found it clean."""

    filename: str
    content: bytes
    scanned: bool = False


@dataclass(frozen=True)
class PreparedFile:
    """A file as it is kept."""

    filename: str
    media_type: str
    content: bytes
    scanned: bool = False


class Uploaded(Protocol):
    """What werkzeug's FileStorage offers."""

    @property
    def filename(self) -> str | None:
        """The name that the browser gave."""

    def read(self, size: int = -1, /) -> bytes:
        """The bytes."""


def read_uploads(uploads: Iterable[Uploaded]) -> list[IncomingFile]:
    """The files of a multiple file field, without the empty one that a browser sends for no choice."""
    files = [IncomingFile(upload.filename or "", upload.read()) for upload in uploads]
    return [file for file in files if file.filename or file.content]


def prepare(files: Sequence[IncomingFile], *, kept_files: int = 0, kept_bytes: int = 0) -> list[PreparedFile]:
    """Check and clean what was handed in; ``kept_…`` is what the case holds already.

    Raises UserError with what is wrong and what to do: what ``check`` finds, or an image that cannot be decoded.
    """
    check(files, kept_files=kept_files, kept_bytes=kept_bytes)
    return [_prepare_one(file, place) for place, file in enumerate(files, start=kept_files + 1)]


def check(files: Sequence[IncomingFile], *, kept_files: int = 0, kept_bytes: int = 0) -> None:
    """Look at them without decoding anything. Raises UserError: too many, too big, empty, of a kind not taken."""
    if kept_files + len(files) > MOST_FILES:
        raise UserError("附件太多：一件投诉最多 %(most)d 个。请只留下最要紧的。", most=MOST_FILES)
    if kept_bytes + sum(len(file.content) for file in files) > MOST_BYTES:
        raise UserError("附件太大：一件投诉合计不能超过 %(most)d MB。请少选几个，或压缩后再传。", most=MOST_BYTES >> 20)
    placed = list(enumerate(files, start=kept_files + 1))
    # All are looked at before the first one is decoded: whoever puts one bad file at the end has nothing done for it.
    if sum(_pixels(file, place) for place, file in placed) > MOST_PIXELS_TOGETHER:
        raise UserError("照片的尺寸合起来太大，没有收下。请少选几张，或缩小后再传。")


def _pixels(file: IncomingFile, place: int) -> int:
    """How many pixels there are to decode. Raises UserError for a file that is not taken."""
    if not file.content:
        raise UserError("第 %(place)d 个附件是空的。请重新选择。", place=place)
    mime = media_type_of(file.content)
    if mime in FORMATS:
        with _told(place):
            return pixels_of(file.content, FORMATS[mime])
    if mime not in _KEPT:
        raise UserError(
            "第 %(place)d 个附件的类型不能收。可以传照片（JPG、PNG、WebP）、PDF，或录音（MP3、M4A、AMR、WAV、OGG）。",
            place=place,
        )
    return 0


def _prepare_one(file: IncomingFile, place: int) -> PreparedFile:
    mime = media_type_of(file.content)
    if mime in FORMATS:
        with _told(place):
            picture = clean_picture(file.content, FORMATS[mime])
        name = _safe_name(file.filename, place, picture.extension)
        return PreparedFile(name, picture.media_type, picture.content, file.scanned)
    media_type, extension = _KEPT[mime]
    return PreparedFile(_safe_name(file.filename, place, extension), media_type, file.content, file.scanned)


@contextmanager
def _told(place: int) -> Iterator[None]:
    """Say what is wrong with a picture."""
    try:
        yield
    except PictureTooLarge as error:
        raise UserError("第 %(place)d 张图片的尺寸太大，没有收下。请缩小后再传。", place=place) from error
    except PictureDamaged as error:
        raise UserError("第 %(place)d 张图片打不开，可能已损坏。请重新拍照或另存后再传。", place=place) from error


def _safe_name(name: str, place: int, extension: str) -> str:
    """A file name for the download: the sender's words, with the extension of what the content really is."""
    shown = "".join(char for char in unicodedata.normalize("NFC", name) if unicodedata.category(char)[0] != "C")
    stem = PurePosixPath(shown.replace("\\", "/")).stem if shown else ""
    stem = _UNSAFE_IN_NAMES.sub("", stem).strip(". ")[:80]
    return f"{stem or f'附件{place}'}.{extension}"
