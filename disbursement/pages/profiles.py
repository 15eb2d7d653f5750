"""The pages of bank file formats: look, change, try, approve."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import workflow
from core.database import db
from core.errors import NotVisible, UserError
from core.web import DEFAULT_LANGUAGE, current_principal, flash_error, press, select_locale
from disbursement import operations, queries, rules
from disbursement.bank_files.profile_checks import faults_of, written_columns
from disbursement.bank_files.profiles import (
    BUILT_IN,
    DATE_ORDERS,
    FIELDS,
    FIXED_WIDTH,
    KINDS,
    PLACES,
    TOTALS,
    UNITS,
    Profile,
)
from disbursement.bank_files.trial import MOST_LINES, try_offer, try_result
from disbursement.door import blueprint
from disbursement.models import BankProfile
from disbursement.profile_form import ProfileForm, TrialForm, form_data
from disbursement.words import OUTCOMES, PROFILE_ACTIONS, PROFILE_STATES


def title_of(profile: Profile) -> str:
    """What a profile is called: those of the house in the language of the page."""
    return gettext(profile.title) if profile.version == 0 else profile.title


def _profile(name: str, version: int) -> tuple[Profile, BankProfile | None]:
    """The version at an address, and its row where it is not the house's."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    found = queries.profile_of_version(name, version)
    if found is None:
        raise NotVisible
    row = next((one for one in queries.visible_versions(principal) if (one.name, one.version) == (name, version)), None)
    return found, row


def _said(error: UserError | None) -> str:
    return gettext(error.sentence, **error.parameters) if error else ""


