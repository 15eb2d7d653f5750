"""What failed is corrected (B6), and what the same person is still owed goes the same way; what is undone."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.evidence import BroughtEvidence
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations, queries
from disbursement.models import Correction, Failure, Payment
from disbursement.operations import CorrectionRequest
from disbursement.rules import Change
from registry.changes import TOWNSHIP as TOWNSHIP_ENTERED
from registry.models import Beneficiary
from registry.operations import change_card
from tests import factories
from tests.disbursement.county import (
    FAILED,
    OTHER_TOWNSHIP,
    RESULT_AT,
    UNCLEAR,
    County,
    attempts_of,
    build_county,
    card_number,
    entry,
    result_file,
    result_line,
    states,
    tail,
)
from tests.disbursement.cycle import DAY, NOTE, answered, correct_all, payments, pushed, request_for


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


# --- Corrections ------------------------------------------------------------------------------------


def test_a_misspelt_name_is_mended_in_the_registry_too(county: County) -> None:
    answered(county, ("9999", "账号户名不符"))
    payment = payments()[0]
    operations.correct_payments(
        county.preparer, [CorrectionRequest(payment.id, Change(payee="张壹"), NOTE)], at=RESULT_AT
    )
    db.session.expire_all()
    person = db.session.get_one(Beneficiary, payment.beneficiary_id)
    assert (payment.payee_name, payment.name, person.name, person.name_key) == ("张壹", "张壹", "张壹", "张壹")
    assert payment.card is not None
    assert payment.card.holder_name == "张壹"


def test_a_new_payee_needs_a_document_which_is_kept_encrypted_and_handed_out_on_record(county: County) -> None:
    answered(county, FAILED)
    payment = payments()[0]
    wanted = [request_for(payment, payee="李监护", other_person=True)]
    with pytest.raises(UserError, match="依据材料"):
        operations.correct_payments(county.preparer, wanted, at=RESULT_AT)
    document = BroughtEvidence("委托书.pdf", b"%PDF-1.4 letter")
    operations.correct_payments(county.preparer, wanted, at=RESULT_AT, evidence=document)
    db.session.expire_all()
    done = db.session.scalars(select(Correction)).one()
    assert (done.kind, payment.payee_name, payment.name) == ("payee", "李监护", done.before_name)
    evidence = queries.get_evidence(county.department, done.evidence_id or 0)
    assert operations.read_evidence_file(county.department, evidence, at=RESULT_AT) == document.content
    assert "failure.read_evidence" in set(db.session.scalars(select(AuditEntry.action)))
    neighbour = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=OTHER_TOWNSHIP)
    with pytest.raises(NotVisible):
        queries.get_evidence(neighbour, evidence.id)


def test_another_persons_name_on_an_own_account_is_no_spelling(county: County) -> None:
    answered(county, FAILED)
    wanted = [CorrectionRequest(payments()[0].id, Change(payee="王小明"), NOTE)]
    with pytest.raises(UserError, match="依据材料"):
        operations.correct_payments(county.preparer, wanted, at=RESULT_AT)


def test_what_was_put_right_at_the_bank_goes_on_with_the_same_card(county: County) -> None:
    answered(county, ("9999", "金融账户未激活"))
    payment = payments()[0]
    card = payment.card_id
    wanted = CorrectionRequest(payment.id, Change(done_at_bank=True), "8 日已在网点激活")
    operations.correct_payments(county.preparer, [wanted], at=RESULT_AT)
    db.session.expire_all()
    assert (payment.state, payment.card_id) == ("corrected", card)


def test_an_undone_correction_leaves_everything_as_it_was(county: County) -> None:
    answered(county, FAILED)
    payment = payments()[0]
    person = db.session.get_one(Beneficiary, payment.beneficiary_id)
    before = (payment.card_id, payment.payee_name, payment.name, payment.due_on, person.card_id, person.name)
    wanted = request_for(payment, payee=payment.name[0] + "改")
    operations.correct_payments(county.preparer, [wanted], at=RESULT_AT)
    db.session.expire_all()
    done = db.session.scalars(select(Correction)).one()
    operations.undo_correction(county.preparer, done, "卡号抄错了", at=RESULT_AT)
    db.session.expire_all()
    assert payment.state == "failed"
    after = (payment.card_id, payment.payee_name, payment.name, payment.due_on, person.card_id, person.name)
    assert after == before
    assert db.session.scalars(select(Failure.corrected_on)).one() is None
    # And it can be corrected anew.
    operations.correct_payments(county.preparer, [request_for(payment)], at=RESULT_AT)


def test_of_two_corrections_of_one_payment_the_last_one_is_undone(county: County) -> None:
    """The first led to a file of its own: undone, it would bring back an account that failed before it."""
    answered(county, FAILED)
    pushed(county)
    (attempt,) = attempts_of(operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY))
    county.answer(result_file([result_line(attempt, FAILED)], day="20200720"), at=RESULT_AT + 4 * DAY)
    db.session.expire_all()
    [payment] = payments("failed")
    operations.correct_payments(county.preparer, [request_for(payment, card_number(950))], at=RESULT_AT + 5 * DAY)
    db.session.expire_all()
    first, last = db.session.scalars(select(Correction).order_by(Correction.id))
    with pytest.raises(Conflict, match="最近一次改正"):
        operations.undo_correction(county.preparer, first, "抄错了", at=RESULT_AT + 6 * DAY)
    assert (payment.state, payment.card.tail if payment.card else "") == ("corrected", tail(950))
    operations.undo_correction(county.preparer, last, "抄错了", at=RESULT_AT + 6 * DAY)
    db.session.expire_all()
    assert (payment.state, payment.card.tail if payment.card else "") == ("failed", attempt.card_tail)


def test_undoing_does_not_take_away_a_card_that_the_person_got_since(county: County) -> None:
    answered(county, FAILED)
    payment = payments()[0]
    operations.correct_payments(county.preparer, [request_for(payment)], at=RESULT_AT)
    done = db.session.scalars(select(Correction)).one()
    county.roll([entry(0, card_number=card_number(777))], "202009")
    db.session.expire_all()
    newest = db.session.get_one(Beneficiary, payment.beneficiary_id).card_id
    operations.undo_correction(county.preparer, done, "卡号抄错了", at=RESULT_AT)
    db.session.expire_all()
    assert db.session.get_one(Beneficiary, payment.beneficiary_id).card_id == newest


# --- What the same person is still owed ------------------------------------------------------------


def also_owed(county: County, period: str = "202009") -> Payment:
    """A further payment to the first person, approved and confirmed, that no file has taken yet."""
    batch = county.approved([entry(0)], period)
    operations.confirm_batch(county.finance, batch, at=RESULT_AT)
    db.session.expire_all()
    return db.session.scalars(select(Payment).where(Payment.batch_id == batch.id)).one()


def account_of(payment: Payment) -> tuple[str, str, str]:
    assert payment.card is not None
    return payment.card.tail, payment.payee_name, payment.name


def test_a_correction_reaches_what_is_approved_and_not_sent_yet(county: County) -> None:
    answered(county, FAILED, FAILED)
    county.sent([entry(0)], "202003")
    failed, other = payments("failed")
    [with_the_bank] = payments("sent")
    waiting = also_owed(county)
    before = account_of(waiting)
    renamed = failed.name[0] + "改"
    county_card = card_number(900)
    operations.correct_payments(county.preparer, [request_for(failed, county_card, payee=renamed)], at=RESULT_AT)
    db.session.expire_all()
    assert account_of(waiting) == (tail(900), renamed, renamed)
    assert account_of(with_the_bank) == before
    assert account_of(other)[0] == tail(1)
    # The next file has the right card, and the log says that it was changed.
    seen = operations.redirects_of(queries.redirected(waiting.batch))
    offer = operations.export_offer(county.finance, waiting.batch, at=RESULT_AT, redirects_seen=seen)
    assert [(one.card_tail, one.payee_name) for one in attempts_of(offer)] == [(tail(900), renamed)]
    entry_ = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "failure.correct")).one()
    assert (entry_.details["payments"], entry_.details["not_sent_yet"]) == (1, 1)


def test_an_undone_correction_takes_along_what_has_not_been_sent(county: County) -> None:
    answered(county, FAILED)
    [failed] = payments("failed")
    first, second = also_owed(county, "202009"), also_owed(county, "202012")
    before = account_of(first)
    operations.correct_payments(county.preparer, [request_for(failed)], at=RESULT_AT)
    db.session.expire_all()
    seen = operations.redirects_of(queries.redirected(first.batch))
    operations.export_offer(county.finance, first.batch, at=RESULT_AT, redirects_seen=seen)
    done = db.session.scalars(select(Correction)).one()
    assert queries.corrected_along([done]) == {done.id: 2}
    assert list(queries.corrections_reaching(second)) == [done]
    operations.undo_correction(county.preparer, done, "卡号抄错了", at=RESULT_AT)
    db.session.expire_all()
    assert account_of(second) == before
    assert account_of(first)[0] == tail(900)


def test_what_one_official_redirected_is_looked_at_by_finance_before_it_goes_out(county: County) -> None:
    """Else a township's official could send other people's approved money wherever he likes, seen by nobody."""
    answered(county, FAILED)
    [failed] = payments("failed")
    waiting = also_owed(county)
    assert queries.redirected(waiting.batch) == []
    operations.correct_payments(county.preparer, [request_for(failed)], at=RESULT_AT)
    db.session.expire_all()
    [found] = queries.redirected(waiting.batch)
    assert (found.payment_id, found.before_tail, found.tail) == (waiting.id, tail(0), tail(900))
    assert found.actor_name == county.preparer.recorded_name
    with pytest.raises(Conflict, match="逐笔核对"):
        operations.export_offer(county.finance, waiting.batch, at=RESULT_AT)
    shown = operations.redirects_of([found])
    with pytest.raises(Conflict, match="县财政局"):
        operations.export_offer(county.bank, waiting.batch, at=RESULT_AT, redirects_seen=shown)
    # What is redirected after the page was shown was not looked at.
    [correction] = db.session.scalars(select(Correction))
    operations.undo_correction(county.preparer, correction, "卡号抄错了", at=RESULT_AT)
    operations.correct_payments(county.preparer, [request_for(failed, card_number(901))], at=RESULT_AT)
    db.session.expire_all()
    with pytest.raises(Conflict, match="逐笔核对"):
        operations.export_offer(county.finance, waiting.batch, at=RESULT_AT, redirects_seen=shown)
    seen = operations.redirects_of(queries.redirected(waiting.batch))
    operations.export_offer(county.finance, waiting.batch, at=RESULT_AT, redirects_seen=seen)
    exported = select(AuditEntry).where(AuditEntry.action == "offer.export").order_by(AuditEntry.id.desc())
    assert db.session.scalars(exported.limit(1)).one().details["redirected"] == 1


def test_somebody_elses_card_entered_after_the_approval_is_looked_at_too(county: County) -> None:
    batch = county.approved([entry(0, card_number=""), entry(1, card_number="")])
    operations.confirm_batch(county.finance, batch, at=RESULT_AT)
    own, others = payments("approved")
    for payment, holder in ((own, ""), (others, "马海英")):
        change_card(
            county.preparer,
            payment.beneficiary_id,
            card_number(910 + payment.id),
            holder,
            source=TOWNSHIP_ENTERED,
            reason="村委会代为登记",
            at=RESULT_AT,
        )
    db.session.expire_all()
    [found] = queries.redirected(batch)
    assert (found.payment_id, found.before_tail, found.payee) == (others.id, "", "马海英")
    with pytest.raises(Conflict, match="逐笔核对"):
        operations.export_offer(county.finance, batch, at=RESULT_AT)
    seen = operations.redirects_of([found])
    assert operations.export_offer(county.finance, batch, at=RESULT_AT, redirects_seen=seen).line_count == 2


def test_a_draft_of_a_later_roll_does_not_send_approved_money_to_somebody_else_unseen(county: County) -> None:
    """Nobody has approved the draft, and with it one official would have redirected what others approved."""
    batch = county.approved([entry(1), entry(2, card_number="")])
    operations.confirm_batch(county.finance, batch, at=RESULT_AT)
    county.roll([entry(1), entry(2, card_number=card_number(77), payee_name="马海英")], "202009")
    [found] = queries.redirected(batch)
    assert (found.payee, found.tail, found.actor_name) == ("马海英", tail(77), "")
    with pytest.raises(Conflict, match="逐笔核对"):
        operations.export_offer(county.finance, batch, at=RESULT_AT)


def test_nor_does_a_correction_of_another_payment(county: County) -> None:
    batch = county.approved([entry(2, card_number="")])
    operations.confirm_batch(county.finance, batch, at=RESULT_AT)
    offer = county.sent([entry(2)], "202003")
    county.answer(result_file([result_line(attempts_of(offer)[0], FAILED)]))
    [failed] = payments("failed")
    other = CorrectionRequest(failed.id, Change(card_number(77), "马海英", other_person=True), NOTE)
    operations.correct_payments(
        county.preparer, [other], at=RESULT_AT, evidence=BroughtEvidence("委托书.pdf", b"%PDF-1.4\n")
    )
    [found] = queries.redirected(batch)
    assert (found.payee, found.tail, found.actor_name) == ("马海英", tail(77), county.preparer.recorded_name)
    with pytest.raises(Conflict, match="逐笔核对"):
        operations.export_offer(county.finance, batch, at=RESULT_AT)


def test_what_was_put_right_at_the_bank_changes_nothing_else(county: County) -> None:
    answered(county, FAILED)
    [failed] = payments("failed")
    waiting = also_owed(county)
    before = account_of(waiting)
    at_bank = CorrectionRequest(failed.id, Change(done_at_bank=True), "网点已激活")
    operations.correct_payments(county.preparer, [at_bank], at=RESULT_AT)
    db.session.expire_all()
    assert account_of(waiting) == before
    assert queries.corrections_reaching(waiting) == []


def test_of_two_corrections_of_one_person_the_later_counts_everywhere(county: County) -> None:
    answered(county, FAILED, period="202003")
    answered(county, FAILED, period="202006")
    first, second = payments("failed")
    waiting = also_owed(county)
    wanted = [request_for(first, card_number(900)), request_for(second, card_number(901))]
    operations.correct_payments(county.preparer, wanted, at=RESULT_AT)
    db.session.expire_all()
    person = db.session.get_one(Beneficiary, waiting.beneficiary_id)
    assert (account_of(waiting)[0], waiting.card_id) == (tail(901), person.card_id)


def test_what_is_pushed_can_be_held_back_but_not_undone(county: County) -> None:
    answered(county, FAILED)
    ids = pushed(county)
    done = db.session.scalars(select(Correction)).one()
    with pytest.raises(Conflict):
        operations.undo_correction(county.preparer, done, "抄错", at=RESULT_AT + 2 * DAY)
    operations.withdraw_resubmission(county.department, ids, "乡镇来电，卡号又变了", at=RESULT_AT + 2 * DAY)
    db.session.expire_all()
    payment = payments()[0]
    assert (payment.state, payment.due_on) == ("corrected", date(2020, 7, 25))
    operations.undo_correction(county.preparer, done, "抄错", at=RESULT_AT + 2 * DAY)


@pytest.mark.parametrize("reason", ["", "他的号是5134 2619 6304 1300 03", "513426196304130003 抄错了"])
def test_what_is_held_back_has_a_reason_that_the_audit_log_can_keep(county: County, reason: str) -> None:
    """The log is never forgotten: no number of anybody's gets into it, nor stops the work with a fault."""
    answered(county, FAILED)
    ids = pushed(county)
    with pytest.raises(UserError, match="理由"):
        operations.withdraw_resubmission(county.department, ids, reason, at=RESULT_AT + 3 * DAY)
    offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    with pytest.raises(UserError, match="理由"):
        operations.withdraw_reissue(county.finance, offer, reason, at=RESULT_AT + 3 * DAY)
    assert states() == {"sent": 1}


