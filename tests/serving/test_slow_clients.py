"""A real web server with dozens of clients that send a byte now and then, or read one: whoever is in earnest is served
meanwhile, and they are cut off."""

import http.client
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from tests.browser import clockwork
from tests.cluster.machines import Machine, until
from tests.conftest import build_schema
from tests.processes import free_port

CLIENTS = 40
PATIENCE = 2
"""Seconds, where an installation gives twenty."""
PACE = 200_000
"""Bytes a second, where an installation asks for four thousand."""
SOON = 5.0
"""A page is answered within so many seconds, dozens of slow clients or none."""
HEAD = b"POST /complaints/new HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where one web server with four threads listens."""
    folder, port = tmp_path_factory.mktemp("serving"), free_port()
    url = f"sqlite:///{folder / 'test.sqlite'}"
    build_schema(url, folder)
    environ = os.environ | {
        "YKT_DATABASE_URL": url,
        "YKT_INSTANCE": str(folder),
        "YKT_TEST_CLOCK": str(folder / "clock"),
        "YKT_SLOW_SECONDS": str(PATIENCE),
        "YKT_SLOW_BYTES": str(PACE),
        "PORT": str(port),
        "YKT_BIND": "127.0.0.1",
        "WEB_CONCURRENCY": "1",
    }
    server = Machine(("gunicorn", "-c", str(clockwork.ROOT / "gunicorn.conf.py")), environ, folder / "web.log")
    server.start()
    until(lambda: _answers(port), "the server never answered")
    yield port
    server.kill()
    log = (folder / "web.log").read_text(encoding="utf-8")
    assert "Traceback" not in log and '"error"' not in log, log[-2000:]


def _answers(port: int) -> bool:
    try:
        return page(port)[0] == 200
    except OSError:
        return False


def page(port: int, path: str = "/healthz") -> tuple[int, float]:
    """Ask for a page as anybody would: its status, and the seconds that it took."""
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status, time.monotonic() - began


def connected(port: int, receive_buffer: int = 0) -> socket.socket:
    """A connection of somebody who takes his time."""
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(10)
    client.connect(("127.0.0.1", port))
    return client


@contextmanager
def dripping(port: int, first: bytes) -> Iterator[list[socket.socket]]:
    """Dozens that have sent so much, and send a byte every tenth of a second from then on."""
    over = threading.Event()
    with ExitStack() as open_ones:
        clients = [open_ones.enter_context(connected(port)) for _ in range(CLIENTS)]
        for client in clients:
            client.sendall(first)

        def drip() -> None:
            while not over.wait(0.1):
                for client in clients:
                    try:
                        client.send(b"x")
                    except OSError:
                        # Cut off: that is what the test waits for.
                        continue

        dripper = threading.Thread(target=drip)
        dripper.start()
        try:
            yield clients
        finally:
            over.set()
            dripper.join()


def heard(client: socket.socket, seconds: float) -> bytes | None:
    """What the server has said until it closed; None where it has not closed within so many seconds."""
    words, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([client], [], [], max(end - time.monotonic(), 0))[0]:
            return None
        try:
            data = client.recv(65536)
        except ConnectionError:
            return words
        if not data:
            return words
        words += data
    return None


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(HEAD, id="head"),
        pytest.param(HEAD + b"Content-Length: 100000\r\n\r\n", id="body"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n", id="chunks"),
        pytest.param(b"", id="first byte"),
    ],
)
def test_who_drips_holds_nobody_up_and_is_cut_off(port: int, first: bytes) -> None:
    with dripping(port, first) as clients:
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE:
            status, seconds = page(port)
            assert (status, seconds < SOON) == (200, True), f"{status} after {seconds:.1f} s"
        for client in clients:
            told = heard(client, PATIENCE + 3 - (time.monotonic() - began - PATIENCE))
            assert told is not None, "a slow client is still there"
            assert told == b"" or b" 408 " in told.splitlines()[0]
    assert page(port)[0] == 200


def test_who_only_connects_is_cut_off_without_a_word(port: int) -> None:
    with connected(port) as client:
        assert heard(client, PATIENCE + 3) == b""


def test_who_does_not_read_holds_nobody_up(port: int) -> None:
    """The longest file that everybody may ask for, asked for by dozens who read nothing of it."""
    with ExitStack() as open_ones:
        for _ in range(CLIENTS):
            client = open_ones.enter_context(connected(port, 4096))
            client.sendall(b"GET /bootstrap/static/css/bootstrap.min.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE:
            status, seconds = page(port)
            assert (status, seconds < SOON) == (200, True), f"{status} after {seconds:.1f} s"


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_an_honest_slow_upload_arrives(port: int, chunked: bool) -> None:
    """It takes longer than the patience, at twice the pace that is asked for."""
    size, block = 4 * PATIENCE * PACE, PACE // 5
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        began = time.monotonic()

        def slowly() -> Iterator[bytes]:
            for _ in range(size // block):
                time.sleep(0.1)
                yield b"x" * block

        headers = {"Content-Type": "application/octet-stream"} | ({} if chunked else {"Content-Length": str(size)})
        connection.request("POST", "/healthz", slowly(), headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert answer.status == 405 and time.monotonic() - began > PATIENCE
        answer.read()


def test_a_connection_is_used_again_and_requests_may_come_one_behind_the_other(port: int) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(port) as client:
        for _ in range(2):
            client.sendall(one * 3)
            answers = b""
            while answers.count(b"HTTP/1.1 200 ") < 3:
                more = client.recv(65536)
                assert more, answers
                answers += more


def test_who_asks_to_be_told_to_go_on_is_told(port: int) -> None:
    with connected(port) as client:
        client.sendall(HEAD + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"a=b")
        answer = heard(client, 10)
        assert answer is not None and answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(HEAD + b"Content-Length: 99999999999\r\n\r\nx", b"413", id="a body that is too long"),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\n", b"400", id="a length that is none"),
        pytest.param(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", b"400", id="two lengths"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", b"400", id="chunks that are none"),
        pytest.param(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", b"400", id="packed chunks"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", b"400", id="a chunk too long"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n", b"400", id="extended"),
        pytest.param(b"GET /" + b"a" * 70_000, b"431", id="a head that does not end"),
        pytest.param(b"\x16\x03\x01\x02\r\n\r\n", b"400", id="what is no request"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(port: int, sent: bytes, status: bytes) -> None:
    with connected(port) as client:
        began = time.monotonic()
        client.sendall(sent)
        answer = heard(client, 10)
        assert answer is not None and answer.split()[1] == status, answer
        assert time.monotonic() - began < SOON + 2
