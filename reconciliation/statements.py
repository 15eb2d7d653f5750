"""Reads a bank's statement. Balances and totals are enforced: a file that does not add up is refused whole, with the
first line at which it breaks (design §4)."""

import re
from collections.abc import Iterator, Sequence
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
from reconciliation.rules import month_days

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
class ReadStatement:
    """A statement that adds up."""

    account: str
    opening_fen: int
    closing_fen: int
    lines: list[ReadLine]


def read_statement(profile: StatementProfile, content: bytes, month: str) -> ReadStatement:
    """Read the statement of a month (YYYY-MM). Raises UserError for a file that is no such statement, is of another
    month, or whose lines, balances and counts do not agree."""
    with open_table(content) as table:
        for sheet in table.sheets():
            reader = _Reader(profile)
            found = reader.read(sheet.rows())
            if found is not None:
                _check(found, reader, month)
                return found
    raise UserError("文件里没有找到对账单的表头（至少要有日期、金额和余额三列）。请检查是否选错了文件或格式。")


class _Reader:
    def __init__(self, profile: StatementProfile) -> None:
        self._profile = profile
        self._labels = {label_of(word): name for name, words in profile.columns.items() for word in words}
        self._places: dict[str, int] = {}
        self.stated_count: int | None = None
        self._account = ""
        self._opening: int | None = None
        self._closing: int | None = None

    def read(self, rows: Iterator[Row]) -> ReadStatement | None:
        """The statement of a sheet; None for a sheet without a header."""
        lines: list[ReadLine] = []
        for row in rows:
            if not self._places:
                self._note(row)
                self._find_header(row)
            elif (line := self._line(row)) is not None:
                lines.append(line)
            else:
                self._note(row)
        if not self._places:
            return None
        if not self._account:
            raise UserError("对账单里没有写明账号。请在表头上方写明，或者向银行重新索取。")
        if not lines:
            raise UserError("对账单里没有一笔交易。没有交易的月份不需要导入。")
        opening = self._opening
        if opening is None:
            opening = lines[0].balance_fen + lines[0].debit_fen - lines[0].credit_fen
        closing = lines[-1].balance_fen if self._closing is None else self._closing
        return ReadStatement(self._account, opening, closing, lines)

    def _find_header(self, row: Row) -> None:
        places: dict[str, int] = {}
        for place, cell in enumerate(row.cells):
            name = self._labels.get(label_of(cell))
            if name is not None:
                places.setdefault(name, place)
        money = {"amount"} if "amount" in self._profile.columns else {"debit", "credit"}
        if places.keys() >= {"day", "balance"} | money:
            self._places = places

    def _note(self, row: Row) -> None:
        """What labels above and below the table say."""
        for label, value in zip(row.cells, row.cells[1:], strict=False):
            words = label_of(label)
            if words in self._profile.account and not self._account:
                self._account = plain_without_spaces(value)
            elif words in self._profile.opening:
                self._opening = _fen(value, row.number)
            elif words in self._profile.closing:
                self._closing = _fen(value, row.number)
            elif words in self._profile.count and plain_without_spaces(value).isdigit():
                self.stated_count = int(plain_without_spaces(value))

    def _line(self, row: Row) -> ReadLine | None:
        """A line of the table; None for what closes it or repeats its header."""
        day_text = self._cell(row, "day")
        found = _DAY.fullmatch(plain_without_spaces(day_text))
        if found is None:
            if self._is_furniture(row):
                return None
            raise UserError("第 %(row)s 行的日期认不出来。整个文件没有导入，请向银行核对。", row=row.number)
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise UserError("第 %(row)s 行的日期认不出来。整个文件没有导入，请向银行核对。", row=row.number) from None
        debit, credit = self._money(row)
        card, tail = _card(self._cell(row, "card"))
        return ReadLine(
            row.number,
            day,
            debit,
            credit,
            _fen(self._cell(row, "balance"), row.number),
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
        known |= {*self._profile.account, *self._profile.period}
        return words in self._labels or any(words.startswith(label) for label in known)

    def _money(self, row: Row) -> tuple[int, int]:
        if "amount" in self._places:
            fen = _fen(self._cell(row, "amount"), row.number)
            return (-fen, 0) if fen < 0 else (0, fen)
        debit, credit = (
            _fen(text, row.number) if (text := self._cell(row, name)) else 0 for name in ("debit", "credit")
        )
        # Some banks reverse a payment by a negative amount on the same side.
        debit, credit = (debit, credit) if debit >= 0 else (0, credit - debit)
        debit, credit = (debit, credit) if credit >= 0 else (debit - credit, 0)
        if bool(debit) == bool(credit):
            raise UserError(
                "第 %(row)s 行的借方和贷方要有一个、也只能有一个金额。整个文件没有导入，请向银行核对。", row=row.number
            )
        return debit, credit

    def _cell(self, row: Row, name: str) -> str:
        place = self._places.get(name)
        return row.cells[place].strip() if place is not None and place < len(row.cells) else ""


def _fen(text: str, row: int) -> int:
    fen, problem = parse_signed_yuan(text, from_number=True)
    if problem is not None or fen is None:
        raise UserError("第 %(row)s 行的金额认不出来。整个文件没有导入，请向银行核对。", row=row)
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


def _check(found: ReadStatement, reader: _Reader, month: str) -> None:
    first, last = month_days(month)
    balance = found.opening_fen
    for line in found.lines:
        if not first <= line.day <= last:
            raise UserError(
                "第 %(row)s 行的日期不在 %(month)s。请核对月份，或者向银行索取这个月的对账单。",
                row=line.row,
                month=month,
            )
        balance += line.credit_fen - line.debit_fen
        if balance != line.balance_fen:
            raise UserError(
                "对账单的余额从第 %(row)s 行起对不上：应为 %(expected)s 元，写的是 %(found)s 元。"
                "整个文件没有导入，请向银行核对。",
                row=line.row,
                expected=format_yuan(balance),
                found=format_yuan(line.balance_fen),
            )
    if balance != found.closing_fen:
        raise UserError(
            "期初余额加收入减支出是 %(expected)s 元，期末余额写的是 %(found)s 元，差 %(gap)s 元。"
            "整个文件没有导入，请向银行核对。",
            expected=format_yuan(balance),
            found=format_yuan(found.closing_fen),
            gap=format_yuan(abs(balance - found.closing_fen)),
        )
    _check_count(found.lines, reader.stated_count)


def _check_count(lines: Sequence[ReadLine], stated: int | None) -> None:
    if stated is not None and stated != len(lines):
        raise UserError(
            "对账单写明 %(stated)s 笔，实际有 %(found)s 笔。整个文件没有导入，请向银行核对。",
            stated=stated,
            found=len(lines),
        )
