"""Pictures that people bring: decoded, set upright, and written anew, so that nothing but the picture is kept."""

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import filetype
from PIL import Image, ImageOps

from core.errors import UserError

MOST_PIXELS = 60_000_000
"""More than a phone's camera saves; a picture of this size still decodes in a few hundred megabytes."""
LONGEST_SIDE = 4096
"""Pixels. Print on a photographed paper stays readable."""
MOST_PHOTO_MEGABYTES = 15
"""More than a phone's camera saves."""
FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
}
"""Pillow's formats by media type: no other decoder is tried."""
_WITH_TRANSPARENCY = frozenset({"RGBA", "LA", "PA"})


PATIENCE = 20.0
"""Seconds that a picture waits for its turn."""
# One after the other: a picture of the largest size takes a second of a core and a few hundred megabytes, and whoever
# sends many at once must not have more than that of the house.
_turn = threading.Lock()


class PictureTooLarge(Exception):
    """It has more than MOST_PIXELS."""


class PictureDamaged(Exception):
    """It cannot be decoded."""


@dataclass(frozen=True)
class CleanPicture:
    """A picture as it is kept."""

    media_type: str
    extension: str
    content: bytes


def media_type_of(content: bytes) -> str:
    """What a file is by its content; "" for what nobody knows."""
    kind = filetype.guess(content)
    return kind.mime if kind else ""


def pixels_of(content: bytes, image_format: str) -> int:
    """How many pixels the picture says that it has; nothing is decoded. ``image_format`` is one of FORMATS. Raises
    PictureTooLarge or PictureDamaged."""
    with _opened(content, image_format) as image:
        return image.width * image.height


def clean_picture(content: bytes, image_format: str) -> CleanPicture:
    """The picture alone, upright: no place, device, time, thumbnail, comment, nor anything hidden behind it.
    ``image_format`` is one of FORMATS. Raises PictureTooLarge or PictureDamaged, UserError where too many wait."""
    if not _turn.acquire(timeout=PATIENCE):
        raise UserError("现在传照片的人太多，没有收下。请过一会儿再交。")
    try:
        with _opened(content, image_format) as image:
            # A JPEG can be decoded at a half or a quarter of its size, for that much less memory.
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encoded(upright)
    finally:
        _turn.release()


@contextmanager
def _opened(content: bytes, image_format: str) -> Iterator[Image.Image]:
    """The picture before it is decoded; whatever goes wrong with it becomes PictureTooLarge or PictureDamaged."""
    try:
        with Image.open(io.BytesIO(content), formats=[image_format]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PictureTooLarge
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error) as error:
        # What Pillow raises for a damaged or forged picture differs from format to format.
        raise PictureDamaged from error


def _encoded(image: Image.Image) -> CleanPicture:
    transparent = image.mode in _WITH_TRANSPARENCY or "transparency" in image.info
    pixels = image.convert("RGBA" if transparent else "RGB")
    # A new image takes over no metadata: Pillow would write comments and profiles of the old one into the file.
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    target = io.BytesIO()
    if transparent:
        clean.save(target, "PNG")
        return CleanPicture("image/png", "png", target.getvalue())
    clean.save(target, "JPEG", quality=88)
    return CleanPicture("image/jpeg", "jpg", target.getvalue())


def read_photo(content: bytes) -> CleanPicture:
    """A photo that an official brings as proof. Raises UserError for one that is empty, too large, no picture, or
    damaged."""
    if not content:
        raise UserError("照片是空的。请重新选择文件。")
    if len(content) > MOST_PHOTO_MEGABYTES << 20:
        raise UserError("照片太大：最多 %(most)s MB。请压缩或重新拍照后再传。", most=MOST_PHOTO_MEGABYTES)
    image_format = FORMATS.get(media_type_of(content))
    if image_format is None:
        raise UserError("只收照片（JPG、PNG、WebP）。请拍照后再传。")
    try:
        return clean_picture(content, image_format)
    except PictureTooLarge as error:
        raise UserError("照片的尺寸太大，没有收下。请缩小后再传。") from error
    except PictureDamaged as error:
        raise UserError("照片打不开，可能已损坏。请重新拍照或另存后再传。") from error
