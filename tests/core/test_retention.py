"""Every table has one rule about how long it is kept; what is declared as deleted by the machine is deleted."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select

from accounts.models import StaffSession
from complaints.models import Complaint, Opening
from complaints.operations import erasing
from core import jobs, retention, retention_document, sweeps
from core.audit import AuditEntry
from core.database import Base, db
from core.jobs import BackgroundJob
from core.limits import RateCounter
from core.principal import OrganisationKind as Kind
from core.principal import Role, system
from core.uploads import StoredFile, Upload
from core.workflow import WorkflowStep
from disbursement.models import Evidence
from portal.models import AssistedLookup, LookupCode
from registry.models import PhoneCode
from sms.models import HandsetMessage, InboundMessage, Message, PhoneDay, SendAttempt
from tests import factories
from tests.signing import sign_in

AT = datetime(2026, 11, 2, 17, 10, tzinfo=UTC)
LONG_AGO = timedelta(days=4 * 365)
OF_CASES = "complaints.retention"


def add(row: Base) -> Base:
    db.session.add(row)
    db.session.flush()
    return row


def person() -> int:
    """Somebody in a region, new each time."""
    return factories.beneficiary("张某", f"51342619600101{next(_SERIAL):04d}", factories.COUNTY).id


_SERIAL = iter(range(1000, 9999))


def job(at: datetime) -> Base:
    return add(BackgroundJob(kind="uploads.check", payload={}, state="done", created_at=at, finished_at=at))


def counter(at: datetime) -> Base:
    return add(RateCounter(key=str(at), window_start=at, count=1, expires_at=at + timedelta(hours=1)))


def stored_file(at: datetime) -> Base:
    upload_of(at)
    return db.session.scalars(select(StoredFile).order_by(StoredFile.id.desc()).limit(1)).one()


def upload_of(at: datetime, state: str = "checked", file: StoredFile | None = None) -> Upload:
    file = file or StoredFile(sha256=str(next(_SERIAL)), size=1, content=b"1", stored_at=at)
    db.session.add(file)
    db.session.flush()
    upload = Upload(kind="roll", file_id=file.id, filename="一.xlsx", parameters={}, state=state, created_at=at)
    add(upload)
    return upload


def session(at: datetime) -> Base:
    official = factories.official(Kind.FINANCE, Role.VIEWER)
    times = {"begun_at": at, "seen_at": at, "confirmed_at": at, "ended_at": at}
    return add(
        StaffSession(token_index=str(at), official_id=official.id, browser="Firefox", address="10.0.0.1", **times)
    )


def message_of(at: datetime, template: str = "lookup_code", state: str = "delivered") -> Message:
    found = Message(
        template=template,
        parameters={},
        phone="13800001111",
        phone_index="13800001111",
        subject_kind=template,
        subject_id=next(_SERIAL),
        state=state,
        not_before=at,
        expires_at=at,
        created_at=at,
    )
    add(found)
    return found


def send(at: datetime) -> Base:
    return add(SendAttempt(message_id=message_of(at).id, number=1, gateway="simulated", started_at=at))


def inbound(at: datetime) -> Base:
    phone = {"phone": "13800001111", "phone_index": "13800001111"}
    return add(InboundMessage(gateway="simulated", provider_id=str(at), text="你好", received_at=at, **phone))


def handset(at: datetime) -> Base:
    phone = {"phone": "13800001111", "phone_index": "13800001111"}
    return add(HandsetMessage(provider_id=str(at), text="你好", delivered_at=at, **phone))


def phone_day(at: datetime) -> Base:
    return add(PhoneDay(phone_index="13800001111", day=at.date(), sent=1))


def phone_code(at: datetime) -> Base:
    code = PhoneCode(
        beneficiary_id=person(), phone_index="13800001111", created_at=at, expires_at=at + timedelta(minutes=30)
    )
    return add(code)


def lookup_code(at: datetime) -> Base:
    return add(LookupCode(person_index=str(at), created_at=at, expires_at=at + timedelta(minutes=10)))


def assisted(at: datetime) -> Base:
    official = factories.official(Kind.FINANCE, Role.VIEWER)
    where = {"official_id": official.id, "organisation_id": official.organisation_id}
    return add(AssistedLookup(at=at, asked="in_person", outcome="shown", **where))


def opening(at: datetime) -> Base:
    official = factories.official(Kind.FINANCE, Role.COMPLAINT_HANDLER)
    case = Complaint(
        number=str(next(_SERIAL)),
        receipt_index=str(next(_SERIAL)),
        category="enquiry",
        text="怎么领",
        region_code=factories.COUNTY,
        anonymous=True,
        owner_id=official.organisation_id,
        rules_version="2026-12",
        received_on=at.date(),
        received_at=at,
    )
    add(case)
    return add(Opening(complaint_id=case.id, official_id=official.id, at=at))


PLANTED: Mapping[str, Callable[[datetime], Base]] = {
    "assisted_lookups": assisted,
    "background_jobs": job,
    "complaint_openings": opening,
    "handset_messages": handset,
    "inbound_messages": inbound,
    "lookup_codes": lookup_code,
    "messages": message_of,
    "phone_codes": phone_code,
    "phone_days": phone_day,
    "rate_counters": counter,
    "send_attempts": send,
    "staff_sessions": session,
    "stored_files": stored_file,
    "uploads": upload_of,
}


def run(task: str, at: datetime = AT) -> None:
    nights = dict(sweeps.nights_of(""))
    if task in nights:
        nights[task](at, db.session.commit)
    else:
        jobs.timetable()[task].run(at)
    db.session.flush()
    db.session.expire_all()


@pytest.fixture
def county(app: Flask) -> None:
    factories.load_regions()


@pytest.mark.parametrize("table", sorted(PLANTED))
def test_what_is_declared_as_deleted_is_deleted_and_nothing_younger(county: None, table: str) -> None:
    plant = PLANTED[table]
    [rule] = [rule for rule in retention.rules() if table in rule.tables]
    old, young = plant(AT - LONG_AGO), plant(AT)
    model, keys = type(old), [inspect(row).identity for row in (old, young)]
    for _twice in range(2):
        run(rule.task)
        left = [db.session.get(model, key) for key in keys]
        assert [row is not None for row in left] == [False, True]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestRules:
    """What is declared."""

    def test_every_table_has_exactly_one_rule(self, app: Flask) -> None:
        declared = Counter(table for rule in retention.rules() for table in rule.tables)
        assert set(declared) == set(db.metadata.tables)
        assert set(declared.values()) == {1}

    def test_every_task_exists_and_every_deletion_is_tried_here(self, app: Flask) -> None:
        tasks = {rule.task for rule in retention.rules() if rule.task}
        assert tasks <= set(dict(sweeps.nights_of(""))) | set(jobs.timetable())
        deleted = {table for rule in retention.rules() if rule.task not in ("", OF_CASES) for table in rule.tables}
        assert deleted == set(PLANTED)

    def test_what_goes_with_a_case_is_what_its_erasing_deletes(self, app: Flask) -> None:
        mine = {table for rule in retention.rules() if rule.task == OF_CASES for table in rule.tables}
        assert {model.__tablename__ for model in erasing.DELETED} - mine == {"complaint_openings"}
        assert all(db.metadata.tables[table].name.startswith("complaint") for table in mine)

    def test_the_document_says_what_the_rooms_declare(self, app: Flask) -> None:
        printed = Path(__file__).parents[2] / "docs" / "retention.md"
        assert printed.read_text(encoding="utf-8") == retention_document.render(), "run `flask docs retention`"

    def test_everybody_who_signs_in_reads_the_rules(self, client: FlaskClient) -> None:
        sign_in(client, factories.official(Kind.AUDIT, Role.VIEWER))
        page = client.get("/staff/retention").text
        assert "银行对账单 10 年" in page
        assert "former_passwords" in page


@pytest.mark.usefixtures("county")
class TestLeftovers:
    """Files that were never saved."""

    def test_one_that_something_else_has_stays(self) -> None:
        file = StoredFile(sha256="1", size=1, content=b"1", stored_at=AT - LONG_AGO)
        upload = upload_of(AT - LONG_AGO, file=file)
        db.session.add(Evidence(file_id=file.id, filename="一.pdf", brought_at=AT - LONG_AGO))
        saved = upload_of(AT - LONG_AGO, "saved")
        add(WorkflowStep(
            subject_kind="upload", subject_id=upload.id, action="check", from_state="received", to_state="checked",
            actor_name="甲", at=AT - LONG_AGO,
        ))  # fmt: skip
        db.session.flush()
        gone, stays, kept = upload.id, file.id, saved.id
        run("core.upload_leftovers")
        assert db.session.get(Upload, gone) is None
        assert db.session.get(StoredFile, stays) is not None
        assert db.session.get(Upload, kept) is not None
        assert db.session.scalar(select(func.count()).select_from(WorkflowStep)) == 0

    def test_more_than_a_piece_goes_in_one_night(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("core.upload_leftovers.PIECE", 2)
        for _number in range(5):
            upload_of(AT - LONG_AGO, "refused")
        run("core.upload_leftovers")
        assert db.session.scalar(select(func.count()).select_from(Upload)) == 0
        assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0


@pytest.mark.usefixtures("county")
class TestMessages:
    """Codes go, what proves that somebody was told stays."""

    def test_a_notice_stays_and_so_does_a_code_of_unknown_fate(self) -> None:
        kept = [message_of(AT - LONG_AGO, "payment_paid").id, message_of(AT - LONG_AGO, state="unknown").id]
        run("sms.forget_codes")
        assert db.session.scalars(select(Message.id).order_by(Message.id)).all() == kept


@pytest.mark.usefixtures("county")
def test_a_night_goes_on_until_nothing_is_left_and_says_how_much_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.retention.PIECE", 2)
    for number in range(5):
        inbound(AT - LONG_AGO + timedelta(seconds=number))
    pauses: list[int] = []
    assert retention.forget_all(AT, lambda: pauses.append(1)) == {"inbound_messages": 5}
    assert len(pauses) == 3
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "retention.delete")).all()
    assert (entry.details, entry.actor_name) == ({"counts": {"inbound_messages": 5}}, system("nightly sweep").name)
    assert retention.forget_all(AT, lambda: None) == {}
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 1
