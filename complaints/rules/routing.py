"""Where a case goes: up the line, never to the office complained of nor to one below it (B12, 信访工作条例 §30)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from complaints.rulebook import Matter, RoutingRule
from complaints.rules.rights import OWNER_KINDS
from core.errors import UserError
from core.principal import OrganisationKind as Kind
from core.principal import region_prefix

# Who stands above whom. Policy B12 and 信访工作条例 §30: a case never goes to the office complained of, nor to one
# below it. The prefecture's finance bureau and the audit bureau are for the discipline commission to follow up.
_RANKS = {
    Kind.VILLAGE: 0,
    Kind.TOWNSHIP: 1,
    Kind.DEPARTMENT: 2,
    Kind.BANK: 2,
    Kind.HUMAN_RESOURCES: 2,
    Kind.FINANCE: 3,
    Kind.AUDIT: 3,
    Kind.PREFECTURE_FINANCE: 3,
    Kind.DISCIPLINE: 4,
}
LINE = (Kind.TOWNSHIP, Kind.DEPARTMENT, Kind.FINANCE, Kind.DISCIPLINE)
"""Up which a case goes."""


@dataclass(frozen=True)
class Office:
    """What routing needs to know of an organisation."""

    id: int
    kind: Kind
    region_code: str
    name: str = ""

    @property
    def rank(self) -> int:
        """How high it stands on the line."""
        return _RANKS[self.kind]

    def covers(self, region_code: str) -> bool:
        """Whether the region lies in this office's own."""
        return region_code.startswith(region_prefix(self.region_code))


@dataclass(frozen=True)
class Case:
    """What routing needs to know of a complaint. ``department_id``: the office in charge of the programme."""

    category: str
    matter: Matter
    region_code: str
    about: Office | None = None
    programme: str | None = None
    department_id: int | None = None


def may_handle(office: Office, about: Office | None) -> bool:
    """Whether this office may have a case about that one on its desk: only from above."""
    return about is None or office.rank > about.rank


def find_office(kind: Kind, case: Case, offices: Iterable[Office]) -> Office | None:
    """The office of that kind for the case: the programme's own department, else the nearest one for the region."""
    if kind == Kind.DEPARTMENT:
        return next((office for office in offices if office.id == case.department_id), None)
    region = case.about.region_code if case.about and case.about.kind == Kind.VILLAGE else case.region_code
    return nearest_office(kind, region, offices)


def nearest_office(kind: Kind, region_code: str, offices: Iterable[Office]) -> Office | None:
    """The office of that kind with the smallest place that the region lies in, the elder of two; None for none."""
    covering = [office for office in offices if office.kind == kind and office.covers(region_code)]
    return max(covering, key=lambda office: (len(region_prefix(office.region_code)), -office.id), default=None)


def _applies(rule: RoutingRule, case: Case) -> bool:
    return (
        (rule.matters is None or case.matter in rule.matters)
        and (rule.categories is None or case.category in rule.categories)
        and (rule.programmes is None or case.programme in rule.programmes)
        and (rule.about is None or (case.about is not None and case.about.kind in rule.about))
        and (rule.region_code is None or case.region_code.startswith(region_prefix(rule.region_code)))
    )


def deciding_rule(case: Case, routing: Sequence[RoutingRule]) -> int | None:
    """The place of the first rule that matches; None where none does, and for a clue, which no rule holds up (B12)."""
    if case.matter == Matter.CLUE:
        return None
    return next((place for place, rule in enumerate(routing) if _applies(rule, case)), None)


def route(case: Case, routing: Sequence[RoutingRule], offices: Sequence[Office]) -> Office:
    """The office that gets the case: where the first matching rule says, else the next one up the line
    (village → township → department or finance → discipline), never the one complained of nor one below it. A clue
    goes to the discipline commission whatever the rules say.

    Raises UserError where no office of the county can take it.
    """
    place = deciding_rule(case, routing)
    rule = None if place is None else routing[place]
    for office in _candidates(case, rule, offices):
        if office.kind in OWNER_KINDS and may_handle(office, case.about):
            return office
    if case.about is not None and case.about.kind == Kind.DISCIPLINE:
        raise UserError("您反映的是县纪委监委本身，本县的单位都不能办理。请直接向州纪委监委反映，举报电话 12388。")
    raise UserError("现在没有单位能接收这件事，还没有保存。请拨打服务热线，由工作人员登记。")


def _candidates(case: Case, rule: RoutingRule | None, offices: Sequence[Office]) -> Iterator[Office]:
    """Who could have the case, the first one first: the organisation that is named, then up the line from its rung."""
    if case.matter == Matter.CLUE:
        start = Kind.DISCIPLINE
    else:
        start = LINE[0] if rule is None else rule.start
        yield from (office for office in offices if rule is not None and office.id == rule.organisation_id)
    for kind in LINE:
        if _RANKS[kind] >= _RANKS[start]:
            office = find_office(kind, case, offices)
            if office is not None:
                yield office
