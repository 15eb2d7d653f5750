"""Trying a bank file format on a sample: line by line what is recognised, and what is wrong where. Pure; nothing of it
is kept."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.errors import UserError
from core.identity import mask_card
from core.msgid import N_
from core.tables.reading import open_table
from disbursement.bank_files.offers import OfferLine, write_offer
from disbursement.bank_files.profiles import XLSX, Profile
from disbursement.bank_files.raw_lines import RawLine, cells_of, take_apart
from disbursement.bank_files.results import (
    LineReader,
    ResultLine,
    Totals,
    add_up,
    complete,
    difference_of,
    stated_totals,
)

MOST_LINES = 200
"""As many lines are shown; all are read."""
# Nobody's: one name that GBK has, one that it lacks, one with an interpunct; an account that begins with noughts.
INVENTED = (
    OfferLine("1001-1", "李丽", "6217000000000000019", 27000, "高龄津贴202006"),
    OfferLine("1002-1", "王𬭎", "0012345678", 5, "高龄津贴202006"),
    OfferLine("1003-2", "阿西·木呷", "621700000000000003", 12345678, "高龄津贴202006"),
)


class TriedLine(NamedTuple):
    """A line as it was understood (None: not at all), and its faults: a column and a sentence each."""

    number: int
    line: ResultLine | None
    card: str
    faults: Sequence[tuple[str, str]]


class Trial(NamedTuple):
    """What a sample says. ``refusal`` tells why it would be refused whole; ``stated`` is None where even the line of
    the totals cannot be read."""

    lines: Sequence[TriedLine]
    line_count: int
    found: Totals | None
    stated: Totals | None
    refusal: UserError | None


def try_result(profile: Profile, content: bytes) -> Trial:
    """Read a sample of a result by a profile. Raises UserError for a file of another kind altogether."""
    layout = profile.result
    parts = take_apart(layout, content)
    refusal: UserError | None = None
    told: Mapping[str, int] | None = None
    try:
        told = stated_totals(layout, parts.summary)
    except UserError as error:
        refusal = error
    reader = LineReader(profile)
    tried = [_try_line(reader, raw) for raw in cells_of(layout, parts)]
    lines = [one.line for one in tried if one.line is not None]
    unreadable = [one.number for one in tried if one.line is None]
    found = add_up(lines, len(unreadable))
    stated = None if told is None else complete(told, found)
    if stated is not None:
        refusal = difference_of(stated, found, lines, unreadable)
    return Trial(tried[:MOST_LINES], len(tried), found, stated, refusal)


def _try_line(reader: LineReader, raw: RawLine) -> TriedLine:
    line = reader.read_cells(raw)
    faults = list(_faults(reader, raw, line))
    return TriedLine(raw.number, line, mask_card(line.card) if line and line.card else "", faults)


def _faults(reader: LineReader, raw: RawLine, line: ResultLine | None) -> list[tuple[str, str]]:
    """What is wrong with a line, each with its column."""
    faults = []
    columns = len(reader.layout.columns)
    if line is None and len(raw.cells) < columns:
        faults.append(("other", N_("这一行的列数不够。")))
    if reader.amount_of(raw) is None:
        faults.append(("amount", N_("金额读不出来，或者不大于零。")))
    card = reader.card_of(raw)
    if card is None:
        faults.append(("card", N_("卡号读不出来。")))
    if line is None and not card and reader.reference_of(raw) is None:
        faults.append(("reference", N_("既没有我们的流水号，也没有卡号。")))
    if not reader.cell(raw, "name").strip():
        faults.append(("name", N_("没有户名。")))
    if line is not None and line.doubtful:
        faults.append(("code", N_("代码不认识，或者与原因矛盾，按“不明”处理。")))
    day = reader.cell(raw, "date").strip()
    if line is not None and day and line.bank_date is None:
        faults.append(("date", N_("日期读不出来，按导入当天计算。")))
    return faults


class WrittenSample(NamedTuple):
    """An offer made of invented lines, as text; ``refusal`` where the format cannot even hold those."""

    text: str
    lost_characters: int
    refusal: UserError | None


def try_offer(profile: Profile) -> WrittenSample:
    """What an offer of three invented lines looks like."""
    try:
        written = write_offer(profile, INVENTED)
    except UserError as error:
        return WrittenSample("", 0, error)
    if profile.offer.kind == XLSX:
        with open_table(written.content) as table:
            rows = ["\t".join(row.cells) for sheet in table.sheets() for row in sheet.rows()]
        return WrittenSample("\n".join(rows), written.lost_characters, None)
    return WrittenSample(written.content.decode(profile.offer.encoding), written.lost_characters, None)
