"""What finance has set of reconciliation: how much one official settles alone, and the first month."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select

from core.clock import local_date
from core.database import db
from core.principal import Principal
from disbursement.models import Attempt
from reconciliation.models import ReconciliationSetting
from reconciliation.rules import DEFAULTS, Limits, Setting, month_of

_LIMITS = (Setting.LINES.value, Setting.TOGETHER.value, Setting.SINGLE.value)


def settings() -> Mapping[str, str]:
    """Every setting as it is kept (rules.DEFAULTS): the newest choice, else the default."""
    return _settings()


def _settings(*which: ColumnElement[bool]) -> Mapping[str, str]:
    rows = db.session.execute(
        select(ReconciliationSetting.name, ReconciliationSetting.value).where(*which).order_by(ReconciliationSetting.id)
    )
    return {one.value: value for one, value in DEFAULTS.items()} | dict(rows.all())


def limits(principal: Principal | None = None) -> Limits:
    """How much one official settles alone, or this one: nobody raises for himself what he may settle alone, so that a
    limit that he has chosen counts for him only where it is lower than what others had chosen before."""
    now = settings()
    if principal is not None and principal.official_id is not None:
        others = _settings(ReconciliationSetting.official_id.is_distinct_from(principal.official_id))
        now = {name: min(now[name], others[name], key=int) for name in _LIMITS}
    return Limits(int(now[Setting.LINES]), int(now[Setting.TOGETHER]), int(now[Setting.SINGLE]))


def first_month() -> str | None:
    """The first month (YYYY-MM) that is to be reconciled: the one that finance has chosen, else that of the first
    payment which was sent to the bank, or of an earlier day that the bank told; None where none was."""
    chosen = settings()[Setting.FIRST_MONTH]
    if chosen:
        return chosen
    sent, paid = db.session.execute(select(func.min(Attempt.created_at), func.min(Attempt.bank_date))).one()
    days = [day for day in (local_date(sent) if sent is not None else None, paid) if day is not None]
    return month_of(min(days)) if days else None


def setting_history() -> Sequence[ReconciliationSetting]:
    """Every choice, newest first."""
    return db.session.scalars(select(ReconciliationSetting).order_by(ReconciliationSetting.id.desc()).limit(100)).all()
