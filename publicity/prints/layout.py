"""How words break into lines, and lines into pages. Pure: whoever knows the font gives the widths."""

import re
from collections.abc import Callable, Iterator, Sequence

_CLOSING = "，。、；：？！）〕》】”’…%％"
_OPENING = "（〔《【“‘"
# A piece stays together: a run of Latin letters and digits, or one character; with the marks that may not begin a line
# behind it and those that may not end one before it.
_PIECES = re.compile(rf"[{_OPENING}]*(?:[!-~]+|[^{_OPENING}])[{_CLOSING}]*|[{_OPENING}]+")


def wrapped(words: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The lines that words need in a column of this width; at least one. ``measure`` gives a text's width in the same
    unit. A piece wider than the column (a long web address) is broken where it must be."""
    lines, line = [], ""
    for piece in _fitting(words.strip(), width, measure):
        if line and measure(line + piece) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line]


def _fitting(words: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    for piece in _PIECES.findall(words):
        if measure(piece) <= width:
            yield piece
        else:
            yield from piece


def rows_on_pages(heights: Sequence[float], first: float, others: float) -> list[int]:
    """How many rows stand on each page, in order. ``first`` and ``others`` are the heights that the first page and
    the others have room for; a row that is higher than a page has one for itself."""
    counts, left = [0], first
    for height in heights:
        is_fresh = not counts[-1] and (len(counts) > 1 or first >= others)
        if height > left and not is_fresh:
            counts.append(0)
            left = others
        counts[-1] += 1
        left -= height
    return counts
