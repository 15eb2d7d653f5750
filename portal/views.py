"""The pages of the public door."""

from core.web import public_blueprint

blueprint = public_blueprint("portal", __name__)
