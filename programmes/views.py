"""The staff pages of programmes."""

from programmes import person_records, retention
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
    "person_records",
    "programmes",
    "publicity_wait",
    "retention",
    "standards",
]
