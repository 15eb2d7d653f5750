"""How the bank spells people: noted by a person beside what its files have taught, and taken away again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core import audit
from core.bulk import among
from core.database import db, rows_changed
from core.errors import Conflict, UserError
from core.identity import check_card_number, clean_name, has_wrong_check_digit
from core.principal import Principal
from disbursement.models import BankSpelling, Payment
from disbursement.queries.spellings import cards_in_scope, visible_spellings
from disbursement.rules import EDIT_PROFILE
from registry.models import Beneficiary, Card

_LONGEST_NAME = 60


def set_spelling(principal: Principal, payment: Payment, spelling: str, *, at: datetime) -> None:
    """Note how the bank spells the payee of a payment; nothing takes the note away again. Raises UserError for a
    payment without a card, and for what cannot be a name; Conflict where somebody was quicker."""
    principal.require(EDIT_PROFILE)
    card_id, name = _to_be_paid(payment)
    spelling = _checked(spelling)
    _note(principal, card_id, name, spelling, at)
    audit.record(principal, "spelling.set", "payment", payment.id, at=at, removed=not spelling)
    db.session.flush()


def enter_spelling(principal: Principal, card_number: str, name: str, spelling: str, *, at: datetime) -> BankSpelling:
    """Note how the bank spells the holder of a card: ``name`` as it stands in our payments (empty: the holder as he is
    registered). A note about the same holder is replaced. Raises UserError for a card that is not on record within the
    principal's regions, and for a spelling that is none or the same as ours; Conflict where somebody was quicker."""
    principal.require(EDIT_PROFILE)
    digits, problem = check_card_number(card_number)
    on_record = select(Card).where(Card.number_index == digits, cards_in_scope(principal))
    card = db.session.scalars(on_record).first() if digits and problem is None else None
    if card is None and problem is None and has_wrong_check_digit(digits):
        raise UserError("登记里没有这张卡；卡号的最后一位与前面的数字对不上，多半有一位写错了。请对照卡号再看一遍。")
    if card is None:
        raise UserError("登记里没有这张卡。请核对卡号；新卡要先登记到本人名下。")
    ours, theirs = _checked(name) or card.holder_name, _checked(spelling)
    if not theirs or theirs == ours:
        raise UserError("请填写银行的写法；和账上的写法一样的，不用登记。")
    noted = _note(principal, card.id, ours, theirs, at)
    audit.record(principal, "spelling.enter", "bank_spelling", noted.id, at=at)
    db.session.flush()
    return noted


def remove_spellings(principal: Principal, ids: Sequence[int], *, at: datetime) -> int:
    """Take notes away, learnt ones too; the next file writes our own names. Returns how many were still there."""
    principal.require(EDIT_PROFILE)
    mine = visible_spellings(principal).with_only_columns(BankSpelling.id, maintain_column_froms=True)
    mine = mine.where(among(BankSpelling.id, ids))
    found = db.session.scalars(mine).all()
    removed = db.session.execute(
        delete(BankSpelling).where(among(BankSpelling.id, found)).execution_options(synchronize_session="fetch")
    )
    number = rows_changed(removed)
    audit.record(principal, "spelling.remove", "bank_spellings", "", at=at, spellings=number)
    db.session.flush()
    return number


def _checked(text: str) -> str:
    name = clean_name(text)
    if len(name) > _LONGEST_NAME:
        raise UserError("户名太长了，最多 %(most)s 个字。", most=_LONGEST_NAME)
    return name


def _note(principal: Principal, card_id: int, name: str, spelling: str, at: datetime) -> BankSpelling:
    """Let this be the note about a holder; without a spelling of the bank's own there is none."""
    noted = BankSpelling(card_id=card_id, name=name, spelling=spelling, source="person")
    noted.recorded_at, noted.official_id = at, principal.official_id
    db.session.execute(delete(BankSpelling).where(BankSpelling.card_id == card_id, BankSpelling.name == name))
    if spelling and spelling != name:
        try:
            with db.session.begin_nested():
                db.session.add(noted)
        except IntegrityError as error:
            raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。") from error
    return noted


def _to_be_paid(payment: Payment) -> tuple[int, str]:
    """The card that an export would pay to now, and its holder: one that was issued since the roll came, too."""
    if payment.card_id is not None:
        return payment.card_id, payment.payee_name
    issued = db.session.execute(
        select(Card.id, Card.holder_name)
        .join(Beneficiary, Beneficiary.card_id == Card.id)
        .where(Beneficiary.id == payment.beneficiary_id)
    ).first()
    if issued is None:
        raise UserError("这一笔还没有社保卡，不能登记户名写法。")
    return issued[0], issued[1]
