"""Saved views: the filters of a list that an official keeps under a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from flask import url_for
from sqlalchemy import delete, func, select

from complaints import rules
from complaints.listings import ALL, DESK, MISROUTED, SUPERVISED
from complaints.models import SavedView
from core import audit
from core.database import db, rows_changed
from core.errors import Conflict, NotVisible, UserError
from core.listing import looks_personal
from core.principal import Principal

PAGES = {
    "complaints.desk": DESK,
    "complaints.supervised": SUPERVISED,
    "complaints.misrouted": MISROUTED,
    "complaints.everything": ALL,
}
"""Endpoint of a list → the list, for those whose views can be saved. Not the sealed room."""
MOST_NAME = 30
MOST_VIEWS = 20


@dataclass(frozen=True)
class ViewLink:
    """A saved view as the page shows it."""

    id: int
    name: str
    url: str


def views_of(principal: Principal, page: str) -> Sequence[ViewLink]:
    """The principal's own views of this list, by name."""
    found = db.session.scalars(
        select(SavedView)
        .where(SavedView.official_id == principal.official_id, SavedView.page == page)
        .order_by(SavedView.name, SavedView.id)
    )
    return [ViewLink(view.id, view.name, f"{url_for(view.page)}?{view.query}") for view in found]


def save_view(principal: Principal, page: str, name: str, query: str, *, at: datetime) -> str:
    """Keep these filters under a name; a view of that name is replaced. Returns its address.

    Raises NotVisible for a list that has no views, UserError without a name or filter, Conflict for too many views.
    """
    principal.require(rules.READ_COMPLAINTS)
    if page not in PAGES:
        raise NotVisible
    title = name.replace("\x00", "").strip()
    if not 1 <= len(title) <= MOST_NAME or looks_personal(title):
        raise UserError("请写一个 %(most)d 字以内的名称，不要写证件号码或电话。", most=MOST_NAME)
    given = PAGES[page].whitelisted(dict(parse_qsl(query)))
    if not given or looks_personal(given.get("q", "")):
        raise UserError("请先筛选或排序，再保存。")
    known = db.session.scalar(
        select(SavedView).where(
            SavedView.official_id == principal.official_id, SavedView.page == page, SavedView.name == title
        )
    )
    if known is not None:
        known.query = urlencode(given)
    else:
        own = select(func.count()).select_from(SavedView).where(SavedView.official_id == principal.official_id)
        if (db.session.scalar(own) or 0) >= MOST_VIEWS:
            raise Conflict("最多保存 %(most)d 个。请先删掉不用的。", most=MOST_VIEWS)
        db.session.add(SavedView(official_id=principal.official_id, page=page, name=title, query=urlencode(given)))
    audit.record(principal, "complaint.save_view", "saved_view", "", at=at)
    db.session.flush()
    return f"{url_for(page)}?{urlencode(given)}"


def remove_view(principal: Principal, view_id: int, *, at: datetime) -> None:
    """Remove one of the principal's own views. Raises NotVisible for any other."""
    removed = db.session.execute(
        delete(SavedView).where(SavedView.id == view_id, SavedView.official_id == principal.official_id)
    )
    if not rows_changed(removed):
        raise NotVisible
    audit.record(principal, "complaint.remove_view", "saved_view", "", at=at)
    db.session.flush()
