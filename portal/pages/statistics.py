"""Figures for everybody: what was paid, what failed and was repaired, how complaints were answered."""

import io

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from core.addresses import as_number
from core.clock import local_date
from core.downloads import as_download
from core.errors import NotVisible
from core.tables.export import write_csv
from core.web import settings
from core.withholding import ALL
from portal.door import blueprint
from portal.statistics import queries
from portal.statistics.page import HEADING, OUTCOME_NAMES, Place, file_rows, names_of, subject_page
from portal.statistics.rules import SUBJECTS, first_day, is_whole


@blueprint.get("/statistics")
def statistics() -> ResponseReturnValue:
    """The figures of a year, of the county or (``township``) of one township."""
    years, year = _years()
    townships, township = _townships()
    counted, figures = queries.counted(), queries.figures_of(year, township)
    names = names_of(queries.programme_names(), townships, settings().county_code)
    pages = {}
    for subject in SUBJECTS:
        until = counted.get(subject.code, "")
        place = Place(township, is_whole(year, until))
        pages[subject.code] = subject_page(subject, figures.get(subject.code, {}), place, _months(year, until), names)
    return render_template(
        "portal/statistics.html",
        years=years,
        year=year,
        township=township,
        townships=townships,
        counted=counted,
        pages=pages,
        outcomes={
            subject.code: [gettext(OUTCOME_NAMES[outcome]) for outcome in subject.outcomes] for subject in SUBJECTS
        },
    )


@blueprint.get("/statistics/figures.csv")
def statistics_file() -> ResponseReturnValue:
    """All figures of the year as a file: also by township and month, and by programme and month."""
    _years_shown, year = _years()
    townships, township = _townships()
    names = names_of(queries.programme_names(), townships, settings().county_code)
    rows = file_rows(year, queries.all_figures(year, township), names, settings().county_name)
    out = io.BytesIO()
    write_csv(out, [gettext(name) for name in HEADING], rows)
    place = townships.get(township, settings().county_name)
    return as_download(out, gettext("%(place)s补贴统计%(year)s.csv") % {"place": place, "year": year})


def _months(year: int, last: str) -> dict[str, str]:
    """The months of the year up to the last one counted, with their names: of a later one not even a 0 is known."""
    names = (f"{year}-{number:02d}" for number in range(1, 13))
    return {name: format_date(first_day(name), "LLL") for name in names if name <= last}


def _years() -> tuple[list[int], int]:
    """The years to choose from, and the one that is asked for: the newest one unless another is named."""
    years = list(queries.years_shown())
    newest = years[0] if years else local_date(g.now).year
    wanted = request.args.get("year", newest, type=as_number)
    if wanted != newest and wanted not in years:
        raise NotVisible
    return years, wanted


def _townships() -> tuple[dict[str, str], str]:
    """The townships to choose from, and the one that is asked for (ALL: the county)."""
    townships = dict(queries.township_names(settings().county_code))
    wanted = request.args.get("township", ALL)
    if wanted not in (ALL, *townships):
        raise NotVisible
    return townships, wanted
