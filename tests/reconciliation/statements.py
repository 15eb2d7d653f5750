"""Statements as a bank would write them, for tests: a line at a time, with balances that run."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.money import format_yuan
from disbursement.models import Attempt

DAY = date(2020, 7, 15)


@dataclass(frozen=True)
class BankLine:
    """One line; money out or in, in fen."""

    day: date
    debit: int = 0
    credit: int = 0
    name: str = ""
    card: str = ""
    summary: str = "代发补贴"
    serial: str = ""
    reference: str = ""


@dataclass
class BankStatement:
    """A month of an account."""

    month: str = "2020-07"
    opening: int = 10_000_000
    account: str = "2213456700009999"
    lines: list[BankLine] = field(default_factory=list)

    def pay(self, attempt: Attempt, *, fen: int | None = None, day: date = DAY, **more: str) -> BankLine:
        """Money out to the card of an attempt."""
        known: dict[str, Any] = {"name": attempt.payee_name, "card": attempt.card_number} | more
        return self._add(BankLine(day, debit=attempt.amount_fen if fen is None else fen, **known))

    def give_back(self, attempt: Attempt, *, fen: int | None = None, day: date = DAY, **more: str) -> BankLine:
        """Money that came back from the card of an attempt."""
        known: dict[str, Any] = {"name": attempt.payee_name, "card": attempt.card_number, "summary": "代发退回"} | more
        return self._add(BankLine(day, credit=attempt.amount_fen if fen is None else fen, **known))

    def other(self, *, debit: int = 0, credit: int = 0, day: date = DAY, **more: str) -> BankLine:
        """Anything else."""
        return self._add(BankLine(day, debit, credit, **more))

    def _add(self, line: BankLine) -> BankLine:
        numbered = BankLine(**{**line.__dict__, "serial": f"{self.month}-{len(self.lines) + 1}"})
        self.lines.append(numbered)
        return numbered

    @property
    def closing(self) -> int:
        """The balance at its end."""
        return self.opening + sum(line.credit - line.debit for line in self.lines)

    def content(self, *, signed: bool = False, closing: int | None = None, count: int | None = None) -> bytes:
        """The file: two columns for amounts, or one with a sign; ``closing`` and ``count`` may lie."""
        out = io.StringIO(newline="")
        rows = csv.writer(out)
        rows.writerow(["账号", self.account, "户名", "会东县一卡通代发专户", "期间", self.month])
        rows.writerow(["期初余额", format_yuan(self.opening)])
        money = ["发生额"] if signed else ["借方发生额", "贷方发生额"]
        rows.writerow(["交易日期", *money, "余额", "对方户名", "对方账号", "摘要", "流水号", "我方流水号"])
        balance = self.opening
        for line in self.lines:
            balance += line.credit - line.debit
            paid, came = (format_yuan(fen) if fen else "" for fen in (line.debit, line.credit))
            amounts = [f"-{paid}" if paid else came] if signed else [paid, came]
            about = [line.name, line.card, line.summary, line.serial, line.reference]
            rows.writerow([line.day.isoformat(), *amounts, format_yuan(balance), *about])
        told = self.closing if closing is None else closing
        rows.writerow(["期末余额", format_yuan(told), "笔数", len(self.lines) if count is None else count])
        return out.getvalue().encode("gb18030")
