"""Trying a manner of writing statements on a sample: what is recognised, and where it is refused. Nothing is kept."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from core.errors import UserError
from core.identity import mask_card
from core.tables.reading import TableError, open_table
from reconciliation.profiles import StatementProfile
from reconciliation.rules import month_of
from reconciliation.statements import ReadLine, StatementHead, StatementReader, check_statement

MOST_LINES = 200
"""As many lines are shown."""


class TriedLine(NamedTuple):
    """A line as it was understood; its card is masked."""

    line: ReadLine
    card: str


class Trial(NamedTuple):
    """What a sample says. ``titles`` are the columns that were found, each with its title in the file; ``month`` is the
    first line's; ``refusal`` tells why such a file would be refused whole, else ``head`` tells what it adds up to."""

    titles: Mapping[str, str]
    lines: Sequence[TriedLine]
    month: str | None
    head: StatementHead | None
    refusal: UserError | None


def try_statement(profile: StatementProfile, content: bytes) -> Trial:
    """Read a sample by a profile. Raises UserError for a file of another kind altogether."""
    try:
        titles, lines, refusal = _read(profile, content)
    except TableError as error:
        raise UserError(error.sentence, **error.parameters) from error
    month = month_of(lines[0].line.day) if lines else None
    head = None
    if refusal is None:
        try:
            head = check_statement(profile, content, month or "2000-01")
        except UserError as error:
            refusal = error
    return Trial(titles, lines, month, head, refusal)


def _read(profile: StatementProfile, content: bytes) -> tuple[Mapping[str, str], list[TriedLine], UserError | None]:
    """The titles of the columns, the first lines, and why no more could be read."""
    lines: list[TriedLine] = []
    with open_table(content) as table:
        for sheet in table.sheets():
            reader, refusal = StatementReader(profile), None
            try:
                for line in islice(reader.lines(sheet.rows()), MOST_LINES):
                    lines.append(TriedLine(line, mask_card(line.card) if line.card else line.card_tail))
            except UserError as error:
                refusal = error
            if reader.has_header:
                return reader.titles, lines, refusal
    return {}, [], None
