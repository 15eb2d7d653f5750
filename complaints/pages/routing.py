"""The pages of the county's routing: what is in force, its versions, writing the next one, its preview."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from complaints import routing_queries, rules
from complaints.door import blueprint, tabs
from complaints.models import RoutingEntry, RoutingVersion
from complaints.operations import routing as operations
from complaints.routing_form import RoutingRuleForm, rule_form
from complaints.routing_queries import BUILT_IN, version_numbered, writers_of
from complaints.routing_words import STARTS, STATES, STEPS, category_words, changes_of, lines_of, names_for, side_words
from complaints.rules.routing_preview import FEW
from complaints.rules.routing_versions import fingerprint
from core import web
from core.board import BoardItem, board_provider
from core.database import db
from core.errors import NotVisible, UserError
from core.principal import Principal
from core.web import STATUS_OF

MOST_NUMBERS = 20
"""Cases of one line of a preview that are named by their numbers."""
DONE = {
    "discard": lazy_gettext("草稿已作废，仍可以它为底稿另写一版。"),
    "propose": lazy_gettext("已提交，等另一位同事审批。批准以前按现行规则分派。"),
    "withdraw": lazy_gettext("已撤回，可以它为底稿另写一版。"),
    "approve": lazy_gettext("已批准，从现在起收到的按这一版分派。"),
    "refuse": lazy_gettext("已退回，不使用这一版。"),
}
"""What can be done with a version as a whole → what is said afterwards."""


@board_provider
def waiting_version(principal: Principal, today: date) -> Iterable[BoardItem]:
    """A version that waits for somebody who may approve it and has not written on it."""
    if not principal.may(rules.APPROVE_ROUTING):
        return
    for version in db.session.scalars(select(RoutingVersion).where(RoutingVersion.state == "proposed")):
        if principal.official_id not in writers_of(version):
            yield BoardItem(
                gettext("投诉举报分派规则第 %(number)d 版等待审批", number=version.number),
                url_for("complaints.routing_version", version=version.number),
                "complaints",
            )


@blueprint.get("/routing")
def routing() -> ResponseReturnValue:
    """The rules in force in plain words, and all versions."""
    principal = web.current_principal()
    versions = routing_queries.versions(principal)
    in_force = routing_queries.routing_in_force()
    return render_template(
        "complaints/routing.html",
        in_force=in_force.number,
        built_in=lines_of(routing_queries.built_in().rules, names_for(())),
        lines=lines_of(in_force.rules, names_for(in_force.rules)),
        versions=versions,
        steps=routing_queries.steps_of(versions),
        states=STATES,
        step_words=STEPS,
        may_write=principal.may(rules.SET_ROUTING),
        open_version=next((version for version in versions if version.state in ("draft", "proposed")), None),
        tabs=tabs(),
    )


@blueprint.post("/routing/new")
def begin_routing() -> ResponseReturnValue:
    """Begin the next version with the rules of another one."""
    base = request.form.get("base", "")
    known = base.isascii() and base.isdecimal() and len(base) <= 9
    try:
        version = operations.begin_version(web.current_principal(), int(base) if known else BUILT_IN, at=g.now)
    except NotVisible:
        raise
    except UserError as error:
        web.flash_error(error)
        return redirect(url_for("complaints.routing"), 303)
    db.session.commit()
    flash(gettext("已起草第 %(number)d 版。改好以后看预演，再提交审批。", number=version.number), "success")
    return redirect(url_for("complaints.routing_version", version=version.number), 303)


@blueprint.get("/routing/<number:version>")
def routing_version(version: int) -> ResponseReturnValue:
    """One version: its rules, what it changes, its story; a draft is written here."""
    principal = web.current_principal()
    found = version_numbered(principal, version)
    steps = routing_queries.steps_of([found])[found.id]
    entries = routing_queries.entries_of(found) if found.state == "draft" else []
    return render_template(
        "complaints/routing_version.html",
        **_shown(found),
        entries=entries,
        starts=STARTS,
        steps=steps,
        step_words=STEPS,
        may_write=principal.may(rules.SET_ROUTING),
        may_preview=found.state in ("draft", "proposed"),
    )


def _shown(version: RoutingVersion, **more: Any) -> dict[str, Any]:
    """A version with its rules in words and what it changes."""
    after = routing_queries.routing_of(version).rules
    before = routing_queries.routing_numbered(version.based_on).rules
    names = names_for((*after, *before))
    return {
        "version": version,
        "state": STATES[version.state],
        "lines": lines_of(after, names, checked=True, **more),
        "changes": changes_of(before, after, names),
    }


def _draft(version: int) -> RoutingVersion:
    """The draft of that number, for whoever writes. Raises PermissionDenied, NotVisible."""
    principal = web.current_principal()
    principal.require(rules.SET_ROUTING)
    found = version_numbered(principal, version)
    if found.state != "draft":
        raise NotVisible
    return found


@blueprint.route("/routing/<number:version>/rules", methods=["GET", "POST"])
def add_routing_rule(version: int) -> ResponseReturnValue:
    """Add a rule to the draft."""
    return _rule_page(_draft(version), None)


@blueprint.route("/routing/<number:version>/rules/<number:rule>", methods=["GET", "POST"])
def change_routing_rule(version: int, rule: int) -> ResponseReturnValue:
    """Change a rule of the draft."""
    draft = _draft(version)
    entry = next((one for one in routing_queries.entries_of(draft) if one.id == rule), None)
    if entry is None:
        raise NotVisible
    return _rule_page(draft, entry)


def _rule_page(draft: RoutingVersion, entry: RoutingEntry | None) -> ResponseReturnValue:
    form: RoutingRuleForm = rule_form(entry)
    number = draft.number
    if form.validate_on_submit():
        try:
            operations.keep_rule(
                web.current_principal(), number, form.given, at=g.now, rule_id=entry.id if entry else None
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("已保存到草稿。"), "success")
            return redirect(url_for("complaints.routing_version", version=number), 303)
    page = render_template("complaints/routing_rule.html", form=form, number=number, is_new=entry is None)
    return page, 400 if form.errors else 200


@blueprint.post("/routing/<number:version>/rules/<number:rule>/<any(up,down,remove):deed>")
def arrange_routing_rule(version: int, rule: int, deed: str) -> ResponseReturnValue:
    """Move a rule of the draft up or down, or take it out."""
    principal = web.current_principal()

    def arrange() -> None:
        if deed == "remove":
            operations.remove_rule(principal, version, rule, at=g.now)
        else:
            operations.move_rule(principal, version, rule, up=deed == "up", at=g.now)

    return web.press(arrange, gettext("已保存到草稿。"), url_for("complaints.routing_version", version=version))


@blueprint.post("/routing/<number:version>/otherwise")
def set_routing_otherwise(version: int) -> ResponseReturnValue:
    """Say with whom everything else starts."""
    start = request.form.get("otherwise", "")
    return web.press(
        lambda: operations.set_otherwise(web.current_principal(), version, start, at=g.now),
        gettext("已保存到草稿。"),
        url_for("complaints.routing_version", version=version),
    )


@blueprint.route("/routing/<number:version>/preview", methods=["GET", "POST"])
def preview_routing(version: int) -> ResponseReturnValue:
    """How past cases would have gone, in the answer to this request; that somebody looked is recorded."""
    if request.method != "POST":
        return redirect(url_for("complaints.routing_version", version=version))
    return _preview_page(version)


def _preview_page(number: int, reason: str = "") -> str:
    principal = web.current_principal()
    version = operations.note_preview(principal, number, at=g.now)
    db.session.commit()
    routing = routing_queries.routing_of(version)
    preview = routing_queries.preview(principal, routing)
    is_writer = principal.official_id in writers_of(version)
    return render_template(
        "complaints/routing_preview.html",
        **_shown(version, preview=preview),
        preview=preview,
        category_words=category_words,
        side_words=side_words,
        few=FEW,
        most_cases=routing_queries.MOST_CASES,
        most_numbers=MOST_NUMBERS,
        seen=fingerprint(routing.rules),
        reason=reason,
        may_propose=version.state == "draft" and principal.may(rules.SET_ROUTING),
        may_decide=version.state == "proposed" and principal.may(rules.APPROVE_ROUTING) and not is_writer,
    )


@blueprint.post("/routing/<number:version>/move")
def move_routing(version: int) -> ResponseReturnValue:
    """Discard, propose, withdraw, approve or refuse a version; a reason that was typed is not lost."""
    action, reason = request.form.get("action", ""), request.form.get("reason", "")
    if action not in DONE:
        abort(400)
    try:
        operations.move_version(
            web.current_principal(), version, action, at=g.now, reason=reason, seen=request.form.get("seen", "")
        )
    except NotVisible:
        raise
    except UserError as error:
        web.flash_error(error)
        if reason.strip() and action in ("propose", "refuse"):
            return _preview_page(version, reason), STATUS_OF.get(type(error), 400)
        return redirect(url_for("complaints.routing_version", version=version), 303)
    db.session.commit()
    flash(str(DONE[action]), "success")
    here = url_for("complaints.routing_version", version=version)
    return redirect(url_for("complaints.routing") if action == "approve" else here, 303)
