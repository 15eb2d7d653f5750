"""The list of audit entries: who did what to which thing, when, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, select

from accounts.audit_queries import names
from accounts.models import Official, Organisation
from core.audit import AuditEntry
from core.audit.words import action_words, actions, detail_words, subject_words, subjects
from core.database import db
from core.listing import AnySelect, ChoiceFilter, Column, DayFilter, ExactFilter, Listing, Text, title_of
from core.principal import OrganisationKind, Principal, PrincipalKind
from core.words import room_words


def actor_words(entry: AuditEntry) -> str:
    """Who did it: an official by name, the system with the work it was at, a villager without a name."""
    if entry.actor_kind == PrincipalKind.OFFICIAL:
        return entry.actor_name
    if entry.actor_kind == PrincipalKind.SYSTEM:
        return str(gettext("系统（%(work)s）", work=entry.actor_name))
    return str(gettext("群众")) if entry.actor_kind == PrincipalKind.BENEFICIARY else str(gettext("未登录的人"))


def office_words(entry: AuditEntry) -> str:
    """Of which office he was then."""
    return names().offices.get(entry.organisation_id or 0, "")


def thing_words(entry: AuditEntry) -> str:
    """The thing that it was done to."""
    return f"{subject_words(entry.subject_kind)} {_thing_name(entry)}".rstrip()


def _thing_name(entry: AuditEntry) -> str:
    text = entry.subject_id
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else 0
    if entry.subject_kind == "official":
        return names().officials.get(number, text) if number else str(gettext("用户名不存在"))
    if entry.subject_kind == "organisation":
        return names().offices.get(number, text)
    return str(title_of(text) or text) if entry.subject_kind == "listing" else text


def _by_actor(entry: AuditEntry) -> str | None:
    return url_for("accounts.audit_log", official=entry.official_id) if entry.official_id else None


def _by_thing(entry: AuditEntry) -> str | None:
    if not entry.subject_id:
        return None
    return url_for("accounts.audit_log", subject=entry.subject_id, kind=entry.subject_kind)


def _action_choices() -> Mapping[str, Text]:
    """Every action, by room: the words alone would stand in no order that anybody could search."""
    ordered = sorted(actions().items(), key=lambda found: (found[1][0], found[0]))
    return {action: f"{room_words(room)}{gettext('：')}{said}" for action, (room, said) in ordered}


def _subject_choices() -> Mapping[str, Text]:
    return dict(sorted(subjects().items(), key=lambda found: str(found[1])))


def _official_choices() -> Mapping[str, Text]:
    found = db.session.execute(
        select(Official.id, Official.name, Official.username, Organisation.name.label("office"))
        .join(Organisation, Organisation.id == Official.organisation_id)
        .order_by(Organisation.name, Official.name, Official.id)
    )
    return {str(row.id): f"{row.office}{gettext('：')}{row.name}（{row.username}）" for row in found}


def _office_choices() -> Mapping[str, Text]:
    found = db.session.execute(select(Organisation.id, Organisation.name).order_by(Organisation.name))
    return {str(row.id): row.name for row in found}


_PERIOD = ("at_from", "at_to")


@dataclass(frozen=True)
class IndexedChoice(ChoiceFilter):
    """A choice whose column has an index of its own. Without a period it is asked for as a range and stands first in
    the order, which changes nothing but that no other index gives this order: PostgreSQL, which takes who may see an
    entry and what it says for independent, would else look for the commonest action of the confined entries among all
    open ones. Within a period that is bounded anyway."""

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        """As of any choice."""
        found = self.value_in(given)
        if found is None:
            return []
        if any(given.get(key) for key in _PERIOD):
            return [self.condition == found]
        return [self.condition >= found, self.condition <= found]

    def value_in(self, given: Mapping[str, str]) -> Any:
        """What the column is asked for; None where nothing is."""
        text = given.get(self.key, "")
        if text not in self.options():
            return None
        return int(text) if self.condition.type.python_type is int else text


class AuditListing(Listing):
    """The list in an order that the index of its first narrowing gives."""

    def ordered(self, statement: AnySelect, given: Mapping[str, str]) -> AnySelect:
        """By time, whatever stands before it."""
        ordered = super().ordered(statement, given)
        if any(given.get(key) for key in _PERIOD):
            return ordered
        chosen = (one for one in self.filters if isinstance(one, IndexedChoice) and one.value_in(given) is not None)
        first = next(chosen, None)
        if first is None:
            return ordered
        descending = given.get("sort", self.order).startswith("-")
        before = first.condition.desc() if descending else first.condition.asc()
        return statement.order_by(None).order_by(before, *ordered._order_by_clauses)


AUDIT_LOG = AuditListing(
    name="audit_log",
    title=lazy_gettext("审计日志"),
    columns=(
        Column("at", lazy_gettext("时间"), lambda row: row.at, kind="time", sort=AuditEntry.at),
        Column("who", lazy_gettext("经办人"), actor_words, kind="narrow", link=_by_actor, note=office_words),
        Column("office", lazy_gettext("单位"), office_words, screen=False),
        Column("action", lazy_gettext("做了什么"), lambda row: action_words(row.action)),
        Column("thing", lazy_gettext("对象"), thing_words, link=_by_thing),
        Column("details", lazy_gettext("详情"), lambda row: detail_words(row.details, names()), kind="long"),
    ),
    id=AuditEntry.id,
    order="-at",
    filters=(
        DayFilter("at", lazy_gettext("时间"), AuditEntry.at, instants=True),
        IndexedChoice("official", lazy_gettext("经办人"), _official_choices, AuditEntry.official_id),
        IndexedChoice("action", lazy_gettext("做了什么"), _action_choices, AuditEntry.action),
        IndexedChoice("office", lazy_gettext("单位"), _office_choices, AuditEntry.organisation_id),
        IndexedChoice("kind", lazy_gettext("对象类别"), _subject_choices, AuditEntry.subject_kind),
        ExactFilter("subject", lazy_gettext("对象编号"), AuditEntry.subject_id),
    ),
    empty=lazy_gettext("还没有审计记录。经办人员办理业务以后，这里会逐条列出。"),
    most_counted=1_000,
)


def audit_log_for(principal: Principal) -> Listing:
    """The list for this reader. That the discipline commission has exported it, with how many rows, is for the
    commission alone: sealed cases are among them."""
    if principal.organisation_kind == OrganisationKind.DISCIPLINE:
        return replace(AUDIT_LOG, confidential_to=OrganisationKind.DISCIPLINE)
    return AUDIT_LOG
