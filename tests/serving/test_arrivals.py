"""Where a request ends is found wherever the network cuts it."""

import socket
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrivals import MOST_HEAD, Arrival, State
from core.serving import Pace, PacedSocket

MOST_BODY = 1000
REQUESTS = {
    "no body": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a body": b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\n\r\n\r\nx",
    "an empty body": b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    "chunks": b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\n0\r\n\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
}


def taken(content: bytes, cuts: list[int]) -> Arrival:
    """An arrival that this has come in, cut at these places."""
    arrival = Arrival(MOST_BODY)
    for begin, end in pairwise([0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]):
        arrival.take(content[begin:end])
    return arrival


@pytest.mark.parametrize("name", sorted(REQUESTS))
@given(cuts=st.lists(st.integers(0, 200), max_size=6), behind=st.binary(max_size=20))
def test_it_ends_where_it_ends_whatever_comes_behind(name: str, cuts: list[int], behind: bytes) -> None:
    arrival = taken(REQUESTS[name] + behind, cuts)
    assert arrival.state is State.WHOLE
    assert arrival.early == behind
    arrival.rewind()
    assert arrival.read(100_000) == REQUESTS[name]
    arrival.close()
    assert arrival.read(1) == b""


@pytest.mark.parametrize("name", sorted(REQUESTS))
@given(short=st.integers(1, 60))
def test_it_is_not_whole_before(name: str, short: int) -> None:
    arrival = taken(REQUESTS[name][:-short], [])
    assert arrival.state in {State.HEAD, State.BODY}
    arrival.close()


@given(content=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=3))
def test_no_bytes_are_too_strange_and_none_is_lost(content: bytes, cuts: list[int]) -> None:
    for head in (b"", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"):
        arrival = taken(head + content, cuts)
        if arrival.state is State.WHOLE:
            arrival.rewind()
            assert arrival.read(100_000) + arrival.early == head + content
        arrival.close()


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"x" * (MOST_HEAD + 1), State.HEAD_TOO_LONG),
        (b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", State.WHOLE),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", State.WHOLE),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", State.NONSENSE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n", State.NONSENSE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\nx", State.NONSENSE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001, State.WHOLE),
    ],
    ids=["long head", "long body", "two lengths", "length and chunks", "long chunk", "bare line feed", "many chunks"],
)
def test_what_nobody_should_wait_for(content: bytes, state: State) -> None:
    arrival = taken(content, [])
    assert arrival.state is state
    arrival.close()


def test_who_reads_too_slowly_is_cut_off_and_who_reads_slowly_enough_is_not() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        paced = PacedSocket(ours, Pace(0.2, 10_000_000), MOST_BODY)
        began = time.monotonic()
        with pytest.raises(ConnectionResetError):
            paced.sendall(b"x" * 8_000_000)
        assert 0.1 < time.monotonic() - began < 2
        paced.arrival.close()


def test_a_client_is_late_by_what_has_come_of_the_body() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        paced = PacedSocket(ours, Pace(10, 100), MOST_BODY)
        theirs.sendall(b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n")
        assert paced.arrive()
        assert not paced.is_late(paced.began + 9.9)
        assert paced.is_late(paced.began + 10.1), "a head earns nothing"
        theirs.sendall(b"x" * 500)
        assert paced.arrive()
        assert not paced.is_late(paced.began + 14.9)
        assert paced.is_late(paced.began + 15.1)
        paced.arrival.close()
