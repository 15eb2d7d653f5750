"""The staff pages of accounts."""

from accounts import retention
from accounts.door import blueprint
from accounts.pages import audit, keeping, officials, organisations, own, passkeys, rights, signing_in

__all__ = [
    "audit",
    "blueprint",
    "keeping",
    "officials",
    "organisations",
    "own",
    "passkeys",
    "retention",
    "rights",
    "signing_in",
]
