"""Who may manage whom, what a password must be, how long a session lasts, who needs a second factor. Pure."""

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from urllib.parse import urlsplit

from core.msgid import N_
from core.principal import OrganisationKind, Principal, Role, permission

MANAGE_OFFICIALS = permission(
    "accounts.manage", dict.fromkeys(OrganisationKind, (Role.ADMINISTRATOR,)), N_("管理单位和经办人员的账号")
)
SEE_RIGHTS = permission("accounts.see_rights", {kind: tuple(Role) for kind in OrganisationKind}, N_("查看谁能做什么"))

READ_AUDIT = permission(
    "audit.read",
    {
        OrganisationKind.AUDIT: (Role.PREPARER, Role.APPROVER, Role.VIEWER),
        # Those who may read sealed cases: the entries about them are shown to this office.
        OrganisationKind.DISCIPLINE: (Role.COMPLAINT_HANDLER, Role.APPROVER),
    },
    N_("查看审计日志"),
)
"""Not for a system administrator: he holds no data, and the log says whose payments and which cases are worked on;
what he does himself must stand where others read it without his seeing what they look for. Nor for the finance bureau,
whose work it records."""

LEAST_PASSWORD = 10
LONGEST_PASSWORD = 128
LEAST_DIFFERENT = 5
USERNAME = r"[a-z0-9][a-z0-9._-]{2,31}"

# NIST SP 800-63B 5.1.1.2: length and a list of known-weak ones, no rules about kinds of characters. These are the
# common ones of at least LEAST_PASSWORD characters, and words that this county's people would think of.
_WEAK = (
    "0123456789 1234567890 12345678910 0987654321 1111111111 9876543210 1qaz2wsx3edc 1q2w3e4r5t 1q2w3e4r5t6y "
    "qwertyuiop qwerty123456 asdfghjkl123 zxcvbnm123 abcdefghij abc123456789 password123 password1234 passw0rd123"
    " p@ssw0rd123 "
    "administrator admin123456 admin12345 root123456 woaini1314 woaini520 5201314520 iloveyou123"
    " changeme123 letmein123 "
    "welcome123 huidong123 huidong2020 liangshan123 sichuan123 yikatong123 yikatong2020 caizheng123 a123456789 "
    "aa123456789 qq123456789 zhang123456 wang123456 12345abcde abcde12345 1234512345 1122334455 147258369 1472583690"
)
WEAK_PASSWORDS = frozenset(_WEAK.split())


IDLE = timedelta(minutes=15)
"""After so long without a request a session is over."""
LONGEST_SESSION = timedelta(hours=10)
"""A working day: whoever keeps his session busy is signed out by the next morning all the same."""
CONFIRMED_FOR = timedelta(minutes=10)
"""How long after giving his password somebody may do what asks for it again."""
FORMER_PASSWORDS = 5
"""So many former passwords of an official are not taken again."""

MOST_PASSKEYS = 10
MOST_PASSKEY_NAME = 30
CHALLENGE_GOOD_FOR = timedelta(minutes=10)
"""So long may somebody look for his security key after the page was opened."""


def is_over(begun_at: datetime, seen_at: datetime, at: datetime) -> bool:
    """Whether a session has been idle, or has lasted, for too long."""
    return at - seen_at > IDLE or at - begun_at > LONGEST_SESSION


def is_confirmed(confirmed_at: datetime, at: datetime) -> bool:
    """Whether the password was given a short while ago."""
    return at - confirmed_at <= CONFIRMED_FOR


def takes_passkeys(base_url: str) -> bool:
    """Whether browsers keep passkeys for this address: only for a name, never for a bare number, and only where nobody
    listens in (the machine itself is let off)."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    is_number = ":" in host or host.replace(".", "").isdigit()
    return not is_number and (parts.scheme == "https" or host == "localhost")


def may_be_answered(issued_at: datetime, last_used_at: datetime | None, at: datetime) -> bool:
    """Whether a passkey may answer a challenge: it is not too old, and the key has answered none since it was issued,
    so that no answer is good twice."""
    fresh = timedelta(0) <= at - issued_at <= CHALLENGE_GOOD_FOR
    return fresh and (last_used_at is None or last_used_at < issued_at)


def has_counted_on(known: int, told: int) -> bool:
    """Whether a device's counter went on since it was last seen. Many devices do not count, and always tell 0; one that
    counts and falls back is a copy (WebAuthn §6.1.1)."""
    return told > known or known == told == 0


class SignInStep(StrEnum):
    """What comes after the right password and the right code."""

    DONE = "done"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 -- a step, not a password
    SET_UP_SECOND_FACTOR = "set_up_second_factor"


def step_after_sign_in(*, must_change_password: bool, lacks_second_factor: bool) -> SignInStep:
    """What somebody has to do before anything else."""
    if must_change_password:
        return SignInStep.CHANGE_PASSWORD
    return SignInStep.SET_UP_SECOND_FACTOR if lacks_second_factor else SignInStep.DONE


_SECOND_FACTOR_KINDS = frozenset(
    {OrganisationKind.FINANCE, OrganisationKind.DISCIPLINE, OrganisationKind.BANK, OrganisationKind.AUDIT}
)
_SECOND_FACTOR_ROLES = frozenset({Role.APPROVER, Role.ADMINISTRATOR})


def needs_second_factor(kind: OrganisationKind, roles: Collection[Role]) -> bool:
    """Whether somebody signs in with a second factor, where the installation demands one: whoever approves or manages
    accounts, and everybody who sees the whole county's money or sealed cases."""
    return kind in _SECOND_FACTOR_KINDS or not _SECOND_FACTOR_ROLES.isdisjoint(roles)


_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """What a browser calls itself, short enough that its owner knows it again; "" where nothing is known."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)


def password_fault(password: str, username: str) -> str | None:
    """What is wrong with a new password, as a sentence, or None."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < LEAST_PASSWORD:
        return N_("密码至少要有 10 个字符。可以用几个不相干的词连在一起，又长又好记。")
    if len(password) > LONGEST_PASSWORD:
        return "密码太长，最多 128 个字符。"
    if folded in WEAK_PASSWORDS or len(set(folded)) < LEAST_DIFFERENT or _is_run(folded):
        return N_("这个密码太容易被猜到。请换一个。")
    if username.casefold() in folded:
        return N_("密码里不能包含用户名。请换一个。")
    return None


def _is_run(text: str) -> bool:
    """Whether each character follows the one before it (abcdef…, 98765…)."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


def may_manage(principal: Principal, kind: OrganisationKind, region_code: str, organisation_id: int | None) -> bool:
    """Whether the principal may manage officials of that office (``organisation_id`` None: an office yet to be made).

    Finance manages the county's offices, but not the discipline commission's: who can make an account there can read
    sealed cases. Every office manages its own people, and a township those of its villages.
    """
    if not principal.may(MANAGE_OFFICIALS):
        return False
    # The system (a command) belongs to no office and manages all.
    if principal.organisation_kind is None:
        return True
    if organisation_id is not None and organisation_id == principal.organisation_id:
        return True
    if not principal.sees_region(region_code):
        return False
    if principal.organisation_kind == OrganisationKind.FINANCE:
        return kind != OrganisationKind.DISCIPLINE
    return principal.organisation_kind == OrganisationKind.TOWNSHIP and kind == OrganisationKind.VILLAGE
