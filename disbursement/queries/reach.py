"""Whom the messages about payments have reached, in figures and by name: each payment by its newest news and that
news' own message, so that everybody stands once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.database import db
from core.principal import Principal
from disbursement.models import Attempt, Batch, Payment, Roll
from disbursement.queries.rolls import rolls_in_scope
from disbursement.rules import SEE_ROLLS
from disbursement.rules.reach import LAID_ASIDE, NEWS, NO_PHONE, NOT_MADE, REFUSED, UNREACHABLE
from programmes.models import Programme
from registry.models import Beneficiary, Card, Region
from sms.models import Message, Refusal
from sms.rules import ALREADY_LEFT, CHARGED_STATES, LEFT_STATES
from sms.templates import TEMPLATES

REFUSABLE = sorted(template.name for template in TEMPLATES.values() if template.refusable)
_later = aliased(Attempt)
_place, _above = aliased(Region), aliased(Region)


def _template() -> ColumnElement[str]:
    """The template of an attempt's news."""
    return case(dict(NEWS), value=Attempt.outcome)


def standing() -> ColumnElement[str]:
    """What became of somebody's message, as one of rules.reach.STANDINGS. One that waited for another attempt when the
    one before had left after all stands with those that left."""
    refused = exists().where(Refusal.phone_index == Beneficiary.phone_index)
    without = case(
        (Beneficiary.phone_index.is_(None), NO_PHONE),
        (and_(_template().in_(REFUSABLE), refused), REFUSED),
        else_=NOT_MADE,
    )
    return case((Message.id.is_(None), without), (_left_before(), "accepted"), else_=Message.state)


def _left_before() -> ColumnElement[bool]:
    return and_(Message.state == "suppressed", Message.error_code == ALREADY_LEFT)


def _told(principal: Principal, *columns: Any) -> Select[Any]:
    """These columns of every payment in view of which there is news, with the attempt that it is from, and its
    message."""
    newer = (_later.payment_id == Payment.id, _later.number > Attempt.number, _later.outcome.in_(NEWS))
    return _news(principal, *columns).where(~exists().where(*newer))


