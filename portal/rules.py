"""Decisions of the public door: who has proved what, how often one may try, what a state means in plain words.

Pure: no database, no clock.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from limits import RateLimitItem, parse

from core.identity import IdNumberProblem, name_key
from core.msgid import N_
from core.principal import OrganisationKind, Role, permission
from core.reasons import checked_reason
from disbursement.failure_reasons import explain

# --- How long and how often --------------------------------------------------------------------------

VISIT = timedelta(minutes=10)
"""How long a villager's session lasts (design §6)."""
CODE_LIFE = timedelta(minutes=5)
ID_DIGITS = 18
CARD_TAIL_DIGITS = 4
LONG_TAIL_DIGITS = 8
MISS_SECONDS = 0.03
"""No miss is answered before this time has passed since it came: whatever little the work of two misses differs, the
answers leave at the same time."""

# Past these somebody has to answer a question; nobody is ever shut out.
LOOKUPS_PER_PERSON = parse("5 per 15 minute")
LOOKUPS_PER_ADDRESS = parse("30 per 15 minute")
# A machine answers questions too, and four digits are ten thousand tries. After so many misses on one ID number in a
# day eight digits are asked for: they stand on the card of whom it is, and nobody guesses them.
MISSES_A_DAY: RateLimitItem = parse("30 per 1 day")
MORE_DIGITS = N_("这个身份证号码今天试的次数太多。为了安全，请填写卡号最后八位数字，或者改用短信验证码。")
LOOKUPS_IN_ALL = parse("600 per 5 minute")
CODES_PER_PERSON = parse("2 per 15 minute")
CODES_PER_ADDRESS = parse("20 per 1 hour")
CODES_IN_ALL = parse("600 per 1 hour")
COMPLAINTS_PER_ADDRESS = parse("10 per 1 hour")
COMPLAINTS_IN_ALL = parse("300 per 1 hour")
TRACKS_PER_ADDRESS = parse("10 per 15 minute")
TRACKS_IN_ALL = parse("300 per 15 minute")
# A phone that rings all day is an attack on its owner: past this no code goes to him, and the card still opens.
BY_SMS_A_DAY = 5
COMPLAINTS_BY_SMS_A_DAY = 3
LONGEST_BY_SMS = 1000
"""How often a phone may ask for its payments and hand in by SMS, and how long that may be: each answer costs money."""
MOST_CODES_A_DAY: RateLimitItem = parse("6 per 1 day")
MOST_CODES_TO_A_PHONE = 12
"""In a day, whoever asked: a family may share one phone."""

# An official at the counter serves one person after the other; whoever goes on faster gathers data. He is told to stop,
# and each further try is on record.
ASSISTED_AN_HOUR: RateLimitItem = parse("60 per 1 hour")
ASSISTED_A_DAY: RateLimitItem = parse("300 per 1 day")

# --- Looking up for somebody at the counter -----------------------------------------------------------

ASSIST_LOOKUP = permission(
    "portal.assist_lookup",
    {
        OrganisationKind.TOWNSHIP: (Role.PREPARER, Role.APPROVER, Role.COMPLAINT_HANDLER),
        OrganisationKind.VILLAGE: (Role.PREPARER, Role.APPROVER, Role.COMPLAINT_HANDLER),
    },
    N_("在服务窗口替群众查询补贴（限本辖区，每次都留记录）"),
)

READ_ASSISTED = permission(
    "portal.read_assisted",
    dict.fromkeys(
        (OrganisationKind.AUDIT, OrganisationKind.DISCIPLINE),
        (Role.PREPARER, Role.APPROVER, Role.COMPLAINT_HANDLER, Role.VIEWER),
    ),
    N_("查看窗口代查记录和经办人员写的说明"),
)


