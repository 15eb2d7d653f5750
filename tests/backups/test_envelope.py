"""The file of a back-up: what goes in comes out, and what was touched does not open."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups import envelope
from backups.envelope import PIECE, Manifest
from core.encryption import Keyring
from core.errors import UserError
from core.settings import Keys, demo_key

MANIFEST = Manifest("2026-11-27T01:00:00+00:00", "sqlite", "abc", {"beneficiaries": 3})
KEYS = Keys({1: demo_key("encryption")}, 1, demo_key("index"), demo_key("signing"))
RINGS = {cipher: Keyring(KEYS, cipher) for cipher in ("aes", "sm4")}
RING = RINGS["aes"]


def noise(length: int) -> bytes:
    """Bytes that no compression makes fewer."""
    return b"".join(demo_key(str(number)) for number in range(length // 32 + 1))[:length]


def packed(*body: bytes, ring: Keyring = RING) -> bytes:
    target = io.BytesIO()
    envelope.write(target, ring, MANIFEST, body)
    return target.getvalue()


def unpacked(whole: bytes, ring: Keyring = RING) -> bytes:
    manifest, body = envelope.read(io.BytesIO(whole), ring)
    assert manifest == MANIFEST
    return b"".join(body)


@pytest.mark.parametrize("cipher", RINGS)
@given(body=st.lists(st.binary(max_size=300), max_size=5))
def test_what_goes_in_comes_out(cipher: str, body: list[bytes]) -> None:
    assert unpacked(packed(*body, ring=RINGS[cipher]), RINGS[cipher]) == b"".join(body)


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5])
def test_so_do_long_ones(length: int) -> None:
    assert unpacked(packed(noise(length), b"end")) == noise(length) + b"end"
    # What compresses well comes out in many times the length that it has in the file.
    assert unpacked(packed(b"a" * length)) == b"a" * length


def test_nothing_is_readable_in_it() -> None:
    whole = packed(b"beneficiaries" * 1000)
    assert b"beneficiaries" not in whole
    assert b"sqlite" not in whole


def test_two_of_the_same_have_nothing_in_common() -> None:
    one, other = packed(b"the same"), packed(b"the same")
    begin = len(envelope.MAGIC)
    assert one[:begin] == other[:begin]
    assert one[begin:] != other[begin:]


def damaged(whole: bytes) -> Iterator[bytes]:
    """Every way to touch a file: cut, longer, one bit elsewhere."""
    for end in (*range(len(envelope.MAGIC), 200), len(whole) // 2, len(whole) - 1):
        yield whole[:end]
    yield whole + b"\0"
    for place in (*range(len(envelope.MAGIC), 200), len(whole) // 2, len(whole) - 1):
        yield whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


def test_what_was_touched_does_not_open() -> None:
    for whole in damaged(packed(noise(2 * PIECE))):
        with pytest.raises(UserError):
            unpacked(whole)


def records(whole: bytes) -> list[bytes]:
    at = len(envelope.MAGIC) + envelope.IDENTITY_BYTES
    found = [whole[:at]]
    while at < len(whole):
        end = at + 5 + int.from_bytes(whole[at + 1 : at + 5], "big")
        found.append(whole[at:end])
        at = end
    return found


def test_nor_do_pieces_that_changed_places_or_come_from_two_files() -> None:
    head, manifest, first, second, third, last = records(packed(noise(3 * PIECE)))
    for order in (
        [manifest, second, first, third, last],
        [manifest, first, second, last],
        [manifest, first, first, second, third, last],
        [manifest, last],
    ):
        with pytest.raises(UserError):
            unpacked(b"".join([head, *order]))
    other = records(packed(noise(3 * PIECE)))
    with pytest.raises(UserError):
        unpacked(b"".join([head, manifest, first, *other[3:]]))


def test_a_length_that_was_made_up_makes_us_hold_nothing() -> None:
    head, manifest, *_rest = records(packed(b"x"))
    with pytest.raises(UserError):
        unpacked(head + manifest + b"\0" + b"\xff" * 4 + b"x" * 100)


def test_other_files_and_other_keys_say_what_is_wrong() -> None:
    with pytest.raises(UserError, match="不是一卡通的备份文件"):
        unpacked(b"PK\x03\x04 something else")
    other = Keyring(Keys({2: demo_key("other")}, 2, demo_key("index"), demo_key("signing")))
    with pytest.raises(UserError, match="密钥"):
        unpacked(packed(b"x"), other)


def test_it_opens_after_the_keys_have_turned() -> None:
    turned = Keyring(Keys({**KEYS.encryption, 2: demo_key("new")}, 2, KEYS.index, KEYS.signing))
    assert unpacked(packed(b"x"), turned) == b"x"
