"""How long each step may take: finance decides, and whoever is held up by it is shown."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core.audit import AuditEntry
from core.board import BoardItem
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from core.working_days import load_calendar
from disbursement import board, operations, queries
from disbursement.rules import DEFAULT_LIMITS, ROLL_WORKFLOW, checked_limit
from disbursement.words import LIMITS
from tests import factories
from tests.disbursement.county import AT, RESULT_AT, UNCLEAR, County, build_county, entry
from tests.disbursement.cycle import answered
from tests.signing import sign_in

PAGE = "/staff/disbursement/limits"
WHY = "东财办〔2020〕60号"


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def test_every_step_in_which_somebody_has_a_roll_has_a_limit_and_a_name() -> None:
    ends = {"department_approved"}
    states = {t.source for t in ROLL_WORKFLOW.transitions} - ends
    assert set(DEFAULT_LIMITS) == states | {"unclear", "unanswered"} == set(LIMITS)


@pytest.mark.parametrize("days", ["", "0", "61", "-1", "3.5", "三", "1e1", "９"])
def test_days_that_cannot_be_are_refused(days: str) -> None:
    with pytest.raises(UserError, match="1 到 60"):
        checked_limit("draft", days)


def late(county: County, on: date) -> list[bool]:
    found = queries.batches_under_way(county.finance, load_calendar(), on)
    return [line.is_late for one in found for line in one.rolls]


def test_the_dashboard_follows_what_finance_has_chosen(county: County) -> None:
    county.roll([entry(1)])
    thursday = AT.date() + timedelta(days=3)
    assert late(county, thursday) == [False]
    assert late(county, thursday + timedelta(days=1)) == [True]
    operations.choose_limit(county.finance, "draft", "1", WHY, at=AT)
    assert late(county, thursday) == [True]
    operations.choose_limit(county.finance, "draft", " 9 ", WHY, at=AT)
    assert late(county, thursday + timedelta(days=1)) == [False]
    assert [(one.step, one.days) for one in queries.limit_history()] == [("draft", 9), ("draft", 1)]
    assert db.session.scalars(select(AuditEntry.action)).all().count("limits.choose") == 2


def reminders(county: County, on: date) -> list[BoardItem]:
    return [item for item in board.items(county.bank, on) if "不明" in item.title]


def test_an_unclear_outcome_is_reminded_of_after_the_days_that_finance_has_chosen(app: Flask, county: County) -> None:
    answered(county, UNCLEAR)
    with app.test_request_context():
        fourth = RESULT_AT.date() + timedelta(days=4)
        assert [item.count for item in reminders(county, fourth)] == [1]
        operations.choose_limit(county.finance, "unclear", "5", WHY, at=RESULT_AT)
        assert reminders(county, fourth) == []
        [item] = reminders(county, fourth + timedelta(days=2))
        assert "5 天" in item.title


def test_who_may_choose_and_what_is_refused(county: County) -> None:
    for principal in (county.preparer, county.department, county.bank, factories.principal(Kind.FINANCE, Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            operations.choose_limit(principal, "draft", "5", WHY, at=AT)
    with pytest.raises(Conflict):
        operations.choose_limit(county.finance, "draft", "3", WHY, at=AT)
    with pytest.raises(UserError, match="理由"):
        operations.choose_limit(county.finance, "draft", "4", " ", at=AT)
    with pytest.raises(UserError, match="没有这一项"):
        operations.choose_limit(county.finance, "department_approved", "4", WHY, at=AT)
    assert queries.step_limits() == DEFAULT_LIMITS


def test_a_limit_is_changed_on_its_page(app: Flask, county: County) -> None:
    finance = sign_in(app.test_client(), factories.official(Kind.FINANCE, Role.PREPARER))
    reader = sign_in(app.test_client(), factories.official(Kind.AUDIT, Role.VIEWER))
    assert "乡镇经办人提交" in finance.get(PAGE).text
    wrong = finance.post(f"{PAGE}/submitted", data={"days": "99", "reason": WHY}, follow_redirects=True)
    assert "1 到 60" in wrong.text
    done = finance.post(f"{PAGE}/submitted", data={"days": "5", "reason": WHY}, follow_redirects=True)
    assert "时限已调整" in done.text and WHY in done.text and "5 个工作日" in done.text
    assert reader.post(f"{PAGE}/submitted", data={"days": "6", "reason": WHY}).status_code == 403
    page = reader.get(PAGE).text
    assert "5 个工作日" in page and f"{PAGE}/submitted" not in page