class Asked(StrEnum):
    """How somebody asks at the counter."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    FOR_ANOTHER = "for_another"


ASKED_WORDS: Mapping[str, str] = {
    Asked.IN_PERSON: N_("本人到场，已核对身份证"),
    Asked.BY_PHONE: N_("本人打电话来问"),
    Asked.FOR_ANOTHER: N_("别人代他来问"),
}
OUTCOMES: Mapping[str, str] = {
    "shown": N_("已显示"),
    "not_here": N_("辖区里没有这个人"),
    "refused": N_("次数用完，没有查"),
}
NEEDS_A_NOTE = frozenset({Asked.BY_PHONE, Asked.FOR_ANOTHER})
"""Nobody has seen his identity card: how the official made sure of him is to be written down."""


def checked_note(asked: Asked, note: str) -> str:
    """What is recorded beside how somebody asked. Raises UserError where it is needed and missing, or holds numbers of
    people."""
    if asked not in NEEDS_A_NOTE and not note.strip():
        return ""
    return checked_reason(note)


# --- Proof -------------------------------------------------------------------------------------------

ANY_CHARACTER = "*"
"""Stands for one character that a phone cannot type, be it a letter or the dot between the parts of a name."""


def same_name(registered_key: str, typed: str) -> bool:
    """Whether a typed name is the registered one (given by its ``name_key``). One ``*`` may stand for one character;
    a name of nothing but the star is no name."""
    key, wanted = name_key(typed), registered_key
    if key.count(ANY_CHARACTER) == 1:
        place = key.index(ANY_CHARACTER)
        if len(key) == len(registered_key) > 1:
            wanted = registered_key[:place] + ANY_CHARACTER + registered_key[place + 1 :]
        elif 0 < place < len(key) - 1:
            # A key has no dots: the star for one falls out of it as the dot itself does.
            key = key[:place] + key[place + 1 :]
    return hmac.compare_digest(wanted.encode(), key.encode()) and key not in ("", ANY_CHARACTER)


def is_among(proof: str, known: Iterable[str]) -> bool:
    """Whether a proof is one of the known ones; no proof is none of them. Every one is compared, so that the time does
    not say which."""
    found = False
    for one in known:
        found |= hmac.compare_digest(one.encode(), proof.encode())
    return found and proof != ""


def id_number_sentence(number: str, problem: IdNumberProblem) -> str:
    """What to tell somebody who mistyped an ID number (a message id): true of the number, whoever exists."""
    if problem == IdNumberProblem.MISSING:
        return N_("请填写身份证号码。")
    if problem == IdNumberProblem.FIFTEEN_DIGITS:
        return N_("这是 15 位的旧号码。请填写现在身份证上的 18 位号码。")
    if len(number) != ID_DIGITS:
        return N_("身份证号码应当是 18 位。请数一数，有没有多写或者漏写。")
    return N_("身份证号码写错了。请对照身份证，一位一位再看一遍。")


# --- States in plain words ---------------------------------------------------------------------------


@dataclass(frozen=True)
class PlainState:
    """A payment's state for a villager: what it is, what it means, what to do now (message ids). ``tone``: a colour.

    ``reason`` says why a payment failed, without a full stop, as other rooms need it, too.
    """

    title: str
    meaning: str = ""
    next_step: str = ""
    tone: str = "info"
    reason: str = ""


_STATES = {
    "approved": PlainState(N_("等待发放"), N_("审核已经通过，等财政局通知银行发放。")),
    "sent": PlainState(N_("银行正在办理"), N_("钱已经交给银行，一般几个工作日到账。")),
    "paid": PlainState(N_("已经到账"), tone="success"),
    "paid_offline": PlainState(N_("已经领取"), N_("这一笔不走银行卡，已经用别的办法发给您。"), tone="success"),
    "unclear": PlainState(
        N_("银行正在核实"),
        N_("到没到账，银行还在查。查清以前不会再发一次。"),
        N_("请过几天再查。"),
        "warning",
    ),
    "corrected": PlainState(N_("等待重发"), N_("您的信息已经改好，等着再发一次。")),
    "resubmitted": PlainState(N_("等待重发"), N_("您的信息已经改好，很快会再发一次。")),
    "returned": PlainState(
        N_("钱被退回"),
        N_("这笔钱没有发到您手里，被退回来了。"),
        N_("请带身份证和社保卡到村委会核对卡号，问清楚怎样补发。"),
        "warning",
    ),
    "credited": PlainState(
        N_("已经退回财政"),
        N_("这笔钱一直发不出去，已经退回财政，不再发放。"),
        N_("如果您认为应当发给您，请带身份证到村委会或者乡镇政府查问。"),
        "warning",
    ),
}
_NO_CARD_STEP = N_("您还没有登记社保卡。请带身份证到银行网点办卡，再到村委会登记卡号。")


@lru_cache(maxsize=256)
def plain_state(state: str, failure_reason: str, *, has_card: bool) -> PlainState:
    """What a payment's state means for its owner, and what to do now. For the states that an owner is shown: a draft
    and a struck line are nobody's."""
    if state == "failed":
        reason = explain(failure_reason)
        return PlainState(N_("没有发成功"), "", reason.next_step, "danger", reason.meaning)
    shown = _STATES[state]
    if state == "approved" and not has_card:
        return PlainState(shown.title, shown.meaning, _NO_CARD_STEP, "warning")
    return shown
