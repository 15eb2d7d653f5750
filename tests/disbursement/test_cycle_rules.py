"""What a correction may change, whose step it is, what is late, and when money goes back: decisions without a
database."""

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
    checked_note,
    checked_voucher,
    corrected,
    failure_cycle,
    is_late,
    month_of,
    return_due,
)
from programmes.rules import Frequency
from registry.rules import WrongCheckDigit

DAY = timedelta(days=1)
OWN = Account("张三丰", "张三丰", "6217001200000400001")
GUARDED = Account("张小宝", "李监护", "6217001200000400001")
NEW_CARD = "6217001200000800002"
TWO = Account("张三", "张三", OWN.card)
LONG = Account("张三丰收年", "张三丰收年", OWN.card)
YI_CHILD = Account("阿西·木呷", "李监护", OWN.card)


@pytest.mark.parametrize(
    ("before", "change", "kind", "after", "document"),
    [
        (OWN, Change(card=NEW_CARD), "card", Account("张三丰", "张三丰", NEW_CARD), False),
        (OWN, Change(card="6217 0012 0000 0800 002"), "card", Account("张三丰", "张三丰", NEW_CARD), False),
        (OWN, Change(payee="张三峰"), "name", Account("张三峰", "张三峰", OWN.card), False),
        (OWN, Change(card=NEW_CARD, payee="张三峰"), "card_and_name", Account("张三峰", "张三峰", NEW_CARD), False),
        (OWN, Change(payee="王五"), "name", Account("王五", "王五", OWN.card), True),
        # Of a name at least half stays, or it is another person's.
        (TWO, Change(payee="张四"), "name", Account("张四", "张四", OWN.card), False),
        (OWN, Change(payee="张四五"), "name", Account("张四五", "张四五", OWN.card), True),
        (TWO, Change(payee="张三丰收"), "name", Account("张三丰收", "张三丰收", OWN.card), False),
        (TWO, Change(payee="张三丰收年"), "name", Account("张三丰收年", "张三丰收年", OWN.card), True),
        (LONG, Change(payee="张三"), "name", Account("张三", "张三", OWN.card), True),
        (OWN, Change(payee="王五", other_person=True), "payee", Account("张三丰", "王五", OWN.card), True),
        # However alike the two are called: the money goes to somebody else.
        (OWN, Change(payee="张三峰", other_person=True), "payee", Account("张三丰", "张三峰", OWN.card), True),
        (OWN, Change(card=NEW_CARD, done_at_bank=True), "card", Account("张三丰", "张三丰", NEW_CARD), False),
        (OWN, Change(done_at_bank=True), "at_bank", OWN, False),
        (GUARDED, Change(card=NEW_CARD, other_person=True), "card", Account("张小宝", "李监护", NEW_CARD), False),
        (GUARDED, Change(payee="李监户", other_person=True), "payee", Account("张小宝", "李监户", OWN.card), True),
        # To his own card at last: nobody else gets the money, so that no document is asked for.
        (GUARDED, Change(card=NEW_CARD), "payee", Account("张小宝", "张小宝", NEW_CARD), False),
        # His name stays as the register has it, however the bank writes it.
        (YI_CHILD, Change(payee="阿西木呷"), "payee", Account("阿西·木呷", "阿西木呷", OWN.card), False),
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


MISTYPED, PASSBOOK = "6217001200000800003", "621700120000080"


def test_a_new_number_that_its_last_digit_does_not_fit_stands_only_on_somebodys_word() -> None:
    with pytest.raises(WrongCheckDigit, match="最后一位与前面的数字对不上"):
        corrected(OWN, Change(card=MISTYPED))
    found = corrected(OWN, Change(card=MISTYPED, number_confirmed=True))
    assert (found.account.card, found.number_confirmed) == (MISTYPED, True)
    for card in (NEW_CARD, PASSBOOK):
        # Ticked without need: nobody had to stand by anything.
        assert not corrected(OWN, Change(card=card, number_confirmed=True)).number_confirmed
    old = Account("张三丰", "张三丰", MISTYPED)
    assert not corrected(old, Change(card=MISTYPED, payee="张三峰")).number_confirmed


def test_a_note_says_something() -> None:
    assert checked_note("  看过新卡  ") == "看过新卡"
    assert checked_note("依" * 1001) == "依" * 1000
    for note in ("", "   ", "看新卡", " 看新卡 "):
        with pytest.raises(UserError, match="写明改正的依据"):
            checked_note(note)


@given(st.text(min_size=4, max_size=1200).filter(lambda note: len(note.strip()) >= 4))
def test_a_note_of_any_length_is_kept_up_to_a_thousand_characters(note: str) -> None:
    assert checked_note(note) == note.strip()[:1000]


@given(st.dates(date(2019, 1, 1), date(2040, 12, 31)), st.integers(-40, 40))
def test_a_step_is_in_time_through_its_day(recorded: date, days: int) -> None:
    cycle = failure_cycle(recorded)
    done = cycle.correct_by + timedelta(days=days)
    assert is_late(cycle.correct_by, done, recorded) == (days > 0)
    assert is_late(cycle.correct_by, None, done) == (days > 0)
    assert cycle.month == month_of(cycle.reissue_by)


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
    assert checked_voucher("x" * 60, first, first, today) == "x" * 60


def test_a_voucher_that_cannot_be_is_told_what_can() -> None:
    first, today = date(2020, 7, 17), date(2020, 7, 20)
    with pytest.raises(UserError, match="最多 60 个字"):
        checked_voucher("", first, first, today)
    with pytest.raises(UserError, match="（2020-07-17）到今天（2020-07-20）"):
        checked_voucher("退1", date(2020, 7, 16), first, today)


@pytest.mark.parametrize(
    ("frequency", "period", "issued_on", "due"),
    [
        (Frequency.QUARTERLY, "202003", None, date(2020, 4, 30)),
        (Frequency.QUARTERLY, "202012", None, date(2021, 1, 31)),
        (Frequency.MONTHLY, "202001", None, date(2020, 4, 30)),
        (Frequency.MONTHLY, "202005", date(2020, 12, 1), date(2020, 7, 31)),
        (Frequency.ONE_OFF, "202006", None, None),
        (Frequency.ONE_OFF, "202006", date(2020, 7, 3), date(2020, 8, 31)),
        (Frequency.YEARLY, "202012", date(2020, 12, 31), date(2021, 1, 31)),
        (Frequency.HALF_YEARLY, "202006", date(2021, 1, 31), date(2021, 2, 28)),
        (None, "202006", date(2024, 1, 31), date(2024, 2, 29)),
    ],
)
def test_when_a_return_is_due(frequency: Frequency | None, period: str, issued_on: date | None, due: date) -> None:
    assert return_due(frequency, period, issued_on) == due


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_return_is_due_on_the_last_day_of_the_next_month(issued_on: date) -> None:
    due = return_due(Frequency.ONE_OFF, "202006", issued_on)
    assert due is not None
    assert (due + DAY).day == 1
    assert (due.year * 12 + due.month) - (issued_on.year * 12 + issued_on.month) == 1


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
