"""Which gateways this installation uses."""

from collections.abc import Mapping

from flask import Flask

from core.settings import Settings
from sms.gateways.base import Capabilities, Gateway
from sms.gateways.simulated import SimulatedGateway

CAPABILITIES: Mapping[str, Capabilities] = {
    "simulated": Capabilities(template_only=False, pushes_receipts=True, currency="CNY"),
    "twilio": Capabilities(template_only=False, pushes_receipts=True, currency="USD"),
    "aliyun": Capabilities(template_only=True, pushes_receipts=True, currency="CNY"),
}
TEMPLATE_ONLY = frozenset(name for name, can in CAPABILITIES.items() if can.template_only)


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
