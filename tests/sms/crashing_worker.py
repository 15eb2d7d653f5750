"""A dispatcher in a process of its own, killed in mid-call where the test wants it: before or after the provider has
heard of the message, or nowhere."""

import os
import signal
from pathlib import Path

from app import create_app
from core.principal import system
from sms.dispatch import dispatch
from sms.gateways.base import OutboundSms, Result
from sms.gateways.twilio_gateway import TwilioGateway
from tests.conftest import settings_for
from tests.factories import AT
from tests.sms.conftest import OFFICE
from tests.sms.provider import Provider


class Doomed(TwilioGateway):
    """The real gateway, in a process that dies."""

    where = ""

    def send(self, outbound: OutboundSms) -> Result:
        """Die before or after the call."""
        if self.where == "before_call":
            os.kill(os.getpid(), signal.SIGKILL)
        result = super().send(outbound)
        if self.where == "after_call":
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def main(database_url: str, instance: str, provider_url: str, where: str) -> None:
    """Run the dispatcher once."""
    provider = Provider(port=int(provider_url.rsplit(":", 1)[1]))
    settings = settings_for(database_url, Path(instance), **provider.settings())
    app = create_app(settings)
    with app.app_context():
        gateway = Doomed(settings)
        gateway.where = where
        dispatch(system("sms"), gateway, OFFICE, now=lambda: AT)
        gateway.close()
