"""How the figures for everybody are laid out: one table by month, one by programme, one by township for each subject;
and all of them as one file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from core.money import format_yuan_plain
from core.msgid import N_
from core.withholding import ALL
from portal.statistics.queries import NOTHING, Figure
from portal.statistics.rules import (
    COMPLAINTS,
    FAILED,
    NO_PROGRAMME,
    PAID,
    TOWNSHIPS,
    Grain,
    Key,
    Outcome,
    Subject,
    grains_of,
)

SUBJECT_NAMES = {PAID.code: N_("发放"), FAILED.code: N_("没发成的"), COMPLAINTS.code: N_("投诉举报")}
OUTCOME_NAMES = {
    Outcome.PAID.value: N_("已经到账"),
    Outcome.REPAIRED.value: N_("已经补发"),
    Outcome.UNREPAIRED.value: N_("还没有补发"),
    Outcome.IN_TIME.value: N_("按时答复"),
    Outcome.LATE.value: N_("逾期"),
    Outcome.DECLINED.value: N_("不予受理"),
}
WITHHELD = N_("不公布")
COUNTY_ONLY = N_("只公布全县数字的项目")
WITHOUT_PROGRAMME = N_("没有说明是哪个项目")
HEADING = (N_("类别"), N_("年份"), N_("乡镇（街道）"), N_("项目"), N_("月份"), N_("结果"), N_("数量"), N_("金额（元）"))


@dataclass(frozen=True)
class Place:
    """What a page is about: a township (ALL: the county), and a year that stands as a whole or does not yet."""

    township: str
    whole_year: bool


@dataclass(frozen=True)
class Names:
    """Names of programmes and townships by their codes, with those of what belongs to none of them."""

    programmes: Mapping[str, str]
    townships: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One line of a table: the sum, its parts by outcome, and the amount; None where withheld. ``share``: percent of
    the longest line, for the bar beside it (0 where it is withheld)."""

    name: str
    number: int | None
    parts: Sequence[int | None]
    amount_fen: int | None
    share: int


@dataclass(frozen=True)
class Table:
    """Lines by one dimension, and whether any of them is withheld."""

    lines: Sequence[Line]

    @property
    def withholds(self) -> bool:
        """Whether a figure is missing here on purpose."""
        return any(None in (line.number, line.amount_fen, *line.parts) for line in self.lines)


@dataclass(frozen=True)
class SubjectPage:
    """All that is shown of a subject; ``total`` is None where not even that is published yet. ``waits``: whether
    tables come when the year stands as a whole."""

    total: Line | None
    months: Table
    programmes: Table
    townships: Table
    waits: bool


def so_far(figures: Mapping[Key, Figure]) -> dict[Key, Figure]:
    """The figures of a year that is not whole, with the sums over its months as far as they are shown; None where none
    is. Every reader could add them up, so that they say no more than the months do."""
    parts: dict[Key, list[Figure]] = defaultdict(list)
    for key, figure in figures.items():
        parts[key._replace(month=ALL)].append(figure)
    sums = {
        key: Figure(_sum(one.number for one in found), _sum(one.amount_fen for one in found))
        for key, found in parts.items()
    }
    return {**figures, **sums}


def _sum(values: Iterable[int | None]) -> int | None:
    shown = [value for value in values if value is not None]
    return sum(shown) if shown else None


def subject_page(
    subject: Subject, figures: Mapping[Key, Figure], place: Place, months: Mapping[str, str], names: Names
) -> SubjectPage:
    """The tables of a subject. ``months`` are those counted so far, with their names. Lines of programmes and townships
    about which there is nothing are left out."""
    published = set(grains_of(subject, whole_year=place.whole_year))
    if not place.whole_year:
        published |= {grain._replace(month=False) for grain in published}
        figures = so_far(figures)
    whole = Key(township=place.township)
    here = Grain(township=place.township != ALL)

    def table(grain: Grain, dimension: str, named: Mapping[str, str], *, blanks: bool = False) -> Table:
        keys = {whole._replace(**{dimension: code}): name for code, name in named.items()}
        lines = [
            _line(subject, figures, name, key)
            for key, name in keys.items()
            if grain in published and (blanks or key in figures)
        ]
        return Table(_with_shares(lines))

    return SubjectPage(
        _line(subject, figures, "", whole) if here in published else None,
        table(here._replace(month=True), "month", months, blanks=True),
        table(here._replace(programme=True), "programme", names.programmes),
        table(TOWNSHIPS, "township", {} if here.township else names.townships),
        not place.whole_year,
    )


def _line(subject: Subject, figures: Mapping[Key, Figure], name: str, key: Key) -> Line:
    whole = figures.get(key, NOTHING)
    parts = [figures.get(key._replace(outcome=outcome.value), NOTHING).number for outcome in subject.outcomes]
    return Line(name, whole.number, parts if len(parts) > 1 else (), whole.amount_fen, 0)


def _with_shares(lines: Sequence[Line]) -> Sequence[Line]:
    sizes = [line.amount_fen or line.number or 0 for line in lines]
    longest = max(sizes, default=0)
    return [
        Line(line.name, line.number, line.parts, line.amount_fen, round(100 * size / longest) if longest else 0)
        for line, size in zip(lines, sizes, strict=True)
    ]


def file_rows(
    year: int, figures: Iterable[tuple[str, Key, Figure]], names: Names, county: str
) -> Iterator[Sequence[str]]:
    """Every figure as a row of the file, in the language at hand."""
    every, withheld = gettext("合计"), gettext(WITHHELD)
    subjects = {code: gettext(name) for code, name in SUBJECT_NAMES.items()}
    outcomes = {code: gettext(name) for code, name in OUTCOME_NAMES.items()}
    places, about = {ALL: county, **names.townships}, {ALL: every, **names.programmes}
    for subject, (township, programme, month, outcome), (number, amount) in figures:
        yield (
            subjects[subject],
            str(year),
            places.get(township, township),
            about.get(programme, programme),
            month or every,
            outcomes[outcome] if outcome else every,
            withheld if number is None else str(number),
            # Complaints have no amount.
            "" if subject == COMPLAINTS.code else withheld if amount is None else format_yuan_plain(amount),
        )


def names_of(programmes: Mapping[str, str], townships: Mapping[str, str], county: str) -> Names:
    """The names, those of what belongs to no programme or to no township last."""
    return Names({**programmes, NO_PROGRAMME: gettext(WITHOUT_PROGRAMME)}, {**townships, county: gettext(COUNTY_ONLY)})
