"""The pages on which finance enters a programme, changes it, or takes it back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.database import db
from core.errors import UserError
from core.form_fields import choices, open_choices
from core.screens import county_date
from core.web import current_principal, flash_error
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.forms import ProgrammeForm
from programmes.models import Programme
from programmes.rules import Channel
from programmes.words import CHANNELS, FREQUENCIES, SENSITIVITY, SHARED_CARDS, frequency_words


def _filled(form: ProgrammeForm, programme: Programme | None) -> ProgrammeForm:
    departments, frequencies = queries.department_names(), dict(FREQUENCIES)
    sensitivity: dict[str, Any] = dict(SENSITIVITY)
    if programme is None:
        sensitivity = {"by_name": gettext("按项目名称和补贴对象判断")} | sensitivity
    else:
        # What a policy list wrote in words of its own stays to be chosen.
        frequencies.setdefault(programme.frequency, programme.frequency)
    form.department_name.choices = open_choices(dict(zip(departments, departments, strict=True)))
    form.frequency.choices = open_choices(frequencies)
    form.sensitive.choices = choices(sensitivity)
    return form


@blueprint.route("/catalogue/new", methods=["GET", "POST"])
def new_programme() -> ResponseReturnValue:
    """A programme that is in no policy list yet."""
    principal = current_principal()
    principal.require(rules.EDIT_PROGRAMME)
    form = _filled(
        ProgrammeForm(publicity_days=rules.PUBLICITY_DAYS, channel=Channel.UNDECIDED.value, sensitive="by_name"), None
    )
    if form.validate_on_submit():
        try:
            made = operations.add_programme(principal, form.code.data or "", form.terms(), at=g.now)
        except UserError as error:
            _refuse(form, error)
        else:
            db.session.commit()
            flash(gettext("项目已登记。请在本页核对执行标准，并登记资金计划。"), "success")
            return redirect(url_for("programmes.programme", programme_id=made.id))
    return _form_page(form, gettext("新增补贴项目"), None)


@blueprint.route("/catalogue/<int:programme_id>/edit", methods=["GET", "POST"])
def edit_programme(programme_id: int) -> ResponseReturnValue:
    """Change a programme: first what would change is shown, a second press saves it."""
    principal = current_principal()
    principal.require(rules.EDIT_PROGRAMME)
    shown = queries.programme(principal, programme_id)
    kept = Channel(shown.channel) if operations.is_channel_fixed(shown) else None
    said = {"sensitive": "yes" if shown.sensitive else "no", "seen": operations.seen(shown)}
    form = _filled(ProgrammeForm(data=asdict(operations.terms_of(shown)) | said), shown)
    del form.code
    if kept is not None:
        del form.channel
    step = request.form.get("step", "")
    if form.validate_on_submit() and step != "back":
        terms = form.terms(kept)
        changes = _in_words(form, operations.changes_of(shown, terms))
        try:
            operations.edit_programme(principal, programme_id, terms, seen_as=form.seen.data or "", at=g.now)
        except UserError as error:
            _refuse(form, error)
        else:
            if step == "confirmed":
                db.session.commit()
                flash(gettext("已保存。以后生成的公示表按新的内容办理，已生成的不变。"), "success")
                return redirect(url_for("programmes.programme", programme_id=programme_id))
            # Only to learn whether it can be saved.
            db.session.rollback()
            return _changes_page(queries.programme(principal, programme_id), changes)
    return _form_page(form, gettext("修改补贴项目：%(name)s", name=shown.name), shown)


@blueprint.post("/catalogue/<int:programme_id>/remove")
def remove_programme(programme_id: int) -> ResponseReturnValue:
    """Take back a programme entered by mistake."""
    principal = current_principal()
    principal.require(rules.EDIT_PROGRAMME)
    queries.programme(principal, programme_id)
    try:
        operations.remove_programme(principal, programme_id, request.form.get("reason", ""), at=g.now)
    except UserError as error:
        flash_error(error)
        return redirect(url_for("programmes.edit_programme", programme_id=programme_id))
    db.session.commit()
    flash(gettext("项目已删除。"), "success")
    return redirect(url_for("programmes.programmes"))


def _refuse(form: ProgrammeForm, error: UserError) -> None:
    db.session.rollback()
    form.form_errors.append(gettext(error.sentence) % error.parameters)


def _in_words(form: ProgrammeForm, changes: Mapping[str, tuple[object, object]]) -> list[tuple[str, str, str]]:
    return [
        (form[column].label.text, _said(column, before), _said(column, after))
        for column, (before, after) in changes.items()
    ]


_YES_OR_NO = {"sensitive": SENSITIVITY, "shared_cards": SHARED_CARDS}


def _said(column: str, value: object) -> str:
    if column == "channel":
        return str(CHANNELS[str(value)].text)
    if column == "frequency":
        return frequency_words(str(value))
    if column in _YES_OR_NO:
        return str(_YES_OR_NO[column]["yes" if value else "no"])
    if isinstance(value, date):
        return county_date(value)
    if column in ("valid_from", "valid_until"):
        return str(gettext("不限") if column == "valid_from" else gettext("长期"))
    return str(value)


def _crumbs(programme: Programme | None, title: str) -> list[tuple[str, str | None]]:
    crumbs: list[tuple[str, str | None]] = [(gettext("补贴项目清单"), url_for("programmes.programmes"))]
    if programme is not None:
        crumbs.append((programme.name, url_for("programmes.programme", programme_id=programme.id)))
    return [*crumbs, (title, None)]


def _form_page(form: ProgrammeForm, title: str, programme: Programme | None) -> ResponseReturnValue:
    return render_template(
        "programmes/programme_form.html", form=form, title=title, programme=programme, crumbs=_crumbs(programme, title)
    )


def _changes_page(programme: Programme, changes: list[tuple[str, str, str]]) -> ResponseReturnValue:
    title = gettext("确认修改")
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "step")]
    return render_template(
        "programmes/programme_changes.html",
        programme=programme,
        changes=changes,
        sent=sent,
        title=title,
        crumbs=_crumbs(programme, title),
    )
