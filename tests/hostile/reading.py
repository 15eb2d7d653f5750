"""What a route reads: the fields of the forms on its pages, those of its WTForms class, and whatever else it asks a
request for while it answers a good one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import wtforms.form
from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.hostile.targets import Target
from tests.hostile.undone import Undone
from tests.hostile.values import Field, Shape, encoded
from tests.plain_requests import Answer, Body, Visitor

KINDS = {
    "IntegerField": "number",
    "DecimalField": "number",
    "DateField": "date",
    "MonthField": "month",
    "BooleanField": "checkbox",
    "ConfirmField": "checkbox",
    "FileField": "file",
    "MultipleFileField": "file",
    "PasswordField": "password",
}
MOST_FIELDS = 60
SWITCHES = frozenset({"language", "type_size", "line", "list", "page", "region", "township", "with", "year"})
"""What every page asks of its own address, to lead back to it; a form has none of them unless its page says so."""
_asked: set[str] = set()
_asked_files: set[str] = set()
_fields: dict[str, Field] = {}


class _Asked(ImmutableMultiDict[str, Any]):
    """What was sent, remembering what it was asked for."""

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        _asked.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: str, *args: Any, **more: Any) -> Any:
        _asked.add(key)
        return super().getlist(key, *args, **more)

    def __getitem__(self, key: str) -> Any:
        _asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        _asked.add(str(key))
        return super().__contains__(key)


class _AskedFiles(ImmutableMultiDict[str, Any]):
    """The files that were sent, likewise."""

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        _asked_files.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: str, *args: Any, **more: Any) -> Any:
        _asked_files.add(key)
        return super().getlist(key, *args, **more)


class _AskedRequest(Request):
    parameter_storage_class = _Asked

    def _load_form_data(self) -> None:
        super()._load_form_data()
        files = self.__dict__["files"]
        if not isinstance(files, _AskedFiles):
            self.__dict__["files"] = _AskedFiles(files)


@contextmanager
def overhearing(app: Flask) -> Iterator[None]:
    """Inside, what forms are built and what is asked of requests is remembered."""
    before, process = app.request_class, wtforms.form.BaseForm.process

    def processed(form: Any, *args: Any, **more: Any) -> None:
        process(form, *args, **more)
        for one in form:
            offered = [str(value) for value, *_ in one.iter_choices()] if getattr(one, "choices", None) else []
            _fields[one.name] = Field(KINDS.get(type(one).__name__, "text"), tuple(offered[:12]))

    app.request_class, wtforms.form.BaseForm.process = _AskedRequest, processed
    try:
        yield
    finally:
        app.request_class, wtforms.form.BaseForm.process = before, process


@dataclass
class _Form:
    """A form of a page."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    def add(self, name: str, kind: str, *offered: str) -> None:
        """One more field, or one more value of one that is known."""
        if name:
            self.fields[name] = self.fields.get(name, Field()).with_(kind, offered)


class _Page(HTMLParser):
    """Reads the forms of a page, as a browser understands them."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._by_id: dict[str, _Form] = {}
        self._select = ""
        self.feed(content.decode("utf-8", "replace"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(told.get("action", ""), told.get("method", "get").upper()))
            self._by_id[told.get("id", "")] = self.forms[-1]
        where = self._by_id.get(told.get("form", ""), self.forms[-1] if self.forms else None)
        if where is None:
            return
        name, value = told.get("name", ""), told.get("value", "")
        if tag == "input":
            where.add(name, told.get("type", "text"), *([value] if value else []))
        elif tag == "button" and name:
            where.add(name, "hidden", value)
        elif tag == "textarea":
            where.add(name, "text")
        elif tag == "select":
            self._select = name
            where.add(name, "select")
        elif tag == "option" and self._select:
            where.add(self._select, "select", value)


def shapes_of(app: Flask, targets: Mapping[str, Target], visitor_of: Any, undone: Undone) -> dict[str, Shape]:
    """What each of the targets reads: its query where it is got, its form where something is posted to it."""
    found: dict[str, dict[str, Field]] = {name: {} for name in targets}
    pages: dict[tuple[str, str], dict[str, Field]] = {}
    with overhearing(app):
        for name, target in targets.items():
            for person, address in target.ways[:1]:
                answer = _tried(target, visitor_of(person), address, undone)
                if target.method == "POST":
                    _add(found[name], _fields)
                    _add(found[name], {asked: Field("file") for asked in sorted(_asked_files - set(_fields))})
                    _add(found[name], {asked: Field() for asked in sorted(_asked - SWITCHES)})
                else:
                    _add(found[name], {asked: Field() for asked in sorted(_asked)})
                for form in _Page(answer.content).forms:
                    _place(app, form, address, pages)
    for name, target in targets.items():
        for key in (target.ways[0][1], target.route[0]):
            _add(found[name], pages.get((target.method, key), {}))
        for key, value in target.form.items():
            values = value if isinstance(value, list | tuple) else [value]
            _add(found[name], {key: Field("text", tuple(map(str, values)))}, first=True)
        if target.method == "GET":
            # The page itself was asked with nothing in its query.
            found[name] |= {key: Field() for key in ("page", "q", "sort") if key not in found[name]}
    return {name: dict(sorted(fields.items())[:MOST_FIELDS]) for name, fields in found.items()}


def _tried(target: Target, visitor: Visitor, address: str, undone: Undone) -> Answer:
    for heard in (_asked, _asked_files, _fields):
        heard.clear()
    with undone.example():
        target.prepare()
        if target.method == "GET":
            return visitor.get(address)
        pairs = [
            (name, str(one).encode())
            for name, value in target.form.items()
            for one in (value if isinstance(value, list | tuple) else [value])
        ]
        return visitor.post(address, Body(encoded(pairs)))


def _place(app: Flask, form: _Form, page: str, pages: dict[tuple[str, str], dict[str, Field]]) -> None:
    """Enter a form of a page by where it is sent: that very address, and for others of its kind the endpoint."""
    path = urlsplit(urljoin(page, form.action)).path
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, form.method)
    except (HTTPException, RequestRedirect):
        return
    for key in (path, str(endpoint)):
        _add(pages.setdefault((form.method, key), {}), form.fields)


def _add(fields: dict[str, Field], more: Mapping[str, Field], *, first: bool = False) -> None:
    for name, new in more.items():
        known = fields.get(name, Field())
        fields[name] = new.with_(known.kind, known.offered) if first else known.with_(new.kind, new.offered)
