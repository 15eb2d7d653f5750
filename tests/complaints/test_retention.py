"""What has ended long ago is announced, and thirty days later gone; what somebody still needs stays."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from complaints import operations, queries
from complaints.attachments import IncomingFile
from complaints.figures import Wanted
from complaints.figures import figures as figures_of
from complaints.models import Complaint, ComplaintAttachment, ComplaintEntry
from complaints.operations import erasing
from complaints.operations.approving import hand_in_answer, set_approval, waiting_draft
from complaints.operations.handling import approve_answer
from complaints.presence import note_opening
from complaints.public_figures import outcomes_by_month
from complaints.rules.figures import Period, Span
from complaints.tracking import track
from core.audit import AuditEntry
from core.calendar import start_of_day_utc
from core.database import Base, EncryptedBytes, EncryptedText, db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role, system
from core.workflow import WorkflowStep
from sms.models import Message
from tests import factories
from tests.complaints.county import AT, County, submit
from tests.complaints.test_intake import photo

DAY = timedelta(days=1)
NIGHT = system("night")
ENDED = date(2020, 7, 6)


def small_hours(on: date) -> datetime:
    return start_of_day_utc(on) + timedelta(hours=1)


def night(on: date) -> dict[str, int]:
    """The sweep of that day."""
    announced = operations.announce_deletions(NIGHT, at=small_hours(on))
    found = announced | operations.erase_due(NIGHT, at=small_hours(on))
    db.session.expire_all()
    return found


def declined(county: County, **values: Any) -> tuple[Complaint, str]:
    complaint, code = submit(**values)
    operations.decline(county.township, complaint, "不属于补贴。", at=AT)
    return complaint, code


def whole_story(county: County) -> tuple[Complaint, str]:
    """A case that has met everything: files, a message, an extension, an answer that was approved, a review, a rating,
    somebody who looked."""
    person: dict[str, Any] = {"anonymous": False, "name": "王某某", "phone": "13800000001", "text": "原话"}
    complaint, code = submit(attachments=[IncomingFile("证据.jpg", photo())], **person)
    operations.accept(county.township, complaint, at=AT)
    note_opening(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    operations.ask_extension(county.township, complaint, 5, "等待材料", at=AT)
    operations.decide_extension(county.township_approver, complaint, True, at=AT)
    operations.reveal_reporter(county.township, complaint, "核实", at=AT)
    operations.conclude(county.township, complaint, "答复一", at=AT)
    operations.rate(code, "not_satisfied", "差得远", at=AT)
    operations.ask_review(code, "不满意", at=AT)
    operations.mark_read(county.finance, complaint, at=AT)
    operations.start_investigation(county.finance, complaint, at=AT)
    set_approval(factories.principal(OrganisationKind.FINANCE, Role.APPROVER), True, "两个人看", at=AT)
    hand_in_answer(county.finance, complaint, "答复二", at=AT)
    approver = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    draft = waiting_draft(complaint)
    assert draft is not None
    approve_answer(approver, complaint, draft.written_at.isoformat(), at=AT)
    operations.settle(code, "satisfied", "解决了", at=AT)
    operations.hold(county.finance, complaint, "诉讼", at=AT)
    operations.lift_hold(county.finance, complaint, "诉讼结束", at=AT)
    db.session.commit()
    return complaint, code


# --- A whole life ------------------------------------------------------------------------------


def words_of(complaint_id: int) -> list[tuple[str, str, object]]:
    """Every word and file that any table still holds of a case, by table and column."""
    found = []
    for table in Base.metadata.sorted_tables:
        sealed = [column for column in table.c if isinstance(column.type, EncryptedText | EncryptedBytes)]
        if table.name == "complaints":
            mine = table.c.id == complaint_id
        elif "complaint_id" in table.c:
            mine = table.c.complaint_id == complaint_id
        elif table.name == "complaint_extensions":
            clocks = Base.metadata.tables["complaint_clocks"]
            mine = table.c.clock_id.in_(select(clocks.c.id).where(clocks.c.complaint_id == complaint_id))
        else:
            continue
        for column in sealed:
            found += [
                (table.name, column.name, value) for value in db.session.scalars(select(column).where(mine)) if value
            ]
    return found


def test_everything_of_a_person_is_gone_and_the_figures_stay(app: Flask, county: County) -> None:
    complaint, code = whole_story(county)
    number, case_id = complaint.number, complaint.id
    assert len({table for table, _column, _value in words_of(case_id)}) >= 7
    first, last, today = date(2020, 1, 1), date(2020, 12, 31), date(2025, 8, 1)

    def figures() -> list[Any]:
        year = Wanted(Period("2020", Span.YEAR, first, last))
        seen = [figures_of(person, year, today) for person in [*county.everybody_else, county.discipline]]
        return [seen, list(outcomes_by_month(first, last))]

    before = figures()
    assert night(date(2025, 6, 5)) == {"announced": 0, "called_off": 0, "erased": 0}
    assert night(date(2025, 6, 6)) == {"announced": 1, "called_off": 0, "erased": 0}
    assert track(code, at=small_hours(date(2025, 6, 6))).erase_on == date(2025, 7, 6)
    assert night(date(2025, 7, 5))["erased"] == 0
    assert "原话" in [value for _table, _column, value in words_of(case_id)]
    assert night(date(2025, 7, 6)) == {"announced": 0, "called_off": 0, "erased": 1}
    assert words_of(case_id) == []
    assert figures() == before
    assert night(date(2025, 7, 7)) == {"announced": 0, "called_off": 0, "erased": 0}

    with pytest.raises(NotVisible):
        track(code, at=small_hours(date(2025, 7, 6)))
    husk = db.session.get_one(Complaint, case_id)
    assert husk.number != number and not husk.number.isdecimal()
    for person in [*county.everybody_else, county.discipline]:
        assert not queries.is_visible(person, husk)
        assert case_id not in set(db.session.scalars(queries.cases(person).with_only_columns(Complaint.id)))
        for old in (number, husk.number):
            with pytest.raises(NotVisible):
                queries.complaint_by_number(person, old)
    assert (husk.region_code, husk.handler_id, husk.entered_by) == ("513426001000", None, None)
    assert husk.received_at == start_of_day_utc(ENDED)
    kept = db.session.execute(select(ComplaintEntry.kind, ComplaintEntry.author, ComplaintEntry.official_id)).all()
    assert [tuple(row) for row in kept] == [("settled", "", None)]
    assert db.session.scalar(select(func.count()).select_from(ComplaintAttachment)) == 0
    assert db.session.scalar(select(func.count()).select_from(WorkflowStep)) == 0
    assert {(message.phone, message.template) for message in db.session.scalars(select(Message))} == {
        ("", "complaint_accepted"),
        ("", "complaint_answered"),
    }
    lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.erase")).all()
    assert [(line.subject_id, line.details, line.visible_to) for line in lines] == [(number, {}, "discipline")]
    counted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.erase_due")).one()
    assert (counted.details, counted.visible_to) == ({"erased": 1, "sealed": 0}, "discipline")


def test_every_table_that_refers_to_a_case_has_been_thought_of() -> None:
    """A new table of the room must be deleted, stripped, or be known to hold nothing of a person."""
    deleted = {model.__tablename__ for model in erasing.DELETED}
    stripped = {"complaint_entries", "complaint_ratings", "complaint_takeovers", "complaint_extensions"}
    harmless = {"complaint_clocks", "complaint_escalations", "complaint_reviews"}
    referring = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {"complaints", "complaint_clocks"} and table.name != "complaints"
    }
    assert referring == deleted | stripped | harmless
    for name in harmless:
        table = Base.metadata.tables[name]
        assert not [column for column in table.c if isinstance(column.type, EncryptedText | EncryptedBytes)]
        assert not [key for key in table.foreign_keys if key.column.table.name == "officials"]


def test_how_long_by_category(county: County) -> None:
    for category in ("enquiry", "request", "wrong_amount", "tip_off"):
        declined(county, category=category)
    counts = {year: night(date(year, 6, 6))["announced"] for year in range(2021, 2034)}
    assert {year: count for year, count in counts.items() if count} == {2023: 2, 2025: 1, 2030: 1}


# --- What somebody still needs -----------------------------------------------------------------


def test_unread_evidence_is_never_deleted(county: County) -> None:
    complaint, code = submit()
    operations.accept(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    operations.conclude(county.township, complaint, "答复", at=AT)
    operations.add_from_reporter(code, "新的证据", at=AT)
    operations.settle(code, "satisfied", at=AT)
    assert complaint.unread
    night(date(2030, 1, 1))
    assert night(date(2030, 3, 1))["erased"] == 0
    operations.mark_read(county.township, complaint, at=small_hours(date(2030, 3, 1)))
    assert night(date(2030, 3, 2))["announced"] == 1
    assert complaint.erase_on == date(2030, 4, 1)


def test_what_is_open_or_answered_is_never_deleted(county: County) -> None:
    submit()
    answered, _code = submit()
    operations.accept(county.township, answered, at=AT)
    operations.start_investigation(county.township, answered, at=AT)
    operations.conclude(county.township, answered, "答复", at=AT)
    assert night(date(2050, 1, 1)) == {"announced": 0, "called_off": 0, "erased": 0}


def test_a_hold_calls_the_deletion_off_until_it_is_lifted(county: County) -> None:
    complaint, code = declined(county)
    night(date(2025, 6, 10))
    assert complaint.erase_on == date(2025, 7, 10)
    at = small_hours(date(2025, 7, 9))
    operations.hold(county.township, complaint, "打官司", at=at)
    assert track(code, at=at).erase_on is None
    with pytest.raises(Conflict):
        operations.hold(county.township, complaint, "再来一次", at=at)
    assert night(date(2025, 7, 10)) == night(date(2028, 1, 1)) == {"announced": 0, "called_off": 0, "erased": 0}
    operations.lift_hold(county.township, complaint, "官司结束", at=small_hours(date(2028, 1, 2)))
    with pytest.raises(Conflict):
        operations.lift_hold(county.township, complaint, "再来一次", at=at)
    assert night(date(2028, 1, 3))["announced"] == 1
    assert complaint.erase_on == date(2028, 2, 2), "thirty days again"
    assert night(date(2028, 2, 2))["erased"] == 1


def test_each_office_lifts_its_own_hold(county: County) -> None:
    complaint, _code = submit()
    operations.escalate_overdue(NIGHT, at=AT + 60 * DAY)
    db.session.expire_all()
    operations.decline(county.township, complaint, "理由", at=AT + 60 * DAY)
    operations.hold(county.discipline, complaint, "巡察", at=AT + 61 * DAY)
    with pytest.raises(Conflict):
        operations.lift_hold(county.township, complaint, "不要了", at=AT + 62 * DAY)
    with pytest.raises(PermissionDenied):
        operations.hold(county.finance, complaint, "督办", at=AT + 62 * DAY)
    with pytest.raises(NotVisible):
        operations.hold(county.other_township, complaint, "好奇", at=AT + 62 * DAY)
    with pytest.raises(PermissionDenied):
        operations.hold(county.township_approver, complaint, "审核", at=AT + 62 * DAY)
    assert night(date(2030, 1, 1))["announced"] == 0
    operations.lift_hold(county.discipline, complaint, "巡察结束", at=small_hours(date(2030, 1, 2)))
    assert night(date(2030, 1, 3))["announced"] == 1


def test_a_hold_needs_a_reason_and_an_end(county: County) -> None:
    complaint, _code = submit()
    with pytest.raises(Conflict):
        operations.hold(county.township, complaint, "早一点", at=AT)
    operations.decline(county.township, complaint, "理由", at=AT)
    with pytest.raises(UserError):
        operations.hold(county.township, complaint, " ", at=AT)


def test_the_commission_leaves_no_trace_on_a_confidential_case_of_others(county: County) -> None:
    complaint, _code = declined(county, anonymous=False, confidential=True, name="王某某")
    assert queries.is_visible(county.discipline, complaint)
    with pytest.raises(PermissionDenied):
        operations.hold(county.discipline, complaint, "巡察", at=AT)


# --- Periods -----------------------------------------------------------------------------------


@pytest.fixture
def chief(county: County) -> Principal:
    return factories.principal(OrganisationKind.FINANCE, Role.APPROVER)


def test_a_longer_period_calls_off_what_was_announced(county: County, chief: Principal) -> None:
    complaint, _code = declined(county)
    night(date(2025, 6, 10))
    operations.set_period(chief, "not_received", 8, "档案局要求", at=small_hours(date(2025, 7, 1)))
    assert night(date(2025, 7, 10)) == {"announced": 0, "called_off": 1, "erased": 0}
    assert complaint.erase_on is None
    assert night(date(2028, 6, 6))["announced"] == 1


def test_a_shorter_period_still_gives_thirty_days(county: County, chief: Principal) -> None:
    complaint, _code = declined(county)
    operations.set_period(chief, "not_received", 1, "精简", at=small_hours(date(2024, 1, 1)))
    assert night(date(2024, 1, 2)) == {"announced": 1, "called_off": 0, "erased": 0}
    assert complaint.erase_on == date(2024, 2, 1)
    operations.set_period(chief, "not_received", 5, "改回", at=small_hours(date(2024, 1, 3)))
    assert night(date(2024, 2, 1)) == {"announced": 0, "called_off": 1, "erased": 0}


def test_who_sets_which_period(county: County, chief: Principal) -> None:
    judge = factories.principal(OrganisationKind.DISCIPLINE, Role.APPROVER)
    operations.set_period(judge, "sealed", 20, "规定", at=AT)
    for person, category, refusal in (
        (chief, "sealed", NotVisible),
        (chief, "fraud", NotVisible),
        (judge, "enquiry", PermissionDenied),
        (county.township_approver, "enquiry", PermissionDenied),
        (county.finance, "enquiry", PermissionDenied),
        (chief, "no-such", NotVisible),
    ):
        with pytest.raises(refusal):
            operations.set_period(person, category, 4, "规定", at=AT)
    for wrong in (0, 51):
        with pytest.raises(UserError):
            operations.set_period(chief, "enquiry", wrong, "规定", at=AT)
    with pytest.raises(UserError):
        operations.set_period(chief, "enquiry", 4, "电话 13800000001", at=AT)
    with pytest.raises(Conflict):
        operations.set_period(chief, "enquiry", 3, "规定", at=AT)
    assert set(
        db.session.execute(
            select(AuditEntry.subject_id, AuditEntry.visible_to).where(AuditEntry.action == "complaint.set_retention")
        )
    ) == {("sealed", "discipline")}


# --- By night ----------------------------------------------------------------------------------


def test_the_oldest_first_in_pieces_and_a_death_in_between(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 2)
    monkeypatch.setattr(erasing, "ANNOUNCED", 2)
    ids = []
    for number in range(5):
        complaint, _code = submit()
        operations.decline(county.township, complaint, "理由", at=AT + number * DAY)
        ids.append(complaint.id)
    assert night(date(2025, 6, 8))["announced"] == 3, "those of the first three days"
    night(date(2025, 6, 10))
    db.session.commit()

    class Killed(Exception):
        pass

    def die_after_the_first() -> None:
        db.session.commit()
        raise Killed

    with pytest.raises(Killed):
        operations.erase_due(NIGHT, at=small_hours(date(2025, 7, 10)), pause=die_after_the_first)
    db.session.rollback()
    gone = select(Complaint.id).where(Complaint.erased_on.is_not(None)).order_by(Complaint.id)
    assert list(db.session.scalars(gone)) == ids[:2]
    assert night(date(2025, 7, 11))["erased"] == 3
    assert list(db.session.scalars(gone)) == ids
