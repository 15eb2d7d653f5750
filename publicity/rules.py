"""Decisions about publicity: who may do what, how long a list is open, how names are masked, what a token says.

Pure: no database, no clock, no keys of its own; dates and the signing key come in as arguments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from core.identity import mask_name
from core.msgid import N_
from core.principal import OrganisationKind, Role, permission

_READERS = (Role.PREPARER, Role.APPROVER, Role.COMPLAINT_HANDLER, Role.VIEWER)

READ = permission(
    "publicity.read",
    {kind: _READERS for kind in OrganisationKind if kind != OrganisationKind.BANK},
    title=N_("查看公示表和查询海报"),
)
PUBLICISE = permission(
    "publicity.publicise",
    {OrganisationKind.TOWNSHIP: (Role.PREPARER, Role.APPROVER)},
    title=N_("张榜公示花名册"),
)
CONFIRM_POSTING = permission(
    "publicity.confirm_posting",
    {OrganisationKind.TOWNSHIP: (Role.PREPARER, Role.APPROVER), OrganisationKind.VILLAGE: (Role.PREPARER,)},
    title=N_("登记公示表的张贴"),
)
# The county too: a list that shows what it must not has to come down at once, whoever is in the office.
WITHDRAW_LIST = permission(
    "publicity.withdraw_list",
    {OrganisationKind.TOWNSHIP: (Role.PREPARER, Role.APPROVER), OrganisationKind.FINANCE: (Role.APPROVER,)},
    title=N_("撤下有错的公示表"),
)
MANAGE_QR_CODES = permission(
    "publicity.manage_qr_codes",
    {OrganisationKind.TOWNSHIP: (Role.PREPARER, Role.APPROVER), OrganisationKind.FINANCE: (Role.PREPARER,)},
    title=N_("生成和停用查询二维码"),
)

TOWNSHIP, VILLAGE, GROUP = "township", "village", "group"
LEVELS = (TOWNSHIP, VILLAGE, GROUP)
"""The three levels of publicity (B8), as regions name them."""

BEFORE, AFTER = "before", "after"
KINDS = (BEFORE, AFTER)
"""Who is to be paid, and who was: both are publicised, at the same levels and as masked."""

PAID_STATES = ("paid", "paid_offline")
"""States of a payment that a list after payment shows: what was really paid."""
RESULT_STATES = ("results_in", "closed")
"""States of a batch in which its results can be publicised."""
REMINDED_DAYS = 62
"""Calendar days after a batch's results for which the township is reminded to publicise them: older ones can be
publicised too, but nobody is asked to."""

PAPER_DAYS = 7
"""How long a list hangs on the board where the programme allows no day online (policy §3: 7 days is the default)."""

LINES_PER_PAGE = 100
WHOLE_YEAR = "00"


@dataclass(frozen=True)
class Window:
    """The days on which a list is open, both included, and whether it may be seen online at all."""

    opens_on: date
    closes_on: date
    online: bool


def window(opens_on: date, publicity_days: int) -> Window:
    """The window of a list that opens on this county day. ``publicity_days`` are calendar days of the programme;
    0 means paper only (policy §3: sensitive programmes)."""
    days = publicity_days or PAPER_DAYS
    return Window(opens_on, opens_on + timedelta(days=days - 1), publicity_days > 0)


def paper_window(posted_on: date) -> Window:
    """The window of a list on paper only, counted from the day on which it was put up: nobody could read it before
    (B8 asks for the board; policy §3 leaves it no day online)."""
    return window(posted_on, 0)


@dataclass(frozen=True)
class Hung:
    """What counts of one list of a round: until when it hangs, and whether it does. ``taken_down``: an official
    withdrew it as wrong."""

    closes_on: date
    online: bool
    posted: bool
    taken_down: bool = False

    @property
    def hangs(self) -> bool:
        """Online it hangs by itself; on paper, from when somebody confirms that it was put up."""
        return not self.taken_down and (self.online or self.posted)


def hangs_until(lists: Iterable[Hung]) -> date | None:
    """The last day on which the lists of a round hang; None while one of them does not hang at all: then its place was
    never told, and the window has no end yet."""
    every = list(lists)
    if not every or not all(one.hangs for one in every):
        return None
    return max(one.closes_on for one in every)


def board_of(region_code: str) -> str:
    """The place whose notice board a list hangs at, as far as photos are asked for: the village, or the township's own.
    The groups of a village put up their lists beside the village's."""
    return region_at(VILLAGE, region_code) or region_at(TOWNSHIP, region_code) or region_code


