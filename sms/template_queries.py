"""What the pages about wordings show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from core.board import BoardItem, board_provider
from core.database import db
from core.principal import Principal
from core.web import settings
from core.workflow import WorkflowStep, history
from sms.gateways.choice import CAPABILITIES, TEMPLATE_ONLY
from sms.models import TemplateRegistration, TemplateVersion
from sms.rendering import Wording, built_in, signature_of
from sms.rules import APPROVE_TEMPLATES, SEE_MESSAGES, TEMPLATE_WORKFLOW
from sms.template_checks import Size, measure
from sms.template_operations import visible_template, visible_version
from sms.templates import TEMPLATES, Template
from sms.wordings import Registration, load_wordings, registration_of
from sms.words import TEMPLATE_WORDS


@dataclass(frozen=True)
class Overview:
    """A template in the list: what is said now, what that costs, where a provider does not know it, and the newest
    version that waits for somebody."""

    template: Template
    wording: Wording
    size: Size
    unknown_to: Sequence[str]
    waiting: TemplateVersion | None


@dataclass(frozen=True)
class Story:
    """One version of a template with all there is about it."""

    template: Template
    wording: Wording
    state: str
    sizes: Mapping[str, Size]
    versions: Sequence[TemplateVersion]
    registrations: Mapping[str, Registration]
    steps: Sequence[WorkflowStep]


def used_gateways() -> tuple[str, ...]:
    """The gateways that this county sends by, the first one first."""
    running = settings()
    return tuple(name for name in (running.sms_gateway, running.second_sms_gateway) if name in CAPABILITIES)


def signature() -> str:
    """What stands before every message."""
    return signature_of(settings().county_name)


def kinds(principal: Principal) -> list[Overview]:
    """All templates. Raises PermissionDenied."""
    principal.require(SEE_MESSAGES)
    wordings = load_wordings()
    waiting = {
        one.template: one
        for one in db.session.scalars(
            select(TemplateVersion)
            .where(TemplateVersion.state.in_(("draft", "submitted")))
            .order_by(TemplateVersion.number)
        )
    }
    found = []
    for template in TEMPLATES.values():
        wording = wordings.current(template)
        unknown = [
            name
            for name in used_gateways()
            if name in TEMPLATE_ONLY and not _knows(name, template, wording, wordings.registrations)
        ]
        size = measure(template, wording.chinese, signature())
        found.append(Overview(template, wording, size, unknown, waiting.get(template.name)))
    return found


def _knows(
    gateway: str,
    template: Template,
    wording: Wording,
    registrations: Mapping[tuple[str, int, str], Registration],
) -> bool:
    in_settings = gateway == "aliyun" and wording.number == 0 and template.name in settings().aliyun.templates
    return in_settings or (template.name, wording.number, gateway) in registrations


def story(principal: Principal, name: str, number: int) -> Story:
    """A version with its history; 0 is the product's own wording. Raises PermissionDenied, NotVisible."""
    template = visible_template(principal, name)
    here = TemplateRegistration.number == number, TemplateRegistration.template == name
    registrations = {
        row.gateway: registration_of(row) for row in db.session.scalars(select(TemplateRegistration).where(*here))
    }
    versions = db.session.scalars(
        select(TemplateVersion).where(TemplateVersion.template == name).order_by(TemplateVersion.number.desc())
    ).all()
    if number == 0:
        wording, steps = built_in(template), []
        state = "retired" if any(one.state == "in_use" for one in versions) else "in_use"
    else:
        version = visible_version(principal, name, number)
        wording, state = Wording(number, version.chinese, version.english), version.state
        steps = list(history(TEMPLATE_WORKFLOW, version.id))
    return Story(template, wording, state, sizes_of(template, wording), versions, registrations, steps)


def sizes_of(template: Template, wording: Wording) -> dict[str, Size]:
    """How the texts of a wording look, by language."""
    texts = {"zh_CN": wording.chinese} | ({"en": wording.english} if wording.english else {})
    return {language: measure(template, text, signature()) for language, text in texts.items()}


@board_provider
def board_items(principal: Principal, today: date) -> Iterable[BoardItem]:
    """Wordings that wait for approval."""
    if not principal.may(APPROVE_TEMPLATES):
        return
    for one in db.session.scalars(select(TemplateVersion).where(TemplateVersion.state == "submitted")):
        yield BoardItem(
            title=gettext(
                "短信模板“%(title)s”第 %(number)s 版等待审批", title=TEMPLATE_WORDS[one.template], number=one.number
            ),
            url=url_for("sms.template_version", name=one.template, number=one.number),
            room="sms",
        )
