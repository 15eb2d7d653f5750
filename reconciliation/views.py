"""The staff pages of month-end."""

import io
from collections.abc import Callable, Sequence

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import audit, listing_pages, workflow
from core.database import db
from core.downloads import as_download
from core.file_forms import take_in
from core.form_fields import choices
from core.principal import OrganisationKind
from core.web import current_principal, press
from reconciliation import (  # noqa: F401 - for what they register
    operations,
    person_records,
    queries,
    retention,
    rules,
    settlement_views,
)
from reconciliation.door import blueprint
from reconciliation.forms import StatementForm
from reconciliation.listings import LINES, MONTHS, carried_listing, differences_listing
from reconciliation.models import Month
from reconciliation.profile_views import title_of
from reconciliation.queries.profiles import current_profiles
from reconciliation.report import month_report, write_report
from reconciliation.rules import LineClass
from reconciliation.uploads import STATEMENT_UPLOAD
from reconciliation.words import (
    CLASSES,
    ENDING_WORDS,
    MONTH_ACTIONS,
    MONTH_STATES,
    OFFICES,
    RESOLUTIONS,
    SETTLEMENT_STATES,
)


@blueprint.route("/months", methods=["GET", "POST"])
def months() -> ResponseReturnValue:
    """The months, newest first."""
    principal = current_principal()
    principal.require(rules.READ)
    buttons = []
    if principal.may(rules.IMPORT_STATEMENT):
        buttons.append((gettext("上传银行对账单"), url_for("reconciliation.new_statement")))
    if principal.may(rules.SEE_LINES):
        buttons.append((gettext("对账单格式"), url_for("reconciliation.statement_profiles")))
    buttons.append((gettext("对账设置"), url_for("reconciliation.settings")))
    return listing_pages.serve(
        MONTHS,
        queries.visible_months(principal),
        intro=gettext(
            "每月月末与银行对账：账、对账单明细、余额三方对上，差异逐条处理，主管部门、银行、财政签章后关账。"
        ),
        buttons=buttons,
    )


@blueprint.route("/statements/new", methods=["GET", "POST"])
def new_statement() -> ResponseReturnValue:
    """Bring a statement; it is checked first and saved when confirmed."""
    form = StatementForm(month=request.args.get("month", ""))
    form.profile.choices = choices({name: title_of(profile) for name, profile in current_profiles().items()})
    title = gettext("上传银行对账单")
    parameters = {"profile": form.profile.data, "month": form.month.data, "replace": bool(form.replace.data)}
    return take_in(
        STATEMENT_UPLOAD,
        form,
        parameters,
        title=title,
        intro=gettext("余额和笔数逐笔核对，对不上的整个文件不导入，并说明从哪一行起对不上。"),
        crumbs=[(gettext("月末对账"), url_for("reconciliation.months")), (title, None)],
    )


@blueprint.get("/months/<int:month_id>")
def month(month_id: int) -> ResponseReturnValue:
    """Where a month stands: green and red by class, the three sides, what waits for a second official, who has
    signed."""
    principal = current_principal()
    found = queries.get_month(principal, month_id)
    return render_template(
        "reconciliation/month.html",
        month=found,
        statements=queries.statements_of(found),
        accounts_missing=queries.accounts_missing(found.month) if found.state == "open" else [],
        figures=queries.figures_of(found),
        sides=queries.sides_of(found),
        unclear=queries.still_unclear(found),
        carried=queries.carried_count(found),
        open_count=queries.open_difference_count(found),
        untouched=queries.waiting_difference_count(found),
        unlike=queries.unlike(found, rules.NEEDS_WORD - {LineClass.CREDIT_MISSING}),
        unlike_returns=queries.unlike(found, {LineClass.CREDIT_MISSING}),
        settlements=queries.settlements_of(principal, found),
        signatures=queries.signatures_of(found),
        standing=(standing := queries.standing_signatures(found)),
        departments=(departments := queries.departments_to_sign(found, standing)),
        in_turn=principal.organisation_kind is not None
        and rules.may_sign(
            principal.organisation_kind, {OrganisationKind(one.organisation_kind) for one in standing}, len(departments)
        ),
        refusals=queries.refusals_of(found),
        refused=(refused := queries.standing_refusals(found) if found.state == "open" else []),
        changed={one.id for one in refused if queries.is_changed(one)},
        before=queries.earlier_open(found) if found.state == "open" else None,
        after=queries.later_closed(found) if found.state != "open" else None,
        steps=workflow.history(rules.MONTH_WORKFLOW, found.id),
        rules=rules,
        OFFICES=OFFICES,
        CLASSES=CLASSES,
        ENDING_WORDS=ENDING_WORDS,
        MONTH_STATES=MONTH_STATES,
        MONTH_ACTIONS=MONTH_ACTIONS,
        RESOLUTIONS=RESOLUTIONS,
        SETTLEMENT_STATES=SETTLEMENT_STATES,
    )


def _classes(otherwise: Sequence[LineClass]) -> Sequence[LineClass]:
    """The class that the list is narrowed to; where it is not, those that are there."""
    chosen = request.args.get("kind", "")
    return [LineClass(chosen)] if chosen in set(LineClass) else otherwise


@blueprint.route("/months/<int:month_id>/lines", methods=["GET", "POST"])
def lines(month_id: int) -> ResponseReturnValue:
    """The lines behind each figure."""
    principal = current_principal()
    found = queries.get_month(principal, month_id)
    principal.require(rules.SEE_LINES)
    return listing_pages.serve(LINES, queries.visible_lines(principal, found), "reconciliation/list.html", month=found)


