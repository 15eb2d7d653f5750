"""The pages of what one official proposes for differences and another confirms, and of the limits for that."""

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, workflow
from core.money import format_yuan_plain
from core.web import current_principal, press
from reconciliation import operations, queries, rules
from reconciliation.door import blueprint
from reconciliation.listings import settled_listing
from reconciliation.rules import Setting
from reconciliation.words import ENDING_WORDS, RESOLUTIONS, SETTINGS, SETTLEMENT_ACTIONS, SETTLEMENT_STATES


@blueprint.route("/settlements/<int:settlement_id>", methods=["GET", "POST"])
def settlement(settlement_id: int) -> ResponseReturnValue:
    """One of them, with its differences, its history, and what can be done with it."""
    principal = current_principal()
    found = queries.get_settlement(principal, settlement_id)
    words = ENDING_WORDS if found.is_carried else RESOLUTIONS
    return listing_pages.serve(
        settled_listing(),
        queries.differences_in(principal, found),
        "reconciliation/settlement.html",
        proposal=found,
        way=words[found.resolution],
        steps=workflow.history(rules.SETTLEMENT_WORKFLOW, found.id),
        is_own=found.official_id == principal.official_id,
        rules=rules,
        SETTLEMENT_STATES=SETTLEMENT_STATES,
        SETTLEMENT_ACTIONS=SETTLEMENT_ACTIONS,
    )


@blueprint.post("/settlements/<int:settlement_id>/confirm")
def confirm_settlement(settlement_id: int) -> ResponseReturnValue:
    """Another official of finance confirms."""
    principal = current_principal()
    found = queries.get_settlement(principal, settlement_id)
    return press(
        lambda: operations.confirm_settlement(principal, found, at=g.now),
        gettext("已复核，这些差异按提出的办法处理。"),
        url_for("reconciliation.settlement", settlement_id=settlement_id),
    )


@blueprint.post("/settlements/<int:settlement_id>/refuse")
def refuse_settlement(settlement_id: int) -> ResponseReturnValue:
    """Another official of finance does not agree."""
    principal, reason = current_principal(), request.form.get("reason", "")
    found = queries.get_settlement(principal, settlement_id)
    return press(
        lambda: operations.refuse_settlement(principal, found, reason, at=g.now),
        gettext("没有同意，这些差异仍待处理。"),
        url_for("reconciliation.settlement", settlement_id=settlement_id),
    )


@blueprint.post("/settlements/<int:settlement_id>/withdraw")
def withdraw_settlement(settlement_id: int) -> ResponseReturnValue:
    """It is taken back before it is decided."""
    principal, reason = current_principal(), request.form.get("reason", "")
    found = queries.get_settlement(principal, settlement_id)
    return press(
        lambda: operations.withdraw_settlement(principal, found, reason, at=g.now),
        gettext("已撤回，这些差异仍待处理。"),
        url_for("reconciliation.settlement", settlement_id=settlement_id),
    )


@blueprint.get("/settings")
def settings() -> ResponseReturnValue:
    """How much one official settles alone, the first month, and who set it so."""
    principal = current_principal()
    principal.require(rules.READ)
    now = queries.settings()
    return render_template(
        "reconciliation/settings.html",
        settings={name: (_typed(name, value), _shown(name, value)) for name, value in now.items()},
        history=queries.setting_history(),
        shown=_shown,
        may_choose=principal.may(rules.CHOOSE_SETTINGS),
        SETTINGS=SETTINGS,
    )


def _typed(name: str, value: str) -> str:
    """The value as somebody would write it."""
    if name in (Setting.TOGETHER, Setting.SINGLE):
        return format_yuan_plain(int(value))
    return value or (queries.first_month() or "")


def _shown(name: str, value: str) -> str:
    if name == Setting.FIRST_MONTH:
        if value:
            return value
        first = queries.first_month()
        if first is None:
            return str(gettext("第一笔送银行的月份（还没有）"))
        return str(gettext("%(month)s（第一笔送银行的月份）", month=first))
    if name == Setting.LINES:
        return str(gettext("%(count)s 条", count=value))
    return str(gettext("%(yuan)s 元", yuan=format_yuan_plain(int(value))))


@blueprint.post("/settings/<name>")
def choose_setting(name: str) -> ResponseReturnValue:
    """Finance sets another."""
    principal = current_principal()
    principal.require(rules.CHOOSE_SETTINGS)
    value, reason = request.form.get("value", ""), request.form.get("reason", "")
    return press(
        lambda: operations.choose_setting(principal, name, value, reason, at=g.now),
        gettext("已调整，从现在起按新的设定办理。"),
        url_for("reconciliation.settings"),
    )
