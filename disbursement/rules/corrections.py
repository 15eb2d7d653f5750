"""What may be changed of a payment that failed, and what a change is (B6)."""

from dataclasses import dataclass
from enum import StrEnum

from core.errors import UserError
from core.identity import check_card_number, clean_name, name_key
from registry.rules import refuse_wrong_check_digit

LONGEST_NOTE = 1000
SHORTEST_NOTE = 4


class CorrectionKind(StrEnum):
    """What was corrected."""

    CARD = "card"
    NAME = "name"
    CARD_AND_NAME = "card_and_name"
    PAYEE = "payee"
    AT_BANK = "at_bank"


@dataclass(frozen=True)
class Account:
    """The account that a payment goes to: the beneficiary's ``name``, the ``payee`` who holds the account (the same,
    where it is his own), and the ``card``."""

    name: str
    payee: str
    card: str

    @property
    def is_own(self) -> bool:
        """Whether the account is the beneficiary's own."""
        return name_key(self.name) == name_key(self.payee)


@dataclass(frozen=True)
class Change:
    """What a township wants changed: blanks leave things as they are. ``other_person``: the account belongs to
    somebody else (a guardian, the head of the household). ``number_confirmed``: the official stands by a new number
    whose last digit does not fit."""

    card: str = ""
    payee: str = ""
    other_person: bool = False
    done_at_bank: bool = False
    number_confirmed: bool = False


@dataclass(frozen=True)
class CorrectedAccount:
    """The account after a change, what kind of change it was, whether a document has to be kept, and whether the new
    number stands only because the official has confirmed it."""

    kind: CorrectionKind
    account: Account
    needs_evidence: bool
    number_confirmed: bool


def corrected(before: Account, change: Change) -> CorrectedAccount:
    """The account as the change makes it. A name that changes on somebody's own account is his own name, misspelt so
    far; on another person's account his name stays.

    Raises UserError for a card that cannot be one, for a change that changes nothing although nothing was put right at
    the bank either, and where the holder's name does not fit whose account it is said to be; WrongCheckDigit for a new
    number whose last digit does not fit, unless it is confirmed.
    """
    card = _checked_card(change.card) or before.card
    payee = clean_name(change.payee) or (before.payee if change.other_person or before.is_own else before.name)
    names_himself = name_key(payee) == name_key(before.name)
    if change.other_person and names_himself:
        raise UserError("选择了由他人代领，请填写代领人的姓名：它和受益人的姓名不能相同。")
    if not change.other_person and not before.is_own and not names_himself:
        raise UserError("这一笔现在由他人代领。要改发到本人的卡，户名应当是受益人本人的姓名。")
    confirmed = card != before.card and refuse_wrong_check_digit(card, confirmed=change.number_confirmed)
    after = Account(before.name if change.other_person or not before.is_own else payee, payee, card)
    return CorrectedAccount(_kind(before, after, change), after, needs_evidence(before, after), confirmed)


def _checked_card(text: str) -> str:
    if not text.strip():
        return ""
    card, problem = check_card_number(text)
    if problem is not None:
        raise UserError("新卡号不对。请对照社保卡，一位一位再看一遍；卡号只有数字。")
    return card


def _kind(before: Account, after: Account, change: Change) -> CorrectionKind:
    new_card, new_payee = after.card != before.card, after.payee != before.payee
    if new_payee and not (before.is_own and after.is_own):
        return CorrectionKind.PAYEE
    if new_card and new_payee:
        return CorrectionKind.CARD_AND_NAME
    if new_card:
        return CorrectionKind.CARD
    if new_payee:
        return CorrectionKind.NAME
    if change.done_at_bank:
        return CorrectionKind.AT_BANK
    raise UserError("卡号和户名都没有变化。如果是在银行办好的（激活、解锁、解冻等），请勾选“已在银行办好，信息不变”。")


def checked_note(note: str) -> str:
    """A note that says something. Raises UserError else."""
    text = note.strip()
    if len(text) < SHORTEST_NOTE:
        raise UserError("请写明改正的依据，例如看过哪份证件、在哪里核实的。")
    return text[:LONGEST_NOTE]


def needs_evidence(before: Account, after: Account) -> bool:
    """Whether a document has to be kept: money that goes to another person than before is what is misused most. A name
    of which less than half is left is another person's, whatever it is called."""
    if after.payee == before.payee or (after.is_own and not before.is_own):
        return False
    if not (before.is_own and after.is_own):
        return True
    kept = len(set(name_key(before.payee)) & set(name_key(after.payee)))
    return kept * 2 < max(len(set(name_key(before.payee))), len(set(name_key(after.payee))))
