"""Reads a bank's statement. Balances and totals are enforced: a file that does not add up is refused whole, with the
first line at which it breaks (design §4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.errors import UserError
from core.identity import check_card_number
from core.money import format_yuan, parse_signed_yuan
from core.plain_text import plain_without_spaces
from core.tables.headers import label_of
from core.tables.reading import open_table
from core.tables.rows import Row
from reconciliation.profiles import StatementProfile
from reconciliation.rules import month_days, stated_day, stated_period

_DAY = re.compile(r"(20[0-9]{2})[-/.年]?([01]?[0-9])[-/.月]?([0-3]?[0-9])日?.*")
_MASKED = re.compile(r"[0-9*]{8,25}")


class ReadLine(NamedTuple):
    """One line: ``row`` is physical, ``card`` empty where none is named or it is masked."""

    row: int
    day: date
    debit_fen: int
    credit_fen: int
    balance_fen: int
    name: str
    card: str
    card_tail: str
    summary: str
    serial: str
    reference: str


@dataclass(frozen=True)
class StatementHead:
    """What a statement that adds up says of itself: its account, balances in fen, and what its lines come to."""

    account: str
    opening_fen: int
    closing_fen: int
    line_count: int
    debit_fen: int


def check_statement(profile: StatementProfile, content: bytes, month: str) -> StatementHead:
    """Read a statement of a month (YYYY-MM) from end to end, holding no more than a line of it. Raises UserError for a
    file that is no such statement, is of another month, or whose lines, balances and counts do not agree."""
    with open_table(content) as table:
        for sheet in table.sheets():
            reader, sums = StatementReader(profile, month), _Sums(month)
            for line in reader.lines(sheet.rows()):
                sums.add(line, reader)
            if reader.has_header:
                return sums.head(reader)
    raise UserError("文件里没有找到对账单的表头（至少要有日期、金额和余额三列）。请检查是否选错了文件或格式。")


def statement_lines(profile: StatementProfile, content: bytes) -> Iterator[ReadLine]:
    """The lines of a statement that has been checked, one after the other."""
    with open_table(content) as table:
        for sheet in table.sheets():
            reader = StatementReader(profile)
            yield from reader.lines(sheet.rows())
            if reader.has_header:
                return


class StatementReader:
    """Reads a sheet; with a ``month``, what the statement says of its own period is held against that."""

    def __init__(self, profile: StatementProfile, month: str | None = None) -> None:
        self._profile = profile
        self._month = month
        self._labels = {label_of(word): name for name, words in profile.columns.items() for word in words}
        self._places: dict[str, int] = {}
        self.stated_count: int | None = None
        self.account = ""
        # What the columns are called in the file.
        self.titles: dict[str, str] = {}
        self.opening: int | None = None
        self.closing: int | None = None

    @property
    def has_header(self) -> bool:
        """Whether the sheet read so far is a statement."""
        return bool(self._places)

    def lines(self, rows: Iterator[Row]) -> Iterator[ReadLine]:
        """The lines of a sheet; none for a sheet without a header."""
        for row in rows:
            if not self._places:
                self._note(row)
                self._find_header(row)
            elif (line := self._line(row)) is not None:
                yield line
            else:
                self._note(row)

    def _find_header(self, row: Row) -> None:
        places: dict[str, int] = {}
        for place, cell in enumerate(row.cells):
            name = self._labels.get(label_of(cell))
            if name is not None:
                places.setdefault(name, place)
        money = {"amount"} if "amount" in self._profile.columns else {"debit", "credit"}
        if places.keys() >= {"day", "balance"} | money:
            self._places = places
            self.titles = {name: row.cells[place].strip() for name, place in places.items()}

    def _note(self, row: Row) -> None:
        """What labels above and below the table say."""
        for label, value in _pairs(row):
            words = label_of(label)
            if words in self._profile.account and not self.account:
                self.account = plain_without_spaces(value)
            elif words in self._profile.opening:
                self.opening = _fen(value, row.number, label.strip())
            elif words in self._profile.closing:
                self.closing = _fen(value, row.number, label.strip())
            elif words in self._profile.count and plain_without_spaces(value).isdigit():
                self.stated_count = int(plain_without_spaces(value))
            elif self._month is not None:
                self._refuse_other_period(row, label, words, plain_without_spaces(value))

    def _refuse_other_period(self, row: Row, label: str, words: str, value: str) -> None:
        """Raise UserError where the statement says that it is of other days than the month. What cannot be read says
        nothing: the lines' own days are looked at all the same."""
        first, last = month_days(self._month or "")
        if words in self._profile.period:
            stated = stated_period(value)
            if stated is not None and stated != (first, last):
                raise UserError(
                    "第 %(row)s 行“%(label)s”写的是 %(begin)s 到 %(end)s，不是完整的 %(month)s。"
                    "请核对月份，或者向银行索取这个月整月的对账单。",
                    row=row.number,
                    label=label.strip(),
                    begin=stated[0].isoformat(),
                    end=stated[1].isoformat(),
                    month=self._month,
                )
        for expected, labels in ((first, self._profile.begin), (last, self._profile.end)):
            day = stated_day(value) if words in labels else None
            if day is not None and day != expected:
                raise UserError(
                    "第 %(row)s 行“%(label)s”写的是 %(day)s，%(month)s 整月的对账单应为 %(expected)s。"
                    "请核对月份，或者向银行索取这个月整月的对账单。",
                    row=row.number,
                    label=label.strip(),
                    day=day.isoformat(),
                    month=self._month,
                    expected=expected.isoformat(),
                )

    def _line(self, row: Row) -> ReadLine | None:
        """A line of the table; None for what closes it or repeats its header."""
        day_text = self._cell(row, "day")
        found = _DAY.fullmatch(plain_without_spaces(day_text))
        if found is None:
            if self._is_furniture(row):
                return None
            raise _unreadable(row.number, self.titles["day"])
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise _unreadable(row.number, self.titles["day"]) from None
        debit, credit = self._money(row)
        card, tail = _card(self._cell(row, "card"))
        return ReadLine(
            row.number,
            day,
            debit,
            credit,
            self._amount(row, "balance"),
            self._cell(row, "name"),
            card,
            tail,
            self._cell(row, "summary")[:100],
            self._cell(row, "serial")[:60],
            self._cell(row, "reference")[:40],
        )

    def _is_furniture(self, row: Row) -> bool:
        """A total, a repeated header, a closing line: something other than a transaction."""
        first = next((cell for cell in row.cells if cell.strip()), "")
        words = label_of(first)
        known = {*self._profile.total, *self._profile.closing, *self._profile.opening, *self._profile.count}
        known |= {*self._profile.account, *self._profile.period, *self._profile.begin, *self._profile.end}
        return words in self._labels or any(words.startswith(label) for label in known)

    def _money(self, row: Row) -> tuple[int, int]:
        if "amount" in self._places:
            fen = self._amount(row, "amount")
            return (-fen, 0) if fen < 0 else (0, fen)
        debit, credit = (
            _fen(text, row.number, self.titles[name]) if (text := self._cell(row, name)) else 0
            for name in ("debit", "credit")
        )
        # Some banks reverse a payment by a negative amount on the same side.
        debit, credit = (debit, credit) if debit >= 0 else (0, credit - debit)
        debit, credit = (debit, credit) if credit >= 0 else (debit - credit, 0)
        if bool(debit) == bool(credit):
            raise UserError(
                "第 %(row)s 行的借方和贷方要有一个、也只能有一个金额。整个文件没有导入，请向银行核对。", row=row.number
            )
        return debit, credit

    def _amount(self, row: Row, name: str) -> int:
        return _fen(self._cell(row, name), row.number, self.titles[name])

    def _cell(self, row: Row, name: str) -> str:
        place = self._places.get(name)
        return row.cells[place].strip() if place is not None and place < len(row.cells) else ""


