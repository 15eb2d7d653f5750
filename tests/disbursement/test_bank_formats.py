"""Formats, offers and answers in the book: four eyes, names that the bank cannot write, files that are taken back, and
every way in which an answer may be wrong."""

from collections import Counter
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations, queries
from disbursement.bank_files.profiles import BUILT_IN, SAMPLE
from disbursement.models import (
    Attempt,
    BankProfile,
    BankSpelling,
    Batch,
    Discrepancy,
    OfferFile,
    Payment,
    ResultFile,
)
from disbursement.operations import ResultSummary
from tests import factories
from tests.core.together import together
from tests.disbursement.bank_answers import answer_in
from tests.disbursement.county import (
    AT,
    FAILED,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    entry,
    first_payment,
    result_file,
    result_line,
    states,
)

PROFILES = pytest.mark.parametrize("name", list(BUILT_IN))


@pytest.fixture
def county(app: Flask) -> County:
    built = build_county()
    db.session.commit()
    return built


# --- Answers of every kind -----------------------------------------------------------------------


@PROFILES
def test_every_fault_of_an_answer_has_its_name(county: County, name: str) -> None:
    profile = BUILT_IN[name]
    other = attempts_of(county.sent([entry(50)], "202003"))[0]
    offer = county.sent([entry(serial) for serial in range(8)])
    sent = attempts_of(offer)
    lines = [result_line(attempt) for attempt in sent]
    cent_more = (*lines[1][:3], 27001, *lines[1][4:])
    cent_less = (*lines[2][:3], 26999, *lines[2][4:])
    unknown = ("999999-1", *lines[3][1:])
    said_paid, said_failed = lines[4], result_line(sent[4], FAILED)

    def take(content: bytes, batch: Batch | None = None) -> ResultSummary:
        return operations.import_result(county.bank, name, content, at=RESULT_AT, batch=batch)

    content = answer_in(
        profile,
        [lines[0], cent_more, cent_less, unknown, said_paid, said_failed, lines[5], lines[5], result_line(other)],
    )
    with pytest.raises(UserError, match="对不上"):
        take(answer_in(profile, lines, fen=1))
    first = take(content, offer.batch)
    assert Counter(found.kind.value for found in first.set_aside) == {
        "amount_differs": 2,
        "unknown_reference": 1,
        "ambiguous": 2,
        "repeated_line": 1,
        "other_batch": 1,
    }
    # Partial: what it did not say still waits, the other batch too.
    assert states() == {"paid": 2, "sent": 7}
    assert take(content, offer.batch).already_imported
    late = take(answer_in(profile, [result_line(sent[0], FAILED), *lines[6:]]), offer.batch)
    assert [found.kind.value for found in late.set_aside] == ["contradicts_final"]
    assert states() == {"paid": 4, "sent": 5}
    stored = db.session.scalars(select(ResultFile).order_by(ResultFile.id)).first()
    assert stored is not None
    assert {batch.period for batch in queries.batches_answered_by(stored)} == {"202003", "202006"}


# --- Names that the bank cannot write ------------------------------------------------------------


def test_the_offer_says_beforehand_which_names_it_loses(county: County) -> None:
    batch = county.approved([entry(1, name="李䶮"), entry(2), entry(3, card_number="")])
    operations.confirm_batch(county.finance, batch, at=AT)
    preview = queries.offer_preview(batch, SAMPLE)
    assert (preview.line_count, preview.total_fen, preview.without_card) == (2, 54000, 1)
    assert [(name.name, name.written, name.lost) for name in preview.losing] == [("李䶮", "李?", 1)]
    assert db.session.scalar(select(func.count(Attempt.id))) == 0
    assert operations.export_offer(county.finance, batch, at=AT).lost_characters == preview.lost_characters


def test_the_banks_spelling_is_learnt_and_used(county: County) -> None:
    sent = attempts_of(county.sent([entry(1, name="李䶮")], "202003"))[0]
    line = result_line(sent)
    county.answer(result_file([(line[0], "李□", *line[2:])]))
    learnt = db.session.scalars(select(BankSpelling)).one()
    assert (learnt.name, learnt.spelling, learnt.source) == ("李䶮", "李□", "result")
    batch = county.approved([entry(1, name="李䶮")])
    operations.confirm_batch(county.finance, batch, at=AT)
    assert [name.written for name in queries.offer_preview(batch, SAMPLE).respelled] == ["李□"]
    offer = operations.export_offer(county.finance, batch, at=AT)
    assert (offer.respelled, offer.lost_characters) == (1, 0)
    assert "李□".encode("gbk") in operations.read_offer(county.finance, offer, at=AT)
    again = attempts_of(offer)[0]
    assert again.payee_name == "李䶮"
    line = result_line(again)
    county.answer(result_file([(line[0], "李□", *line[2:])]))
    assert states() == {"paid": 2}


