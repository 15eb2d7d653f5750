"""What the lines of a fund plan must hold. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.money import Fen
from core.plain_text import plain
from programmes.catalogue_lines import find_code
from programmes.rules import LineProblem, Source
from programmes.wordings import read_amount, read_document, read_source, read_year, same_words, tidy


@dataclass(frozen=True)
class KnownProgramme:
    """What a fund plan's lines are held against."""

    id: int
    code: str
    name: str
    department_name: str


@dataclass(frozen=True)
class FundPlanLine:
    """A line of a fund plan as the file has it. ``unit`` is the header's unit of money."""

    year: str
    code: str
    name: str
    department: str
    document: str
    level: str
    source: str
    amount: str
    amount_is_number: bool = False
    unit: str = ""


FundKey = tuple[int, int, str, str, str]
"""Programme id, year, document number, source, level: what a fund line is, whatever its amount."""


@dataclass(frozen=True)
class ReadFundLine:
    """A line of a fund plan."""

    programme_id: int
    year: int
    document_number: str
    source: Source
    level: str
    amount_fen: Fen

    @property
    def key(self) -> FundKey:
        """What it is, whatever its amount."""
        return (self.programme_id, self.year, self.document_number, self.source.value, self.level)


def check_fund_plan(
    lines: Iterable[FundPlanLine],
    programmes: Collection[KnownProgramme],
    on_record: Mapping[FundKey, int],
    *,
    last_year: int,
) -> tuple[list[ReadFundLine], list[tuple[int, LineProblem]]]:
    """The good lines in order, and (position, problem) of the others. ``on_record`` are the amounts in fen of the lines
    recorded so far: the same again is good (and changes nothing), another amount is a problem. No plan is for a year
    after ``last_year``."""
    reader = _FundPlanReader(programmes, last_year)
    good: dict[FundKey, ReadFundLine] = {}
    problems: list[tuple[int, LineProblem]] = []
    for position, line in enumerate(lines):
        read, problem = reader.read(line)
        if read is not None and read.key in good:
            problem = LineProblem.FUND_LINE_DUPLICATE
        elif read is not None and on_record.get(read.key, read.amount_fen) != read.amount_fen:
            problem = LineProblem.FUND_LINE_DIFFERS
        if problem is not None:
            problems.append((position, problem))
        elif read is not None:
            good[read.key] = read
    return list(good.values()), problems


class _FundPlanReader:
    def __init__(self, programmes: Collection[KnownProgramme], last_year: int) -> None:
        self._by_code = {programme.code: programme for programme in programmes}
        self._names = {programme.code: programme.name for programme in programmes}
        self._last_year = last_year

    def read(self, line: FundPlanLine) -> tuple[ReadFundLine | None, LineProblem | None]:
        """The fund line, or what is wrong with the line first."""
        programme = self._programme(line)
        if programme is None:
            return None, LineProblem.PROGRAMME_UNKNOWN
        year, source = read_year(line.year), read_source(line.source)
        document = read_document(line.document)
        amount, wrong_amount = read_amount(line.amount, line.unit, from_number=line.amount_is_number)
        checks = (
            (_other(line.name, programme.name), LineProblem.NAME_DIFFERS),
            (_other(line.department, programme.department_name), LineProblem.DEPARTMENT_DIFFERS),
            (year is None or year > self._last_year, LineProblem.YEAR_UNREADABLE),
            (not document, LineProblem.DOCUMENT_MISSING),
            (source is None, LineProblem.SOURCE_UNKNOWN),
            (wrong_amount is not None, LineProblem(wrong_amount.value) if wrong_amount else None),
        )
        problem = next((problem for wrong, problem in checks if wrong), None)
        if problem is not None or year is None or source is None or amount is None:
            return None, problem
        return ReadFundLine(programme.id, year, document, source, tidy(line.level), amount), None

    def _programme(self, line: FundPlanLine) -> KnownProgramme | None:
        # A wrong code must not be saved by a right name: the two belong to different programmes.
        code = find_code(line.code or line.name, self._names)
        return self._by_code.get(code) if code else None


def _other(text: str, known: str) -> bool:
    return bool(plain(text)) and not same_words(text, known)


def total_of(lines: Sequence[ReadFundLine]) -> Fen:
    """The sum of these lines in fen."""
    return Fen(sum(line.amount_fen for line in lines))
