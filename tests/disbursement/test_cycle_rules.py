"""What a correction may change, whose step it is, and what is late: decisions without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.evidence import read_evidence
from disbursement.failure_reasons import FAILURE_REASONS
from disbursement.rules import (
    OWNER_OF,
    PAYMENT_WORKFLOW,
    Account,
    Change,
    Owner,
    check_month,
    checked_note,
    checked_voucher,
    corrected,
    failure_cycle,
    is_late,
    month_of,
)

OWN = Account("张三丰", "张三丰", "6217001200000000001")
GUARDED = Account("张小宝", "李监护", "6217001200000000001")
NEW_CARD = "6217001200000000002"


@pytest.mark.parametrize(
    ("before", "change", "kind", "after", "document"),
    [
        (OWN, Change(card=NEW_CARD), "card", Account("张三丰", "张三丰", NEW_CARD), False),
        (OWN, Change(card="6217 0012 0000 0000 002"), "card", Account("张三丰", "张三丰", NEW_CARD), False),
        (OWN, Change(payee="张三峰"), "name", Account("张三峰", "张三峰", OWN.card), False),
        (OWN, Change(card=NEW_CARD, payee="张三峰"), "card_and_name", Account("张三峰", "张三峰", NEW_CARD), False),
        (OWN, Change(payee="王五"), "name", Account("王五", "王五", OWN.card), True),
        (OWN, Change(payee="王五", other_person=True), "payee", Account("张三丰", "王五", OWN.card), True),
        (OWN, Change(done_at_bank=True), "at_bank", OWN, False),
        (GUARDED, Change(card=NEW_CARD, other_person=True), "card", Account("张小宝", "李监护", NEW_CARD), False),
        (GUARDED, Change(payee="李监户", other_person=True), "payee", Account("张小宝", "李监户", OWN.card), True),
        # To his own card at last: nobody else gets the money, so that no document is asked for.
        (GUARDED, Change(card=NEW_CARD), "payee", Account("张小宝", "张小宝", NEW_CARD), False),
    ],
)
def test_what_a_change_makes_of_an_account(
    before: Account, change: Change, kind: str, after: Account, document: bool
) -> None:
    found = corrected(before, change)
    assert (found.kind.value, found.account, found.needs_evidence) == (kind, after, document)


@pytest.mark.parametrize(
    ("before", "change", "words"),
    [
        (OWN, Change(), "没有变化"),
        (OWN, Change(card=OWN.card), "没有变化"),
        (OWN, Change(payee=" 张三丰 "), "没有变化"),
        (OWN, Change(card="12"), "新卡号不对"),
        (OWN, Change(card="62170A1200000000001"), "新卡号不对"),
        (OWN, Change(card=NEW_CARD, other_person=True), "不能相同"),
        (GUARDED, Change(payee="王五"), "本人的姓名"),
    ],
)
def test_changes_that_cannot_be(before: Account, change: Change, words: str) -> None:
    with pytest.raises(UserError, match=words):
        corrected(before, change)


@given(st.text(max_size=20), st.text(max_size=20), st.booleans(), st.booleans())
def test_whatever_is_typed_money_goes_to_another_only_with_a_document(
    card: str, payee: str, other: bool, at_bank: bool
) -> None:
    for before in (OWN, GUARDED):
        try:
            found = corrected(before, Change(card, payee, other, at_bank))
        except UserError:
            continue
        assert found.account.card.isdigit()
        assert found.account.is_own != other
        if other and found.account.payee != before.payee:
            assert found.needs_evidence
        if not found.account.is_own:
            assert found.account.name == before.name


def test_a_note_says_something() -> None:
    assert checked_note("  看过新卡  ") == "看过新卡"
    for note in ("", "   ", "新卡"):
        with pytest.raises(UserError):
            checked_note(note)


@given(st.dates(date(2019, 1, 1), date(2040, 12, 31)), st.integers(-40, 40))
def test_a_step_is_in_time_through_its_day(recorded: date, days: int) -> None:
    cycle = failure_cycle(recorded)
    done = cycle.correct_by + timedelta(days=days)
    assert is_late(cycle.correct_by, done, recorded) == (days > 0)
    assert is_late(cycle.correct_by, None, done) == (days > 0)
    assert cycle.month == month_of(cycle.reissue_by) == check_month(cycle.month)


@pytest.mark.parametrize("month", ["", "2020", "2020-13", "2020-00", "202007", "2020-7", "1999-01", "２０２０-07"])
def test_other_words_are_no_month(month: str) -> None:
    with pytest.raises(UserError, match="年-月"):
        check_month(month)


def test_every_state_of_the_cycle_has_its_office_and_unclear_is_the_banks() -> None:
    assert set(OWNER_OF) <= set(PAYMENT_WORKFLOW.states())
    assert OWNER_OF["unclear"] == Owner.BANK
    assert not PAYMENT_WORKFLOW.find("unclear", "correct")
    assert {t.target for t in PAYMENT_WORKFLOW.transitions if t.action == "correct"} == {"corrected"}


def test_every_reason_has_a_remedy_in_a_word() -> None:
    assert all(0 < len(reason.remedy) <= 8 for reason in FAILURE_REASONS)


def test_a_voucher_is_dated_between_approval_and_today() -> None:
    first, today = date(2020, 7, 17), date(2020, 7, 20)
    for on in (first, today):
        assert checked_voucher(" 退1 ", on, first, today) == "退1"
    for number, on in (("", first), ("x" * 61, first), ("退1", date(2020, 7, 16)), ("退1", date(2020, 7, 21))):
        with pytest.raises(UserError):
            checked_voucher(number, on, first, today)


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("委托书.exe", b"%PDF-1.4", "委托书.pdf"),
        ("..\\..\\卡.jpg", b"\xff\xd8\xff\xe0" + b"0" * 40, "卡.jpg"),
        ("", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "依据.png"),
    ],
)
def test_a_document_is_named_after_what_it_is(name: str, content: bytes, kept: str) -> None:
    assert read_evidence(name, content).filename == kept


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>", b"%PDF" + b"0" * (10 << 20)])
def test_other_documents_are_refused(content: bytes) -> None:
    with pytest.raises(UserError, match="依据材料"):
        read_evidence("x.pdf", content)
