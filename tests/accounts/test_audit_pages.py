"""The auditors' pages: who sees which entries, how they are found, said, exported, and how the chain is shown."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select, text, update

from accounts import audit_queries, rules
from accounts.audit_listing import AUDIT_LOG
from accounts.models import Official
from complaints import operations
from complaints.models import Recusal
from complaints.rules import READ_SEALED
from core import audit, board, clock
from core.audit import AuditEntry, verification
from core.audit.verification import AuditVerification
from core.database import db
from core.listing_screen import page_of
from core.principal import OrganisationKind, Principal, Role, permission_catalogue, system
from core.tasks import go_on_verifying_audit, seal_audit, verify_audit
from tests import factories
from tests.complaints.county import County, build_county, submit
from tests.core.intruder import without_guards
from tests.signing import sign_in

AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
KINDS = OrganisationKind
TOKENS = re.compile(rb'name="csrf_token" value="[^"]*"')


def signed_in(app: Flask, kind: OrganisationKind = KINDS.AUDIT, *roles: Role) -> FlaskClient:
    return sign_in(app.test_client(), factories.official(kind, *(roles or (Role.VIEWER,))))


def wrote(principal: Principal, action: str, kind: str, subject: object, at: datetime = AT, **details: Any) -> None:
    audit.record(principal, action, kind, subject, at=at, **details)
    db.session.commit()


def shown(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/staff/audit/{query}")
    assert answer.status_code == 200
    return TOKENS.sub(b"", answer.data).decode()


def rows(client: FlaskClient, query: str = "") -> list[list[str]]:
    """The rows of the export, without the heading."""
    answer = client.post(f"/staff/audit/{query}", data={"export": "csv"})
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_reads_the_log(app: Flask, kind: OrganisationKind, role: Role) -> None:
    may = (kind, role) in {
        (KINDS.AUDIT, Role.PREPARER),
        (KINDS.AUDIT, Role.APPROVER),
        (KINDS.AUDIT, Role.VIEWER),
        (KINDS.DISCIPLINE, Role.COMPLAINT_HANDLER),
        (KINDS.DISCIPLINE, Role.APPROVER),
    }
    client = signed_in(app, kind, role)
    answers = [
        client.get("/staff/audit/"),
        client.get("/staff/audit/chain"),
        client.post("/staff/audit/", data={"export": "csv"}),
    ]
    assert {answer.status_code for answer in answers} == {200 if may else 403}
    assert ("/staff/audit/" in client.get("/staff/").text) is may


def test_of_the_commission_only_who_reads_sealed_cases_reads_the_log(app: Flask) -> None:
    sealed = {holder for holder in READ_SEALED.holders if holder[0] == KINDS.DISCIPLINE}
    assert {holder for holder in rules.READ_AUDIT.holders if holder[0] == KINDS.DISCIPLINE} == sealed
    assert permission_catalogue()["audit.read"] is rules.READ_AUDIT


def test_an_entry_is_a_readable_line(app: Flask) -> None:
    township = factories.principal(KINDS.TOWNSHIP, Role.PREPARER, organisation_name="鲹鱼河镇人民政府")
    wrote(township, "roll.submit", "roll", 9, lines=12, total_fen=123400)
    wrote(system("nightly"), "portal.count_figures", "figures", "2020-07-06", counts={"paid": 3})
    client = signed_in(app)
    page = shown(client)
    for words in (
        township.name,
        "鲹鱼河镇人民政府",
        "提交了花名册",
        "花名册 9",
        "行数：12；金额：1,234.00",
        "系统（nightly）",
    ):
        assert words in page
    line = next(row for row in rows(client) if "提交了花名册" in row)
    assert line == [
        "2020-07-06 10:00",
        township.name,
        "鲹鱼河镇人民政府",
        "提交了花名册",
        "花名册 9",
        "行数：12；金额：1,234.00",
    ]
    # Neither the row of an entry nor its place in the chain has a number that anybody could miss one of.
    assert "nonce" not in page
    ids = {str(entry_id) for entry_id in db.session.scalars(select(AuditEntry.id))}
    assert not ids & set(re.findall(r'(?:id|value)="(\d+)"', page.split("<tbody>")[1].split("</tbody>")[0]))


@pytest.fixture
def log(app: Flask) -> dict[str, Principal]:
    """Entries of two people on three days."""
    first = factories.principal(KINDS.TOWNSHIP, Role.PREPARER, organisation_name="甲镇")
    second = factories.principal(KINDS.FINANCE, Role.APPROVER, organisation_name="县财政局")
    # The county's 7 July begins at 16:00 UTC on the 6th.
    wrote(first, "roll.submit", "roll", 1, AT)
    wrote(first, "roll.strike", "roll", 1, datetime(2020, 7, 6, 15, 59, tzinfo=UTC))
    wrote(second, "batch.confirm", "batch", 1, datetime(2020, 7, 6, 16, 0, tzinfo=UTC))
    wrote(second, "roll.send_back", "roll", 22, datetime(2020, 7, 8, 2, tzinfo=UTC))
    return {"first": first, "second": second}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("at_from=2020-07-06&at_to=2020-07-06", ["剔除了花名册中的人员", "提交了花名册"]),
        ("at_from=2020-07-07&at_to=2020-07-07", ["确认了发放批次"]),
        ("action=roll.submit", ["提交了花名册"]),
        ("official={second.official_id}&at_to=2020-07-31", ["退回了花名册", "确认了发放批次"]),
        ("office={first.organisation_id}", ["剔除了花名册中的人员", "提交了花名册"]),
        ("kind=batch", ["确认了发放批次"]),
        ("subject=22", ["退回了花名册"]),
        ("subject=1&kind=roll", ["剔除了花名册中的人员", "提交了花名册"]),
        ("subject=1&kind=roll&action=roll.strike&official={first.official_id}", ["剔除了花名册中的人员"]),
        ("subject=nothing", []),
    ],
)
def test_entries_are_found(app: Flask, log: dict[str, Principal], query: str, found: list[str]) -> None:
    client = signed_in(app)
    wanted = "?" + query.format(**log)
    assert [row[3] for row in rows(client, wanted)] == found
    page = shown(client, wanted)
    assert ("<tbody>" in page) is bool(found)
    assert re.findall(r"<td class=\"text\">\s*(\S+了\S+)\s*</td>", page) == found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_subject_that_looks_personal_enters_no_address(app: Flask) -> None:
    client = signed_in(app)
    for number in ("513426199509167030", "13800000001"):
        answer = client.post("/staff/audit/", data={"subject": number})
        assert number not in answer.headers["Location"]
        # Typed into the address bar it goes from there at once, and is looked for by nothing.
        answer = client.get(f"/staff/audit/?subject={number}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/audit/")


def test_an_export_is_an_entry_itself(app: Flask) -> None:
    client = signed_in(app)
    before = len(rows(client, "?action=listing.export"))
    assert before == 0
    found = rows(client, "?action=listing.export")
    assert [(row[3], row[4], row[5]) for row in found] == [
        ("导出了列表", "列表 审计日志", "行数：0；格式：csv；筛选条件：action")
    ]


def test_pages_hold_fifty_and_overlap_nowhere(app: Flask) -> None:
    for number in range(120):
        audit.record(system("test"), "roll.check", "roll", number, at=AT)
    db.session.commit()
    client = signed_in(app)
    seen = [
        re.findall(r"花名册 (\d+)", shown(client, f"?action=roll.check&page={number}").split("<tbody>")[1])
        for number in (1, 2, 3)
    ]
    assert [len(page) for page in seen] == [50, 50, 20]
    assert [int(number) for page in seen for number in page] == list(range(119, -1, -1))


def test_entries_for_one_kind_of_office_do_not_exist_for_others(app: Flask) -> None:
    wrote(system("x"), "roll.check", "roll", 1)
    auditor, commission = signed_in(app), signed_in(app, KINDS.DISCIPLINE, Role.APPROVER)
    queries = (
        "?action=roll.check",
        "?action=complaint.accept",
        "?subject=123456789012",
        "?kind=complaint",
        "?at_to=2020-07-31",
    )
    before = {query: shown(auditor, query) for query in queries}
    exported = rows(auditor, "?at_to=2020-07-31")
    for _time in range(3):
        wrote(system("y"), "complaint.accept", "complaint", "123456789012", visible_to=KINDS.DISCIPLINE)
    assert {query: shown(auditor, query) for query in queries} == before
    assert rows(auditor, "?at_to=2020-07-31") == exported
    assert shown(commission, "?subject=123456789012").count("受理了投诉举报") >= 3
    assert len(rows(commission, "?subject=123456789012")) == 3
    # How many rows the commission took is for itself.
    assert "listing.export" not in {
        entry.action
        for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.visible_to.is_(None)))
        if entry.details.get("rows") == 3
    }


def test_a_case_that_is_kept_from_an_official_leaves_no_trace_for_him(app: Flask) -> None:
    county: County = build_county()
    other = factories.official(KINDS.DISCIPLINE, Role.COMPLAINT_HANDLER)
    recused = db.session.get_one(Official, county.discipline.official_id)
    complaint, _code = submit(category="fraud")
    operations.accept(county.discipline, complaint, at=AT)
    db.session.commit()
    mine, theirs = sign_in(app.test_client(), recused), sign_in(app.test_client(), other)
    assert complaint.number in shown(mine)
    db.session.add(
        Recusal(complaint_id=complaint.id, official_id=recused.id, reason="亲属", decided_by=other.id, at=AT)
    )
    db.session.commit()
    assert complaint.number not in shown(mine)
    assert complaint.number not in str(rows(mine))
    assert complaint.number in shown(theirs)
    about_them, _code = submit(category="fraud")
    db.session.commit()
    assert about_them.number in shown(theirs)
    about_them.about_organisation_id = recused.organisation_id
    db.session.commit()
    assert about_them.number not in shown(mine) + shown(theirs)


# --- The chain ---------------------------------------------------------------------------------


def nights(page: str) -> list[str]:
    """The rows of the table of nights, with days and hashes masked."""
    table = page.rsplit("<tbody>", maxsplit=1)[-1].split("</tbody>", maxsplit=1)[0]
    found = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
    return [re.sub(r"[0-9a-f]{64}", "HASH", re.sub(r"2020-07-\d\d", "DAY", row)) for row in found]


def test_the_page_of_the_chain_tells_no_number_that_a_sealed_case_would_change(app: Flask) -> None:
    wrote(system("x"), "roll.check", "roll", 1)
    # Neither what waits for its seal nor what was sealed shows before the night; then one hash, as every night.
    with time_machine.travel(AT, tick=False) as traveller:
        seal_audit(AT)
        verify_audit(AT)
        auditor = signed_in(app)
        before = auditor.get("/staff/audit/chain").text
        for _time in range(3):
            wrote(system("y"), "complaint.accept", "complaint", "123456789012", visible_to=KINDS.DISCIPLINE)
        assert auditor.get("/staff/audit/chain").text == before
        seal_audit(AT)
        assert auditor.get("/staff/audit/chain").text == before
        for day in (1, 2):
            # Of the first night there are hidden entries, of the second there are none.
            traveller.shift(timedelta(days=1))
            seal_audit(clock.utc_now())
            verify_audit(AT + timedelta(days=day))
            db.session.commit()
        after = signed_in(app).get("/staff/audit/chain").text
        assert len(nights(after)) == 3
        assert len(set(nights(after))) == 1
        heads = re.findall(r"[0-9a-f]{64}", after)
        assert len(set(heads)) == 3
        assert "条数" not in after
        assert "条数" in signed_in(app, KINDS.DISCIPLINE, Role.APPROVER).get("/staff/audit/chain").text


def test_the_same_entries_give_another_head_each_time(app: Flask) -> None:
    """Who knows every entry but those of sealed cases cannot try out whether there are others: in front of every head
    stands something that nobody sees."""
    wrote(system("x"), "roll.check", "roll", 1)
    verify_audit(AT)
    nonces = [entry.details["nonce"] for entry in db.session.scalars(select(AuditEntry)) if "nonce" in entry.details]
    assert [len(nonce) for nonce in nonces] == [32]
    assert nonces[0] not in str(rows(signed_in(app)))


def test_a_break_is_told_on_the_board_and_the_page(app: Flask) -> None:
    wrote(system("x"), "roll.check", "roll", 1)
    verify_audit(AT)
    auditor, finance = signed_in(app), signed_in(app, KINDS.FINANCE, Role.APPROVER)
    words = "封存链断开"
    assert words not in auditor.get("/staff/").text + auditor.get("/staff/audit/chain").text
    without_guards()
    db.session.execute(update(AuditEntry).where(AuditEntry.action.startswith("roll.")).values(action="roll.strike"))
    db.session.commit()
    verify_audit(AT + timedelta(days=1))
    assert words in auditor.get("/staff/").text
    assert words in auditor.get("/staff/audit/chain").text
    assert words not in finance.get("/staff/").text
    assert verification.last_nights(1)[0].broken_at == 1
    # Mended from a back-up, and verified by command.
    without_guards()
    db.session.execute(update(AuditEntry).where(AuditEntry.action.startswith("roll.")).values(action="roll.check"))
    db.session.commit()
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
    assert words not in auditor.get("/staff/").text
    assert board.items_for(system("x"), clock.today()) is not None


def test_a_night_that_was_cut_off_is_gone_on_with(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "PIECE", 4)
    for number in range(9):
        audit.record(system("x"), "roll.check", "roll", number, at=AT)
    db.session.commit()
    walked = verification.walk
    pieces: list[int] = []

    def dies_at_the_second(*given: Any) -> Any:
        pieces.append(given[0].sequence)
        if len(pieces) == 2:
            raise KeyboardInterrupt
        return walked(*given)

    monkeypatch.setattr(verification, "walk", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        verify_audit(AT)
    db.session.rollback()
    assert verification.last_nights(1) == []
    go_on_verifying_audit(AT + timedelta(hours=1))
    # Each piece once more at most, none from the start; ten links with the night's own entry.
    assert pieces == [0, 4, 4, 8]
    done = db.session.scalars(select(AuditVerification)).one()
    assert (done.state, done.sequence, done.begun_at) == ("whole", 10, AT)
    go_on_verifying_audit(AT + timedelta(hours=2))
    assert pieces == [0, 4, 4, 8]


def test_an_end_that_was_cut_off_after_a_night_is_noticed(app: Flask) -> None:
    for number in range(5):
        audit.record(system("x"), "roll.check", "roll", number, at=AT)
    db.session.commit()
    verify_audit(AT)
    without_guards()
    for table in ("audit_seals WHERE sequence > 3", "audit_entries WHERE id NOT IN (SELECT entry_id FROM audit_seals)"):
        db.session.execute(text(f"DELETE FROM {table}"))
    db.session.commit()
    verify_audit(AT + timedelta(days=1))
    assert verification.is_broken()
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 1


# --- Ten million entries -----------------------------------------------------------------------

MANY = 40_000
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"at_to": "2020-07-03"},
    {"action": "roll.check"},
    {"action": "complaint.accept"},
    {"official": "7"},
    {"office": "3"},
    {"kind": "roll"},
    {"subject": "39999"},
    {"subject": "39999", "kind": "roll"},
    {"page": "40"},
)


@pytest.fixture
def many(app: Flask) -> Flask:
    """Many entries, nine of ten of them for the commission alone."""
    factories.organisation(KINDS.FINANCE)
    rows_of_the_log: list[dict[str, Any]] = [
        {
            "at": AT - timedelta(minutes=number),
            "actor_kind": "official",
            "actor_name": "甲",
            "official_id": number % 50,
            "organisation_id": number % 20,
            "action": "complaint.accept" if number % 10 else "roll.check",
            "subject_kind": "complaint" if number % 10 else "roll",
            "subject_id": str(number),
            "details": {},
            "visible_to": "discipline" if number % 10 else None,
        }
        for number in range(MANY)
    ]
    db.session.execute(insert(AuditEntry), rows_of_the_log)
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    return app


def statements_of(principal: Principal, query: dict[str, str]) -> list[tuple[str, Any]]:
    """What one page asks the database for."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "audit_entries" in statement:
            seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        found = audit_queries.parts(principal)
        page_of(AUDIT_LOG, audit_queries.entries(principal), query, "/staff/audit/", parts=found)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def visited(plan: dict[str, Any]) -> int:
    """How many rows of the log PostgreSQL has looked at."""
    own = (
        plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        if "audit_entries" in plan.get("Relation Name", "")
        else 0
    )
    return int(own * plan["Actual Loops"]) + sum(visited(inner) for inner in plan.get("Plans", []))


