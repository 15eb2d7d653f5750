"""Calls from SMS providers: receipts and inbound messages."""

from core.web import public_blueprint

blueprint = public_blueprint("sms_webhooks", __name__, "/sms")
