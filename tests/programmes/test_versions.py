"""Standards and rules change by a further version (B10): what payments were checked by stays as it was."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement.models import RollFinding
from disbursement.rules.checks import months_by_version
from programmes import operations, queries
from programmes.catalogue_lines import ReadRule
from programmes.models import IncompatibilityRule
from programmes.operations import RuleTerms
from programmes.rules import Handling, Scope, StandardUnit, end_before, is_later, months_in_force
from tests import factories
from tests.core.together import meanwhile
from tests.disbursement.county import AT, County, build_county, entry
from tests.signing import sign_in

DAY = timedelta(days=1)
WHY = "登记有误"
BASIS = "川民发〔2020〕5号"
PAIR = ("CARE", "DISABLED_LIVING")
LATER = AT + 30 * DAY

# What these tests hold is decided in Python: one database says it all.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def county(app: Flask) -> County:
    built = build_county()
    factories.programme("CARE", "重度残疾人护理补贴")
    db.session.commit()
    return built


@pytest.fixture
def finance(county: County) -> Principal:
    """Who keeps the catalogue."""
    made = factories.principal(Kind.FINANCE, Role.PREPARER)
    db.session.commit()
    return made


# --- Pure ------------------------------------------------------------------------------------------

DAYS = st.dates(date(2019, 1, 1), date(2021, 12, 31))


@given(begins=DAYS, until=st.none() | DAYS)
def test_a_version_ends_before_the_next_and_never_later_than_it_was_to(begins: date, until: date | None) -> None:
    ends = end_before(begins, until)
    assert ends < begins
    assert until is None or ends <= until
    assert ends == (begins - DAY if until is None or until >= begins else until)


def test_a_version_follows_only_one_that_began_earlier() -> None:
    day = date(2020, 7, 1)
    assert is_later(day, None)
    assert is_later(day, day - DAY)
    assert not is_later(day, day)
    assert not is_later(None, None)


@given(first=st.none() | DAYS, last=st.none() | DAYS)
@example(first=date(2019, 1, 2), last=date(2019, 1, 1))
def test_a_month_counts_when_a_day_of_it_does(first: date | None, last: date | None) -> None:
    months = [f"{year}{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13)]
    found = months_in_force(months, first, last)
    start, end = first or date(2019, 1, 1), last or date(2021, 12, 31)
    days = (start + DAY * number for number in range((end - start).days + 1))
    assert found == tuple(dict.fromkeys(f"{day:%Y%m}" for day in days))


@given(starts=st.lists(DAYS, min_size=1, max_size=5, unique=True), data=st.data())
def test_each_month_is_decided_by_one_version(starts: list[date], data: st.DataObject) -> None:
    begins = sorted(starts)
    versions = [
        (
            first if number or data.draw(st.booleans()) else None,
            begins[number + 1] - DAY if number + 1 < len(begins) else None,
        )
        for number, first in enumerate(begins)
    ]
    months = [f"{year}{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13)]
    decided = months_by_version(months, versions)
    spread = [month for part in decided for month in part]
    assert sorted(spread) == sorted(set(spread))
    for (first, last), part in zip(versions, decided, strict=True):
        assert set(part) <= set(months_in_force(months, first, last))
    if versions[0][0] is None:
        assert sorted(spread) == months
    # Where two are in force in a month, the one that began last decides it.
    for number, (first, _) in enumerate(versions):
        if number:
            assert first is not None
            assert f"{first:%Y%m}" not in decided[number - 1]


# --- Standards -------------------------------------------------------------------------------------


def begin(county: County, day: date, fen: int = 90_00) -> int:
    return begun(county.finance, county.programme.id, day, fen)


def begun(finance: Principal, programme_id: int, day: date, fen: int) -> int:
    return operations.add_standard(
        finance,
        programme_id,
        amount_fen=fen,
        per=StandardUnit.PERSON,
        monthly=True,
        valid_from=day,
        basis=BASIS,
        at=AT,
    ).id


def ends(county: County) -> list[date | None]:
    return [standard.valid_until for standard in queries.standards_of(county.programme.id)]


@on_one_database
def test_a_standard_ends_and_goes_on_again(county: County) -> None:
    number = begin(county, date(2020, 1, 1))
    with pytest.raises(UserError, match="早于"):
        operations.end_standard(county.finance, number, date(2019, 12, 31), WHY, at=AT)
    with pytest.raises(UserError, match="哪一天"):
        operations.end_standard(county.finance, number, None, WHY, at=AT)
    operations.end_standard(county.finance, number, date(2020, 12, 31), WHY, at=AT)
    assert ends(county) == [date(2020, 12, 31)]
    with pytest.raises(Conflict):
        operations.end_standard(county.finance, number, date(2020, 11, 30), WHY, at=AT)
    operations.resume_standard(county.finance, number, WHY, at=AT)
    assert ends(county) == [None]
    with pytest.raises(Conflict):
        operations.resume_standard(county.finance, number, WHY, at=AT)


@on_one_database
def test_a_gap_between_two_standards_stays_a_gap(county: County) -> None:
    first = begin(county, date(2020, 1, 1))
    operations.end_standard(county.finance, first, date(2020, 3, 31), WHY, at=AT)
    second = begin(county, date(2020, 7, 1), 95_00)
    assert ends(county) == [date(2020, 3, 31), None]
    with pytest.raises(UserError, match="最后一条"):
        operations.end_standard(county.finance, first, date(2020, 2, 1), WHY, at=AT)
    operations.withdraw_standard(county.finance, second, WHY, at=AT)
    assert ends(county) == [date(2020, 3, 31)]


def test_what_payments_were_checked_against_is_neither_withdrawn_nor_cut_short(county: County) -> None:
    number = begin(county, date(2020, 1, 1))
    county.approved([entry(1)])
    for act in (
        lambda: operations.withdraw_standard(county.finance, number, WHY, at=LATER),
        lambda: operations.end_standard(county.finance, number, date(2020, 5, 31), WHY, at=LATER),
    ):
        with pytest.raises(UserError, match="2020-06 的发放已经按这条标准审核通过"):
            act()
    operations.end_standard(county.finance, number, date(2020, 6, 1), WHY, at=LATER)


@on_one_database
def test_what_was_entered_after_the_approval_can_be_withdrawn(county: County) -> None:
    county.approved([entry(1)])
    late = operations.add_standard(
        county.finance,
        county.programme.id,
        amount_fen=90_00,
        per=StandardUnit.PERSON,
        monthly=True,
        valid_from=date(2020, 1, 1),
        basis=BASIS,
        at=LATER,
    )
    operations.withdraw_standard(county.finance, late.id, WHY, at=LATER)
    assert ends(county) == []


def test_of_two_standards_at_once_the_second_follows_the_first(app: Flask, county: County) -> None:
    begin(county, date(2019, 1, 1), 80_00)
    number, finance = county.programme.id, county.finance
    db.session.commit()
    works = [partial(begun, finance, number, date(2020, 7, 1), fen) for fen in (90_00, 95_00)]
    first, second = meanwhile(app, *works)
    assert isinstance(first, int)
    assert isinstance(second, UserError)
    db.session.expire_all()
    assert ends(county) == [date(2020, 6, 30), None]


# --- Rules about two programmes ----------------------------------------------------------------------


def forbid(finance: Principal, handling: Handling = Handling.FORBIDDEN) -> IncompatibilityRule:
    return operations.add_rule(finance, "DISABLED_LIVING", "CARE", RuleTerms(handling, Scope.PERSON, BASIS), at=AT)


def change(finance: Principal, rule_id: int, day: date | None, handling: Handling, **more: Any) -> IncompatibilityRule:
    return operations.change_rule(finance, rule_id, RuleTerms(handling, Scope.PERSON, BASIS, day, **more), at=AT)


def versions() -> list[tuple[str, date | None, date | None]]:
    found = db.session.scalars(select(IncompatibilityRule).order_by(IncompatibilityRule.id))
    return [(rule.handling, rule.valid_from, rule.valid_until) for rule in found]


@on_one_database
def test_a_rule_changes_from_a_day_on_and_keeps_what_it_said_before(county: County, finance: Principal) -> None:
    rule = forbid(finance)
    with pytest.raises(Conflict, match="已经有规则"):
        forbid(finance)
    with pytest.raises(UserError, match="从哪一天"):
        change(finance, rule.id, None, Handling.ALLOWED)
    with pytest.raises(UserError, match="完全相同"):
        change(finance, rule.id, date(2020, 5, 1), Handling.FORBIDDEN)
    second = change(finance, rule.id, date(2020, 5, 1), Handling.ALLOWED)
    assert versions() == [("forbidden", None, date(2020, 4, 30)), ("allowed", date(2020, 5, 1), None)]
    with pytest.raises(Conflict, match="更新的一版"):
        change(finance, rule.id, date(2020, 8, 1), Handling.TAKE_HIGHER)
    with pytest.raises(UserError, match="晚于"):
        change(finance, second.id, date(2020, 5, 1), Handling.TAKE_HIGHER)
    operations.withdraw_rule(finance, second.id, WHY, at=AT)
    assert versions() == [("forbidden", None, None)]
    assert operations.withdraw_rule(finance, rule.id, WHY, at=AT) is None
    assert versions() == []
    ours = select(AuditEntry.action).where(AuditEntry.subject_kind == "incompatibility_rule")
    assert (
        list(db.session.scalars(ours.order_by(AuditEntry.id)))
        == ["programmes.save_rule"] * 2 + ["programmes.withdraw_rule"] * 2
    )


@on_one_database
def test_a_rule_that_ended_by_hand_stays_ended(county: County, finance: Principal) -> None:
    rule = forbid(finance)
    operations.end_rule(finance, rule.id, date(2020, 6, 30), WHY, at=AT)
    with pytest.raises(Conflict):
        operations.end_rule(finance, rule.id, date(2020, 7, 31), WHY, at=AT)
    second = change(finance, rule.id, date(2020, 9, 1), Handling.FORBIDDEN)
    assert versions() == [("forbidden", None, date(2020, 6, 30)), ("forbidden", date(2020, 9, 1), None)]
    operations.withdraw_rule(finance, second.id, WHY, at=AT)
    assert versions() == [("forbidden", None, date(2020, 6, 30))]
    operations.resume_rule(finance, rule.id, WHY, at=AT)
    assert versions() == [("forbidden", None, None)]


@on_one_database
def test_rights_and_unknown_rules(county: County, finance: Principal) -> None:
    rule = forbid(finance)
    for act in (
        lambda who: change(who, rule.id, date(2020, 5, 1), Handling.ALLOWED),
        lambda who: operations.withdraw_rule(who, rule.id, WHY, at=AT),
        lambda who: operations.resume_rule(who, rule.id, WHY, at=AT),
        lambda who: operations.end_rule(who, rule.id, AT.date(), WHY, at=AT),
    ):
        with pytest.raises(PermissionDenied):
            act(county.department)
    with pytest.raises(NotVisible):
        operations.withdraw_rule(finance, 10**6, WHY, at=AT)
    with pytest.raises(UserError, match="同一个项目"):
        operations.add_rule(finance, "CARE", "CARE", RuleTerms(Handling.ALLOWED, Scope.PERSON, BASIS), at=AT)
    with pytest.raises(UserError, match="没有这个补贴项目"):
        operations.add_rule(finance, "CARE", "NONE", RuleTerms(Handling.ALLOWED, Scope.PERSON, BASIS), at=AT)


def test_of_two_changes_at_once_the_second_is_told(app: Flask, county: County, finance: Principal) -> None:
    number = forbid(finance).id
    db.session.commit()
    first, second = meanwhile(
        app,
        lambda: change(finance, number, date(2020, 5, 1), Handling.ALLOWED).id,
        lambda: change(finance, number, date(2020, 6, 1), Handling.TAKE_HIGHER).id,
    )
    assert isinstance(first, int)
    assert isinstance(second, Conflict)
    db.session.expire_all()
    assert len(versions()) == 2


# --- A policy list that gives a rule otherwise ---------------------------------------------------------


def listed(finance: Principal, handling: Handling, *days: date | None) -> Any:
    rule = ReadRule(*PAIR, handling, BASIS, Scope.PERSON, *days)
    return operations.import_catalogue(finance, [], [rule], at=AT)


@on_one_database
def test_a_list_changes_a_rule_from_its_day_on(county: County, finance: Principal) -> None:
    listed(finance, Handling.FORBIDDEN)
    assert listed(finance, Handling.FORBIDDEN).changed_rules == []
    listed(finance, Handling.ALLOWED)
    today = AT.date()
    assert versions() == [("forbidden", None, today - DAY), ("allowed", today, None)]
    # Today's version stands until it is withdrawn: nobody knows any more which of the two was meant.
    assert len(listed(finance, Handling.TAKE_HIGHER).kept_rules) == 1
    listed(finance, Handling.TAKE_HIGHER, date(2020, 10, 1))
    assert versions()[1:] == [("allowed", today, date(2020, 9, 30)), ("take_higher", date(2020, 10, 1), None)]


@on_one_database
def test_a_list_that_tells_an_earlier_version_again_changes_nothing(county: County, finance: Principal) -> None:
    first, second = date(2020, 1, 1), date(2020, 5, 1)
    listed(finance, Handling.FORBIDDEN, first)
    (rule,) = db.session.scalars(select(IncompatibilityRule))
    change(finance, rule.id, second, Handling.ALLOWED)
    changes = listed(finance, Handling.FORBIDDEN, first)
    assert (changes.changed_rules, changes.kept_rules) == ([], [])
    # What contradicts the record about a day in the past is for a person to clear up.
    assert len(listed(finance, Handling.TAKE_HIGHER, first).kept_rules) == 1
    assert versions() == [("forbidden", first, second - DAY), ("allowed", second, None)]


@on_one_database
def test_a_list_that_names_no_last_day_does_not_revive_a_rule(county: County, finance: Principal) -> None:
    listed(finance, Handling.FORBIDDEN)
    (rule,) = db.session.scalars(select(IncompatibilityRule))
    operations.end_rule(finance, rule.id, AT.date(), WHY, at=AT)
    assert listed(finance, Handling.FORBIDDEN).changed_rules == []
    assert versions() == [("forbidden", None, AT.date())]
    listed(finance, Handling.FORBIDDEN, None, date(2020, 12, 31))
    assert versions() == [("forbidden", None, date(2020, 12, 31))]


# --- The checks before approval ------------------------------------------------------------------------


def kinds(county: County, period: str) -> dict[str, list[str]]:
    """What the checks say of one person who receives both for this quarter: kind → months."""
    care = next(one for one in queries.known_programmes() if one.code == "CARE")
    mine = county.programme
    county.programme = db.session.get_one(type(mine), care.id)
    county.roll([entry(1)], period)
    county.programme = mine
    county.roll([entry(1)], period)
    found = db.session.scalars(
        select(RollFinding).where(RollFinding.kind.in_(("incompatible", "take_higher", "take_difference")))
    )
    batch = {
        one.kind: one.known["months"]
        for one in found
        if one.roll.batch.programme_id == mine.id and one.roll.batch.period == period
    }
    return dict(sorted(batch.items()))


def test_a_past_period_is_checked_by_the_rule_of_its_time(county: County, finance: Principal) -> None:
    rule = forbid(finance)
    change(finance, rule.id, date(2020, 4, 1), Handling.ALLOWED)
    assert kinds(county, "202003") == {"incompatible": ["202001", "202002", "202003"]}
    assert kinds(county, "202006") == {}


def test_within_a_quarter_each_month_has_its_own_rule(county: County, finance: Principal) -> None:
    rule = forbid(finance)
    second = change(finance, rule.id, date(2020, 5, 11), Handling.TAKE_HIGHER)
    assert kinds(county, "202006") == {"incompatible": ["202004"], "take_higher": ["202005", "202006"]}
    # The same said again by another document is one finding still, not two.
    operations.change_rule(
        finance, second.id, RuleTerms(Handling.TAKE_HIGHER, Scope.HOUSEHOLD, "甲〔2020〕9号", date(2020, 6, 1)), at=AT
    )
    assert kinds(county, "202006") == {"incompatible": ["202004"], "take_higher": ["202005", "202006"]}


def test_a_version_by_which_payments_were_checked_is_not_withdrawn(county: County, finance: Principal) -> None:
    rule = forbid(finance)
    county.approved([entry(1)])
    with pytest.raises(UserError, match="2020-06 的发放已经按这一版审核通过"):
        operations.withdraw_rule(finance, rule.id, WHY, at=LATER)
    second = operations.change_rule(
        finance, rule.id, RuleTerms(Handling.ALLOWED, Scope.PERSON, BASIS, date(2020, 7, 1)), at=LATER
    )
    operations.withdraw_rule(finance, second.id, WHY, at=LATER)


# --- The pages -----------------------------------------------------------------------------------------


@on_one_database
def test_a_rule_is_changed_ended_and_withdrawn_on_its_page(
    client: FlaskClient, county: County, finance: Principal
) -> None:
    number = forbid(finance).id
    sign_in(client, factories.official(Kind.FINANCE, Role.PREPARER))
    url = f"/staff/programmes/rules/{number}"
    assert "重度残疾人护理补贴与困难残疾人生活补贴" in client.get(url).text
    sent = {"handling": "allowed", "scope": "person", "basis": BASIS, "valid_from": "2020-05-01"}
    assert client.post(url, data=sent).status_code == 302
    assert "这是以前的一版" in client.get(url).text
    latest = db.session.scalars(select(IncompatibilityRule.id).order_by(IncompatibilityRule.id.desc())).first()
    assert "2020-04-30" in client.get(f"/staff/programmes/rules/{latest}").text
    client.post(f"/staff/programmes/rules/{latest}/end", data={"reason": WHY})
    client.post(f"/staff/programmes/rules/{latest}/resume", data={"reason": WHY})
    client.post(f"/staff/programmes/rules/{latest}/withdraw", data={"reason": WHY})
    db.session.expire_all()
    assert versions() == [("forbidden", None, None)]
    assert client.post("/staff/programmes/rules/999/withdraw", data={"reason": WHY}).status_code == 404


@on_one_database
def test_a_standard_is_ended_and_resumed_on_the_programmes_page(client: FlaskClient, county: County) -> None:
    number = begin(county, date(2020, 1, 1))
    sign_in(client, factories.official(Kind.FINANCE, Role.APPROVER))
    page = f"/staff/programmes/catalogue/{county.programme.id}"
    assert "执行到哪一天" in client.get(page).text
    client.post(f"/staff/programmes/standards/{number}/end", data={"on": "", "reason": WHY})
    assert ends(county) == [None]
    client.post(f"/staff/programmes/standards/{number}/end", data={"on": "2020-12-31", "reason": WHY})
    db.session.expire_all()
    assert ends(county) == [date(2020, 12, 31)]
    assert "恢复执行" in client.get(page).text
    client.post(f"/staff/programmes/standards/{number}/resume", data={"reason": WHY})
    db.session.expire_all()
    assert ends(county) == [None]
    assert client.post("/staff/programmes/standards/999/end", data={"reason": WHY}).status_code == 404
