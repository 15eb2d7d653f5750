"""The pages of the rules about two programmes."""

from collections.abc import Callable
from datetime import timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.clock import local_date
from core.database import db
from core.errors import NotVisible, UserError
from core.form_fields import open_choices
from core.principal import Principal
from core.web import current_principal, flash_error
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.forms import RuleForm, RuleVersionForm
from programmes.listings import RULES
from programmes.rules import Handling, Scope
from programmes.words import HANDLINGS, SCOPES


@blueprint.route("/rules", methods=["GET", "POST"])
def rules_list() -> ResponseReturnValue:
    """Every rule about two programmes."""
    principal = current_principal()
    may = principal.may(rules.IMPORT_CATALOGUE)
    return listing_pages.serve(
        RULES,
        queries.incompatibility_rules(principal),
        intro=gettext("审核花名册时按这些规则核对：同一个人（或同一户）同一个月能不能同时享受两项补贴。"),
        buttons=[(gettext("新增规则"), url_for("programmes.new_rule"))] if may else [],
    )


@blueprint.route("/rules/new", methods=["GET", "POST"])
def new_rule() -> ResponseReturnValue:
    """A rule about a pair that has none."""
    principal = current_principal()
    principal.require(rules.IMPORT_CATALOGUE)
    form, title = RuleForm(), gettext("新增规则")
    form.first.choices = form.second.choices = open_choices(queries.names_by_code())
    if form.validate_on_submit():
        try:
            operations.add_rule(principal, form.first.data, form.second.data, _terms(form), at=g.now)
        except UserError as error:
            _refuse(form, error)
        else:
            db.session.commit()
            flash(gettext("规则已保存，以后核对花名册按它办理。"), "success")
            return redirect(url_for("programmes.rules_list"))
    return render_template(
        "programmes/form.html",
        form=form,
        title=title,
        intro=gettext("两个项目的规则有变化的，在那条规则的页面登记新的一版，以前的月份仍按原来的核对。"),
        crumbs=[(gettext("不相容规则"), url_for("programmes.rules_list")), (title, None)],
    )


@blueprint.route("/rules/<int:rule_id>", methods=["GET", "POST"])
def rule(rule_id: int) -> ResponseReturnValue:
    """A rule with all its versions, and a form for the next one."""
    principal = current_principal()
    principal.require(rules.IMPORT_CATALOGUE)
    found = queries.incompatibility_rule(principal, rule_id)
    versions = queries.rule_versions(principal, found)
    form = RuleVersionForm(
        handling=found.handling, scope=found.scope, valid_from=local_date(g.now) + timedelta(days=1), basis=found.basis
    )
    if form.validate_on_submit():
        try:
            operations.change_rule(principal, rule_id, _terms(form), at=g.now)
        except UserError as error:
            _refuse(form, error)
        else:
            db.session.commit()
            flash(gettext("新的一版已登记，从那一天起核对花名册按它办理。"), "success")
            return redirect(url_for("programmes.rules_list"))
    names = queries.names_by_code()
    return render_template(
        "programmes/rule.html",
        rule=found,
        title=gettext("%(first)s与%(second)s", first=names[found.first_code], second=names[found.second_code]),
        versions=versions,
        is_latest=versions[0].id == rule_id,
        form=form,
        HANDLINGS={handling.value: status for handling, status in HANDLINGS.items()},
        SCOPES=SCOPES,
    )


def _terms(form: RuleForm | RuleVersionForm) -> operations.RuleTerms:
    return operations.RuleTerms(
        Handling(form.handling.data),
        Scope(form.scope.data),
        form.basis.data or "",
        form.valid_from.data,
        form.valid_until.data,
    )


def _refuse(form: RuleForm | RuleVersionForm, error: UserError) -> None:
    db.session.rollback()
    form.form_errors.append(gettext(error.sentence) % error.parameters)


@blueprint.post("/rules/<int:rule_id>/end")
def end_rule(rule_id: int) -> ResponseReturnValue:
    """Let a rule end today."""
    return _act(
        rule_id,
        lambda principal, reason: operations.end_rule(principal, rule_id, local_date(g.now), reason, at=g.now),
        gettext("这条规则从明天起不再适用；以前月份仍按它核对。"),
    )


@blueprint.post("/rules/<int:rule_id>/resume")
def resume_rule(rule_id: int) -> ResponseReturnValue:
    """Take back the end of a rule."""
    return _act(
        rule_id,
        lambda principal, reason: operations.resume_rule(principal, rule_id, reason, at=g.now),
        gettext("已恢复，这条规则继续适用。"),
    )


@blueprint.post("/rules/<int:rule_id>/withdraw")
def withdraw_rule(rule_id: int) -> ResponseReturnValue:
    """Take back the last version."""
    return _act(
        rule_id,
        lambda principal, reason: operations.withdraw_rule(principal, rule_id, reason, at=g.now),
        gettext("这一版已撤销，原来的规定恢复适用。"),
    )


def _act(rule_id: int, act: Callable[[Principal, str], object], done: str) -> ResponseReturnValue:
    principal = current_principal()
    principal.require(rules.IMPORT_CATALOGUE)
    try:
        act(principal, request.form.get("reason", ""))
    except NotVisible:
        raise
    except UserError as error:
        flash_error(error)
        return redirect(url_for("programmes.rule", rule_id=rule_id))
    db.session.commit()
    flash(done, "success")
    return redirect(url_for("programmes.rules_list"))
