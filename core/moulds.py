"""Pages of one form, asked for thousands of times an hour: rendered once with marks, and filled in for each reader.

To render the template of a lookup's result costs several times what its queries cost. A mould is that template
rendered once in each language, with a mark in each place that differs from reader to reader; the values are escaped
when they are filled in, as autoescaping would. Nothing of a reader may be among the ``fixed`` values: they are what
moulds are told apart by, and stay in memory.
"""

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache

from flask import render_template, request
from markupsafe import Markup, escape

from core.web import select_locale, type_size

_OPEN, _CLOSE = "\x02", "\x03"
MOST_MOULDS = 1024
_SPECIAL = re.compile("[&<>\"']").search


def place(name: str) -> str:
    """The mark of a place as text, for what reaches the template inside an object, such as the values of a form."""
    return f"{_OPEN}{name}{_CLOSE}"


class _Mark:
    """Stands in a template for a value that is filled in later; it can be shown, and nothing else."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __html__(self) -> str:
        return place(self._name)

    def __bool__(self) -> bool:
        raise TypeError(f"{self._name} is filled in later: what the page shows must not depend on it")


class Mould:
    """A rendered template with open places."""

    def __init__(self, rendered: str) -> None:
        self._text = rendered.replace("%", "%%").replace(_OPEN, "%(").replace(_CLOSE, ")s")

    def fill(self, **values: object) -> Markup:
        """The finished page. Raises KeyError for a place that is left open."""
        safe = {name: value if _is_safe(value) else escape(value) for name, value in values.items()}
        return Markup(self._text % safe)  # noqa: S704 - our own template, and every value escaped


def _is_safe(value: object) -> bool:
    # To look costs a quarter of what it costs to escape, and hardly a value holds what must be escaped.
    return isinstance(value, (int, Markup)) or (type(value) is str and not _SPECIAL(value))


def together(parts: Iterable[Markup]) -> Markup:
    """Filled moulds, one after the other."""
    return Markup("".join(parts))  # noqa: S704 -- each is markup already; Markup.join would look at it once more


def mould(template: str, *places: str, **fixed: Hashable) -> Mould:
    """The template in the language and type size of the request, to be filled in at these places.

    ``csrf_token`` is a place of its own wherever the template has a form. Flashed messages wait for the next page.
    """
    return _mould(template, places, tuple(fixed.items()), select_locale(), type_size(), request.path)


@lru_cache(MOST_MOULDS)
def _mould(template: str, places: tuple[str, ...], fixed: tuple[tuple[str, Hashable], ...], *_of_reader: str) -> Mould:
    marks = {name: _Mark(name) for name in places}
    return Mould(
        render_template(
            template,
            **marks,
            **dict(fixed),
            # Moulds are told apart by the path alone.
            here=request.path,
            # What a token or a message says belongs to one reader and must never be kept in a mould.
            csrf_token=lambda: _Mark("csrf_token"),
            get_flashed_messages=lambda **_: [],
        )
    )
