"""QR codes as pictures for prints and pages, and as characters for a terminal."""

import io

import qrcode
from PIL.Image import Image
from qrcode.constants import ERROR_CORRECT_M

# A print hangs outdoors: a quarter of a millimetre of dirt must not matter, so few large squares count for more than
# a higher level of correction with many small ones.
PIXELS_PER_SQUARE = 12
QUIET_ZONE = 4


def _code(address: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=PIXELS_PER_SQUARE, border=QUIET_ZONE)
    code.add_data(address)
    code.make(fit=True)
    return code


def picture(address: str) -> Image:
    """The code in black and white, with the quiet zone that scanners need."""
    made: Image = _code(address).make_image().get_image()
    return made


def png(address: str) -> bytes:
    """The same as a PNG."""
    buffer = io.BytesIO()
    picture(address).save(buffer, "PNG")
    return buffer.getvalue()


def for_terminal(address: str) -> str:
    """The code in block characters, two rows of squares to a line."""
    buffer = io.StringIO()
    _code(address).print_ascii(out=buffer, invert=True)
    return buffer.getvalue()
