"""Files are shown to clamd where one runs: its INSTREAM command over a socket, with a time-out. Nothing is written to
disk, and a scanner that does not answer holds nobody up for longer."""

import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

CONNECT_SECONDS = 2.0
SCAN_SECONDS = 15.0
"""For all files of one request together."""
PIECE = 64 * 1024
LONGEST_ANSWER = 4096
HIGHEST_PORT = 65535


class Verdict(StrEnum):
    """What the scanner says of a file."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNKNOWN = "unknown"  # it did not answer, or could not say


@dataclass(frozen=True)
class Address:
    """Where clamd listens: a host and a port, or (port 0) the path of a socket."""

    place: str
    port: int = 0


def parse_address(text: str) -> Address:
    """An address as YKT_CLAMD has it: ``host:port``, ``[IPv6]:port`` or an absolute path. Raises ValueError."""
    if text.startswith("/"):
        return Address(text)
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdecimal()) or not 0 < int(port[:6]) <= HIGHEST_PORT:
        raise ValueError(text)
    return Address(host, int(port))


def scan(address: Address, contents: Sequence[bytes], seconds: float = SCAN_SECONDS) -> list[Verdict]:
    """What clamd says of each, in their order; UNKNOWN from the first on that it does not answer in time."""
    ends = time.monotonic() + seconds
    verdicts: list[Verdict] = []
    for content in contents:
        try:
            verdicts.append(_scan_one(address, content, ends))
        except OSError:
            break
    return verdicts + [Verdict.UNKNOWN] * (len(contents) - len(verdicts))


def _scan_one(address: Address, content: bytes, ends: float) -> Verdict:
    """Raises OSError, of which a time-out is one, where there is no answer."""
    with _connect(address, ends) as connection:
        answer = b""
        try:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                connection.settimeout(_left(ends))
                connection.sendall(struct.pack("!L", len(piece)) + piece)
            connection.sendall(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            # It hangs up on what is longer than it takes, after it has said so.
            return Verdict.UNKNOWN
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            connection.settimeout(_left(ends))
            received = connection.recv(LONGEST_ANSWER)
            if not received:
                break
            answer += received
    return _read(answer)


def _read(answer: bytes) -> Verdict:
    said = answer.rstrip(b"\0\r\n ")
    if said.endswith(b" FOUND"):
        return Verdict.INFECTED
    return Verdict.CLEAN if said == b"stream: OK" else Verdict.UNKNOWN


def _connect(address: Address, ends: float) -> socket.socket:
    seconds = min(CONNECT_SECONDS, _left(ends))
    if address.port:
        return socket.create_connection((address.place, address.port), timeout=seconds)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        connection.connect(address.place)
    except OSError:
        connection.close()
        raise
    return connection


def _left(ends: float) -> float:
    """The seconds that are left. Raises TimeoutError where there are none."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
