"""One page of a core.listing.Listing as the screen shows it: its rows as cells, how many there are, and the addresses
of the same list otherwise sorted, narrowed, paged or ticked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext
from sqlalchemy import func, select, union, union_all

from core.bulk_actions import BulkAction
from core.database import db
from core.listing import (
    AnySelect,
    ChoiceFilter,
    Column,
    DayFilter,
    ExactFilter,
    IdFilter,
    Listing,
    Parts,
    Text,
    looks_personal,
    rows_of,
)
from core.money import format_yuan

LAST_PAGE = 2_000


class Choice(StrEnum):
    """Which rows stand ticked when the page is drawn: none, those of the page, or all that match, on whatever page."""

    NONE = ""
    PAGE = "page"
    ALL = "all"

    @classmethod
    def of(cls, text: str) -> "Choice":
        """The choice of that name; none for anything else."""
        return cls(text) if text in set(cls) else cls.NONE


@dataclass(frozen=True)
class Cell:
    """A cell on the screen."""

    kind: str
    text: str
    value: Any
    link: str | None
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class ListingPage:
    """One page of a list, for the macro ``ui.listing_table``. ``given`` are the parameters in force; ``refused``: the
    search term looked personal and was not used. ``actions`` are those on offer, ``choice`` what stands ticked."""

    listing: Listing
    rows: list[Any]
    number: int
    has_next: bool
    count: int
    given: Mapping[str, str]
    path: str
    refused: bool = False
    actions: Sequence[BulkAction] = ()
    choice: Choice = Choice.NONE

    @property
    def title(self) -> Text:
        """What the list is called."""
        return self.listing.title

    @property
    def columns(self) -> list[Column]:
        """The columns on the screen."""
        return [column for column in self.listing.columns if column.screen]

    @property
    def choice_filters(self) -> list[ChoiceFilter]:
        """Filters drawn as a choice."""
        return [narrowing for narrowing in self.listing.filters if isinstance(narrowing, ChoiceFilter)]

    @property
    def day_filters(self) -> list[DayFilter]:
        """Filters drawn as two days."""
        return [narrowing for narrowing in self.listing.filters if isinstance(narrowing, DayFilter)]

    @property
    def exact_filters(self) -> list[ExactFilter]:
        """Filters drawn as a field to type into."""
        return [narrowing for narrowing in self.listing.filters if isinstance(narrowing, ExactFilter)]

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter is in force."""
        return any(key != "sort" for key in self.given)

    @property
    def count_words(self) -> str:
        """How many there are, in words."""
        most = self.listing.most_counted
        if self.count > most:
            return str(gettext("超过 %(count)s 条", count=f"{most:,}"))
        return str(gettext("共 %(count)s 条", count=f"{self.count:,}"))

    def url(self, **changes: str) -> str:
        """This list with some parameters changed; an empty one is left out."""
        wanted = {key: value for key, value in (dict(self.given) | changes).items() if value}
        return f"{self.path}?{urlencode(wanted)}" if wanted else self.path

    def page_url(self, number: int) -> str:
        """Another page of this list."""
        return self.url(page=str(number) if number > 1 else "")

    def sort_url(self, column: Column) -> str:
        """This list sorted by that column, the other way round where it already is."""
        return self.url(sort=f"-{column.key}" if self.sorted_by(column) == "ascending" else column.key)

    def sorted_by(self, column: Column) -> str:
        """``ascending``, ``descending``, or nothing."""
        order = self.given.get("sort", self.listing.order)
        if order.removeprefix("-") != column.key:
            return ""
        return "descending" if order.startswith("-") else "ascending"

    def choice_url(self, choice: str) -> str:
        """This page with its rows ticked (``page``), with everything that matches chosen (``all``), or without."""
        return self.url(page=str(self.number) if self.number > 1 else "", chosen=choice)

    def hidden(self) -> dict[str, str]:
        """Parameters that the search form carries along unseen: the order, and the things narrowed to by id."""
        kept = {"sort", *(n.key for n in self.listing.filters if isinstance(n, IdFilter))}
        return {key: value for key, value in self.given.items() if key in kept}

    def chips(self) -> list[tuple[str, str]]:
        """Each search and filter in force, in words, with the address of the list without it."""
        found = [(self.given["q"], self.url(q=""))] if "q" in self.given else []
        for narrowing in self.listing.filters:
            words = narrowing.described(self.given)
            if words:
                found.append(
                    (f"{narrowing.title}{gettext('：')}{words}", self.url(**dict.fromkeys(narrowing.keys, "")))
                )
        return found

    def cells(self, row: Any) -> list[Cell]:
        """The row as the screen shows it."""
        return [self._cell(column, row) for column in self.columns]

    def _cell(self, column: Column, row: Any) -> Cell:
        value = column.value(row)
        link = column.link(row) if column.link else None
        note = column.note(row) if column.note else ""
        if column.kind == "money" and value is not None:
            return Cell("money", format_yuan(value), value, link, note=note)
        state = column.states.get(value) if column.kind == "status" else None
        return Cell(column.kind, column.words(row), value, link, state.tone if state else "neutral", note)


