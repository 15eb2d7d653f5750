"""The staff pages of disbursement."""

from disbursement.door import blueprint
from disbursement.pages import (
    balance,
    bank_files,
    batches,
    cycle,
    failure_files,
    failures,
    payments,
    reissues,
    returns,
    rolls,
)

__all__ = [
    "balance",
    "bank_files",
    "batches",
    "blueprint",
    "cycle",
    "failure_files",
    "failures",
    "payments",
    "reissues",
    "returns",
    "rolls",
]
