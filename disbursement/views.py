"""The staff pages of disbursement."""

from disbursement.door import blueprint
from disbursement.pages import balance, bank_files, batches, payments, persons, rolls

__all__ = ["balance", "bank_files", "batches", "blueprint", "payments", "persons", "rolls"]
