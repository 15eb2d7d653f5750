"""The gateway of the demo county: it delivers to a page that shows the handset."""

from collections.abc import Sequence

from flask import Flask, Request, Response
from sqlalchemy import select

from core import clock
from core.database import db, only_reads
from sms.gateways.base import Accepted, InboundSms, OutboundSms, Report, Result, Sent
from sms.models import HandsetMessage, Receipt
from sms.rules import DELIVERED, RECEIPT_EARLY


class SimulatedGateway:
    """Writes each message to the handset at once, and its receipt beside it, which so overtakes our own record."""

    name = "simulated"
    lanes = 1
    trusts_reports = True

    def __init__(self, app: Flask) -> None:
        self._app = app

    def send(self, outbound: OutboundSms) -> Result:
        """Deliver, in a transaction of its own, as a provider's would be."""
        provider_id = f"sim-{outbound.reference}"
        now = clock.utc_now()
        with self._app.app_context(), only_reads(False):
            db.session.add(
                HandsetMessage(
                    phone=outbound.phone,
                    phone_index=outbound.phone,
                    text=outbound.text,
                    provider_id=provider_id,
                    delivered_at=now,
                )
            )
            db.session.add(
                Receipt(
                    gateway=self.name,
                    provider_id=provider_id,
                    status=DELIVERED,
                    reported=DELIVERED,
                    reference=outbound.reference,
                    outcome=RECEIPT_EARLY,
                    received_at=now,
                )
            )
            db.session.commit()
        return Accepted(provider_id)

    def verify(self, request: Request) -> bool:
        """Nobody calls for it: its receipts are written directly."""
        return False

    def parse_receipts(self, request: Request) -> Sequence[Report]:
        """It has no calls to read."""
        raise ValueError("the simulated gateway makes no calls")

    def acknowledge(self) -> Response:
        """Nobody calls."""
        return Response(status=204)

    def parse_inbound(self, request: Request) -> InboundSms:
        """It has no calls to read."""
        raise ValueError("the simulated gateway makes no calls")

    def answer_inbound(self, text: str) -> Response:
        """It has nobody to answer."""
        return Response(text, mimetype="text/plain")

    def fetch_status(self, sent: Sent) -> Report | None:
        """Whether the handset has it."""
        provider_id = f"sim-{sent.reference}"
        found = db.session.scalar(select(HandsetMessage.id).where(HandsetMessage.provider_id == provider_id))
        return None if found is None else Report(provider_id, DELIVERED, DELIVERED, reference=sent.reference)

    def close(self) -> None:
        """It holds nothing open."""
