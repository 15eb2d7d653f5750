"""Numbers that strangers write into addresses, queries and forms: the database is never asked for one that it cannot
hold."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map

_LARGEST = 2**63 - 1
"""The largest number that both databases keep as an id."""
_LARGEST_ASKED = 2**31 - 1


class IdConverter(IntegerConverter):
    """An id in an address; a number that no row can have is an address that leads nowhere (404)."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": _LARGEST} | options)


def as_number(text: str) -> int:
    """A number in a query or form that asks for one (``type=as_number``). Raises ValueError, which leaves the
    default, for what is none and for what no page, year or row has."""
    number = int(text)
    if abs(number) > _LARGEST_ASKED:
        raise ValueError("a number that nothing has")
    return number


class NumberConverter(IdConverter):
    """A number in an address that is no id: a version, a place in a row. Its columns are narrower than those of ids,
    and PostgreSQL refuses a number that they cannot hold."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": _LARGEST_ASKED} | options)
