"""What tells apart people of one name, for whoever may see their payments: the end of the ID number, the village."""

from collections.abc import Collection, Mapping

from flask_babel import gettext
from sqlalchemy.orm import selectinload

from core.bulk import among
from core.database import db
from core.identity import id_tail
from core.principal import Principal
from disbursement.models import Payment
from disbursement.queries.payments import visible_payments
from registry.models import Beneficiary, Region

_UP_TO_THE_COUNTY = 3
WITH_WHOM = (
    selectinload(Payment.beneficiary)
    .selectinload(Beneficiary.region)
    .selectinload(Region.parent, recursion_depth=_UP_TO_THE_COUNTY),
)
"""What a page of payments loads so that ``whom`` asks nothing further for each."""


def whom(payment: Payment) -> str:
    """Which one of that name a payment is for."""
    person = payment.beneficiary
    return str(gettext("证件尾号 %(tail)s，%(place)s", tail=id_tail(person.id_number), place=person.region.path))


def whom_of(principal: Principal, payment_ids: Collection[int]) -> Mapping[int, str]:
    """The same for those of these payments that the principal may see, by id: none for the bank, which knows accounts
    and no persons."""
    found = visible_payments(principal).where(among(Payment.id, payment_ids)).options(*WITH_WHOM)
    return {payment.id: whom(payment) for payment in db.session.scalars(found)}
