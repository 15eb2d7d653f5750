"""Finds the credits by which the money of return orders came back to the account."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from core.bulk import among, update_columns
from core.database import db
from disbursement.models import Attempt, ReturnOrder
from reconciliation.models import Month, StatementLine
from reconciliation.rules import CreditedReturn, CreditLine, LineClass, answer_returns, book_days


def match_returns(month: Month, statements: Sequence[int]) -> None:
    """Class the credits of these statements that are the money of a return order. Orders are few, and so are the lines
    of their sums."""
    orders = _orders(month)
    lines = _lines(statements, sorted({one.fen for one in orders})) if orders else []
    found = answer_returns(lines, orders)
    if found:
        columns = {
            "id": list(found.values()),
            "kind": LineClass.RETURN_CREDITED.value,
            "return_order_id": list(found),
        }
        update_columns(StatementLine, "id", columns)


def _orders(month: Month) -> list[CreditedReturn]:
    first, last = book_days(month.month)
    answered = exists().where(StatementLine.return_order_id == ReturnOrder.id)
    rows = db.session.execute(
        select(ReturnOrder.id, ReturnOrder.total_fen, ReturnOrder.voucher_number, ReturnOrder.voucher_on).where(
            ReturnOrder.state == "credited", ReturnOrder.voucher_on.between(first, last), ~answered
        )
    )
    return [CreditedReturn(number, int(fen), voucher, day) for number, fen, voucher, day in rows if day is not None]


def _lines(statements: Sequence[int], fens: Sequence[int]) -> list[CreditLine]:
    rows = db.session.execute(
        select(
            StatementLine.id,
            StatementLine.credit_fen,
            StatementLine.day,
            StatementLine.serial,
            StatementLine.summary,
            StatementLine.card_index,
            StatementLine.card_tail,
            exists().where(Attempt.card_index == StatementLine.card_index).label("is_known"),
        ).where(
            StatementLine.statement_id.in_(statements), StatementLine.kind == "", among(StatementLine.credit_fen, fens)
        )
    )
    return [
        CreditLine(
            row.id,
            int(row.credit_fen),
            row.day,
            row.serial,
            row.summary,
            # Of a masked card nobody knows whose it is.
            bool(row.is_known) or (row.card_index is None and row.card_tail != ""),
        )
        for row in rows
    ]
