"""The classes of lines, how each difference may be settled, and the words by which own business is known."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum


class LineClass(StrEnum):
    """What a line of a statement, or a payment or a credited return without one, turned out to be."""

    MATCHED = "matched"
    MISSING_IN_BANK = "missing_in_bank"
    UNKNOWN_IN_BOOK = "unknown_in_book"
    AMOUNT_DIFFERS = "amount_differs"
    OUTCOME_DIFFERS = "outcome_differs"
    TWICE_IN_BANK = "twice_in_bank"
    CORRECTED_BY_BANK = "corrected_by_bank"
    RETURNED_AFTER_PAYMENT = "returned_after_payment"
    RETURN_CREDITED = "return_credited"
    CREDIT_MISSING = "credit_missing"
    NOT_OURS = "not_ours"


DIFFERENCES = (
    LineClass.MISSING_IN_BANK,
    LineClass.UNKNOWN_IN_BOOK,
    LineClass.AMOUNT_DIFFERS,
    LineClass.OUTCOME_DIFFERS,
    LineClass.TWICE_IN_BANK,
    LineClass.RETURNED_AFTER_PAYMENT,
    LineClass.CREDIT_MISSING,
    LineClass.NOT_OURS,
)
"""Everything that is shown as a difference; money that is not ours explains itself and needs no one's word."""
NEEDS_WORD = frozenset(DIFFERENCES) - {LineClass.NOT_OURS}
WITHOUT_LINE = (LineClass.MISSING_IN_BANK, LineClass.CREDIT_MISSING)
"""Only the book has them: no line of a statement is of these classes."""
UNEXPLAINED = NEEDS_WORD - {LineClass.RETURNED_AFTER_PAYMENT}
"""Nothing but somebody's word stands for this money: of what came back after payment the statement itself tells."""
ANSWERS = (LineClass.MATCHED, LineClass.AMOUNT_DIFFERS, LineClass.OUTCOME_DIFFERS)
"""A line of these classes is the payment's own debit: no other line answers it again."""


class Resolution(StrEnum):
    """How a difference was settled."""

    BANK_RETURN = "bank_return"
    BANK_CORRECTS = "bank_corrects"
    BANK_CLAIMS_BACK = "bank_claims_back"
    CONFIRMED_BY_BANK = "confirmed_by_bank"
    BOOKED_PAID = "booked_paid"
    NEVER_PAID = "never_paid"
    ELSEWHERE = "elsewhere"
    NEXT_MONTH = "next_month"
    NOT_OURS = "not_ours"


