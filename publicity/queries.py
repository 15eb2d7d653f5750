"""Reads of publicity. What is open is open to everybody and takes no principal; all else is read through one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from core.calendar import start_of_day_utc
from core.database import db, region_scope
from core.errors import NotVisible
from core.principal import Principal, PrincipalKind, region_prefix
from core.workflow import WorkflowStep
from disbursement.models import Batch, Payment, Roll
from disbursement.rules import BATCH_WORKFLOW
from publicity import rules
from publicity.models import PublicityLine, PublicityList, QrCode
from registry.models import Region

PUBLIC_ROLL_STATES = ("publicised", "department_approved")
"""A roll that was sent back is not public, even while its former list would still be open."""


def signing_key() -> bytes:
    """The key that tokens are signed with."""
    key: bytes = current_app.config["SECRET_KEY"]
    return key


# --- What everybody may see --------------------------------------------------------------------------


class OpenList(NamedTuple):
    """An open list as a page needs it. ``token`` is its public name."""

    token: str
    title: str
    level: str
    line_count: int
    total_fen: int
    opens_on: date
    closes_on: date


_TODAY = bindparam("today", type_=Date())
_IS_PUBLIC = (
    PublicityList.opens_on <= _TODAY,
    PublicityList.closes_on >= _TODAY,
    PublicityList.online.is_(True),
    PublicityList.withdrawn_at.is_(None),
    or_(*(Roll.state == state for state in PUBLIC_ROLL_STATES)),
)
# Made once: to put a statement together costs more than to run it, and every lookup asks for the lists around it. For
# the same reason each value has a place of its own: a list of any length is spelt out anew at every run.
_AROUND = ("around_group", "around_village", "around_township")
_OPEN_LISTS = (
    select(
        PublicityList.id,
        PublicityList.title,
        PublicityList.level,
        PublicityList.line_count,
        PublicityList.total_fen,
        PublicityList.opens_on,
        PublicityList.closes_on,
    )
    .join(Roll, Roll.id == PublicityList.roll_id)
    .where(
        or_(
            PublicityList.region_code.in_([bindparam(name) for name in _AROUND]),
            PublicityList.region_code.between(bindparam("first_group"), bindparam("last_group")),
        ),
        *_IS_PUBLIC,
    )
)
_OPEN_LIST = select(PublicityList).join(PublicityList.roll).where(PublicityList.id == bindparam("list_id"), *_IS_PUBLIC)
_NEAREST_FIRST = {rules.GROUP: 0, rules.VILLAGE: 1, rules.TOWNSHIP: 2}


def open_lists(region_code: str, *, on: date) -> list[OpenList]:
    """The lists open on this county day that concern a region: its own, those above it up to the township, and of a
    village also its groups'. The nearest come first."""
    village = region_code if rules.region_at(rules.VILLAGE, region_code) == region_code else ""
    asked = {
        **dict.fromkeys(_AROUND, region_code),
        **dict(zip(_AROUND, rules.regions_around(region_code), strict=False)),
        "first_group": f"{village}000" if village else "",
        "last_group": f"{village}999" if village else "",
        "today": on,
    }
    key = signing_key()
    rows = db.session.connection().execute(_OPEN_LISTS, asked).all()
    found = [OpenList(rules.list_token(key, row[0]), *row[1:]) for row in rows]
    return sorted(found, key=lambda one: (_NEAREST_FIRST[one.level], one.closes_on, one.title))


class ListClosed(NotVisible):
    """A list that was open and is no longer: whoever kept its address learns that, and where it hung; nothing of what
    stood in it."""

    def __init__(self, region_code: str) -> None:
        super().__init__()
        self.region_code = region_code


def open_list(token: str, *, on: date) -> PublicityList:
    """The open list that a token names. Raises NotVisible for a token that is not ours, and ListClosed for a list that
    has closed or was taken down: it is gone from the public door. A list on paper only was never there."""
    list_id = rules.read_list_token(signing_key(), token)
    found = None
    if list_id is not None:
        found = db.session.scalar(_OPEN_LIST, {"list_id": list_id, "today": on})
    if found is None:
        was_open = list_of_token(token)
        if was_open is not None and was_open.online:
            raise ListClosed(was_open.region_code)
        raise NotVisible
    return found


def list_of_token(token: str) -> PublicityList | None:
    """The list that a token names, open or not: what somebody was shown before and still writes about."""
    list_id = rules.read_list_token(signing_key(), token)
    return db.session.get(PublicityList, list_id) if list_id is not None else None


class PublicLine(NamedTuple):
    """A line of a list as its pages show it."""

    number: int
    masked_name: str
    group_name: str
    quantity: str
    amount_fen: int


