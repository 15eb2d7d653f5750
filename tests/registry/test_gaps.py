"""The way of a missing card: planned, materials collected, asked of a bank, answered, entered."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Organisation
from core import uploads
from core.audit import AuditEntry
from core.board import items_for
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from core.uploads import Report
from registry import changes, operations, queries
from registry.answer_files import ANSWER_UPLOAD
from registry.enrolment import close_card_gaps, open_card_gaps
from registry.models import Beneficiary, Card, CardChange, CardGap, CardRequest, CardRequestLine, GapNote
from registry.operations import GapPlan
from registry.queries import Chosen
from registry.rules import GapReason, Measure
from sms.models import Message
from tests import factories
from tests.factories import AT

TOWNSHIP, VILLAGE, ELSEWHERE = "513426001000", "513426001200", "513426002200"
NUMBERS = ("513426196001011234", "513426197503040013", "513426196203035672")
CARDS = ("6214000000000000001", "6214000000000900002", "6214000000000400003")
TODAY = local_date(AT)


@pytest.fixture
def township(app: Flask) -> Principal:
    factories.load_regions()
    return factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)


@pytest.fixture
def bank(township: Principal) -> Organisation:
    return factories.organisation(Kind.BANK, name="农村信用社")


@pytest.fixture
def people(bank: Organisation) -> list[Beneficiary]:
    """Three of one township without a card; the first in two programmes."""
    found = [
        factories.beneficiary(name, number, VILLAGE)
        for name, number in zip(("王秀英", "李国强", "赵桂兰"), NUMBERS, strict=True)
    ]
    open_card_gaps("A", [(person.id, VILLAGE) for person in found], on=TODAY)
    open_card_gaps("B", [(found[0].id, VILLAGE)], on=TODAY)
    return found


def gaps(*people: Beneficiary, programme: str = "") -> Chosen:
    chosen = select(CardGap.id).where(CardGap.beneficiary_id.in_([person.id for person in people]))
    return chosen.where(CardGap.programme_code == programme) if programme else chosen


def all_gaps() -> Chosen:
    return select(CardGap.id)


def states() -> dict[str, int]:
    return dict(db.session.execute(select(CardGap.state, func.count()).group_by(CardGap.state)).all())


def requested(township: Principal, bank: Organisation, people: list[Beneficiary]) -> CardRequest:
    operations.move_gaps(township, gaps(*people, programme="A"), "collect", "", expected=len(people), at=AT)
    return operations.request_cards(township, bank.id, TOWNSHIP, expected=len(people), at=AT)


def answered(made: CardRequest, fill: dict[int, dict[str, str]], principal: Principal | None = None) -> Report:
    """The bank fills in our own file, by line, and sends it back."""
    assert made.file is not None
    book = openpyxl.load_workbook(io.BytesIO(made.file.content))
    sheet = book["批量办卡"]
    heading = [cell.value for cell in sheet[1]]
    for number, values in fill.items():
        for title, value in values.items():
            sheet.cell(number + 1, heading.index(title) + 1, value)
    out = io.BytesIO()
    book.save(out)
    clerk = principal or factories.principal(Kind.BANK, Role.PREPARER, organisation_name="农村信用社")
    return uploads.import_at_once(
        clerk, ANSWER_UPLOAD, out.getvalue(), "结果.xlsx", {"request": made.id}, at=AT, dry_run=False
    )


class TestPlanning:
    def test_reason_measure_and_office_for_many(self, township: Principal, people: list[Beneficiary]) -> None:
        assert operations.plan_gaps(
            township, all_gaps(), GapPlan(GapReason.WORKING_AWAY, None, township.organisation_id), expected=4, at=AT
        )
        found = db.session.scalars(select(CardGap)).all()
        assert {(gap.reason, gap.measure, gap.responsible_id) for gap in found} == {
            ("working_away", "remote", township.organisation_id)
        }
        operations.plan_gaps(township, gaps(people[1]), GapPlan(measure=Measure.PAYEE), expected=1, at=AT)
        operations.plan_gaps(township, gaps(people[1]), GapPlan(GapReason.MINOR), expected=1, at=AT)
        [gap] = db.session.scalars(select(CardGap).where(CardGap.id.in_(gaps(people[1]))))
        # The measure that a person has chosen is not replaced by the usual one.
        assert (gap.reason, gap.measure) == ("minor", "payee")
        assert len(queries.notes_of(gap)) == 3

    def test_two_at_once_or_nothing_to_enter(self, township: Principal, people: list[Beneficiary]) -> None:
        with pytest.raises(Conflict):
            operations.plan_gaps(township, all_gaps(), GapPlan(GapReason.LOST), expected=3, at=AT)
        with pytest.raises(UserError):
            operations.plan_gaps(township, all_gaps(), GapPlan(), expected=4, at=AT)
        with pytest.raises(UserError):
            operations.plan_gaps(township, all_gaps(), GapPlan(responsible_id=9999), expected=4, at=AT)
        assert not db.session.scalars(select(GapNote)).all()

    def test_the_gaps_of_others_are_not_touched(self, people: list[Beneficiary]) -> None:
        stranger = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code="513426002000")
        with pytest.raises(UserError):
            operations.move_gaps(stranger, all_gaps(), "collect", "", expected=4, at=AT)
        viewer = factories.principal(Kind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
        with pytest.raises(PermissionDenied):
            operations.move_gaps(viewer, all_gaps(), "collect", "", expected=4, at=AT)
        assert states() == {"open": 4}


class TestSteps:
    def test_materials_serve_all_programmes_and_can_be_sent_back(
        self, township: Principal, people: list[Beneficiary]
    ) -> None:
        chosen = gaps(people[0], programme="A")
        assert operations.move_gaps(township, chosen, "collect", "", expected=1, at=AT) == 2
        assert states() == {"materials_collected": 2, "open": 2}
        [gap] = db.session.scalars(select(CardGap).where(CardGap.id.in_(chosen)))
        assert (gap.materials_on, gap.due_on) == (TODAY, gap.card_due_on)
        with pytest.raises(UserError):
            operations.move_gaps(township, chosen, "uncollect", "", expected=1, at=AT)
        assert operations.move_gaps(township, chosen, "uncollect", "照片不清楚", expected=1, at=AT) == 2
        db.session.expire_all()
        assert (gap.materials_on, gap.due_on, gap.state) == (None, gap.materials_due_on, "open")

    def test_dismissed_and_back(self, township: Principal, people: list[Beneficiary]) -> None:
        chosen = gaps(people[2])
        operations.move_gaps(township, chosen, "dismiss", "已去世不再享受", expected=1, at=AT)
        [gap] = db.session.scalars(select(CardGap).where(CardGap.id.in_(chosen)))
        assert (gap.state, gap.closed_on, gap.due_on) == ("closed", TODAY, None)
        operations.move_gaps(township, chosen, "open_again", "登记错了人", expected=1, at=AT)
        db.session.expire_all()
        assert (gap.state, gap.closed_on, gap.due_on) == ("open", None, gap.materials_due_on)
        assert [(note.action, note.reason) for note in queries.notes_of(gap)] == [
            ("dismiss", "已去世不再享受"),
            ("open_again", "登记错了人"),
        ]

    def test_a_card_from_a_roll_closes_it_and_a_roll_without_one_opens_it_anew(self, people: list[Beneficiary]) -> None:
        assert close_card_gaps([people[0].id], on=TODAY) == 2
        assert states() == {"closed": 2, "open": 2}
        later = TODAY + timedelta(days=40)
        assert open_card_gaps("A", [(people[0].id, VILLAGE)], on=later) == 1
        [gap] = db.session.scalars(select(CardGap).where(CardGap.id.in_(gaps(people[0], programme="A"))))
        assert (gap.state, gap.opened_on, gap.closed_on, gap.due_on) == (
            "open",
            later,
            None,
            later + timedelta(days=30),
        )

    def test_the_board_shows_the_step_and_its_day(
        self, app: Flask, township: Principal, people: list[Beneficiary]
    ) -> None:
        with app.test_request_context():
            items = [item for item in items_for(township, TODAY) if item.room == "registry"]
            stranger = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code="513426002000")
            assert not [item for item in items_for(stranger, TODAY) if item.room == "registry"]
        assert [(item.title, item.due_on, item.count) for item in items] == [
            ("收集办卡材料", TODAY + timedelta(days=30), 4)
        ]


class TestRequests:
    def test_one_line_a_person_and_a_control_total(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        made = requested(township, bank, people)
        content, name = operations.read_request(township, made, at=AT)
        rows = list(openpyxl.load_workbook(io.BytesIO(content))["批量办卡"].values)
        assert name.endswith(".xlsx")
        assert rows[0][:4] == ("业务编号", "姓名", "证件类型", "证件号码")
        assert [(row[0], row[1], row[3]) for row in rows[1:-1]] == [
            (f"BK{made.id}-{place + 1}", person.name, person.id_number) for place, person in enumerate(people)
        ]
        assert rows[-1][:2] == ("合计", "3 人")
        assert (made.line_count, states()) == (3, {"submitted_to_bank": 4})
        assert db.session.scalars(select(AuditEntry.action)).all()[-1] == "registry.read_card_request"

    def test_nobody_is_asked_for_twice(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        requested(township, bank, people)
        with pytest.raises(UserError):
            operations.request_cards(township, bank.id, TOWNSHIP, expected=3, at=AT)
        assert len(db.session.scalars(select(CardRequest)).all()) == 1

    def test_refusals(self, township: Principal, bank: Organisation, people: list[Beneficiary]) -> None:
        operations.move_gaps(township, all_gaps(), "collect", "", expected=4, at=AT)
        with pytest.raises(UserError):
            operations.request_cards(township, township.organisation_id or 0, TOWNSHIP, expected=3, at=AT)
        with pytest.raises(NotVisible):
            operations.request_cards(township, bank.id, factories.COUNTY, expected=3, at=AT)
        with db.session.begin_nested() as attempt:
            with pytest.raises(Conflict):
                operations.request_cards(township, bank.id, TOWNSHIP, expected=2, at=AT)
            attempt.rollback()
        assert states() == {"materials_collected": 4}

    def test_taken_back_before_the_answer(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        made = requested(township, bank, people)
        operations.withdraw_request(township, made, "银行换了一家", at=AT)
        assert (made.state, states()) == ("withdrawn", {"materials_collected": 4})
        with pytest.raises(Conflict):
            operations.withdraw_request(township, made, "银行换了一家", at=AT)
        with pytest.raises(NotVisible):
            operations.read_request(township, made, at=AT)
        assert operations.request_cards(township, bank.id, TOWNSHIP, expected=3, at=AT).line_count == 3

    def test_a_bank_sees_its_own_only(self, township: Principal, bank: Organisation, people: list[Beneficiary]) -> None:
        made = requested(township, bank, people)
        own = factories.principal(Kind.BANK, Role.PREPARER, organisation_name="农村信用社")
        other = factories.principal(Kind.BANK, Role.PREPARER, organisation_name="邮储银行")
        assert queries.card_request(own, made.id) == made
        with pytest.raises(NotVisible):
            queries.card_request(other, made.id)


class TestAnswers:
    def test_cards_are_entered_and_gaps_close(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        made = requested(township, bank, people)
        fill = {
            1: {"卡号": CARDS[0], "发卡日期": "2020-07-03", "到账短信": "是"},
            2: {"未办成原因": "身份证过期"},
        }
        report = answered(made, fill)
        assert (report.good, report.problems) == (2, [])
        assert report.notes == ["这次答复 2 人：已发卡 1 人，未办成 1 人；还有 1 人等待银行。"]
        db.session.expire_all()
        wang, li, zhao = people
        assert wang.card is not None
        assert (wang.card.number, wang.card.holder_name, wang.card.bank_name, wang.card.arrival_sms) == (
            CARDS[0],
            "王秀英",
            "农村信用社",
            True,
        )
        assert db.session.scalars(select(CardChange)).one().source == "bank"
        by_person = {gap.beneficiary_id: gap for gap in db.session.scalars(select(CardGap).order_by(CardGap.id.desc()))}
        assert {gap.state for gap in db.session.scalars(select(CardGap).where(CardGap.id.in_(gaps(wang))))} == {
            "closed"
        }
        assert by_person[wang.id].issued_on == date(2020, 7, 3)
        refused = by_person[li.id]
        assert (refused.state, refused.refusal, refused.due_on) == ("open", "身份证过期", refused.materials_due_on)
        assert by_person[zhao.id].state == "submitted_to_bank"
        assert made.state == "submitted"
        answered(made, {3: {"卡号": CARDS[2]}})
        db.session.expire_all()
        assert (made.state, zhao.card is not None) == ("answered", True)

    def test_whoever_has_a_phone_is_told_where_the_card_waits(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        wang, li, _zhao = people
        for person, phone in ((wang, "13800000001"), (li, "13800000002")):
            changes.enter_phone(township, person, phone, source="township", reason="", at=AT)
        made = requested(township, bank, people)
        answered(made, {1: {"卡号": CARDS[0]}, 2: {"未办成原因": "身份证过期"}, 3: {"卡号": CARDS[2]}})
        told = db.session.scalars(select(Message)).one()
        assert (told.template, told.phone, told.region_code) == ("card_ready", "13800000001", wang.region_code)
        assert told.parameters == {"name": "王秀英", "bank": "农村信用社", "card_tail": CARDS[0][-4:]}
        answered(made, {1: {"卡号": CARDS[0]}})
        assert len(db.session.scalars(select(Message)).all()) == 1

    def test_the_same_answer_again_changes_nothing(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        made = requested(township, bank, people)
        answered(made, {1: {"卡号": CARDS[0]}})
        before = (states(), db.session.scalar(select(func.count()).select_from(Card)))
        report = answered(made, {1: {"卡号": CARDS[0]}})
        assert (report.good, report.problems) == (1, [])
        assert "其中 1 行以前已经登记过，不会重复登记。" in report.notes
        assert (states(), db.session.scalar(select(func.count()).select_from(Card))) == before
        assert len(db.session.scalars(select(CardChange)).all()) == 1

    def test_what_does_not_fit_is_set_aside_and_the_rest_goes_on(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        factories.beneficiary("陈伟", "513426196102023453", ELSEWHERE, card_number=CARDS[1])
        made = requested(township, bank, people)
        report = answered(made, {1: {"卡号": CARDS[0]}, 2: {"卡号": CARDS[1]}, 3: {"卡号": "12"}})
        assert [(found.row, found.problem) for found in report.problems] == [
            (3, "answer_card_on_record"),
            (4, "card_unreadable"),
        ]
        db.session.expire_all()
        assert [person.card is not None for person in people] == [True, False, False]

    def test_who_has_got_a_card_meanwhile_keeps_it(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        made = requested(township, bank, people)
        operations.change_card(
            township, people[0].id, CARDS[1], "", source="township", reason="自己到网点办了卡", at=AT
        )
        answered(made, {1: {"卡号": CARDS[0]}})
        db.session.expire_all()
        assert people[0].card is not None
        assert people[0].card.number == CARDS[1]
        assert db.session.scalars(select(CardRequestLine.outcome).order_by(CardRequestLine.id)).all() == [
            "issued",
            "open",
            "open",
        ]

    def test_no_answer_to_what_was_taken_back_or_partly_answered(
        self, township: Principal, bank: Organisation, people: list[Beneficiary]
    ) -> None:
        made = requested(township, bank, people)
        answered(made, {1: {"卡号": CARDS[0]}})
        with db.session.begin_nested() as attempt:
            with pytest.raises(Conflict):
                operations.withdraw_request(township, made, "银行换了一家", at=AT)
            attempt.rollback()
        assert made.state == "submitted"
