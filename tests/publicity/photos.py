"""Prints as a phone sees them: from afar, out of focus, at an angle, in bad light."""

import io
from collections.abc import Iterator
from contextlib import closing

import numpy
import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter

Quad = tuple[tuple[float, float], ...]


def pages_of(document: bytes, *, dots_per_inch: int = 150) -> list[Image.Image]:
    """The pages of a PDF as a printer puts them on paper."""
    with closing(pypdfium2.PdfDocument(document)) as pdf:
        return [page.render(scale=dots_per_inch / 72, grayscale=True).to_pil().convert("L") for page in pdf]


def texts_of(document: bytes) -> list[str]:
    """What stands on each page of a PDF, as one finds it by searching."""
    with closing(pypdfium2.PdfDocument(document)) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


def opened(picture: bytes) -> Image.Image:
    """A screenshot."""
    return Image.open(io.BytesIO(picture)).convert("L")


def codes_in(photo: Image.Image) -> list[str]:
    """What a scanner reads."""
    return sorted(str(found.text) for found in zxingcpp.read_barcodes(photo))


def photos(page: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """A page as it is, and photographed badly in one way after the other."""
    yield "straight", page
    yield "from afar", page.resize((page.width // 2, page.height // 2), Image.Resampling.BILINEAR)
    yield "out of focus", page.filter(ImageFilter.GaussianBlur(2))
    yield "turned", page.rotate(23, expand=True, fillcolor=128)
    yield "upside down", page.rotate(180)
    yield "from the side", in_perspective(page)
    yield "in bad light", in_bad_light(page)
    yield (
        "all at once",
        in_bad_light(in_perspective(page).rotate(-9, expand=True, fillcolor=128)).filter(ImageFilter.GaussianBlur(1)),
    )


def in_perspective(page: Image.Image) -> Image.Image:
    """A board seen from its left, its right edge farther away."""
    wide, high = page.size
    seen: Quad = ((0, 0), (wide * 0.82, high * 0.1), (wide * 0.8, high * 0.9), (0, high))
    whole: Quad = ((0, 0), (wide, 0), (wide, high), (0, high))
    return page.transform(
        page.size, Image.Transform.PERSPECTIVE, _coefficients(seen, whole), Image.Resampling.BILINEAR, fillcolor=128
    )


def _coefficients(seen: Quad, whole: Quad) -> list[float]:
    """The eight numbers by which Pillow finds for each place of the photo the place on the paper."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, whole, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in numpy.linalg.solve(numpy.array(rows), numpy.array(values))]


def in_bad_light(page: Image.Image) -> Image.Image:
    """Dim, the more so towards one corner, and grainy; always the same grain."""
    pixels = numpy.asarray(page, dtype=float)
    high, wide = pixels.shape
    shade = numpy.linspace(0.75, 0.4, wide)[None, :] * numpy.linspace(1, 0.8, high)[:, None]
    grain = numpy.random.default_rng(17).normal(0, 6, pixels.shape)
    return Image.fromarray((pixels * shade + 30 + grain).clip(0, 255).astype("uint8"))
