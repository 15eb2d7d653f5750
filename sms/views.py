"""The staff pages of this room."""

from core.web import staff_blueprint

blueprint = staff_blueprint("sms", __name__, "sms")
