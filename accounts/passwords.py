"""Passwords at rest: Argon2id. A wrong password, an unknown name and a locked account cost the same time."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second recommendation for Argon2id: 19 MiB, two passes. Four threads at once stay below 100 MB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODYS = _hasher.hash(secrets.token_urlsafe())

LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that cannot be mistaken for each other."""
_GROUPS, _GROUP = 4, 4


def hash_password(password: str) -> str:
    """The hash to store for a password."""
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password is the one of the stored hash. ``None`` (nobody of that name) is checked against a hash
    that no password has, so that the answer takes as long."""
    try:
        return _hasher.verify(stored or _NOBODYS, password) and stored is not None
    except InvalidHashError:
        # An account without a usable hash; the time of a check passes all the same.
        return verify_password(None, password)
    except VerificationError:
        return False


def one_time_password() -> str:
    """A first password: 16 letters and digits that cannot be mistaken for each other (79 bits), in groups of four."""
    groups = ("".join(secrets.choice(LEGIBLE) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