@blueprint.route("/months/<int:month_id>/differences", methods=["GET", "POST"])
def differences(month_id: int) -> ResponseReturnValue:
    """What does not agree, and how it is settled."""
    principal = current_principal()
    found = queries.get_month(principal, month_id)
    return listing_pages.serve(
        differences_listing(found, _classes(queries.open_kinds(found))),
        queries.visible_differences(principal, found),
        "reconciliation/list.html",
        month=found,
    )


@blueprint.route("/months/<int:month_id>/carried", methods=["GET", "POST"])
def carried(month_id: int) -> ResponseReturnValue:
    """What earlier months left to be done, and how it ended."""
    principal = current_principal()
    found = queries.get_month(principal, month_id)
    return listing_pages.serve(
        carried_listing(found, _classes(list(rules.ENDINGS))),
        queries.visible_carried(principal, found),
        "reconciliation/list.html",
        month=found,
    )


@blueprint.get("/months/<int:month_id>/report")
def report(month_id: int) -> ResponseReturnValue:
    """The month's report, for print."""
    principal = current_principal()
    found = queries.get_month(principal, month_id)
    return render_template(
        "reconciliation/report.html",
        report=month_report(principal, found),
        CLASSES=CLASSES,
        MONTH_STATES=MONTH_STATES,
        RESOLUTIONS=RESOLUTIONS,
        OFFICES=OFFICES,
    )


@blueprint.post("/months/<int:month_id>/report")
def export_report(month_id: int) -> ResponseReturnValue:
    """The report as a workbook."""
    principal = current_principal()
    found = queries.get_month(principal, month_id)
    file = io.BytesIO()
    write_report(file, month_report(principal, found))
    audit.record(
        principal, "reconciliation.export_report", "reconciliation_month", found.id, at=g.now, month=found.month
    )
    db.session.commit()
    return as_download(file, gettext("月末对账报告-%(month)s.xlsx", month=found.month))


def _act(month_id: int, act: Callable[[Month], object], done: str) -> ResponseReturnValue:
    found = queries.get_month(current_principal(), month_id)
    return press(
        lambda: act(found),
        done,
        url_for("reconciliation.month", month_id=month_id),
    )


@blueprint.post("/months/<int:month_id>/match")
def match(month_id: int) -> ResponseReturnValue:
    """Match anew: the book may have changed since."""
    principal = current_principal()
    principal.require(rules.IMPORT_STATEMENT)
    return _act(month_id, lambda found: operations.reconcile(principal, found, at=g.now), gettext("已重新核对。"))


@blueprint.post("/months/<int:month_id>/sign")
def sign_month(month_id: int) -> ResponseReturnValue:
    """One office signs."""
    principal = current_principal()
    return _act(month_id, lambda found: operations.sign_month(principal, found, at=g.now), gettext("已签章。"))


@blueprint.post("/months/<int:month_id>/refuse-to-sign")
def refuse_to_sign(month_id: int) -> ResponseReturnValue:
    """One office does not sign."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        month_id,
        lambda found: operations.refuse_to_sign(principal, found, reason, at=g.now),
        gettext("已登记不同意签章；以前的签章都失效，由县财政局处理或答复。"),
    )


@blueprint.post("/months/<int:month_id>/refusals/<int:refusal_id>/answer")
def answer_refusal(month_id: int, refusal_id: int) -> ResponseReturnValue:
    """Finance answers it, or the office takes it back."""
    principal, answer = current_principal(), request.form.get("answer", "")
    return _act(
        month_id,
        lambda found: operations.answer_refusal(principal, found, refusal_id, answer, at=g.now),
        gettext("已答复，各单位可以重新签章。"),
    )


@blueprint.post("/months/<int:month_id>/withdraw-signature")
def withdraw_signature(month_id: int) -> ResponseReturnValue:
    """An office takes its signature back."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        month_id,
        lambda found: operations.withdraw_signature(principal, found, reason, at=g.now),
        gettext("签章已撤回；在它之后的签章也一并失效。"),
    )


@blueprint.post("/months/<int:month_id>/close")
def close_month(month_id: int) -> ResponseReturnValue:
    """Close the month."""
    principal = current_principal()
    return _act(
        month_id,
        lambda found: operations.close_month(principal, found, at=g.now),
        gettext("已关账，这个月的账不再变动。"),
    )


@blueprint.post("/months/<int:month_id>/ask-reopen")
def ask_reopen(month_id: int) -> ResponseReturnValue:
    """Ask that a closed month be opened again."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        month_id,
        lambda found: operations.ask_reopen(principal, found, reason, at=g.now),
        gettext("已申请，由财政局另一位负责人决定。"),
    )


@blueprint.post("/months/<int:month_id>/refuse-reopen")
def refuse_reopen(month_id: int) -> ResponseReturnValue:
    """It stays closed."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        month_id,
        lambda found: operations.refuse_reopen(principal, found, reason, at=g.now),
        gettext("没有同意，仍然关账。"),
    )


@blueprint.post("/months/<int:month_id>/reopen")
def reopen_month(month_id: int) -> ResponseReturnValue:
    """Open it again."""
    principal = current_principal()
    return _act(
        month_id,
        lambda found: operations.reopen_month(principal, found, at=g.now),
        gettext("已重新开账，要重新签章才能再关账。"),
    )
