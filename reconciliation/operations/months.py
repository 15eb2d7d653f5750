"""A month is signed by its three sides and closed; opened again only by two of finance."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, literal, select, update

from accounts.models import Organisation
from core import audit, workflow
from core.bulk import insert_columns, insert_selected
from core.clock import local_date
from core.database import db, rows_changed
from core.errors import Conflict, PermissionDenied, UserError
from core.money import format_yuan
from core.months import check_month
from core.principal import OrganisationKind, Principal
from core.reasons import checked_reason
from disbursement import operations as disbursement
from reconciliation import queries
from reconciliation.models import CarriedAtClosing, Month, MonthRefusal, MonthSignature
from reconciliation.rules import (
    CLOSE_MONTH,
    MONTH_WORKFLOW,
    RESOLVE_DIFFERENCE,
    SIGN_MONTH,
    may_sign,
    month_days,
)


def month_named(month: str, *, at: datetime) -> Month:
    """The month of that name (YYYY-MM), begun where nobody has begun it."""
    month = check_month(month)
    insert_columns(Month, {"month": [month], "created_at": at}, unless=("month",))
    return db.session.scalars(select(Month).where(Month.month == month)).one()


def lock_month(month: Month) -> None:
    """Hold the month until the transaction ends, and see it as it is now."""
    db.session.flush()
    db.session.execute(select(Month.id).where(Month.id == month.id).with_for_update())
    db.session.refresh(month)


def take_signatures_away(month: Month, *, at: datetime) -> int:
    """What was signed is not what stands now; returns how many signatures that were. What was refused is no longer the
    same either: whoever refused is asked again."""
    db.session.execute(
        update(MonthRefusal)
        .where(MonthRefusal.month_id == month.id, MonthRefusal.answered_at.is_(None))
        .values(changed_at=at)
        .execution_options(synchronize_session=False)
    )
    return _take_away(MonthSignature.month_id == month.id)


def _take_away(*which: ColumnElement[bool]) -> int:
    gone = db.session.execute(delete(MonthSignature).where(*which).execution_options(synchronize_session=False))
    db.session.expire_all()
    return rows_changed(gone)


def sign_month(principal: Principal, month: Month, *, at: datetime) -> MonthSignature:
    """An office signs that the month is right: departments first, then the bank, finance last (B7).

    Raises UserError while a difference waits, the three sides do not agree, an office's refusal has not been answered
    or it is not this office's turn; Conflict for a closed month or a second signature of the office."""
    signing = _signing(principal)
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，不能再签。")
    refuse_unready(month)
    _refuse_refused(month)
    figures = queries.fingerprint(month)
    # Signatures under other figures than these count no more.
    _take_away(MonthSignature.month_id == month.id, MonthSignature.figures != figures)
    signatures = queries.signatures_of(month)
    if any(one.organisation_id == principal.organisation_id for one in signatures):
        raise Conflict("贵单位已经签过了。请刷新页面后再看。")
    if any(one.official_id == principal.official_id for one in signatures):
        raise PermissionDenied("前一步是您本人办理的，这一步必须由另一位同事办理。")
    _refuse_out_of_turn(principal, month, signatures)
    signature = MonthSignature(
        month_id=month.id,
        **asdict(signing),
        signed_by=principal.recorded_name,
        signed_at=at,
        figures=figures,
    )
    db.session.add(signature)
    _record(principal, "sign", month, at, office=signing.organisation_kind)
    return signature


@dataclass(frozen=True)
class _Signing:
    """Whoever signs, in the name of an office."""

    organisation_id: int
    organisation_kind: str
    official_id: int


def _signing(principal: Principal) -> _Signing:
    principal.require(SIGN_MONTH)
    if principal.official_id is None or principal.organisation_id is None or principal.organisation_kind is None:
        raise PermissionDenied("这一步必须由经办人员本人登录办理。")
    return _Signing(principal.organisation_id, principal.organisation_kind.value, principal.official_id)


STILL_REFUSED = "变动以后仍不同意"
"""What stands as the end of a refusal that a newer one of the same office has taken the place of."""


def _refuse_refused(month: Month) -> None:
    standing = queries.standing_refusals(month)
    if standing:
        names = "、".join(dict.fromkeys(one.organisation.name for one in standing))
        if all(queries.is_changed(one) for one in standing):
            raise UserError(
                "%(names)s 曾经不同意签章，以后账或对账单有了变动。请先由该单位重新表态，或者由县财政局答复。",
                names=names,
            )
        raise UserError("%(names)s 不同意签章。请先由县财政局处理或者答复，再重新签章。", names=names)


