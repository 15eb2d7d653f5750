"""How figures are laid out: tables with their words, the same on the screen, on paper and in a workbook."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from flask_babel import gettext
from sqlalchemy import select

from accounts.models import Organisation
from complaints import rules
from complaints.figures import Figures, has_villages, reasons_of
from complaints.rulebook import RULEBOOKS
from complaints.rules.declining import UNSTATED, UNSTATED_NAME
from complaints.rules.figures import ALL, DECLINED, MEASURES, NOBODY, RECEIVED, By, Figure, Period, Span
from core.clock import local_time
from core.database import db
from core.msgid import N_
from core.principal import Principal
from core.tables.export import Sheet, write_workbook
from core.withholding import SMALLEST
from registry.models import Region

WITHHELD = N_("不显示")

TITLES = {
    "received": N_("收到"),
    "in_time": N_("按期答复"),
    "late": N_("逾期答复"),
    "overdue": N_("逾期未答复"),
    "running": N_("办理中"),
    DECLINED: N_("不予受理"),
    "extended": N_("延期"),
    "reopened": N_("要求重办"),
    "reviewed": N_("上级复查"),
    "settled": N_("反映人确认解决"),
    "answers": N_("答复次数"),
    "satisfied": N_("满意"),
    "partly": N_("部分满意"),
    "not_satisfied": N_("不满意"),
    "silent": N_("没有评价"),
}
DEFINITIONS = {
    "received": N_("这段时间收到的件数，按收到的日子算；移送纪检监察机关的问题线索不在其中。"),
    "in_time": N_("第一次答复在期限内（含批准的延期）。答复不等于解决。"),
    "late": N_("第一次答复时期限已过。"),
    "overdue": N_("到数据截止这天期限已过，还没有答复。"),
    "running": N_("还没有答复，期限未到。"),
    DECLINED: N_("没有受理，理由已经告诉反映人；原因另列一表。收到＝前面四栏加本栏。"),
    "extended": N_("批准过一次延期的件数，同时也算在前面各栏里。"),
    "reopened": N_("反映人对答复不满意、要求重新办理的件数。"),
    "reviewed": N_("反映人申请上一级单位复查的件数；仍算在原答复单位名下。"),
    "settled": N_("反映人自己确认已经解决的件数。到期自动办结的不算。"),
    "answers": N_("给出的答复次数：重新办理和复查各有自己的答复，所以可能多于件数。"),
    "satisfied": N_("反映人对一次答复评价满意。按答复次数算，不按件数。"),
    "partly": N_("对一次答复评价部分满意。"),
    "not_satisfied": N_("对一次答复评价不满意。"),
    "silent": N_("对一次答复没有评价。不能当作满意。"),
}
_FIRST = {
    By.CATEGORY: N_("类别"),
    By.TOWNSHIP: N_("乡镇（街道）"),
    By.OFFICE: N_("办理单位"),
    By.ABOUT: N_("被反映的单位"),
    By.CHANNEL: N_("来源渠道"),
}

Value = int | None
"""None is withheld."""


@dataclass(frozen=True)
class Line:
    """A line of a table; ``is_sum`` for the one under it."""

    name: str
    values: Sequence[Value]
    is_sum: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its title, the title of its first column, and those of its figures."""

    title: str
    first: str
    columns: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Report:
    """Figures as they are shown: of what (``scope``) and when, as of when, drawn up when and by whom;
    ``notes`` are said above the tables, ``definitions`` explain the columns."""

    title: str
    scope: str
    period: str
    as_of: datetime
    drawn_up_at: datetime
    drawn_up_by: str
    notes: Sequence[str]
    tables: Sequence[Table]
    definitions: Sequence[tuple[str, str]]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The head of a report."""
        return [
            (gettext("统计范围"), self.scope),
            (gettext("统计期间"), self.period),
            (gettext("数据截止"), f"{local_time(self.as_of):%Y-%m-%d %H:%M}"),
            (gettext("制表时间"), f"{local_time(self.drawn_up_at):%Y-%m-%d %H:%M}"),
            (gettext("制表"), self.drawn_up_by),
        ]


def drawn_up_by(principal: Principal) -> str:
    """Who draws a report up: office and name."""
    office = db.session.get(Organisation, principal.organisation_id)
    return f"{office.name if office else ''} {principal.name}".strip()


def period_name(period: Period) -> str:
    """A period in words, with its days."""
    values = {"year": period.first.year, "month": period.first.month, "quarter": (period.first.month + 2) // 3}
    name = {
        Span.MONTH: gettext("%(year)s 年 %(month)s 月", **values),
        Span.QUARTER: gettext("%(year)s 年第 %(quarter)s 季度", **values),
        Span.YEAR: gettext("%(year)s 年", **values),
    }[period.span]
    return str(name)


def report_of(found: Figures, principal: Principal, *, at: datetime) -> Report:
    """The report of these figures, drawn up by the principal."""
    period = found.wanted.period
    office = db.session.get(Organisation, principal.organisation_id)
    titles = [gettext(TITLES[measure]) for measure in MEASURES]
    tables = [_table(found, by, titles) for by in found.tables if by != By.CHANNEL]
    if found.wanted.township and has_villages(found.wanted):
        tables.insert(2, _villages(found, titles))
    tables.append(
        Table(
            gettext("按来源渠道"),
            gettext(_FIRST[By.CHANNEL]),
            titles[:1],
            [
                *(
                    Line(gettext(name), [found.shown(By.CHANNEL, code, RECEIVED)])
                    for code, name in rules.CHANNELS.items()
                ),
                Line(gettext("合计"), [found.shown(ALL, ALL, RECEIVED)], is_sum=True),
            ],
        )
    )
    tables.append(_reasons(found))
    return Report(
        gettext("投诉举报办理情况"),
        gettext("全县") if found.wanted.county else gettext("%(office)s看得到的", office=office.name if office else ""),
        f"{period_name(period)} · {period.first:%Y-%m-%d} — {period.last:%Y-%m-%d}",
        found.drawn_at or at,
        at,
        drawn_up_by(principal),
        list(_notes(found)),
        tables,
        [(gettext(TITLES[measure]), gettext(DEFINITIONS[measure])) for measure in MEASURES],
    )


def _notes(found: Figures) -> Iterable[str]:
    yield gettext("答复不等于解决：反映人自己确认解决的另列一栏，满意不满意按每次答复的评价算。")
    answered = sum(found.numbers.get(Figure(ALL, ALL, measure), 0) for measure in ("in_time", "late"))
    if found.days is not None and answered < SMALLEST:
        yield gettext("第一次答复用时：样本太少，不作统计。")
    elif found.days is not None:
        yield gettext(
            "第一次答复用时：一半在 %(half)s 个工作日内，九成在 %(most)s 个工作日内。",
            half=found.days[0],
            most=found.days[1],
        )
    if found.wanted.county:
        yield gettext(
            "为了不让人认出反映人，少于 %(least)s 件的、能由别的数推算出来的，写作“%(withheld)s”；只统计已过完的时段。",
            least=SMALLEST,
            withheld=gettext(WITHHELD),
        )
    if found.drawn_at is not None:
        yield gettext(
            "这是 %(day)s 定稿的数，以后不再变动：先后两次的数一比，就看得出是哪一件有了答复。",
            day=f"{local_time(found.drawn_at):%Y-%m-%d}",
        )


def _table(found: Figures, by: By, titles: Sequence[str]) -> Table:
    title = {
        By.CATEGORY: gettext("按类别"),
        By.TOWNSHIP: gettext("按乡镇（街道）"),
        By.OFFICE: gettext("按办理单位"),
        By.ABOUT: gettext("按被反映的单位"),
    }[by]
    groups = {figure.group for figure in found.numbers if figure.by == by}
    lines = [
        Line(name, [found.shown(by, group, measure) for measure in MEASURES]) for group, name in _named(by, groups)
    ]
    whole = Line(gettext("合计"), [found.shown(ALL, ALL, measure) for measure in MEASURES], is_sum=True)
    return Table(title, gettext(_FIRST[by]), titles, [*lines, whole] if lines else [])


def _villages(found: Figures, titles: Sequence[str]) -> Table:
    township = found.wanted.township
    groups = {figure.group for figure in found.villages if figure.by == By.TOWNSHIP}
    names = dict(_named(By.TOWNSHIP, groups | {township}))
    lines = [
        Line(
            gettext("镇本级") if group == township else names[group],
            [found.shown_village(group, measure) for measure in MEASURES],
        )
        for group in sorted(groups)
    ]
    whole = Line(gettext("合计"), [found.shown(By.TOWNSHIP, township, measure) for measure in MEASURES], is_sum=True)
    title = gettext("%(township)s各村（社区）", township=names[township])
    return Table(title, gettext("村（社区）"), titles, [*lines, whole] if lines else [])


def _reasons(found: Figures) -> Table:
    names = rules.DECLINE_REASONS | {UNSTATED: UNSTATED_NAME}
    lines = [Line(gettext(names[reason]), [number]) for reason, number in reasons_of(found)]
    whole = Line(gettext("合计"), [found.shown(ALL, ALL, DECLINED)], is_sum=True)
    return Table(gettext("不予受理的原因"), gettext("原因"), [gettext(TITLES[DECLINED])], [*lines, whole])


def _named(by: By, groups: Iterable[str]) -> list[tuple[str, str]]:
    """The lines of a table with their names, in their order."""
    naming: dict[By, Callable[[set[str]], dict[str, str]]] = {
        By.CATEGORY: lambda _groups: {
            category.code: gettext(category.name) for book in RULEBOOKS.values() for category in book.categories
        },
        By.TOWNSHIP: _regions,
        By.OFFICE: _offices,
        By.ABOUT: _offices,
    }
    wanted = set(groups)
    names = naming[by](wanted)
    unnamed = [
        (group, gettext("没有指明单位") if group == NOBODY else group) for group in sorted(wanted - names.keys())
    ]
    return [(group, name) for group, name in names.items() if group in wanted] + unnamed


def _regions(codes: set[str]) -> dict[str, str]:
    found = select(Region.code, Region.name).where(Region.code.in_(codes)).order_by(Region.code)
    return dict(db.session.execute(found).all())


def _offices(groups: set[str]) -> dict[str, str]:
    ids = [int(group) for group in groups if group != NOBODY]
    rows = db.session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.id.in_(ids))
        .order_by(Organisation.region_code, Organisation.kind, Organisation.id)
    )
    return {str(office): name for office, name in rows}


def write_report(out: BinaryIO, report: Report) -> int:
    """The report as a workbook: its head and definitions, and a sheet for each table. Returns how many lines there are;
    leaves the file open."""
    head = [
        [report.title],
        *([name, text] for name, text in report.facts),
        *([note] for note in report.notes),
        [],
        *([name, text] for name, text in report.definitions),
    ]
    sheets = [Sheet(gettext("说明"), head, widths=(20, 80))]
    for table in report.tables:
        lines = [[line.name, *map(written, line.values)] for line in table.lines]
        sheets.append(Sheet(table.title, [[table.first, *table.columns], *lines], widths=(24,)))
    write_workbook(out, sheets)
    return sum(len(table.lines) for table in report.tables)


def written(value: Value) -> int | str:
    """A figure as it is written, everywhere."""
    return str(gettext(WITHHELD)) if value is None else value
