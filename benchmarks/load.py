"""A load generator that costs little itself: raw sockets, requests made beforehand, one loop."""

import gzip
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_HEADERS_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass
class _Connection:
    """One keep-alive connection and the requests it sends, over and over."""

    socket: socket.socket
    requests: Sequence[bytes]
    place: int = 0
    sent_at: float = 0.0
    usual: int = 0
    received: bytearray = field(default_factory=bytearray)

    def send(self) -> None:
        self.received.clear()
        request = self.requests[self.place % len(self.requests)]
        self.place += 1
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def check(self, answer: bytes, expected: bytes) -> None:
        if not self.usual:
            assert expected in body_of(answer), body_of(answer)[:2000].decode(errors="replace")
            self.usual = len(answer)
        assert answer.startswith(b"HTTP/1.1 200") and 0.7 * self.usual < len(answer) < 1.3 * self.usual, answer[:300]

    def read(self) -> bytes | None:
        """The whole answer once it is here."""
        chunk = self.socket.recv(262144)
        if not chunk:
            raise ConnectionError("the server hung up")
        self.received += chunk
        head = self.received.find(_HEADERS_END)
        if head < 0:
            return None
        lower = bytes(self.received[:head]).lower()
        start = lower.index(_LENGTH) + len(_LENGTH)
        length = int(lower[start:].split(b"\r\n", 1)[0])
        return bytes(self.received) if len(self.received) >= head + len(_HEADERS_END) + length else None


@dataclass(frozen=True)
class Load:
    """What was measured: answers a second, and the seconds under which 99 of 100 of them came."""

    per_second: float
    p99: float


def body_of(answer: bytes) -> bytes:
    """What an answer says, unpacked."""
    head, _, body = answer.partition(_HEADERS_END)
    return gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body


def run(port: int, requests: Sequence[Sequence[bytes]], seconds: float, expected: bytes, warm_up: float = 1.5) -> Load:
    """Send each connection's requests for so many seconds. A fast refusal is no result: the first answer of each
    connection must hold ``expected``, and every other be about as long. Raises AssertionError where one is not."""
    selector = selectors.DefaultSelector()
    for own in requests:
        opened = socket.create_connection(("127.0.0.1", port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(opened, own)
        selector.register(opened, selectors.EVENT_READ, connection)
        connection.send()
    began = time.perf_counter() + warm_up
    times: list[float] = []
    while (now := time.perf_counter()) < began + seconds:
        for key, _ in selector.select(timeout=1):
            connection = key.data
            answer = connection.read()
            if answer is None:
                continue
            if now >= began:
                times.append(time.perf_counter() - connection.sent_at)
            connection.check(answer, expected)
            connection.send()
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    times.sort()
    return Load(len(times) / seconds, times[int(len(times) * 0.99)])