@blueprint.get("/profiles")
def profiles() -> ResponseReturnValue:
    """How the banks write their files."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    rows = queries.visible_versions(principal)
    return render_template(
        "disbursement/profiles.html",
        in_use=queries.current_profiles(),
        rows=rows,
        title_of=title_of,
        rules=rules,
        KINDS=KINDS,
        PROFILE_STATES=PROFILE_STATES,
    )


@blueprint.get("/profiles/<name>/<number:version>")
def profile(name: str, version: int) -> ResponseReturnValue:
    """One version of a format, in words."""
    found, row = _profile(name, version)
    sample = try_offer(found)
    return render_template(
        "disbursement/profile.html",
        profile=found,
        row=row,
        title=title_of(found),
        sides=[(gettext("代发文件"), _facts(found, "offer")), (gettext("回盘文件"), _facts(found, "result"))],
        sample=sample,
        is_built_in=name in BUILT_IN,
        refusal=_said(sample.refusal),
        steps=workflow.history(rules.PROFILE_WORKFLOW, row.id) if row else [],
        rules=rules,
        PROFILE_STATES=PROFILE_STATES,
        PROFILE_ACTIONS=PROFILE_ACTIONS,
    )


def _facts(found: Profile, side: str) -> list[tuple[str, str]]:
    layout = found.offer if side == "offer" else found.result
    words = {key: gettext(word) for key, word in (FIELDS | TOTALS).items()}
    kind = gettext(KINDS[layout.kind])
    if layout.kind == FIXED_WIDTH:
        kind += gettext("（宽度按字节计）")
    summary = gettext(PLACES[layout.summary_place])
    if layout.summary_place != "none":
        columns = written_columns(layout.summary, words).replace("\n", gettext("、"))
        summary += f"{gettext('：')}{columns} ({layout.mark})"
    return [
        (gettext("文件类型"), kind),
        (gettext("编码"), layout.encoding.upper()),
        (gettext("分隔符"), layout.delimiter.replace("\t", "\\t") if layout.kind == "delimited" else ""),
        (gettext("表头行数"), str(layout.header_lines)),
        (gettext("各列"), written_columns(layout.columns, words).replace("\n", gettext("、"))),
        (gettext("金额单位"), gettext(UNITS[layout.unit])),
        (gettext("日期顺序"), gettext(DATE_ORDERS[layout.date_order]) if "date" in layout.fields else ""),
        (gettext("合计行"), summary),
    ]


@blueprint.route("/profiles/new", methods=["GET", "POST"])
def new_profile() -> ResponseReturnValue:
    """A new format, or a copy of one under another name."""
    principal = current_principal()
    principal.require(rules.EDIT_PROFILE)
    like = queries.current_profiles().get(request.args.get("like", ""), BUILT_IN["sample"])
    start = _form_data(like) | {"name": "", "title": gettext("%(title)s（副本）", title=title_of(like))}
    return _edit(start, gettext("新增银行文件格式"), is_new=True)


@blueprint.route("/profiles/<name>/<number:version>/edit", methods=["GET", "POST"])
def edit_profile(name: str, version: int) -> ResponseReturnValue:
    """A new version of a format."""
    current_principal().require(rules.EDIT_PROFILE)
    found, _ = _profile(name, version)
    return _edit(_form_data(found), gettext("修改银行文件格式"), is_new=False, name=name)


def _form_data(found: Profile) -> dict[str, Any]:
    return form_data(found, title_of(found), in_chinese=select_locale() == DEFAULT_LANGUAGE)


def _edit(start: dict[str, Any], heading: str, *, is_new: bool, name: str = "") -> ResponseReturnValue:
    form = ProfileForm(data=start)
    if not is_new:
        form.name.data = name
    faults: list[str] = []
    if form.validate_on_submit():
        proposed = form.profile()
        faults = [gettext(fault.sentence) % _translated(fault.parameters) for fault in faults_of(proposed)]
        if not faults:
            try:
                if is_new:
                    operations.refuse_taken_name(proposed.name)
                row = operations.propose_profile(current_principal(), proposed, at=g.now)
            except UserError as error:
                flash_error(error)
            else:
                db.session.commit()
                flash(gettext("格式已提交。请先试读一份样本，再请另一位同事批准；批准以前不会使用。"), "success")
                return redirect(url_for("disbursement.profile", name=row.name, version=row.version))
    return render_template(
        "disbursement/edit_profile.html", form=form, faults=faults, heading=heading, is_new=is_new, name=name
    )


def _translated(parameters: Any) -> dict[str, object]:
    """The words of a fault in the language of the page."""
    return {
        key: "、".join(gettext(word) for word in value.split("、")) if isinstance(value, str) and value else value
        for key, value in parameters.items()
    }


@blueprint.route("/profiles/<name>/<number:version>/test", methods=["GET", "POST"])
def try_profile(name: str, version: int) -> ResponseReturnValue:
    """Read a sample by a format. Nothing of it is kept."""
    found, row = _profile(name, version)
    form = TrialForm()
    trial = None
    if form.validate_on_submit():
        content = (
            form.file.data.read() if form.file.data else (form.text.data or "").encode(found.result.encoding, "replace")
        )
        try:
            trial = try_result(found, content)
        except UserError as error:
            flash_error(error)
    return render_template(
        "disbursement/try_profile.html",
        profile=found,
        row=row,
        title=title_of(found),
        form=form,
        trial=trial,
        refusal=_said(trial.refusal) if trial else "",
        MOST_LINES=MOST_LINES,
        FIELDS=FIELDS,
        OUTCOMES=OUTCOMES,
    )


@blueprint.post("/profiles/<int:profile_id>/approve")
def approve_profile(profile_id: int) -> ResponseReturnValue:
    """A second official puts a format to use."""
    principal = current_principal()
    row = queries.get_version(principal, profile_id)
    return _decide(
        row, lambda: operations.approve_profile(principal, row, at=g.now), gettext("格式已批准，从现在起使用。")
    )


@blueprint.post("/profiles/<int:profile_id>/reject")
def reject_profile(profile_id: int) -> ResponseReturnValue:
    """A proposed format is not taken."""
    principal = current_principal()
    row = queries.get_version(principal, profile_id)
    reason = request.form.get("reason", "")
    return _decide(
        row, lambda: operations.reject_profile(principal, row, reason, at=g.now), gettext("已登记为不采用。")
    )


def _decide(row: BankProfile, act: Any, done: str) -> ResponseReturnValue:
    name, version = row.name, row.version
    return press(
        act,
        done,
        url_for("disbursement.profile", name=name, version=version),
    )