def test_a_person_enters_a_spelling_and_takes_it_away(county: County) -> None:
    batch = county.approved([entry(1, name="王𬭎")])
    operations.confirm_batch(county.finance, batch, at=AT)
    payment = first_payment()
    with pytest.raises(PermissionDenied):
        operations.set_spelling(county.preparer, payment, "王宏", at=AT)
    operations.set_spelling(county.finance, payment, "王宏", at=AT)
    sent = attempts_of(operations.export_offer(county.finance, batch, at=AT))[0]
    assert sent.sent_name == "王宏"
    line = result_line(sent)
    county.answer(result_file([(line[0], "王宏", *line[2:])]))
    assert states() == {"paid": 1}
    operations.set_spelling(county.finance, payment, "", at=AT)
    assert db.session.scalar(select(func.count(BankSpelling.id))) == 0


def test_a_loss_of_our_own_is_not_taken_for_the_banks_spelling(county: County) -> None:
    for period, returned, learnt in (("202003", "李?", []), ("202006", "李□", ["李□"])):
        batch = county.approved([entry(1, name="李䶮")], period)
        operations.confirm_batch(county.finance, batch, at=AT)
        assert [name.lost for name in queries.offer_preview(batch, SAMPLE).losing] == [1]
        line = result_line(attempts_of(operations.export_offer(county.finance, batch, at=AT))[0])
        county.answer(result_file([(line[0], returned, *line[2:])]))
        assert db.session.scalars(select(BankSpelling.spelling)).all() == learnt


def test_a_name_on_a_card_issued_since_can_be_spelled_too(county: County) -> None:
    batch = county.approved([entry(1, name="李䶮")])
    operations.confirm_batch(county.finance, batch, at=AT)
    payment = first_payment()
    payment.card_id = None
    db.session.flush()
    assert [name.payment_id for name in queries.offer_preview(batch, SAMPLE).losing] == [payment.id]
    operations.set_spelling(county.finance, payment, "李岩", at=AT)
    assert attempts_of(operations.export_offer(county.finance, batch, at=AT))[0].sent_name == "李岩"


def test_two_who_write_at_once_leave_one_entry(app: Flask, county: County) -> None:
    county.approved([entry(1, name="李䶮")])
    payment_id = first_payment().id
    db.session.commit()

    def spell() -> str:
        operations.set_spelling(county.finance, db.session.get_one(Payment, payment_id), "李岩", at=AT)
        return "done"

    def propose() -> str:
        operations.propose_profile(county.finance, replace(SAMPLE, name="rcb", title="农商行"), at=AT)
        return "done"

    for act in (spell, propose):
        # Where writers queue, the second finds what the first has done; else he is told.
        results = together(app, act, act)
        assert "done" in results
        assert all(result == "done" or isinstance(result, Conflict) for result in results)
    db.session.expire_all()
    assert db.session.scalars(select(BankSpelling.spelling)).all() == ["李岩"]
    assert db.session.scalar(select(func.count(BankProfile.id)).where(BankProfile.state == "proposed")) == 1


# --- An offer file that has not left the house ---------------------------------------------------


