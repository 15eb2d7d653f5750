"""What only a word explains needs a second official where it is much; until he has confirmed it, it is not settled."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations as disbursement
from disbursement.models import Rebooking
from reconciliation import board, operations, queries
from reconciliation.models import Difference, Month, SettlementLine, SettlementProposal
from reconciliation.rules import Limits, Resolution, Setting
from tests import factories
from tests.core.together import together
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement

WHY = "银行来函已逐笔核实"


@pytest.fixture
def statement(book: Book) -> BankStatement:
    """Two of six have a line."""
    made = BankStatement()
    for attempt in book.attempts[:2]:
        made.pay(attempt)
    return made


@pytest.fixture
def month(book: Book, statement: BankStatement) -> Month:
    """Four payments without a line; one official settles no more than three alone."""
    operations.choose_setting(book.chief, Setting.LINES, "3", "局务会纪要", at=CLOSING)
    found = book.take_in(statement)
    db.session.commit()
    return found


def ids() -> list[int]:
    return list(db.session.scalars(select(Difference.id).order_by(Difference.id)))


def settle(book: Book, month: Month, wanted: list[int], by: Principal | None = None) -> int:
    way = Resolution.CONFIRMED_BY_BANK
    return operations.resolve_differences(by or book.finance, month, wanted, way, WHY, at=CLOSING)


def proposal() -> SettlementProposal:
    return db.session.scalars(select(SettlementProposal).order_by(SettlementProposal.id.desc()).limit(1)).one()


def entries(action: str) -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)) or 0


def titles(app: Flask, principal: Principal) -> list[str]:
    with app.test_request_context():
        return [item.title for item in board.items(principal, date(2020, 8, 3))]


# --- When ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fens", "before", "needed"),
    [
        ([100] * 20, (0, 0), False),
        ([100] * 21, (0, 0), True),
        ([100], (20, 2_000), True),
        ([100], (19, 1_900), False),
        ([600_000, 400_000], (0, 0), False),
        ([600_000, 400_001], (0, 0), True),
        ([1], (1, 1_000_000), True),
        ([500_001], (0, 0), True),
        ([], (50, 5_000_000), False),
    ],
)
def test_the_limits(fens: list[int], before: tuple[int, int], needed: bool) -> None:
    limits = Limits(20, 1_000_000, 600_000 if 600_000 in fens else 500_000)
    assert limits.need_second(fens, alone_lines=before[0], alone_fen=before[1]) is needed


@given(fens=st.lists(st.integers(1, 2_000_000), min_size=1, max_size=40), cut=st.integers(0, 40))
def test_no_splitting_gets_round_them(fens: list[int], cut: int) -> None:
    limits, first, rest = Limits(20, 1_000_000, 1_000_000), fens[:cut], fens[cut:]
    whole = limits.need_second(fens, alone_lines=0, alone_fen=0)
    alone = limits.need_second(first, alone_lines=0, alone_fen=0) if first else False
    after = limits.need_second(rest, alone_lines=len(first), alone_fen=sum(first)) if rest else False
    assert whole == (alone or after)


def test_a_few_are_settled_alone_and_the_next_is_not(book: Book, month: Month) -> None:
    first, *others = ids()
    settle(book, month, others)
    assert queries.open_difference_count(month) == 1
    settle(book, month, [first])
    assert (queries.open_difference_count(month), proposal().state, proposal().line_count) == (1, "proposed", 1)
    # Another official has his own three.
    operations.withdraw_settlement(book.finance, proposal(), WHY, at=CLOSING)
    settle(book, month, [first], book.chief)
    assert queries.open_difference_count(month) == 0


@pytest.mark.parametrize(("name", "yuan"), [(Setting.TOGETHER, "800.00"), (Setting.SINGLE, "269.99")])
def test_the_sum_counts_as_well(book: Book, month: Month, name: Setting, yuan: str) -> None:
    operations.choose_setting(book.chief, name, yuan, WHY, at=CLOSING)
    settle(book, month, ids()[:3])
    assert (proposal().state, int(proposal().total_fen)) == ("proposed", 81_000)


def test_what_the_statement_itself_tells_needs_no_second(book: Book, statement: BankStatement) -> None:
    operations.choose_setting(book.chief, Setting.LINES, "1", WHY, at=CLOSING)
    for attempt in book.attempts[2:6]:
        statement.pay(attempt)
    for attempt in book.attempts[:3]:
        statement.give_back(attempt)
    month = book.take_in(statement)
    operations.resolve_differences(book.finance, month, ids(), Resolution.BANK_RETURN, WHY, at=CLOSING)
    assert queries.open_difference_count(month) == 0
    assert db.session.scalar(select(SettlementProposal.id)) is None


# --- Two officials ---------------------------------------------------------------------------------


def test_it_is_not_settled_before_another_official_has_confirmed_it(app: Flask, book: Book, month: Month) -> None:
    assert settle(book, month, ids()) == 4
    assert queries.open_difference_count(month) == 4
    assert queries.waiting_difference_count(month) == 0
    with pytest.raises(UserError, match="4 条差异"):
        operations.sign_month(book.county.department, month, at=CLOSING)
    with pytest.raises(Conflict, match="等待另一位同事复核"):
        settle(book, month, ids()[:1])
    assert titles(app, book.chief) == ["复核对账差异的处理"]
    assert titles(app, book.finance) == []
    assert operations.confirm_settlement(book.chief, proposal(), at=CLOSING) == 4
    settled = db.session.scalars(select(Difference)).all()
    assert {one.resolved_by for one in settled} == {book.finance.recorded_name}
    assert {one.confirmed_by for one in settled} == {book.chief.recorded_name}
    assert {(one.resolution, one.reason) for one in settled} == {("confirmed_by_bank", WHY)}
    assert (entries("settlement.propose"), entries("settlement.confirm"), entries("difference.resolve")) == (1, 1, 0)
    # What two have said is not counted as what one has said alone.
    assert queries.settled_alone(book.finance, month) == (0, 0)
    book.sign_all(month)
    operations.close_month(book.chief, month, at=CLOSING)


def test_whoever_proposed_it_does_not_decide_it_nor_does_a_preparer(book: Book, month: Month) -> None:
    settle(book, month, ids())
    preparer = factories.principal(Kind.FINANCE, Role.PREPARER)
    for act in (
        lambda who: operations.confirm_settlement(who, proposal(), at=CLOSING),
        lambda who: operations.refuse_settlement(who, proposal(), WHY, at=CLOSING),
    ):
        with pytest.raises(PermissionDenied, match="另一位同事"):
            act(book.finance)
        for other in (preparer, book.bank, book.county.department):
            with pytest.raises(PermissionDenied):
                act(other)
    assert queries.open_difference_count(month) == 4


def test_it_is_refused_with_a_reason_or_taken_back(book: Book, month: Month) -> None:
    settle(book, month, ids())
    with pytest.raises(UserError, match="理由"):
        operations.refuse_settlement(book.chief, proposal(), "", at=CLOSING)
    operations.refuse_settlement(book.chief, proposal(), "函件只说了三笔", at=CLOSING)
    assert (proposal().state, proposal().decided_by) == ("refused", book.chief.recorded_name)
    assert queries.waiting_difference_count(month) == 4
    settle(book, month, ids())
    operations.withdraw_settlement(book.finance, proposal(), "重新核对", at=CLOSING)
    with pytest.raises(Conflict):
        operations.confirm_settlement(book.chief, proposal(), at=CLOSING)
    assert queries.open_difference_count(month) == 4


def test_what_two_have_said_is_taken_back_like_any_word(book: Book, month: Month) -> None:
    settle(book, month, ids())
    operations.confirm_settlement(book.chief, proposal(), at=CLOSING)
    operations.undo_resolutions(book.finance, month, ids(), WHY, at=CLOSING)
    assert set(db.session.scalars(select(Difference.confirmed_by))) == {""}
    settle(book, month, ids())
    assert proposal().state == "proposed"


def test_what_was_carried_over_ends_by_two_as_well(book: Book, month: Month) -> None:
    operations.resolve_differences(book.finance, month, ids(), Resolution.NEXT_MONTH, WHY, at=CLOSING)
    operations.confirm_settlement(book.chief, proposal(), at=CLOSING)
    book.close(month)
    august = operations.month_named("2020-08", at=CLOSING)
    way = Resolution.CONFIRMED_BY_BANK
    assert operations.settle_carried(book.finance, august, ids(), way, WHY, at=CLOSING) == 4
    assert (queries.carried_count(august), proposal().is_carried) == (4, True)
    assert operations.confirm_settlement(book.chief, proposal(), at=CLOSING) == 4
    assert queries.carried_count(august) == 0


# --- While it waits --------------------------------------------------------------------------------


def test_matching_anew_takes_with_it_what_is_no_longer_there(
    book: Book, month: Month, statement: BankStatement
) -> None:
    settle(book, month, ids())
    operations.reconcile(book.finance, month, at=CLOSING)
    assert proposal().state == "proposed"
    statement.pay(book.attempts[2])
    book.take_in(statement, replace=True)
    db.session.expire_all()
    assert (proposal().state, queries.waiting_difference_count(month)) == ("lapsed", 3)
    assert db.session.scalar(select(func.count()).select_from(SettlementLine)) == 3
    with pytest.raises(Conflict):
        operations.confirm_settlement(book.chief, proposal(), at=CLOSING)


def test_a_rebooking_takes_its_place(book: Book, month: Month) -> None:
    settle(book, month, ids())
    disbursement.propose_denial(book.finance, [book.attempts[2].id], WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, db.session.scalars(select(Rebooking)).one(), at=CLOSING)
    db.session.expire_all()
    assert (proposal().state, queries.waiting_difference_count(month)) == ("lapsed", 3)


def press_both(app: Flask, month: Month, *works: Callable[[], object]) -> list[object]:
    db.session.commit()
    return together(app, *works)


def test_two_who_confirm_at_once(app: Flask, book: Book, month: Month) -> None:
    settle(book, month, ids())
    number, other = proposal().id, factories.principal(Kind.FINANCE, Role.APPROVER)

    def confirm(principal: Principal) -> int:
        return operations.confirm_settlement(principal, db.session.get_one(SettlementProposal, number), at=CLOSING)

    results = press_both(app, month, lambda: confirm(book.chief), lambda: confirm(other))
    assert [type(one) for one in results if isinstance(one, Exception)] == [Conflict]
    db.session.rollback()
    assert entries("settlement.confirm") == 1
    assert len(set(db.session.scalars(select(Difference.confirmed_by)))) == 1


def test_one_confirms_and_another_refuses_at_once(app: Flask, book: Book, month: Month) -> None:
    settle(book, month, ids())
    number, other = proposal().id, factories.principal(Kind.FINANCE, Role.APPROVER)

    def found() -> SettlementProposal:
        return db.session.get_one(SettlementProposal, number)

    results = press_both(
        app,
        month,
        lambda: operations.confirm_settlement(book.chief, found(), at=CLOSING),
        lambda: operations.refuse_settlement(other, found(), WHY, at=CLOSING),
    )
    assert sum(isinstance(one, Conflict) for one in results) == 1
    db.session.rollback()
    assert entries("settlement.confirm") + entries("settlement.refuse") == 1


def test_two_who_propose_at_once(app: Flask, book: Book, month: Month) -> None:
    month_id, wanted = month.id, ids()

    def say(principal: Principal) -> int:
        return settle(book, db.session.get_one(Month, month_id), wanted, principal)

    results = press_both(app, month, lambda: say(book.finance), lambda: say(book.chief))
    assert sum(isinstance(one, Conflict) for one in results) == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(SettlementProposal)) == 1
