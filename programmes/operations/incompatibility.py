"""Rules about two programmes that one person or household may or may not hold together (B10). A rule that changes gets
a further version from a day on: the months before are still checked by what was valid then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from core import audit
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import Principal
from core.reasons import checked_reason
from programmes import hooks, rules
from programmes.models import IncompatibilityRule, Programme
from programmes.rules import Handling, Scope


@dataclass(frozen=True)
class RuleTerms:
    """What a version of a rule says, from one day to another (both included; None: open)."""

    handling: Handling
    scope: Scope
    basis: str
    valid_from: date | None = None
    valid_until: date | None = None


def add_rule(
    principal: Principal, first_code: str, second_code: str, terms: RuleTerms, *, at: datetime
) -> IncompatibilityRule:
    """Enter a rule about two programmes that have none. Raises UserError for one programme twice, for programmes that
    do not exist, without a basis, and for dates the wrong way round; Conflict where there is a rule about the two."""
    principal.require(rules.IMPORT_CATALOGUE)
    first, second = sorted((first_code, second_code))
    if first == second:
        raise UserError("两个补贴是同一个项目。请核对。")
    _refuse_wrong(terms)
    _hold(first, second)
    if _versions(first, second):
        raise Conflict("这两个补贴已经有规则了。请在那条规则的页面登记新的一版。")
    return _enter(principal, (first, second), terms, None, at)


def change_rule(principal: Principal, rule_id: int, terms: RuleTerms, *, at: datetime) -> IncompatibilityRule:
    """A further version of a rule, from ``terms.valid_from`` on; the last one ends the day before.

    Raises NotVisible, UserError without that day, for one not after the day the last version began, without a basis,
    for dates the wrong way round, and where nothing changes; Conflict where ``rule_id`` is not the last version."""
    principal.require(rules.IMPORT_CATALOGUE)
    _refuse_wrong(terms)
    last = _held(rule_id)
    if terms.valid_from is None:
        raise UserError("请填写从哪一天起按新的规定。以前的月份仍按原来的规定核对。")
    if not rules.is_later(terms.valid_from, last.valid_from):
        raise UserError("新的规定要晚于原来规定的起始日期。原来的登记错了的，请先撤销那一版。")
    if said(last)[:3] == said(terms)[:3] and last.valid_until is None and terms.valid_until is None:
        raise UserError("与现在的规则完全相同，没有需要登记的变化。")
    return _enter(principal, (last.first_code, last.second_code), terms, last, at)


def end_rule(principal: Principal, rule_id: int, on: date, reason: str, *, at: datetime) -> IncompatibilityRule:
    """Let a rule end with that day; it stays on record for the months before. Raises NotVisible, UserError without a
    reason or for a day before it began, Conflict where it has ended or has a later version."""
    principal.require(rules.IMPORT_CATALOGUE)
    why = checked_reason(reason)
    rule = _held(rule_id)
    if rule.valid_until is not None and rule.valid_until <= on:
        raise Conflict("这条规则已经停用。请刷新页面后再看。")
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


def resume_rule(principal: Principal, rule_id: int, reason: str, *, at: datetime) -> IncompatibilityRule:
    """Take back the end of a rule. Raises NotVisible, UserError without a reason, Conflict where it has no end or has a
    later version."""
    principal.require(rules.IMPORT_CATALOGUE)
    why = checked_reason(reason)
    rule = _held(rule_id)
    if rule.valid_until is None:
        raise Conflict("这条规则没有截止日期。请刷新页面后再看。")
    until, rule.valid_until = rule.valid_until, None
    audit.record(
        principal,
        "programmes.resume_rule",
        "incompatibility_rule",
        rule.id,
        at=at,
        until=until.isoformat(),
        reason=why,
    )
    db.session.flush()
    return rule


def withdraw_rule(principal: Principal, rule_id: int, reason: str, *, at: datetime) -> IncompatibilityRule | None:
    """Take back the last version of a rule, entered by mistake; the one before it (returned; None where there is none)
    is valid as long as it was to be. Raises NotVisible, UserError without a reason and where payments were checked by
    it, Conflict where it has a later version."""
    principal.require(rules.IMPORT_CATALOGUE)
    why = checked_reason(reason)
    rule = _held(rule_id)
    checked = _checked_by(rule)
    if checked:
        raise UserError(
            "%(month)s 的发放已经按这一版审核通过，不能撤销。规定有变化的，请从变化的日期起登记新的一版。",
            month=f"{checked[-1][:4]}-{checked[-1][4:]}",
        )
    first, second, replaced_until = rule.first_code, rule.second_code, rule.replaced_until
    audit.record(
        principal,
        "programmes.withdraw_rule",
        "incompatibility_rule",
        rule.id,
        at=at,
        pair=f"{first}+{second}",
        before=_told(rule),
        reason=why,
    )
    db.session.delete(rule)
    db.session.flush()
    left = _versions(first, second)
    if left:
        left[-1].valid_until = replaced_until
    db.session.flush()
    return left[-1] if left else None


def said(rule: RuleTerms | IncompatibilityRule) -> tuple[object, ...]:
    """What a version says: handling, scope, basis, first and last day."""
    return (rule.handling, rule.scope, rule.basis, rule.valid_from, rule.valid_until)


def _refuse_wrong(terms: RuleTerms) -> None:
    if not terms.basis.strip():
        raise UserError("请写明这条规则依据哪个文件。")
    if terms.valid_from and terms.valid_until and terms.valid_until < terms.valid_from:
        raise UserError("截止日期早于起始日期。请核对。")


def _enter(
    principal: Principal,
    pair: tuple[str, str],
    terms: RuleTerms,
    last: IncompatibilityRule | None,
    at: datetime,
) -> IncompatibilityRule:
    before = None if last is None else _told(last)
    rule = next_version(pair, terms, last, at=at)
    audit.record(
        principal,
        "programmes.save_rule",
        "incompatibility_rule",
        rule.id,
        at=at,
        pair="+".join(pair),
        before=before,
        after=_told(rule),
    )
    db.session.flush()
    return rule


def next_version(
    pair: tuple[str, str], terms: RuleTerms, last: IncompatibilityRule | None, *, at: datetime
) -> IncompatibilityRule:
    """Enter a version and end the one before it (part of operations, which have asked for the right, hold the two
    programmes, and have seen that the new one begins later)."""
    rule = IncompatibilityRule(
        first_code=pair[0],
        second_code=pair[1],
        handling=terms.handling.value,
        scope=terms.scope.value,
        basis=terms.basis.strip(),
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        recorded_at=at,
    )
    if last is not None and terms.valid_from is not None:
        rule.replaced_until = last.valid_until
        last.valid_until = rules.end_before(terms.valid_from, last.valid_until)
    db.session.add(rule)
    db.session.flush()
    return rule


def _told(rule: IncompatibilityRule) -> dict[str, str]:
    return {
        "handling": rule.handling,
        "scope": rule.scope,
        "from": str(rule.valid_from or ""),
        "until": str(rule.valid_until or ""),
    }


def _hold(first: str, second: str) -> None:
    """Of two who change the rule about a pair, the second waits and sees what the first has left."""
    db.session.flush()
    held = select(Programme.id).where(Programme.code.in_((first, second))).order_by(Programme.id).with_for_update()
    if len(db.session.scalars(held).all()) < 2:
        raise UserError("没有这个补贴项目。请核对编码或名称；新项目请先导入政策清单。")


def _versions(first: str, second: str) -> Sequence[IncompatibilityRule]:
    """The versions of the rule about a pair, oldest first, as they are now."""
    return db.session.scalars(
        select(IncompatibilityRule)
        .where(IncompatibilityRule.first_code == first, IncompatibilityRule.second_code == second)
        .order_by(IncompatibilityRule.id)
        .execution_options(populate_existing=True)
    ).all()


def _held(rule_id: int) -> IncompatibilityRule:
    """The version, which must be the last one about its pair, with the two programmes held."""
    pair = db.session.execute(
        select(IncompatibilityRule.first_code, IncompatibilityRule.second_code).where(IncompatibilityRule.id == rule_id)
    ).first()
    if pair is None:
        raise NotVisible
    _hold(*pair)
    last = _versions(*pair)[-1:]
    if not last or last[0].id != rule_id:
        raise Conflict("这条规则已经有更新的一版。请从最新的一版办理。")
    return last[0]


def _checked_by(rule: IncompatibilityRule) -> list[str]:
    """The months for which payments of one of the two were approved since the version was recorded, while it was
    valid for them."""
    ids = db.session.scalars(select(Programme.id).where(Programme.code.in_((rule.first_code, rule.second_code)))).all()
    approved = list(hooks.approved_months(ids, rule.recorded_at).values())
    months = frozenset().union(*approved)
    return list(rules.months_in_force(sorted(months), rule.valid_from, rule.valid_until))
