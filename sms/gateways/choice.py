"""Which gateways this installation uses."""

from flask import Flask

from core.settings import Settings
from sms.gateways.aliyun_gateway import AliyunGateway
from sms.gateways.base import Gateway
from sms.gateways.simulated import SimulatedGateway
from sms.gateways.twilio_gateway import TwilioGateway


def gateway_names(app: Flask) -> tuple[str, ...]:
    """The gateway that YKT_SMS_GATEWAY names, then the one that takes over, if there is one."""
    settings: Settings = app.extensions["settings"]
    return tuple(filter(None, (settings.sms_gateway, settings.second_sms_gateway)))


def gateway_named(app: Flask, name: str) -> Gateway:
    """A gateway with connections of its own: close it after use."""
    settings: Settings = app.extensions["settings"]
    if name == "twilio":
        return TwilioGateway(settings)
    if name == "aliyun":
        return AliyunGateway(settings)
    return SimulatedGateway(app)
