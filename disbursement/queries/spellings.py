"""How the bank spells people, as far as the principal's regions reach."""

from sqlalchemy import ColumnElement, Select, exists, false, or_, select, true
from sqlalchemy.orm import contains_eager

from core.database import visible_region
from core.principal import Principal, PrincipalKind
from disbursement.models import BankSpelling, Payment
from disbursement.rules import EDIT_PROFILE
from registry.models import Beneficiary, Card


def cards_in_scope(principal: Principal) -> ColumnElement[bool]:
    """Cards of people within the principal's regions, or to which payments there go or went."""
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    owned = exists().where(Beneficiary.card_id == Card.id, visible_region(Beneficiary.region_code, principal))
    paid_to = exists().where(Payment.card_id == Card.id, visible_region(Payment.region_code, principal))
    return or_(owned, paid_to)


def visible_spellings(principal: Principal) -> Select[BankSpelling]:
    """Spellings with their cards, for those who may note them."""
    return (
        select(BankSpelling)
        .join(BankSpelling.card)
        .options(contains_eager(BankSpelling.card))
        .where(cards_in_scope(principal) if principal.may(EDIT_PROFILE) else false())
    )
