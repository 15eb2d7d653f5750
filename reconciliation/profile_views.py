"""The pages of the manners in which banks write statements: look, change, try, approve."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import workflow
from core.database import db
from core.errors import NotVisible, UserError
from core.web import current_principal, flash_error, press
from disbursement.rules import APPROVE_PROFILE, EDIT_PROFILE
from disbursement.words import PROFILE_ACTIONS, PROFILE_STATES
from reconciliation import operations, rules
from reconciliation.door import blueprint
from reconciliation.models import StatementProfileVersion
from reconciliation.profile_checks import faults_of
from reconciliation.profile_form import StatementProfileForm, StatementTrialForm, form_data
from reconciliation.profiles import BUILT_IN, COLUMNS, LABELS, StatementProfile
from reconciliation.queries import profiles as queries
from reconciliation.trial import MOST_LINES, try_statement


def title_of(profile: StatementProfile) -> str:
    """What a profile is called: those of the house in the language of the page."""
    return gettext(profile.title) if profile.version == 0 else profile.title


def _profile(name: str, version: int) -> tuple[StatementProfile, StatementProfileVersion | None]:
    """The version at an address, and its row where it is not the house's."""
    rows = queries.visible_versions(current_principal())
    found = queries.profile_of_version(name, version)
    if found is None:
        raise NotVisible
    return found, next((one for one in rows if (one.name, one.version) == (name, version)), None)


@blueprint.get("/profiles")
def statement_profiles() -> ResponseReturnValue:
    """How the banks write their statements."""
    return render_template(
        "reconciliation/profiles.html",
        rows=queries.visible_versions(current_principal()),
        in_use=queries.current_profiles(),
        title_of=title_of,
        EDIT_PROFILE=EDIT_PROFILE,
        PROFILE_STATES=PROFILE_STATES,
    )


@blueprint.get("/profiles/<name>/<number:version>")
def statement_profile(name: str, version: int) -> ResponseReturnValue:
    """One version of a manner, in words."""
    found, row = _profile(name, version)
    return render_template(
        "reconciliation/profile.html",
        profile=found,
        row=row,
        title=title_of(found),
        columns=[(gettext(words), "、".join(found.columns.get(key, ()))) for key, words in COLUMNS.items()],
        labels=[(gettext(words), "、".join(getattr(found, key))) for key, words in LABELS.items()],
        steps=workflow.history(rules.STATEMENT_PROFILE_WORKFLOW, row.id) if row else [],
        APPROVE_PROFILE=APPROVE_PROFILE,
        EDIT_PROFILE=EDIT_PROFILE,
        PROFILE_STATES=PROFILE_STATES,
        PROFILE_ACTIONS=PROFILE_ACTIONS,
    )


@blueprint.route("/profiles/new", methods=["GET", "POST"])
def new_statement_profile() -> ResponseReturnValue:
    """A new manner, or a copy of one under another name."""
    current_principal().require(EDIT_PROFILE)
    like = queries.current_profiles().get(request.args.get("like", ""), BUILT_IN["sample"])
    title = gettext("%(title)s（副本）", title=title_of(like))
    return _edit(form_data(like, title) | {"name": ""}, gettext("新增对账单格式"))


@blueprint.route("/profiles/<name>/<number:version>/edit", methods=["GET", "POST"])
def edit_statement_profile(name: str, version: int) -> ResponseReturnValue:
    """A new version of a manner that is not the house's."""
    current_principal().require(EDIT_PROFILE)
    found, row = _profile(name, version)
    if row is None:
        raise UserError("系统自带的格式不能修改。请复制成一个新的格式，另起标识。")
    return _edit(form_data(found, title_of(found)), gettext("修改对账单格式"), name)


def _edit(start: dict[str, Any], heading: str, name: str = "") -> ResponseReturnValue:
    form = StatementProfileForm(data=start)
    if name:
        form.name.data = name
    faults: list[str] = []
    if form.validate_on_submit():
        proposed = form.profile()
        faults = [
            gettext(fault.sentence) % {key: gettext(str(word)) for key, word in fault.parameters.items()}
            for fault in faults_of(proposed)
        ]
        if not faults:
            try:
                row = operations.propose_statement_profile(current_principal(), proposed, at=g.now, is_new=not name)
            except UserError as error:
                db.session.rollback()
                flash_error(error)
            else:
                db.session.commit()
                flash(gettext("格式已提交。请先试读一份样本，再请另一位同事批准；批准以前不会使用。"), "success")
                return redirect(url_for("reconciliation.statement_profile", name=row.name, version=row.version))
    return render_template("reconciliation/edit_profile.html", form=form, faults=faults, heading=heading, name=name)


@blueprint.route("/profiles/<name>/<number:version>/test", methods=["GET", "POST"])
def try_statement_profile(name: str, version: int) -> ResponseReturnValue:
    """Read a sample by a manner. Nothing of it is kept."""
    found, _ = _profile(name, version)
    form = StatementTrialForm()
    trial = None
    if form.validate_on_submit():
        content = form.file.data.read() if form.file.data else (form.text.data or "").encode()
        try:
            trial = try_statement(found, content)
        except UserError as error:
            flash_error(error)
    return render_template(
        "reconciliation/try_profile.html",
        profile=found,
        title=title_of(found),
        form=form,
        trial=trial,
        refusal=_said(trial.refusal) if trial else "",
        MOST_LINES=MOST_LINES,
        COLUMNS=COLUMNS,
    )


def _said(error: UserError | None) -> str:
    return gettext(error.sentence, **error.parameters) if error else ""


@blueprint.post("/profiles/<int:profile_id>/approve")
def approve_statement_profile(profile_id: int) -> ResponseReturnValue:
    """A second official puts a manner to use."""
    principal = current_principal()
    return _decide(
        profile_id,
        lambda row: operations.approve_statement_profile(principal, row, at=g.now),
        gettext("格式已批准，从现在起使用。"),
    )


@blueprint.post("/profiles/<int:profile_id>/reject")
def reject_statement_profile(profile_id: int) -> ResponseReturnValue:
    """A proposed manner is not taken."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _decide(
        profile_id,
        lambda row: operations.reject_statement_profile(principal, row, reason, at=g.now),
        gettext("已登记为不采用。"),
    )


def _decide(profile_id: int, act: Callable[[StatementProfileVersion], object], done: str) -> ResponseReturnValue:
    row = queries.get_version(current_principal(), profile_id)
    name, version = row.name, row.version
    return press(lambda: act(row), done, url_for("reconciliation.statement_profile", name=name, version=version))
