"""The pages of retention: what is announced for deletion, what is kept beyond its years, and for how many years."""

from dataclasses import replace
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from complaints import operations, retained, rules
from complaints.door import blueprint, tabs
from complaints.listings import ALL, SEALED
from complaints.models import Complaint
from complaints.operations.retaining import may_set_period
from core import listing_pages, web
from core.database import db
from core.errors import UserError
from core.listing import Column, Listing

_ERASE = Column("erase", lazy_gettext("删除日期"), lambda row: row.erase_on, kind="day", sort=Complaint.erase_on)


def _of(listing: Listing, name: str, **more: Any) -> Listing:
    """The list of one of these pages: what is shown of a case, without what is urgent about it."""
    shown = {column.key: column for column in listing.columns}
    columns = [shown[key] for key in ("number", "category", "state", "received", "region", "owner")]
    closed = replace(shown["closed"], screen=True, sort=Complaint.closed_at)
    filters = tuple(one for one in listing.filters if set(one.keys) <= {"state", "category"})
    return replace(listing, name=name, columns=(*columns, closed, _ERASE), filters=filters, **more)


_SOON = {"title": lazy_gettext("到期删除"), "order": "erase", "empty": lazy_gettext("30 天内没有要删除的。")}
_HELD = {"title": lazy_gettext("留存"), "order": "received", "empty": lazy_gettext("没有留存的。")}
TO_BE_DELETED = _of(ALL, "complaints_to_be_deleted", **_SOON)
HELD = _of(ALL, "complaints_held", **_HELD)
SEALED_TO_BE_DELETED = _of(SEALED, "sealed_complaints_to_be_deleted", **_SOON)
SEALED_HELD = _of(SEALED, "sealed_complaints_held", **_HELD)


@blueprint.route("/retention", methods=["GET", "POST"])
def retention() -> ResponseReturnValue:
    """What will be deleted within thirty days, of what this office sees."""
    return _listed(TO_BE_DELETED, sealed=False, on_hold=False)


@blueprint.route("/retention/held", methods=["GET", "POST"])
def held() -> ResponseReturnValue:
    """What is kept beyond its years, of what this office sees."""
    return _listed(HELD, sealed=False, on_hold=True)


@blueprint.route("/sealed/retention", methods=["GET", "POST"])
def sealed_retention() -> ResponseReturnValue:
    """The same of the sealed room; for everybody else there is no such page."""
    return _listed(SEALED_TO_BE_DELETED, sealed=True, on_hold=False)


@blueprint.route("/sealed/retention/held", methods=["GET", "POST"])
def sealed_held() -> ResponseReturnValue:
    """What the sealed room keeps beyond its years."""
    return _listed(SEALED_HELD, sealed=True, on_hold=True)


def _listed(listing: Listing, *, sealed: bool, on_hold: bool) -> ResponseReturnValue:
    principal = web.current_principal()
    statement, parts = retained.listed(principal, sealed=sealed, on_hold=on_hold)
    principal.require(rules.READ_COMPLAINTS)
    return listing_pages.serve(
        listing, statement, "complaints/retention.html", parts=parts, sealed=sealed, on_hold=on_hold, tabs=tabs()
    )


@blueprint.route("/retention/periods", methods=["GET", "POST"])
def periods() -> ResponseReturnValue:
    """For how many years ended cases are kept, by category; who may set it does so here, with a reason. What was typed
    is not lost where it is refused."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    given = {name: request.form.get(name, "") for name in ("category", "years", "reason")}
    status = 200
    if request.method == "POST":
        years = given["years"]
        number = int(years) if years.isascii() and years.isdecimal() and len(years) <= 3 else 0
        try:
            operations.set_period(principal, given["category"], number, given["reason"], at=g.now)
        except UserError as error:
            db.session.rollback()
            web.flash_error(error)
            status = web.STATUS_OF.get(type(error), 400)
        else:
            db.session.commit()
            flash(gettext("已保存。改短的，满期的公告 30 天后才删除；改长的，今夜撤回公告。"), "success")
            return redirect(url_for("complaints.periods"), 303)
    lines = retained.period_lines(principal)
    page = render_template(
        "complaints/periods.html",
        lines=lines,
        settable=[line for line in lines if may_set_period(principal, line.category)],
        given=given,
        least=rules.LEAST_YEARS,
        most=rules.MOST_YEARS,
        tabs=tabs(),
    )
    return page, status
