"""A month is signed by its three sides and closed; opened again only by two of finance."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from core import audit, workflow
from core.bulk import insert_columns
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.money import format_yuan
from core.principal import OrganisationKind, Principal
from core.reasons import checked_reason
from disbursement import operations as disbursement
from reconciliation import queries
from reconciliation.models import Month, MonthSignature
from reconciliation.rules import CLOSE_MONTH, MONTH_WORKFLOW, SIGN_MONTH, check_month, may_sign


def month_named(month: str, *, at: datetime) -> Month:
    """The month of that name (YYYY-MM), begun where nobody has begun it."""
    check_month(month)
    insert_columns(Month, {"month": [month], "created_at": at}, unless=("month",))
    return db.session.scalars(select(Month).where(Month.month == month)).one()


def lock_month(month: Month) -> None:
    """Hold the month until the transaction ends, and see it as it is now."""
    db.session.flush()
    db.session.execute(select(Month.id).where(Month.id == month.id).with_for_update())
    db.session.refresh(month)


def take_signatures_away(month: Month) -> int:
    """What was signed is not what stands now; returns how many signatures that were."""
    return _take_away(MonthSignature.month_id == month.id)


def _take_away(*which: ColumnElement[bool]) -> int:
    gone = db.session.execute(delete(MonthSignature).where(*which).execution_options(synchronize_session=False))
    db.session.expire_all()
    return int(gone.rowcount)  # type: ignore[attr-defined]


def sign_month(principal: Principal, month: Month, *, at: datetime) -> MonthSignature:
    """An office signs that the month is right: departments first, then the bank, finance last (B7).

    Raises UserError while a difference waits, the three sides do not agree or it is not this office's turn; Conflict
    for a closed month or a second signature of the office."""
    principal.require(SIGN_MONTH)
    if principal.official_id is None or principal.organisation_id is None or principal.organisation_kind is None:
        raise PermissionDenied("这一步必须由经办人员本人登录办理。")
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，不能再签。")
    refuse_unready(month)
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
        organisation_id=principal.organisation_id,
        organisation_kind=principal.organisation_kind.value,
        official_id=principal.official_id,
        signed_by=principal.recorded_name,
        signed_at=at,
        figures=figures,
    )
    db.session.add(signature)
    _record(principal, "sign", month, at, office=principal.organisation_kind.value)
    return signature


def _refuse_out_of_turn(principal: Principal, month: Month, signatures: Sequence[MonthSignature]) -> None:
    waiting = queries.departments_to_sign(month, signatures)
    kind = principal.organisation_kind
    if kind == OrganisationKind.DEPARTMENT and principal.organisation_id not in {one.id for one in waiting}:
        raise UserError("贵单位这个月没有发放，不需要签。")
    signed = {OrganisationKind(one.organisation_kind) for one in signatures}
    if kind is None or not may_sign(kind, signed, len(waiting)):
        names = "、".join(one.name for one in waiting) or "银行"
        raise UserError("还没有轮到：主管部门先签，然后银行，最后财政。现在等：%(names)s。", names=names)


def refuse_unready(month: Month) -> None:
    """Raise UserError while the month cannot be signed, with everything that stands against it."""
    if not queries.statements_of(month):
        raise UserError("这个月还没有导入银行对账单。")
    open_ones = queries.open_difference_count(month)
    if open_ones:
        raise UserError("还有 %(count)s 条差异没有处理。请先逐条处理。", count=open_ones)
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
    the one who signed for finance (four eyes)."""
    principal.require(CLOSE_MONTH)
    lock_month(month)
    disbursement.hold_months()
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
    workflow.move(MONTH_WORKFLOW, month, "close", principal, at=at)
    disbursement.close_month(principal, month.month, at=at)
    _record(principal, "close", month, at)


def ask_reopen(principal: Principal, month: Month, reason: str, *, at: datetime) -> None:
    """Ask that a closed month be opened again; another official of finance decides."""
    principal.require(CLOSE_MONTH)
    workflow.move(MONTH_WORKFLOW, month, "ask_reopen", principal, at=at, reason=checked_reason(reason))
    _record(principal, "ask_reopen", month, at)


def refuse_reopen(principal: Principal, month: Month, reason: str, *, at: datetime) -> None:
    """The month stays closed."""
    principal.require(CLOSE_MONTH)
    workflow.move(MONTH_WORKFLOW, month, "refuse_reopen", principal, at=at, reason=checked_reason(reason))
    _record(principal, "refuse_reopen", month, at)


def reopen_month(principal: Principal, month: Month, *, at: datetime) -> None:
    """Open a closed month again, by another official than the one who asked; its signatures fall."""
    principal.require(CLOSE_MONTH)
    workflow.move(MONTH_WORKFLOW, month, "reopen", principal, at=at)
    disbursement.reopen_month(month.month)
    take_signatures_away(month)
    _record(principal, "reopen", month, at)


def _record(principal: Principal, action: str, month: Month, at: datetime, **details: Any) -> None:
    audit.record(
        principal, f"reconciliation.{action}", "reconciliation_month", month.id, at=at, month=month.month, **details
    )
    db.session.flush()
