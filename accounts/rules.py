"""Who may manage whom, what a password must be, and the steps of signing in. Pure."""

import unicodedata
from enum import StrEnum
from itertools import pairwise

from core.msgid import N_
from core.principal import OrganisationKind, Principal, Role, permission

MANAGE_OFFICIALS = permission(
    "accounts.manage", dict.fromkeys(OrganisationKind, (Role.ADMINISTRATOR,)), N_("管理单位和经办人员的账号")
)
SEE_RIGHTS = permission("accounts.see_rights", {kind: tuple(Role) for kind in OrganisationKind}, N_("查看谁能做什么"))

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


class SignInStep(StrEnum):
    """What comes after the right password."""

    DONE = "done"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 -- a step, not a password


def step_after_password(*, must_change_password: bool) -> SignInStep:
    """The next step of somebody who gave the right password. A second factor is one more step, asked for here before
    anything else; until the last step is done there is no session."""
    return SignInStep.CHANGE_PASSWORD if must_change_password else SignInStep.DONE


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
