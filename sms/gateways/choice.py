"""Which gateway this installation uses."""

from flask import Flask

from core.settings import Settings
from sms.gateways.base import Gateway
from sms.gateways.simulated import SimulatedGateway
from sms.gateways.twilio_gateway import TwilioGateway


def configured_gateway(app: Flask) -> Gateway:
    """A gateway as YKT_SMS_GATEWAY names it, with connections of its own: close it after use."""
    settings: Settings = app.extensions["settings"]
    if settings.sms_gateway == "twilio":
        return TwilioGateway(settings)
    return SimulatedGateway(app)
