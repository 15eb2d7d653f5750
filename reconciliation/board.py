"""What this room lays on the to-do board: months without a statement, open differences, refusals to be answered,
signatures and closings."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from accounts.models import Organisation
from core.board import BoardItem
from core.database import db
from core.money import format_yuan
from core.principal import OrganisationKind, Principal
from core.working_days import load_calendar
from reconciliation import queries, rules
from reconciliation.models import Month, MonthRefusal, MonthSignature

RECONCILE_WITHIN = 5
"""Working days after a month's end by which it is reconciled. The plan says 每月月末: a default of the house."""
MOST = 12


def items(principal: Principal, today: date) -> Iterator[BoardItem]:
    """Everything of this room that this official has to do."""
    if not principal.may(rules.READ):
        return
    yield from _without_statement(principal, today)
    for month in db.session.scalars(select(Month).where(Month.state != "closed").order_by(Month.month).limit(MOST)):
        yield from _of_month(principal, month)


def _due_on(month: str) -> date:
    _, last = rules.month_days(month)
    return load_calendar().add_working_days(last, RECONCILE_WITHIN)


def _item(title: str, month: Month, detail: str = "", count: int = 1) -> BoardItem:
    url = url_for("reconciliation.month", month_id=month.id)
    return BoardItem(title, url, gettext("月末对账"), _due_on(month.month), detail or month.month, count)


def _without_statement(principal: Principal, today: date) -> Iterator[BoardItem]:
    """The first month that has ended, in which money was paid, and for which no statement has come: months are closed
    in their order, and so are they begun."""
    if not principal.may(rules.IMPORT_STATEMENT):
        return
    ended = rules.month_of(today.replace(day=1) - timedelta(days=1))
    wanted = queries.first_without_statement(ended)
    if wanted is not None:
        yield BoardItem(
            gettext("上传银行对账单：%(month)s", month=wanted),
            url_for("reconciliation.new_statement", month=wanted),
            gettext("月末对账"),
            _due_on(wanted),
            wanted if wanted == ended else gettext("%(month)s 以前的月份要先办", month=ended),
        )


def _of_month(principal: Principal, month: Month) -> Iterator[BoardItem]:
    if month.state == "reopen_asked":
        if principal.may(rules.CLOSE_MONTH):
            yield _item(gettext("决定是否重新开账"), month)
        return
    yield from _carried(principal, month)
    refused = queries.standing_refusals(month)
    yield from _refusals(principal, month, refused)
    yield from _settlements(principal, month)
    if queries.open_difference_count(month):
        waiting = queries.waiting_difference_count(month)
        if waiting and principal.may(rules.RESOLVE_DIFFERENCE):
            detail = gettext("%(month)s，%(count)s 条", month=month.month, count=waiting)
            yield _item(gettext("处理对账差异"), month, detail, waiting)
        return
    if queries.settlements_waiting(month):
        return
    if refused or not (principal.may(rules.SIGN_MONTH) or principal.may(rules.CLOSE_MONTH)):
        return
    signed = queries.standing_signatures(month)
    missing = queries.departments_to_sign(month, signed)
    if principal.may(rules.SIGN_MONTH) and _is_their_turn(principal, signed, missing):
        yield _item(gettext("月末对账签章"), month)
    if principal.may(rules.CLOSE_MONTH) and _may_close(principal, month, signed, missing):
        yield _item(gettext("月末关账"), month)


def _settlements(principal: Principal, month: Month) -> Iterator[BoardItem]:
    """What colleagues propose to say of many or large differences."""
    if not principal.may(rules.CONFIRM_SETTLEMENT):
        return
    for one in queries.settlements_waiting(month):
        if one.official_id != principal.official_id:
            yield BoardItem(
                gettext("复核对账差异的处理"),
                url_for("reconciliation.settlement", settlement_id=one.id),
                gettext("月末对账"),
                _due_on(month.month),
                gettext(
                    "%(month)s，%(count)s 条，%(yuan)s 元",
                    month=month.month,
                    count=one.line_count,
                    yuan=format_yuan(int(one.total_fen)),
                ),
                one.line_count,
            )


def _refusals(principal: Principal, month: Month, refused: Sequence[MonthRefusal]) -> Iterator[BoardItem]:
    """Finance puts the month right, or answers; where something has changed since, the office itself looks again."""
    for one in refused:
        if queries.is_changed(one):
            if one.organisation_id == principal.organisation_id and principal.may(rules.SIGN_MONTH):
                yield _item(gettext("有了变动，请再看是否仍不同意签章"), month)
            continue
        if not principal.may(rules.RESOLVE_DIFFERENCE):
            continue
        yield _item(gettext("%(office)s不同意签章，请处理或答复", office=one.organisation.name), month)


def _carried(principal: Principal, month: Month) -> Iterator[BoardItem]:
    if not principal.may(rules.RESOLVE_DIFFERENCE) or not (outstanding := queries.carried_count(month)):
        return
    detail = gettext("%(month)s，%(count)s 条", month=month.month, count=outstanding)
    url = url_for("reconciliation.carried", month_id=month.id)
    yield BoardItem(
        gettext("了结以前月份转来的差异"), url, gettext("月末对账"), _due_on(month.month), detail, outstanding
    )


def _may_close(
    principal: Principal, month: Month, signed: Sequence[MonthSignature], waiting: Sequence[Organisation]
) -> bool:
    """Everybody has signed, this official has not, and no earlier month stands in the way."""
    if waiting or OrganisationKind.FINANCE not in {one.organisation_kind for one in signed}:
        return False
    own = any(one.official_id == principal.official_id for one in signed)
    return not own and queries.earlier_open(month) is None


def _is_their_turn(principal: Principal, signed: Sequence[MonthSignature], waiting: Sequence[Organisation]) -> bool:
    kind = principal.organisation_kind
    if any(one.organisation_id == principal.organisation_id for one in signed):
        return False
    if kind == OrganisationKind.DEPARTMENT:
        return principal.organisation_id in {one.id for one in waiting}
    return kind is not None and rules.may_sign(
        kind, {OrganisationKind(one.organisation_kind) for one in signed}, len(waiting)
    )
