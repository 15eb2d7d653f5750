"""The staff pages of this room."""

from core.web import staff_blueprint

blueprint = staff_blueprint("registry", __name__, "registry")
