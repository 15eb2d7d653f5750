"""The staff pages of this room."""

from core.web import staff_blueprint

blueprint = staff_blueprint("disbursement", __name__, "disbursement")
