"""The county's routing in plain words: what a rule says, what is wrong with it, what a version changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from accounts.models import Organisation
from complaints import rules
from complaints.rulebook import CURRENT, RULEBOOKS, Matter, RoutingRule
from complaints.rules.routing_preview import FEW, Preview, Side
from complaints.rules.routing_versions import Change, NeverMatches, difference, never_matching
from core.database import db
from core.principal import OrganisationKind
from core.status import Status
from core.words import ORGANISATION_WORDS
from programmes.models import Programme
from registry.models import Region

_TONES = {"draft": "info", "proposed": "warning", "approved": "success", "refused": "danger"}
STATES = {
    state: Status(lazy_gettext(name), _TONES.get(state, "neutral")) for state, name in rules.ROUTING_STATES.items()
}
STEPS = {
    "propose": lazy_gettext("提交审批"),
    "withdraw": lazy_gettext("撤回"),
    "discard": lazy_gettext("作废"),
    "approve": lazy_gettext("批准，开始使用"),
    "refuse": lazy_gettext("不批准"),
    "supersede": lazy_gettext("由新版代替"),
}
MATTERS = {
    Matter.ENQUIRY: lazy_gettext("咨询"),
    Matter.REQUEST: lazy_gettext("求助、意见建议"),
    Matter.COMPLAINT: lazy_gettext("投诉"),
    Matter.TIP_OFF: lazy_gettext("举报"),
    Matter.CLUE: lazy_gettext("问题线索"),
}
STARTS = {
    OrganisationKind.TOWNSHIP: lazy_gettext("事情所在的乡镇（街道）"),
    OrganisationKind.DEPARTMENT: lazy_gettext("补贴项目的主管部门"),
    OrganisationKind.FINANCE: ORGANISATION_WORDS[OrganisationKind.FINANCE],
    OrganisationKind.DISCIPLINE: ORGANISATION_WORDS[OrganisationKind.DISCIPLINE],
}
"""Kinds of offices with which a case can start, as the rules name them."""
CHANGES = {
    Change.MOVED: Status(lazy_gettext("换了位置"), "info"),
    Change.ADDED: Status(lazy_gettext("新加了"), "success"),
    Change.REMOVED: Status(lazy_gettext("删掉了"), "danger"),
}

NEVER = Status(lazy_gettext("永远用不到"), "danger")
UNUSED = Status(lazy_gettext("最近没有用到"), "warning")


def category_words(code: str) -> str:
    """A category in the words of the latest rulebook that knows it."""
    for book in (CURRENT, *RULEBOOKS.values()):
        name = {category.code: category.name for category in book.categories}.get(code)
        if name:
            return str(gettext(name))
    return code


@dataclass(frozen=True)
class Names:
    """What programmes (by code), places (by code) and organisations (by id) are called."""

    programmes: Mapping[str, str]
    regions: Mapping[str, str]
    organisations: Mapping[int, str]


def names_for(rules_at_hand: Iterable[RoutingRule]) -> Names:
    """The names that these rules need, in three queries however many they are."""
    found = list(rules_at_hand)
    codes = {code for rule in found for code in rule.programmes or ()}
    places = {rule.region_code for rule in found if rule.region_code}
    offices = {rule.organisation_id for rule in found if rule.organisation_id}
    programmes = db.session.execute(select(Programme.code, Programme.name).where(Programme.code.in_(codes)))
    named = places | {f"{place[:9]}000" for place in places}
    found_regions = db.session.execute(select(Region.code, Region.name).where(Region.code.in_(named)))
    regions = dict(found_regions.all())
    organisations = db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.active).where(Organisation.id.in_(offices))
    )
    return Names(
        dict(programmes.all()),
        {place: _with_township(place, regions) for place in places},
        {number: name if active else _closed(name) for number, name, active in organisations},
    )


def _with_township(place: str, regions: Mapping[str, str]) -> str:
    township = f"{place[:9]}000"
    return regions.get(place, place) if place == township else f"{regions.get(township, '')}{regions.get(place, place)}"


def _closed(name: str) -> str:
    return str(gettext("%(name)s（已停用，由上一级办理）", name=name))


@dataclass(frozen=True)
class Line:
    """A rule as a page shows it: its number in reading order, when it applies, with whom it starts, what is to be said
    of it and why, and what became of it."""

    number: int
    conditions: Sequence[str]
    start: str
    remark: Status | None = None
    because: str = ""
    change: Status | None = None


def lines_of(
    routing: Sequence[RoutingRule], names: Names, *, preview: Preview | None = None, checked: bool = False
) -> list[Line]:
    """The rules in reading order; ``checked``: with those marked that never match, and those that took nothing in the
    preview."""
    never = never_matching(routing, CURRENT.categories) if checked else {}
    return [
        Line(
            place + 1,
            _conditions(rule, names),
            _start(rule, names),
            *_remark(never.get(place), preview is not None and place not in preview.used),
        )
        for place, rule in enumerate(routing)
    ]


def changes_of(before: Sequence[RoutingRule], after: Sequence[RoutingRule], names: Names) -> list[Line]:
    """What a version changes against the one before; nothing where it changes nothing."""
    return [
        Line(one.place + 1, _conditions(one.rule, names), _start(one.rule, names), change=CHANGES[one.change])
        for one in difference(before, after)
        if one.change is not Change.SAME
    ]


def _conditions(rule: RoutingRule, names: Names) -> list[str]:
    found: list[str] = [gettext("性质是%(matter)s", matter=MATTERS[matter]) for matter in sorted(rule.matters or ())]
    found += [gettext("类别是“%(category)s”", category=category_words(code)) for code in sorted(rule.categories or ())]
    found += [
        gettext("补贴项目是%(programme)s", programme=names.programmes.get(code, code))
        for code in sorted(rule.programmes or ())
    ]
    if rule.region_code:
        place = names.regions.get(rule.region_code, rule.region_code)
        found.append(gettext("发生在%(place)s", place=place))
    found += [gettext("反映的是%(kind)s", kind=ORGANISATION_WORDS[kind]) for kind in sorted(rule.about or ())]
    return found


def _start(rule: RoutingRule, names: Names) -> str:
    if rule.organisation_id:
        return names.organisations.get(rule.organisation_id, "")
    kinds: Mapping[OrganisationKind, LazyString | str] = ORGANISATION_WORDS | STARTS
    return str(kinds[rule.start])


def _remark(never: NeverMatches | None, unused: bool) -> tuple[Status | None, str]:
    if never is not None and never.taken_by:
        numbers = gettext("、").join(str(place + 1) for place in never.taken_by)
        return NEVER, gettext("前面的第 %(numbers)s 条已经全都包括了", numbers=numbers)
    if never is not None:
        return NEVER, gettext("没有这样的事情")
    return (UNUSED, gettext("一件也没有，或者不到 %(few)d 件", few=FEW)) if unused else (None, "")


def side_words(side: Side) -> str:
    """Whose cases, in a preview."""
    if side is None:
        return str(gettext("没有单位能接收"))
    return side.name if isinstance(side, rules.Office) else str(ORGANISATION_WORDS[side])
