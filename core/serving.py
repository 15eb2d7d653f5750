"""gunicorn's thread worker for clients that are slow, or pretend to be.

gunicorn gives a thread to a connection with its first byte and leaves it there until the last: a few dozen that send a
byte now and then hold all of them for ever. Here a request is taken in by the loop that waits for all connections at
once, and a thread gets it when the whole of it is there. The answer goes into a send buffer that most pages fit in;
what does not fit has to be read at some pace.

Whoever is slower than YKT_SLOW_BYTES a second, after YKT_SLOW_SECONDS of patience, is cut off. A head has those seconds
alone.
"""

import errno
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any, BinaryIO

from gunicorn.workers.gthread import TConn, ThreadWorker

from core.arrivals import Arrival, State

SEND_BUFFER = 256 * 1024
READ_AT_ONCE = 256 * 1024
LINGER_SECONDS = 2.0
"""How long a client that was refused may go on sending without losing the answer."""
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


def _refusal(status: str, sentence: str) -> bytes:
    content = sentence.encode()
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


TOO_SLOW = _refusal(
    "408 Request Timeout",
    "网络太慢，没有收全，连接已断开，什么也没有保存。请到信号好的地方再试。\n"
    "The connection was too slow and was closed; nothing was saved. Please try again where the signal is better.\n",
)
NONSENSE = {
    State.HEAD_TOO_LONG: _refusal("431 Request Header Fields Too Large", "请求有误。 The request is not valid.\n"),
    State.NONSENSE: _refusal("400 Bad Request", "请求有误。 The request is not valid.\n"),
}


class Pace:
    """What a client may take: some seconds, and more for every byte that has moved."""

    def __init__(self, seconds: float, bytes_a_second: int) -> None:
        self.seconds, self.bytes_a_second = seconds, bytes_a_second

    def allows(self, moved: int) -> float:
        """The seconds that may have gone by when so many bytes have moved."""
        return self.seconds + moved / self.bytes_a_second


