"""Log lines as JSON, with an allow-list of fields: what is not named here never reaches a log.

An exception is logged by its kind and the places it passed, without its message: a message may quote a value.
"""

import logging
import sys
import time
import traceback
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request

ALLOWED = frozenset(
    {"timestamp", "level", "logger", "event", "request_id", "method", "endpoint", "status", "milliseconds"}
    | {"job_id", "kind", "gateway", "count", "exception", "trace"}
)
requests_logger = logging.getLogger("yikatong.requests")


def _request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if has_request_context() and "request_id" in g:
        event["request_id"] = g.request_id
    return event


def _exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[0] is not None:
        frames = traceback.extract_tb(found[2])[-12:]
        event["exception"] = found[0].__name__
        event["trace"] = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _writes_lines(handler: logging.Handler) -> bool:
    return isinstance(handler, StderrHandler) or type(handler) is logging.StreamHandler


def _only_allowed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if name in ALLOWED or name.startswith("_")}


class StderrHandler(logging.Handler):
    """Writes to standard error as it is at the moment of writing: a server or a test may have redirected it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):
            self.handleError(record)


def install(app: Flask) -> None:
    """Send every log line of the process through the allow-list, and write one line for each request."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            _request_id,
            _exception,
            _only_allowed,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = StderrHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler, *(known for known in root.handlers if not _writes_lines(known))]
    root.setLevel(logging.WARNING)
    requests_logger.setLevel(logging.INFO)

    @app.before_request
    def _begin() -> None:
        g.request_id = uuid.uuid4().hex[:16]
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        # The endpoint's name, never the path: a path may hold a token.
        requests_logger.info(
            "request",
            extra={
                "method": request.method,
                "endpoint": request.endpoint or "none",
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
            },
        )
        return response
