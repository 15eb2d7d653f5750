"""Handing in a complaint.

The receipt code stands on the page that answers, and nowhere else: not in an address, a cookie or a log. It is made
from the name of the form and the key of this house, so that a form that is sent again, because the first answer got
lost on the way, is filed once and answered alike. No address or device is kept of a reporter; the counters against
floods hold hashes for an hour.
"""

from dataclasses import dataclass

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from complaints.attachments import read_uploads
from complaints.operations import Submission, submit_complaint
from complaints.rules import RECEIPT_SHOWN_AGAIN, receipt_code_of
from complaints.tracking import (
    Filed,
    categories,
    filed_before,
    filed_of,
    offices_to_complain_of,
    promise_of,
    regions_to_choose,
)
from core import clock, form_names, gate
from core.addresses import as_number
from core.database import db, set_only_reads
from core.errors import UserError
from core.limits import Counter, count, used_up
from core.principal import NOBODY, OrganisationKind
from core.web import address_at_hand, settings
from portal import queries, rules, visits
from portal.door import blueprint
from portal.forms import ComplaintForm, came_with_files
from portal.queries import PaymentInQuestion
from publicity import queries as publicity
from publicity.models import PublicityList
from publicity.rules import TOWNSHIP, VILLAGE, region_at

OWN_VILLAGE, OWN_TOWNSHIP = "village", "township"
"""Choices of the office complained of that the chosen region turns into one."""


@dataclass(frozen=True)
class Matter:
    """What a complaint is about, where its writer came from a payment or from a line of a list."""

    payment: PaymentInQuestion | None = None
    payment_token: str = ""
    listed: PublicityList | None = None
    list_token: str = ""
    line: int | None = None

    @property
    def region_code(self) -> str:
        """Where it happened, "" where the writer has to say."""
        if self.payment:
            return self.payment.region_code
        return self.listed.region_code if self.listed else ""


@blueprint.get("/complaints/new")
def new_complaint() -> ResponseReturnValue:
    """The form; with ``payment`` (of one's own, while the visit lasts) or ``list`` and ``line`` it is about that."""
    matter = _matter_of_link()
    form = _form(region=matter.region_code or visits.region_at_hand())
    return _form_page(form, matter)


def _matter_of_link() -> Matter:
    payment_id, token = request.args.get("payment", type=as_number), request.args.get("list", "")
    if payment_id is not None:
        own = queries.own_payment(visits.principal_at_hand(at=g.now), payment_id)
        return Matter(payment=own, payment_token=visits.payment_token(own.id))
    if token:
        listed = publicity.open_list(token, on=clock.local_date(g.now))
        return _listed(listed, token, request.args.get("line", type=as_number))
    return Matter()


def _matter_of_form() -> Matter:
    """The same from the hidden fields of the form: both are signed, so they name what their sender was shown."""
    payment_id = visits.payment_of_token(request.form.get("payment", ""))
    if payment_id is not None:
        return Matter(payment=queries.payment_in_question(payment_id), payment_token=request.form["payment"])
    token = request.form.get("list", "")
    listed = publicity.list_of_token(token)
    return _listed(listed, token, request.form.get("line", type=as_number)) if listed else Matter()


def _listed(listed: PublicityList, token: str, line: int | None) -> Matter:
    known = line is not None and 1 <= line <= listed.line_count
    return Matter(listed=listed, list_token=token, line=line if known else None)


def _form(*, region: str = "") -> ComplaintForm:
    form = ComplaintForm(request.form if request.method == "POST" else None)
    form.category.choices = [(category.code, gettext(category.name)) for category in categories()]
    places: dict[str, list[tuple[str, str]]] = {"": [("", gettext("请选择"))]}
    for code, township, village in regions_to_choose():
        places.setdefault(township, []).append(
            (code, village or gettext("%(place)s（不知道是哪个村）", place=township))
        )
    form.region.choices = places
    county_offices = [(str(office), name) for office, name in offices_to_complain_of(settings().county_code)]
    form.about_organisation.choices = [
        ("", gettext("不清楚，或者不反映单位")),
        (OWN_VILLAGE, gettext("村委会（社区）")),
        (OWN_TOWNSHIP, gettext("乡镇（街道）")),
        *county_offices,
    ]
    if request.method == "GET":
        form.region.data = region_at(VILLAGE, region) or region_at(TOWNSHIP, region) or ""
    return form


