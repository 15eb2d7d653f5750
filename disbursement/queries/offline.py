"""The receipts of payments outside the platform."""

from collections.abc import Sequence

from sqlalchemy import select

from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from disbursement.models import OfflineReceipt, Roll
from disbursement.queries.rolls import get_roll


def receipts_of(roll: Roll) -> Sequence[OfflineReceipt]:
    """The receipts of a roll (which the caller has found through the principal), newest first."""
    return db.session.scalars(
        select(OfflineReceipt).where(OfflineReceipt.roll_id == roll.id).order_by(OfflineReceipt.id.desc())
    ).all()


def get_receipt(principal: Principal, receipt_id: int) -> OfflineReceipt:
    """One receipt, through its roll. Raises NotVisible."""
    receipt = db.session.get(OfflineReceipt, receipt_id)
    if receipt is None:
        raise NotVisible
    get_roll(principal, receipt.roll_id)
    return receipt