def test_nobody_does_anothers_step(county: County) -> None:
    answered(county, FAILED)
    payment = payments()[0]
    neighbour = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=OTHER_TOWNSHIP)
    with pytest.raises(NotVisible):
        operations.correct_payments(neighbour, [request_for(payment)], at=RESULT_AT)
    for principal in (county.department, county.finance, county.bank):
        with pytest.raises(PermissionDenied):
            operations.correct_payments(principal, [request_for(payment)], at=RESULT_AT)
    ids = correct_all(county)
    other = factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县农业农村局")
    with pytest.raises(Conflict):
        operations.resubmit(other, ids, at=RESULT_AT)
    for principal in (county.preparer, county.finance, county.bank):
        with pytest.raises(PermissionDenied):
            operations.resubmit(principal, ids, at=RESULT_AT)
    for principal in (county.preparer, county.department, county.bank):
        with pytest.raises(PermissionDenied):
            operations.make_reissue(principal, at=RESULT_AT)


def test_a_correction_of_many_is_all_or_nothing(county: County) -> None:
    answered(county, FAILED, FAILED)
    first, second = payments()
    wrong = CorrectionRequest(second.id, Change(card="62170A12"), NOTE)
    with pytest.raises(UserError, match="卡号"):
        operations.correct_payments(county.preparer, [request_for(first), wrong], at=RESULT_AT)
    assert states() == {"failed": 2}


def test_unclear_is_never_corrected_and_never_resent(county: County) -> None:
    answered(county, UNCLEAR)
    payment = payments()[0]
    with pytest.raises(Conflict):
        operations.correct_payments(county.preparer, [request_for(payment)], at=RESULT_AT)
    with pytest.raises(Conflict):
        operations.resubmit(county.department, [payment.id], at=RESULT_AT)
    with pytest.raises(UserError, match="没有等待重发"):
        operations.make_reissue(county.finance, at=RESULT_AT)
    waiting = db.session.execute(queries.unclear_attempts(county.bank)).all()
    assert [row.reference for row in waiting] == [f"{payment.id}-1"]
    assert queries.unclear_before(county.bank, RESULT_AT + 4 * DAY) == 1
    assert queries.unclear_before(county.bank, RESULT_AT) == 0
