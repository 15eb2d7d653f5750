"""Money under random rolls, approvals, files and repetitions: after every step the books must balance."""

from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, or_, select

from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.principal import Principal, system
from disbursement import operations, queries
from disbursement.balances import balance_for
from disbursement.models import (
    Attempt,
    Batch,
    Correction,
    Failure,
    OfferFile,
    OfflineReceipt,
    OfflineReceiptLine,
    Payment,
    Rebooking,
    RebookingLine,
    ReturnLine,
    ReturnOrder,
    Roll,
)
from disbursement.operations import CorrectionRequest, RollEntry
from disbursement.operations.batches import SETTLED_STATES
from disbursement.rules import Change, place_of
from sms.models import Message
from tests import factories
from tests.disbursement.county import (
    AT,
    FAILED,
    OTHER_TOWNSHIP,
    PAID,
    RESULT_AT,
    TOWNSHIP,
    UNCLEAR,
    Line,
    build_county,
    entry,
    file_with,
    result_file,
    result_line,
)

PERIODS = st.sampled_from(["202003", "202006"])
ANSWERS = st.sampled_from([PAID, PAID, FAILED, UNCLEAR, ("E99", "系统忙")])


class MoneyMachine(RuleBasedStateMachine):
    """A county with one programme, two townships, two quarters, and a bank that errs."""

    app: ClassVar[Flask]

    def __init__(self) -> None:
        super().__init__()
        self.county = build_county(allocated=4000)
        self.clerk = factories.principal_for(
            factories.official(factories.OrganisationKind.TOWNSHIP, factories.Role.PREPARER, region_code=OTHER_TOWNSHIP)
        )
        self.chief = factories.principal(factories.OrganisationKind.FINANCE, factories.Role.APPROVER)
        self.files: list[tuple[list[Line], Batch]] = []
        self.contents: list[bytes] = []
        self.paid: set[int] = set()
        self.credited: set[int] = set()
        self.minute = 0

    def teardown(self) -> None:
        """Every run begins with an empty database."""
        db.session.rollback()

    def at(self) -> Any:
        """A moment after the last."""
        self.minute += 1
        return RESULT_AT + timedelta(minutes=self.minute)

    def _pick(self, model: Any, index: int) -> Any:
        found = db.session.scalars(select(model).order_by(model.id)).all()
        return found[index % len(found)] if found else None

    # --- What people do ----------------------------------------------------------------------------

    @initialize(people=st.dictionaries(st.integers(1, 6), st.integers(1, 400), min_size=2, max_size=5))
    def a_quarter_that_was_sent(self, people: dict[int, int]) -> None:
        """Chance alone would seldom get so far."""
        self.county.sent([entry(serial, fen=fen) for serial, fen in people.items()], "202003")

    @rule(index=st.integers(0, 1))
    def push_a_batch(self, index: int) -> None:
        """Everybody does his part at once."""
        batch: Batch | None = self._pick(Batch, index)
        if batch is None:
            return
        for roll in batch.rolls:
            for _ in range(4):
                self._step(roll)
        self._try(operations.confirm_batch, self.county.finance, batch)
        seen = operations.redirects_of(queries.redirected(batch))
        self._try(operations.export_offer, self.county.finance, batch, redirects_seen=seen)

    @rule(
        period=PERIODS,
        other=st.booleans(),
        people=st.dictionaries(st.integers(1, 6), st.integers(1, 900), min_size=1, max_size=4),
        cardless=st.sets(st.integers(1, 6), max_size=1),
    )
    def bring_a_roll(self, period: str, other: bool, people: dict[int, int], cardless: set[int]) -> None:
        """A township hands in a list, for the first time or anew."""
        town = OTHER_TOWNSHIP if other else TOWNSHIP
        shift = 10 if other else 0
        entries: list[RollEntry] = []
        for serial, fen in people.items():
            card = {"card_number": ""} if serial in cardless else {}
            entries.append(entry(serial + shift, fen=fen, region_code=town, **card))
        self._try(
            operations.import_roll,
            self.clerk if other else self.county.preparer,
            self.county.programme,
            period,
            db.session.get_one(factories.Region, town),
            entries,
        )

    @rule(index=st.integers(0, 3), steps=st.integers(1, 4), back=st.booleans())
    def walk_a_roll(self, index: int, steps: int, back: bool) -> None:
        """A roll goes some steps on, or back."""
        roll: Roll | None = self._pick(Roll, index)
        if roll is None:
            return
        for _ in range(steps):
            self._step(roll)
        if back:
            self._try(operations.send_back_roll, self.county.department, roll, "请核对")

    def _step(self, roll: Roll) -> None:
        deputy = Principal(**{**vars(system("deputy")), "official_id": 10_000})
        verb = {
            "draft": operations.submit_roll,
            "submitted": operations.approve_roll_township,
            "township_approved": partial(operations.record_publicity, until=AT.date() - timedelta(days=1)),
            "publicised": operations.approve_roll_department,
        }.get(roll.state)
        who = {"draft": system("clerk"), "publicised": self.county.department}.get(roll.state, deputy)
        if verb is not None:
            self._try(verb, who, roll)

    @rule(index=st.integers(0, 1), withdraw=st.integers(0, 4))
    def confirm(self, index: int, withdraw: int) -> None:
        """Finance confirms, and now and then thinks better of it."""
        batch: Batch | None = self._pick(Batch, index)
        if batch is not None:
            self._try(operations.confirm_batch, self.county.finance, batch)
            if not withdraw:
                self._try(operations.withdraw_confirmation, self.county.finance, batch, "有误")

    @rule(index=st.integers(0, 1))
    def send(self, index: int) -> None:
        """The offer file is made, or asked for again."""
        batch: Batch | None = self._pick(Batch, index)
        if batch is not None:
            self._try(operations.export_offer, self.county.bank, batch)

    @rule(index=st.integers(0, 1), answers=st.lists(ANSWERS, min_size=1, max_size=6), numbered=st.booleans())
    def answer(self, index: int, answers: list[tuple[str, str]], numbered: bool) -> None:
        """The bank answers some of the attempts of a batch, open or long settled."""
        batch: Batch | None = self._pick(Batch, index)
        if batch is None:
            return
        tried = db.session.scalars(
            select(Attempt).join(Payment).where(Payment.batch_id == batch.id).order_by(Attempt.id.desc())
        ).all()
        pairs = zip(tried, answers, strict=False)
        lines = [
            result_line(attempt, answer, serial=f"{number:08d}" if numbered else None)
            for number, (attempt, answer) in enumerate(pairs, 1)
        ]
        if lines:
            self.files.append((lines, batch))
            self._deliver(lines, batch)

    @precondition(lambda self: bool(self.files))
    @rule(index=st.integers(0, 20), change=st.sampled_from(["same", "reversed", "amount", "twice"]))
    def answer_again(self, index: int, change: str) -> None:
        """An old file comes again, as it was or damaged."""
        lines, batch = self.files[index % len(self.files)]
        if change == "same":
            before = self._snapshot()
            content = self.contents[index % len(self.contents)]
            self._try(operations.import_result, self.county.bank, "sample", content, batch=batch)
            assert self._snapshot() == before
            return
        first = lines[0]
        changed = {
            "reversed": lines[::-1],
            "amount": [(*first[:3], first[3] + 1, *first[4:]), *lines[1:]],
            "twice": [*lines, first],
        }[change]
        self._deliver(changed, batch)

    def _deliver(self, lines: list[Line], batch: Batch) -> None:
        content = result_file(lines, day=f"202007{15 + self.minute % 15}")
        if self._try(operations.import_result, self.county.bank, "sample", content, batch=batch):
            self.contents.append(content)

    # --- The failure cycle and the returns ----------------------------------------------------------

    @rule(step=st.sampled_from(["correct", "same card", "undo", "resubmit", "hold back"]), index=st.integers(0, 5))
    def go_round(self, step: str, index: int) -> None:
        """The offices of the failure cycle at work, each on whatever it may have on its desk or not."""
        payment: Payment | None = self._pick(Payment, index)
        if payment is None:
            return
        clerk = self.clerk if payment.region_code.startswith(OTHER_TOWNSHIP[:9]) else self.county.preparer
        if step in ("correct", "same card"):
            self.minute += 1
            card = f"62179999{self.minute:011d}" if step == "correct" else ""
            request = CorrectionRequest(payment.id, Change(card, done_at_bank=True), "看过社保卡")
            self._try(operations.correct_payments, clerk, [request])
        elif step == "undo":
            done: Correction | None = self._pick(Correction, index)
            if done is not None:
                self._try(operations.undo_correction, clerk, done, "抄错了")
        elif step == "resubmit":
            self._try(operations.resubmit, self.county.department, list(db.session.scalars(select(Payment.id))))
        else:
            self._try(operations.withdraw_resubmission, self.county.department, [payment.id], "再等等")

    @rule(months=st.integers(0, 1), back=st.integers(0, 2))
    def make_the_months_file(self, months: int, back: int) -> None:
        """Now and then a month passes; the file is made, fetched, or taken back."""
        self.minute += months * 45_000
        self._try(operations.make_reissue, self.county.finance)
        offer = db.session.scalars(
            select(OfferFile).where(OfferFile.cycle_month.is_not(None)).order_by(OfferFile.id.desc())
        ).first()
        if offer is not None and back == 0:
            self._try(operations.withdraw_reissue, self.county.finance, offer, "还有人没推送")
        elif offer is not None and back == 1:
            self._try(operations.read_reissue, self.county.finance, offer)

    @rule(index=st.integers(0, 8))
    def the_bank_sends_money_back(self, index: int) -> None:
        """What was paid comes back."""
        attempt: Attempt | None = self._pick(Attempt, index)
        if attempt is not None:
            day = local_date(RESULT_AT + timedelta(minutes=self.minute))
            self._try(operations.record_bank_return, self.county.finance, [attempt.id], day)

    @rule(index=st.integers(0, 8), decision=st.sampled_from(["approve", "approve", "refuse", "wait"]))
    def the_bank_proves_that_it_never_paid(self, index: int, decision: str) -> None:
        """A try is proposed to be booked as never paid, whatever became of it; somebody else decides."""
        attempt: Attempt | None = self._pick(Attempt, index)
        if attempt is None:
            return
        self._try(operations.propose_denial, self.county.finance, [attempt.id], "银行来函")
        proposed = db.session.scalars(select(Rebooking).where(Rebooking.state == "proposed")).first()
        if proposed is not None and decision == "approve":
            self._try(operations.approve_rebooking, self.chief, proposed)
        elif proposed is not None and decision == "refuse":
            self._try(operations.refuse_proposed_rebooking, self.chief, proposed, "凭据不足")

    @rule(index=st.integers(0, 8), decision=st.sampled_from(["approve", "approve", "refuse", "wait"]))
    def the_bank_proves_that_it_paid(self, index: int, decision: str) -> None:
        """A try is proposed to be booked as paid, whatever became of it; somebody else decides."""
        attempt: Attempt | None = self._pick(Attempt, index)
        if attempt is None:
            return
        day = local_date(attempt.created_at)
        self._try(operations.propose_rebooking, self.county.finance, {attempt.id: day}, "银行来函")
        proposed = db.session.scalars(select(Rebooking).where(Rebooking.state == "proposed")).first()
        if proposed is not None and decision == "approve":
            self._try(operations.approve_rebooking, self.chief, proposed)
        elif proposed is not None and decision == "refuse":
            self._try(operations.refuse_proposed_rebooking, self.chief, proposed, "凭据不足")

    @rule(index=st.integers(0, 1), chosen=st.sets(st.integers(0, 5), min_size=1))
    def propose_to_return(self, index: int, chosen: set[int]) -> None:
        """Somebody gives some payments up, rightly or wrongly."""
        batch: Batch | None = self._pick(Batch, index)
        if batch is None:
            return
        ids = db.session.scalars(select(Payment.id).where(Payment.batch_id == batch.id).order_by(Payment.id)).all()
        open_ones = [number for place, number in enumerate(ids) if place in chosen]
        self._try(operations.propose_return, self.county.department, batch, open_ones, "联系不上")

    @rule(index=st.integers(0, 3), step=st.sampled_from(["approve", "approve", "credit", "carry over", "withdraw"]))
    def decide_a_return(self, index: int, step: str) -> None:
        """Finance approves, credits, carries over, or thinks better of it."""
        order: ReturnOrder | None = self._pick(ReturnOrder, index)
        if order is None:
            return
        if step == "approve":
            self._try(operations.approve_return, self.county.finance, order)
        elif step == "withdraw":
            self._try(operations.withdraw_return, self.county.finance, order, "又联系上了")
        else:
            day = local_date(RESULT_AT + timedelta(minutes=self.minute))
            voucher = {"voucher_number": f"退{order.id}", "voucher_on": day, "to_next_year": step == "carry over"}
            self._try(operations.credit_return, self.county.finance, order, **voucher)

    @rule(index=st.integers(0, 3))
    def take_a_voucher_back(self, index: int) -> None:
        """The voucher was wrong: another official writes the counter-entry."""
        order: ReturnOrder | None = self._pick(ReturnOrder, index)
        if order is None:
            return
        number = order.id
        if self._try(operations.reverse_credit, self.chief, order, "凭证号抄错了"):
            self.credited -= set(db.session.scalars(select(ReturnLine.payment_id).where(ReturnLine.order_id == number)))

    @rule(index=st.integers(0, 1))
    def close(self, index: int) -> None:
        """Finance ends a batch."""
        batch: Batch | None = self._pick(Batch, index)
        if batch is not None:
            self._try(operations.close_batch, self.county.finance, batch)

    def _try(self, verb: Any, *args: Any, **more: Any) -> bool:
        """A refusal is fine, a half-done deed is not."""
        try:
            with db.session.begin_nested():
                verb(*args, at=self.at(), **more)
        except UserError:
            return False
        finally:
            db.session.expire_all()
        return True

    def _snapshot(self) -> list[tuple[Any, ...]]:
        rows = db.session.execute(select(Payment.id, Payment.state, Payment.amount_fen).order_by(Payment.id)).all()
        return [tuple(row) for row in rows]

    # --- What must always hold ---------------------------------------------------------------------

    @invariant()
    def every_fen_is_in_one_place(self) -> None:
        """The terms add up, the plan is never overdrawn, and the sums are those of the rows."""
        found = balance_for(self.county.programme.id, 2020)
        places: dict[str, int] = defaultdict(int)
        for batch_state, state, fen in db.session.execute(
            select(Batch.state, Payment.state, Payment.amount_fen).join(Payment)
        ):
            places[place_of(batch_state, state) or "free"] += fen
        following = balance_for(self.county.programme.id, 2021)
        assert found.allocated + following.allocated == 4000
        assert following.available == following.allocated >= 0
        assert found.available >= 0
        assert found.reserved == places["reserved"]
        assert found.in_transit == places["in_transit"]
        assert found.paid == places["paid"]
        assert found.failed == places["failed"]
        assert found.returned == places["returned"]
        assert found.available == found.allocated - sum(fen for place, fen in places.items() if place != "free")

    @invariant()
    def nobody_is_paid_twice_and_nobody_unpaid(self) -> None:
        """Paid stays paid unless the bank sends the money back; a payment has one attempt that can pay it, and a later
        one only after a failure or such a return, even where the bank proves later that the earlier one was paid."""
        tries: dict[int, list[Attempt]] = defaultdict(list)
        for attempt in db.session.scalars(select(Attempt).order_by(Attempt.payment_id, Attempt.number)):
            tries[attempt.payment_id].append(attempt)
        states = {payment.id: payment for payment in db.session.scalars(select(Payment))}
        rebooked = set(db.session.scalars(_REBOOKED.with_only_columns(RebookingLine.payment_id)))
        for payment_id, payment in states.items():
            outcomes = [attempt.outcome for attempt in tries[payment_id]]
            assert [attempt.number for attempt in tries[payment_id]] == list(range(1, len(outcomes) + 1))
            assert sum(outcome not in ("failed", "returned") for outcome in outcomes) <= 1
            assert all(attempt.amount_fen == payment.amount_fen for attempt in tries[payment_id])
            last = outcomes[-1] if outcomes else "none"
            assert last in EXPECTED_OUTCOME[payment.state] or payment_id in rebooked
            received = sum(attempt.amount_fen for attempt in tries[payment_id] if attempt.outcome == "paid")
            assert received == (payment.amount_fen if payment.state == "paid" else 0)
        paid = {payment.id for payment in states.values() if payment.state == "paid"}
        sent_back = {payment_id for payment_id, several in tries.items() if any(one.returned_on for one in several)}
        assert self.paid - sent_back <= paid
        self.paid = paid

    @invariant()
    def what_is_credited_stays_credited(self) -> None:
        """Money that stands in the plan again is paid by nobody, whatever files come."""
        credited = set(db.session.scalars(select(Payment.id).where(Payment.state == "credited")))
        assert self.credited <= credited
        self.credited = credited

    @invariant()
    def every_open_failure_has_its_day_and_its_office(self) -> None:
        """What is to be done has a date, what is done has none; an order's payments wait for its decision."""
        open_ones = set(db.session.scalars(select(Failure.payment_id).where(Failure.ended_on.is_(None))))
        for payment in db.session.scalars(select(Payment)):
            waits = payment.state in ("failed", "corrected", "resubmitted")
            if payment.state != "returned":
                assert (payment.due_on is not None) == waits, payment.state
            assert not waits or payment.id in open_ones
            assert payment.state not in ("paid", "credited") or payment.id not in open_ones
        orders = select(ReturnLine.order_id, ReturnOrder.state, func.sum(ReturnLine.amount_fen), ReturnOrder.total_fen)
        for _, state, fen, total in db.session.execute(
            orders.join(ReturnOrder).group_by(ReturnLine.order_id, ReturnOrder.state, ReturnOrder.total_fen)
        ):
            assert state in ("proposed", "approved", "credited", "withdrawn")
            assert fen == total

    @invariant()
    def finished_batches_wait_for_nothing(self) -> None:
        """No "done" at 95 per cent."""
        waiting = select(Payment.batch_id).where(Payment.state.in_(("sent", "unclear")))
        done = select(Batch.id).where(Batch.state.in_(("results_in", "closed")), Batch.id.in_(waiting))
        assert db.session.scalars(done).all() == []

    @invariant()
    def a_closed_batch_has_nothing_to_do(self) -> None:
        """Whatever comes back to life opens it again."""
        alive = or_(Payment.state.not_in(SETTLED_STATES), Payment.due_on.is_not(None))
        closed = select(Payment.state).join(Batch, Batch.id == Payment.batch_id).where(Batch.state == "closed", alive)
        assert db.session.scalars(closed).all() == []

    @invariant()
    def whoever_is_told_has_the_outcome(self) -> None:
        """A message for every final attempt of somebody with a phone, and for no other."""
        told = set(db.session.execute(select(Message.subject_id, Message.template)).all())
        answered = Attempt.outcome.not_in(("open", "unclear"))
        final = db.session.execute(select(Attempt.id, Attempt.outcome).where(answered))
        wanted = {(attempt_id, f"payment_{outcome}") for attempt_id, outcome in final}
        # Who was told that the money had come is told, too, that it went back.
        wanted |= {(attempt_id, "payment_paid") for attempt_id, template in wanted if template == "payment_returned"}
        # Who was told of the failure before it was proved to have been none.
        rebooked = db.session.scalars(_REBOOKED.where(RebookingLine.was_outcome == "failed"))
        wanted |= {(attempt_id, "payment_failed") for attempt_id in rebooked}
        assert told == wanted


