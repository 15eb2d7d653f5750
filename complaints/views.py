"""The staff pages of this room: the queue, one case, entering for somebody, the sealed room, the figures."""

import io
from datetime import date
from functools import partial
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import IntegrityError

import complaints.board
import complaints.objections
import complaints.offices
import complaints.persons
from complaints import actions, operations, queries, reporters, rules
from complaints.assignment import with_assignment
from complaints.attachments import read_uploads
from complaints.forms import EntryForm
from complaints.listings import ALL, CONFIDENTIAL, DESK, SEALED, SUPERVISED
from complaints.models import Complaint
from complaints.operations.approving import waiting_draft
from complaints.operations.handling import extendable_clock, open_extension, redirect_targets
from complaints.presence import news_since, note_opening, others_at
from complaints.saved_views import views_of
from complaints.story import story
from complaints.tracking import offices_to_complain_of, regions_to_choose
from complaints.words import STATES, category_choices, category_name, channel_choices
from core import clock, form_names, listing_pages, web
from core.database import db
from core.errors import UserError
from core.form_fields import choices
from core.navigation import NavigationEntry, Section, navigation
from core.principal import Principal
from core.web import STATUS_OF, staff_blueprint
from disbursement.words import PAYMENT_STATES
from publicity.rules import LINES_PER_PAGE
from publicity.rules import READ as READ_LISTS

blueprint = staff_blueprint("complaints", __name__, "complaints")
navigation(
    NavigationEntry(
        lazy_gettext("投诉举报"), "complaints.desk", Section.PEOPLE, rules.READ_COMPLAINTS, order=20, icon="complaint"
    ),
    NavigationEntry(
        lazy_gettext("登记来电来信来访"),
        "complaints.enter",
        Section.PEOPLE,
        rules.ENTER_COMPLAINTS,
        order=21,
        icon="page",
    ),
    NavigationEntry(
        lazy_gettext("问题线索"), "complaints.sealed_room", Section.PEOPLE, rules.READ_SEALED, order=22, icon="key"
    ),
)


def tabs() -> list[tuple[str, str]]:
    """The pages of the room beside the desk, for this principal, as (title, address)."""
    principal = web.current_principal()
    found = [(gettext("我单位待办"), url_for("complaints.desk"))]
    if principal.organisation_kind in rules.SUPERVISING_KINDS:
        found.append((gettext("督办"), url_for("complaints.supervised")))
    if principal.may(rules.READ_SEALED):
        found.append((gettext("保密举报"), url_for("complaints.confidential")))
    found += [(gettext("全部"), url_for("complaints.everything")), (gettext("统计"), url_for("complaints.statistics"))]
    if principal.may(rules.HANDLE_COMPLAINTS):
        found.append((gettext("常用答复"), url_for("complaints.wordings")))
    found.append((gettext("答复审核"), url_for("complaints.approval")))
    return found


@blueprint.route("/", methods=["GET", "POST"])
def desk() -> ResponseReturnValue:
    """What lies on the own desk, by due day."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    buttons = []
    if principal.may(rules.ENTER_COMPLAINTS):
        buttons.append((gettext("登记来电来信来访"), url_for("complaints.enter")))
    return _listed(with_assignment(DESK, principal), queries.desk(principal), buttons=buttons)


@blueprint.route("/supervised", methods=["GET", "POST"])
def supervised() -> ResponseReturnValue:
    """What has gone up to this office because it was late."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    return _listed(SUPERVISED, queries.supervised_cases(principal))


@blueprint.route("/all", methods=["GET", "POST"])
def everything() -> ResponseReturnValue:
    """Every case that this office has or supervises, ended ones included."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    return _listed(ALL, queries.cases(principal))


@blueprint.route("/sealed", methods=["GET", "POST"])
def sealed_room() -> ResponseReturnValue:
    """The discipline commission's own room; for everybody else there is no such page."""
    principal = web.current_principal()
    cases = queries.sealed_cases(principal)
    return listing_pages.serve(
        with_assignment(SEALED, principal), cases, intro=gettext("只有纪委监委能看到本页和其中的事项。")
    )


