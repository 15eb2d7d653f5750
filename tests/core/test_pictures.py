"""Photos that officials bring: known by their content, and kept without anything but the picture."""

import io

import pytest
from PIL import Image

from core import pictures
from core.errors import UserError
from core.pictures import MOST_PHOTO_MEGABYTES, read_photo


def photo(**more: object) -> bytes:
    """A picture as a phone takes it: with its place and its maker, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(0x8825)[2] = (26.0, 38.0, 12.0)
    target = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(target, "JPEG", exif=exif, comment=b"SECRETCOMMENT", **more)
    return target.getvalue()


def test_nothing_but_the_picture_is_kept() -> None:
    kept = read_photo(photo() + b"<script>hidden</script>")
    assert kept.media_type == "image/jpeg"
    assert b"SECRET" not in kept.content and b"hidden" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == (40, 60)
        assert not image.getexif()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "照片是空的"),
        (b"%PDF-1.4\n%%EOF", "只收照片"),
        (b"<svg onload=alert(1)>", "只收照片"),
        (photo()[:200], "照片打不开"),
        (photo() + b"\x00" * (MOST_PHOTO_MEGABYTES << 20), "照片太大"),
    ],
    ids=["empty", "a document", "a drawing with a script", "half a picture", "too large"],
)
def test_what_is_no_photo_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(UserError, match=why):
        read_photo(content)


def test_a_pixel_bomb_is_refused() -> None:
    target = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(target, "PNG")
    with pytest.raises(UserError, match="尺寸太大"):
        read_photo(target.getvalue())


def test_pictures_are_decoded_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    with pictures._turn, pytest.raises(UserError, match="过一会儿"):
        read_photo(photo())
    # Whatever became of the one before, the next one gets its turn.
    with pytest.raises(UserError, match="打不开"):
        read_photo(photo()[:200])
    assert read_photo(photo()).media_type == "image/jpeg"
