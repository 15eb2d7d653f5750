"""Verbs of the county's routing: one person writes a version, another one approves it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from accounts.models import Organisation
from complaints import rules
from complaints.models import RoutingEntry, RoutingVersion
from complaints.routing_queries import (
    BUILT_IN,
    built_in,
    entries_of,
    routing_in_force,
    routing_of,
    version_numbered,
    writers_of,
)
from complaints.rulebook import CURRENT, Matter
from complaints.rules.routing_versions import MOST_RULES, fingerprint
from core import audit, workflow
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal
from core.reasons import checked_reason
from programmes.models import Programme
from registry.models import Region


@dataclass(frozen=True)
class GivenRule:
    """A rule as it came from a form; "" matches everything. ``start`` is a kind of office on the line, or the id of an
    organisation."""

    start: str = ""
    matter: str = ""
    category: str = ""
    programme: str = ""
    region: str = ""
    about: str = ""


def begin_version(principal: Principal, base: int, *, at: datetime) -> RoutingVersion:
    """Begin the next version as a draft with the rules of another one (0: the rulebook's own).

    Needs SET_ROUTING. Raises NotVisible for an unknown one, Conflict while another version is open.
    """
    principal.require(rules.SET_ROUTING)
    copied = [] if base == BUILT_IN else entries_of(version_numbered(principal, base))
    otherwise = built_in().rules[-1].start.value if base == BUILT_IN else version_numbered(principal, base).otherwise
    if db.session.scalar(select(RoutingVersion.id).where(RoutingVersion.state.in_(("draft", "proposed"))).limit(1)):
        raise Conflict("已有一版在起草或者等待审批。请先办完那一版，再起草新的。")
    assert principal.official_id is not None  # nobody else holds the right
    version = RoutingVersion(
        number=(db.session.scalar(select(func.max(RoutingVersion.number))) or 0) + 1,
        otherwise=otherwise,
        based_on=routing_in_force().number,
        written_by=principal.official_id,
        written_at=at,
    )
    with _one_at_a_time():
        db.session.add(version)
    db.session.add_all(
        RoutingEntry(
            version_id=version.id,
            position=position,
            matter=entry.matter,
            category=entry.category,
            programme_id=entry.programme_id,
            region_code=entry.region_code,
            about_kind=entry.about_kind,
            start=entry.start,
            organisation_id=entry.organisation_id,
        )
        for position, entry in enumerate(copied)
    )
    _record(principal, "begin_routing", version, at, base=base)
    return version


def keep_rule(
    principal: Principal, number: int, given: GivenRule, *, at: datetime, rule_id: int | None = None
) -> RoutingEntry:
    """Add a rule to a draft, before the last one, or change one. Raises NotVisible, PermissionDenied, Conflict where it
    is no draft any more, and UserError for what is wrong with the rule."""
    version = _draft(principal, number, at)
    entries = entries_of(version)
    if rule_id is None:
        if len(entries) >= MOST_RULES:
            raise UserError("一版最多 %(most)d 条规则。请合并或者删掉用不到的。", most=MOST_RULES)
        entry = RoutingEntry(version_id=version.id, position=len(entries))
    else:
        entry = _among(entries, rule_id)
    _fill(entry, given)
    db.session.add(entry)
    # What was asked of past cases by a preview must be seen afterwards, even where the rule is changed again.
    chosen = {name: value for name, value in asdict(given).items() if value}
    _record(principal, "keep_routing_rule", version, at, **chosen)
    return entry


def _fill(entry: RoutingEntry, given: GivenRule) -> None:
    """Check all that was chosen, then set it."""
    organisation = None if given.start in set(rules.LINE) else _organisation(given.start)
    if not any((given.matter, given.category, given.programme, given.region, given.about)):
        raise UserError("请至少选一个条件。对其余所有事情都适用的，请改最后一条。")
    _check_category(given)
    programme_id, region_code = _programme_id(given.programme), _region_code(given.region)
    entry.start = organisation.kind if organisation else given.start
    entry.organisation_id = organisation.id if organisation else None
    entry.matter, entry.about_kind = given.matter or None, given.about or None
    entry.category = given.category or None
    entry.programme_id, entry.region_code = programme_id, region_code


def _check_category(given: GivenRule) -> None:
    """Raise UserError for what no case can be."""
    if given.matter not in {"", *Matter} or given.about not in {"", *OrganisationKind}:
        raise UserError("请从列出的选项中选择。")
    category = next((one for one in CURRENT.categories if one.code == given.category), None)
    if given.category and category is None:
        raise UserError("请从列出的类别中选择。")
    if given.matter == Matter.CLUE or (category and category.is_clue):
        raise UserError("问题线索当天直接交纪委监委，不按规则分派。请选别的类别。")
    if category and given.matter and category.matter != given.matter:
        raise UserError("所选的类别不属于所选的性质，没有这样的事情。请只选其中一个。")


def _organisation(given: str) -> Organisation:
    known = given.isascii() and given.isdecimal() and len(given) <= 9
    found = db.session.get(Organisation, int(given)) if known else None
    if found is None or not found.active or found.kind not in set(rules.OWNER_KINDS):
        raise UserError("请选择从哪个单位开始办理。")
    return found


def _programme_id(code: str) -> int | None:
    found = db.session.scalar(select(Programme.id).where(Programme.code == code)) if code else None
    if code and found is None:
        raise UserError("请从列出的补贴项目中选择。")
    return found


def _region_code(code: str) -> str | None:
    region = db.session.get(Region, code) if code else None
    if code and (region is None or region.level not in ("township", "village")):
        raise UserError("请从列出的乡镇（街道）和村（社区）中选择。")
    return region.code if region else None


def move_rule(principal: Principal, number: int, rule_id: int, *, up: bool, at: datetime) -> None:
    """Move a rule of a draft one place up or down; the first and the last stay where they are. Raises as keep_rule."""
    version = _draft(principal, number, at)
    entries = list(entries_of(version))
    place = entries.index(_among(entries, rule_id))
    other = place - 1 if up else place + 1
    if 0 <= other < len(entries):
        entries[place], entries[other] = entries[other], entries[place]
    _number(entries)
    _record(principal, "move_routing_rule", version, at)


def remove_rule(principal: Principal, number: int, rule_id: int, *, at: datetime) -> None:
    """Take a rule out of a draft. Raises as keep_rule."""
    version = _draft(principal, number, at)
    entries = list(entries_of(version))
    removed = _among(entries, rule_id)
    db.session.execute(delete(RoutingEntry).where(RoutingEntry.id == removed.id))
    _number([entry for entry in entries if entry.id != rule_id])
    _record(principal, "remove_routing_rule", version, at)


def set_otherwise(principal: Principal, number: int, start: str, *, at: datetime) -> RoutingVersion:
    """Say with which kind of office everything else starts. Returns the draft. Raises as keep_rule."""
    if start not in set(rules.LINE):
        raise UserError("请选择其余的事情从哪一级开始办理。")
    version = _draft(principal, number, at)
    version.otherwise = start
    _record(principal, "set_routing_otherwise", version, at)
    return version


def move_version(
    principal: Principal, number: int, action: str, *, at: datetime, reason: str = "", seen: str = ""
) -> RoutingVersion:
    """Discard, propose, withdraw, approve or refuse a version. Approved, it is in force at once and takes the place of
    the one before.

    To propose and to refuse needs a reason. ``seen``: the fingerprint of the rules whose preview was seen, for propose
    and approve. Raises NotVisible, PermissionDenied for who has written on what he approves, Conflict, UserError.
    """
    version = version_numbered(principal, number)
    if action in ("propose", "refuse"):
        reason = checked_reason(reason)
    if action in ("propose", "approve") and seen != fingerprint(routing_of(version).rules):
        raise Conflict("请先看预演：规则在您看过以后又改了，或者还没有看过。")
    if action == "approve" and principal.official_id in writers_of(version):
        raise PermissionDenied("这一版有您本人起草或改动的内容，必须由另一位同事审批。")
    with _one_at_a_time():
        if action == "approve":
            _supersede(principal, at)
        workflow.move(rules.ROUTING_WORKFLOW, version, action, principal, at=at, reason=reason)
    _record(principal, f"{action}_routing", version, at)
    return version


def _supersede(principal: Principal, at: datetime) -> None:
    former = db.session.scalar(select(RoutingVersion).where(RoutingVersion.state == "approved").with_for_update())
    if former is not None:
        workflow.move(rules.ROUTING_WORKFLOW, former, "supersede", principal, at=at)


def note_preview(principal: Principal, number: int, *, at: datetime) -> RoutingVersion:
    """Record that somebody looks at how past cases would have gone by a version: whoever tries out rules to learn of
    cases leaves a trace of each try. Raises NotVisible, PermissionDenied, Conflict where nothing is to be decided."""
    version = version_numbered(principal, number)
    if not principal.may(rules.SET_ROUTING):
        principal.require(rules.APPROVE_ROUTING)
    if version.state not in ("draft", "proposed"):
        raise Conflict("这一版已经办完，不再预演。")
    _record(principal, "preview_routing", version, at, rules=fingerprint(routing_of(version).rules)[:12])
    return version


def _draft(principal: Principal, number: int, at: datetime) -> RoutingVersion:
    """The draft, held until the end of the transaction; that he changes it is noted."""
    principal.require(rules.SET_ROUTING)
    version = version_numbered(principal, number)
    workflow.move(rules.ROUTING_WORKFLOW, version, "change", principal, at=at)
    return version


def _among(entries: Sequence[RoutingEntry], rule_id: int) -> RoutingEntry:
    found = next((entry for entry in entries if entry.id == rule_id), None)
    if found is None:
        raise NotVisible
    return found


def _number(entries: list[RoutingEntry]) -> None:
    for position, entry in enumerate(entries):
        entry.position = position
    db.session.flush()


def _record(principal: Principal, action: str, version: RoutingVersion, at: datetime, **details: int | str) -> None:
    more: dict[str, Any] = {"number": version.number} | details
    audit.record(principal, f"complaint.{action}", "routing_version", version.id, at=at, **more)
    db.session.flush()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two people at once: the second one is told, by the unique rows."""
    try:
        yield
        db.session.flush()
    except IntegrityError:
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。") from None
