"""Documents that officials bring beside what they enter: known by their content, never shown, only handed out as
downloads."""

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype

from core.errors import UserError

MOST_MEGABYTES = 10
TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class BroughtEvidence:
    """A document as it will be kept, under a name that ends as its content asks for."""

    filename: str
    content: bytes


def read_evidence(filename: str, content: bytes, *, most_megabytes: int = MOST_MEGABYTES) -> BroughtEvidence:
    """Check a document. Raises UserError for one that is empty, too large, or neither a PDF nor a photo."""
    if not content:
        raise UserError("依据材料是空的。请重新选择文件。")
    if len(content) > most_megabytes << 20:
        raise UserError("依据材料太大：最多 %(most)s MB。请压缩或重新拍照后再传。", most=most_megabytes)
    extension = extension_of(content)
    if not extension:
        raise UserError("依据材料只收 PDF 文件和照片（JPG、PNG）。请拍照或扫描后再传。")
    shown = "".join(char for char in filename if unicodedata.category(char)[0] != "C")
    stem = PurePosixPath(shown.replace("\\", "/")).stem.strip(". ")[:80]
    return BroughtEvidence(f"{stem or '依据'}.{extension}", content)


def extension_of(content: bytes) -> str:
    """How the name of a document ends, by what it is: pdf, jpg or png; "" for anything else."""
    kind = filetype.guess(content)
    return TYPES.get(kind.mime if kind else "", "")
