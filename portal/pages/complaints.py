"""Handing in a complaint, and coming back to it with the receipt code.

The code stands on the page that answers, and nowhere else: not in an address, a cookie or a log. No address or device
is kept of a reporter; the counters against floods hold hashes for an hour.
"""

from dataclasses import dataclass

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from complaints.attachments import read_uploads
from complaints.operations import Submission, add_from_reporter, reopen, settle, submit_complaint
from complaints.tracking import (
    TrackedCase,
    categories,
    offices_to_complain_of,
    promise_of,
    regions_to_choose,
    track,
)
from core import clock
from core.addresses import as_number
from core.database import db, set_only_reads
from core.errors import NotVisible, UserError
from core.limits import Counter, count
from core.principal import NOBODY, OrganisationKind
from core.web import settings
from portal import gate, queries, rules, visits
from portal.door import blueprint
from portal.forms import AdditionForm, ComplaintForm, TrackForm
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


def _form_page(form: ComplaintForm, matter: Matter, question: gate.Question | None = None) -> str:
    return render_template(
        "portal/complaint_new.html",
        form=form,
        matter=matter,
        question=question,
        hints={category.code: category for category in categories()},
    )


@blueprint.post("/complaints/new")
def hand_in_complaint() -> ResponseReturnValue:
    """File it and show the receipt code, once."""
    set_only_reads(True)
    form, matter = _form(), _matter_of_form()
    if not form.validate():
        return _form_page(form, matter)
    counters = [
        Counter(rules.COMPLAINTS_PER_ADDRESS, f"complaint/{gate.address_at_hand()}"),
        Counter(rules.COMPLAINTS_IN_ALL, "complaint"),
    ]
    if gate.must_answer(counters, request.form, at=g.now):
        return _form_page(form, matter, gate.ask())
    region_code = matter.region_code or form.region.data or ""
    submission = _submission(form, matter, region_code)
    db.session.rollback()
    count(counters, at=g.now)
    set_only_reads(False)
    try:
        complaint, receipt_code = submit_complaint(NOBODY, submission, at=g.now)
    except UserError as error:
        db.session.rollback()
        form.form_errors.append(gettext(error.sentence) % error.parameters)
        return _form_page(form, _matter_of_form())
    db.session.commit()
    chosen = next(category for category in categories() if category.code == complaint.category)
    return render_template(
        "portal/complaint_receipt.html",
        number=complaint.number,
        receipt_code=receipt_code,
        office=complaint.owner.name,
        promise=promise_of(chosen),
        is_clue=chosen.is_clue,
    )


def _submission(form: ComplaintForm, matter: Matter, region_code: str) -> Submission:
    return Submission(
        category=form.category.data or "",
        text=form.text.data or "",
        region_code=region_code,
        anonymous=bool(form.anonymous.data),
        name=form.name.data or "",
        phone=form.phone.data or "",
        about_organisation_id=_about(form.about_organisation.data or "", region_code),
        payment_id=matter.payment.id if matter.payment else None,
        publicity_list_id=matter.listed.id if matter.listed else None,
        publicity_line=matter.line,
        programme_id=matter.listed.roll.batch.programme_id if matter.listed else None,
        attachments=read_uploads(request.files.getlist("attachments")),
    )


def _about(chosen: str, region_code: str) -> int | None:
    if chosen == OWN_VILLAGE:
        return queries.office_at(OrganisationKind.VILLAGE.value, region_at(VILLAGE, region_code))
    if chosen == OWN_TOWNSHIP:
        return queries.office_at(OrganisationKind.TOWNSHIP.value, region_at(TOWNSHIP, region_code))
    return int(chosen) if chosen.isascii() and chosen.isdecimal() else None


# --- Coming back -------------------------------------------------------------------------------------


@blueprint.get("/complaints/track")
def track_form() -> ResponseReturnValue:
    """The field for the receipt code."""
    return _track_page(TrackForm())


def _track_page(form: TrackForm, *, missed: bool = False, question: gate.Question | None = None) -> str:
    return render_template("portal/track.html", form=form, missed=missed, question=question)


@blueprint.post("/complaints/track")
def track_complaint() -> ResponseReturnValue:
    """The case of a receipt code; with ``action`` add, reopen or settle it is added to first."""
    set_only_reads(True)
    form = TrackForm(request.form)
    if not form.validate():
        return _track_page(form)
    counters = [
        Counter(rules.TRACKS_PER_ADDRESS, f"track/{gate.address_at_hand()}"),
        Counter(rules.TRACKS_IN_ALL, "track"),
    ]
    if gate.must_answer(counters, request.form, at=g.now):
        return _track_page(form, question=gate.ask())
    receipt_code = form.receipt_code.data or ""
    try:
        case = track(receipt_code, at=g.now)
    except NotVisible:
        db.session.rollback()
        count(counters, at=g.now)
        return _track_page(form, missed=True)
    action = request.form.get("action", "")
    if action not in _ACTIONS:
        return _case_page(case, AdditionForm(), receipt_code)
    return _add(action, receipt_code)


def _add(action: str, receipt_code: str) -> ResponseReturnValue:
    addition, done = AdditionForm(request.form), ""
    db.session.rollback()
    set_only_reads(False)
    try:
        done = _ACTIONS[action](receipt_code, addition)
        db.session.commit()
    except UserError as error:
        db.session.rollback()
        addition.form_errors.append(gettext(error.sentence) % error.parameters)
    case = track(receipt_code, at=g.now)
    return _case_page(case, addition if addition.form_errors else AdditionForm(), receipt_code, done)


def _add_words(receipt_code: str, addition: AdditionForm) -> str:
    files = read_uploads(request.files.getlist("attachments"))
    add_from_reporter(receipt_code, addition.text.data or "", files, at=g.now)
    return str(gettext("补充的内容已经收到。"))


def _reopen(receipt_code: str, addition: AdditionForm) -> str:
    reopen(receipt_code, addition.text.data or "", at=g.now)
    return str(gettext("已经转给办理单位重新办理。"))


def _settle(receipt_code: str, addition: AdditionForm) -> str:
    settle(receipt_code, at=g.now)
    return str(gettext("谢谢您的确认，这件事已经办结。"))


_ACTIONS = {"add": _add_words, "reopen": _reopen, "settle": _settle}


def _case_page(case: TrackedCase, addition: AdditionForm, receipt_code: str, done: str = "") -> str:
    return render_template("portal/case.html", case=case, form=addition, receipt_code=receipt_code, done=done)
