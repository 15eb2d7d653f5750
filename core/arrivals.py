"""A request on its way in: takes bytes as they come, and knows when the whole of it has arrived.

Where a request ends is all that is understood of it here; whether it makes sense is for the server's own parser: it
gets a head that nobody understands as soon as that has come, and refuses it.
"""

import re
import tempfile
from enum import Enum

HEAD_END = b"\r\n\r\n"
MOST_HEAD = 64 * 1024
IN_MEMORY = 64 * 1024
"""More than this of one request lies in a file, which has no name and is gone with the connection."""
_LENGTH, _BREAK, _LAST_BREAK = "length", "break", "last break"
_CHUNK_LENGTH = re.compile(rb"[0-9A-Fa-f]{1,12}\r\n")
_MOST_LINE = 16


class State(Enum):
    """How far it is."""

    HEAD = "its head is coming"
    BODY = "its body is coming"
    WHOLE = "it is all there"
    HEAD_TOO_LONG = "its head does not end"
    NONSENSE = "nobody can tell where it ends"


class Arrival:
    """One request. ``early`` are bytes that came behind it: they belong to the next one. ``body_bytes`` counts what
    has come of the body. ``wants_word``: the client waits to be told to go on (Expect: 100-continue)."""

    def __init__(self, most_body: int) -> None:
        self.state = State.HEAD
        self.early = b""
        self.body_bytes = 0
        self.wants_word = False
        self._most_body = most_body
        self._head = bytearray()
        self._left = 0
        self._chunks: _Chunks | None = None
        self._kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it lives as long as this

    @property
    def begun(self) -> bool:
        """Whether anything has come at all."""
        return bool(self._head)

    def take(self, data: bytes) -> None:
        """Some more of it."""
        if self.state is State.HEAD:
            data = self._take_head(data)
        if self.state is State.BODY and data:
            self._take_body(data)
        elif data:
            self.early += data

    def read(self, size: int) -> bytes:
        """The next bytes of it, b"" at its end, and when it is forgotten."""
        return b"" if self._kept.closed else self._kept.read(size)

    def rewind(self) -> None:
        """Begin to read."""
        self._kept.seek(0)

    def close(self) -> None:
        """Forget it."""
        self._kept.close()

    def _take_head(self, data: bytes) -> bytes:
        known = len(self._head)
        self._head += data
        end = self._head.find(HEAD_END, max(known - len(HEAD_END) + 1, 0))
        if end < 0:
            self.state = State.HEAD_TOO_LONG if len(self._head) > MOST_HEAD else State.HEAD
            return b""
        end += len(HEAD_END)
        rest = bytes(self._head[end:])
        del self._head[end:]
        self._kept.write(self._head)
        self._understand()
        return rest

    def _understand(self) -> None:
        fields: dict[bytes, list[bytes]] = {}
        for line in bytes(self._head).split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            fields.setdefault(name.strip().lower(), []).append(value.strip().lower())
        lengths, encodings = fields.get(b"content-length", []), fields.get(b"transfer-encoding", [])
        self.wants_word = b"100-continue" in fields.get(b"expect", [])
        if encodings:
            # Anything but plain chunks the parser would refuse only while the application reads.
            plain = encodings == [b"chunked"] and not lengths
            self._chunks, self.state = _Chunks(), State.BODY if plain else State.NONSENSE
        elif len(lengths) == 1 and lengths[0].isdigit() and len(lengths[0]) < 16:
            self._left = int(lengths[0])
            # One that is too long is refused by what its head says.
            self.state = State.BODY if 0 < self._left <= self._most_body else State.WHOLE
        else:
            self.state = State.WHOLE

    def _take_body(self, data: bytes) -> None:
        try:
            used, ended = (min(len(data), self._left), False) if self._chunks is None else self._chunks.take(data)
        except ValueError:
            self.state = State.NONSENSE
            return
        self._kept.write(data[:used])
        self.body_bytes += used
        if self._chunks is None:
            self._left -= used
            ended = not self._left
        if ended or self.body_bytes > self._most_body:
            self.state = State.WHOLE
        self.early = data[used:]


class _Chunks:
    """Looks for the end of a body that is sent in chunks, and sees to it that they are plain: a length, and so many
    bytes. What the parser would stumble over while the application reads must not get as far as that. Extensions of
    chunks, and fields behind the last one, are sent by nobody."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._skip = 0
        self._awaits = _LENGTH

    def take(self, data: bytes) -> tuple[int, bool]:
        """How many of these bytes belong to the body, and whether it ends with them. Raises ValueError for what are no
        chunks."""
        place = 0
        while place < len(data):
            if self._skip:
                step = min(self._skip, len(data) - place)
                self._skip -= step
                place += step
                continue
            end = data.find(b"\n", place)
            self._line += data[place : end + 1 if end >= 0 else len(data)]
            if len(self._line) > _MOST_LINE:
                raise ValueError("a line that does not end")
            if end < 0:
                return len(data), False
            place = end + 1
            line, self._line = bytes(self._line), bytearray()
            if self._ends(line):
                return place, True
        return place, False

    def _ends(self, line: bytes) -> bool:
        if self._awaits is not _LENGTH:
            if line != b"\r\n":
                raise ValueError("a chunk that is longer than it says")
            ended, self._awaits = self._awaits is _LAST_BREAK, _LENGTH
            return ended
        if not _CHUNK_LENGTH.fullmatch(line):
            raise ValueError("no length of a chunk")
        self._skip = int(line, 16)
        self._awaits = _BREAK if self._skip else _LAST_BREAK
        return False
