"""Verbs of the wordings: written by one person, approved by another, registered with the providers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import Principal
from core.reasons import checked_reason
from sms.gateways.choice import TEMPLATE_ONLY
from sms.models import TemplateRegistration, TemplateVersion
from sms.rendering import Wording, built_in
from sms.rules import SEE_MESSAGES, TEMPLATE_WORKFLOW, WRITE_TEMPLATES
from sms.template_checks import is_code, problems_of, read_places
from sms.templates import TEMPLATES, Template, template_named


def visible_template(principal: Principal, name: str) -> Template:
    """The template of that name, for whoever may see messages. Raises PermissionDenied, NotVisible."""
    principal.require(SEE_MESSAGES)
    if name not in TEMPLATES:
        raise NotVisible
    return TEMPLATES[name]


def visible_version(principal: Principal, name: str, number: int) -> TemplateVersion:
    """A version of a template. Raises PermissionDenied, NotVisible."""
    visible_template(principal, name)
    found = db.session.scalar(
        select(TemplateVersion).where(TemplateVersion.template == name, TemplateVersion.number == number)
    )
    if found is None:
        raise NotVisible
    return found


def write_version(
    principal: Principal, name: str, chinese: str, english: str, *, signature: str, at: datetime
) -> TemplateVersion:
    """A new version as a draft. Needs WRITE_TEMPLATES. Raises NotVisible, PermissionDenied, Conflict, and UserError for
    the first thing that is wrong with it."""
    principal.require(WRITE_TEMPLATES)
    template = visible_template(principal, name)
    _refuse_problems(template, chinese, english, signature)
    newest = db.session.scalar(select(func.max(TemplateVersion.number)).where(TemplateVersion.template == name)) or 0
    version = TemplateVersion(
        template=name, number=newest + 1, chinese=chinese.strip(), english=english.strip(), written_at=at
    )
    with _one_at_a_time():
        db.session.add(version)
    audit.record(principal, "sms.write_template", "template_version", version.id, at=at, template=name)
    return version


def change_version(
    principal: Principal, name: str, number: int, *, chinese: str, english: str, signature: str, at: datetime
) -> TemplateVersion:
    """Change a draft. What providers call its places is asked anew where the places have changed. Raises as
    ``write_version``."""
    principal.require(WRITE_TEMPLATES)
    version = visible_version(principal, name, number)
    if version.state != "draft":
        raise Conflict("只有草稿可以修改。已提交的请先撤回，已使用的请另写一版。")
    template = template_named(name)
    _refuse_problems(template, chinese, english, signature)
    version.chinese, version.english = chinese.strip(), english.strip()
    for row in _registrations(name, number):
        kept = read_places(template, version.chinese, ", ".join(f"{ours}={theirs}" for ours, theirs in row.places))
        if kept is None:
            db.session.delete(row)
    db.session.flush()
    audit.record(principal, "sms.change_template", "template_version", version.id, at=at, template=name)
    return version


def move_version(
    principal: Principal,
    name: str,
    number: int,
    action: str,
    *,
    gateways: tuple[str, ...],
    at: datetime,
    reason: str = "",
) -> TemplateVersion:
    """Submit, withdraw, discard, approve, send back or retire a version.

    Before it is submitted or approved, every one of ``gateways`` that sends only what it has approved itself must know
    it. ``send_back`` and ``retire`` need a reason. An approved version takes the place of the one in use. Raises
    NotVisible, PermissionDenied, Conflict, UserError.
    """
    version = visible_version(principal, name, number)
    if action in ("send_back", "retire"):
        reason = checked_reason(reason)
    if action in ("submit", "approve"):
        registered = {row.gateway for row in _registrations(name, number)}
        missing = [one for one in gateways if one in TEMPLATE_ONLY and one not in registered]
        if missing:
            raise UserError(
                "%(gateway)s只发它审核过的模板：请先在那里报备这个版本，再把模板编号填在本页。",
                gateway=missing[0],
            )
    with _one_at_a_time():
        if action == "approve":
            _retire_former(principal, name, at)
        workflow.move(TEMPLATE_WORKFLOW, version, action, principal, at=at, reason=reason)
    audit.record(principal, f"sms.template_{action}", "template_version", version.id, at=at, template=name)
    return version


def _retire_former(principal: Principal, name: str, at: datetime) -> None:
    former = db.session.scalar(
        select(TemplateVersion)
        .where(TemplateVersion.template == name, TemplateVersion.state == "in_use")
        .with_for_update()
    )
    if former is not None:
        workflow.move(TEMPLATE_WORKFLOW, former, "retire", principal, at=at)


def register(
    principal: Principal, name: str, number: int, gateway: str, *, code: str, places: str, at: datetime
) -> None:
    """Enter under which code a provider knows a version (0: the product's own wording), and its places. Needs
    WRITE_TEMPLATES. What is in use keeps its code: under another one other words might leave. Raises NotVisible,
    PermissionDenied, Conflict, UserError."""
    principal.require(WRITE_TEMPLATES)
    if gateway not in TEMPLATE_ONLY:
        raise NotVisible
    template, wording, state = _registrable(principal, name, number)
    code = code.strip()
    if not is_code(code):
        raise UserError("模板编号不对：应为运营商给的编号，例如 SMS_123456789。")
    read = read_places(template, wording.chinese, places)
    if read is None:
        raise UserError("变量对应不对：文字里的每个变量写一次，用逗号分开，运营商那里名字不同的写“name=对方的名字”。")
    row = db.session.get(TemplateRegistration, (name, number, gateway))
    if row is not None and state not in ("draft", "built_in"):
        raise Conflict("已提交或在用的版本不能改编号：换一个编号，发出去的可能就是别的话。请另写一版。")
    with _one_at_a_time():
        if row is None:
            row = TemplateRegistration(template=name, number=number, gateway=gateway)
            db.session.add(row)
        row.code, row.places = code, [list(pair) for pair in read]
    audit.record(principal, "sms.register_template", "template", name, at=at, version=number, gateway=gateway)


def _registrable(principal: Principal, name: str, number: int) -> tuple[Template, Wording, str]:
    template = visible_template(principal, name)
    if number == 0:
        return template, built_in(template), "built_in"
    version = visible_version(principal, name, number)
    return template, Wording(number, version.chinese, version.english), version.state


def forget_registration(principal: Principal, name: str, number: int, gateway: str, *, at: datetime) -> None:
    """Take back a code that was entered for a draft or for the product's own wording. Raises as ``register``."""
    principal.require(WRITE_TEMPLATES)
    *_, state = _registrable(principal, name, number)
    if state not in ("draft", "built_in"):
        raise Conflict("已提交或在用的版本不能改编号：换一个编号，发出去的可能就是别的话。请另写一版。")
    here = TemplateRegistration.__table__.c
    db.session.execute(
        delete(TemplateRegistration).where(here.template == name, here.number == number, here.gateway == gateway)
    )
    audit.record(principal, "sms.forget_registration", "template", name, at=at, version=number, gateway=gateway)


def _registrations(name: str, number: int) -> list[TemplateRegistration]:
    here = select(TemplateRegistration).where(
        TemplateRegistration.template == name, TemplateRegistration.number == number
    )
    return list(db.session.scalars(here))


def _refuse_problems(template: Template, chinese: str, english: str, signature: str) -> None:
    problems = problems_of(template, chinese.strip(), english.strip(), signature)
    if problems:
        raise UserError(problems[0].sentence, place=problems[0].place)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two people at once at one template: the second is told, by the unique rows."""
    try:
        yield
        db.session.flush()
    except IntegrityError:
        raise Conflict("刚才已有同事办理了这个模板。请刷新页面后再看。") from None
