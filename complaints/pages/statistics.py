"""The figures of this room: on the screen, as a report to print and as a workbook; and those of the sealed room."""

import tempfile
from typing import Any, BinaryIO, cast

from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from complaints import figures, rules
from complaints.door import blueprint, tabs
from complaints.figure_tables import Report, period_name, report_of, write_report, written
from complaints.figures import TOWNSHIP_DIGITS, VILLAGE_DIGITS, Wanted
from complaints.rules.figures import Period, Span, last_month, parse_period, periods_until
from complaints.sealed_figures import sealed_figures
from complaints.sealed_tables import sealed_report
from core import audit, clock, web
from core.database import db, only_reads
from core.downloads import as_download
from core.errors import NotVisible
from core.principal import OrganisationKind, Principal
from registry.models import Region

OWN, COUNTY = "own", "county"


@blueprint.get("/statistics")
def statistics() -> ResponseReturnValue:
    """Figures that do not flatter: of what the office sees, or of the county."""
    principal = web.current_principal()
    wanted = _wanted(principal)
    return render_template(
        "complaints/statistics.html",
        report=_report(principal, wanted),
        written=written,
        scopes=_scopes(principal),
        scope=COUNTY if wanted.county else OWN,
        periods=_choices(over=wanted.county),
        period=wanted.period.code,
        townships=_townships(principal) if figures.has_villages(wanted) else [],
        township=wanted.township,
        print_url=url_for("complaints.statistics_report", **_address(wanted)),
        export_url=url_for("complaints.export_statistics", **_address(wanted)),
        tabs=tabs(),
    )


@blueprint.get("/statistics/report")
def statistics_report() -> ResponseReturnValue:
    """The same as a report to print and to sign."""
    principal = web.current_principal()
    wanted = _wanted(principal)
    back = url_for("complaints.statistics", **_address(wanted))
    return render_template("complaints/report.html", report=_report(principal, wanted), written=written, back=back)


@blueprint.post("/statistics")
def export_statistics() -> ResponseReturnValue:
    """The same as a workbook; one audit entry says who took it."""
    principal = web.current_principal()
    wanted = _wanted(principal)
    # The request began as a writer; counting must not keep the others waiting.
    db.session.rollback()
    with only_reads():
        report = _report(principal, wanted)
        db.session.rollback()
    return _exported(principal, report, "figures", wanted.period, scope=COUNTY if wanted.county else OWN)


@blueprint.get("/sealed/statistics")
def sealed_statistics() -> ResponseReturnValue:
    """The figures of the sealed room; for everybody but the commission there is no such page."""
    principal = web.current_principal()
    period = _sealed_period(principal)
    return render_template(
        "complaints/statistics.html",
        report=_sealed_report(principal, period),
        written=written,
        sealed=True,
        scopes=[],
        periods=_choices(over=False),
        period=period.code,
        townships=[],
        print_url=url_for("complaints.sealed_statistics_report", period=period.code),
        export_url=url_for("complaints.export_sealed_statistics", period=period.code),
        tabs=[],
    )


@blueprint.get("/sealed/statistics/report")
def sealed_statistics_report() -> ResponseReturnValue:
    """The same as a report to print and to sign."""
    principal = web.current_principal()
    period = _sealed_period(principal)
    back = url_for("complaints.sealed_statistics", period=period.code)
    report = _sealed_report(principal, period)
    return render_template("complaints/report.html", report=report, written=written, back=back)


@blueprint.post("/sealed/statistics")
def export_sealed_statistics() -> ResponseReturnValue:
    """The same as a workbook; the entry about it is for the commission alone."""
    principal = web.current_principal()
    period = _sealed_period(principal)
    return _exported(
        principal, _sealed_report(principal, period), "sealed_figures", period, visible_to=OrganisationKind.DISCIPLINE
    )


def _report(principal: Principal, wanted: Wanted) -> Report:
    found = figures.figures(principal, wanted, clock.local_date(g.now))
    return report_of(found, principal, at=g.now)


def _sealed_report(principal: Principal, period: Period) -> Report:
    return sealed_report(sealed_figures(principal, period, clock.local_date(g.now)), principal, at=g.now)


def _exported(
    principal: Principal,
    report: Report,
    subject: str,
    period: Period,
    *,
    visible_to: OrganisationKind | None = None,
    **details: str,
) -> ResponseReturnValue:
    # Handed over open; whoever sends it closes it.
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it, once it is sent
    rows = write_report(file, report)
    audit.record(
        principal,
        f"complaint.export_{subject}",
        subject,
        period.code,
        at=g.now,
        visible_to=visible_to,
        rows=rows,
        format="xlsx",
        **details,
    )
    db.session.commit()
    return as_download(file, f"{report.title}-{period.code}.xlsx")


def _scopes(principal: Principal) -> list[tuple[str, str]]:
    """Whose figures the principal may choose between."""
    found = []
    if figures.may_read(principal, county=False):
        found.append((OWN, gettext("本单位看得到的")))
    if figures.may_read(principal, county=True):
        found.append((COUNTY, gettext("全县（已过完的时段）")))
    return found


def _wanted(principal: Principal) -> Wanted:
    """What the address asks for. Raises PermissionDenied without the right to any figures; 404 for what is no scope,
    period or township of theirs."""
    scopes = [code for code, _words in _scopes(principal)]
    if not scopes:
        principal.require(rules.READ_COMPLAINTS)
    scope = request.args.get("scope") or scopes[0]
    if scope not in scopes:
        abort(404)
    county = scope == COUNTY
    wanted = Wanted(_period(over=county), county=county)
    if not figures.has_villages(wanted):
        return wanted
    codes = [code for code, _name in _townships(principal)]
    # A township's own villages stand there without asking.
    township = request.args.get("township") or (codes[0] if len(codes) == 1 else "")
    if township and township not in codes:
        abort(404)
    return Wanted(wanted.period, county, township)


def _period(*, over: bool) -> Period:
    """The period of the address, by default this year, or the newest month that is over."""
    today = clock.local_date(g.now)
    code = request.args.get("period", "")
    if not code:
        return last_month(today) if over else cast("Period", parse_period(f"{today.year}"))
    period = parse_period(code)
    if period is None or period.first > today:
        abort(404)
    # Whoever turns from his own figures to the county's has another period in the address.
    return last_month(today) if over and not period.is_over(today) else period


def _sealed_period(principal: Principal) -> Period:
    if not principal.may(rules.READ_SEALED):
        raise NotVisible
    return _period(over=False)


def _choices(*, over: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """The periods to choose from, by how long they are."""
    found = periods_until(clock.local_date(g.now), over=over)
    names = {Span.YEAR: gettext("按年"), Span.QUARTER: gettext("按季度"), Span.MONTH: gettext("按月")}
    return [
        (name, [(period.code, period_name(period)) for period in found if period.span == span])
        for span, name in names.items()
    ]


def _townships(principal: Principal) -> list[tuple[str, str]]:
    """The townships of the principal's region, by code."""
    prefix = principal.region_prefix[:TOWNSHIP_DIGITS]
    rows = db.session.execute(
        select(Region.code, Region.name)
        .where(Region.level == "township", Region.code.startswith(prefix, autoescape=True))
        .order_by(Region.code)
    )
    return [(code, name) for code, name in rows if len(code) == VILLAGE_DIGITS]


def _address(wanted: Wanted) -> dict[str, Any]:
    found: dict[str, Any] = {"scope": COUNTY if wanted.county else OWN, "period": wanted.period.code}
    return found | ({"township": wanted.township} if wanted.township else {})
