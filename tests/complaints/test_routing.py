"""The county's routing in versions: written by one, approved by another, in force from then on."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from accounts.models import Organisation
from complaints import operations, routing_queries
from complaints.models import RoutingVersion
from complaints.operations import routing
from complaints.operations.routing import GivenRule
from complaints.routing_words import side_words
from complaints.rules.routing_versions import MOST_RULES, fingerprint
from core import clock
from core.audit import AuditEntry
from core.board import items_for
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role
from core.workflow import WorkflowStep
from tests import factories
from tests.complaints.county import AT, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, County, submit
from tests.core.together import together

DAY = timedelta(days=1)
SERVICE = GivenRule(start="finance", category="service")


def approver(kind: OrganisationKind = OrganisationKind.FINANCE) -> Principal:
    return factories.principal(kind, Role.APPROVER)


def seen(version: RoutingVersion) -> str:
    return fingerprint(routing_queries.routing_of(version).rules)


def begun(county: County, *given: GivenRule, base: int = 0) -> RoutingVersion:
    version = routing.begin_version(county.finance, base, at=AT)
    for rule in given:
        routing.keep_rule(county.finance, version.number, rule, at=AT)
    return version


def proposed(county: County, *given: GivenRule) -> RoutingVersion:
    version = begun(county, *given)
    return routing.move_version(
        county.finance, version.number, "propose", at=AT, reason="县里统一督办", seen=seen(version)
    )


def approved(county: County, *given: GivenRule) -> RoutingVersion:
    version = proposed(county, *given)
    return routing.move_version(approver(), version.number, "approve", at=AT, seen=seen(version))


def owner_of(**values: Any) -> Organisation:
    complaint, _code = submit(**values)
    return complaint.owner


def test_the_rulebooks_own_routing_is_in_force_until_one_is_approved(county: County) -> None:
    complaint, _code = submit(category="service")
    assert (complaint.owner_id, complaint.routing_version) == (county.township.organisation_id, None)
    version = proposed(county, SERVICE)
    assert owner_of(category="service").id == county.township.organisation_id
    routing.move_version(approver(), version.number, "approve", at=AT, seen=seen(version))
    later, _code = submit(category="service")
    assert (later.owner_id, later.routing_version) == (county.finance.organisation_id, version.number)
    assert owner_of(category="wrong_amount").id == county.township.organisation_id
    # What has come in stays where it is.
    assert (complaint.owner_id, complaint.routing_version) == (county.township.organisation_id, None)


def test_every_condition_is_asked(county: County) -> None:
    programme = factories.programme()
    approved(
        county,
        GivenRule(start="finance", programme=programme.code, region=TOWNSHIP),
        GivenRule(start=str(county.department.organisation_id), matter="tip_off"),
        GivenRule(start="discipline", about="village", region=OTHER_TOWNSHIP),
    )
    elsewhere = VILLAGE.replace("001200", "002200")
    assert owner_of(programme_id=programme.id).id == county.finance.organisation_id
    assert owner_of(programme_id=programme.id, region_code=elsewhere).id == county.other_township.organisation_id
    assert owner_of(category="tip_off").id == county.department.organisation_id
    about = county.village_office_id
    assert owner_of(about_organisation_id=about, region_code=elsewhere).id == county.discipline.organisation_id
    assert owner_of(about_organisation_id=about).id == county.township.organisation_id


def test_no_rule_sends_a_case_to_who_is_complained_of_or_holds_a_clue_up(county: County) -> None:
    approved(county, GivenRule(start=str(county.finance.organisation_id), about="finance"), SERVICE)
    about_finance, _code = submit(about_organisation_id=county.finance.organisation_id)
    assert about_finance.owner_id == county.discipline.organisation_id
    clue, _code = submit(category="extortion")
    assert (clue.owner_id, clue.sealed) == (county.discipline.organisation_id, True)
    complaint, _code = submit(category="service")
    operations.refer_to_discipline(county.finance, complaint, "疑似截留", at=AT)
    assert complaint.owner_id == county.discipline.organisation_id


def test_a_closed_organisation_is_passed_over(county: County) -> None:
    named = factories.organisation(OrganisationKind.HUMAN_RESOURCES)
    approved(county, GivenRule(start=str(named.id), category="service"))
    assert owner_of(category="service").id == named.id
    named.active = False
    assert owner_of(category="service").id == county.finance.organisation_id


def test_what_is_approved_takes_the_place_of_the_one_before(county: County) -> None:
    first = approved(county, SERVICE)
    second = begun(county, base=first.number)
    assert [entry.category for entry in routing_queries.entries_of(second)] == ["service"]
    routing.set_otherwise(county.finance, second.number, "department", at=AT)
    routing.move_version(county.finance, second.number, "propose", at=AT, reason="改一改", seen=seen(second))
    routing.move_version(approver(), second.number, "approve", at=AT, seen=seen(second))
    assert (first.state, second.state, second.based_on) == ("superseded", "approved", first.number)
    assert routing_queries.routing_in_force().number == second.number
    # Back to what comes with the product: a version like any other.
    third = begun(county, base=0)
    assert routing_queries.routing_of(third).rules == routing_queries.built_in().rules


# --- Four eyes ---------------------------------------------------------------------------------


def test_nobody_approves_what_he_has_written_on(county: County) -> None:
    both = factories.principal(OrganisationKind.FINANCE, Role.COMPLAINT_HANDLER, Role.APPROVER)
    version = begun(county, SERVICE)
    # He changed one thing, somebody else changed more after him and proposed it.
    routing.set_otherwise(both, version.number, "finance", at=AT)
    routing.set_otherwise(county.finance, version.number, "township", at=AT)
    routing.move_version(county.finance, version.number, "propose", at=AT, reason="县里统一督办", seen=seen(version))
    for writer in (both, county.finance):
        with pytest.raises(PermissionDenied):
            routing.move_version(writer, version.number, "approve", at=AT, seen=seen(version))
    assert version.state == "proposed"
    for stranger in (county.township, county.township_approver, county.department, county.discipline):
        with pytest.raises((PermissionDenied, NotVisible)):
            routing.move_version(stranger, version.number, "approve", at=AT, seen=seen(version))
    routing.move_version(approver(OrganisationKind.DISCIPLINE), version.number, "approve", at=AT, seen=seen(version))
    assert version.state == "approved"


def test_who_has_only_begun_a_version_does_not_approve_it_either(county: County) -> None:
    both = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    version = routing.begin_version(both, 0, at=AT)
    routing.keep_rule(county.finance, version.number, SERVICE, at=AT)
    routing.move_version(county.finance, version.number, "propose", at=AT, reason="县里统一督办", seen=seen(version))
    with pytest.raises(PermissionDenied, match="本人"):
        routing.move_version(both, version.number, "approve", at=AT, seen=seen(version))


def test_only_the_finance_bureau_writes(county: County) -> None:
    version = begun(county)
    for person in (county.township, county.department, county.discipline, approver(OrganisationKind.DISCIPLINE)):
        with pytest.raises(PermissionDenied):
            routing.begin_version(person, 0, at=AT)
        with pytest.raises((PermissionDenied, NotVisible)):
            routing.keep_rule(person, version.number, SERVICE, at=AT)
        with pytest.raises((PermissionDenied, NotVisible)):
            routing.move_version(person, version.number, "discard", at=AT)


def test_nothing_is_proposed_or_approved_that_was_not_seen(county: County) -> None:
    version = begun(county, SERVICE)
    before = seen(version)
    routing.keep_rule(county.finance, version.number, GivenRule(start="finance", category="request"), at=AT)
    for stale in (before, ""):
        with pytest.raises(Conflict, match="预演"):
            routing.move_version(county.finance, version.number, "propose", at=AT, reason="县里统一督办", seen=stale)
    routing.move_version(county.finance, version.number, "propose", at=AT, reason="县里统一督办", seen=seen(version))
    with pytest.raises(Conflict, match="预演"):
        routing.move_version(approver(), version.number, "approve", at=AT, seen=before)


def test_a_proposed_version_is_refused_or_withdrawn_and_can_be_written_on_from_there(county: County) -> None:
    version = proposed(county, SERVICE)
    with pytest.raises(UserError, match="理由"):
        routing.move_version(approver(), version.number, "refuse", at=AT, reason="")
    with pytest.raises(Conflict):
        routing.keep_rule(county.finance, version.number, SERVICE, at=AT)
    with pytest.raises(Conflict):
        routing.begin_version(county.finance, 0, at=AT)
    routing.move_version(approver(), version.number, "refuse", at=AT, reason="乡镇更清楚")
    again = begun(county, base=version.number)
    assert [entry.category for entry in routing_queries.entries_of(again)] == ["service"]
    routing.move_version(county.finance, again.number, "propose", at=AT, reason="再议", seen=seen(again))
    routing.move_version(county.finance, again.number, "withdraw", at=AT)
    assert (version.state, again.state) == ("refused", "withdrawn")
    assert routing_queries.routing_in_force() == routing_queries.built_in()


# --- Writing -----------------------------------------------------------------------------------


def test_rules_are_moved_changed_and_taken_out(county: County) -> None:
    version = begun(county, *(GivenRule(start="finance", category=code) for code in ("service", "request", "enquiry")))

    def order() -> list[str | None]:
        return [entry.category for entry in routing_queries.entries_of(version)]

    first, second, third = routing_queries.entries_of(version)
    routing.move_rule(county.finance, version.number, third.id, up=True, at=AT)
    assert order() == ["service", "enquiry", "request"]
    routing.move_rule(county.finance, version.number, first.id, up=False, at=AT)
    assert order() == ["enquiry", "service", "request"]
    routing.move_rule(county.finance, version.number, second.id, up=False, at=AT)
    assert order() == ["enquiry", "service", "request"]
    routing.remove_rule(county.finance, version.number, first.id, at=AT)
    assert order() == ["enquiry", "request"]
    changed = GivenRule(start="department", category="wrong_list")
    routing.keep_rule(county.finance, version.number, changed, at=AT, rule_id=third.id)
    routing.keep_rule(county.finance, version.number, SERVICE, at=AT)
    assert order() == ["wrong_list", "request", "service"]
    with pytest.raises(NotVisible):
        routing.remove_rule(county.finance, version.number, first.id, at=AT)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (GivenRule(start="finance"), "至少选一个条件"),
        (GivenRule(start="", category="service"), "从哪个单位"),
        (GivenRule(start="village", category="service"), "从哪个单位"),
        (GivenRule(start="99999999", category="service"), "从哪个单位"),
        (GivenRule(start="finance", category="extortion"), "问题线索"),
        (GivenRule(start="finance", matter="clue"), "问题线索"),
        (GivenRule(start="finance", category="service", matter="enquiry"), "不属于"),
        (GivenRule(start="finance", category="nothing"), "类别"),
        (GivenRule(start="finance", matter="nothing"), "选项"),
        (GivenRule(start="finance", about="nobody"), "选项"),
        (GivenRule(start="finance", programme="NOTHING"), "补贴项目"),
        (GivenRule(start="finance", region="513426"), "乡镇"),
        (GivenRule(start="finance", region="513426000000"), "乡镇"),
    ],
)
def test_a_wrong_rule_is_refused_with_a_sentence(county: County, given: GivenRule, sentence: str) -> None:
    version = begun(county)
    with pytest.raises(UserError, match=sentence):
        routing.keep_rule(county.finance, version.number, given, at=AT)
    db.session.expire_all()
    assert routing_queries.entries_of(version) == []


def test_an_office_that_handles_no_complaints_is_no_start_and_rules_have_an_end(county: County) -> None:
    version = begun(county)
    bank = factories.organisation(OrganisationKind.BANK)
    closed = factories.organisation(OrganisationKind.HUMAN_RESOURCES)
    closed.active = False
    for unfit in (bank, closed):
        with pytest.raises(UserError, match="从哪个单位"):
            routing.keep_rule(county.finance, version.number, GivenRule(start=str(unfit.id), category="service"), at=AT)
    with pytest.raises(UserError, match="哪一级"):
        routing.set_otherwise(county.finance, version.number, "village", at=AT)
    for _ in range(MOST_RULES):
        routing.keep_rule(county.finance, version.number, SERVICE, at=AT)
    with pytest.raises(UserError, match="最多"):
        routing.keep_rule(county.finance, version.number, SERVICE, at=AT)


def test_each_verb_leaves_one_entry(county: County) -> None:
    version = begun(county, SERVICE)
    [entry] = routing_queries.entries_of(version)
    routing.move_rule(county.finance, version.number, entry.id, up=True, at=AT)
    routing.remove_rule(county.finance, version.number, entry.id, at=AT)
    routing.set_otherwise(county.finance, version.number, "finance", at=AT)
    routing.note_preview(county.finance, version.number, at=AT)
    routing.move_version(county.finance, version.number, "propose", at=AT, reason="县里统一督办", seen=seen(version))
    routing.move_version(approver(), version.number, "approve", at=AT, seen=seen(version))
    entries = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert list(entries) == [
        "complaint.begin_routing",
        "complaint.keep_routing_rule",
        "complaint.move_routing_rule",
        "complaint.remove_routing_rule",
        "complaint.set_routing_otherwise",
        "complaint.preview_routing",
        "complaint.propose_routing",
        "complaint.approve_routing",
    ]
    steps = db.session.scalars(select(WorkflowStep.action).where(WorkflowStep.action != "change")).all()
    assert set(steps) == {"propose", "approve"}


def test_a_waiting_version_stands_on_the_board_of_who_may_approve_it(app: Flask, county: County) -> None:
    both = factories.principal(OrganisationKind.FINANCE, Role.COMPLAINT_HANDLER, Role.APPROVER)
    version = begun(county, SERVICE)
    routing.set_otherwise(both, version.number, "finance", at=AT)
    here, above = approver(), approver(OrganisationKind.DISCIPLINE)

    def on_board(person: Principal) -> list[str]:
        with app.test_request_context():
            return [item.title for item in items_for(person, clock.local_date(AT)) if "分派规则" in item.title]

    assert on_board(here) == []
    routing.move_version(county.finance, version.number, "propose", at=AT, reason="县里统一督办", seen=seen(version))
    assert on_board(here) == on_board(above) == ["投诉举报分派规则第 1 版等待审批"]
    for person in (both, county.finance, county.township_approver, county.discipline):
        assert on_board(person) == []
    routing.move_version(here, version.number, "approve", at=AT, seen=seen(version))
    assert on_board(above) == []


# --- Preview -----------------------------------------------------------------------------------


def previewed(person: Principal, version: RoutingVersion) -> dict[tuple[str, str, str], tuple[int, int]]:
    """From, to and category → how many the viewer sees, and at least how many others."""
    preview = routing_queries.preview(person, routing_queries.routing_of(version))
    return {
        (side_words(move.before), side_words(move.after), move.category): (
            len(move.cases.numbers),
            move.cases.others,
        )
        for move in preview.moves
    }


def test_a_preview_tells_how_past_cases_would_have_gone(county: County) -> None:
    township = "乡镇（街道）"
    for number in range(6):
        submit(category="service", region_code=(VILLAGE, OTHER_TOWNSHIP)[number % 2])
    # About the township: the finance bureau has it already, and sees it.
    submit(category="wrong_list", about_organisation_id=county.township.organisation_id)
    submit(category="request")
    version = begun(county, SERVICE, GivenRule(start="discipline", about="township"))
    finance, discipline = f"finance {factories.COUNTY}", f"discipline {factories.COUNTY}"
    assert previewed(county.finance, version) == {
        (township, finance, "service"): (0, 5),
        (finance, discipline, "wrong_list"): (1, 0),
    }
    # The township approver does not look at it, the discipline commission does: it sees neither of the six.
    assert previewed(approver(OrganisationKind.DISCIPLINE), version) == {(township, finance, "service"): (0, 5)}
    preview = routing_queries.preview(county.finance, routing_queries.routing_of(version))
    assert preview.used == {0, 1}
    assert preview.stays.nothing


def test_what_complains_of_the_viewers_office_is_not_even_counted(county: County) -> None:
    for _ in range(10):
        submit(category="service", about_organisation_id=county.finance.organisation_id)
    version = begun(county, GivenRule(start="finance", about="finance"), GivenRule(start="finance", category="service"))
    preview = routing_queries.preview(county.finance, routing_queries.routing_of(version))
    assert (preview.moves, preview.used, preview.stays.nothing) == ((), frozenset(), True)


def test_a_preview_asks_the_database_as_often_for_many_cases_as_for_few(county: County) -> None:
    version = begun(county, SERVICE)
    submit(category="service")

    def asked() -> int:
        db.session.commit()
        db.session.expire_all()
        statements: list[str] = []

        def count(*values: object) -> None:
            statements.append(str(values[2]))

        event.listen(db.engine, "before_cursor_execute", count)
        routing_queries.preview(county.finance, routing_queries.routing_of(version))
        event.remove(db.engine, "before_cursor_execute", count)
        return len(statements)

    few = asked()
    for number in range(30):
        submit(category="service", about_organisation_id=(county.village_office_id, None)[number % 2])
    assert asked() == few


def test_only_the_last_cases_are_looked_at(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing_queries, "MOST_CASES", 5)
    for _ in range(5):
        submit(category="service")
    version = begun(county, SERVICE)
    assert sum(map(sum, previewed(county.finance, version).values())) == 5
    submit(category="request")
    assert previewed(county.finance, version) == {}


def test_intake_asks_for_the_rules_once(county: County) -> None:
    approved(county, SERVICE, GivenRule(start="finance", category="request"))
    db.session.commit()
    statements: list[str] = []

    def count(*values: object) -> None:
        statements.append(str(values[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    submit(category="service")
    event.remove(db.engine, "before_cursor_execute", count)
    assert sum("complaint_routing" in statement for statement in statements) == 1


# --- Two at once -------------------------------------------------------------------------------


def test_of_two_who_begin_at_one_moment_one_is_told(app: Flask, county: County) -> None:
    found = together(app, *[partial(routing.begin_version, county.finance, 0, at=AT)] * 3)
    assert sorted(isinstance(one, Conflict) for one in found) == [False, True, True]
    db.session.rollback()
    assert list(db.session.scalars(select(RoutingVersion.number))) == [1]


def test_of_two_who_decide_at_one_moment_one_is_told(app: Flask, county: County) -> None:
    first = approved(county, SERVICE).number
    version = proposed(county, GivenRule(start="finance", category="request"))
    number, mark, people = version.number, seen(version), [approver(), approver(), approver()]
    db.session.commit()
    found = together(app, *[partial(routing.move_version, one, number, "approve", at=AT, seen=mark) for one in people])
    assert sorted(isinstance(one, Conflict) for one in found) == [False, True, True]
    db.session.rollback()
    states = dict(db.session.execute(select(RoutingVersion.number, RoutingVersion.state)).all())
    assert states == {first: "superseded", number: "approved"}