def refuse_to_sign(principal: Principal, month: Month, reason: str, *, at: datetime) -> MonthRefusal:
    """An office that is to sign does not, and says why: the signatures given so far fall, and finance is to put the
    month right or to answer. Where the month has changed since an earlier refusal of the office, this is its word on
    the change, and takes the place of that one.

    Raises UserError without a reason or a statement, or for an office that need not sign; Conflict for a closed month
    or a refusal of this office that stands already."""
    signing = _signing(principal)
    why = checked_reason(reason)
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，不能再签。")
    if not queries.statements_of(month):
        raise UserError("这个月还没有导入银行对账单。")
    _refuse_idle(principal, month, ())
    for one in queries.standing_refusals(month):
        if one.organisation_id == signing.organisation_id:
            if not queries.is_changed(one):
                raise Conflict("贵单位已经表示不同意，还没有答复。请刷新页面后再看。")
            one.answered_at, one.answered_by, one.answer = at, principal.recorded_name, STILL_REFUSED
    fallen = _take_away(MonthSignature.month_id == month.id)
    refusal = MonthRefusal(
        month_id=month.id,
        **asdict(signing),
        refused_by=principal.recorded_name,
        refused_at=at,
        reason=why,
        figures=queries.fingerprint(month),
    )
    db.session.add(refusal)
    _record(principal, "refuse_to_sign", month, at, office=signing.organisation_kind, signatures_fallen=fallen)
    return refusal


def answer_refusal(principal: Principal, month: Month, refusal_id: int, answer: str, *, at: datetime) -> None:
    """Finance answers an office that did not sign, or that office takes its refusal back; either with a note. Then all
    sign anew. Raises UserError without a note, PermissionDenied for other offices, Conflict where it is answered."""
    is_own = MonthRefusal.organisation_id == principal.organisation_id
    if not principal.may(RESOLVE_DIFFERENCE):
        principal.require(SIGN_MONTH)
    told = checked_reason(answer)
    lock_month(month)
    here = [MonthRefusal.id == refusal_id, MonthRefusal.month_id == month.id, MonthRefusal.answered_at.is_(None)]
    if not principal.may(RESOLVE_DIFFERENCE):
        here.append(is_own)
    found = db.session.scalars(select(MonthRefusal).where(*here)).first()
    if month.state != "open" or found is None:
        raise Conflict("这条不同意意见刚才已经答复过了，或者不由您答复。请刷新页面后再看。")
    found.answered_at, found.answered_by, found.answer = at, principal.recorded_name, told
    _record(principal, "answer_refusal", month, at, refusal=found.id)


def _refuse_out_of_turn(principal: Principal, month: Month, signatures: Sequence[MonthSignature]) -> None:
    waiting = _refuse_idle(principal, month, signatures)
    kind = principal.organisation_kind
    signed = {OrganisationKind(one.organisation_kind) for one in signatures}
    if kind is None or not may_sign(kind, signed, len(waiting)):
        names = "、".join(one.name for one in waiting) or "银行"
        raise UserError("还没有轮到：主管部门先签，然后银行，最后财政。现在等：%(names)s。", names=names)


def _refuse_idle(principal: Principal, month: Month, signatures: Sequence[MonthSignature]) -> Sequence[Organisation]:
    """The departments that are still to sign. Raises UserError for a department that is none of them."""
    waiting = queries.departments_to_sign(month, signatures)
    if principal.organisation_kind == OrganisationKind.DEPARTMENT and principal.organisation_id not in {
        one.id for one in waiting
    }:
        raise UserError("贵单位这个月没有发放，不需要签。")
    return waiting


def refuse_unready(month: Month) -> None:
    """Raise UserError while the month cannot be signed, with everything that stands against it."""
    if not queries.statements_of(month):
        raise UserError("这个月还没有导入银行对账单。")
    missing = queries.accounts_missing(month.month)
    if missing:
        raise UserError(
            "账户尾号 %(accounts)s 前后月份有余额，这个月的对账单还没有导入。请先导入：没有收支的，也要有对账单。",
            accounts="、".join(missing),
        )
    open_ones = queries.open_difference_count(month)
    if open_ones:
        raise UserError("还有 %(count)s 条差异没有处理。请先逐条处理。", count=open_ones)
    undecided = queries.settlements_waiting(month)
    if undecided:
        raise UserError("还有 %(count)s 次差异处理等财政局另一位同事复核。", count=len(undecided))
    sides = queries.sides_of(month)
    if not sides.agree:
        raise UserError(
            "三方还对不上：账上有 %(book)s 元、余额有 %(balance)s 元没有说明。请重新核对对账单。",
            book=format_yuan(sides.book_gap),
            balance=format_yuan(sides.balance_gap),
        )


