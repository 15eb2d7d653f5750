"""What the next offer file of a batch would hold: read before it is made."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from core.database import db
from disbursement.bank_files.offers import as_written, lost_in
from disbursement.bank_files.profiles import Profile
from disbursement.models import BankSpelling, Batch, Payment
from disbursement.queries.failures import bound_by_order, disputed
from registry.models import Beneficiary, Card

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
