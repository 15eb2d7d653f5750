"""The card-gap ledger: the list, one gap, and work on many at once."""

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.database import db
from core.errors import PermissionDenied, UserError
from core.listing import looks_personal
from core.listing_screen import page_of
from core.web import current_principal, flash_error
from registry import hooks, operations, queries, rules
from registry.door import blueprint
from registry.forms import GapsForm
from registry.listings import CARD_GAPS
from registry.models import CardGap
from registry.operations import GapPlan
from registry.queries import Chosen
from registry.rules import CARD_GAP_WORKFLOW, GapReason, Measure
from registry.words import GAP_ACTIONS, GAP_REASONS, GAP_STATES, MEASURES


@blueprint.route("/card-gaps", methods=["GET", "POST"])
def card_gaps() -> ResponseReturnValue:
    """Who has no card yet, programme by programme."""
    principal = current_principal()
    principal.require(rules.SEE_BENEFICIARIES)
    count = queries.open_card_gap_count(principal)
    given: dict[str, Any] = dict(CARD_GAPS.whitelisted(request.args))
    buttons = []
    if principal.may(rules.WORK_ON_GAPS):
        buttons.append((gettext("批量办理当前条件下的记录"), url_for("registry.work_on_gaps", **given)))
    if principal.may(rules.REQUEST_CARDS):
        buttons.append((gettext("批量办卡"), url_for("registry.card_requests")))
    intro = gettext(
        "您管辖区划内现有 %(count)s 人次未办卡，按项目逐一列出。花名册带来卡号后自动销账。", count=f"{count:,}"
    )
    return listing_pages.serve(CARD_GAPS, queries.card_gaps(principal), intro=intro, buttons=buttons)


def _ids(found: Any) -> Chosen:
    # with_only_columns forgets what kind of select it was.
    return found.with_only_columns(CardGap.id, maintain_column_froms=True).order_by(None)  # type: ignore[no-any-return]


def _narrowed(given: Mapping[str, str]) -> Chosen:
    """The gaps that the address asks for. What looks personal is not searched for, as in the list itself."""
    usable = {key: value for key, value in given.items() if key != "q" or not looks_personal(value)}
    return _ids(CARD_GAPS.narrowed(queries.card_gaps(current_principal()), usable))


def _counts(chosen: Chosen) -> dict[str, int]:
    """How many of the chosen gaps each piece of work would touch."""
    by_state = queries.gap_states(chosen)
    sources = {action: CARD_GAP_WORKFLOW.sources(action) for action in operations.STEPS}
    counts = {action: sum(by_state.get(state, 0) for state in states) for action, states in sources.items()}
    return counts | {"plan": sum(by_state.get(state, 0) for state in rules.UNFINISHED)}


def _work_form() -> GapsForm:
    form = GapsForm()
    form.fill(queries.responsible_offices(current_principal()))
    return form


@blueprint.get("/card-gaps/work")
def work_on_gaps() -> ResponseReturnValue:
    """What can be done with all gaps that the list shows under these conditions, with how many it would touch."""
    current_principal().require(rules.WORK_ON_GAPS)
    given: dict[str, Any] = dict(CARD_GAPS.whitelisted(request.args))
    page = page_of(CARD_GAPS, queries.card_gaps(current_principal()).limit(1), given, url_for("registry.card_gaps"))
    return render_template(
        "registry/work_on_gaps.html",
        form=_work_form(),
        chips=[words for words, _ in page.chips()],
        counts=_counts(_narrowed(given)),
        action_url=url_for("registry.do_work_on_gaps", **given),
        back=url_for("registry.card_gaps", **given),
        GAP_ACTIONS=GAP_ACTIONS,
    )


@blueprint.post("/card-gaps/work")
def do_work_on_gaps() -> ResponseReturnValue:
    """The confirmed work on all of them."""
    given: dict[str, Any] = dict(CARD_GAPS.whitelisted(request.args))
    return _work(_narrowed(given), url_for("registry.card_gaps", **given))


@blueprint.get("/card-gaps/<int:gap_id>")
def card_gap(gap_id: int) -> ResponseReturnValue:
    """One gap, what was decided about it, and what can be done now."""
    principal = current_principal()
    gap = queries.card_gap(principal, gap_id)
    form = _work_form()
    form.reason_code.data, form.measure.data = gap.reason, gap.measure
    form.office.data = str(gap.responsible_id or "")
    return render_template(
        "registry/card_gap.html",
        gap=gap,
        form=form,
        programme=hooks.programme_names().get(gap.programme_code, gap.programme_code),
        notes=queries.notes_of(gap),
        may_work=principal.may(rules.WORK_ON_GAPS),
        counts=_counts(_of_one(gap_id)),
        action_url=url_for("registry.do_work_on_gap", gap_id=gap.id),
        GAP_ACTIONS=GAP_ACTIONS,
        GAP_STATES=GAP_STATES,
        GAP_REASONS=GAP_REASONS,
        MEASURES=MEASURES,
    )


def _of_one(gap_id: int) -> Chosen:
    return _ids(queries.card_gaps(current_principal()).where(CardGap.id == gap_id))


@blueprint.post("/card-gaps/<int:gap_id>/work")
def do_work_on_gap(gap_id: int) -> ResponseReturnValue:
    """Work on one gap."""
    queries.card_gap(current_principal(), gap_id)
    return _work(_of_one(gap_id), url_for("registry.card_gap", gap_id=gap_id))


def _work(chosen: Chosen, back: str) -> ResponseReturnValue:
    action = request.form.get("action", "")
    text = request.form.get("expected", "")
    expected = int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0
    principal = current_principal()
    try:
        if action == "plan":
            count = operations.plan_gaps(principal, chosen, _plan(_work_form()), expected=expected, at=g.now)
        else:
            reason = request.form.get("reason", "")
            count = operations.move_gaps(principal, chosen, action, reason, expected=expected, at=g.now)
    except PermissionDenied:
        raise
    except UserError as error:
        db.session.rollback()
        flash_error(error)
    else:
        db.session.commit()
        flash(gettext("已办理 %(count)s 条。", count=count), "success")
    return redirect(back)


def _plan(form: GapsForm) -> GapPlan:
    """What the form says; a value that it does not offer leaves the field as it is."""
    reason, measure, office = (str(field.data or "") for field in (form.reason_code, form.measure, form.office))
    return GapPlan(
        reason=GapReason(reason) if reason in GAP_REASONS else None,
        measure=Measure(measure) if measure in MEASURES else None,
        responsible_id=int(office) if office.isascii() and office.isdecimal() and len(office) <= 9 else None,
    )
