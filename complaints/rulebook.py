"""What a county may set about complaints, as data with a version: categories in villagers' words, limits, routing.

A complaint keeps the version under which it was filed; a new version is added here and never edits an old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.msgid import N_
from core.principal import OrganisationKind


class Matter(StrEnum):
    """What a category is in law: it decides the limits, and a clue goes to the discipline commission at once."""

    ENQUIRY = "enquiry"
    REQUEST = "request"
    COMPLAINT = "complaint"
    TIP_OFF = "tip_off"
    CLUE = "clue"


class ClockKind(StrEnum):
    """The promises of a case."""

    ACCEPT = "accept"  # say whether it is taken on
    RESOLVE = "resolve"  # give the answer
    NOTICE = "notice"  # the discipline commission says whether it takes a report on
    REVIEW = "review"  # give the second answer after a reopening
    HIGHER_REVIEW = "higher_review"  # the next office up the line gives its own answer
    RESULT_NOTICE = "result_notice"  # the discipline commission tells who reported under his name what came of it


@dataclass(frozen=True)
class Category:
    """What a villager chooses from: ``name`` and ``hint`` are message ids."""

    code: str
    name: str
    hint: str
    matter: Matter

    @property
    def is_clue(self) -> bool:
        """Whether it goes to the discipline commission at once, sealed (B12)."""
        return self.matter == Matter.CLUE


@dataclass(frozen=True)
class Limit:
    """How long a clock runs, in working days (or calendar days), and by how many more it may be extended once.
    ``verified`` is False where the source could not be checked and the county should."""

    clock: ClockKind
    days: int
    source: str
    working_days: bool = True
    extendable_by: int = 0
    verified: bool = True


@dataclass(frozen=True)
class Term:
    """How many working days an office has for a step of its own, of which no reporter is promised anything."""

    days: int
    source: str


@dataclass(frozen=True)
class RoutingRule:
    """Where on the line a case starts: with an office of the kind ``start``, or with the one organisation of that kind
    that is named. A None matches everything; the first rule that matches decides. ``region_code``: the place, or one
    that lies in it. Clues come to no rule (B12)."""

    start: OrganisationKind
    matters: frozenset[Matter] | None = None
    categories: frozenset[str] | None = None
    programmes: frozenset[str] | None = None
    about: frozenset[OrganisationKind] | None = None
    region_code: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True)
class Rulebook:
    """One version of all of it. ``routing`` is in force until the county has approved one of its own.
    ``review_days``: within how many days of an answer its reporter may ask for a review by the next office up the line;
    0 where a version knows none. ``objection``: within how many days of getting a case an office may say that it is not
    for it."""

    version: str
    categories: tuple[Category, ...]
    limits: Mapping[Matter, tuple[Limit, ...]]
    routing: tuple[RoutingRule, ...]
    reminder_days: int
    reopening_days: int
    review_days: int = 0
    objection: Term = Term(5, "信访工作条例 §23")

    def category(self, code: str) -> Category:
        """The category of that code. Raises KeyError where this version has none."""
        return {category.code: category for category in self.categories}[code]


@dataclass(frozen=True)
class RetentionPeriod:
    """For how many years a case is kept after it has ended, where the county has set nothing else. ``source`` is a
    message id; ``verified`` is False where no rule was found and the county should look for its own."""

    years: int
    source: str
    verified: bool = False


_HOTLINE = "四川省 12345 政务服务便民热线工作规则"
_PETITION = "信访工作条例"
_DISCIPLINE = "纪检监察机关处理检举控告工作规则"


def _limits(accept: int, resolve: int, extendable_by: int = 0) -> tuple[Limit, ...]:
    return (
        Limit(ClockKind.ACCEPT, accept, _HOTLINE, verified=False),
        Limit(ClockKind.RESOLVE, resolve, _HOTLINE, extendable_by=extendable_by),
        Limit(ClockKind.REVIEW, resolve, _PETITION, verified=False),
    )


VERSION_2020 = Rulebook(
    version="2020-06",
    categories=(
        Category("enquiry", N_("我想问政策"), N_("能不能享受、标准是多少、什么时候发"), Matter.ENQUIRY),
        Category("request", N_("我想求助或提建议"), N_("卡丢了、资料要改、办事有困难"), Matter.REQUEST),
        Category("not_received", N_("补贴没有到账"), N_("别人到了我没到，或者显示发放失败"), Matter.COMPLAINT),
        Category("wrong_amount", N_("金额不对"), N_("少发、多发，或者被扣了钱"), Matter.COMPLAINT),
        Category("wrong_list", N_("公示名单不对"), N_("该有的人没有，不该有的人有"), Matter.COMPLAINT),
        Category("service", N_("办事拖拉或态度不好"), N_("推来推去、不给办、不给答复"), Matter.COMPLAINT),
        Category("tip_off", N_("有人不该领却在领"), N_("冒领、重复领、人不在了还在领"), Matter.TIP_OFF),
        Category("favouritism", N_("照顾亲戚朋友（优亲厚友）"), N_("干部把名额给了自家人、熟人"), Matter.CLUE),
        Category("extortion", N_("办事要好处（吃拿卡要）"), N_("不给好处就不办、要钱要物"), Matter.CLUE),
        Category("embezzlement", N_("补贴被干部拿走（贪污侵占）"), N_("截留、私分、代领不给"), Matter.CLUE),
        Category("fraud", N_("造假骗补贴（骗套资金）"), N_("编造名单、虚报面积和人数"), Matter.CLUE),
    ),
    limits={
        Matter.ENQUIRY: _limits(1, 3),
        Matter.REQUEST: _limits(2, 7),
        Matter.COMPLAINT: _limits(5, 15, extendable_by=15),
        Matter.TIP_OFF: _limits(5, 15, extendable_by=15),
        # No limit on the investigation itself was found in law: none is set.
        Matter.CLUE: (Limit(ClockKind.NOTICE, 15, _DISCIPLINE),),
    },
    routing=(RoutingRule(OrganisationKind.TOWNSHIP),),
    reminder_days=2,
    reopening_days=30,
)

# 信访工作条例 §35: 30 days to ask for a review, 30 days to review, in calendar days. A clue has nobody above it here.
_HIGHER_REVIEW = Limit(ClockKind.HIGHER_REVIEW, 30, _PETITION, working_days=False)

VERSION_2026 = replace(
    VERSION_2020,
    version="2026-11",
    limits={
        matter: limits if matter == Matter.CLUE else (*limits, _HIGHER_REVIEW)
        for matter, limits in VERSION_2020.limits.items()
    },
    review_days=30,
)

# 纪检监察机关处理检举控告工作规则: who reported under his name is told the result within 15 working days of the end.
VERSION_2026_12 = replace(
    VERSION_2026,
    version="2026-12",
    limits={
        matter: (*limits, Limit(ClockKind.RESULT_NOTICE, 15, _DISCIPLINE)) if matter == Matter.CLUE else limits
        for matter, limits in VERSION_2026.limits.items()
    },
)

RULEBOOKS: Mapping[str, Rulebook] = {book.version: book for book in (VERSION_2020, VERSION_2026, VERSION_2026_12)}
CURRENT = VERSION_2026_12

_NO_RULE = N_("没有找到上位规定，这是系统的默认值，请按本县档案保管期限核对后设定")

RETENTION: Mapping[Matter, RetentionPeriod] = {
    Matter.ENQUIRY: RetentionPeriod(3, _NO_RULE),
    Matter.REQUEST: RetentionPeriod(3, _NO_RULE),
    Matter.COMPLAINT: RetentionPeriod(5, _NO_RULE),
    Matter.TIP_OFF: RetentionPeriod(10, _NO_RULE),
    Matter.CLUE: RetentionPeriod(10, _NO_RULE),
}
"""How long ended cases are kept, by what they are in law. The county sets its own by category."""
