"""The page of the county's calendar: days off and make-up days by year, with their sources; an official mends it."""

from datetime import date

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import clock, web
from core.calendar import HOLIDAYS, PUBLISHED_SOURCE, WORKED
from core.database import db
from core.errors import UserError
from core.navigation import NavigationEntry, Section, navigation
from core.principal import OrganisationKind, Principal
from core.working_days import (
    EARLIEST_YEAR,
    EDIT_CALENDAR,
    YEARS_AHEAD,
    days_of,
    import_year,
    known_elsewhere,
    load_calendar,
    set_day,
)


def _looks_it_up(principal: Principal) -> bool:
    """Whoever keeps it, and the finance bureau, which watches the deadlines of all offices."""
    return principal.may(EDIT_CALENDAR) or principal.organisation_kind == OrganisationKind.FINANCE


navigation(
    NavigationEntry(
        lazy_gettext("工作日历"), "staff.calendar", Section.ADMINISTRATION, _looks_it_up, order=60, icon="page"
    )
)


def add_routes(staff: Blueprint) -> None:
    """Enter the pages into the staff door's own blueprint."""
    staff.add_url_rule("/calendar", "calendar", calendar, methods=["GET", "POST"])
    staff.add_url_rule("/calendar/import", "import_calendar", import_calendar, methods=["POST"])


def calendar() -> ResponseReturnValue:
    """The days of a year that differ from the ordinary week: deadlines are counted by them, so every official may look.
    By POST one day is set; what was typed is not lost where it is refused."""
    given = {name: request.form.get(name, "") for name in ("on", "working", "name", "source")}
    if request.method == "GET":
        return _page(_year(request.args.get("year", "")), given)
    on = _day(given["on"])
    try:
        working = given["working"] == "1"
        today = clock.local_date(g.now)
        day = set_day(web.current_principal(), on, working, given["name"], given["source"], today=today, at=g.now)
    except UserError as error:
        web.flash_error(error)
        return _page(on.year if on else clock.local_date(g.now).year, given), web.STATUS_OF.get(type(error), 400)
    db.session.commit()
    flash(gettext("已保存。没有办结的期限今夜按新的日历重算，变化记入各件的经过。"), "success")
    return redirect(url_for("staff.calendar", year=day.on.year), 303)


def import_calendar() -> ResponseReturnValue:
    """Enter what this release knows of a year."""
    year = _year(request.form.get("year", ""))
    return web.press(
        lambda: import_year(web.current_principal(), year, at=g.now),
        gettext("已补入。没有办结的期限今夜按新的日历重算。"),
        url_for("staff.calendar", year=year),
    )


def _page(year: int, given: dict[str, str]) -> str:
    principal, this_year = web.current_principal(), clock.local_date(g.now).year
    may_edit = principal.may(EDIT_CALENDAR)
    return render_template(
        "staff/calendar.html",
        year=year,
        years=range(this_year - 2, this_year + YEARS_AHEAD + 1),
        days=days_of(year),
        provisional=load_calendar().is_provisional(date(year, 1, 1)),
        may_edit=may_edit,
        known=known_elsewhere(year) if may_edit else 0,
        given=given,
        source_words=source_words,
        day_words=day_words,
    )


def source_words(source: str) -> str:
    """Where a day comes from, in the reader's language where the table was seeded; an official's own words as they
    are."""
    before, after = PUBLISHED_SOURCE.split("%(version)s")
    if not source.startswith(before) or not source.endswith(after):
        return source
    version = source.removeprefix(before).removesuffix(after)
    return str(gettext(PUBLISHED_SOURCE, version=version))


def day_words(name: str) -> str:
    """The name of a day likewise."""
    suffix = WORKED.partition("%(holiday)s")[2]
    holiday = name.removesuffix(suffix)
    if holiday not in HOLIDAYS:
        return name
    said = str(gettext(holiday))
    return said if holiday == name else str(gettext(WORKED, holiday=said))


def _year(text: str) -> int:
    """The year asked for; the present one where none is. Ends the request with 404 for one out of range."""
    this_year = clock.local_date(g.now).year
    year = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else this_year
    if not EARLIEST_YEAR <= year <= this_year + YEARS_AHEAD:
        abort(404)
    return year


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
