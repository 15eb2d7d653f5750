"""Killed in the middle, and several at once: all or nothing, and never more than there is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations
from disbursement.balances import balance_for
from disbursement.bank_files.profiles import WORKBOOK
from disbursement.models import Attempt, Batch, OfferFile, Payment, ResultFile, Roll
from disbursement.operations import ResultSummary
from registry.models import Beneficiary, Card
from sms.models import Message
from tests import factories
from tests.core.together import meanwhile, together
from tests.disbursement import import_process
from tests.disbursement.bank_answers import answer_in
from tests.disbursement.county import (
    AT,
    FAILED,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
    states,
)
from tests.disbursement.cycle import DAY, correct_all
from tests.disbursement.import_process import PEOPLE, export_offer, import_result, import_roll, import_workbook
from tests.processes import kill_in_the_middle


@pytest.fixture
def county(app: Flask) -> County:
    built = build_county()
    db.session.commit()
    return built


@pytest.fixture
def killed(database_url: str, tmp_path: Path) -> Callable[[str], None]:
    """A function that runs an import in another process and kills it where nearly everything is written."""
    return lambda task: kill_in_the_middle(import_process.main, task, database_url, tmp_path)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.kill
def test_a_roll_import_killed_in_the_middle_leaves_nothing(county: County, killed: Callable[[str], None]) -> None:
    killed("roll")
    assert [count(model) for model in (Payment, Roll, Batch, Beneficiary, Card, AuditEntry)] == [0] * 6
    db.session.rollback()
    import_roll()
    assert [count(model) for model in (Payment, Roll, Batch, Beneficiary)] == [PEOPLE, 1, 1, PEOPLE]


@pytest.mark.kill
def test_a_result_import_killed_in_the_middle_leaves_nothing(
    county: County, killed: Callable[[str], None], tmp_path: Path
) -> None:
    offer = county.sent([entry(serial) for serial in range(20)])
    (tmp_path / "result.txt").write_bytes(result_file([result_line(attempt) for attempt in attempts_of(offer)]))
    db.session.commit()
    killed("result")
    assert states() == {"sent": 20}
    assert [count(model) for model in (ResultFile, Message)] == [0, 0]
    assert set(db.session.scalars(select(Attempt.outcome))) == {"open"}
    db.session.rollback()
    import_result(tmp_path)
    assert states() == {"paid": 20}
    assert count(Message) == 20


@pytest.mark.kill
def test_an_offer_killed_in_the_middle_leaves_nothing(county: County, killed: Callable[[str], None]) -> None:
    batch = county.approved([entry(serial) for serial in range(20)])
    operations.confirm_batch(county.finance, batch, at=AT)
    db.session.commit()
    killed("offer")
    db.session.expire_all()
    assert (states(), batch.state) == ({"approved": 20}, "finance_confirmed")
    assert [count(model) for model in (OfferFile, Attempt)] == [0, 0]
    db.session.rollback()
    offer = export_offer()
    assert (count(OfferFile), count(Attempt), states()) == (1, 20, {"sent": 20})
    assert export_offer().id == offer.id
    assert count(Attempt) == 20


@pytest.mark.kill
def test_a_workbook_of_results_killed_in_the_middle_leaves_nothing(
    county: County, killed: Callable[[str], None], tmp_path: Path
) -> None:
    offer = county.sent([entry(serial) for serial in range(20)])
    content = answer_in(WORKBOOK, [result_line(attempt) for attempt in attempts_of(offer)])
    (tmp_path / "result.xlsx").write_bytes(content)
    db.session.commit()
    killed("workbook")
    assert states() == {"sent": 20}
    assert [count(model) for model in (ResultFile, Message)] == [0, 0]
    db.session.rollback()
    import_workbook(tmp_path)
    assert (states(), count(Message)) == ({"paid": 20}, 20)


# --- At once -------------------------------------------------------------------------------------


def test_two_confirmations_at_once_do_not_overdraw(app: Flask, county: County) -> None:
    ids = [county.approved([entry(1, fen=60_000_00)], period).id for period in ("202003", "202006")]
    programme_id = county.programme.id
    db.session.commit()

    def confirm(batch_id: int) -> int:
        return operations.confirm_batch(county.finance, db.session.get_one(Batch, batch_id), at=AT)

    results = together(app, lambda: confirm(ids[0]), lambda: confirm(ids[1]))
    assert sorted(map(str, results), key=len)[0] == "6000000"
    assert sum(isinstance(result, UserError) for result in results) == 1
    db.session.expire_all()
    assert balance_for(programme_id, 2020).available == 40_000_00


def test_two_exports_at_once_send_nobody_twice(app: Flask, county: County) -> None:
    batch = county.approved([entry(serial) for serial in range(10)])
    operations.confirm_batch(county.finance, batch, at=AT)
    batch_id = batch.id
    db.session.commit()

    def export() -> int:
        return operations.export_offer(county.finance, db.session.get_one(Batch, batch_id), at=AT).id

    first, second = together(app, export, export)
    assert first == second
    assert (count(OfferFile), count(Attempt), states()) == (1, 10, {"sent": 10})


def test_a_download_and_a_cancellation_at_once_are_one_of_them(app: Flask, county: County) -> None:
    offer_id = county.sent([entry(serial) for serial in range(10)]).id
    db.session.commit()

    def cancel() -> str:
        operations.cancel_offer(county.finance, db.session.get_one(OfferFile, offer_id), "选错了", at=AT)
        return "cancelled"

    def download() -> str:
        operations.read_offer(county.finance, db.session.get_one(OfferFile, offer_id), at=AT)
        return "downloaded"

    results = together(app, cancel, download)
    assert sum(isinstance(result, Conflict) for result in results) == 1
    db.session.expire_all()
    assert states() == ({"approved": 10} if "cancelled" in results else {"sent": 10})


def test_one_result_twice_at_once_is_recorded_once(app: Flask, county: County) -> None:
    offer = county.sent([entry(serial) for serial in range(10)])
    content = result_file([result_line(attempt) for attempt in attempts_of(offer)])
    db.session.commit()

    def answer() -> ResultSummary:
        return operations.import_result(county.bank, "sample", content, at=RESULT_AT)

    summaries = together(app, answer, answer)
    assert sorted(summary.recorded for summary in summaries) == [0, 10]
    assert (count(ResultFile), count(Message), states()) == (1, 10, {"paid": 10})


@pytest.mark.parametrize("again", [False, True])
def test_an_answer_that_crosses_with_a_cancellation_is_not_taken_for_recorded(
    app: Flask, county: County, again: bool
) -> None:
    """It would be lost: its bytes are known, and the payment goes out again under the reference that it has told of."""
    offer = county.sent([entry(1)])
    if again:
        (attempt,) = attempts_of(offer)
        county.answer(result_file([result_line(attempt, FAILED)]))
        (payment_id,) = correct_all(county)
        operations.resubmit(county.department, [payment_id], at=RESULT_AT + 2 * DAY)
        offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    offer_id = offer.id
    content = result_file([result_line(attempt) for attempt in attempts_of(offer)], day="20200720")
    db.session.commit()

    def cancel() -> int:
        take_back = operations.withdraw_reissue if again else operations.cancel_offer
        return take_back(county.finance, db.session.get_one(OfferFile, offer_id), "选错了", at=RESULT_AT + 3 * DAY)

    def answer() -> ResultSummary:
        return operations.import_result(county.bank, "sample", content, at=RESULT_AT + 4 * DAY)

    cancelled, told = meanwhile(app, cancel, answer)
    assert cancelled == 1
    assert isinstance(told, UserError), told
    assert (count(ResultFile), states()) == (int(again), {"resubmitted" if again else "approved": 1})


def test_two_townships_bring_the_same_person_at_once(app: Flask, county: County) -> None:
    second = "513426103000"
    clerk = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=second)
    programme_id = county.programme.id
    db.session.commit()

    def bring(principal: Any, code: str) -> int:
        programme = db.session.get_one(factories.Programme, programme_id)
        township = db.session.get_one(factories.Region, code)
        return operations.import_roll(principal, programme, "202006", township, [entry(1), entry(2)], at=AT).id

    results = together(app, lambda: bring(county.preparer, "513426100000"), lambda: bring(clerk, second))
    assert len(set(results)) == 2
    assert (count(Batch), count(Roll), count(Beneficiary), count(Payment)) == (1, 2, 2, 4)


def test_two_approvers_at_once_are_one_approval(app: Flask, county: County) -> None:
    roll = county.roll([entry(1)])
    operations.submit_roll(county.preparer, roll, at=AT)
    roll_id = roll.id
    db.session.commit()

    def approve() -> None:
        operations.approve_roll_township(county.approver, db.session.get_one(Roll, roll_id), at=AT)

    results = together(app, approve, approve)
    assert [type(result) for result in results if result is not None] == [Conflict]
    assert db.session.scalar(select(Roll.state)) == "township_approved"
