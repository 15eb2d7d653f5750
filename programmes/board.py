"""What this room lays on the to-do board: undecided programmes, cases on their way, filings to record."""

from collections.abc import Iterator
from datetime import date

from flask import url_for
from flask_babel import gettext

from core.board import BoardItem
from core.database import db
from core.principal import Principal
from programmes import queries, rules
from programmes.models import InclusionCase


def items(principal: Principal, _today: date) -> Iterator[BoardItem]:
    """Everything of this room that this official has to do."""
    yield from _undecided(principal)
    yield from _opinions(principal)
    yield from _steps(principal)
    yield from _filings(principal)


def _undecided(principal: Principal) -> Iterator[BoardItem]:
    """Programmes that nobody has taken up stay on finance's board until somebody does (B1)."""
    if not principal.may(rules.DECIDE_INCLUSION):
        return
    waiting = [found.programme for found in queries.waiting_programmes(principal) if found.case is None]
    if waiting:
        yield BoardItem(
            gettext("%(count)s 个补贴项目还没有决定是否纳入平台", count=len(waiting)),
            url_for("programmes.inclusion"),
            gettext("纳入平台"),
            None,
            gettext("、").join(programme.name for programme in waiting[:5]),
            len(waiting),
        )


def _cases(principal: Principal, *states: str) -> list[InclusionCase]:
    wanted = queries.inclusion_cases(principal).where(
        InclusionCase.state.in_(states), InclusionCase.settled_on.is_(None)
    )
    return list(db.session.scalars(wanted.order_by(InclusionCase.id)))


def _opinions(principal: Principal) -> Iterator[BoardItem]:
    office = principal.organisation_kind
    if office not in rules.CONSULTED_OFFICES or not principal.may(rules.GIVE_OPINION):
        return
    for case in _cases(principal, "submitted"):
        if office in queries.missing_opinions(case):
            yield _item(gettext("对项目是否纳入平台提出意见"), case, case.opinions_due_on)


def _steps(principal: Principal) -> Iterator[BoardItem]:
    tasks = (
        ("consulted", rules.PROPOSE_DECISION, gettext("拟定项目是否纳入平台")),
        ("proposed", rules.CONFIRM_DECISION, gettext("审定项目是否纳入平台")),
        ("decided", rules.PROPOSE_DECISION, gettext("把决定回复主管部门")),
        ("replied", rules.RECORD_SET_UP, gettext("登记州财政局在平台设立项目")),
    )
    for state, right, title in tasks:
        if principal.may(right):
            for case in _cases(principal, state):
                yield _item(title, case, None)


def _item(title: str, case: InclusionCase, due_on: date | None) -> BoardItem:
    url = url_for("programmes.inclusion_case", case_id=case.id)
    return BoardItem(title, url, gettext("纳入平台"), due_on, case.programme.name)


def _filings(principal: Principal) -> Iterator[BoardItem]:
    for filing in queries.filings_to_receive(principal):
        yield BoardItem(
            gettext("办理线下项目备案"),
            url_for("programmes.programme", programme_id=filing.programme_id),
            gettext("补贴项目"),
            None,
            filing.programme.name,
        )
