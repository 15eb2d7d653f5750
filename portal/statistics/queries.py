"""Reads of the figures that may be shown. They are everybody's, so no principal asks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from core.database import db
from core.withholding import ALL
from portal.statistics.models import CountedUntil, PublicFigure
from portal.statistics.rules import Key
from programmes.models import Programme
from registry.models import Region


class Figure(NamedTuple):
    """A number and an amount in fen; None where they are withheld."""

    number: int | None
    amount_fen: int | None


NOTHING = Figure(0, 0)


def years_shown() -> Sequence[int]:
    """The years of which there are figures, newest first."""
    return db.session.scalars(select(PublicFigure.year).distinct().order_by(PublicFigure.year.desc())).all()


def counted() -> Mapping[str, str]:
    """Up to which month (YYYY-MM) each subject is counted."""
    rows = db.session.execute(select(CountedUntil.subject, CountedUntil.month))
    return {subject: month for subject, month in rows}  # noqa: C416 - a row is no pair for dict()


def figures_of(year: int, township: str = ALL) -> Mapping[str, Mapping[Key, Figure]]:
    """The figures of a year by subject: of one township, or (ALL) of the county with the sum of each township.

    A page reads some hundred rows by an index, however many payments they stand for.
    """
    places = PublicFigure.township_code == township
    if township == ALL:
        # By township and programme at once is for the file.
        places = places | (PublicFigure.programme_code == ALL)
    found: dict[str, dict[Key, Figure]] = {}
    for subject, key, figure in _read(PublicFigure.year == year, places):
        found.setdefault(subject, {})[key] = figure
    return found


def all_figures(year: int, township: str = ALL) -> Iterator[tuple[str, Key, Figure]]:
    """Every figure of a year (subject, what it is about, figure) in the order of subject, township, programme, month;
    of one township, or (ALL) of all."""
    place = (PublicFigure.township_code == township,) if township != ALL else ()
    yield from _read(PublicFigure.year == year, *place)


def _read(*where: ColumnElement[bool]) -> Iterator[tuple[str, Key, Figure]]:
    rows = db.session.execute(
        select(
            PublicFigure.subject,
            PublicFigure.township_code,
            PublicFigure.programme_code,
            PublicFigure.month,
            PublicFigure.outcome,
            PublicFigure.number,
            PublicFigure.amount_fen,
        )
        .where(*where)
        .order_by(PublicFigure.id)
    )
    for subject, township, programme, month, outcome, number, amount in rows:
        yield subject, Key(township, programme, month, outcome), Figure(number, amount)


def programme_names() -> Mapping[str, str]:
    """The programmes' names by their codes, in the order of the catalogue."""
    rows = db.session.execute(select(Programme.code, Programme.name).order_by(Programme.id))
    return {code: name for code, name in rows}  # noqa: C416 - a row is no pair for dict()


def township_names(county: str) -> Mapping[str, str]:
    """The townships' names by their codes, in the order of the codes."""
    rows = db.session.execute(
        select(Region.code, Region.name).where(Region.parent_code == county).order_by(Region.code)
    )
    return {code: name for code, name in rows}  # noqa: C416 - as above