RESOLUTIONS: Mapping[LineClass, tuple[Resolution, ...]] = {
    LineClass.RETURNED_AFTER_PAYMENT: (Resolution.BANK_RETURN, Resolution.BANK_CORRECTS, Resolution.NEXT_MONTH),
    LineClass.MISSING_IN_BANK: (Resolution.CONFIRMED_BY_BANK, Resolution.NEVER_PAID, Resolution.NEXT_MONTH),
    LineClass.UNKNOWN_IN_BOOK: (
        Resolution.BANK_CLAIMS_BACK,
        Resolution.BANK_CORRECTS,
        Resolution.NOT_OURS,
        Resolution.NEXT_MONTH,
    ),
    LineClass.AMOUNT_DIFFERS: (Resolution.BANK_CORRECTS, Resolution.NEXT_MONTH),
    LineClass.OUTCOME_DIFFERS: (
        Resolution.BOOKED_PAID,
        Resolution.BANK_CORRECTS,
        Resolution.BANK_CLAIMS_BACK,
        Resolution.NEXT_MONTH,
    ),
    LineClass.TWICE_IN_BANK: (Resolution.BANK_CLAIMS_BACK, Resolution.NEXT_MONTH),
    LineClass.CREDIT_MISSING: (Resolution.ELSEWHERE, Resolution.NEXT_MONTH),
}
"""What may be said of each class (``ways`` looks at the difference itself as well). What the bank has to correct comes
in its next result file or statement. Three change the book: a return after payment, and a payment that the bank says it
never made, are recorded as returned at once; a debit of what the book has as failed is booked as paid when another
official of finance has approved it. A file alone never changes a final outcome (design §4)."""
IN_THE_BOOK = frozenset({Resolution.BANK_RETURN, Resolution.NEVER_PAID, Resolution.BOOKED_PAID})
"""What changed the book, and is not taken back by taking back the word."""
WAITING = frozenset({Resolution.NEXT_MONTH, Resolution.BANK_CORRECTS, Resolution.BANK_CLAIMS_BACK})
"""Said in a month, but not done with: the money is still to come or to go. Such a difference is carried over and stays
in view until the bank's line has come, or somebody says how it ended."""
ENDINGS: Mapping[LineClass, tuple[Resolution, ...]] = {
    LineClass.RETURNED_AFTER_PAYMENT: (Resolution.BANK_RETURN, Resolution.CONFIRMED_BY_BANK),
    LineClass.MISSING_IN_BANK: (Resolution.CONFIRMED_BY_BANK, Resolution.NEVER_PAID),
    LineClass.UNKNOWN_IN_BOOK: (Resolution.CONFIRMED_BY_BANK, Resolution.NOT_OURS),
    LineClass.AMOUNT_DIFFERS: (Resolution.CONFIRMED_BY_BANK,),
    LineClass.OUTCOME_DIFFERS: (Resolution.BOOKED_PAID, Resolution.CONFIRMED_BY_BANK),
    LineClass.TWICE_IN_BANK: (Resolution.CONFIRMED_BY_BANK,),
    LineClass.CREDIT_MISSING: (Resolution.ELSEWHERE,),
}
"""How one that was carried over may be said to have ended."""
BY_TWO = frozenset({Resolution.BOOKED_PAID, Resolution.NEVER_PAID})
"""Proposed as a rebooking and decided by another official, however small the sum."""


def ways(kind: LineClass, *, comes_in: bool, is_whole: bool) -> tuple[Resolution, ...]:
    """What may be said of a difference: by its class; whether its line is money that came in; and whether the line and
    the book name the same sum. None, for money that explains itself."""
    return tuple(one for one in RESOLUTIONS.get(kind, ()) if _fits(one, kind, comes_in=comes_in, is_whole=is_whole))


def endings(kind: LineClass, *, comes_in: bool, is_whole: bool) -> tuple[Resolution, ...]:
    """The same for the end of one that was carried over."""
    return tuple(one for one in ENDINGS.get(kind, ()) if _fits(one, kind, comes_in=comes_in, is_whole=is_whole))


def _fits(way: Resolution, kind: LineClass, *, comes_in: bool, is_whole: bool) -> bool:
    if way in (Resolution.BANK_RETURN, Resolution.BOOKED_PAID) and not is_whole:
        # A part of a payment is no payment.
        return False
    if kind != LineClass.UNKNOWN_IN_BOOK:
        return True
    # What went out to nobody known is claimed back; what came in from nobody known is the bank's to put right.
    return way != (Resolution.BANK_CLAIMS_BACK if comes_in else Resolution.BANK_CORRECTS)


def offered(kinds: Iterable[LineClass], table: Mapping[LineClass, tuple[Resolution, ...]]) -> tuple[Resolution, ...]:
    """What a page offers for differences of these classes, each way once, in the order in which they are declared."""
    possible = {way for kind in kinds for way in table.get(kind, ())}
    return tuple(way for way in Resolution if way in possible)


OWN_BUSINESS = ("息", "手续费", "工本费", "年费", "拨付", "划拨", "拨款", "调拨", "转入", "零余额", "税")
MONEY_BACK = ("退", "冲", "返还", "撤销")
_OWN_BUSINESS = re.compile("|".join(OWN_BUSINESS))
_MONEY_BACK = re.compile("|".join(MONEY_BACK))


def is_own_business(summary: str) -> bool:
    """Whether a line's words say that it is the account's own business: interest, fees, money allotted to it. Words of
    money that comes back never are, whatever else they say: nobody's money is put aside unseen."""
    return _OWN_BUSINESS.search(summary) is not None and _MONEY_BACK.search(summary) is None
