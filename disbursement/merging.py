"""Payments go along when two records of one person become one, and are shown where the two stand side by side."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import aliased

from core.bulk import among
from core.database import db
from core.errors import UserError
from disbursement.models import Attempt, Batch, Payment, Roll
from programmes.models import Programme
from registry.hooks import MergePart, merge_part
from registry.models import Region


def _together_in(kept_id: int, merged_id: int) -> Select[Any]:
    """Payments of the record that goes whose roll has the record that stays as well, but for struck ones of the former:
    those stay with it."""
    other = aliased(Payment)
    return (
        select(Payment)
        .join(other, other.roll_id == Payment.roll_id)
        .where(Payment.beneficiary_id == merged_id, Payment.state != "struck", other.beneficiary_id == kept_id)
    )


def refusal(kept_id: int, merged_id: int) -> UserError | None:
    """Both in one roll: the database, rightly, holds one payment for each person there. Which of the two is to go is
    the township's decision; what has been paid twice is to come back, not to disappear into one record."""
    together = _together_in(kept_id, merged_id).with_only_columns(Payment.roll_id, maintain_column_froms=True)
    rolls = db.session.execute(
        select(Programme.name, Batch.period, Region.name)
        .select_from(Roll)
        .join(Batch, Batch.id == Roll.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(Region, Region.code == Roll.township_code)
        .where(Roll.id.in_(together))
        .order_by(Batch.period, Roll.id)
    ).all()
    if not rolls:
        return None
    named = "、".join(f"{programme} {period} {township}" for programme, period, township in rolls[:3])
    return UserError(
        "两条登记同在 %(count)s 份花名册里（%(rolls)s），不能合并。请先在花名册里剔除不保留的那一条登记的一行："
        "本页“同在一份花名册里”一栏有花名册的链接和办法。已经重复发放的，请先追回或按规定处理。",
        count=len(rolls),
        rolls=named,
    )


def move(kept_id: int, merged_id: int) -> dict[str, Any]:
    """Let the payments be those of the record that stays. A struck line in a roll that has both stays behind."""
    other = aliased(Payment)
    kept_here = select(other.id).where(other.roll_id == Payment.roll_id, other.beneficiary_id == kept_id)
    ids = db.session.scalars(
        select(Payment.id).where(Payment.beneficiary_id == merged_id, ~exists(kept_here)).order_by(Payment.id)
    ).all()
    newest = db.session.scalar(select(func.max(Payment.id))) or 0
    _give(ids, kept_id)
    return {"payments": list(ids), "newest": [newest]}


def restore(_kept_id: int, merged_id: int, moved: Mapping[str, Any]) -> None:
    """Let the payments be those of the other record again."""
    _give(moved.get("payments", []), merged_id)


def _give(ids: Any, beneficiary_id: int) -> None:
    if ids:
        db.session.execute(
            update(Payment)
            .where(among(Payment.id, ids))
            .values(beneficiary_id=beneficiary_id)
            .execution_options(synchronize_session=False)
        )
        for entity in db.session.identity_map.values():
            if isinstance(entity, Payment):
                db.session.expire(entity)


def went_on(kept_id: int, moved: Mapping[str, Any], since: datetime) -> bool:
    """Whether the one record has come to stand on a further roll, or a payment that came along has been tried."""
    [newest] = moved.get("newest", [0])
    later = select(Payment.id).where(Payment.beneficiary_id == kept_id, Payment.id > newest).limit(1)
    tried = select(Attempt.id).where(among(Attempt.payment_id, moved.get("payments", [])), Attempt.created_at > since)
    return db.session.scalar(later) is not None or db.session.scalar(tried.limit(1)) is not None


merge_part(MergePart("payments", refusal, move, restore, went_on))
