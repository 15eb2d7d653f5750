"""What the next offer file of a batch would hold: read before it is made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from core.database import db
from core.money import Fen
from disbursement.bank_files.offers import as_written, lost_in
from disbursement.bank_files.profiles import Profile
from disbursement.models import BankSpelling, Batch, CorrectedAlong, Correction, Payment
from disbursement.queries.failures import bound_by_order, disputed
from registry.models import Beneficiary, Card, CardChange

_FETCH = 5_000


def waiting(batch: Batch, *, again: bool = False) -> tuple[ColumnElement[bool], ...]:
    """Payments of the batch that wait to be sent. What was pushed after a failure waits for the month's re-issue file;
    with ``again`` it counts here too, unless a bank file disputes that it failed. What a return order has waits for
    its decision: a card may have been issued meanwhile."""
    state = Payment.state == "approved"
    if again:
        state = or_(state, and_(Payment.state == "resubmitted", ~disputed()))
    return (Payment.batch_id == batch.id, state, ~bound_by_order())


def sendable(batch: Batch, *, again: bool = False) -> tuple[ColumnElement[bool], ...]:
    """Those of them that have a card."""
    return (*waiting(batch, again=again), Payment.card_id.is_not(None))


class AffectedName(NamedTuple):
    """A name that stands otherwise in the file than in the book. ``lost``: as many of its characters became question
    marks; 0 where it is the bank's own spelling."""

    payment_id: int
    name: str
    written: str
    lost: int


class Redirected(NamedTuple):
    """A payment that goes to another account than the one to which it was approved: a township has corrected another
    payment of the same person since, or somebody who had no card has got somebody else's (``actor_name`` is empty where
    a roll brought it). Cards are named by their last digits."""

    payment_id: int
    name: str
    amount_fen: Fen
    before_payee: str
    before_tail: str
    payee: str
    tail: str
    actor_name: str
    at: datetime


class OfferPreview(NamedTuple):
    """Count and fen of the file, and the names that it would write otherwise; ``without_card`` more people wait."""

    line_count: int
    total_fen: int
    respelled: Sequence[AffectedName]
    losing: Sequence[AffectedName]
    without_card: int

    @property
    def lost_characters(self) -> int:
        """How many characters the bank's character set lacks."""
        return sum(name.lost for name in self.losing)


def redirected(batch: Batch) -> Sequence[Redirected]:
    """What of the next offer file of a batch one official alone has redirected since its approval, by number."""
    found = [*_corrected_along(batch), *_taken_by_others(batch)]
    return sorted(Redirected._make(row) for row in found)


def _corrected_along(batch: Batch) -> Sequence[Any]:
    last = (
        select(CorrectedAlong.payment_id, func.max(CorrectedAlong.correction_id).label("correction_id"))
        .join(Correction, Correction.id == CorrectedAlong.correction_id)
        .join(Payment, Payment.id == CorrectedAlong.payment_id)
        .where(*sendable(batch), Correction.undone_at.is_(None))
        .group_by(CorrectedAlong.payment_id)
        .subquery()
    )
    # Where the first of several corrections led away from is where the payment was approved to.
    first = aliased(CorrectedAlong)
    earlier = aliased(CorrectedAlong)
    before = aliased(Card)
    return db.session.execute(
        select(
            Payment.id,
            Payment.name,
            Payment.amount_fen,
            first.before_payee_name,
            before.tail,
            Payment.payee_name,
            Card.tail,
            Correction.actor_name,
            Correction.at,
        )
        .join(last, last.c.payment_id == Payment.id)
        .join(Correction, Correction.id == last.c.correction_id)
        .join(first, first.payment_id == Payment.id)
        .join(Card, Card.id == Payment.card_id)
        .join(before, before.id == first.before_card_id)
        .where(
            ~exists().where(earlier.payment_id == first.payment_id, earlier.correction_id < first.correction_id),
            or_(Card.id != before.id, Payment.payee_name != first.before_payee_name),
        )
    ).all()


def _taken_by_others(batch: Batch) -> Sequence[Any]:
    """People without a card who have got a card of somebody else since, however it came to be theirs: entered by the
    township, corrected with another payment of theirs, or brought by a later roll, of which even a draft that nobody
    has approved gives people their cards. (The bank knows the holder of a card: one that is said to be their own and is
    not is refused.)"""
    last = (
        select(CardChange.beneficiary_id, func.max(CardChange.id).label("change_id"))
        .join(Payment, Payment.beneficiary_id == CardChange.beneficiary_id)
        .where(*waiting(batch), Payment.card_id.is_(None))
        .group_by(CardChange.beneficiary_id)
        .subquery()
    )
    return db.session.execute(
        select(
            Payment.id,
            Payment.name,
            Payment.amount_fen,
            literal(""),
            literal(""),
            Card.holder_name,
            Card.tail,
            CardChange.actor_name,
            CardChange.at,
        )
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .join(Card, Card.id == Beneficiary.card_id)
        .join(last, last.c.beneficiary_id == Beneficiary.id)
        .join(CardChange, CardChange.id == last.c.change_id)
        .where(
            *waiting(batch),
            Payment.card_id.is_(None),
            Card.holder_name != Payment.name,
        )
    ).all()


def offer_preview(batch: Batch, profile: Profile) -> OfferPreview:
    """The next offer file of a batch in this format, as ``export_offer`` would write it now. Changes nothing."""
    # A card that was issued since the roll came is taken at the export; its holder is the payee then.
    payee = case((Payment.card_id.is_(None), Card.holder_name), else_=Payment.payee_name)
    rows = db.session.connection().execute(
        select(Payment.id, payee, Payment.amount_fen, BankSpelling.spelling, Card.id)
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .outerjoin(Card, Card.id == func.coalesce(Payment.card_id, Beneficiary.card_id))
        .outerjoin(BankSpelling, and_(BankSpelling.card_id == Card.id, BankSpelling.name == payee))
        .where(*waiting(batch))
        .order_by(Payment.roll_id, Payment.id)
        .execution_options(yield_per=_FETCH)
    )
    encoding = profile.offer.encoding
    count = total = without = 0
    respelled: list[AffectedName] = []
    losing: list[AffectedName] = []
    for payment_id, ours, fen, spelling, card in rows:
        if card is None:
            without += 1
            continue
        count, total = count + 1, total + int(fen)
        name = spelling or ours
        lost = lost_in(encoding, name)
        if lost:
            losing.append(AffectedName(payment_id, ours, as_written(encoding, name), lost))
        elif spelling and spelling != ours:
            respelled.append(AffectedName(payment_id, ours, spelling, 0))
    return OfferPreview(count, total, respelled, losing, without)
