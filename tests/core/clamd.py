"""A clamd for tests: it speaks INSTREAM on a local port, and finds EICAR."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Written in two parts, so that no scanner takes this file for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LONGEST = 1 << 20


class _Scanner(socketserver.StreamRequestHandler):
    server: "Clamd"

    def handle(self) -> None:
        """One command, as clamd answers it."""
        command = self.rfile.read(len(b"zINSTREAM\0"))
        self.server.asked.append(command)
        if self.server.silent:
            self.server.released.wait(10)
            return
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            if len(content) + size > LONGEST:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
            content += self.rfile.read(size)
        self.wfile.write(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0")


class Clamd(socketserver.ThreadingTCPServer):
    """``asked`` holds the commands that came; a ``silent`` one takes them and says nothing."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Scanner)
        self.silent = silent
        self.asked: list[bytes] = []
        self.released = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


@contextmanager
def running(*, silent: bool = False) -> Iterator[Clamd]:
    """One that listens while the block runs."""
    with Clamd(silent=silent) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
