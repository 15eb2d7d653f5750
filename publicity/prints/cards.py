"""Cards with codes as PDF: several to a sheet, with lines to cut along."""

import io
from collections.abc import Sequence
from datetime import datetime

from publicity.prints.contents import Card
from publicity.prints.paper import GREY, HEIGHT, TEAL, WIDTH, Paper

COLUMNS, ROWS = 2, 4
ON_A_SHEET = COLUMNS * ROWS
# Printers leave a few millimetres white at the edge of the sheet.
EDGE = 8.0
CARD_WIDTH = (WIDTH - 2 * EDGE) / COLUMNS
CARD_HEIGHT = (HEIGHT - 2 * EDGE) / ROWS
CODE_SIDE = 52.0


def draw(cards: Sequence[Card], title: str, *, at: datetime) -> io.BytesIO:
    """One document of all these cards. Raises UserError where the system has no font for Chinese."""
    paper = Paper(title, at=at)
    for number, card in enumerate(cards):
        place = number % ON_A_SHEET
        if place == 0:
            paper.sheet()
            _cuts(paper)
        row, column = divmod(place, COLUMNS)
        _draw(paper, card, EDGE + column * CARD_WIDTH, EDGE + row * CARD_HEIGHT)
    return paper.finished()


def _cuts(paper: Paper) -> None:
    for column in range(COLUMNS + 1):
        x = EDGE + column * CARD_WIDTH
        paper.cut(x, EDGE, x, HEIGHT - EDGE)
    for row in range(ROWS + 1):
        y = EDGE + row * CARD_HEIGHT
        paper.cut(EDGE, y, WIDTH - EDGE, y)


def _draw(paper: Paper, card: Card, left: float, top: float) -> None:
    middle, full = left + CARD_WIDTH / 2, CARD_WIDTH - 8
    size = paper.fit(card.place, full, 17, 9)
    y = paper.paragraph(left + 4, top + 1, full, card.place, size, ink=TEAL, bold=True, align="middle")
    paper.code(left + 1, y - 1, CODE_SIDE, card.code.address)
    x, width = left + CODE_SIDE, CARD_WIDTH - CODE_SIDE - 3
    y = paper.paragraph(x, y + 5, width, card.headline, 13, bold=True)
    y = paper.paragraph(x, y + 1, width, card.contact, 11)
    y = paper.paragraph(x, y, width, card.number, 9.5, ink=GREY)
    paper.paragraph(x, y + 1, width, card.type_in, 9.5)
    # In one line, because it is compared letter by letter.
    size = paper.fit(card.address, full, 13, 6)
    paper.write(middle, top + CARD_HEIGHT - 4, card.address, size, bold=True, align="middle")
