"""What people and spreadsheets put around a value without meaning it: blanks, guards, full-width forms."""

import re
import unicodedata

_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that are no white space
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # width, direction
    "\ufe00-\ufe0f\U000e0000-\U000e01ef"  # variation selectors and tags
    "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters that are drawn as nothing
)
_INVISIBLES = re.compile(f"[{_INVISIBLE}]+")
_BLANKS = re.compile(rf"[\s{_INVISIBLE}]+")
_TURNING = re.compile("[\x00\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORMULA_GUARD = re.compile(r'=?\s*["“”](.*)["“”]', re.DOTALL)
_APOSTROPHES = "'‘’`"


def plain(text: str) -> str:
    """The value that was meant by a cell: NFKC (full-width forms become half-width), no invisible characters,
    no outer white space, and without the guards by which people keep Excel from reading a number
    (`="…"`, quotation marks around it, a leading apostrophe or tab). Inner white space stays."""
    value = _INVISIBLES.sub("", unicodedata.normalize("NFKC", text)).strip()
    guarded = _FORMULA_GUARD.fullmatch(value)
    if guarded:
        value = guarded[1].strip()
    return value.lstrip(_APOSTROPHES).strip()


def readable(text: str) -> str:
    """A text that somebody wrote, as it is kept: as he wrote it, but without what turns the direction of what stands
    beside it (U+202E …), with plain line breaks and no outer white space; "" where nothing of it can be seen."""
    kept = _TURNING.sub("", text).replace("\r\n", "\n").strip()
    return kept if plain_without_spaces(kept) else ""


def plain_without_spaces(text: str) -> str:
    """`plain(text)` with inner white space and line breaks removed too: for values that never have any."""
    return _BLANKS.sub("", plain(text))
