"""The scanner's answers, and its silence, as the house understands them."""

import socket
import threading
import time
from pathlib import Path

import pytest

from core.virus_scan import PIECE, Address, Verdict, parse_address, scan
from tests.core.clamd import EICAR, LONGEST, running
from tests.processes import free_port


def test_clean_and_infected_are_told_apart_in_their_order() -> None:
    with running() as clamd:
        found = scan(Address("127.0.0.1", clamd.port), [b"%PDF-1.4", EICAR, b"", b"x" * (2 * PIECE + 7) + EICAR])
    assert found == [Verdict.CLEAN, Verdict.INFECTED, Verdict.CLEAN, Verdict.INFECTED]
    assert clamd.asked == [b"zINSTREAM\0"] * 4


def test_what_it_does_not_take_is_unknown_and_the_next_is_scanned_all_the_same() -> None:
    with running() as clamd:
        found = scan(Address("127.0.0.1", clamd.port), [b"x" * (LONGEST + 1), EICAR])
    assert found == [Verdict.UNKNOWN, Verdict.INFECTED]


def test_nobody_there_and_one_that_is_silent_are_unknown_and_hold_nobody_up() -> None:
    assert scan(Address("127.0.0.1", free_port()), [EICAR, b"x"]) == [Verdict.UNKNOWN] * 2
    with running(silent=True) as clamd:
        began = time.monotonic()
        assert scan(Address("127.0.0.1", clamd.port), [EICAR] * 5, seconds=0.3) == [Verdict.UNKNOWN] * 5
        assert time.monotonic() - began < 2
        assert len(clamd.asked) == 1
    assert scan(Address("127.0.0.1", free_port()), []) == []


def test_a_socket_on_this_machine(tmp_path: Path) -> None:
    path = str(tmp_path / "clamd.sock")
    assert scan(Address(path), [b"x"]) == [Verdict.UNKNOWN]
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(1)

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                while not connection.recv(65536).endswith(b"\0\0\0\0"):
                    pass
                connection.sendall(b"stream: OK\0")

        thread = threading.Thread(target=answer)
        thread.start()
        assert scan(Address(path), [b"a recording"]) == [Verdict.CLEAN]
        thread.join()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:3310", Address("127.0.0.1", 3310)),
        ("clamd:65535", Address("clamd", 65535)),
        ("[::1]:3310", Address("::1", 3310)),
        ("/run/clamav/clamd.ctl", Address("/run/clamav/clamd.ctl")),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["clamd", ":3310", "clamd:", "clamd:0", "clamd:65536", "clamd:²", "clamd:" + "9" * 5000]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"^:?"):
        parse_address(text)
