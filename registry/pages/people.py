"""The list of people, and one person with everything that is on record about him."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.database import db
from core.downloads import as_download
from core.errors import PermissionDenied, UserError
from core.file_forms import columns_of, take_in
from core.identity import mask_card, mask_id_number, mask_phone
from core.principal import Principal
from core.staff_form import StaffForm
from core.status import Status
from core.web import current_principal, flash_error
from registry import changes, hooks, operations, queries, rules
from registry.card_forms import HOUSEHOLD_FORM, STATUS_FORM
from registry.door import blueprint
from registry.forms import (
    CardForm,
    DoubleForm,
    EndForm,
    FileForm,
    HouseholdForm,
    PayeeForm,
    PhoneForm,
    StatusForm,
    StatusListForm,
)
from registry.list_files import HOUSEHOLD_UPLOAD, STATUS_UPLOAD
from registry.listings import BENEFICIARIES
from registry.listings.people import phone_state
from registry.models import Beneficiary, WrongNumber
from registry.operations import PayeeEntry
from registry.queries import Sharing
from registry.rules import PayeeRelation, PersonalField, PersonStatus
from registry.words import (
    DOUBLE_STATES,
    GAP_STATES,
    PAYEE_RELATIONS,
    PERSON_STATES,
    PERSONAL_FIELDS,
    PHONE_STATES,
    REPORT_CHANNELS,
    SOURCES,
)


@blueprint.route("/beneficiaries", methods=["GET", "POST"])
def beneficiaries() -> ResponseReturnValue:
    """The people of one's regions."""
    principal = current_principal()
    principal.require(rules.SEE_BENEFICIARIES)
    buttons = []
    if principal.may(rules.IMPORT_PEOPLE_LISTS):
        buttons = [
            (gettext("上传死亡、迁出名单"), url_for("registry.import_statuses")),
            (gettext("上传户籍表"), url_for("registry.import_households")),
        ]
    return listing_pages.serve(
        BENEFICIARIES,
        queries.standing_beneficiaries(principal),
        buttons=buttons,
        intro=gettext("只列出您管辖区划内的人。证件号码和卡号已遮住；因工作需要时，可在受益人页面说明理由后查看。"),
    )


@blueprint.get("/beneficiaries/<int:beneficiary_id>")
def beneficiary(beneficiary_id: int) -> ResponseReturnValue:
    """One person."""
    return person_page(queries.beneficiary(current_principal(), beneficiary_id))


@dataclass(frozen=True)
class PersonalFact:
    """A personal value as the page shows it."""

    what: PersonalField
    title: str
    shown: str
    is_revealed: bool


@dataclass(frozen=True)
class PhoneFacts:
    """What the page says of the phone on record. ``is_stopped``: nothing about the person goes there now."""

    state: Status
    source: str
    since: datetime | None
    report: WrongNumber | None
    is_stopped: bool
    sharing: Sharing
    waits_for_code: bool


def _phone_facts(principal: Principal, person: Beneficiary) -> PhoneFacts:
    report = queries.open_report_of(person)
    is_stopped = report is not None and report.channel in rules.STOPPING
    return PhoneFacts(
        PHONE_STATES["reported" if is_stopped else phone_state(person)],
        str(SOURCES.get(person.phone_source, person.phone_source)),
        queries.phone_since(person),
        report,
        is_stopped,
        queries.sharing_phone(principal, person),
        queries.waits_for_code(person, at=g.now),
    )


def person_page(person: Beneficiary, **revealed: str) -> ResponseReturnValue:
    """A person's page, masked but for what was just revealed."""
    principal = current_principal()
    masked = {
        PersonalField.ID_NUMBER: mask_id_number(person.id_number),
        PersonalField.PHONE: mask_phone(person.phone) if person.phone else "",
        PersonalField.CARD: mask_card(person.card.tail) if person.card else "",
    }
    personal = [
        PersonalFact(what, str(PERSONAL_FIELDS[what]), revealed.get(what, shown), what in revealed)
        for what, shown in masked.items()
    ]
    records = queries.records_of(person)
    return render_template(
        "registry/beneficiary.html",
        person=person,
        survivor=queries.survivor_of(principal, person),
        state=PERSON_STATES.get(person.status, Status(person.status)),
        phone=_phone_facts(principal, person),
        personal=personal,
        may_reveal=principal.may(rules.REVEAL_PERSONAL_DATA),
        may_change=principal.may(rules.MANAGE_PEOPLE) and person.merged_into_id is None,
        may_export=principal.may(rules.EXPORT_PERSON) and person.merged_into_id is None,
        may_merge=principal.may(rules.PROPOSE_MERGE) and person.merged_into_id is None,
        gaps=queries.open_card_gaps_of(person),
        programme_names=hooks.programme_names(),
        sharing=queries.sharing_card(principal, person),
        household=queries.household_of(principal, person),
        payees=queries.payees_of(person),
        receives_for=queries.receives_for(principal, person),
        card_changes=queries.card_changes(records),
        phone_changes=queries.phone_changes(records),
        status_changes=queries.status_changes(records),
        doubles=queries.doubles_of(principal, person),
        merged=queries.merged_into(person),
        sections=hooks.PERSON_SECTIONS.found_for(principal, person),
        words={
            "relations": PAYEE_RELATIONS,
            "sources": SOURCES,
            "channels": REPORT_CHANNELS,
            "states": PERSON_STATES,
            "gap_states": GAP_STATES,
            "double_states": DOUBLE_STATES,
        },
    )


