"""Which statements are still to come: a county may pay from several accounts, and one says nothing of another."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from core.database import db
from reconciliation.models import Month, Statement
from reconciliation.rules import AccountEnds, awaited_accounts, month_days, month_of


def accounts_missing(month: str) -> list[str]:
    """The last digits of the accounts of which a statement of this month (YYYY-MM) is still to come."""
    return sorted(one.tail for one in _awaited(month))


def complete_months(months: Collection[str]) -> set[str]:
    """Those of these months of which the statements of all accounts are in, and there is any."""
    known = set(
        db.session.scalars(
            select(Month.month)
            .join(Statement, Statement.month_id == Month.id)
            .where(Month.month.in_(sorted(months)), Statement.replaced_at.is_(None))
        )
    )
    return {month for month in known if not _awaited(month)}


def _awaited(month: str) -> list[AccountEnds]:
    first, last = month_days(month)
    before, after = month_of(first - timedelta(days=1)), month_of(last + timedelta(days=1))
    found: dict[str, list[AccountEnds]] = {before: [], month: [], after: []}
    rows = db.session.execute(
        select(
            Month.month,
            Statement.account_index,
            Statement.account_tail,
            Statement.opening_fen,
            Statement.closing_fen,
        )
        .join(Month, Month.id == Statement.month_id)
        .where(Month.month.in_(sorted(found)), Statement.replaced_at.is_(None))
    )
    for name, account, tail, opening, closing in rows:
        found[name].append(AccountEnds(account, tail, int(opening), int(closing)))
    return awaited_accounts(found[before], found[month], found[after])
