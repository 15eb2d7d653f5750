"""The blueprint of this room at the staff door."""

from core.web import staff_blueprint

blueprint = staff_blueprint("publicity", __name__, "publicity")
