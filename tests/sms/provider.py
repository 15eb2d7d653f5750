"""A provider for tests: a local server that speaks as much of Twilio's HTTP API as our client uses."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ACCOUNT = "AC00000000000000000000000000000001"
HANGS_AT_MOST = 30.0
TOKEN = "a token of the tests"
SENDER = "+15005550006"

Act = Callable[["Call"], None]
"""What a provider does with a call."""


@dataclass
class Provider:
    """What the provider has done. ``script`` holds what it does with the next calls; after that it accepts."""

    port: int = 0
    latency: float = 0.0
    script: list[Act] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def settings(self) -> dict[str, str]:
        """Settings of an installation that sends through it."""
        return {
            "YKT_SMS_GATEWAY": "twilio",
            "YKT_SMS_QUIET_HOURS": "none",
            "YKT_TWILIO_ACCOUNT_SID": ACCOUNT,
            "YKT_TWILIO_AUTH_TOKEN": TOKEN,
            "YKT_TWILIO_SENDER": SENDER,
            "YKT_TWILIO_API_BASE": self.url,
            "YKT_ENV": "demo",
            "YKT_BASE_URL": "https://ykt.example.gov.cn",
        }

    def take(self, form: dict[str, str]) -> dict[str, Any]:
        """Take a message over, for good."""
        with self.lock:
            message = {
                "sid": f"SM{len(self.messages) + 1:032x}",
                "status": "queued",
                "to": form["To"],
                "body": form["Body"],
                "error_code": None,
                "date_created": "Mon, 06 Jul 2020 02:00:00 +0000",
            }
            self.messages.append(message)
        return message


class Call(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    # Head and body leave one after the other: else the second waits for the word that the first has arrived.
    disable_nagle_algorithm = True
    provider: Provider
    form: dict[str, str]

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Create a message, or whatever the script says."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.form = dict(parse_qsl(body))
        provider = self.provider
        with provider.lock:
            provider.calls.append(self.form)
            provider.authorizations.add(self.headers.get("Authorization", ""))
            act = provider.script.pop(0) if provider.script else accept
        if provider.latency:
            time.sleep(provider.latency)
        act(self)

    def do_GET(self) -> None:
        """List the messages to a number."""
        wanted = dict(parse_qsl(urlsplit(self.path).query)).get("To", "")
        found = [message for message in self.provider.messages if message["to"] == wanted]
        self.answer(200, {"messages": found, "page": 0, "page_size": 50, "next_page_uri": None})

    def taken(self) -> tuple[int, Any]:
        """Take the message over; how that is said."""
        return 201, self.provider.take(self.form)

    def answer(
        self, status: int, content: Any, headers: dict[str, str] | None = None, *, only_half: bool = False
    ) -> None:
        """Send JSON, or text or bytes as they are."""
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        body = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if only_half else body)


def accept(call: Call) -> None:
    """Take the message over and say so."""
    call.answer(*call.taken())


def refuse(status: int, code: int | None = None, headers: dict[str, str] | None = None) -> Act:
    """Answer with an error."""
    error = {"code": code, "message": f"refused {SENDER}", "status": status}
    return lambda call: call.answer(status, {k: v for k, v in error.items() if v is not None}, headers)


def say(status: int, content: Any, headers: dict[str, str] | None = None) -> Act:
    """Answer with this; the message is taken over or not, nobody can tell."""
    return lambda call: call.answer(status, content, headers)


def taken_but(act: Act) -> Act:
    """Take the message over, and then not say so."""

    def then(call: Call) -> None:
        call.taken()
        act(call)

    return then


def half_said(act: Act) -> Act:
    """Take the message over, say half of it, and then this."""

    def then(call: Call) -> None:
        status, content = call.taken()
        call.answer(status, content, only_half=True)
        act(call)

    return then


def hang(call: Call) -> None:
    """Nothing more comes until the client has given up."""
    call.connection.settimeout(HANGS_AT_MOST)
    with suppress(OSError):
        call.connection.recv(1)
    call.close_connection = True


def reset(call: Call) -> None:
    """Cut the connection."""
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.close_connection = True
    call.connection.close()


def close(call: Call) -> None:
    """End the connection, as one does when all has been said."""
    call.close_connection = True


def babble(call: Call) -> None:
    """Say something that is no HTTP."""
    call.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    call.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A cut connection is what some tests are about."""


@contextmanager
def serving(provider: Provider, answers: type[Call]) -> Iterator[None]:
    """The provider listens until the end of the block, and answers so."""
    server = Server(("127.0.0.1", 0), type("BoundCall", (answers,), {"provider": provider}))
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that listens until the end of the block."""
    provider = Provider()
    with serving(provider, Call):
        yield provider
