"""Rules about two programmes that one person or household may or may not hold together (B10)."""

from datetime import date, datetime

from sqlalchemy import select

from core import audit
from core.database import db
from core.errors import NotVisible, UserError
from core.principal import Principal
from core.reasons import checked_reason
from programmes import rules
from programmes.models import IncompatibilityRule, Programme
from programmes.rules import Handling, Scope


def save_rule(
    principal: Principal,
    first_code: str,
    second_code: str,
    *,
    handling: Handling,
    scope: Scope,
    basis: str,
    valid_from: date | None,
    valid_until: date | None,
    at: datetime,
) -> IncompatibilityRule:
    """Enter a rule about two programmes, or change the one there is; what it was before is recorded.

    Raises UserError for one programme twice, for programmes that do not exist, without a basis, and for dates the wrong
    way round."""
    principal.require(rules.IMPORT_CATALOGUE)
    first, second = sorted((first_code, second_code))
    _refuse_wrong(first, second, basis, valid_from, valid_until)
    rule = db.session.scalars(
        select(IncompatibilityRule).where(
            IncompatibilityRule.first_code == first, IncompatibilityRule.second_code == second
        )
    ).first()
    before = None if rule is None else {"handling": rule.handling, "scope": rule.scope, "until": str(rule.valid_until)}
    if rule is None:
        rule = IncompatibilityRule(first_code=first, second_code=second)
        db.session.add(rule)
    rule.handling, rule.scope, rule.basis = handling.value, scope.value, basis.strip()
    rule.valid_from, rule.valid_until = valid_from, valid_until
    db.session.flush()
    after = {"handling": rule.handling, "scope": rule.scope, "until": str(rule.valid_until)}
    audit.record(principal, "programmes.save_rule", "incompatibility_rule", rule.id, at=at, before=before, after=after)
    db.session.flush()
    return rule


def _refuse_wrong(first: str, second: str, basis: str, valid_from: date | None, valid_until: date | None) -> None:
    if first == second:
        raise UserError("两个补贴是同一个项目。请核对。")
    known = set(db.session.scalars(select(Programme.code).where(Programme.code.in_((first, second)))))
    if len(known) < 2:
        raise UserError("没有这个补贴项目。请核对编码或名称；新项目请先导入政策清单。")
    if not basis.strip():
        raise UserError("请写明这条规则依据哪个文件。")
    if valid_from and valid_until and valid_until < valid_from:
        raise UserError("截止日期早于起始日期。请核对。")


def end_rule(principal: Principal, rule_id: int, on: date, reason: str, *, at: datetime) -> IncompatibilityRule:
    """Let a rule end with that day; it stays on record for the months before. Raises NotVisible, UserError without a
    reason or for a day before it began."""
    principal.require(rules.IMPORT_CATALOGUE)
    rule = db.session.get(IncompatibilityRule, rule_id)
    if rule is None:
        raise NotVisible
    why = checked_reason(reason)
    if rule.valid_from and on < rule.valid_from:
        raise UserError("截止日期早于起始日期。请核对。")
    rule.valid_until = on
    audit.record(
        principal,
        "programmes.end_rule",
        "incompatibility_rule",
        rule.id,
        at=at,
        until=on.isoformat(),
        reason=why,
    )
    db.session.flush()
    return rule
