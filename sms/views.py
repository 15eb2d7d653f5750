"""The staff pages of this room."""

from dataclasses import dataclass
from datetime import date

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import listing_pages
from core.addresses import as_number
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.identity import is_mobile, mask_phone, normalise_phone
from core.navigation import NavigationEntry, Section, navigation
from core.principal import Principal
from core.web import current_principal, flash_error, settings, staff_blueprint
from sms import decisions, figures, queries, refusals, rules, tasks, words
from sms.costs import month_costs
from sms.forms import DecisionForm, HandsetForm
from sms.listings import MESSAGES
from sms.models import Message
from sms.templates import ForbiddenContent, TemplateError, render, signature_of, template_named

blueprint = staff_blueprint("sms", __name__, "sms")

REGISTERED = (tasks.__name__, figures.__name__, refusals.__name__)
"""Imported for its background work, its figures and its words, which are registered by being there."""


@dataclass(frozen=True)
class HandsetEntry(NavigationEntry):
    """The handset is in the navigation only where there is one."""

    def is_for(self, principal: Principal) -> bool:
        """Whether this principal may use the page."""
        return queries.handset_is_open() and super().is_for(principal)


navigation(
    NavigationEntry(
        lazy_gettext("短信记录"), "sms.messages", Section.PEOPLE, right=rules.SEE_MESSAGES, order=30, icon="sms"
    ),
    NavigationEntry(
        lazy_gettext("短信费用"), "sms.costs", Section.PEOPLE, right=rules.SEE_COSTS, order=33, icon="balance"
    ),
    HandsetEntry(
        lazy_gettext("模拟手机"), "sms.handset", Section.PEOPLE, right=rules.SEE_HANDSET, order=32, icon="sms"
    ),
)


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
    """What the message says; "" for a code, which is its receiver's alone, and where the template has changed."""
    try:
        template = template_named(message.template)
        if template.secret:
            return ""
        return render(
            template,
            message.parameters,
            signature=signature_of(settings().county_name),
            language=message.language,
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
    """A phone of the demo county, and what it received."""
    principal = current_principal()
    form = HandsetForm()
    if form.validate_on_submit():
        phone = normalise_phone(str(form.phone.data))
        found = queries.newest_on(principal, phone) if phone and is_mobile(phone) else None
        if found is not None:
            return redirect(url_for("sms.handset_of", shown=found))
        flash(gettext("这个号码还没有收到过短信。请核对号码，或者从最近收到短信的手机里选一部。"), "warning")
        return redirect(url_for("sms.handset"))
    recent = queries.recent_phones(principal)
    if shown is None and recent:
        shown = recent[0].id
    phone_shown = queries.handset(principal, shown) if shown is not None else None
    return render_template("sms/handset.html", form=form, recent=recent, handset=phone_shown)
