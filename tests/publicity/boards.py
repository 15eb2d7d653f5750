"""What tests of postings need: a photo, and who confirms what."""

import io

from PIL import Image

from core.pictures import CleanPicture, read_photo


def photo_bytes(colour: str = "brown") -> bytes:
    """A photo as a telephone takes it, with its maker in it."""
    exif = Image.Exif()
    exif[0x010F] = "SECRETPHONE"
    target = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(target, "JPEG", exif=exif)
    return target.getvalue()


def photo(colour: str = "brown") -> CleanPicture:
    """The same as it is kept."""
    return read_photo(photo_bytes(colour))
