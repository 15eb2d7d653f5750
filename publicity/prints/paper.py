"""Sheets of A4 for PDF, in the Chinese font of the system. Measures are in millimetres, sizes of type in points."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from core import qr_images
from core.errors import UserError
from publicity.prints import fonts
from publicity.prints.layout import wrapped

if TYPE_CHECKING:
    from fpdf.fonts import TTFFont
    from PIL.Image import Image

WIDTH, HEIGHT = 210.0, 297.0
MARGIN = 14.0
LEFT, RIGHT = MARGIN, WIDTH - MARGIN
POINT = 25.4 / 72
LEADING = 1.5
BLACK, GREY, TEAL, ORANGE, PALE = (17, 17, 17), (70, 70, 70), (11, 74, 92), (180, 69, 26), (238, 243, 243)
MISSING = "〓"
"""What stands for a character that the font lacks: a printer's mark, so that nobody takes it for a name."""

Ink = tuple[int, int, int]


class Paper:
    """A document of A4 sheets. Raises UserError where the system has no font for Chinese.

    ``lacked`` says whether some character was not in the font and MISSING stands in its place.
    """

    def __init__(self, title: str, *, at: datetime) -> None:
        path = fonts.find()
        if path is None:
            raise UserError(
                "服务器上没有中文字库，不能生成 PDF。请改用浏览器打印，或者请系统管理员安装 %(package)s。",
                package=fonts.PACKAGE,
            )
        # Half a second and many megabytes that only a process which prints has to bear.
        from fpdf import FPDF

        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_title(title)
        self.pdf.set_lang("zh-CN")
        self.pdf.set_creation_date(at)
        self.pdf.set_fill_color(*BLACK)
        self.pdf.set_text_color(*BLACK)
        # Only the characters that are used are embedded.
        self.pdf.add_font("print", fname=path)
        self._known = frozenset(map(chr, self._font().cmap))
        self._wide: dict[str, float] = {}
        self._points = 0.0
        self._pictures: dict[str, Image] = {}
        self.lacked = False

    def _font(self) -> "TTFFont":
        # One that was added from a file is a TTFFont; the table holds the built-in kind, too.
        font: TTFFont = self.pdf.fonts["print"]  # type: ignore[assignment]
        return font

    def sheet(self) -> None:
        """Begin a new sheet."""
        self.pdf.add_page()

    def size(self, points: float) -> None:
        """Set the size of the type for ``put`` and ``width``. Each sheet begins without one."""
        self.pdf.set_font("print", size=points)
        self._points = points

    def printable(self, words: str) -> str:
        """Words as the font can set them, in one line."""
        if self._known.issuperset(words):
            return words
        words = " ".join(words.split())
        if self._known.issuperset(words):
            return words
        self.lacked = True
        return "".join(character if character in self._known else MISSING for character in words)

    def width(self, words: str) -> float:
        """How wide words are at the present size."""
        # Character by character, each measured once: the library takes ten times as long for every amount anew.
        return self._points * sum(map(self._width_of_one, self.printable(words)))

    def _width_of_one(self, character: str) -> float:
        """The width of a character at a size of one point."""
        if character not in self._wide:
            self._wide[character] = self.pdf.get_string_width(character) / self._points
        return self._wide[character]

    def put(self, x: float, y: float, words: str) -> None:
        """Words at the present size, from ``x`` on, on the base line ``y``."""
        self.pdf.text(x, y, self.printable(words))

    def write(
        self,
        x: float,
        y: float,
        words: str,
        points: float,
        *,
        ink: Ink = BLACK,
        bold: bool = False,
        align: str = "left",
    ) -> float:
        """One line at this size and colour; ``x`` is its left end, its middle or its right end, as ``align`` says.
        Returns where it ends."""
        from fpdf.enums import TextMode

        self.size(points)
        wide = self.width(words)
        begin = x - {"left": 0.0, "middle": wide / 2, "right": wide}[align]
        self.pdf.set_text_color(*ink)
        self.pdf.set_draw_color(*ink)
        # The font has one weight: bold is an outline of the same ink.
        mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        with self.pdf.local_context(text_mode=mode, line_width=points * POINT / 32):
            self.put(begin, y, words)
        self.pdf.set_text_color(*BLACK)
        return begin + wide

    def lines(self, words: str, width: float, points: float) -> list[str]:
        """The lines that words need at this size in a column of this width."""
        self.size(points)
        return wrapped(self.printable(words), width, self.width)

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        words: str,
        points: float,
        *,
        ink: Ink = BLACK,
        bold: bool = False,
        align: str = "left",
    ) -> float:
        """Words broken into lines in a column whose upper edge is ``y``; returns its lower edge."""
        anchor = x + {"left": 0.0, "middle": width / 2, "right": width}[align]
        for line in self.lines(words, width, points):
            y += points * POINT * LEADING
            self.write(anchor, y - points * POINT * (LEADING - 1) * 0.75, line, points, ink=ink, bold=bold, align=align)
        return y

    def fit(self, words: str, width: float, points: float, least: float) -> float:
        """The size, from ``points`` down to ``least``, at which words stand in one line of this width."""
        self.size(points)
        return max(least, min(points, points * width / max(self.width(words), 0.1)))

    def line(self, x1: float, y1: float, x2: float, y2: float, *, ink: Ink = BLACK, thick: float = 0.2) -> None:
        """A line."""
        self.pdf.set_draw_color(*ink)
        self.pdf.set_line_width(thick)
        self.pdf.line(x1, y1, x2, y2)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        ink: Ink | None = TEAL,
        fill: Ink | None = None,
        thick: float = 0.5,
    ) -> None:
        """A rectangle with a border, or filled, or both."""
        if fill:
            self.pdf.set_fill_color(*fill)
        if ink:
            self.pdf.set_draw_color(*ink)
            self.pdf.set_line_width(thick)
        self.pdf.rect(x, y, width, height, style=("D" if ink else "") + ("F" if fill else ""))
        self.pdf.set_fill_color(*BLACK)

    def cut(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A dashed line to cut along."""
        self.pdf.set_dash_pattern(dash=1.5, gap=1.5)
        self.line(x1, y1, x2, y2, ink=GREY, thick=0.15)
        self.pdf.set_dash_pattern()

    def code(self, x: float, y: float, side: float, address: str) -> None:
        """The picture of a code in a square; its quiet zone lies inside."""
        if address not in self._pictures:
            self._pictures[address] = qr_images.picture(address)
        self.pdf.image(self._pictures[address], x, y, side, side, alt_text=address)

    def table(self, top: float, edges: Sequence[float], bottoms: Sequence[float]) -> None:
        """The grid of a table: columns between ``edges``, rows from ``top`` down to each of ``bottoms``."""
        for y in (top, *bottoms):
            self.line(edges[0], y, edges[-1], y)
        for x in edges:
            self.line(x, top, x, bottoms[-1])

    def finished(self) -> io.BytesIO:
        """The document."""
        return io.BytesIO(self.pdf.output())
