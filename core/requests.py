"""What a request has sent, as the rooms get to see it."""

from collections.abc import Iterable
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

NUL = "\x00"


class Sent(ImmutableMultiDict[str, Any]):
    """A query, a form, or its files, without NUL: no keyboard writes it, PostgreSQL keeps it in no text, and compares
    none with it."""

    def __init__(self, given: "MultiDict[str, Any] | Iterable[tuple[str, Any]] | None" = None) -> None:
        pairs = given.items(multi=True) if isinstance(given, MultiDict) else given or ()
        super().__init__([(_without(name), _cleaned(value)) for name, value in pairs])


def _without(text: str) -> str:
    return text.replace(NUL, "") if NUL in text else text


def _cleaned(value: Any) -> Any:
    if isinstance(value, FileStorage):
        value.filename = _without(value.filename or "")
        return value
    return _without(value) if isinstance(value, str) else value


class HouseRequest(Request):
    """The request of both doors."""

    parameter_storage_class = Sent