def test_an_offer_nobody_downloaded_is_taken_back(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    batch = offer.batch
    references = [attempt.reference for attempt in attempts_of(offer)]
    with pytest.raises(UserError, match="原因"):
        operations.cancel_offer(county.finance, offer, " ", at=AT)
    assert operations.cancel_offer(county.finance, offer, "选错了格式", at=AT) == 2
    assert (states(), batch.state) == ({"approved": 2}, "finance_confirmed")
    assert db.session.scalar(select(func.count(Attempt.id))) == 0
    with pytest.raises(Conflict):
        operations.cancel_offer(county.finance, offer, "再来一次", at=AT)
    with pytest.raises(Conflict, match="作废"):
        operations.read_offer(county.finance, offer, at=AT)
    again = operations.export_offer(county.finance, batch, at=AT, profile=BUILT_IN["fixed"])
    assert (again.id != offer.id, again.profile) == (True, "fixed")
    assert [attempt.reference for attempt in attempts_of(again)] == references


def test_a_downloaded_offer_has_left_the_house(county: County) -> None:
    offer = county.sent([entry(1)])
    operations.read_offer(county.finance, offer, at=AT)
    with pytest.raises(Conflict, match="下载过"):
        operations.cancel_offer(county.finance, offer, "选错了格式", at=AT)
    assert states() == {"sent": 1}


def test_a_reissue_that_is_taken_back_waits_again_with_its_due_day(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    sent = attempts_of(offer)
    county.answer(result_file([result_line(sent[0]), result_line(sent[1], FAILED)]))
    failed = db.session.get_one(type(first_payment()), sent[1].payment_id)
    due = failed.due_on
    failed.state = "resubmitted"
    db.session.flush()
    further = operations.export_offer(county.finance, offer.batch, at=RESULT_AT, again=True)
    assert (states(), failed.due_on) == ({"paid": 1, "sent": 1}, None)
    operations.cancel_offer(county.finance, further, "漏了一户", at=RESULT_AT)
    db.session.expire_all()
    assert (states(), failed.due_on, offer.batch.state) == ({"paid": 1, "resubmitted": 1}, due, "results_in")
    assert due is not None
    assert db.session.scalar(select(OfferFile.cancel_reason).where(OfferFile.id == further.id)) == "漏了一户"


# --- Formats: four eyes, and versions ------------------------------------------------------------


def test_a_format_is_used_only_when_a_second_person_has_approved_it(county: County) -> None:
    author, colleague = county.finance, factories.principal(Kind.FINANCE, Role.APPROVER)
    comma = replace(SAMPLE, name="rcb", title="农商行", result=replace(SAMPLE.result, delimiter=","))
    row = operations.propose_profile(author, comma, at=AT)
    with pytest.raises(UserError, match="没有名为"):
        queries.profile_named("rcb")
    with pytest.raises(PermissionDenied):
        operations.approve_profile(author, row, at=AT)
    operations.approve_profile(colleague, row, at=AT)
    assert queries.profile_named("rcb") == replace(comma, version=1)
    with pytest.raises(Conflict):
        operations.approve_profile(colleague, row, at=AT)


def test_a_change_is_a_new_version_and_old_files_are_still_read(county: County) -> None:
    author, colleague = county.finance, factories.principal(Kind.FINANCE, Role.APPROVER)
    mine = replace(SAMPLE, name="rcb", title="农商行")
    first = operations.propose_profile(author, mine, at=AT)
    operations.approve_profile(colleague, first, at=AT)
    dropped = operations.propose_profile(author, replace(mine, title="写错了"), at=AT)
    second = operations.propose_profile(author, replace(mine, failed_codes=frozenset({"8888"})), at=AT)
    assert (first.state, dropped.state, second.version) == ("approved", "withdrawn", 3)
    operations.approve_profile(colleague, second, at=AT)
    assert (first.state, second.state) == ("superseded", "approved")
    assert queries.profile_named("rcb").failed_codes == {"8888"}
    old = queries.profile_of_version("rcb", 1)
    assert old is not None
    assert old.failed_codes == {"9999"}


def test_a_format_with_faults_is_not_taken_in(county: County) -> None:
    with pytest.raises(UserError, match="2 处不对"):
        operations.propose_profile(county.finance, replace(SAMPLE, name="R C B", paid_codes=frozenset()), at=AT)


@PROFILES
def test_a_format_of_the_house_is_replaced_by_nobody(county: County, name: str) -> None:
    with pytest.raises(UserError, match=f"“{name}”是系统自带的格式"):
        operations.propose_profile(county.finance, replace(BUILT_IN[name], title="农商行"), at=AT)
    assert queries.profile_named(name) == BUILT_IN[name]


# --- Discrepancies -------------------------------------------------------------------------------


def test_discrepancies_are_settled_together_and_taken_up_again(county: County) -> None:
    sent = attempts_of(county.sent([entry(1), entry(2), entry(3)]))
    wrong = [(*result_line(attempt)[:3], 1, "0000", "") for attempt in sent[:2]]
    county.answer(result_file([*wrong, result_line(sent[2])]))
    ids = list(db.session.scalars(select(Discrepancy.id)))
    with pytest.raises(UserError, match="写明"):
        operations.settle_discrepancies(county.finance, ids, "", at=AT)
    operations.settle_discrepancies(county.finance, ids[:1], "银行更正", at=AT)
    assert operations.settle_discrepancies(county.finance, ids, "银行补发", at=AT).done == 1
    assert set(db.session.scalars(select(Discrepancy.settlement))) == {"银行更正", "银行补发"}
    assert operations.reopen_discrepancies(county.finance, ids[:1], "说错了", at=AT).done == 1
    assert db.session.scalar(select(func.count(Discrepancy.id)).where(Discrepancy.settled_at.is_(None))) == 1
    with pytest.raises(Conflict):
        operations.reopen_discrepancies(county.finance, ids[:1], "说错了", at=AT)