def _pairs(row: Row) -> Iterator[tuple[str, str]]:
    """Labels and values: in two cells side by side, or in one with a colon between them."""
    yield from zip(row.cells, row.cells[1:], strict=False)
    for cell in row.cells:
        label, colon, value = cell.replace("：", ":").partition(":")
        if colon and value.strip():
            yield label, value


def _unreadable(row: int, column: str) -> UserError:
    return UserError("第 %(row)s 行“%(column)s”认不出来。整个文件没有导入，请向银行核对。", row=row, column=column)


def _fen(text: str, row: int, column: str) -> int:
    fen, problem = parse_signed_yuan(text, from_number=True)
    if problem is not None or fen is None:
        raise _unreadable(row, column)
    return int(fen)


def _card(text: str) -> tuple[str, str]:
    """A whole card and its tail; a masked one tells its tail only."""
    words = plain_without_spaces(text)
    card, problem = check_card_number(words)
    if problem is None and card:
        return card, card[-4:]
    if _MASKED.fullmatch(words) and words[-4:].isdigit():
        # The account of an office is shorter or longer than a card: it is compared as it stands.
        return ("" if "*" in words else words), words[-4:]
    return "", ""


class _Sums:
    """Adds up a statement line by line."""

    def __init__(self, month: str) -> None:
        self._month = month
        self._first, self._last = month_days(month)
        self._opening: int | None = None
        self._balance = 0
        self._count = 0
        self._debits = 0

    def add(self, line: ReadLine, reader: StatementReader) -> None:
        """The next line; its ``reader`` knows the balance stated above the table, where it is. Raises UserError where
        the line is of another month, or its balance does not follow from the one before."""
        if self._opening is None:
            before = line.balance_fen + line.debit_fen - line.credit_fen
            self._opening = self._balance = before if reader.opening is None else reader.opening
        if not self._first <= line.day <= self._last:
            raise UserError(
                "第 %(row)s 行“%(column)s”是 %(day)s，不在 %(month)s。请核对月份，或者向银行索取这个月的对账单。",
                row=line.row,
                column=reader.titles["day"],
                day=line.day.isoformat(),
                month=self._month,
            )
        self._balance += line.credit_fen - line.debit_fen
        if self._balance != line.balance_fen:
            raise UserError(
                "对账单的余额从第 %(row)s 行起对不上：应为 %(expected)s 元，写的是 %(found)s 元。"
                "整个文件没有导入，请向银行核对。",
                row=line.row,
                expected=format_yuan(self._balance),
                found=format_yuan(line.balance_fen),
            )
        self._count += 1
        self._debits += line.debit_fen

    def head(self, reader: StatementReader) -> StatementHead:
        """The whole, once all lines are added. Raises UserError where what the statement says of itself is not so."""
        if not reader.account:
            raise UserError("对账单里没有写明账号。请在表头上方写明，或者向银行重新索取。")
        if self._opening is None:
            # A month without a line may have money in the book, and wants to be closed before the next.
            if reader.opening is None or reader.closing is None:
                raise UserError(
                    "对账单里没有一笔交易，也没有写明期初和期末余额。没有交易的月份，请向银行索取写明余额的对账单。"
                )
            self._opening = self._balance = reader.opening
        self._refuse_other(reader.opening, self._opening, reader.closing)
        if reader.stated_count is not None and reader.stated_count != self._count:
            raise UserError(
                "对账单写明 %(stated)s 笔，实际有 %(found)s 笔。整个文件没有导入，请向银行核对。",
                stated=reader.stated_count,
                found=self._count,
            )
        return StatementHead(reader.account, self._opening, self._balance, self._count, self._debits)

    def _refuse_other(self, stated_opening: int | None, opening: int, stated_closing: int | None) -> None:
        # The opening balance may be written below the table: only now is it known.
        expected = self._balance if stated_opening is None else self._balance + stated_opening - opening
        closing = self._balance if stated_closing is None else stated_closing
        if expected != closing:
            raise UserError(
                "期初余额加收入减支出是 %(expected)s 元，期末余额写的是 %(found)s 元，差 %(gap)s 元。"
                "整个文件没有导入，请向银行核对。",
                expected=format_yuan(expected),
                found=format_yuan(closing),
                gap=format_yuan(abs(expected - closing)),
            )
