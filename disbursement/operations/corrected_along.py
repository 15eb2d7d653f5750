"""A correction reaches what the same person is still owed on the same account: else it would fail by the same mistake.

Parts of the operations that correct and undo, which check the right and write the audit entry. What has been sent is
with the bank, and stays as it was sent.
"""

from collections.abc import Sequence

from sqlalchemy import Select, and_, case, func, select, update
from sqlalchemy.orm import aliased

from core.bulk import among, insert_selected
from core.database import db, rows_changed
from disbursement.models import Batch, CorrectedAlong, Correction, Payment
from disbursement.rules import CorrectionKind


def hold_unsent(payment_ids: Sequence[int]) -> None:
    """Hold the batches in which the people of these payments have approved ones to the same cards, until the
    transaction ends and before any payment is held: nobody writes a bank file of them meanwhile."""
    failed = aliased(Payment)
    same_account = and_(failed.beneficiary_id == Payment.beneficiary_id, failed.card_id == Payment.card_id)
    inside = select(Payment.batch_id).join(failed, same_account)
    _hold(inside.where(among(failed.id, payment_ids), Payment.state == "approved"))


def _hold(batch_ids: Select[int]) -> None:
    db.session.execute(select(Batch.id).where(Batch.id.in_(batch_ids)).order_by(Batch.id).with_for_update())


def correct_along(failure_ids: Sequence[int]) -> int:
    """Let the approved payments of the same people to the same cards go where the corrections of these failures, made
    a moment ago, say; each keeps where it would have gone. Returns how many."""
    failed = aliased(Payment)
    made = (among(Correction.failure_id, failure_ids), Correction.undone_at.is_(None))
    kept = {
        "correction_id": Correction.id,
        "payment_id": Payment.id,
        "before_card_id": Payment.card_id,
        "before_payee_name": Payment.payee_name,
        "before_name": Payment.name,
    }
    reached = (
        select(*kept.values())
        .select_from(Correction)
        .join(failed, failed.id == Correction.payment_id)
        .join(
            Payment,
            and_(Payment.beneficiary_id == failed.beneficiary_id, Payment.card_id == Correction.before_card_id),
        )
        .where(*made, Correction.kind != CorrectionKind.AT_BANK.value, Payment.state == "approved")
    )
    insert_selected(CorrectedAlong, kept, reached)
    # Two failures of one person may be corrected at once: the later counts, as in the registry.
    last = (
        select(CorrectedAlong.payment_id, func.max(CorrectedAlong.correction_id).label("correction_id"))
        .join(Correction, Correction.id == CorrectedAlong.correction_id)
        .where(*made)
        .group_by(CorrectedAlong.payment_id)
        .subquery()
    )
    renamed = Correction.after_name != Correction.before_name
    done = db.session.execute(
        update(Payment)
        .where(Payment.id == last.c.payment_id, Correction.id == last.c.correction_id)
        .values(
            card_id=Correction.after_card_id,
            payee_name=Correction.after_payee_name,
            name=case((renamed, Correction.after_name), else_=Payment.name),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return rows_changed(done)


def hold_along(correction: Correction) -> None:
    """Hold the batches of what a correction has reached."""
    along = select(Payment.batch_id).join(CorrectedAlong, CorrectedAlong.payment_id == Payment.id)
    _hold(along.where(CorrectedAlong.correction_id == correction.id))


def put_along_back(correction: Correction) -> int:
    """Let what a correction has reached go where it would have gone, unless it has been sent or corrected again since.
    Returns how many."""
    done = db.session.execute(
        update(Payment)
        .where(
            CorrectedAlong.correction_id == correction.id,
            CorrectedAlong.payment_id == Payment.id,
            Payment.state == "approved",
            Payment.card_id == correction.after_card_id,
            Payment.payee_name == correction.after_payee_name,
        )
        .values(
            card_id=CorrectedAlong.before_card_id,
            payee_name=CorrectedAlong.before_payee_name,
            name=CorrectedAlong.before_name,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return rows_changed(done)
