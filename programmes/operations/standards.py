"""Standards of programmes: a new one begins where the last one ends; none is ever edited."""

from datetime import date, datetime

from sqlalchemy import select

from core import audit
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.money import Fen
from core.principal import Principal
from core.reasons import checked_reason
from programmes import hooks, queries, rules
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
    principal.require(rules.EDIT_PROGRAMME)
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
    _hold(programme.id)
    last = _last(programme.id)
    entered = ProgrammeStandard(
        programme_id=programme.id,
        amount_fen=Fen(standard.amount_fen),
        per=standard.per.value,
        monthly=standard.monthly,
        valid_from=standard.valid_from,
        basis=basis,
        recorded_at=at,
    )
    if last is not None:
        begins = standard.valid_from
        if begins is None or not rules.is_later(begins, last.valid_from):
            raise UserError("已有同日或更晚生效的标准。标准要按时间先后登记；登记错了的，请先撤销最后一条。")
        entered.replaced_until = last.valid_until
        last.valid_until = rules.end_before(begins, last.valid_until)
    db.session.add(entered)
    db.session.flush()
    return entered


def end_standard(
    principal: Principal, standard_id: int, on: date | None, reason: str, *, at: datetime
) -> ProgrammeStandard:
    """Let the last standard of a programme end with that day, without another one. From the next day on amounts are not
    checked. Raises NotVisible, UserError without a reason or a day, for a day before it begins, for one after which
    payments were checked against it, and where another one has followed; Conflict where it has ended."""
    principal.require(rules.EDIT_PROGRAMME)
    why = checked_reason(reason)
    if on is None:
        raise UserError("请填写执行到哪一天。")
    standard = _held(standard_id)
    if standard.valid_until is not None:
        raise Conflict("这条标准已经有截止日期了。请刷新页面后再看。")
    if standard.valid_from is not None and on < standard.valid_from:
        raise UserError("截止日期早于起始日期。请核对。")
    # A standard counts in a month as it stands on the month's first day: the month of the last day is checked by it.
    later = [month for month in _checked_by(standard) if month > f"{on:%Y%m}"]
    if later:
        raise UserError(
            "%(month)s 的发放已经按这条标准审核通过，截止日期不能早于这个月。请改为更晚的日期，或登记新标准。",
            month=f"{later[-1][:4]}-{later[-1][4:]}",
        )
    standard.valid_until = on
    _record(principal, "programmes.end_standard", standard, why, at)
    return standard


def resume_standard(principal: Principal, standard_id: int, reason: str, *, at: datetime) -> ProgrammeStandard:
    """Take back the end of a programme's last standard: it is in force again, without an end. Raises NotVisible,
    UserError without a reason and where another one has followed, Conflict where it has no end."""
    principal.require(rules.EDIT_PROGRAMME)
    why = checked_reason(reason)
    standard = _held(standard_id)
    if standard.valid_until is None:
        raise Conflict("这条标准没有截止日期。请刷新页面后再看。")
    standard.valid_until = None
    _record(principal, "programmes.resume_standard", standard, why, at)
    return standard


def withdraw_standard(principal: Principal, standard_id: int, reason: str, *, at: datetime) -> int:
    """Take back the last standard of a programme, entered by mistake; the one before is valid as long as it was to be.
    Returns the programme's id. Raises NotVisible, UserError without a reason, where a later one stands, and where
    payments were checked against it."""
    principal.require(rules.EDIT_PROGRAMME)
    why = checked_reason(reason)
    standard = _held(standard_id)
    checked = _checked_by(standard)
    if checked:
        raise UserError(
            "%(month)s 的发放已经按这条标准审核通过，不能撤销。标准有变化的，请从变化的日期起登记新标准。",
            month=f"{checked[-1][:4]}-{checked[-1][4:]}",
        )
    programme_id, replaced_until = standard.programme_id, standard.replaced_until
    _record(principal, "programmes.withdraw_standard", standard, why, at)
    db.session.delete(standard)
    db.session.flush()
    before = _last(programme_id)
    if before is not None:
        before.valid_until = replaced_until
    db.session.flush()
    return programme_id


def _checked_by(standard: ProgrammeStandard) -> list[str]:
    """The months for which payments were approved since the standard was recorded, while it was valid for them."""
    months = hooks.approved_months([standard.programme_id], standard.recorded_at).get(standard.programme_id, ())
    return list(rules.months_in_force(sorted(months), standard.valid_from, standard.valid_until))


def _hold(programme_id: int) -> None:
    """Of two who change the standards of a programme, the second waits and sees what the first has left."""
    db.session.flush()
    db.session.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())


def _held(standard_id: int) -> ProgrammeStandard:
    """The standard, which must be its programme's last one, with the standards of the programme held."""
    programme_id = db.session.scalar(select(ProgrammeStandard.programme_id).where(ProgrammeStandard.id == standard_id))
    if programme_id is None:
        raise NotVisible
    _hold(programme_id)
    last = _last(programme_id)
    if last is None or last.id != standard_id:
        raise UserError("只能改动最后一条标准。请刷新页面后再看。")
    db.session.refresh(last)
    return last


def _record(principal: Principal, action: str, standard: ProgrammeStandard, reason: str, at: datetime) -> None:
    audit.record(
        principal,
        action,
        "programme",
        standard.programme_id,
        at=at,
        amount_fen=standard.amount_fen,
        per=standard.per,
        valid_from=str(standard.valid_from or ""),
        valid_until=str(standard.valid_until or ""),
        reason=reason,
    )
    db.session.flush()


def _last(programme_id: int) -> ProgrammeStandard | None:
    return db.session.scalars(
        select(ProgrammeStandard)
        .where(ProgrammeStandard.programme_id == programme_id)
        .order_by(ProgrammeStandard.id.desc())
        .limit(1)
    ).first()