def posting_fault(posted_on: date, *, made_on: date, closes_on: date, online: bool, today: date) -> str:
    """What is wrong with the day on which somebody says a list was put up: a sentence (message id), "" for nothing. A
    list on paper has no last day before it hangs."""
    if posted_on > today:
        return N_("张贴的日期不能晚于今天。")
    if posted_on < made_on:
        return N_("张贴的日期早于公示表生成的日期。")
    if online and posted_on > closes_on:
        return N_("张贴的日期晚于公示期，公示期内没有张贴。")
    return ""


OPEN, PAPER_ONLY, CLOSED, WITHDRAWN = "open", "paper_only", "closed", "withdrawn"
NOT_POSTED = "not_posted"


def list_state(closes_on: date, today: date, *, online: bool, withdrawn: bool, posted: bool) -> str:
    """How a list stands today: derived from its days, never stored. One on paper only has no days before it hangs."""
    if withdrawn:
        return WITHDRAWN
    if not online and not posted:
        return NOT_POSTED
    if closes_on < today:
        return CLOSED
    return OPEN if online else PAPER_ONLY


def masked_name(name: str, *, sensitive: bool) -> str:
    """A name as the public may see it: the surname only where the programme reveals disability, orphanhood or
    minority (PIPL §28)."""
    return mask_name(name, surname_only=sensitive)


def title(programme_name: str, period: str, region_name: str, kind: str = BEFORE) -> str:
    """What stands above a list; ``period`` is YYYYMM. A list is a document of the county and stays Chinese."""
    month = "" if period[4:] == WHOLE_YEAR else f"{int(period[4:])}月"
    what = "发放结果公示表" if kind == AFTER else "发放公示表"
    return f"{region_name}{period[:4]}年{month}{programme_name}{what}"


def region_at(level: str, region_code: str) -> str | None:
    """The code of the region of ``level`` in which a region lies; None where it lies above that level."""
    if level == GROUP:
        return region_code if len(region_code) == 15 else None
    village = region_code[:12]
    if level == VILLAGE:
        return None if village.endswith("000") else village
    return None if village.endswith("000000") else village[:9] + "000"


def regions_around(region_code: str) -> tuple[str, ...]:
    """A region and those above it up to its township: whose lists concern somebody who lives there."""
    found = [region_at(level, region_code) for level in (GROUP, VILLAGE, TOWNSHIP)]
    return tuple(code for code in found if code)


# --- Tokens ----------------------------------------------------------------------------------------

_QR_SALT = "qr"
_LIST_SALT = "list"


@dataclass(frozen=True)
class QrName:
    """What a printed code names: its row and its region, no person."""

    qr_id: int
    region_code: str


def qr_token(key: bytes, name: QrName) -> str:
    """The signed text of a code. Short, because every character makes the printed squares smaller."""
    return _sign(key, _QR_SALT, [name.qr_id, name.region_code])


def read_qr_token(key: bytes, token: str) -> QrName | None:
    """What a token names, or None for anything that this installation did not sign exactly so."""
    match _read(key, _QR_SALT, token):
        case [int(qr_id), str(region_code)]:
            return QrName(qr_id, region_code)
        case _:
            return None


@lru_cache(maxsize=4096)
def list_token(key: bytes, list_id: int) -> str:
    """The signed name of a list: lists cannot be walked through by counting."""
    return _sign(key, _LIST_SALT, list_id)


def read_list_token(key: bytes, token: str) -> int | None:
    """The id of the list that a token names, or None for anything that was not signed exactly so."""
    value = _read(key, _LIST_SALT, token)
    return value if isinstance(value, int) else None


def _sign(key: bytes, salt: str, value: object) -> str:
    signed = URLSafeSerializer(key, salt=salt).dumps(value)
    return signed if isinstance(signed, str) else signed.decode()


def _read(key: bytes, salt: str, token: str) -> object | None:
    try:
        value: object = URLSafeSerializer(key, salt=salt).loads(token)
    except BadData:
        return None
    return value if _is_canonical(token) else None


def _is_canonical(token: str) -> bool:
    """Whether no bit of a token can be changed unnoticed: the last character of Base64 has bits that do not count."""
    parts = token.encode().split(b".")
    return all(base64_encode(base64_decode(part)) == part for part in parts if part)
