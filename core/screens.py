"""Jinja filters: how money, dates and people are written on screens and prints."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import Flask
from wtforms import Field

from core import clock
from core.money import Fen, format_yuan
from core.msgid import N_
from core.navigation import shown_navigation
from core.web import plain_message, select_locale
from core.words import role_names, room_words


def yuan(fen: int | None) -> str:
    """Fen as yuan with separators, e.g. 1,234.56; a dash for nothing."""
    return "—" if fen is None else format_yuan(Fen(fen))


def county_time(at: datetime | None) -> str:
    """An instant as county wall-clock time, to the minute."""
    return "—" if at is None else clock.local_time(at).strftime("%Y-%m-%d %H:%M")


def county_clock(at: datetime) -> str:
    """An instant as county wall-clock time of the day, to the minute."""
    return clock.local_time(at).strftime("%H:%M")


def county_date(day: date | datetime | None) -> str:
    """A day, or the county day of an instant."""
    if day is None:
        return "—"
    return (clock.local_date(day) if isinstance(day, datetime) else day).isoformat()


def period(yyyymm: str) -> str:
    """A period as people say it: 2020年6月; month 00 is the whole year."""
    return period_in(select_locale(), yyyymm)


@lru_cache(maxsize=512)  # ten years have 130 periods
def period_in(_language: str, yyyymm: str) -> str:
    """The same for many periods: the language of the request is asked for once, by the caller."""
    year, month = yyyymm[:4], int(yyyymm[4:] or 0)
    return plain_message(N_("%(year)s年%(month)s月") if month else N_("%(year)s年")) % {"year": year, "month": month}


def described(control: Field, hint: object, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a form control that tie it to its hint and its errors for a screen reader."""
    notes = []
    if hint or control.description:
        notes.append(f"{control.id}-hint")
    if control.errors:
        notes.append(f"{control.id}-error")
    tied = {"aria_describedby": " ".join(notes)} if notes else {}
    return dict(attributes) | tied | ({"aria_invalid": "true"} if control.errors else {})


def install(app: Flask) -> None:
    """Make the filters known to the templates."""
    # Lines that hold only a tag leave nothing behind: pages go out over slow networks.
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(yuan)
    app.add_template_filter(county_time)
    app.add_template_filter(county_date)
    app.add_template_filter(period)
    app.add_template_global(described)
    app.add_template_global(shown_navigation)
    app.add_template_global(role_names)
    app.add_template_global(room_words)
