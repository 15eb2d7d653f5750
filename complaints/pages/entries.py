"""The page on which an official enters what came by phone, letter or visit."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from accounts.organisations import organisation_choices
from complaints import operations, queries, rules
from complaints.attachments import read_uploads
from complaints.door import blueprint
from complaints.forms import EntryForm
from complaints.models import Complaint
from complaints.tracking import offices_to_complain_of, regions_to_choose
from complaints.words import category_choices, channel_choices
from core import clock, form_names, web
from core.database import db
from core.errors import UserError
from core.form_fields import choices
from core.principal import Principal


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
    offices = organisation_choices(found for found, _name in offices_to_complain_of())
    please = {"": gettext("请选择")}
    form.channel.choices = choices(please | channel_choices())
    form.category.choices = choices(please | category_choices())
    form.region.choices = choices(please | regions)
    form.about_organisation.choices = [*choices({"": gettext("不针对某个单位")}), *offices]


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
