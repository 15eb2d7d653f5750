"""The page of a case, what is done on it, and what is downloaded from it."""

import io
from dataclasses import fields
from functools import partial
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.exc import IntegrityError

from accounts.organisations import placed_name
from complaints import actions, operations, queries, reporters, rules, wordings
from complaints.door import blueprint
from complaints.interests import recusals
from complaints.linked import going_along, linked_with, perhaps_same
from complaints.misrouted import objecting_ends, targets, waiting_objection
from complaints.models import Complaint
from complaints.operations.approving import waiting_draft
from complaints.operations.case import open_extension
from complaints.operations.extending import extendable_clock
from complaints.presence import news_since, note_opening, others_at
from complaints.retained import holds_of
from complaints.rules.sealed import OUTCOMES
from complaints.story import story
from complaints.words import STATES, category_name, entry_text, stages_of
from core import form_names, web
from core.addresses import as_number
from core.database import db, only_reads
from core.errors import UserError
from core.principal import Principal
from core.web import STATUS_OF
from disbursement.words import PAYMENT_STATES
from publicity.rules import LINES_PER_PAGE
from publicity.rules import READ as READ_LISTS

GIVEN = tuple(field.name for field in fields(actions.Given))


@blueprint.get("/<string(length=12):number>")
def case(number: str) -> ResponseReturnValue:
    """The whole of a case on one page."""
    principal = web.current_principal()
    complaint = queries.complaint_by_number(principal, number)
    if reporters.concerns_office(principal, complaint):
        # The discipline commission's look at a confidential case would tell its office of which kind it is.
        # A request that began as a reader could not write where somebody else has written since.
        db.session.rollback()
        with only_reads(False):
            note_opening(principal, complaint, at=g.now)
            db.session.commit()
    wanted = request.args.get("wording", type=as_number)
    if wanted is None:
        return _case_page(complaint)
    wording = wordings.wording_by_id(principal, wanted)
    return _case_page(
        complaint,
        given=actions.Given(wordings.filled(wording, complaint)),
        failed=wording.use,
    )


def _case_page(complaint: Complaint, **more: Any) -> str:
    principal = web.current_principal()
    offered, recusing = actions.offered(principal, complaint, g.now), actions.recusing_offered(principal, complaint)
    clock_to_extend, draft = extendable_clock(complaint), waiting_draft(complaint)
    context: dict[str, Any] = {
        "others": others_at(principal, complaint, at=g.now),
        "seen": len(queries.story(principal, complaint)),
        "news": [],
        "offered_names": {action.name for action in (*offered, *(action for action, _who in recusing))},
        "complaint": complaint,
        "category": category_name(complaint),
        "state": STATES[complaint.state],
        "states": STATES,
        "may_link": _on_own_desk(complaint) and complaint.state in rules.OPEN,
        "stages": stages_of(complaint),
        "decline_reasons": rules.DECLINE_REASONS,
        "outcomes": OUTCOMES,
        "clock_names": rules.CLOCK_NAMES,
        "channels": rules.CHANNELS,
        "story": story(principal, complaint),
        "payment_states": PAYMENT_STATES,
        "list_url": _list_url(complaint),
        "attachments": queries.attachments(complaint),
        "reporter": reporters.masked_reporter(principal, complaint),
        "may_reveal": reporters.may_reveal(principal, complaint),
        "form_name": form_names.new_form_name() if _may_issue_code(complaint) else "",
        "actions": offered,
        "extension": open_extension(complaint),
        "granting": _granting(complaint),
        "about": placed_name(complaint.about_organisation) if complaint.about_organisation else None,
        "extendable_days": _extendable_days(complaint) if clock_to_extend else 0,
        "targets": targets(complaint) if any(action.asks == "organisation_id" for action in offered) else [],
        "objection": waiting_objection(complaint),
        "objecting_ends": objecting_ends(complaint) if any(action.name == "object" for action in offered) else None,
        "recusing": recusing,
        "recused": _recused(complaint),
        "draft": draft,
        "linked": linked_with(principal, complaint),
        "perhaps_same": perhaps_same(principal, complaint) if offered else [],
        "along": {
            action.name: len(going_along(principal, complaint, action.step)) for action in offered if action.step
        },
        "along_draft": len(going_along(principal, complaint, "approve_answer")) if draft and draft.with_linked else 0,
        "holds": holds_of(complaint),
        "wordings": wordings.wordings_of(principal) if offered else [],
        "given": actions.Given(),
        "failed": "",
    }
    return render_template("complaints/case.html", **(context | more))


def _granting(complaint: Complaint) -> str:
    """The office that decides upon the request for more days that waits."""
    extension = open_extension(complaint)
    return extension.deciding.name if extension and extension.deciding else complaint.owner.name


def _recused(complaint: Complaint) -> str:
    """Who of the principal's office is recused, and of all for the discipline commission."""
    principal = web.current_principal()
    found = recusals(complaint, None if principal.may(rules.READ_SEALED) else principal.organisation_id)
    return "、".join(recusal.official.name for recusal in found)