@blueprint.route("/confidential", methods=["GET", "POST"])
def confidential() -> ResponseReturnValue:
    """Cases on any desk whose reporter only the discipline commission knows; for everybody else no such page."""
    return _listed(CONFIDENTIAL, queries.confidential_cases(web.current_principal()))


def _listed(listing: Any, statement: Any, **more: Any) -> ResponseReturnValue:
    saved = views_of(web.current_principal(), str(request.endpoint))
    return listing_pages.serve(listing, statement, "complaints/queue.html", tabs=tabs(), saved=saved, **more)


# --- One case ----------------------------------------------------------------------------------


@blueprint.get("/<string(length=12):number>")
def case(number: str) -> ResponseReturnValue:
    """The whole of a case on one page."""
    principal = web.current_principal()
    complaint = queries.complaint_by_number(principal, number)
    if reporters.concerns_office(principal, complaint):
        # The discipline commission's look at a confidential case would tell its office of which kind it is.
        note_opening(principal, complaint, at=g.now)
        db.session.commit()
    wanted = request.args.get("wording", type=int)
    if wanted is None:
        return _case_page(complaint)
    wording = complaints.wordings.wording_by_id(principal, wanted)
    return _case_page(
        complaint,
        given=actions.Given(complaints.wordings.filled(wording, complaint)),
        failed=wording.use,
    )


def _case_page(complaint: Complaint, **more: Any) -> str:
    principal = web.current_principal()
    offered = actions.offered(principal, complaint, g.now)
    clock_to_extend = extendable_clock(complaint)
    context: dict[str, Any] = {
        "others": others_at(principal, complaint, at=g.now),
        "seen": len(queries.story(principal, complaint)),
        "news": [],
        "offered_names": {action.name for action in offered},
        "complaint": complaint,
        "category": category_name(complaint),
        "state": STATES[complaint.state],
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
        "extendable_days": _extendable_days(complaint) if clock_to_extend else 0,
        "targets": redirect_targets(complaint) if any(action.name == "redirect" for action in offered) else [],
        "draft": waiting_draft(complaint),
        "wordings": complaints.wordings.wordings_of(principal) if offered else [],
        "given": actions.Given(),
        "failed": "",
    }
    return render_template("complaints/case.html", **(context | more))


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


def _may_issue_code(complaint: Complaint) -> bool:
    principal = web.current_principal()
    own = complaint.owner_id == principal.organisation_id
    return own and complaint.entered_by is not None and principal.may(rules.HANDLE_COMPLAINTS)


@blueprint.post("/<string(length=12):number>/<string(maxlength=20):name>")
def act(number: str, name: str) -> ResponseReturnValue:
    """Carry out one action on a case; what was typed is not lost where it is refused."""
    principal = web.current_principal()
    action = actions.action_named(name)
    complaint = queries.complaint_by_number(principal, number)
    given = actions.Given(**{name: request.form.get(name, "") for name in ("text", "days", "organisation_id", "draft")})
    news = news_since(principal, complaint, request.form.get("seen", ""))
    if news:
        flash(gettext("您写的时候，这件事有了新的记录。您写的还在，请看过新的记录再按一次。"), "warning")
        lines = [(gettext(rules.ENTRY_NAMES[entry.kind]), entry) for entry in news]
        return _case_page(complaint, given=given, failed=name, news=lines), 409
    try:
        action.run(principal, complaint, given, g.now)
    except UserError as error:
        web.flash_error(error)
        complaint = queries.complaint_by_number(principal, number)
        return _case_page(complaint, given=given, failed=name), STATUS_OF.get(type(error), 400)
    db.session.commit()
    flash(str(action.done), "success")
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


