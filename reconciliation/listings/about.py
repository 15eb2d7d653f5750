"""What a line or a difference is about, in the lists: a payment, or a return order."""

from typing import Protocol

from flask import url_for
from flask_babel import gettext

from disbursement.models import Attempt


class AboutMoney(Protocol):
    """A line or a difference."""

    attempt: Attempt | None
    return_order_id: int | None


def about(row: AboutMoney) -> str:
    """The person's name, or the order's number; nothing where nobody knows."""
    if row.return_order_id:
        return str(gettext("退回单 %(number)s", number=row.return_order_id))
    return row.attempt.payment.name if row.attempt else ""


def about_address(row: AboutMoney) -> str | None:
    """Its page."""
    if row.return_order_id:
        return url_for("disbursement.return_order", order_id=row.return_order_id)
    return url_for("disbursement.payment", payment_id=row.attempt.payment_id) if row.attempt else None
