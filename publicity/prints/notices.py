"""Publicity lists as PDF: each begins on a sheet of its own, with page x of y, and its table's head on every page."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate

from publicity.prints.contents import Line, Notice
from publicity.prints.layout import rows_on_pages
from publicity.prints.paper import GREY, HEIGHT, LEFT, MARGIN, MISSING, PALE, POINT, RIGHT, Paper

MIDDLE = (LEFT + RIGHT) / 2
CODE_SIDE = 36.0
TYPE = 11.0
"""Points: read standing in front of a notice board."""
LINE = TYPE * POINT * 1.25
PADDING = 1.2
SIDE_PADDING = 2.0
HEAD = LINE + 2 * PADDING
CONTINUED_TOP = MARGIN + 7
"""Where the table begins on further pages, below the title in small."""
BOTTOM = HEIGHT - MARGIN - 7
CLOSING = 30.0
"""Height of what stands below the last row: the total, what the asterisks mean, the place for the seal."""

Row = Sequence[Sequence[str]]
"""The lines of each cell."""


def draw(notices: Iterable[tuple[Notice, Sequence[Line]]], title: str, *, at: datetime) -> io.BytesIO:
    """One document of all these lists. They are taken one after the other, so that only one is in memory.
    Raises UserError where the system has no font for Chinese."""
    paper = Paper(title, at=at)
    for notice, lines in notices:
        _Drawing(paper, notice).draw(lines)
    return paper.finished()


class _Drawing:
    """One list on its sheets."""

    def __init__(self, paper: Paper, notice: Notice) -> None:
        self.paper, self.notice = paper, notice
        widths = (15, 37, 0, 36, 37) if notice.names_place else (15, 63, 0, 42)
        free = RIGHT - LEFT - sum(widths)
        self.edges = list(accumulate((width or free for width in widths), initial=LEFT))

    def draw(self, lines: Sequence[Line]) -> None:
        self.paper.lacked = False
        self.paper.sheet()
        top = self._heading()
        rows = [self._row(line) for line in lines]
        heights = [max(map(len, row)) * LINE + 2 * PADDING for row in rows]
        # The end of a list is not torn from its last line.
        room = [*heights[:-1], sum(heights[-1:]) + CLOSING]
        counts = rows_on_pages(room, BOTTOM - top - HEAD, BOTTOM - CONTINUED_TOP - HEAD)
        done = 0
        for page, count in enumerate(counts, start=1):
            if page > 1:
                self.paper.sheet()
                top = CONTINUED_TOP
                self._continued()
            part = slice(done, done + count)
            bottom = self._table(top, rows[part], heights[part])
            done += count
            self._foot(page, len(counts))
        self._closing(bottom)

    def _row(self, line: Line) -> Row:
        return [self._cell(number, words) for number, words in enumerate(self.notice.cells(line))]

    def _cell(self, number: int, words: str) -> Sequence[str]:
        room = self.edges[number + 1] - self.edges[number] - 2 * SIDE_PADDING
        # No character is wider than it is high: most cells need no measuring.
        return (words,) if len(words) * TYPE * POINT <= room else self.paper.lines(words, room, TYPE)

    def _heading(self) -> float:
        """The title, and the facts beside the code; returns where the table begins."""
        paper, notice = self.paper, self.notice
        size = paper.fit(notice.title, RIGHT - LEFT, 20, 15)
        y = paper.paragraph(LEFT, MARGIN - 2, RIGHT - LEFT, notice.title, size, bold=True, align="middle") + 2
        facts_right, code_bottom = RIGHT, y
        if notice.code:
            facts_right = RIGHT - CODE_SIDE - 4
            paper.code(RIGHT - CODE_SIDE, y - 2, CODE_SIDE, notice.code.address)
            code_bottom = y + CODE_SIDE
            paper.write(RIGHT - CODE_SIDE / 2, code_bottom, notice.scan, 10, align="middle")
        for term, text in notice.facts:
            end = paper.write(LEFT, y + 4.7, f"{term}：", 12, ink=GREY)
            y = paper.paragraph(end, y, facts_right - end, text, 12)
        return max(y, code_bottom) + 3

    def _continued(self) -> None:
        size = self.paper.fit(self.notice.title, RIGHT - LEFT, 11, 6)
        self.paper.write(MIDDLE, MARGIN + 3.5, self.notice.title, size, ink=GREY, align="middle")

    def _table(self, top: float, rows: Sequence[Row], heights: Sequence[float]) -> float:
        """The part of the table on one sheet, its head first; returns its lower edge."""
        paper = self.paper
        paper.box(LEFT, top, RIGHT - LEFT, HEAD, ink=None, fill=PALE)
        paper.size(TYPE)
        bottoms = list(accumulate(heights, initial=top + HEAD))
        self._put_row(top, [(words,) for words in self.notice.columns])
        for row, y in zip(rows, bottoms, strict=False):
            self._put_row(y, row)
        paper.table(top, self.edges, bottoms)
        return bottoms[-1]

    def _put_row(self, top: float, row: Row) -> None:
        paper = self.paper
        for number, cell in enumerate(row):
            base = top + PADDING + LINE * 0.8
            for words in cell:
                # Amounts end below one another.
                is_amount = number == len(row) - 1
                x = self.edges[number + 1] - SIDE_PADDING - paper.width(words) if is_amount else self.edges[number]
                paper.put(x if is_amount else x + SIDE_PADDING, base, words)
                base += LINE

    def _closing(self, y: float) -> None:
        paper, notice = self.paper, self.notice
        count, amount = notice.total
        paper.write(LEFT + SIDE_PADDING, y + 5.5, count, TYPE, bold=True)
        paper.write(RIGHT - SIDE_PADDING, y + 5.5, amount, TYPE, bold=True, align="right")
        rare = f"{MISSING} 处是打印字库没有的生僻字。" if paper.lacked else ""
        paper.write(LEFT, y + 13, notice.privacy + rare, 9.5, ink=GREY)
        paper.write(LEFT + 80, y + 24, notice.seal, 12)
        paper.write(RIGHT, y + 24, notice.sealed_on, 12, align="right")

    def _foot(self, page: int, pages: int) -> None:
        y = HEIGHT - MARGIN + 2
        self.paper.write(LEFT, y, self.notice.contact, 10, ink=GREY)
        self.paper.write(RIGHT, y, f"第 {page} 页，共 {pages} 页", 10, ink=GREY, align="right")
