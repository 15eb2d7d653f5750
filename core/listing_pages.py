"""Serves a Listing: its page by GET; its search form, its export and its bulk actions by POST."""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import Response, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import audit, bulk_pages, clock
from core.database import db, only_reads
from core.downloads import as_download
from core.errors import UserError
from core.listing import AnySelect, Listing, Parts, looks_personal
from core.listing_screen import ListingPage, page_of
from core.principal import Principal
from core.tables import export as writers
from core.web import current_principal

EXPORT_CAP = 200_000
FORMATS = frozenset({"xlsx", "csv"})


def serve(
    listing: Listing,
    statement: AnySelect,
    template: str = "staff/listing.html",
    *,
    parts: Parts | None = None,
    **context: Any,
) -> ResponseReturnValue:
    """Answer a request for a list. The view is routed for GET and POST, and ``statement`` is already narrowed to what
    the principal may see; so are its ``parts``, from which the page is drawn where they are given. ``context`` goes to
    the template, which draws it with ``ui.listing_table(listing)``."""
    principal = current_principal()
    if request.method == "POST":
        wanted = request.form.get("export", "")
        if wanted in FORMATS:
            return export(listing, statement, wanted, principal, at=g.now)
        if "bulk" in request.form:
            return bulk_pages.answer(listing, statement, principal, at=g.now)
        return search(listing, principal)
    actions = [action for action in listing.actions if action.is_for(principal)]
    page = page_of(listing, statement, request.args, request.path, actions, parts=parts)
    if page.refused:
        # Gone from the address bar at once, and from every link that takes the address along.
        flash(gettext("证件号码、卡号和电话不能出现在网址里，没有按它查询。请在本页的搜索框中输入。"), "warning")
        return redirect(page.url(), 303)
    return render_template(template, listing=page, **context)


def search(listing: Listing, principal: Principal) -> ResponseReturnValue:
    """Turn the posted search into an address without personal data, and go there."""
    given = listing.whitelisted(request.form)
    if listing.asks_for_numbers_of_people(request.form):
        flash(not_found_sentence(listing), "warning")
    if looks_personal(given.get("q", "")):
        person = listing.find_person(principal, given.pop("q")) if listing.find_person else None
        if person is None:
            flash(not_found_sentence(listing), "warning")
        else:
            given |= person
    page = ListingPage(listing, [], 1, False, 0, given, request.path)
    return redirect(page.url(), 303)


def not_found_sentence(listing: Listing) -> str:
    """What to say where a search by ID number, card or phone leads nowhere."""
    if listing.find_person is None:
        return str(gettext("这里不能按证件号码、卡号或电话查找。请输入姓名或编号。"))
    return str(gettext("您的查看范围内没有与这个号码相符的记录。请核对后再查。"))


def export(listing: Listing, statement: AnySelect, wanted: str, principal: Principal, *, at: datetime) -> Response:
    """The whole list, as its parameters narrow it, as a file; one audit entry says so. Raises UserError for more than
    EXPORT_CAP rows, PermissionDenied without the right."""
    if listing.export_right is not None:
        principal.require(listing.export_right)
    given = listing.whitelisted(request.args)
    if looks_personal(given.get("q", "")):
        raise UserError("证件号码、卡号和电话不能出现在网址里。请从列表页重新查询后再导出。")
    # The request began as a writer; reading a long list must not keep the others waiting.
    db.session.rollback()
    # Unlinked as soon as it exists, and handed over open.
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it, once it is sent
    with only_reads():
        rows = write(file, listing, statement, given, wanted)
        db.session.rollback()
    if rows > EXPORT_CAP:
        file.close()
        raise UserError("超过 %(most)s 条，一次导不完。请先筛选，分几次导出。", most=f"{EXPORT_CAP:,}")
    audit.record(
        principal,
        "listing.export",
        "listing",
        listing.name,
        at=at,
        visible_to=listing.confidential_to,
        rows=rows,
        format=wanted,
        narrowed_by=sorted(given),
    )
    db.session.commit()
    return as_download(file, f"{listing.title}-{clock.local_date(at):%Y%m%d}.{wanted}")


def write(file: BinaryIO, listing: Listing, statement: AnySelect, given: Mapping[str, str], wanted: str) -> int:
    """Write the list into ``file``; returns how many rows (one past EXPORT_CAP at most)."""
    heading = [str(column.title) for column in listing.columns]
    rows = listing.export_rows(statement, given, EXPORT_CAP + 1)
    if wanted == "csv":
        return writers.write_csv(file, heading, rows)
    return writers.write_xlsx(file, heading, rows)
