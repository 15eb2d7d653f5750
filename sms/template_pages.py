"""The pages about what messages say."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.database import db
from core.errors import NotVisible, UserError
from core.web import current_principal, flash_error, press, settings
from sms import template_operations as operations
from sms import template_queries as queries
from sms.door import blueprint
from sms.forms import RegistrationForm, WordingForm
from sms.gateways.choice import CAPABILITIES, TEMPLATE_ONLY
from sms.rendering import Wording
from sms.rules import APPROVE_TEMPLATES, WRITE_TEMPLATES
from sms.template_checks import problems_of, written_places
from sms.wordings import places_of
from sms.words import (
    GATEWAY_WORDS,
    PARAMETER_WORDS,
    TEMPLATE_ACTION_WORDS,
    TEMPLATE_DONE_WORDS,
    TEMPLATE_STATES,
    TEMPLATE_WORDS,
)


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "template_words": TEMPLATE_WORDS,
        "template_states": TEMPLATE_STATES,
        "template_actions": TEMPLATE_ACTION_WORDS,
        "parameter_words": PARAMETER_WORDS,
        "gateway_words": GATEWAY_WORDS,
        "written_places": written_places,
    }


@blueprint.get("/templates")
def templates_list() -> ResponseReturnValue:
    """What each kind of message says now, and what it costs."""
    return render_template(
        "sms/templates.html",
        kinds=queries.kinds(current_principal()),
        segment_fen=settings().sms_limits.segment_fen,
        gateways={name: CAPABILITIES[name] for name in queries.used_gateways()},
    )


@blueprint.get("/templates/<name>/<number:number>")
def template_version(name: str, number: int) -> ResponseReturnValue:
    """One version: its text, its size, its codes, its history."""
    principal = current_principal()
    story = queries.story(principal, name, number)
    used = [gateway for gateway in queries.used_gateways() if gateway in TEMPLATE_ONLY]
    return render_template(
        "sms/template_version.html",
        story=story,
        segment_fen=settings().sms_limits.segment_fen,
        may_write=principal.may(WRITE_TEMPLATES),
        may_approve=principal.may(APPROVE_TEMPLATES),
        registration_forms={
            gateway: _registration_form(gateway, story) for gateway in dict.fromkeys([*used, *story.registrations])
        },
        in_settings=settings().aliyun.templates.get(name, "") if number == 0 else "",
    )


def _registration_form(gateway: str, story: queries.Story) -> RegistrationForm:
    known = story.registrations.get(gateway)
    form = RegistrationForm(formdata=None, prefix=gateway)
    form.code.data = known.code if known else ""
    form.places.data = written_places(known.places if known else _places(story))
    return form


def _places(story: queries.Story) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in places_of(story.template.name) if f"{{{pair[0]}}}" in story.wording.chinese)


@blueprint.route("/templates/<name>/new", methods=["GET", "POST"])
def write_template(name: str) -> ResponseReturnValue:
    """Write a version, beginning with the text of another one."""
    principal = current_principal()
    principal.require(WRITE_TEMPLATES)
    started = request.args.get("of", "0")
    base = queries.story(principal, name, int(started) if started.isdecimal() and len(started) < 9 else 0)
    return _write(base, None)


@blueprint.route("/templates/<name>/<number:number>/change", methods=["GET", "POST"])
def change_template(name: str, number: int) -> ResponseReturnValue:
    """Change a draft."""
    principal = current_principal()
    principal.require(WRITE_TEMPLATES)
    base = queries.story(principal, name, number)
    if base.state != "draft":
        raise NotVisible
    return _write(base, number)


def _write(base: queries.Story, number: int | None) -> ResponseReturnValue:
    form = WordingForm()
    template = base.template
    if request.method == "GET":
        form.chinese.data, form.english.data = base.wording.chinese, base.wording.english
    sizes = None
    if form.validate_on_submit():
        chinese, english = (str(field.data or "").strip() for field in (form.chinese, form.english))
        problems = problems_of(template, chinese, english, queries.signature())
        for problem in problems:
            field = form.chinese if problem.text == "chinese" else form.english
            field.errors = [*field.errors, gettext(problem.sentence) % {"place": problem.place}]
        if not problems and "preview" in request.form:
            sizes = queries.sizes_of(template, Wording(0, chinese, english))
        elif not problems:
            try:
                kept = _keep(template.name, number, chinese, english)
                db.session.commit()
            except UserError as error:
                flash_error(error)
            else:
                flash(gettext("已存为草稿。核对样例以后提交审批。"), "success")
                return redirect(url_for("sms.template_version", name=template.name, number=kept))
    return render_template(
        "sms/template_form.html",
        form=form,
        story=base,
        number=number,
        sizes=sizes,
        segment_fen=settings().sms_limits.segment_fen,
    )


def _keep(name: str, number: int | None, chinese: str, english: str) -> int:
    principal, mark = current_principal(), queries.signature()
    if number is None:
        return operations.write_version(principal, name, chinese, english, signature=mark, at=g.now).number
    return operations.change_version(
        principal, name, number, chinese=chinese, english=english, signature=mark, at=g.now
    ).number


@blueprint.post("/templates/<name>/<number:number>/move")
def move_template(name: str, number: int) -> ResponseReturnValue:
    """Submit, withdraw, discard, approve, send back or retire a version."""
    action = request.form.get("action", "")
    if action not in TEMPLATE_DONE_WORDS:
        abort(400)
    return press(
        lambda: operations.move_version(
            current_principal(),
            name,
            number,
            action,
            gateways=queries.used_gateways(),
            at=g.now,
            reason=request.form.get("reason", ""),
        ),
        str(TEMPLATE_DONE_WORDS[action]),
        url_for("sms.template_version", name=name, number=number),
    )


@blueprint.post("/templates/<name>/<number:number>/registrations/<gateway>")
def register_template(name: str, number: int, gateway: str) -> ResponseReturnValue:
    """Enter a provider's code for a version."""
    form = RegistrationForm(prefix=gateway)
    return press(
        lambda: operations.register(
            current_principal(),
            name,
            number,
            gateway,
            code=str(form.code.data or ""),
            places=str(form.places.data or ""),
            at=g.now,
        ),
        gettext("已登记运营商的模板编号。"),
        url_for("sms.template_version", name=name, number=number),
    )


@blueprint.post("/templates/<name>/<number:number>/registrations/<gateway>/forget")
def forget_template_registration(name: str, number: int, gateway: str) -> ResponseReturnValue:
    """Take back a provider's code."""
    return press(
        lambda: operations.forget_registration(current_principal(), name, number, gateway, at=g.now),
        gettext("已删除这个编号。"),
        url_for("sms.template_version", name=name, number=number),
    )
