"""In which encoding a text file was written. Runs in the child process."""

import codecs
from typing import NamedTuple

from core.tables.refusals import TableError

LOST = "\ufffd"
_DAMAGE = 0.01
"""Share of characters that may be unreadable before the encoding is taken to be another one."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Decoded(NamedTuple):
    """A text without its byte order mark, the codec that reads it, and the mark that stood before it."""

    text: str
    encoding: str
    bom: bytes


def decoded(content: bytes) -> Decoded:
    """The text of a file in UTF-8, GB 18030 (with it GBK and GB 2312) or UTF-16, with or without a byte order mark.

    A few bytes that belong to no character become U+FFFD, so that one damaged line does not cost the others.
    Raises TableError where the bytes are no text in any of these.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            codec = "utf-8" if encoding == "utf-8-sig" else encoding
            return Decoded(content[len(bom) :].decode(codec, "replace"), codec, bom)
    if content[:4096].count(0) > 0.05 * len(content[:4096]):
        return _utf_16_without_mark(content)
    if _looks_binary(content[:65536]):
        raise TableError("other_kind")
    for encoding in ("utf-8", "gb18030"):
        text = content.decode(encoding, "replace")
        # GB 18030 read as UTF-8 loses nearly every Chinese character, UTF-8 with a broken one only that.
        if text.count(LOST) <= _DAMAGE * sum(1 for char in text if char > "\x7f"):
            return Decoded(text, encoding, b"")
    raise TableError("encoding")


def _utf_16_without_mark(content: bytes) -> Decoded:
    sample = content[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = content.decode(encoding, "replace")
    if _looks_binary(text[:4096].encode("utf-8", "replace")) or LOST in text[:2000] or not _is_readable(text[:2000]):
        raise TableError("other_kind")
    return Decoded(text, encoding, b"")


def _is_readable(text: str) -> bool:
    usual = sum(1 for char in text if char < "\u0250" or "\u2000" <= char <= "\u9fff" or char >= "\uff00")
    return usual >= 0.95 * len(text)


def _looks_binary(sample: bytes) -> bool:
    controls = sum(sample.count(code) for code in range(32) if code not in (9, 10, 12, 13, 26, 28, 29, 30, 31))
    return controls > 0.005 * len(sample) + 1