@blueprint.get("/<string(length=12):number>/attachments/<int:position>")
def attachment(number: str, position: int) -> ResponseReturnValue:
    """A file of a case, only ever as a download."""
    complaint = queries.complaint_by_number(web.current_principal(), number)
    file = queries.attachment(complaint, position)
    response: Response = send_file(
        io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.filename
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- Entering for somebody ---------------------------------------------------------------------


@blueprint.route("/enter", methods=["GET", "POST"])
def enter() -> ResponseReturnValue:
    """Enter what came by phone, letter or visit; the receipt code is on the answer to this request and nowhere else."""
    principal = web.current_principal()
    principal.require(rules.ENTER_COMPLAINTS)
    form = EntryForm()
    _fill_choices(form)
    if request.method == "GET":
        form.received_on.data = clock.local_date(g.now)
    if form.validate_on_submit():
        try:
            complaint, receipt_code = _enter_once(principal, form)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            is_fresh = g.now - complaint.received_at <= rules.RECEIPT_SHOWN_AGAIN
            shown = receipt_code if is_fresh else ""
            return render_template(
                "complaints/entered.html",
                number=complaint.number,
                receipt_code=rules.grouped_code(shown),
                may_see=queries.is_visible(principal, complaint),
                office=complaint.owner.name,
                received_on=complaint.received_on,
                due_on=complaint.due_on,
            )
    page = render_template("complaints/enter.html", form=form, form_name=form_names.new_form_name())
    return page, 400 if form.errors else 200


def _enter_once(principal: Principal, form: EntryForm) -> tuple[Complaint, str]:
    """Enter it, or find what this form has entered already: the answer was lost, or somebody pressed twice."""
    submission = _submission(form)
    before = operations.entered_before(principal, submission)
    if before is not None:
        return before
    try:
        entered = operations.submit_complaint(principal, submission, at=g.now)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raced = operations.entered_before(principal, submission)
        if raced is None:
            raise
        return raced
    return entered


def _fill_choices(form: EntryForm) -> None:
    prefix = web.current_principal().region_prefix
    regions = {code: f"{township} {village}".strip() for code, township, village in regions_to_choose(prefix)}
    offices = {"": gettext("不针对某个单位"), **{str(found): name for found, name in offices_to_complain_of()}}
    please = {"": gettext("请选择")}
    form.channel.choices = choices(please | channel_choices())
    form.category.choices = choices(please | category_choices())
    form.region.choices = choices(please | regions)
    form.about_organisation.choices = choices(offices)


def _submission(form: EntryForm) -> operations.Submission:
    about, form_name = form.about_organisation.data, form_names.form_name_at_hand()
    return operations.Submission(
        category=form.category.data or "",
        text=form.text.data or "",
        region_code=form.region.data or "",
        anonymous=bool(form.anonymous.data),
        confidential=bool(form.confidential.data),
        name=form.name.data or "",
        phone=form.phone.data or "",
        about_organisation_id=int(about) if about else None,
        attachments=read_uploads(request.files.getlist("attachments")),
        channel=form.channel.data or "",
        received_on=form.received_on.data,
        receipt_code=rules.receipt_code_of(form_names.secret_of_form(form_name, "entered")),
        form_name=form_name,
    )


# --- Figures -----------------------------------------------------------------------------------


@blueprint.get("/statistics")
def statistics() -> ResponseReturnValue:
    """Figures that do not flatter, of what came in within a year."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    today = clock.local_date(g.now)
    wanted = request.args.get("year", "")
    year = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) == 4 else today.year
    if not 2000 <= year <= today.year:
        abort(404)
    first, last = date(year, 1, 1), date(year, 12, 31)
    offices = {found.id: found.name for found in complaints.offices.all_offices()}
    return render_template(
        "complaints/statistics.html",
        year=year,
        by_category=queries.figures(principal, first, last, today, Complaint.category),
        by_office=queries.figures(principal, first, last, today, queries.FIRST_OFFICE),
        categories=category_choices(),
        offices=offices,
        tabs=tabs(),
    )


# They add their pages to the blueprint above.
import complaints.approval_pages  # noqa: E402
import complaints.saved_view_pages  # noqa: E402
import complaints.wordings  # noqa: E402