def _list_url(complaint: Complaint) -> str | None:
    """The list that is objected to, at its line; None where there is none, or none for this official."""
    principal, shown, line = web.current_principal(), complaint.publicity_list, complaint.publicity_line
    if shown is None or not principal.may(READ_LISTS) or not principal.sees_region(shown.region_code):
        return None
    page = ((line or 1) - 1) // LINES_PER_PAGE + 1
    return url_for("publicity.list_page", list_id=shown.id, page=page, _anchor=f"line-{line}" if line else None)


def _extendable_days(complaint: Complaint) -> int:
    clock_to_extend = extendable_clock(complaint)
    book, category = operations.case.book_of(complaint), operations.case.category_of(complaint)
    return rules.may_be_extended(book, category.matter, rules.ClockKind(clock_to_extend.kind)) if clock_to_extend else 0


def _on_own_desk(complaint: Complaint) -> bool:
    principal = web.current_principal()
    return complaint.owner_id == principal.organisation_id and principal.may(rules.HANDLE_COMPLAINTS)


def _may_issue_code(complaint: Complaint) -> bool:
    return _on_own_desk(complaint) and complaint.entered_by is not None


@blueprint.post("/<string(length=12):number>/<string(maxlength=20):name>")
def act(number: str, name: str) -> ResponseReturnValue:
    """Carry out one action on a case; what was typed is not lost where it is refused."""
    principal = web.current_principal()
    action = actions.action_named(name)
    complaint = queries.complaint_by_number(principal, number)
    given = actions.Given(**{name: request.form.get(name, "") for name in GIVEN})
    news = news_since(principal, complaint, request.form.get("seen", ""))
    if news:
        flash(gettext("您写的时候，这件事有了新的记录。您写的还在，请看过新的记录再按一次。"), "warning")
        lines = [(gettext(rules.ENTRY_NAMES[entry.kind]), entry, entry_text(entry.kind, entry.text)) for entry in news]
        return _case_page(complaint, given=given, failed=name, news=lines), 409
    try:
        along = action.run(principal, complaint, given, g.now)
    except UserError as error:
        web.flash_error(error)
        complaint = queries.complaint_by_number(principal, number)
        return _case_page(complaint, given=given, failed=name), STATUS_OF.get(type(error), 400)
    db.session.commit()
    flash(action.said_after(complaint), "success")
    if isinstance(along, int) and along:
        flash(ngettext("并案的 %(num)d 件一起办理了。", "并案的 %(num)d 件一起办理了。", along), "success")
    # A case that was passed on or sealed is no longer there for him.
    gone = not queries.is_visible(principal, complaint)
    return redirect(url_for("complaints.desk") if gone else url_for("complaints.case", number=number), 303)


@blueprint.post("/<string(length=12):number>/reporter")
def reveal(number: str) -> ResponseReturnValue:
    """Show name and phone of the reporter once, in the answer to this request; the reason is recorded."""
    principal = web.current_principal()
    complaint = queries.complaint_by_number(principal, number)
    try:
        name, phone = operations.reveal_reporter(principal, complaint, request.form.get("reason", ""), at=g.now)
    except UserError as error:
        web.flash_error(error)
        return redirect(url_for("complaints.case", number=number), 303)
    db.session.commit()
    return _case_page(complaint, revealed=(name, phone))


@blueprint.post("/<string(length=12):number>/receipt-code")
def issue_code(number: str) -> ResponseReturnValue:
    """Issue a receipt code for a case that an official entered; it is on this answer and nowhere else."""
    principal = web.current_principal()
    complaint = queries.complaint_by_number(principal, number)
    try:
        receipt_code = _issue_once(principal, complaint)
    except UserError as error:
        web.flash_error(error)
        return redirect(url_for("complaints.case", number=number), 303)
    return render_template(
        "complaints/code_issued.html",
        number=complaint.number,
        receipt_code=rules.grouped_code(receipt_code),
        may_see=True,
        office=complaint.owner.name,
        at=g.now,
    )


def _issue_once(principal: Principal, complaint: Complaint) -> str:
    """Issue it and commit. Where the same form comes twice at one moment, the slower of the two finds it done."""
    form_name, reason = form_names.form_name_at_hand(), request.form.get("reason", "")
    secret = form_names.secret_of_form(form_name, f"issued/{complaint.number}")
    issued = partial(
        operations.issue_receipt_code, principal, complaint, reason, rules.receipt_code_of(secret), form_name, at=g.now
    )
    try:
        receipt_code = issued()
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        receipt_code = issued()
        db.session.commit()
    return receipt_code


@blueprint.get("/<string(length=12):number>/attachments/<number:position>")
def attachment(number: str, position: int) -> ResponseReturnValue:
    """A file of a case, only ever as a download."""
    complaint = queries.complaint_by_number(web.current_principal(), number)
    file = queries.attachment(complaint, position)
    response: Response = send_file(
        io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.filename
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
