"""The staff pages of accounts."""

from accounts.door import blueprint
from accounts.pages import audit, officials, organisations, own, passkeys, rights, signing_in

__all__ = ["audit", "blueprint", "officials", "organisations", "own", "passkeys", "rights", "signing_in"]