def page_of(
    listing: Listing,
    statement: AnySelect,
    arguments: Mapping[str, str],
    path: str,
    actions: Sequence[BulkAction] = (),
    *,
    parts: Parts | None = None,
) -> ListingPage:
    """One page of the list, as the parameters ask. ``path`` is the address of the page; ``actions`` are those that the
    reader is offered; ``parts`` are the rows of the statement as indexes serve them."""
    given = listing.whitelisted(arguments)
    refused = looks_personal(given.get("q", "")) or listing.asks_for_numbers_of_people(arguments)
    if looks_personal(given.get("q", "")):
        given.pop("q")
    number = _page_number(arguments.get("page", ""))
    each = [listing.narrowed(part, given) for part in (parts.parts if parts else (statement,))]
    size = listing.page_size
    skipped = (number - 1) * size
    found = _among_first(listing, parts, each, given, skipped + size + 1) if parts else each[0]
    wanted = listing.ordered(found, given).limit(size + 1).offset(skipped)
    rows = list(rows_of(wanted.options(*listing.loads)))
    more = len(rows) > size and number < LAST_PAGE
    if parts and parts.counted_in_order:
        each = [listing.ordered(part, given) for part in each]
    else:
        each = [part.order_by(None) for part in each]
    count = len(rows) if number == 1 and not more else _count(listing, each)
    choice = Choice.of(arguments.get("chosen", "")) if actions else Choice.NONE
    return ListingPage(listing, rows[:size], number, more, count, given, path, refused, actions, choice)


def _among_first(
    listing: Listing, parts: Parts, each: Sequence[AnySelect], given: Mapping[str, str], most: int
) -> AnySelect:
    """The rows that are among the first so many of one of the parts: the first so many of all are among them."""
    tops = [_ids(listing, listing.ordered(part, given).limit(most)).subquery() for part in each]
    return parts.rows.where(listing.id.in_(union_all(*(select(top) for top in tops))))


def _count(listing: Listing, each: Sequence[AnySelect]) -> int:
    """How many rows there are in these parts together, counted no further than one past the listing's cap."""
    capped = [_ids(listing, part).limit(listing.most_counted + 1).subquery() for part in each]
    # UNION, not UNION ALL: a row of two parts counts once.
    together = union(*(select(part) for part in capped)).subquery() if len(capped) > 1 else capped[0]
    found = db.session.scalar(select(func.count()).select_from(together)) or 0
    return min(found, listing.most_counted + 1)


def _ids(listing: Listing, statement: AnySelect) -> AnySelect:
    return statement.with_only_columns(listing.id, maintain_column_froms=True)


def _page_number(text: str) -> int:
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1
    return min(max(wanted, 1), LAST_PAGE)
