"""The pages on which a programme comes onto the platform."""

import io
from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, workflow
from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.form_fields import choices
from core.principal import OrganisationKind
from core.web import current_principal, press
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.forms import InclusionForm, OpinionForm
from programmes.listings import INCLUSION
from programmes.models import InclusionCase
from programmes.rules import Channel
from programmes.wordings import read_day
from programmes.words import CHANNELS, INCLUSION_ACTIONS, INCLUSION_STATES, OFFICES


@blueprint.route("/inclusion", methods=["GET", "POST"])
def inclusion() -> ResponseReturnValue:
    """The programmes without a decision and what each waits for, and every case there was (B1, B2)."""
    principal = current_principal()
    principal.require(rules.SEE_INCLUSION)
    return listing_pages.serve(
        INCLUSION,
        queries.inclusion_cases(principal),
        "programmes/inclusion.html",
        waiting=queries.waiting_programmes(principal),
        may_submit=principal.may(rules.SUBMIT_INCLUSION),
        OFFICES=OFFICES,
        INCLUSION_STATES=INCLUSION_STATES,
    )


@blueprint.route("/catalogue/<int:programme_id>/inclusion", methods=["GET", "POST"])
def new_inclusion(programme_id: int) -> ResponseReturnValue:
    """Ask whether a programme comes onto the platform."""
    principal = current_principal()
    principal.require(rules.SUBMIT_INCLUSION)
    programme = queries.own_programme(principal, programme_id)
    form = InclusionForm()
    if form.validate_on_submit():
        try:
            case = operations.submit_inclusion(
                principal,
                programme_id,
                proposal=Channel(form.proposal.data),
                grounds=form.grounds.data or "",
                document_number=form.document_number.data or "",
                at=g.now,
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("已提请，现在征求四个单位的意见。"), "success")
            return redirect(url_for("programmes.inclusion_case", case_id=case.id))
    title = gettext("提请研究：%(name)s", name=programme.name)
    return render_template(
        "programmes/form.html",
        form=form,
        title=title,
        intro=gettext("县财政局会同县纪委监委、县人社局、县审计局和主管部门研究后决定，结果书面回复主管部门。"),
        crumbs=[(gettext("纳入平台"), url_for("programmes.inclusion")), (title, None)],
    )


@blueprint.get("/inclusion/<int:case_id>")
def inclusion_case(case_id: int) -> ResponseReturnValue:
    """One case: the opinions, the decision, what comes next."""
    return _case_page(queries.inclusion_case(current_principal(), case_id), None)


def _case_page(case: InclusionCase, form: OpinionForm | None) -> ResponseReturnValue:
    principal = current_principal()
    missing = queries.missing_opinions(case)
    own = (principal.organisation_kind,) if principal.organisation_kind in missing else ()
    speaks_for = missing if principal.organisation_kind == OrganisationKind.FINANCE else own
    may_speak = case.state == "submitted" and bool(speaks_for) and principal.may(rules.GIVE_OPINION)
    form = form or OpinionForm(given_on=local_date(g.now))
    form.office.choices = choices({office.value: OFFICES[office] for office in speaks_for if office})
    return render_template(
        "programmes/inclusion_case.html",
        case=case,
        missing=missing,
        form=form if may_speak else None,
        steps=workflow.history(rules.INCLUSION_WORKFLOW, case.id),
        hearing_over=local_date(g.now) > case.opinions_due_on,
        rules=rules,
        CHANNELS=CHANNELS,
        OFFICES={office.value: words for office, words in OFFICES.items()},
        INCLUSION_STATES=INCLUSION_STATES,
        INCLUSION_ACTIONS=INCLUSION_ACTIONS,
    )


