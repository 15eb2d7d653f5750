"""What a statement must add up to, and what is refused whole."""

from datetime import date

import pytest
from sqlalchemy import func, select

from core.database import db
from core.errors import Conflict, UserError
from reconciliation import operations, queries
from reconciliation.models import Statement, StatementLine
from reconciliation.profiles import BUILT_IN
from reconciliation.statements import StatementHead, check_statement, statement_lines
from tests.reconciliation.conftest import Book, month_end
from tests.reconciliation.statements import BankLine, BankStatement

SAMPLE = BUILT_IN["sample"]


@pytest.fixture
def statement() -> BankStatement:
    made = BankStatement()
    for debit, credit in ((10_000, 0), (0, 1), (250, 0)):
        made.other(debit=debit, credit=credit, name="张三", card="6217002572034294702")
    return made


def refused(content: bytes, month: str = "2020-07") -> str:
    with pytest.raises(UserError) as error:
        check_statement(SAMPLE, content, month)
    return str(error.value)


def test_a_statement_that_adds_up_is_read(statement: BankStatement) -> None:
    head = check_statement(SAMPLE, statement.content(), "2020-07")
    assert head == StatementHead("2213456700009999", 10_000_000, 9_989_751, 3, 10_250)
    lines = list(statement_lines(SAMPLE, statement.content()))
    assert [(line.debit_fen, line.credit_fen) for line in lines] == [(10_000, 0), (0, 1), (250, 0)]
    assert (lines[0].card, lines[0].card_tail, lines[0].serial) == ("6217002572034294702", "4702", "2020-07-1")


def test_one_signed_column_says_the_same_as_two(statement: BankStatement) -> None:
    signed, plain = BUILT_IN["signed"], statement.content()
    both = statement.content(signed=True)
    assert check_statement(signed, both, "2020-07") == check_statement(SAMPLE, plain, "2020-07")
    assert list(statement_lines(signed, both)) == list(statement_lines(SAMPLE, plain))


def test_a_wrong_balance_names_its_first_line_and_the_difference(statement: BankStatement) -> None:
    wrong = statement.content().replace(b"99,900.01", b"99,900.02")
    assert "第 5 行" in refused(wrong) and "99,900.01" in refused(wrong)


def test_a_wrong_closing_balance_names_the_difference(statement: BankStatement) -> None:
    assert "0.01" in refused(statement.content(closing=statement.closing + 1))


def test_a_wrong_count_is_refused(statement: BankStatement) -> None:
    assert "4 笔" in refused(statement.content(count=4))


def test_a_line_of_another_month_is_refused(statement: BankStatement) -> None:
    assert "2020-08" in refused(statement.content(), "2020-08")
    statement.other(debit=1, day=date(2020, 8, 1))
    assert "第 7 行" in refused(statement.content())


@pytest.mark.parametrize("both", [(1, 1), (0, 0)])
def test_a_line_with_both_amounts_or_none_is_refused(statement: BankStatement, both: tuple[int, int]) -> None:
    statement.lines.append(BankLine(date(2020, 7, 15), *both))
    assert "第 7 行" in refused(statement.content())


def test_a_file_that_is_no_statement_is_refused() -> None:
    assert "表头" in refused("姓名,金额\n张三,1\n".encode())
    without_opening = BankStatement().content().decode("gb18030").replace("期初余额", "")
    assert "一笔交易" in refused(without_opening.encode("gb18030"))


def test_a_statement_without_an_account_is_refused(statement: BankStatement) -> None:
    assert "账号" in refused(statement.content().replace("账号,221".encode("gb18030"), "号,221".encode("gb18030"), 1))


# --- Taken in ------------------------------------------------------------------------------------


def taken(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_same_bytes_again_change_nothing(book: Book, statement: BankStatement) -> None:
    month = book.take_in(statement)
    before = (taken(Statement), taken(StatementLine), month.matched_at)
    again = operations.import_statement(book.finance, "sample", statement.content(), "2020-07", at=month_end("2020-08"))
    assert again.already_imported
    db.session.expire_all()
    assert (taken(Statement), taken(StatementLine), month.matched_at) == before


def test_another_statement_of_the_account_and_month_only_replaces_when_told_to(
    book: Book, statement: BankStatement
) -> None:
    month = book.take_in(statement)
    statement.other(debit=1)
    with pytest.raises(Conflict, match="已经有对账单"):
        book.take_in(statement)
    book.take_in(statement, replace=True)
    assert [one.line_count for one in queries.statements_of(month)] == [4]
    assert taken(Statement) == 2


def test_a_month_begins_where_the_one_before_ended(book: Book, statement: BankStatement) -> None:
    book.take_in(statement)
    august = BankStatement("2020-08", opening=statement.closing + 1)
    august.other(debit=1, day=date(2020, 8, 1))
    with pytest.raises(UserError, match=r"差 0\.01 元"):
        book.take_in(august)
    august.opening -= 1
    book.take_in(august)
    june = BankStatement("2020-06", opening=5)
    june.other(credit=1, day=date(2020, 6, 1))
    with pytest.raises(UserError, match="2020-07 的期初余额"):
        book.take_in(june)


def test_two_accounts_of_one_month_stand_side_by_side(book: Book, statement: BankStatement) -> None:
    month = book.take_in(statement)
    other = BankStatement(account="2213456700008888", opening=7)
    other.other(credit=3, summary="结息")
    book.take_in(other)
    assert len(queries.statements_of(month)) == 2
    sides = queries.sides_of(month)
    assert (sides.opening, sides.closing) == (statement.opening + 7, statement.closing + 10)


def test_nothing_of_a_person_is_readable_in_the_database(book: Book, statement: BankStatement) -> None:
    book.take_in(statement)
    raw = db.session.connection().exec_driver_sql("SELECT name, card, card_tail FROM statement_lines").all()
    assert {row[2] for row in raw} == {"4702"}
    assert not any("张三" in str(row[0]) or "6217002572034294702" in str(row[1]) for row in raw)
    account = db.session.connection().exec_driver_sql("SELECT account FROM statements").scalar_one()
    assert "2213456700009999" not in str(account)
