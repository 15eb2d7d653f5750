"""The staff pages of this room."""

from datetime import date

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import form_names, listing_pages
from core.addresses import as_number
from core.clock import local_date
from core.database import db
from core.errors import NotVisible, PermissionDenied, UserError
from core.identity import is_mobile, mask_phone, normalise_phone
from core.web import current_principal, flash_error, settings
from sms import decisions, figures, queries, refusals, retention, rules, tasks, template_pages, words
from sms import handset as handsets
from sms.costs import month_costs
from sms.door import blueprint
from sms.forms import DecisionForm, HandsetForm
from sms.listings import MESSAGES
from sms.models import Message
from sms.rendering import ForbiddenContent, render, signature_of
from sms.templates import TemplateError, template_named
from sms.wordings import load_wordings

LONGEST_INBOUND = 1600
"""Characters that a phone can send at once."""

REGISTERED = (tasks.__name__, figures.__name__, refusals.__name__, retention.__name__, template_pages.__name__)
"""Imported for its background work, figures, words, rules and pages, which are registered by being there."""


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "states": words.MESSAGE_STATES,
        "templates": words.TEMPLATE_WORDS,
        "outcomes": words.OUTCOME_WORDS,
        "receipt_words": words.RECEIPT_WORDS,
        "action_words": words.ACTION_WORDS,
        "error_words": words.error_words,
        "mask_phone": mask_phone,
        "text_of": text_of,
    }


def text_of(message: Message) -> str:
    """What the message says, or will; "" for a code, which is its receiver's alone, and where the parameters have
    changed."""
    try:
        template = template_named(message.template)
        if template.secret:
            return ""
        wordings = load_wordings()
        waits = message.state == "queued"
        return render(
            template,
            message.parameters,
            signature=signature_of(settings().county_name),
            language=message.language,
            wording=wordings.current(template) if waits else wordings.of(template, message.template_version),
        )
    except (TemplateError, ForbiddenContent):
        return ""


@blueprint.route("/", methods=["GET", "POST"])
def messages() -> ResponseReturnValue:
    """All messages in scope."""
    principal = current_principal()
    waiting = queries.count_unknown(principal)
    buttons = [(gettext("结果不明（%(count)s）", count=waiting), url_for("sms.unknown"))] if waiting else []
    return listing_pages.serve(
        MESSAGES,
        queries.messages(principal),
        intro=gettext("系统发给群众和经办人员的短信。手机号只显示头尾；状态以运营商的回执为准。"),
        buttons=buttons,
    )


@blueprint.get("/messages/<int:message_id>")
def message(message_id: int) -> ResponseReturnValue:
    """The story of one message."""
    story = queries.story(current_principal(), message_id)
    may_decide = story.message.state == "unknown" and current_principal().may(rules.DECIDE_UNKNOWN)
    return render_template("sms/message.html", story=story, message=story.message, may_decide=may_decide)


@blueprint.get("/unknown")
def unknown() -> ResponseReturnValue:
    """Messages of which nobody knows whether they left."""
    return render_template("sms/unknown.html", messages=queries.unknown_messages(current_principal()))


@blueprint.post("/messages/<int:message_id>/decide")
def decide(message_id: int) -> ResponseReturnValue:
    """Resend a message of unknown fate, confirm it, or let it be."""
    form = DecisionForm()
    if not form.validate_on_submit():
        flash(gettext("没有保存：请写明理由（最多 200 个字）。"), "danger")
        return redirect(url_for("sms.unknown"))
    try:
        decisions.decide_unknown(
            current_principal(), message_id, str(form.decision.data), str(form.reason.data), at=g.now
        )
        db.session.commit()
        flash(gettext("已记录您的决定。"), "success")
    except UserError as error:
        flash_error(error)
    return redirect(url_for("sms.unknown"))


@blueprint.post("/messages/<int:message_id>/ask-provider")
def ask_provider(message_id: int) -> ResponseReturnValue:
    """Have the provider asked about a message."""
    decisions.ask_provider(current_principal(), message_id, at=g.now)
    db.session.commit()
    flash(gettext("正在向运营商查询，一般几秒钟有结果。请稍后刷新本页。"), "info")
    return redirect(url_for("sms.unknown"))


@blueprint.get("/costs")
def costs() -> ResponseReturnValue:
    """What the messages of a year cost, month by month, against the budget."""
    limits, this_year = settings().sms_limits, local_date(g.now).year
    year = request.args.get("year", this_year, type=as_number)
    if not 2000 <= year <= this_year:
        abort(404)
    months = month_costs(current_principal(), date(year, 1, 1), date(year, 12, 31), limits)
    return render_template(
        "sms/costs.html",
        year=year,
        years=range(this_year, this_year - 11, -1),
        months=months,
        pieces=sum(month.pieces for month in months),
        cost_fen=sum(month.cost_fen for month in months),
        # A bar is full at the budget, or at the dearest month where there is none or one went beyond.
        most_fen=max([limits.monthly_yuan * 100, *(month.cost_fen for month in months)]),
        price_fen=limits.segment_fen,
        monthly_yuan=limits.monthly_yuan,
        warns=rules.BUDGET_WARNS,
    )


@blueprint.route("/handset", methods=["GET", "POST"])
@blueprint.get("/handset/<int:shown>", endpoint="handset_of")
def handset(shown: int | None = None) -> ResponseReturnValue:
    """A phone of the demo county, what it received, and what was written on it."""
    principal = current_principal()
    form = HandsetForm()
    if form.validate_on_submit():
        phone = normalise_phone(str(form.phone.data))
        found = handsets.newest_on(principal, phone) if phone and is_mobile(phone) else None
        if found is not None:
            return redirect(url_for("sms.handset_of", shown=found))
        flash(gettext("这个号码还没有收到过短信。请核对号码，或者从最近收到短信的手机里选一部。"), "warning")
        return redirect(url_for("sms.handset"))
    recent = handsets.recent_phones(principal)
    if shown is None and recent:
        shown = recent[0].id
    return render_template(
        "sms/handset.html",
        form=form,
        recent=recent,
        handset=handsets.handset(principal, shown) if shown is not None else None,
        form_name=form_names.new_form_name(),
    )


@blueprint.post("/handset/<int:shown>/write")
def write_from_handset(shown: int) -> ResponseReturnValue:
    """Send a text from this phone to the county."""
    text = request.form.get("text", "").strip()[:LONGEST_INBOUND]
    if not text:
        handsets.handset(current_principal(), shown)
        flash(gettext("请先写短信，例如“查询”。"), "warning")
        return redirect(url_for("sms.handset_of", shown=shown))
    try:
        newest = handsets.write_from(current_principal(), shown, text, form_names.form_name_at_hand(), at=g.now)
        db.session.commit()
        shown = newest
    except UserError as error:
        if isinstance(error, NotVisible | PermissionDenied):
            raise
        flash_error(error)
    return redirect(url_for("sms.handset_of", shown=shown))
