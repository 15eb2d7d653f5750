"""Requests without a client's own work around them, for tests that send thousands."""

import io
from collections.abc import Iterable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.http import parse_cookie
from werkzeug.test import EnvironBuilder, run_wsgi_app

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Body:
    """What is sent with a POST."""

    content: bytes
    content_type: str = FORM


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Headers
    content: bytes


def multipart(form: dict[str, object]) -> Body:
    """A form with files, as a browser sends it."""
    builder = EnvironBuilder(method="POST", data=form, content_type="multipart/form-data")
    environ = builder.get_environ()
    return Body(environ["wsgi.input"].read(), environ["CONTENT_TYPE"])


@dataclass
class Visitor:
    """Somebody who asks, each time from a context of its own, and keeps his cookies."""

    app: Flask
    cookies: dict[str, str] = field(default_factory=dict)
    environ: dict[str, Any] = field(default_factory=lambda: {"REMOTE_ADDR": "127.0.0.1"})

    @classmethod
    def in_place_of(cls, client: FlaskClient) -> "Visitor":
        """Whoever uses this client, with the cookies that he has."""
        cookies = {cookie.key: cookie.value for cookie in (client._cookies or {}).values()}
        return cls(client.application, cookies, dict(client.environ_base))

    def get(self, address: str, query: str = "") -> Answer:
        """Ask for an address, written as in a link."""
        return self.ask("GET", address, Body(b"", ""), query)

    def post(self, address: str, body: Body) -> Answer:
        """Send something to an address."""
        return self.ask("POST", address, body)

    def ask(self, method: str, address: str, body: Body, query: str = "") -> Answer:
        """A request of any kind."""
        environ: dict[str, Any] = self.environ | {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(address).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "CONTENT_TYPE": body.content_type,
            "CONTENT_LENGTH": str(len(body.content)),
            "wsgi.input": io.BytesIO(body.content),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
        }
        pages, status, headers = Context().run(run_wsgi_app, self.app, environ, buffered=True)
        self._keep(headers.getlist("Set-Cookie"))
        return Answer(int(status.split()[0]), headers, b"".join(pages))

    def _keep(self, told: Iterable[str]) -> None:
        for line in told:
            for name, value in parse_cookie(line.split(";")[0]).items():
                self.cookies[name] = value
                if "Max-Age=0" in line:
                    del self.cookies[name]