def _form_page(form: ComplaintForm, matter: Matter, question: gate.Question | None = None, form_name: str = "") -> str:
    return render_template(
        "portal/complaint_new.html",
        form=form,
        form_name=form_name or form_names.new_form_name(),
        matter=matter,
        question=question,
        files_gone=came_with_files(),
        hints={category.code: category for category in categories()},
    )


@blueprint.post("/complaints/new")
def hand_in_complaint() -> ResponseReturnValue:
    """File it and show the receipt code. Sent again, the form is answered as the first time, for as long as its name is
    good; then it is refused, and nothing of what it holds is shown to who found it."""
    set_only_reads(True)
    form_name = form_names.form_name_at_hand()
    form, matter = _form(), _matter_of_form()
    if not form.validate():
        return _form_page(form, matter)
    submission = _submission(form, matter, form_name)
    try:
        filed = filed_before(submission)
    except UserError as error:
        return _refused(form, error)
    if filed:
        return _receipt_page(filed, submission.receipt_code)
    counters = [
        Counter(rules.COMPLAINTS_PER_ADDRESS, f"complaint/{address_at_hand()}"),
        Counter(rules.COMPLAINTS_IN_ALL, "complaint"),
    ]
    if gate.must_answer(used_up(counters, at=g.now), request.form, at=g.now):
        return _form_page(form, matter, gate.ask())
    db.session.rollback()
    count(counters, at=g.now)
    set_only_reads(False)
    try:
        filed = _file(submission)
    except UserError as error:
        return _refused(form, error)
    return _receipt_page(filed, submission.receipt_code)


def _file(submission: Submission) -> Filed:
    """File it, once: where the same form comes twice at one moment, the slower of the two finds what the other has
    filed."""
    try:
        complaint, _ = submit_complaint(NOBODY, submission, at=g.now)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        filed = filed_before(submission)
        if filed is None:
            raise
        return filed
    return filed_of(complaint)


def _refused(form: ComplaintForm, error: UserError) -> ResponseReturnValue:
    db.session.rollback()
    form.form_errors.append(gettext(error.sentence) % error.parameters)
    return _form_page(form, _matter_of_form())


def _receipt_page(filed: Filed, receipt_code: str) -> str:
    return render_template(
        "portal/complaint_receipt.html",
        number=filed.number,
        receipt_code=receipt_code if g.now - filed.received_at <= RECEIPT_SHOWN_AGAIN else "",
        shown_for=int(RECEIPT_SHOWN_AGAIN.total_seconds()) // 60,
        office=filed.office,
        received_at=filed.received_at,
        due=filed.due,
        promise=promise_of(filed.category),
        is_clue=filed.category.is_clue,
        by_sms=filed.by_sms,
        again={name: value for name, value in request.form.items() if name != "csrf_token"},
    )


def unsent_complaint(sentence: str) -> str:
    """The form with all that was typed, for one that was refused before it came here; under its own name, for it may
    have been filed before. Raises Conflict where that is too old."""
    form_names.form_name_at_hand()
    form = _form()
    form.form_errors.append(sentence)
    return _form_page(form, _matter_of_form(), form_name=form_names.form_name_again())


def _submission(form: ComplaintForm, matter: Matter, form_name: str) -> Submission:
    region_code = matter.region_code or form.region.data or ""
    return Submission(
        category=form.category.data or "",
        text=form.text.data or "",
        region_code=region_code,
        anonymous=bool(form.anonymous.data),
        confidential=bool(form.confidential.data),
        name=form.name.data or "",
        phone=form.phone.data or "",
        about_organisation_id=_about(form.about_organisation.data or "", region_code),
        payment_id=matter.payment.id if matter.payment else None,
        publicity_list_id=matter.listed.id if matter.listed else None,
        publicity_line=matter.line,
        programme_id=matter.listed.roll.batch.programme_id if matter.listed else None,
        attachments=read_uploads(request.files.getlist("attachments")),
        receipt_code=receipt_code_of(form_names.secret_of_form(form_name, "receipt_code")),
    )


def _about(chosen: str, region_code: str) -> int | None:
    if chosen == OWN_VILLAGE:
        return queries.office_at(OrganisationKind.VILLAGE.value, region_at(VILLAGE, region_code))
    if chosen == OWN_TOWNSHIP:
        return queries.office_at(OrganisationKind.TOWNSHIP.value, region_at(TOWNSHIP, region_code))
    return int(chosen) if chosen.isascii() and chosen.isdecimal() else None
