"""A statement comes in: read, held against the month before, kept, and matched with the book."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from core import audit
from core.bulk import insert_columns
from core.collector import no_collection
from core.database import db, keyring
from core.errors import Conflict, UserError
from core.money import Fen, format_yuan
from core.months import check_month
from core.principal import Principal
from core.uploads import StoredFile, store_file
from reconciliation.models import Month, Statement, StatementLine
from reconciliation.operations.matching import reconcile
from reconciliation.operations.months import lock_month, month_named, take_signatures_away
from reconciliation.profiles import StatementProfile
from reconciliation.queries.profiles import profile_named
from reconciliation.rules import IMPORT_STATEMENT, month_days
from reconciliation.statements import ReadLine, StatementHead, check_statement, statement_lines

CHUNK = 20_000
"""Lines that are held in memory at once."""


@dataclass(frozen=True)
class StatementSummary:
    """What a statement says. ``already_imported``: these very bytes are in already, nothing was changed; ``replaces``:
    another statement of this account and month counts no more."""

    account_tail: str
    opening_fen: int
    closing_fen: int
    lines: int
    total_fen: int
    already_imported: bool = False
    replaces: bool = False
    month_id: int | None = None


def preview_statement(principal: Principal, profile_name: str, content: bytes, month: str) -> StatementSummary:
    """What an import would do; writes nothing. Raises as ``import_statement`` does."""
    principal.require(IMPORT_STATEMENT)
    month = check_month(month)
    read = check_statement(profile_named(profile_name), content, month)
    known = _known(content, month)
    found = db.session.scalars(select(Month).where(Month.month == month)).first()
    if known is None and found is not None:
        _refuse_closed(found)
    if known is None:
        _refuse_before_closed(month)
        _refuse_gap(read, month)
    standing = _standing(found, read) if found else None
    return _summary(read, already=known is not None, replaces=standing is not None and known is None)


def _summary(read: StatementHead, *, already: bool, replaces: bool, month_id: int | None = None) -> StatementSummary:
    return StatementSummary(
        read.account[-4:],
        read.opening_fen,
        read.closing_fen,
        read.line_count,
        read.debit_fen,
        already,
        replaces,
        month_id,
    )


def import_statement(
    principal: Principal, profile_name: str, content: bytes, month: str, *, at: datetime, replace: bool = False
) -> StatementSummary:
    """Take in the statement of a month (YYYY-MM) and match it; the same bytes again change nothing.

    ``replace`` lets it take the place of another statement of the account and month: without it that is refused.
    Raises UserError for a file that does not add up, is of another month, or does not begin where the month before
    ended; Conflict for a closed month, and for one before a closed month."""
    principal.require(IMPORT_STATEMENT)
    profile, month = profile_named(profile_name), check_month(month)
    with no_collection():
        read = check_statement(profile, content, month)
        found = month_named(month, at=at)
        lock_month(found)
        if _known(content, month) is not None:
            return _summary(read, already=True, replaces=False, month_id=found.id)
        _refuse_closed(found)
        _refuse_before_closed(month)
        _refuse_gap(read, month)
        standing = _standing(found, read)
        if standing is not None and not replace:
            raise Conflict("这个账户这个月已经有对账单。确实要换成新的，请勾选“替换原来的对账单”。")
        if standing is not None:
            standing.replaced_at = at
            db.session.flush()
        statement = _store(principal, profile, read, content, month=found, at=at)
        lines = statement_lines(profile, content)
        while chunk := list(islice(lines, CHUNK)):
            _insert_lines(statement, chunk)
    take_signatures_away(found, at=at)
    audit.record(
        principal,
        "statement.import",
        "statement",
        statement.id,
        at=at,
        month=month,
        lines=read.line_count,
        opening_fen=read.opening_fen,
        closing_fen=read.closing_fen,
    )
    reconcile(principal, found, at=at)
    return _summary(read, already=False, replaces=standing is not None, month_id=found.id)


def _refuse_closed(month: Month) -> None:
    if month.state != "open":
        raise Conflict("%(month)s 已经关账，不能再导入对账单。", month=month.month)


def _refuse_before_closed(month: str) -> None:
    """The lines of an earlier month answer what a closed one has as missing: its figures would no longer be those that
    were signed."""
    closed = db.session.scalar(select(func.max(Month.month)).where(Month.state != "open", Month.month > month))
    if closed is not None:
        raise Conflict(
            "%(closed)s 已经关账，不能再导入以前月份的对账单。确实漏了的，请先重新开 %(closed)s 的账。", closed=closed
        )


def _known(content: bytes, month: str) -> Statement | None:
    digest = hashlib.sha256(content).hexdigest()
    return db.session.scalars(
        select(Statement)
        .join(StoredFile, StoredFile.id == Statement.file_id)
        .join(Month, Month.id == Statement.month_id)
        .where(StoredFile.sha256 == digest, Month.month == month, Statement.replaced_at.is_(None))
    ).first()


def _standing(month: Month, read: StatementHead) -> Statement | None:
    return db.session.scalars(
        select(Statement).where(
            Statement.month_id == month.id,
            Statement.account_index == read.account,
            Statement.replaced_at.is_(None),
        )
    ).first()


def _refuse_gap(read: StatementHead, month: str) -> None:
    """The account begins where the month before ended, and ends where the month after began. Of months further away
    nothing can be said: their statements may come later."""
    first, last = month_days(month)
    before = _statement_of(read, f"{first - timedelta(days=1):%Y-%m}")
    if before is not None and before.closing_fen != read.opening_fen:
        raise UserError(
            "期初余额 %(opening)s 元与 %(month)s 的期末余额 %(closing)s 元不同，差 %(gap)s 元。"
            "整个文件没有导入，请向银行核对。",
            opening=format_yuan(read.opening_fen),
            month=before.month,
            closing=format_yuan(int(before.closing_fen)),
            gap=format_yuan(abs(read.opening_fen - int(before.closing_fen))),
        )
    after = _statement_of(read, f"{last + timedelta(days=1):%Y-%m}")
    if after is not None and after.opening_fen != read.closing_fen:
        raise UserError(
            "期末余额 %(closing)s 元与 %(month)s 的期初余额 %(opening)s 元不同，差 %(gap)s 元。"
            "整个文件没有导入，请向银行核对。",
            closing=format_yuan(read.closing_fen),
            month=after.month,
            opening=format_yuan(int(after.opening_fen)),
            gap=format_yuan(abs(read.closing_fen - int(after.opening_fen))),
        )


def _statement_of(read: StatementHead, month: str) -> Any:
    return db.session.execute(
        select(Month.month, Statement.opening_fen, Statement.closing_fen)
        .join(Month, Month.id == Statement.month_id)
        .where(Statement.account_index == read.account, Statement.replaced_at.is_(None), Month.month == month)
    ).first()


def _store(
    principal: Principal, profile: StatementProfile, read: StatementHead, content: bytes, *, month: Month, at: datetime
) -> Statement:
    statement = Statement(
        month_id=month.id,
        file_id=store_file(content, at=at).id,
        profile=profile.name,
        profile_version=profile.version,
        account=read.account,
        account_index=read.account,
        account_tail=read.account[-4:],
        opening_fen=Fen(read.opening_fen),
        closing_fen=Fen(read.closing_fen),
        line_count=read.line_count,
        imported_at=at,
        imported_by=principal.recorded_name,
        official_id=principal.official_id,
    )
    db.session.add(statement)
    db.session.flush()
    return statement


def _insert_lines(statement: Statement, lines: Sequence[ReadLine]) -> None:
    keys = iter(keyring().blind_indexes((line.card for line in lines if line.card), "card"))
    columns: dict[str, Any] = {
        "statement_id": statement.id,
        "number": [line.row for line in lines],
        "day": [line.day for line in lines],
        "debit_fen": [line.debit_fen for line in lines],
        "credit_fen": [line.credit_fen for line in lines],
        "balance_fen": [line.balance_fen for line in lines],
        "name": [line.name for line in lines],
        "card": [line.card for line in lines],
        "card_index": [next(keys) if line.card else None for line in lines],
        "card_tail": [line.card_tail for line in lines],
        "summary": [line.summary for line in lines],
        "serial": [line.serial for line in lines],
        "reference": [line.reference for line in lines],
    }
    insert_columns(StatementLine, columns)