@blueprint.post("/beneficiaries/<int:beneficiary_id>/reveal")
def reveal(beneficiary_id: int) -> ResponseReturnValue:
    """Show one masked value in this answer and nowhere else; who looked, when and why is recorded."""
    principal = current_principal()
    what = request.form.get("what", "")
    if what not in set(PersonalField):
        abort(400)
    try:
        value = operations.reveal(
            principal, beneficiary_id, PersonalField(what), request.form.get("reason", ""), at=g.now
        )
        db.session.commit()
    except PermissionDenied:
        raise
    except UserError as error:
        flash_error(error)
        return person_page(queries.beneficiary(principal, beneficiary_id))
    return person_page(queries.beneficiary(principal, beneficiary_id), **{what: value})


def _changed(
    beneficiary_id: int, form: StaffForm, title: str, change: Callable[[], object], done: str
) -> ResponseReturnValue:
    """A page with one form about a person: shown, or carried out and back to his page."""
    principal = current_principal()
    principal.require(rules.MANAGE_PEOPLE)
    person = queries.beneficiary(principal, beneficiary_id)
    if form.validate_on_submit():
        try:
            change()
        except PermissionDenied:
            raise
        except rules.WrongCheckDigit as error:
            db.session.rollback()
            form["number_confirmed"].ask(form["card_number"], gettext(error.sentence))
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(done, "success")
            return redirect(url_for("registry.beneficiary", beneficiary_id=beneficiary_id))
        person = queries.beneficiary(principal, beneficiary_id)
    return render_template("registry/person_form.html", person=person, form=form, title=title)


@blueprint.route("/beneficiaries/<int:beneficiary_id>/card", methods=["GET", "POST"])
def change_card(beneficiary_id: int) -> ResponseReturnValue:
    """Another card."""
    form, principal = CardForm(), current_principal()
    return _changed(
        beneficiary_id,
        form,
        gettext("登记或更换卡号"),
        lambda: operations.change_card(
            principal,
            beneficiary_id,
            form.card_number.data,
            form.holder_name.data or "",
            source=changes.TOWNSHIP,
            reason=form.reason.data,
            at=g.now,
            number_confirmed=bool(form.number_confirmed.data),
        ),
        gettext("卡号已更新。以后的发放会用这张卡；已经送银行的不受影响。"),
    )


@blueprint.route("/beneficiaries/<int:beneficiary_id>/phone", methods=["GET", "POST"])
def change_phone(beneficiary_id: int) -> ResponseReturnValue:
    """Another phone."""
    form, principal = PhoneForm(), current_principal()
    return _changed(
        beneficiary_id,
        form,
        gettext("登记或更换手机号码"),
        lambda: operations.change_phone(principal, beneficiary_id, form.phone.data or "", form.reason.data, at=g.now),
        gettext("手机号码已更新。"),
    )


@blueprint.route("/beneficiaries/<int:beneficiary_id>/payee", methods=["GET", "POST"])
def set_payee(beneficiary_id: int) -> ResponseReturnValue:
    """Somebody receives for him."""
    form, principal = PayeeForm(), current_principal()

    def enter() -> object:
        evidence = form.file.data
        entry = PayeeEntry(
            name=form.name.data,
            relation=PayeeRelation(form.relation.data),
            from_on=form.from_on.data,
            until_on=form.until_on.data,
            id_number=form.id_number.data or "",
            card_number=form.card_number.data or "",
            number_confirmed=bool(form.number_confirmed.data),
            document=form.document.data or "",
            evidence=evidence.read() if evidence else b"",
            evidence_name=(evidence.filename or "") if evidence else "",
            phone=form.phone.data or "",
        )
        return operations.set_payee(principal, beneficiary_id, entry, form.reason.data, at=g.now)

    return _changed(beneficiary_id, form, gettext("登记收款人"), enter, gettext("收款人已登记。"))


