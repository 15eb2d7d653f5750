"""The pages of the rules about two programmes."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.form_fields import choices
from core.web import current_principal, flash_error
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.forms import RuleForm
from programmes.listings import RULES
from programmes.rules import Handling, Scope


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
    current_principal().require(rules.IMPORT_CATALOGUE)
    return _edited(RuleForm(), gettext("新增规则"), None)


@blueprint.route("/rules/<int:rule_id>", methods=["GET", "POST"])
def rule(rule_id: int) -> ResponseReturnValue:
    """Change a rule; what it said before is recorded."""
    principal = current_principal()
    principal.require(rules.IMPORT_CATALOGUE)
    found = queries.incompatibility_rule(principal, rule_id)
    form = RuleForm(
        first=found.first_code,
        second=found.second_code,
        handling=found.handling,
        scope=found.scope,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        basis=found.basis,
    )
    return _edited(form, gettext("修改规则"), rule_id)


def _edited(form: RuleForm, title: str, rule_id: int | None) -> ResponseReturnValue:
    names = choices(queries.names_by_code())
    form.first.choices = form.second.choices = names
    if form.validate_on_submit():
        try:
            operations.save_rule(
                current_principal(),
                form.first.data,
                form.second.data,
                handling=Handling(form.handling.data),
                scope=Scope(form.scope.data),
                basis=form.basis.data or "",
                valid_from=form.valid_from.data,
                valid_until=form.valid_until.data,
                at=g.now,
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("规则已保存，以后核对花名册按它办理。"), "success")
            return redirect(url_for("programmes.rules_list"))
    return render_template(
        "programmes/form.html",
        form=form,
        title=title,
        intro=gettext("同两个项目只有一条规则；再存一次就是修改。"),
        crumbs=[(gettext("不相容规则"), url_for("programmes.rules_list")), (title, None)],
        end_url=url_for("programmes.end_rule", rule_id=rule_id) if rule_id else None,
    )


@blueprint.post("/rules/<int:rule_id>/end")
def end_rule(rule_id: int) -> ResponseReturnValue:
    """Let a rule end today."""
    principal = current_principal()
    try:
        operations.end_rule(principal, rule_id, local_date(g.now), request.form.get("reason", ""), at=g.now)
    except UserError as error:
        flash_error(error)
        return redirect(url_for("programmes.rule", rule_id=rule_id))
    db.session.commit()
    flash(gettext("这条规则从明天起不再适用；以前月份仍按它核对。"), "success")
    return redirect(url_for("programmes.rules_list"))
