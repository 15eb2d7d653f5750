"""Standards of programmes: a new one begins where the last one ends; none is ever edited."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from core import audit
from core.database import db
from core.errors import NotVisible, UserError
from core.money import Fen
from core.principal import Principal
from core.reasons import checked_reason
from programmes import queries, rules
from programmes.models import Programme, ProgrammeStandard
from programmes.rules import Standard, StandardUnit


def add_standard(
    principal: Principal,
    programme_id: int,
    *,
    amount_fen: int,
    per: StandardUnit,
    monthly: bool,
    valid_from: date,
    basis: str,
    at: datetime,
) -> ProgrammeStandard:
    """A standard from that day on; the one in force until then ends the day before.

    Raises UserError without a basis, for an amount that is not positive, and where a later standard is on record."""
    principal.require(rules.CHANGE_SETTINGS)
    programme = queries.programme(principal, programme_id)
    if amount_fen <= 0:
        raise UserError("补贴标准要大于零。")
    if not basis.strip():
        raise UserError("请写明这个标准依据哪个文件。")
    standard = begin_standard(programme, Standard(amount_fen, per, monthly, valid_from), basis.strip(), at=at)
    audit.record(
        principal,
        "programmes.add_standard",
        "programme",
        programme.id,
        at=at,
        amount_fen=amount_fen,
        per=per.value,
        monthly=monthly,
        valid_from=valid_from.isoformat(),
    )
    db.session.flush()
    return standard


def begin_standard(programme: Programme, standard: Standard, basis: str, *, at: datetime) -> ProgrammeStandard:
    """Enter a standard and end the one before it (part of an operation, which has asked for the right). Raises
    UserError where the last one begins on the same day or later."""
    last = _last(programme.id)
    if last is not None:
        begins = standard.valid_from
        if begins is None or (last.valid_from is not None and last.valid_from >= begins):
            raise UserError("已有同日或更晚生效的标准。标准要按时间先后登记；登记错了的，请先撤销最后一条。")
        last.valid_until = begins - timedelta(days=1)
    entered = ProgrammeStandard(
        programme_id=programme.id,
        amount_fen=Fen(standard.amount_fen),
        per=standard.per.value,
        monthly=standard.monthly,
        valid_from=standard.valid_from,
        basis=basis,
        recorded_at=at,
    )
    db.session.add(entered)
    db.session.flush()
    return entered


def withdraw_standard(principal: Principal, standard_id: int, reason: str, *, at: datetime) -> int:
    """Take back the last standard of a programme, entered by mistake; the one before is in force again. Returns the
    programme's id. Raises NotVisible, UserError without a reason or where a later one stands."""
    principal.require(rules.CHANGE_SETTINGS)
    standard = db.session.get(ProgrammeStandard, standard_id)
    if standard is None:
        raise NotVisible
    why = checked_reason(reason)
    programme_id = standard.programme_id
    last = _last(programme_id)
    if last is None or last.id != standard.id:
        raise UserError("只能撤销最后一条标准。")
    db.session.delete(standard)
    db.session.flush()
    before = _last(programme_id)
    if before is not None:
        before.valid_until = None
    audit.record(
        principal,
        "programmes.withdraw_standard",
        "programme",
        programme_id,
        at=at,
        amount_fen=standard.amount_fen,
        per=standard.per,
        reason=why,
    )
    db.session.flush()
    return programme_id


def _last(programme_id: int) -> ProgrammeStandard | None:
    return db.session.scalars(
        select(ProgrammeStandard)
        .where(ProgrammeStandard.programme_id == programme_id)
        .order_by(ProgrammeStandard.id.desc())
        .limit(1)
    ).first()