@blueprint.route("/beneficiaries/<int:beneficiary_id>/payee/end", methods=["GET", "POST"])
def end_payee(beneficiary_id: int) -> ResponseReturnValue:
    """Nobody receives for him any more."""
    form, principal = EndForm(), current_principal()
    return _changed(
        beneficiary_id,
        form,
        gettext("终止收款人"),
        lambda: operations.end_payee(principal, beneficiary_id, form.on.data, form.reason.data, at=g.now),
        gettext("收款人已终止。请核对发放用的卡是否也要更换。"),
    )


@blueprint.post("/beneficiaries/<int:beneficiary_id>/payees/<int:payee_id>/evidence")
def payee_evidence(beneficiary_id: int, payee_id: int) -> ResponseReturnValue:
    """The evidence for a payee. By POST: who took it away is recorded."""
    content, name = operations.read_evidence(current_principal(), beneficiary_id, payee_id, at=g.now)
    db.session.commit()
    return as_download(io.BytesIO(content), name or gettext("证明材料"))


@blueprint.route("/beneficiaries/<int:beneficiary_id>/status", methods=["GET", "POST"])
def set_status(beneficiary_id: int) -> ResponseReturnValue:
    """Dead, moved, or living after all."""
    form, principal = StatusForm(), current_principal()
    return _changed(
        beneficiary_id,
        form,
        gettext("登记在世状态"),
        lambda: operations.set_status(
            principal,
            beneficiary_id,
            PersonStatus(form.status.data),
            form.on.data,
            source=form.source.data or "",
            reason=form.reason.data,
            at=g.now,
        ),
        gettext("状态已登记。登记错了的，可以改回“在世”。"),
    )


@blueprint.route("/beneficiaries/<int:beneficiary_id>/household", methods=["GET", "POST"])
def set_household(beneficiary_id: int) -> ResponseReturnValue:
    """The household register."""
    form, principal = HouseholdForm(), current_principal()
    if request.method == "GET":
        person = queries.beneficiary(principal, beneficiary_id)
        form.household.data, form.relation.data = person.household_number, person.household_relation
    return _changed(
        beneficiary_id,
        form,
        gettext("登记户编号"),
        lambda: operations.set_household(
            principal, beneficiary_id, form.household.data or "", form.relation.data or "", at=g.now
        ),
        gettext("户编号已登记。"),
    )


@blueprint.route("/beneficiaries/<int:beneficiary_id>/double", methods=["GET", "POST"])
def name_double(beneficiary_id: int) -> ResponseReturnValue:
    """Set this record beside another of the same person."""
    principal, form = current_principal(), DoubleForm()
    principal.require(rules.PROPOSE_MERGE)
    person = queries.beneficiary(principal, beneficiary_id)
    if form.validate_on_submit():
        try:
            double = operations.name_double(principal, beneficiary_id, form.id_number.data, at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
            person = queries.beneficiary(principal, beneficiary_id)
        else:
            db.session.commit()
            return redirect(url_for("registry.double", double_id=double.id))
    return render_template("registry/person_form.html", person=person, form=form, title=gettext("与另一条登记比较"))


@blueprint.route("/beneficiaries/import-statuses", methods=["GET", "POST"])
def import_statuses() -> ResponseReturnValue:
    """Bring a list of the dead or the moved."""
    form = StatusListForm()
    parameters = {"status": form.status.data, "source": form.source.data or ""}
    return take_in(
        STATUS_UPLOAD,
        form,
        parameters,
        title=gettext("上传死亡、迁出名单"),
        intro=gettext("按证件号码和姓名找人，只登记您管辖区划内已有的受益人；登记错了的，可以在受益人页面改回。"),
        crumbs=[(gettext("受益人名册"), url_for("registry.beneficiaries")), (gettext("上传死亡、迁出名单"), None)],
        columns=columns_of(STATUS_FORM),
    )


@blueprint.route("/beneficiaries/import-households", methods=["GET", "POST"])
def import_households() -> ResponseReturnValue:
    """Bring a table of households."""
    return take_in(
        HOUSEHOLD_UPLOAD,
        FileForm(),
        {},
        title=gettext("上传户籍表"),
        intro=gettext("给已有的受益人登记户编号和与户主关系；同一户的人会互相显示，同户共用一张卡不算异常。"),
        crumbs=[(gettext("受益人名册"), url_for("registry.beneficiaries")), (gettext("上传户籍表"), None)],
        columns=columns_of(HOUSEHOLD_FORM),
    )