_LINES = (
    select(
        PublicityLine.number,
        PublicityLine.masked_name,
        PublicityLine.group_name,
        PublicityLine.quantity,
        PublicityLine.amount_fen,
    )
    .where(
        PublicityLine.list_id == bindparam("list_id"),
        PublicityLine.number > bindparam("before"),
        PublicityLine.number <= bindparam("last"),
    )
    .order_by(PublicityLine.number)
)


def lines_of(list_id: int, page: int) -> list[PublicLine]:
    """The lines of one page (LINES_PER_PAGE each, the first page is 1). By number, so that page 50 costs as page 1."""
    before = (page - 1) * rules.LINES_PER_PAGE
    asked = {"list_id": list_id, "before": before, "last": before + rules.LINES_PER_PAGE}
    return [PublicLine._make(row) for row in db.session.connection().execute(_LINES, asked)]


def place_name(region: Region) -> str:
    """Where a region lies, from its township down: 姜州镇石门坎村. One query."""
    codes = rules.regions_around(region.code) or (region.code,)
    names = db.session.scalars(
        select(Region.name).where(Region.code.in_(codes)).order_by(func.length(Region.code), Region.code)
    )
    return "".join(names)


@dataclass(frozen=True)
class QrEntry:
    """What a scanned code leads to; ``revoked`` says that the print should be replaced."""

    region: Region
    revoked: bool


def qr_entry(token: str) -> QrEntry | None:
    """What a token names; None for a forged or altered one. The code of the region counts, not its name."""
    name = rules.read_qr_token(signing_key(), token)
    if name is None:
        return None
    code = db.session.scalar(
        select(QrCode)
        .options(joinedload(QrCode.region))
        .where(QrCode.id == name.qr_id, QrCode.region_code == name.region_code)
    )
    return QrEntry(code.region, code.revoked_at is not None) if code else None


def qr_token_of(code: QrCode) -> str:
    """The token that is printed."""
    return rules.qr_token(signing_key(), rules.QrName(code.id, code.region_code))


# --- What officials see ------------------------------------------------------------------------------


def in_scope(principal: Principal, column: Any) -> ColumnElement[bool]:
    """Rows of the principal's own region; the system sees all."""
    if principal.kind == PrincipalKind.SYSTEM or principal.region_prefix:
        return region_scope(column, principal.region_prefix)
    return false()


def lists_for(principal: Principal) -> Select[PublicityList]:
    """All lists in scope, open or not; to be ordered and paged by the caller."""
    principal.require(rules.READ)
    return (
        select(PublicityList)
        .join(PublicityList.region)
        .join(PublicityList.roll)
        .options(contains_eager(PublicityList.region), contains_eager(PublicityList.roll))
        .where(in_scope(principal, PublicityList.region_code))
    )


def is_hanging(today: date) -> ColumnElement[bool]:
    """Lists (joined with their roll) that hang today, or are still to be put up: on paper, that is until somebody
    confirms it."""
    not_over = or_(PublicityList.closes_on >= today, ~PublicityList.online & PublicityList.posted_on.is_(None))
    return and_(PublicityList.withdrawn_at.is_(None), Roll.state.in_(PUBLIC_ROLL_STATES), not_over)


def can_be_posted() -> ColumnElement[bool]:
    """Lists (joined with their roll) of which nobody has confirmed that they were put up; a closed one too, because
    what was done in time may be entered later."""
    return and_(
        PublicityList.withdrawn_at.is_(None),
        PublicityList.posted_on.is_(None),
        Roll.state.in_(PUBLIC_ROLL_STATES),
    )


def get_list(principal: Principal, list_id: int) -> PublicityList:
    """One list. Raises NotVisible."""
    found = db.session.scalar(lists_for(principal).where(PublicityList.id == list_id))
    if found is None:
        raise NotVisible
    return found


def rolls_waiting(principal: Principal) -> Sequence[Roll]:
    """Rolls in scope that the township has approved and not yet publicised, the oldest first."""
    if not principal.may(rules.PUBLICISE):
        return []
    return db.session.scalars(
        select(Roll)
        .options(joinedload(Roll.batch).joinedload(Batch.programme), joinedload(Roll.township))
        .where(Roll.state == "township_approved", in_scope(principal, Roll.township_code))
        .order_by(Roll.id)
    ).all()


