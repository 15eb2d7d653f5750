"""How the sealed room's figures are laid out, in the words of its work."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext

from complaints.figure_tables import Line, Report, Table, drawn_up_by, period_name
from complaints.rulebook import RULEBOOKS
from complaints.rules.sealed import MEASURES, OUTCOMES, RECEIVED, STAGE_NAMES, WAITED
from complaints.sealed_figures import ANONYMOUS, DIRECT, NAMED, REFERRED, WHOLE, SealedFigures
from core.msgid import N_
from core.principal import Principal
from core.words import ORGANISATION_WORDS

TITLES = (
    {RECEIVED: N_("收到")}
    | {stage.value: name for stage, name in STAGE_NAMES.items()}
    | {
        "notice_kept": N_("受理告知：按期"),
        "notice_broken": N_("受理告知：逾期"),
        "notice_overdue": N_("受理告知：逾期未告知"),
        "notice_running": N_("受理告知：期限内"),
        "result_kept": N_("结果告知：按期"),
        "result_broken": N_("结果告知：逾期"),
        "result_overdue": N_("结果告知：逾期未告知"),
        "result_running": N_("结果告知：期限内"),
    }
)
DEFINITIONS = {
    N_("收到"): N_("这段时间直接收到的线索和各单位移送来的，按到纪委监委的日子算。"),
    N_("受理、初步核实、处置、反馈"): N_("现在到了哪一步：等受理；在核实；已登记处置结果，等告知反映人；已答复。"),
    N_("受理告知"): N_("收到后 15 个工作日内告知是否受理。“逾期未告知”以制表这天为准。"),
    N_("结果告知"): N_("登记处置结果后 15 个工作日内告知留了姓名的反映人；匿名的没有这一期限。核实本身没有规定期限。"),
}
_WAYS = {DIRECT: N_("直接收到的线索"), REFERRED: N_("各单位移送")}
_REPORTERS = {NAMED: N_("实名（含保密）"), ANONYMOUS: N_("匿名")}


def sealed_report(found: SealedFigures, principal: Principal, *, at: datetime) -> Report:
    """The report of the sealed room, drawn up by the principal."""
    period = found.period
    categories = {category.code: category.name for book in RULEBOOKS.values() for category in book.categories}
    kinds = {kind.value: str(name) for kind, name in ORGANISATION_WORDS.items()} | {"": gettext("没有指明单位")}
    return Report(
        gettext("问题线索办理情况"),
        gettext("移送的问题线索，只有纪委监委看得到"),
        f"{period_name(period)} · {period.first:%Y-%m-%d} — {period.last:%Y-%m-%d}",
        at,
        at,
        drawn_up_by(principal),
        [gettext("只供纪委监委内部使用。不要交给别的单位，也不要放进全县的报表。")],
        [
            _table(found, "way", gettext("按来源"), gettext("来源"), _WAYS, every=True),
            _table(found, "category", gettext("按类别"), gettext("类别"), categories),
            _table(found, "about", gettext("按被反映单位的类型"), gettext("单位类型"), kinds),
            _table(found, "reporter", gettext("按反映人"), gettext("反映人"), _REPORTERS, every=True),
            _outcomes(found),
            _waiting(found),
        ],
        [(gettext(name), gettext(text)) for name, text in DEFINITIONS.items()],
    )


def _table(
    found: SealedFigures, by: str, title: str, first: str, names: Mapping[str, str], *, every: bool = False
) -> Table:
    """``every``: lines without a case as well."""
    groups = found.groups(by)
    shown = [(group, gettext(name)) for group, name in names.items() if every or group in groups]
    lines = [Line(name, [found.number(by, group, measure) for measure in MEASURES]) for group, name in shown]
    whole = Line(gettext("合计"), [found.number(WHOLE, WHOLE, measure) for measure in MEASURES], is_sum=True)
    return Table(title, first, [gettext(TITLES[measure]) for measure in MEASURES], [*lines, whole] if lines else [])


def _outcomes(found: SealedFigures) -> Table:
    lines = [Line(gettext(name), [found.outcomes.get(outcome, 0)]) for outcome, name in OUTCOMES.items()]
    whole = Line(gettext("合计"), [sum(found.outcomes.values())], is_sum=True)
    return Table(gettext("处置结果"), gettext("处置结果"), [gettext("件数")], [*lines, whole])


def _waiting(found: SealedFigures) -> Table:
    names, after = [], 0
    for end in WAITED:
        names.append(gettext("%(first)s — %(last)s 个工作日", first=after, last=end))
        after = end + 1
    names.append(gettext("超过 %(most)s 个工作日", most=WAITED[-1]))
    lines = [Line(name, [found.waiting.get(number, 0)]) for number, name in enumerate(names)]
    whole = Line(gettext("合计"), [sum(found.waiting.values())], is_sum=True)
    title = gettext("现在还没有答复的，到纪委监委多久了（不论何时收到）")
    return Table(title, gettext("多久"), [gettext("件数")], [*lines, whole])