_REBOOKED = select(RebookingLine.attempt_id).where(RebookingLine.booked_on.is_not(None))
TRIED_IN_VAIN = {"failed", "returned"}
EXPECTED_OUTCOME = {
    "drafted": {"none"},
    "struck": {"none"},
    "approved": {"none"},
    "sent": {"open"},
    "paid": {"paid"},
    "failed": {"failed"},
    "unclear": {"unclear"},
    "corrected": TRIED_IN_VAIN,
    "resubmitted": TRIED_IN_VAIN,
    # What nobody collects and what has no card goes back without a try.
    "returned": TRIED_IN_VAIN | {"none"},
    "credited": TRIED_IN_VAIN | {"none"},
    "paid_offline": {"none"},
}


class OfflineMoneyMachine(MoneyMachine):
    """The same county, its programme paid by hand: some come, some do not, and clerks mistake the sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.county.programme.channel = "offline"
        file_with(self.county, factories.OrganisationKind.FINANCE, factories.OrganisationKind.DISCIPLINE)

    @initialize(people=st.dictionaries(st.integers(1, 6), st.integers(1, 400), min_size=2, max_size=5))
    def a_quarter_that_was_sent(self, people: dict[int, int]) -> None:
        """Confirmed, so that the money can be handed over."""
        batch = self.county.approved([entry(serial, fen=fen) for serial, fen in people.items()], "202003")
        operations.confirm_batch(self.county.finance, batch, at=AT + timedelta(days=8))

    @rule(index=st.integers(0, 3), chosen=st.sets(st.integers(0, 5)))
    def hand_over(self, index: int, chosen: set[int]) -> None:
        """Some of a roll come for their money; where nobody is named, everybody comes."""
        roll: Roll | None = self._pick(Roll, index)
        if roll is None:
            return
        ids = db.session.scalars(select(Payment.id).where(Payment.roll_id == roll.id).order_by(Payment.id)).all()
        who = [number for place, number in enumerate(ids) if place in chosen] if chosen else None
        day = local_date(RESULT_AT + timedelta(minutes=self.minute))
        sheet: dict[str, Any] = {"number": f"{self.minute}", "paid_on": day, "payer": "李某"}
        self._try(operations.pay_offline, self.county.department, roll, who, **sheet)

    @rule(index=st.integers(0, 5))
    def take_a_receipt_back(self, index: int) -> None:
        """A sheet was entered by mistake."""
        receipt: OfflineReceipt | None = self._pick(OfflineReceipt, index)
        if receipt is not None:
            self._try(operations.cancel_receipt, self.county.department, receipt, "登记错了")

    @invariant()
    def whoever_is_paid_stands_on_one_receipt(self) -> None:
        """And nobody else does."""
        lines = select(OfflineReceiptLine.payment_id).join(OfflineReceipt).where(OfflineReceipt.cancelled_at.is_(None))
        counting = db.session.scalars(lines.order_by(OfflineReceiptLine.payment_id)).all()
        paid = select(Payment.id).where(Payment.state == "paid_offline").order_by(Payment.id)
        assert counting == db.session.scalars(paid).all()
        sums = select(func.sum(OfflineReceipt.total_fen)).where(OfflineReceipt.cancelled_at.is_(None))
        assert (db.session.scalar(sums) or 0) == balance_for(self.county.programme.id, 2020).paid

    @invariant()
    def batches_stand_where_their_payments_say(self) -> None:
        """Under way from the first money that was handed over or given up, and not before."""
        dealt_with = select(Payment.batch_id).where(Payment.state.in_(("paid_offline", "returned", "credited")))
        begun = set(db.session.scalars(dealt_with))
        for batch in db.session.scalars(select(Batch)):
            assert (batch.state in ("results_in", "closed")) == (batch.id in begun), batch.state
            assert batch.state != "results_in" or batch.return_due_on is not None


@pytest.mark.parametrize("machine", [MoneyMachine, OfflineMoneyMachine])
def test_the_books_balance_whatever_happens(app: Flask, machine: type[MoneyMachine]) -> None:
    # A transaction that is rolled back at the end of each run gives every run an empty county.
    assert AT < RESULT_AT
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
