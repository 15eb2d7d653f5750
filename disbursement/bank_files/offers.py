"""Writing the file by which a bank pays: one line an attempt, and a trailer with the control totals."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from disbursement.bank_files.profiles import Profile

_BREAKS = re.compile(r"[\r\n\t\x00]+")


class OfferLine(NamedTuple):
    """One attempt as the bank sees it."""

    reference: str
    name: str
    card: str
    fen: int
    purpose: str


class WrittenOffer(NamedTuple):
    """The bytes of the file, its control totals, and how many characters the bank's character set lacks (each
    became a question mark)."""

    content: bytes
    line_count: int
    total_fen: int
    lost_characters: int


def write_offer(profile: Profile, lines: Iterable[OfferLine]) -> WrittenOffer:
    """The offer file in the profile's layout: ``reference|name|card|fen|purpose`` and ``TOTAL|count|fen``."""
    written, total = [], 0
    for line in lines:
        total += line.fen
        fields = (line.reference, _field(profile, line.name), line.card, str(line.fen), _field(profile, line.purpose))
        written.append(profile.delimiter.join(fields))
    count = len(written)
    written.append(profile.delimiter.join((profile.total_mark, str(count), str(total))))
    text = profile.newline.join((*written, ""))
    content = text.encode(profile.offer_encoding, "replace")
    return WrittenOffer(content, count, total, content.count(b"?") - text.count("?"))


def _field(profile: Profile, text: str) -> str:
    """The text without what would make two fields or two lines of it."""
    return _BREAKS.sub(" ", text).replace(profile.delimiter, " ")
