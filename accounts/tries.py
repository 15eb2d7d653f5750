"""What a try to sign in counts against, and when a question is asked."""

from limits import parse

from core import web
from core.limits import Counter

TRIES_PER_ACCOUNT_AND_ADDRESS = parse("5 per 15 minutes")
TRIES_PER_ACCOUNT = parse("20 per 15 minutes")
# An office may reach the site from one address; guessing at many accounts from one must still end.
TRIES_PER_ADDRESS = parse("200 per 15 minutes")


def tries_of(username: str) -> list[Counter]:
    """What a try counts against: this account from this address, this account from anywhere, and any account from this
    address. Past one of them a question is asked; nobody is locked out by a stranger's tries. A try with the right
    password is taken back: all offices of a county may come by one address."""
    address, name = web.address_at_hand(), username.strip().lower()
    return [
        Counter(TRIES_PER_ACCOUNT_AND_ADDRESS, f"{address} {name}"),
        Counter(TRIES_PER_ACCOUNT, f"account {name}"),
        *tries_from_here(),
    ]


def tries_from_here() -> list[Counter]:
    """What a try counts against that names no account."""
    return [Counter(TRIES_PER_ADDRESS, web.address_at_hand())]
