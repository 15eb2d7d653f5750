"""Reads of the county's routing: what is in force, the versions, and how past cases would have gone by other rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from accounts.models import Organisation
from complaints import queries, rules
from complaints.models import Complaint, RoutingEntry, RoutingVersion
from complaints.offices import all_offices
from complaints.rulebook import CURRENT, RULEBOOKS, Matter, RoutingRule
from complaints.rules.routing_preview import Course, Preview, told
from core.database import db
from core.errors import NotVisible, UserError
from core.principal import OrganisationKind, Principal
from core.workflow import WorkflowStep
from programmes.models import Programme

MOST_CASES = 500
"""Past cases that a preview goes through, the latest ones."""
BUILT_IN = 0
"""The number of the rulebook's own routing."""


@dataclass(frozen=True)
class Routing:
    """Rules in their order, with the number of their version. The last one takes what no other takes."""

    number: int
    rules: tuple[RoutingRule, ...]


def built_in() -> Routing:
    """The rulebook's own."""
    return Routing(BUILT_IN, CURRENT.routing)


def routing_in_force() -> Routing:
    """What the county has approved, in one query; the rulebook's own where it has approved nothing."""
    rows = db.session.execute(
        select(RoutingVersion.number, RoutingVersion.otherwise, RoutingEntry, Programme.code)
        .outerjoin(RoutingEntry, RoutingEntry.version_id == RoutingVersion.id)
        .outerjoin(Programme, Programme.id == RoutingEntry.programme_id)
        .where(RoutingVersion.state == "approved")
        .order_by(RoutingEntry.position, RoutingEntry.id)
    ).all()
    if not rows:
        return built_in()
    found = [_rule(entry, code) for _, _, entry, code in rows if entry is not None]
    return Routing(rows[0].number, (*found, _last_rule(rows[0].otherwise)))


def _rule(entry: RoutingEntry, programme: str | None) -> RoutingRule:
    return RoutingRule(
        start=OrganisationKind(entry.start),
        matters=frozenset({Matter(entry.matter)}) if entry.matter else None,
        categories=frozenset({entry.category}) if entry.category else None,
        programmes=frozenset({programme}) if programme else None,
        about=frozenset({OrganisationKind(entry.about_kind)}) if entry.about_kind else None,
        region_code=entry.region_code,
        organisation_id=entry.organisation_id,
    )


def _last_rule(otherwise: str) -> RoutingRule:
    return RoutingRule(OrganisationKind(otherwise))


def entries_of(version: RoutingVersion) -> Sequence[RoutingEntry]:
    """The rules of a version as they are kept, in their order, without the last one."""
    return db.session.scalars(
        select(RoutingEntry)
        .where(RoutingEntry.version_id == version.id)
        .options(joinedload(RoutingEntry.programme))
        .order_by(RoutingEntry.position, RoutingEntry.id)
    ).all()


def routing_of(version: RoutingVersion) -> Routing:
    """The rules of a version."""
    found = [_rule(entry, entry.programme.code if entry.programme else None) for entry in entries_of(version)]
    return Routing(version.number, (*found, _last_rule(version.otherwise)))


def routing_numbered(number: int) -> Routing:
    """The rules of the version with that number, or the rulebook's own (BUILT_IN). Raises NotVisible."""
    return built_in() if number == BUILT_IN else routing_of(_version(number))


def _version(number: int) -> RoutingVersion:
    found = db.session.scalar(select(RoutingVersion).where(RoutingVersion.number == number))
    if found is None:
        raise NotVisible
    return found


# --- Who sees which version --------------------------------------------------------------------


def _visible_states(principal: Principal) -> tuple[str, ...]:
    """What is in force or was is for all who read complaints; what is still open, or came to nothing, for those who
    write and decide."""
    principal.require(rules.READ_COMPLAINTS)
    if principal.may(rules.SET_ROUTING):
        return tuple(rules.ROUTING_STATES)
    decided = ("approved", "superseded")
    return (*decided, "proposed", "refused") if principal.may(rules.APPROVE_ROUTING) else decided


def version_numbered(principal: Principal, number: int) -> RoutingVersion:
    """The version with that number. Raises NotVisible where there is none for him."""
    states = _visible_states(principal)
    found = _version(number)
    if found.state not in states:
        raise NotVisible
    return found


def versions(principal: Principal) -> Sequence[RoutingVersion]:
    """All versions that the principal sees, the latest first."""
    return db.session.scalars(
        select(RoutingVersion)
        .where(RoutingVersion.state.in_(_visible_states(principal)))
        .options(joinedload(RoutingVersion.writer))
        .order_by(RoutingVersion.number.desc())
    ).all()


def steps_of(found: Sequence[RoutingVersion]) -> Mapping[int, Sequence[WorkflowStep]]:
    """What happened to these versions, by id, oldest first; without the single changes of a draft."""
    by_version = defaultdict(list)
    steps = select(WorkflowStep).where(
        WorkflowStep.subject_kind == rules.ROUTING_WORKFLOW.name,
        WorkflowStep.subject_id.in_([version.id for version in found]),
        WorkflowStep.action != "change",
    )
    for step in db.session.scalars(steps.order_by(WorkflowStep.id)):
        by_version[step.subject_id].append(step)
    return by_version


def writers_of(version: RoutingVersion) -> set[int | None]:
    """The officials who began, changed or proposed it."""
    steps = select(WorkflowStep.official_id).where(
        WorkflowStep.subject_kind == rules.ROUTING_WORKFLOW.name,
        WorkflowStep.subject_id == version.id,
        WorkflowStep.action.in_(("change", "propose")),
    )
    return {version.written_by, *db.session.scalars(steps.distinct())}


# --- Preview -----------------------------------------------------------------------------------


def preview(principal: Principal, routing: Routing) -> Preview:
    """How the latest unsealed cases would have gone by these rules, against the rules in force, as far as the
    principal may know. What complains of his own office is not among them (信访工作条例 §30), not even as a count."""
    offices = [office for office in all_offices() if office.kind in rules.OWNER_KINDS]
    now, cases = routing_in_force(), _past_cases(principal)
    numbers = {case.id: case.number for case in queries.visible_among(principal, cases)}
    return told(
        Course(
            numbers.get(case_id),
            case.category,
            rules.deciding_rule(case, routing.rules),
            _office(case, now, offices),
            _office(case, routing, offices),
        )
        for case_id, case in cases.items()
    )


def _office(case: rules.Case, routing: Routing, offices: Sequence[rules.Office]) -> rules.Office | None:
    try:
        return rules.route(case, routing.rules, offices)
    except UserError:
        return None


def _past_cases(principal: Principal) -> Mapping[int, rules.Case]:
    """The latest cases by id, as they came in."""
    about = aliased(Organisation)
    rows = db.session.execute(
        select(
            Complaint.id,
            Complaint.category,
            Complaint.rules_version,
            Complaint.region_code,
            about.id.label("about_id"),
            about.kind,
            about.region_code.label("about_region"),
            Programme.code,
            Programme.department_id,
        )
        .outerjoin(about, about.id == Complaint.about_organisation_id)
        .outerjoin(Programme, Programme.id == Complaint.programme_id)
        .where(Complaint.sealed.is_(False), queries.not_withheld(principal))
        .order_by(Complaint.id.desc())
        .limit(MOST_CASES)
    )
    return {
        row.id: rules.Case(
            row.category,
            RULEBOOKS[row.rules_version].category(row.category).matter,
            row.region_code,
            rules.Office(row.about_id, OrganisationKind(row.kind), row.about_region) if row.about_id else None,
            row.code,
            row.department_id,
        )
        for row in rows
    }
