"""Posters 查询路径 as PDF, one to a sheet."""

import io
from collections.abc import Iterable
from datetime import datetime

from publicity.prints.contents import Poster
from publicity.prints.paper import GREY, LEFT, ORANGE, RIGHT, TEAL, WIDTH, Paper

MIDDLE = WIDTH / 2
FULL = RIGHT - LEFT
CODE_SIDE = 84.0


def draw(posters: Iterable[Poster], title: str, *, at: datetime) -> io.BytesIO:
    """One document of all these posters. Raises UserError where the system has no font for Chinese."""
    paper = Paper(title, at=at)
    for poster in posters:
        paper.sheet()
        _draw(paper, poster)
    return paper.finished()


def _draw(paper: Paper, poster: Poster) -> None:
    y = _head(paper, poster)
    y = _code(paper, poster, y)
    y = _steps(paper, poster, y)
    y = paper.paragraph(LEFT, y + 3, FULL, poster.no_card, 12.5)
    y = paper.paragraph(LEFT, y + 3, FULL, poster.also, 18, ink=TEAL, bold=True)
    paper.paragraph(LEFT, y, FULL, poster.also_text, 12.5)
    _foot(paper, poster)


def _head(paper: Paper, poster: Poster) -> float:
    y = paper.paragraph(LEFT, 8, FULL, poster.sender, 17, ink=TEAL, bold=True, align="middle")
    for line in poster.headline:
        y = paper.paragraph(LEFT, y - 2, FULL, line, 38, bold=True, align="middle")
    size = paper.fit(poster.place, FULL, 22, 10)
    y = paper.paragraph(LEFT, y - 1, FULL, poster.place, size, bold=True, align="middle") + 2
    paper.line(LEFT, y, RIGHT, y, ink=TEAL, thick=0.9)
    return y


def _code(paper: Paper, poster: Poster, top: float) -> float:
    paper.code(LEFT - 6, top + 1, CODE_SIDE, poster.code.address)
    x, width = LEFT + CODE_SIDE - 4, FULL - CODE_SIDE + 4
    y = paper.paragraph(x, top + 10, width, poster.scan, 17, bold=True)
    y = paper.paragraph(x, y + 2, width, poster.type_in, 15) + 1
    # A long address shrinks before it breaks: it is compared letter by letter.
    size = paper.fit(poster.address, width - 6, 17, 9)
    height = len(paper.lines(poster.address, width - 6, size)) * size * 0.53 + 5
    paper.box(x, y, width, height)
    paper.paragraph(x + 3, y + 2, width - 6, poster.address, size, bold=True)
    paper.paragraph(x, y + height + 3, width, poster.genuine, 12)
    return top + CODE_SIDE + 1


def _steps(paper: Paper, poster: Poster, top: float) -> float:
    y = paper.paragraph(LEFT, top, FULL, poster.how, 18, ink=TEAL, bold=True) + 1
    gap = 4.0
    width = (FULL - gap * (len(poster.steps) - 1)) / len(poster.steps)
    height = 34.0
    for number, (title, text) in enumerate(poster.steps):
        x = LEFT + number * (width + gap)
        paper.box(x, y, width, height)
        end = paper.write(x + 3, y + 8, f"{number + 1}. ", 15, ink=ORANGE, bold=True)
        paper.write(end, y + 8, title, paper.fit(title, x + width - 2 - end, 15, 10), bold=True)
        paper.paragraph(x + 3, y + 9.5, width - 6, text, 12.5)
    return y + height


def _foot(paper: Paper, poster: Poster) -> None:
    y = 249.0
    paper.line(LEFT, y, RIGHT, y, ink=TEAL, thick=0.9)
    paper.size(15)
    label = f"{poster.contact}　"
    wide = paper.width(label)
    paper.size(28)
    begin = MIDDLE - (wide + paper.width(poster.hotline)) / 2
    end = paper.write(begin, y + 13, label, 15)
    paper.write(end, y + 13, poster.hotline, 28, bold=True)
    paper.write(MIDDLE, y + 22, poster.promise, 14, align="middle")
    paper.write(MIDDLE, y + 30, poster.imprint, 10, ink=GREY, align="middle")