def test_a_page_costs_the_same_however_many_entries_there_are(many: Flask) -> None:
    readers = [factories.principal(kind, Role.APPROVER) for kind in (KINDS.AUDIT, KINDS.DISCIPLINE)]
    for reader, query in product(readers, FILTERS):
        # The page, and the count up to the list's cap.
        for statement, parameters in statements_of(reader, query):
            if db.engine.dialect.name == "sqlite":
                refuse_whole_tables(statement, parameters)
            else:
                counts = statement.startswith("SELECT count")
                page = int(query.get("page", 1))
                most = 2 * (AUDIT_LOG.most_counted + 1) if counts else 6 * AUDIT_LOG.page_size * page
                read = visited(plan_of(statement, parameters, few="subject" in query))
                assert read <= most, (reader, query, statement)


def refuse_whole_tables(statement: str, parameters: Any) -> None:
    """That SQLite reads the log by an index alone, one that gives the order where there is one."""
    connection = db.session.connection()
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    touched = [step for step in plan if "audit_entries" in step]
    assert touched and all("USING" in step for step in touched), plan
    # A scan is of the part's own index in the order of the page, and ends at the limit.
    scans = [step for step in touched if step.startswith("SCAN")]
    assert all("ix_audit_entries_open_at" in step for step in scans), plan


def plan_of(statement: str, parameters: Any, *, few: bool) -> dict[str, Any]:
    """PostgreSQL's plan, with what it has met. A table of this size it likes to sort in memory; asked is whether an
    index gives the order, as it must with millions. (The ``few`` entries about one thing are sorted in any case.)"""
    connection = db.session.connection()
    for way in ("sort", "bitmapscan"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = {'on' if few else 'off'}")
    told = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
    found: dict[str, Any] = told[0]["Plan"]
    return found
