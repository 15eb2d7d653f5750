"""An office's own wordings for questions, refusals and answers: kept, chosen in a case, filled in there."""

from collections.abc import Sequence
from datetime import datetime

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from complaints import rules
from complaints.desk_models import Wording
from complaints.models import Complaint
from complaints.operations.case import checked_text
from complaints.views import blueprint, tabs
from core import audit, web
from core.database import db
from core.errors import NotVisible, UserError
from core.msgid import N_
from core.principal import Principal

USES = {"ask": N_("请反映人补充"), "decline": N_("不予受理"), "conclude": N_("答复")}
"""Action of a case → its name: where a wording can be chosen."""
MOST_TITLE = 50
MOST_WORDINGS = 200


def wordings_of(principal: Principal) -> Sequence[Wording]:
    """What the principal's office keeps and has not retired, by use and title."""
    return db.session.scalars(
        select(Wording)
        .where(Wording.organisation_id == principal.organisation_id, Wording.retired_at.is_(None))
        .order_by(Wording.use, Wording.title, Wording.id)
        .limit(MOST_WORDINGS)
    ).all()


def wording_by_id(principal: Principal, wording_id: int) -> Wording:
    """One of the own office, in use. Raises NotVisible for any other."""
    found = db.session.scalar(
        select(Wording).where(
            Wording.id == wording_id,
            Wording.organisation_id == principal.organisation_id,
            Wording.retired_at.is_(None),
        )
    )
    if found is None:
        raise NotVisible
    return found


def filled(wording: Wording, complaint: Complaint) -> str:
    """The text with the number of the case and its earliest due day where it asks for them."""
    due_on = complaint.due_on.isoformat() if complaint.due_on else ""
    return wording.text.replace("{编号}", complaint.number).replace("{期限}", due_on)


def keep_wording(
    principal: Principal, use: str, title: str, text: str, *, at: datetime, wording: Wording | None = None
) -> Wording:
    """Create a wording of the own office, or change one. Raises UserError."""
    principal.require(rules.HANDLE_COMPLAINTS)
    if use not in USES:
        raise UserError("请选择用在哪里。")
    name, said = title.replace("\x00", "").strip(), checked_text(text, N_("请写明内容。"))
    if not 1 <= len(name) <= MOST_TITLE:
        raise UserError("请写一个 %(most)d 字以内的名称。", most=MOST_TITLE)
    assert principal.organisation_id is not None and principal.official_id is not None  # nobody else holds the right
    if wording is None:
        wording = Wording(organisation_id=principal.organisation_id)
        db.session.add(wording)
    wording.use, wording.title, wording.text = use, name, said
    wording.changed_by, wording.changed_at = principal.official_id, at
    db.session.flush()
    audit.record(principal, "complaint.keep_wording", "wording", str(wording.id), at=at)
    return wording


def retire_wording(principal: Principal, wording: Wording, *, at: datetime) -> None:
    """Offer it no longer; what was written with it stays."""
    principal.require(rules.HANDLE_COMPLAINTS)
    wording.retired_at = at
    audit.record(principal, "complaint.retire_wording", "wording", str(wording.id), at=at)
    db.session.flush()


@blueprint.route("/wordings", methods=["GET", "POST"])
def wordings() -> ResponseReturnValue:
    """The office's wordings, and a form for a new one; what was typed is not lost where it is refused."""
    return _page(None)


@blueprint.route("/wordings/<int:wording_id>", methods=["GET", "POST"])
def wording(wording_id: int) -> ResponseReturnValue:
    """Change one wording."""
    principal = web.current_principal()
    principal.require(rules.HANDLE_COMPLAINTS)
    return _page(wording_by_id(principal, wording_id))


def _page(changed: Wording | None) -> ResponseReturnValue:
    principal = web.current_principal()
    principal.require(rules.HANDLE_COMPLAINTS)
    given = {"use": "", "title": "", "text": ""}
    if changed is not None:
        given = {"use": changed.use, "title": changed.title, "text": changed.text}
    if request.method == "POST":
        given = {name: request.form.get(name, "") for name in given}
        try:
            keep_wording(principal, **given, at=g.now, wording=changed)
        except UserError as error:
            web.flash_error(error)
        else:
            db.session.commit()
            flash(gettext("已保存。"), "success")
            return redirect(url_for("complaints.wordings"), 303)
    page = render_template(
        "complaints/wordings.html",
        wordings=wordings_of(principal),
        changed=changed,
        given=given,
        uses=USES,
        tabs=tabs(),
    )
    return page, 400 if request.method == "POST" else 200


@blueprint.post("/wordings/<int:wording_id>/retire")
def retire(wording_id: int) -> ResponseReturnValue:
    """Take a wording out of use."""
    principal = web.current_principal()
    principal.require(rules.HANDLE_COMPLAINTS)
    retire_wording(principal, wording_by_id(principal, wording_id), at=g.now)
    db.session.commit()
    flash(gettext("已停用。"), "success")
    return redirect(url_for("complaints.wordings"), 303)
