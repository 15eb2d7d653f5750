"""The audit log: one entry for each operation, reveal, export, sign-in and refusal. It can only be added to, is sealed
in a hash chain by a job so that no operation waits for another's entry, verified every night, and archived after half
a year."""

from core.audit.chain import GENESIS, AuditSeal, Verdict, seal, verify
from core.audit.entries import AuditEntry, record

__all__ = ["GENESIS", "AuditEntry", "AuditSeal", "Verdict", "record", "seal", "verify"]
