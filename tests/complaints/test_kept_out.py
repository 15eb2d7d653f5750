"""Whoever keeps out of a case, for an interest or a recusal, has never heard of it: every page and export of his is the
same, byte for byte, with and without it. Whoever keeps out of nothing has the queries of before."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.sql import Select

from complaints import operations, queries
from complaints.models import Complaint
from complaints.operations.taking_over import went_up_to
from complaints.presence import note_opening
from core import clock
from core.database import db
from core.principal import Principal, Role, system
from tests.complaints.county import AT, TOWNSHIP, VILLAGE, County, submit
from tests.complaints.test_recusing import beside, register
from tests.complaints.test_sealed import TOKENS, pages, seen_by, signed_in

DAY = timedelta(days=1)
OF_THE_COMMISSION = ("/staff/complaints/sealed", "/staff/complaints/confidential")


def seen(
    client: FlaskClient, kept_out: Principal, addresses: list[str], county: County
) -> Iterator[tuple[str, int, bytes]]:
    # The county's figures count every case that is not sealed, whoever asks, and withhold what is few.
    yield from (shown for shown in seen_by(client, addresses) if "scope=county" not in shown[0])
    if kept_out.organisation_id == county.discipline.organisation_id:
        for address in OF_THE_COMMISSION:
            answer = client.post(address, data={"export": "csv"})
            yield f"export of {address}", answer.status_code, answer.data


def kept_cases(county: County, colleagues: list[Principal], plain: list[Complaint], recused: bool) -> list[Complaint]:
    """Cases that three officials keep out of, and what their colleagues do with them: one late and confidential, one
    misrouted, one sealed."""
    now = clock.utc_now()
    in_township, in_finance, in_commission = colleagues

    def away(person: Principal, *found: Complaint) -> None:
        for complaint in found if recused else ():
            operations.recuse(person, complaint, None, "当事人是我亲戚", at=now)

    late, code = submit(at=now - 80 * DAY, anonymous=False, confidential=True, name="王某某", text="KEPTOUT")
    misrouted, _code = submit(at=now - 2 * DAY, text="KEPTOUT")
    clue, _code = submit(at=now - 2 * DAY, category="fraud", text="KEPTOUT")
    away(county.township, late, misrouted)
    away(county.discipline, late, clue)
    note_opening(in_township, late, at=now)
    operations.escalate_overdue(system("night"), at=now)
    assert went_up_to(in_finance, late) and went_up_to(in_commission, late)
    operations.object_to_routing(in_township, misrouted, county.other_township.organisation_id or 0, "理由", at=now)
    away(county.finance, late, misrouted)
    operations.accept(in_township, late, at=now)
    operations.add_from_reporter(code, "KEPTOUT", at=now)
    for follower in plain:
        operations.link(in_township, follower, late.number, at=now)
    operations.accept(in_commission, clue, at=now)
    db.session.commit()
    assert queries.is_visible(in_finance, misrouted)
    return [late, misrouted, clue]


# Every page of three officials, twice: one way on each database is enough.
@pytest.mark.parametrize(
    ("database_url", "why"), [("sqlite", "interest"), ("postgresql", "recusal")], indirect=["database_url"]
)
@time_machine.travel(AT, tick=False)
def test_every_page_is_the_same_with_and_without_the_case(app: Flask, county: County, why: str) -> None:
    kept_out = [county.township, county.finance, county.discipline]
    colleagues = [beside(person, Role.COMPLAINT_HANDLER) for person in kept_out]
    plain = [submit(at=AT - 3 * DAY, region_code=TOWNSHIP)[0] for _ in range(2)]
    for person in kept_out if why == "interest" else ():
        register(person, person, region_code=VILLAGE)
    db.session.commit()
    clients = [signed_in(app, person) for person in kept_out]
    # The commission's page of the chain counts all entries of the county: no case can be told from that. And its audit
    # log tells of a township's misrouted case, from which none of its officials is recused.
    apart = "/staff/audit/chain" if why == "interest" else "/staff/audit/"
    addresses = pages(app, plain[0])
    assert {"/staff/complaints/interests", "/staff/complaints/misrouted"} <= set(addresses)
    clients[0].get(f"/staff/complaints/{plain[0].number}")

    def told() -> list[tuple[str, int, bytes]]:
        pairs = zip(clients, kept_out, strict=True)
        everything = (shown for client, person in pairs for shown in seen(client, person, addresses, county))
        return [shown for shown in everything if apart not in shown[0]]

    before = told()
    hidden = kept_cases(county, colleagues, plain, recused=why == "recusal")
    for shown_before, shown_after in zip(before, told(), strict=True):
        assert shown_after == shown_before
    for client in clients:
        missing = client.get("/staff/complaints/123456789012")
        for case in hidden:
            answer = client.get(f"/staff/complaints/{case.number}")
            words = TOKENS.sub(b"", answer.data).replace(case.number.encode(), b"123456789012")
            assert (answer.status_code, words) == (404, TOKENS.sub(b"", missing.data))
    colleague = signed_in(app, colleagues[0])
    assert "KEPTOUT" in colleague.get(f"/staff/complaints/{hidden[0].number}").text


# --- Queries -----------------------------------------------------------------------------------

BEFORE = (
    "complaints.owner_id = :owner_id_1 AND (complaints.about_organisation_id IS NULL OR "
    "complaints.about_organisation_id != :about_organisation_id_1) AND complaints.sealed IS false AND "
    "complaints.sealed IS false AND complaints.queue_on < :queue_on_1"
)


def where_of(statement: Select[Complaint]) -> str:
    return " ".join(str(statement).split("WHERE")[1].split())


def test_whoever_keeps_out_of_nothing_has_the_query_of_before(county: County) -> None:
    assert where_of(queries.desk(county.township)) == BEFORE
    asked: list[str] = []
    listener = ("before_cursor_execute", lambda *given: asked.append(given[2]))
    event.listen(db.engine, *listener)
    queries.desk(county.township)
    event.remove(db.engine, *listener)
    assert len(asked) == 1, "one look at two small indexes"
    beside(county.township, Role.COMPLAINT_HANDLER)
    interest = register(county.township, county.township, region_code=VILLAGE)
    kept = where_of(queries.desk(county.township))
    assert kept != BEFORE and "NOT (complaints.region_code >= :region_code_" in kept
    assert where_of(queries.desk(county.township_approver)) == BEFORE
    operations.end_interest(county.township_approver, interest, "搬走了", at=AT)
    assert where_of(queries.desk(county.township)) == BEFORE


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_keeps_out_of_something_still_has_the_index_of_the_queue(app: Flask, county: County) -> None:
    beside(county.township, Role.COMPLAINT_HANDLER)
    complaint, _code = submit()
    register(county.township, county.township, region_code=VILLAGE)
    register(county.township, county.township, organisation_id=county.village_office_id)
    other, _code = submit(region_code=TOWNSHIP)
    operations.recuse(county.township, other, None, "理由", at=AT)
    assert not queries.is_visible(county.township, complaint) and not queries.is_visible(county.township, other)
    desk = queries.desk(county.township).order_by(Complaint.queue_on, Complaint.number)
    compiled = str(desk.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = [row[3] for row in db.session.execute(text("EXPLAIN QUERY PLAN " + compiled))]
    assert any("ix_complaints_owner_queue (owner_id=? AND sealed=?" in step for step in plan), plan
    assert any("uq_complaint_recusals_holding (official_id=?" in step for step in plan), plan
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan), plan
