"""A complaint from a publicity list is an objection: it holds the roll until it is answered, and betrays no secret."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints import operations, rules
from complaints.models import Complaint
from complaints.objections import objections_to_list, unanswered_objections
from complaints.operations import Submission, submit_complaint
from complaints.operations.registering import Registration
from core import board
from core.database import db
from core.errors import UserError
from core.principal import NOBODY, OrganisationKind, Principal, Role, system
from core.working_days import seed_calendar
from disbursement import operations as paying
from disbursement.models import Payment
from publicity.models import PublicityList
from publicity.operations import publicise_results, publicise_roll
from publicity.rules import LINES_PER_PAGE
from tests import factories
from tests.factories import AT
from tests.publicity.conftest import TOWNSHIP, VILLAGE, make_roll
from tests.signing import sign_in

WHILE_IT_HANGS = AT + timedelta(days=1)
# The lists hang until the twelfth.
IS_DOWN = datetime(2020, 7, 13, 2, tzinfo=UTC)


class House:
    """A roll that hangs, its village's list, and who answers and who approves."""

    def __init__(self) -> None:
        factories.load_regions()
        seed_calendar()
        officer = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
        self.roll = make_roll()
        lists = publicise_roll(officer, self.roll, at=AT)
        self.shown = next(found for found in lists if found.region_code == VILLAGE)
        self.handler = factories.principal(
            OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER, Role.APPROVER, region_code=TOWNSHIP
        )
        self.department = factories.principal(OrganisationKind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局")
        self.finance = factories.principal(OrganisationKind.FINANCE, Role.COMPLAINT_HANDLER)
        self.discipline = factories.principal(OrganisationKind.DISCIPLINE, Role.COMPLAINT_HANDLER)
        db.session.commit()

    def object(self, category: str = "wrong_list", about: int | None = None) -> tuple[Complaint, str]:
        """Somebody objects to the second line."""
        submission = Submission(
            category=category,
            text="第 2 号早就搬走了。",
            region_code=VILLAGE,
            about_organisation_id=about,
            publicity_list_id=self.shown.id,
            publicity_line=2,
            programme_id=self.roll.batch.programme_id,
        )
        return submit_complaint(NOBODY, submission, at=WHILE_IT_HANGS)

    def approve(self) -> None:
        """The department approves on the day after the lists came down."""
        paying.approve_roll_department(self.department, self.roll, at=IS_DOWN)


@pytest.fixture
def house(app: Flask) -> House:
    return House()


def conclude(house: House, complaint: Complaint) -> None:
    operations.accept(house.handler, complaint, at=WHILE_IT_HANGS)
    operations.start_investigation(house.handler, complaint, at=WHILE_IT_HANGS)
    operations.conclude(house.handler, complaint, "已核实，本人在家。", at=WHILE_IT_HANGS)


def decline(house: House, complaint: Complaint) -> None:
    operations.decline(house.handler, complaint, "不属于本项目。", at=WHILE_IT_HANGS)


def test_an_objection_holds_the_roll_and_the_refusal_says_who_answers(house: House) -> None:
    house.object()
    house.object()
    with pytest.raises(UserError, match=f"还有 2 条没有答复（由township {TOWNSHIP}答复）"):
        house.approve()
    assert house.roll.state == "publicised"


@pytest.mark.parametrize("answer", [conclude, decline])
def test_an_answer_lets_it_go(house: House, answer: Callable[[House, Complaint], None]) -> None:
    complaint, _ = house.object()
    answer(house, complaint)
    house.approve()
    assert house.roll.state == "department_approved"


def test_work_on_it_is_no_answer_and_a_reopened_one_is_open(house: House) -> None:
    complaint, code = house.object()
    operations.accept(house.handler, complaint, at=WHILE_IT_HANGS)
    operations.start_investigation(house.handler, complaint, at=WHILE_IT_HANGS)
    assert unanswered_objections(house.department, [house.roll.id])
    operations.conclude(house.handler, complaint, "已核实。", at=WHILE_IT_HANGS)
    assert not unanswered_objections(house.department, [house.roll.id])
    operations.reopen(code, "没有人来过。", at=IS_DOWN)
    with pytest.raises(UserError, match="还有 1 条没有答复"):
        house.approve()


def test_one_passed_on_waits_at_the_other_office(house: House) -> None:
    complaint, _ = house.object()
    assert house.department.organisation_id is not None
    answering = factories.principal(OrganisationKind.DEPARTMENT, Role.COMPLAINT_HANDLER, organisation_name="县民政局")
    operations.object_to_routing(
        house.handler, complaint, house.department.organisation_id, "由部门答复", at=WHILE_IT_HANGS
    )
    assert unanswered_objections(house.department, [house.roll.id]) == {house.roll.id: {f"township {TOWNSHIP}": 1}}
    operations.pass_on(answering, complaint, house.department.organisation_id, "由部门答复", at=WHILE_IT_HANGS)
    assert unanswered_objections(house.department, [house.roll.id]) == {house.roll.id: {"县民政局": 1}}


def test_whoever_keeps_out_of_an_objection_is_not_told_by_a_roll_that_waits(house: House) -> None:
    complaint, _ = house.object()
    assert house.department.official_id is not None
    registered = Registration(
        house.department.official_id, "亲属在该村居住", WHILE_IT_HANGS.date(), region_code=complaint.region_code
    )
    operations.register_interest(house.department, registered, at=WHILE_IT_HANGS)
    assert unanswered_objections(house.department, [house.roll.id]) == {}
    assert unanswered_objections(house.finance, [house.roll.id])
    assert objections_to_list(house.handler, house.shown)
    operations.recuse(house.handler, complaint, None, "当事人是我表哥", at=WHILE_IT_HANGS)
    assert objections_to_list(house.handler, house.shown) is None
    assert unanswered_objections(house.handler, [house.roll.id]) == {}


def test_a_sealed_objection_holds_nothing_and_shows_nowhere(house: House) -> None:
    complaint, _ = house.object("favouritism")
    assert complaint.sealed
    for principal in (house.department, house.handler, house.finance, house.discipline, system("test")):
        assert unanswered_objections(principal, [house.roll.id]) == {}
        assert objections_to_list(principal, house.shown) is None
    house.approve()


def test_one_that_is_referred_lets_the_roll_go_like_an_answered_one(house: House) -> None:
    complaint, _ = house.object()
    operations.refer_to_discipline(house.handler, complaint, "发现优亲厚友", at=WHILE_IT_HANGS)
    assert unanswered_objections(house.department, [house.roll.id]) == {}
    house.approve()


def test_nobody_learns_of_an_objection_that_complains_of_his_own_office(house: House) -> None:
    complaint, _ = house.object(about=house.handler.organisation_id)
    assert complaint.owner_id == house.department.organisation_id
    assert unanswered_objections(house.handler, [house.roll.id]) == {}
    assert objections_to_list(house.handler, house.shown) is None
    assert unanswered_objections(house.department, [house.roll.id]) == {house.roll.id: {"县民政局": 1}}
    with pytest.raises(UserError, match="由县民政局答复"):
        house.approve()


def test_an_objection_about_the_department_does_not_stop_its_own_hand(house: House) -> None:
    house.object(about=house.department.organisation_id)
    assert unanswered_objections(house.department, [house.roll.id]) == {}
    house.approve()


def test_hanging_it_out_anew_answers_nobody(house: House) -> None:
    house.object()
    paying.send_back_roll(house.department, house.roll, "请核对第 2 号", at=WHILE_IT_HANGS)
    assert unanswered_objections(house.department, [house.roll.id])


def test_an_objection_to_the_results_holds_no_roll(house: House) -> None:
    house.roll.state, house.roll.batch.state = "department_approved", "results_in"
    for payment in db.session.scalars(select(Payment)):
        payment.state = "paid"
    officer = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    lists = publicise_results(officer, house.roll, at=IS_DOWN)
    house.shown = next(found for found in lists if found.region_code == VILLAGE)
    house.object()
    assert unanswered_objections(house.department, [house.roll.id]) == {}


def test_every_state_of_a_case_is_answered_or_not() -> None:
    answered = {"declined", "concluded", "closed"}
    # A referred case is sealed and not counted, whatever its state.
    assert set(rules.UNANSWERED) | answered == set(rules.COMPLAINT_WORKFLOW.states())


def test_the_board_says_how_many_and_who(app: Flask, house: House) -> None:
    house.object()
    with app.test_request_context():
        [item] = [found for found in board.items_for(house.department, date(2020, 7, 13)) if found.room == "花名册"]
        assert item.title.startswith("有异议没有答复，不能审批")
        assert item.detail.startswith(f"1 条异议没有答复（township {TOWNSHIP}）")


def seen_by(principal: Principal, shown: PublicityList) -> list[str]:
    section = objections_to_list(principal, shown)
    return [] if section is None else [case.number for case, _, _ in section.context["objections"]]


def test_officials_see_the_objections_of_a_list_as_far_as_their_queue_goes(app: Flask, house: House) -> None:
    complaint, _ = house.object()
    with app.test_request_context():
        assert seen_by(house.handler, house.shown) == [complaint.number]
        for principal in (house.department, house.finance, house.discipline):
            assert seen_by(principal, house.shown) == []


def test_case_and_list_lead_to_one_another(house: House, client: FlaskClient) -> None:
    complaint, _ = house.object()
    sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER, region_code=TOWNSHIP))
    page = client.get(f"/staff/publicity/lists/{house.shown.id}").text
    assert "对这张公示表的异议" in page and complaint.number in page
    case = client.get(f"/staff/complaints/{complaint.number}").text
    assert f"/staff/publicity/lists/{house.shown.id}?page=1#line-2" in case
    complaint.publicity_line = LINES_PER_PAGE + 1
    db.session.commit()
    assert "?page=2#line-" in client.get(f"/staff/complaints/{complaint.number}").text


def test_the_department_s_page_of_the_roll_tells_no_secret(house: House, client: FlaskClient) -> None:
    house.object("favouritism")
    house.object(about=house.department.organisation_id)
    db.session.commit()
    sign_in(client, factories.official(OrganisationKind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局"))
    page = client.get(f"/staff/disbursement/rolls/{house.roll.id}").text
    assert "异议" not in page and "确认审批通过" in page
