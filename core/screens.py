"""Jinja filters: how money, dates and people are written on screens and prints."""

from datetime import date, datetime

from flask import Flask

from core import clock
from core.money import Fen, format_yuan


def yuan(fen: int | None) -> str:
    """Fen as yuan with separators, e.g. 1,234.56; a dash for nothing."""
    return "—" if fen is None else format_yuan(Fen(fen))


def county_time(at: datetime | None) -> str:
    """An instant as county wall-clock time, to the minute."""
    return "—" if at is None else clock.local_time(at).strftime("%Y-%m-%d %H:%M")


def county_date(day: date | datetime | None) -> str:
    """A day, or the county day of an instant."""
    if day is None:
        return "—"
    return (clock.local_date(day) if isinstance(day, datetime) else day).isoformat()


def install(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.add_template_filter(yuan)
    app.add_template_filter(county_time)
    app.add_template_filter(county_date)