def withdraw_signature(principal: Principal, month: Month, reason: str, *, at: datetime) -> None:
    """Take the own office's signature back; with it fall those that came after. Raises Conflict where there is none, or
    the month is closed."""
    principal.require(SIGN_MONTH)
    why = checked_reason(reason)
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，不能撤回。")
    own = [one for one in queries.signatures_of(month) if one.organisation_id == principal.organisation_id]
    if not own:
        raise Conflict("贵单位还没有签，或者刚才已经撤回。请刷新页面后再看。")
    _take_away(MonthSignature.month_id == month.id, MonthSignature.id >= own[0].id)
    _record(principal, "withdraw_signature", month, at, reason=why)


def close_month(principal: Principal, month: Month, *, at: datetime) -> None:
    """Close a month that all three sides have signed: nothing dated in it changes any more. By another official than
    the one who signed for finance (four eyes), when it is over, and after every earlier month that has anything in
    it."""
    principal.require(CLOSE_MONTH)
    lock_month(month)
    if local_date(at) <= month_days(month.month)[1]:
        raise UserError("%(month)s 还没有过完：以后几天的发放和退票还要记在这个月。请月末以后关账。", month=month.month)
    disbursement.hold_months()
    before = queries.earlier_open(month)
    if before is not None:
        raise UserError(
            "%(earlier)s 还没有关账，里面有对账单或者已有结果的发放。请按月份先后办理，先关 %(earlier)s 的账。",
            earlier=before.month,
        )
    refuse_unready(month)
    signatures = queries.standing_signatures(month)
    if len(signatures) < len(queries.signatures_of(month)):
        raise UserError("签章以后账上或对账单有了变动，原来的签章已经失效。请重新核对、重新签章后再关账。")
    if queries.departments_to_sign(month, signatures) or not any(
        one.organisation_kind == OrganisationKind.FINANCE for one in signatures
    ):
        raise UserError("还没有签齐：主管部门、银行、财政都签了才能关账。")
    if any(one.official_id == principal.official_id for one in signatures):
        raise PermissionDenied("财政的签章是您本人办理的，关账必须由另一位同事办理。")
    # The bank clears it up later, and the figure was signed as it stands now.
    month.unclear = queries.still_unclear(month)
    month.carried = _freeze_carried(month)
    workflow.move(MONTH_WORKFLOW, month, "close", principal, at=at)
    disbursement.close_month(principal, month.month, at=at)
    _record(principal, "close", month, at)


def _freeze_carried(month: Month) -> int:
    rows = queries.outstanding_before(month).add_columns(literal(month.id))
    insert_selected(CarriedAtClosing, ("difference_id", "month_id"), rows)
    frozen = select(func.count()).where(CarriedAtClosing.month_id == month.id)
    return db.session.scalar(frozen) or 0


def ask_reopen(principal: Principal, month: Month, reason: str, *, at: datetime) -> None:
    """Ask that a closed month be opened again; another official of finance decides. Raises UserError for any but the
    last closed month."""
    principal.require(CLOSE_MONTH)
    _refuse_earlier(month)
    workflow.move(MONTH_WORKFLOW, month, "ask_reopen", principal, at=at, reason=checked_reason(reason))
    _record(principal, "ask_reopen", month, at)


def refuse_reopen(principal: Principal, month: Month, reason: str, *, at: datetime) -> None:
    """The month stays closed."""
    principal.require(CLOSE_MONTH)
    workflow.move(MONTH_WORKFLOW, month, "refuse_reopen", principal, at=at, reason=checked_reason(reason))
    _record(principal, "refuse_reopen", month, at)


def reopen_month(principal: Principal, month: Month, *, at: datetime) -> None:
    """Open a closed month again, by another official than the one who asked; its signatures fall. Raises UserError for
    any but the last closed month."""
    principal.require(CLOSE_MONTH)
    lock_month(month)
    disbursement.hold_months()
    _refuse_earlier(month)
    workflow.move(MONTH_WORKFLOW, month, "reopen", principal, at=at)
    month.unclear = month.carried = None
    db.session.execute(delete(CarriedAtClosing).where(CarriedAtClosing.month_id == month.id))
    disbursement.reopen_month(month.month)
    take_signatures_away(month, at=at)
    _record(principal, "reopen", month, at)


def _refuse_earlier(month: Month) -> None:
    """Later months stand on this one: their balances and carried differences begin where it ended."""
    after = queries.later_closed(month)
    if after is not None:
        raise UserError(
            "只能重新开最近关账的月份：%(later)s 在它之后已经关账。请先重新开 %(later)s 的账。", later=after.month
        )


def _record(principal: Principal, action: str, month: Month, at: datetime, **details: Any) -> None:
    audit.record(
        principal, f"reconciliation.{action}", "reconciliation_month", month.id, at=at, month=month.month, **details
    )
    db.session.flush()