@blueprint.post("/inclusion/<int:case_id>/opinions")
def give_opinion(case_id: int) -> ResponseReturnValue:
    """One office speaks."""
    principal = current_principal()
    principal.require(rules.GIVE_OPINION)
    case = queries.inclusion_case(principal, case_id)
    form = OpinionForm()
    form.office.choices = choices({office.value: OFFICES[office] for office in rules.CONSULTED_OFFICES})
    if not form.validate_on_submit():
        return _case_page(case, form)
    brought = form.file.data
    return _act(
        case_id,
        lambda found: operations.give_opinion(
            principal,
            found,
            OrganisationKind(form.office.data),
            agrees=form.agrees.data == "yes",
            opinion=form.opinion.data or "",
            document_number=form.document_number.data or "",
            given_on=form.given_on.data,
            letter=(brought.filename or "", brought.read()) if brought else None,
            at=g.now,
        ),
        gettext("意见已登记。"),
    )


@blueprint.post("/inclusion/<int:case_id>/opinions/<int:opinion_id>/download")
def download_opinion(case_id: int, opinion_id: int) -> ResponseReturnValue:
    """The letter of an office; who fetched it is on record."""
    principal = current_principal()
    found = queries.inclusion_case(principal, case_id)
    letter = operations.read_opinion_file(principal, found, opinion_id, at=g.now)
    db.session.commit()
    return as_download(io.BytesIO(letter.content), letter.filename)


def _act(case_id: int, act: Callable[[InclusionCase], object], done: str) -> ResponseReturnValue:
    found = queries.inclusion_case(current_principal(), case_id)
    return press(
        lambda: act(found),
        done,
        url_for("programmes.inclusion_case", case_id=case_id),
    )


@blueprint.post("/inclusion/<int:case_id>/close-hearing")
def close_hearing(case_id: int) -> ResponseReturnValue:
    """Go on without what did not come in time."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        case_id,
        lambda found: operations.close_hearing(principal, found, reason, at=g.now),
        gettext("征求意见已结束，可以拟定决定。"),
    )


@blueprint.post("/inclusion/<int:case_id>/propose")
def propose_decision(case_id: int) -> ResponseReturnValue:
    """Draft the decision."""
    principal, document = current_principal(), request.form.get("document_number", "")
    decision = request.form.get("decision", "")
    chosen = Channel(decision) if decision in set(Channel) else Channel.UNDECIDED
    return _act(
        case_id,
        lambda found: operations.propose_decision(
            principal, found, decision=chosen, document_number=document, at=g.now
        ),
        gettext("已拟定，等待财政局另一位负责人审定。"),
    )


@blueprint.post("/inclusion/<int:case_id>/decide")
def confirm_decision(case_id: int) -> ResponseReturnValue:
    """Decide as drafted."""
    principal = current_principal()
    return _act(
        case_id,
        lambda found: operations.confirm_decision(principal, found, at=g.now),
        gettext("已审定，请回复主管部门。"),
    )


@blueprint.post("/inclusion/<int:case_id>/send-back")
def send_decision_back(case_id: int) -> ResponseReturnValue:
    """Back to the drafter."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        case_id,
        lambda found: operations.send_decision_back(principal, found, reason, at=g.now),
        gettext("已退回重拟。"),
    )


@blueprint.post("/inclusion/<int:case_id>/reply")
def reply_to_department(case_id: int) -> ResponseReturnValue:
    """The answer has gone back."""
    principal, document = current_principal(), request.form.get("document_number", "")
    return _act(
        case_id,
        lambda found: operations.reply_to_department(principal, found, document_number=document, at=g.now),
        gettext("回复已登记。"),
    )


@blueprint.post("/inclusion/<int:case_id>/set-up")
def record_set_up(case_id: int) -> ResponseReturnValue:
    """州财政局 has set it up."""
    principal, code = current_principal(), request.form.get("code", "")
    on, _ = read_day(request.form.get("on", ""))
    return _act(
        case_id,
        lambda found: operations.record_set_up(principal, found, code=code, on=on or local_date(g.now), at=g.now),
        gettext("已登记，这个项目从现在起在一卡通平台发放。"),
    )


@blueprint.post("/inclusion/<int:case_id>/withdraw")
def withdraw_inclusion(case_id: int) -> ResponseReturnValue:
    """Take a case back."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        case_id,
        lambda found: operations.withdraw_inclusion(principal, found, reason, at=g.now),
        gettext("已撤回。"),
    )