def _news(principal: Principal, *columns: Any) -> Select[Any]:
    """The same for all news, the older ones of a payment as well."""
    own = (Message.subject_kind == "attempt", Message.subject_id == Attempt.id, Message.template == _template())
    return (
        select(*columns)
        .select_from(Payment)
        .join(Roll, Roll.id == Payment.roll_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(Attempt, and_(Attempt.payment_id == Payment.id, Attempt.outcome.in_(NEWS)))
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .outerjoin(Message, and_(*own))
        .where(rolls_in_scope(principal))
    )


@dataclass(frozen=True)
class Reach:
    """What became of the messages to the people of one township, or of all: how many stand where
    (rules.reach.STANDINGS), how many for which reason (state and error code), and how many pieces left, those of older
    news included."""

    township_code: str = ""
    standings: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    pieces: int = 0

    def __add__(self, other: "Reach") -> "Reach":
        """Both together."""
        return Reach(
            self.township_code,
            self.standings + other.standings,
            self.reasons + other.reasons,
            self.pieces + other.pieces,
        )

    def number(self, *standings: str) -> int:
        """How many stand in one of these."""
        return sum(self.standings[one] for one in standings)

    @property
    def people(self) -> int:
        """How many were to be told."""
        return sum(self.standings.values())

    @property
    def waiting(self) -> int:
        """Not handed over yet, or at this moment."""
        return self.number("queued", "sending")

    @property
    def left(self) -> int:
        """The provider has taken so many."""
        return self.number(*LEFT_STATES)

    @property
    def laid_aside(self) -> int:
        """Not sent: the content, the number or the time forbade it."""
        return self.number(*LAID_ASIDE)

    @property
    def unreachable(self) -> int:
        """So many do not know what became of their money."""
        return self.number(*UNREACHABLE)


def reach_of(principal: Principal, batch: Batch) -> list[Reach]:
    """What became of the messages about a batch, by township: those whose rolls the principal may see. Raises
    PermissionDenied for whoever may see none."""
    principal.require(SEE_ROLLS)
    error_code = func.coalesce(Message.error_code, "")
    each = (
        _told(principal, Roll.township_code, standing().label("standing"), error_code.label("error_code"))
        .where(Payment.batch_id == batch.id)
        .subquery()
    )
    # Grouped outside: PostgreSQL would not know an expression with parameters again among the groups.
    group = (each.c.township_code, each.c.standing, each.c.error_code)
    pieces = _pieces_by_township(principal, batch)
    found: dict[str, Reach] = {}
    for code, where, error, number in db.session.execute(select(*group, func.count()).group_by(*group)):
        line = found.setdefault(code, Reach(code, pieces=pieces.get(code, 0)))
        line.standings[where] += number
        if error:
            line.reasons[where, error] += number
    return [found[code] for code in sorted(found)]


def _pieces_by_township(principal: Principal, batch: Batch) -> Mapping[str, int]:
    """The pieces of all messages about a batch that count as spent; a message that a person had sent again counts
    once."""
    ours = (Message.subject_kind == "attempt", Message.subject_id == Attempt.id, Message.template.in_(NEWS.values()))
    rows = db.session.execute(
        select(Roll.township_code, func.sum(Message.segments))
        .select_from(Payment)
        .join(Roll, Roll.id == Payment.roll_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .join(Message, and_(*ours))
        .where(
            Payment.batch_id == batch.id,
            rolls_in_scope(principal),
            or_(Message.state.in_(CHARGED_STATES), _left_before()),
        )
        .group_by(Roll.township_code)
    )
    return {code: int(pieces) for code, pieces in rows}


class ToldPerson(NamedTuple):
    """Somebody of whose payment there is news, and what became of the message about it. ``village`` is where he lives,
    down to the group; ``new_phone``: another than the one that the message went to."""

    id: int
    name: str
    region_code: str
    village: str
    township: str
    phone: str | None
    new_phone: bool
    programme: str
    period: str
    amount_fen: int
    outcome: str
    failure_reason: str
    message_id: int | None
    standing: str
    error_code: str


def told_people(principal: Principal, batch: Batch) -> Select[Any]:
    """The people of a batch of whose payment there is news (ToldPerson's fields). Raises PermissionDenied for whoever
    may see none."""
    principal.require(SEE_ROLLS)
    township = aliased(Region)
    village = case(
        (_place.level == "group", _above.name + _place.name),
        (_place.level == "village", _place.name),
        else_="",
    )
    return (
        _told(
            principal,
            Payment.id.label("id"),
            Payment.name.label("name"),
            Payment.region_code.label("region_code"),
            func.coalesce(village, "").label("village"),
            township.name.label("township"),
            Beneficiary.phone.label("phone"),
            (Message.phone_index != Beneficiary.phone_index).label("new_phone"),
            Programme.name.label("programme"),
            Batch.period.label("period"),
            Attempt.amount_fen.label("amount_fen"),
            Attempt.outcome.label("outcome"),
            Attempt.failure_reason.label("failure_reason"),
            Message.id.label("message_id"),
            standing().label("standing"),
            func.coalesce(Message.error_code, "").label("error_code"),
        )
        .outerjoin(_place, _place.code == Payment.region_code)
        .outerjoin(_above, _above.code == _place.parent_code)
        .join(township, township.code == Roll.township_code)
        .where(Payment.batch_id == batch.id)
    )


def is_unreachable() -> ColumnElement[bool]:
    """Whether somebody does not know what became of his money, for told_people."""
    return standing().in_(sorted(UNREACHABLE))


@dataclass(frozen=True)
class Coverage:
    """The people to whom a bank paid, or tried to, in some months: how many have a phone now, to how many a message
    left, to how many one was delivered. ``key`` is a township's code or a bank's name, "" where that is not known."""

    key: str
    people: int = 0
    with_phone: int = 0
    sent: int = 0
    delivered: int = 0

    def __add__(self, other: "Coverage") -> "Coverage":
        """Both together, under the first one's key."""
        return Coverage(
            self.key,
            self.people + other.people,
            self.with_phone + other.with_phone,
            self.sent + other.sent,
            self.delivered + other.delivered,
        )


def coverage_by_township(principal: Principal, first: date, last: date) -> list[Coverage]:
    """The coverage of the payments of which the bank gave these days, by township. Raises PermissionDenied for whoever
    sees no payments."""
    return _coverage(_news(principal), Roll.township_code, principal, first, last)


def coverage_by_bank(principal: Principal, first: date, last: date) -> list[Coverage]:
    """The same by the bank of the account that was tried."""
    to_card = _news(principal).outerjoin(Card, Card.number_index == Attempt.card_index)
    return _coverage(to_card, Card.bank_name, principal, first, last)


def _coverage(
    news: Select[Any], key: InstrumentedAttribute[str], principal: Principal, first: date, last: date
) -> list[Coverage]:
    principal.require(SEE_ROLLS)
    left = or_(Message.state.in_(LEFT_STATES), _left_before())
    # Each person once, however many payments he has: the second grouping counts what the first has gathered.
    person = (
        news.with_only_columns(
            key.label("key"),
            _any(Beneficiary.phone_index.is_not(None)).label("with_phone"),
            _any(left).label("sent"),
            _any(Message.state == "delivered").label("delivered"),
            maintain_column_froms=True,
        )
        .where(Attempt.bank_date.between(first, last))
        .group_by(key, Payment.beneficiary_id)
        .subquery()
    )
    figures = (func.sum(person.c.with_phone), func.sum(person.c.sent), func.sum(person.c.delivered))
    found: dict[str, Coverage] = {}
    for name, people, *counted in db.session.execute(
        select(person.c.key, func.count(), *figures).group_by(person.c.key)
    ):
        line = Coverage(name or "", people, *map(int, counted))
        found[line.key] = found[line.key] + line if line.key in found else line
    return sorted(found.values(), key=lambda line: (-line.people, line.key))


def _any(condition: ColumnElement[bool]) -> Any:
    return func.max(case((condition, 1), else_=0))


def newest_bank_date() -> date | None:
    """The last day of which a bank has said anything."""
    return db.session.scalar(select(func.max(Attempt.bank_date)))
