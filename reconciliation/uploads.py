"""Statements as files: checked first, saved when confirmed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from core.jobs import Progress
from core.money import format_yuan
from core.months import check_month
from core.msgid import N_
from core.principal import Principal
from core.uploads import Incoming, Report, UploadKind, register_kind
from reconciliation import rules
from reconciliation.operations import StatementSummary, import_statement, preview_statement

PAGES = "/staff/reconciliation"


def _named(parameters: Mapping[str, Any]) -> tuple[str, str]:
    return str(parameters["profile"]), check_month(str(parameters["month"]))


def check_statement(principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> Report:
    """What a statement says; writes nothing. Raises UserError for one that does not add up."""
    profile, month = _named(incoming.parameters)
    summary = preview_statement(principal, profile, incoming.content, month)
    # A month without a line is a statement all the same.
    good = 0 if summary.already_imported else summary.lines or 1
    return Report(good, summary.total_fen, notes=list(_notes(summary)))


def _notes(summary: StatementSummary) -> Iterator[str]:
    yield gettext(
        "账户尾号 %(tail)s：期初 %(opening)s 元，期末 %(closing)s 元，共 %(lines)s 笔，支出 %(total)s 元。"
        "余额逐笔核对无误。",
        tail=summary.account_tail,
        opening=format_yuan(summary.opening_fen),
        closing=format_yuan(summary.closing_fen),
        lines=summary.lines,
        total=format_yuan(summary.total_fen),
    )
    if summary.already_imported:
        yield gettext("这个文件以前已经导入过，不会再有任何变化。")
    elif summary.replaces:
        yield gettext("这个账户这个月已有一份对账单；保存后以这一份为准，原来的留底。")


def save_statement(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """Take the statement in and match it; returns the month's address."""
    profile, month = _named(incoming.parameters)
    replace = bool(incoming.parameters.get("replace"))
    summary = import_statement(principal, profile, incoming.content, month, at=at, replace=replace)
    return f"{PAGES}/months/{summary.month_id}"


STATEMENT_UPLOAD = register_kind(
    UploadKind("reconciliation.statement", N_("银行对账单"), rules.IMPORT_STATEMENT, check_statement, save_statement)
)