def results_waiting(principal: Principal, today: date) -> Sequence[Roll]:
    """Rolls in scope whose batch has had its results for no longer than REMINDED_DAYS and that hang no list of them,
    the newest first."""
    if not principal.may(rules.PUBLICISE):
        return []
    since = start_of_day_utc(today - timedelta(days=rules.REMINDED_DAYS))
    came_in = exists().where(
        WorkflowStep.subject_kind == BATCH_WORKFLOW.name,
        WorkflowStep.subject_id == Batch.id,
        WorkflowStep.to_state == "results_in",
        WorkflowStep.at >= since,
    )
    listed = exists().where(
        PublicityList.roll_id == Roll.id,
        PublicityList.kind == rules.AFTER,
        or_(PublicityList.withdrawn_at.is_(None), PublicityList.withdrawn_by == ""),
    )
    paid = exists().where(Payment.roll_id == Roll.id, Payment.state.in_(rules.PAID_STATES))
    return db.session.scalars(
        select(Roll)
        .join(Roll.batch)
        .options(contains_eager(Roll.batch).joinedload(Batch.programme), joinedload(Roll.township))
        .where(
            Batch.state.in_(rules.RESULT_STATES),
            in_scope(principal, Roll.township_code),
            came_in,
            ~listed,
            paid,
        )
        .order_by(Batch.period.desc(), Roll.id)
    ).all()


def get_roll(principal: Principal, roll_id: int) -> Roll:
    """A roll to publicise. Raises NotVisible."""
    roll = db.session.scalar(select(Roll).where(Roll.id == roll_id, in_scope(principal, Roll.township_code)))
    if roll is None:
        raise NotVisible
    return roll


def get_listed_roll(principal: Principal, roll_id: int) -> Roll:
    """A roll of which the principal sees lists, or that lies in his region: a village sees its own lists of its
    township's roll. Raises NotVisible."""
    principal.require(rules.READ)
    listed = exists().where(PublicityList.roll_id == Roll.id, in_scope(principal, PublicityList.region_code))
    roll = db.session.scalar(
        select(Roll)
        .join(Roll.batch)
        .options(contains_eager(Roll.batch).joinedload(Batch.programme), joinedload(Roll.township))
        .where(Roll.id == roll_id, or_(in_scope(principal, Roll.township_code), listed))
    )
    if roll is None:
        raise NotVisible
    return roll


def count_lists(principal: Principal, roll: Roll) -> int:
    """How many lists were ever made of a roll, as far as the principal sees them."""
    mine = (PublicityList.roll_id == roll.id, in_scope(principal, PublicityList.region_code))
    return db.session.scalar(select(func.count()).select_from(PublicityList).where(*mine)) or 0


def is_taken_down(roll: Roll) -> bool:
    """Whether a wrong list of the roll's last round before payment was taken down: it is to be publicised anew."""
    of_kind = (PublicityList.roll_id == roll.id, PublicityList.kind == rules.BEFORE)
    last = select(func.max(PublicityList.round)).where(*of_kind).scalar_subquery()
    down = select(PublicityList.id).where(
        *of_kind, PublicityList.round == last, PublicityList.withdrawn_at.is_not(None)
    )
    return db.session.scalar(down.limit(1)) is not None


def townships(principal: Principal) -> Sequence[Region]:
    """The townships in scope, in the order of their codes."""
    scope = in_scope(principal, Region.code)
    return db.session.scalars(select(Region).where(Region.level == rules.TOWNSHIP, scope).order_by(Region.code)).all()


def notice_boards(principal: Principal, township_code: str | None = None) -> Sequence[Region]:
    """The regions in scope that have a notice board of their own (townships and villages), of one township or all."""
    under = region_scope(Region.code, region_prefix(township_code)) if township_code else Region.code.is_not(None)
    return db.session.scalars(
        select(Region)
        .where(Region.level.in_((rules.TOWNSHIP, rules.VILLAGE)), in_scope(principal, Region.code), under)
        .order_by(Region.code)
    ).all()


def get_region(principal: Principal, code: str) -> Region:
    """A region in scope. Raises NotVisible."""
    region = db.session.get(Region, code) if principal.sees_region(code) else None
    if region is None:
        raise NotVisible
    return region


def codes_of(principal: Principal, region_code: str) -> Sequence[QrCode]:
    """All codes ever made for a region in scope, the newest first."""
    principal.require(rules.READ)
    return db.session.scalars(
        select(QrCode)
        .where(QrCode.region_code == region_code, in_scope(principal, QrCode.region_code))
        .order_by(QrCode.id.desc())
    ).all()


def good_codes(principal: Principal, region_codes: Iterable[str]) -> dict[str, QrCode]:
    """The code that is good now, by region, of the regions that have one."""
    found = db.session.scalars(
        select(QrCode).where(
            QrCode.region_code.in_(list(region_codes)),
            QrCode.revoked_at.is_(None),
            in_scope(principal, QrCode.region_code),
        )
    )
    return {code.region_code: code for code in found}


def get_code(principal: Principal, code_id: int) -> QrCode:
    """One code. Raises NotVisible."""
    principal.require(rules.READ)
    code = db.session.scalar(
        select(QrCode)
        .options(joinedload(QrCode.region))
        .where(QrCode.id == code_id, in_scope(principal, QrCode.region_code))
    )
    if code is None:
        raise NotVisible
    return code
