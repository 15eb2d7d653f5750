"""The blueprint of this room."""

from core.web import staff_blueprint

blueprint = staff_blueprint("publicity", __name__, "publicity")
