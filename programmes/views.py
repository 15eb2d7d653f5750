"""The staff pages of programmes."""

from programmes.door import blueprint
from programmes.pages import (
    catalogue,
    filings,
    funds,
    inclusion,
    incompatibility,
    programmes,
    publicity_wait,
    standards,
)

__all__ = [
    "blueprint",
    "catalogue",
    "filings",
    "funds",
    "inclusion",
    "incompatibility",
    "programmes",
    "publicity_wait",
    "standards",
]
