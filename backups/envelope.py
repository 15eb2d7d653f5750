"""The file of a back-up: a manifest and a stream of bytes, compressed, encrypted in pieces, in bounded memory.

``magic identity(16)``, then records of ``kind(1) length(4) sealed``. Each is bound to the file, to its place in it and
to whether it is the last: a file that was cut off or put together from two, or whose pieces changed places, does not
open.
Nothing stands in it in the clear, not even the names of the tables.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import BinaryIO

from core.encryption import DecryptionError, Keyring
from core.errors import UserError
from core.msgid import N_

MAGIC = b"YIKATONG-BACKUP-1\n"
IDENTITY_BYTES = 16
PIECE = 1 << 20
_RECORD = struct.Struct(">cI")
_MORE, _LAST = b"\x00", b"\x01"
# A piece and what encryption adds to it: no length in a crafted file makes us hold more.
_MOST_SEALED = PIECE + 256
ALTERED = N_("备份文件不完整，或者被改动过：请换一份备份。什么也没有恢复。")
FOREIGN = N_("这不是一卡通的备份文件。")
NO_KEY = N_("打不开这份备份：它不是用现在的密钥加密的，或者被改动过。请换回当时的密钥文件再试。什么也没有恢复。")


@dataclass(frozen=True)
class Manifest:
    """What a back-up holds: when it was made (ISO, UTC), of which kind of database, at which migration, and how many
    rows each table had."""

    made_at: str
    database: str
    revision: str
    rows: dict[str, int]


def write(target: BinaryIO, ring: Keyring, manifest: Manifest, body: Iterable[bytes]) -> None:
    """Write the whole file under the present key."""
    identity = os.urandom(IDENTITY_BYTES)
    target.write(MAGIC + identity)
    first = json.dumps(asdict(manifest), ensure_ascii=False).encode()
    for place, (piece, kind) in enumerate(_marked(chain((first,), _compressed(body)))):
        sealed = ring.encrypt_bytes(piece, _context(identity, place, kind))
        target.write(_RECORD.pack(kind, len(sealed)) + sealed)


def read(source: BinaryIO, ring: Keyring) -> tuple[Manifest, Iterator[bytes]]:
    """The manifest and the bytes. Raises UserError for what is no back-up of this installation. So does the iterator,
    half-way, for what was altered: whoever restores reads the file to its end before (``operations.check``)."""
    if source.read(len(MAGIC)) != MAGIC:
        raise UserError(FOREIGN)
    pieces = _opened(source, ring, source.read(IDENTITY_BYTES))
    manifest = Manifest(**json.loads(next(pieces)))
    return manifest, _decompressed(pieces)


def _context(identity: bytes, place: int, kind: bytes) -> str:
    return f"backup {identity.hex()} {place} {kind.hex()}"


def _marked(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each piece with whether it is the last one."""
    held = next(pieces)
    for piece in pieces:
        yield held, _MORE
        held = piece
    yield held, _LAST


def _opened(source: BinaryIO, ring: Keyring, identity: bytes) -> Iterator[bytes]:
    place, kind = 0, _MORE
    while kind == _MORE:
        head = source.read(_RECORD.size)
        if len(head) < _RECORD.size:
            raise UserError(ALTERED)
        kind, length = _RECORD.unpack(head)
        sealed = source.read(length) if length <= _MOST_SEALED else b""
        try:
            yield ring.decrypt_bytes(sealed, _context(identity, place, kind))
        except DecryptionError as error:
            raise UserError(NO_KEY if place == 0 else ALTERED) from error
        place += 1
    if source.read(1):
        raise UserError(ALTERED)


def _compressed(body: Iterable[bytes]) -> Iterator[bytes]:
    """Compressed, in pieces of one size but the last."""
    packer, waiting = zlib.compressobj(), bytearray()
    for part in body:
        waiting += packer.compress(part)
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    waiting += packer.flush()
    for start in range(0, len(waiting), PIECE):
        yield bytes(waiting[start : start + PIECE])


def _decompressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for piece in pieces:
        waiting = piece
        while waiting:
            yield unpacker.decompress(waiting, PIECE)
            waiting = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        raise UserError(ALTERED)
