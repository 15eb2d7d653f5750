"""Statements as a bank writes them, with balances that add up."""

from collections.abc import Iterable
from dataclasses import dataclass

from disbursement.models import Attempt


@dataclass(frozen=True)
class Entry:
    """One line: ``fen`` is paid out where it is negative."""

    fen: int
    card: str = ""
    name: str = ""
    day: str = "2020-07-15"
    summary: str = "代发补贴"


def debit(attempt: Attempt, *, fen: int | None = None, day: str = "2020-07-15") -> Entry:
    """What the bank books when it pays an attempt."""
    return Entry(-(attempt.amount_fen if fen is None else fen), attempt.card_number, attempt.payee_name, day)


def statement_text(entries: Iterable[Entry], *, opening: int = 100_000_00, account: str = "2213456700009999") -> bytes:
    """A statement of July 2020 in the sample's format."""
    balance, rows = opening, []
    for number, entry in enumerate(entries, 1):
        balance += entry.fen
        paid, received = (_yuan(-entry.fen), "") if entry.fen < 0 else ("", _yuan(entry.fen))
        names = (entry.name, entry.card, entry.summary, f"N{number:06d}")
        rows.append(",".join((entry.day, "10:00:00", paid, received, _yuan(balance), *names)))
    head = (
        f"账号,{account},户名,会东县一卡通代发专户,期间,2020-07-01至2020-07-31",
        f"期初余额,{_yuan(opening)}",
        "交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号",
    )
    return "\r\n".join((*head, *rows, f"期末余额,{_yuan(balance)},笔数,{len(rows)}", "")).encode("gb18030")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
