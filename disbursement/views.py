"""The staff pages of disbursement."""

from disbursement.door import blueprint
from disbursement.pages import (
    balance,
    bank_files,
    batches,
    checks,
    cycle,
    failure_files,
    failures,
    late_answers,
    limits,
    offline,
    payments,
    persons,
    profiles,
    reissues,
    returns,
    rolls,
    spellings,
)

__all__ = [
    "balance",
    "bank_files",
    "batches",
    "blueprint",
    "checks",
    "cycle",
    "failure_files",
    "failures",
    "late_answers",
    "limits",
    "offline",
    "payments",
    "persons",
    "profiles",
    "reissues",
    "returns",
    "rolls",
    "spellings",
]
