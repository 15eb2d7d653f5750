"""The staff pages of this room."""

from core.web import staff_blueprint
from sms import tasks  # noqa: F401 — its background work is registered by being there

blueprint = staff_blueprint("sms", __name__, "sms")
