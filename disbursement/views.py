"""The staff pages of disbursement."""

from disbursement.door import blueprint
<<<<<<< HEAD
from disbursement.pages import (
    balance,
    bank_files,
    batches,
    checks,
    cycle,
    failure_files,
    failures,
    offline,
    payments,
    profiles,
    reissues,
    returns,
    rolls,
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
    "offline",
    "payments",
    "profiles",
    "reissues",
    "returns",
    "rolls",
]
=======
from disbursement.pages import balance, bank_files, batches, payments, persons, rolls

__all__ = ["balance", "bank_files", "batches", "blueprint", "payments", "persons", "rolls"]
>>>>>>> money-b
