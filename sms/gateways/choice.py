"""Which gateways this installation uses."""

from flask import Flask

from core.settings import Settings
from sms.gateways.base import Gateway
from sms.gateways.simulated import SimulatedGateway


def gateway_names(app: Flask) -> tuple[str, ...]:
    """The gateway that YKT_SMS_GATEWAY names, then the one that takes over, if there is one; none where a county does
    not send yet."""
    settings: Settings = app.extensions["settings"]
    return tuple(name for name in (settings.sms_gateway, settings.second_sms_gateway) if name not in ("", "none"))


def gateway_named(app: Flask, name: str) -> Gateway:
    """A gateway with connections of its own: close it after use."""
    settings: Settings = app.extensions["settings"]
    # Each provider's library takes ten to twenty megabytes of every process: only those in use are loaded.
    if name == "twilio":
        from sms.gateways.twilio_gateway import TwilioGateway

        return TwilioGateway(settings)
    if name == "aliyun":
        from sms.gateways.aliyun_gateway import AliyunGateway

        return AliyunGateway(settings)
    return SimulatedGateway(app)