class PacedSocket:
    """The connection as gunicorn's parser and response see it: what is read has arrived before, and what is written
    has to go out at a pace."""

    def __init__(self, sock: socket.socket, pace: Pace, most_body: int) -> None:
        self._sock, self._pace, self._most_body = sock, pace, most_body
        self._told_to_go_on = False
        self.early = b""
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.expect()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def expect(self) -> None:
        """From now on the next request is on its way."""
        self.arrival, self.began = Arrival(self._most_body), time.monotonic()
        self._sent, self._waited, self._told_to_go_on = 0, 0.0, False
        early, self.early = self.early, b""
        if early:
            self._take(early)

    def arrive(self) -> bool:
        """Take what has come; False where the client has gone. Never waits."""
        for _ in range(READ_AT_ONCE // 65536):
            if self.arrival.state not in (State.HEAD, State.BODY):
                break
            try:
                data = self._sock.recv(65536)
            except BlockingIOError:
                return True
            except ConnectionError:
                return False
            if not data:
                return False
            self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        self.arrival.take(data)
        self.early, self.arrival.early = self.arrival.early, b""
        if self.arrival.state is State.BODY and self.arrival.wants_word and not self._told_to_go_on:
            self._told_to_go_on = True
            self.say(GO_ON)

    def is_late(self, now: float) -> bool:
        """Whether it has taken longer than it may."""
        return now - self.began > self._pace.allows(self.arrival.body_bytes)

    def say(self, words: bytes) -> None:
        """Something short, to whoever may not be listening."""
        with suppress(OSError):
            self._sock.send(words)

    def hear(self) -> bool:
        """Whether a client that is being left still says something; it is thrown away."""
        try:
            return bool(self._sock.recv(65536))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def recv(self, size: int) -> bytes:
        """The next bytes of the request that has arrived, b"" at its end. What has not arrived is not waited for: the
        rest of a body that is too long, or of one whose end could not be told."""
        return self.arrival.read(size)

    def send(self, data: bytes) -> int:
        """gunicorn's word to go on: it has been said."""
        if data == GO_ON and self._told_to_go_on:
            return len(data)
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Write all of it. Raises ConnectionResetError when the client reads too slowly."""
        left = memoryview(data)
        while left:
            patience, began = self._pace.allows(self._sent) - self._waited, time.monotonic()
            try:
                if patience <= 0:
                    raise TimeoutError
                self._sock.settimeout(patience)
                sent = self._sock.send(left)
            except TimeoutError as error:
                # gunicorn takes this for a client that has gone, and says nothing of it in the log.
                raise ConnectionResetError(errno.ECONNRESET, "too slow") from error
            self._waited += time.monotonic() - began
            self._sent += sent
            left = left[sent:]

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:
        """Write what is in a file."""
        file.seek(offset)
        sent = 0
        while count is None or sent < count:
            block = file.read(65536 if count is None else min(65536, count - sent))
            if not block:
                break
            self.sendall(block)
            sent += len(block)
        return sent


class Connection(TConn):
    """A connection that is left without waiting: gunicorn's own loop would stand still while a client lingers."""

    def __init__(self, *args: Any, leave: Callable[[PacedSocket], None]) -> None:
        super().__init__(*args)
        self._leave = leave

    def close(self, graceful: bool = False) -> None:
        """Let the client go; ``graceful``: once it has heard the answer."""
        if graceful:
            self._leave(self.sock)
        else:
            super().close()


class PatientWorker(ThreadWorker):
    """Waits for whole requests without a thread."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._arriving: dict[Connection, None] = {}
        self._leaving: dict[PacedSocket, float] = {}

    def run(self) -> None:
        """Serve, with the patience that the application's settings name."""
        settings = self.wsgi.extensions["settings"]
        self._pace = Pace(settings.slow_seconds, settings.slow_bytes)
        self._most_body = self.wsgi.config["MAX_CONTENT_LENGTH"]
        super().run()

    def accept(self, listener: socket.socket) -> None:
        """A new connection. Where there are too many that have not finished asking, the slowest has to go."""
        if len(self._arriving) >= self.worker_connections - self.cfg.threads - 1:
            self._cut(next(iter(self._arriving)))
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self._arriving:
                self._cut(next(iter(self._arriving)))
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        paced = PacedSocket(sock, self._pace, self._most_body)
        self._wait_for_request(Connection(self.cfg, paced, client, listener.getsockname(), leave=self._leave))

    def on_client_socket_readable(self, conn: Connection, client: PacedSocket) -> None:
        """A client whose connection was kept open asks again."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._expect_next(conn)

    def finish_request(self, conn: Connection, future: "Future[Any]") -> None:
        """An answer is out. What came behind its request is the next one."""
        conn.sock.arrival.close()
        super().finish_request(conn, future)
        if conn.sock.early and conn in self.keepalived_conns:
            self.on_client_socket_readable(conn, conn.sock)

    def murder_pending(self) -> None:
        """Called every second: cut off whoever is late."""
        now = time.monotonic()
        for conn in [one for one in self._arriving if one.sock.is_late(now) or self._is_idle_at_the_end(one)]:
            self._cut(conn)
        for sock in [one for one, until in self._leaving.items() if until <= now]:
            self._let_go(sock)

    def _is_idle_at_the_end(self, conn: Connection) -> bool:
        return not self.alive and not conn.sock.arrival.begun

    def _expect_next(self, conn: Connection) -> None:
        conn.sock.setblocking(False)
        conn.sock.expect()
        self._wait_for_request(conn)

    def _wait_for_request(self, conn: Connection) -> None:
        self._arriving[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_arriving, conn))
        # It may be there already.
        self._on_arriving(conn, conn.sock)

    def _on_arriving(self, conn: Connection, paced: PacedSocket) -> None:
        try:
            there = paced.arrive()
        except OSError:
            self.log.exception("A request could not be kept while it arrived")
            there = False
        if not there:
            self._drop(conn)
        elif paced.arrival.state in NONSENSE:
            paced.say(NONSENSE[paced.arrival.state])
            self._forget(conn)
            self.nr_conns -= 1
            conn.close(graceful=True)
        elif paced.arrival.state is State.WHOLE:
            self._forget(conn)
            paced.arrival.rewind()
            conn.data_ready = True
            self.enqueue_req(conn)

    def _cut(self, conn: Connection) -> None:
        if conn.sock.arrival.begun:
            conn.sock.say(TOO_SLOW)
        self._drop(conn)

    def _forget(self, conn: Connection) -> None:
        del self._arriving[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.sock.arrival.close()
        conn.close()

    def _leave(self, paced: PacedSocket) -> None:
        """Say that no more comes, and hear for a moment what the client still says: if the connection were torn down
        under it, it would lose the answer."""
        try:
            paced.shutdown(socket.SHUT_WR)
            paced.setblocking(False)
            self.poller.register(paced, EVENT_READ, partial(self._on_leaving, paced))
        except (OSError, KeyError, ValueError):
            paced.close()
            return
        self._leaving[paced] = time.monotonic() + LINGER_SECONDS

    def _on_leaving(self, paced: PacedSocket, _client: PacedSocket) -> None:
        if not paced.hear():
            self._let_go(paced)

    def _let_go(self, paced: PacedSocket) -> None:
        del self._leaving[paced]
        self.poller.unregister(paced)
        paced.close()
