"""Wherever money or a sealed case moves it takes two people: whoever has done the first part, and holds every role that
his office has, is refused the second, and a colleague with the same roles is not. Driven by the operations.

The steps come from the declared lives (a transition with ``other_than``): one without a line here fails the test. What
is checked elsewhere than in a life has a line of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from complaints import operations as complaints
from complaints.operations import approving, extending, handling
from complaints.operations import routing as complaint_routing
from complaints.operations.routing import GivenRule
from complaints.routing_queries import routing_of
from complaints.rules.routing_versions import fingerprint
from core import uploads
from core.database import db
from core.errors import PermissionDenied, UserError
from core.money import Fen
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from core.states import declared_workflows
from disbursement import operations as paying
from disbursement.bank_files.profiles import BUILT_IN
from programmes import operations as programmes
from programmes.models import FundLine
from programmes.rules import CONSULTED_OFFICES, Channel
from reconciliation import operations as reconciling
from reconciliation.models import Difference, SettlementProposal
from reconciliation.profiles import BUILT_IN as STATEMENT_FORMATS
from reconciliation.rules import Resolution, Setting
from registry import operations as registry
from registry.models import Double
from sms import template_operations as templates
from tests import factories
from tests.access.people import TOWNSHIP, VILLAGE
from tests.access.picture import changed, picture
from tests.access.rows import row
from tests.complaints import county as complaint_county
from tests.disbursement.county import FAILED, PAID, RESULT_AT, attempts_of, build_county, entry, id_number
from tests.disbursement.cycle import answered, payments
from tests.factories import AT
from tests.reconciliation.conftest import CLOSING, Book, answered_book
from tests.reconciliation.statements import BankStatement

WHY = "已逐笔核实。"
LATER = RESULT_AT + timedelta(days=1)
Second = Callable[[Principal], object]
Arrange = Callable[[Principal], Second]


def everything(kind: Kind, region: str = factories.COUNTY) -> Principal:
    """An official who has every role that there is in his office."""
    return factories.principal(kind, *Role, region_code=region)


def finance() -> Principal:
    return everything(Kind.FINANCE)


def commission() -> Principal:
    return everything(Kind.DISCIPLINE)


def township() -> Principal:
    return everything(Kind.TOWNSHIP, TOWNSHIP)


def complaints_office() -> Principal:
    return everything(Kind.TOWNSHIP, complaint_county.TOWNSHIP)


# --- Money -------------------------------------------------------------------------------------------


def roll_handed_in(first: Principal) -> Second:
    county = build_county()
    roll = county.roll([entry(1)])
    paying.submit_roll(first, roll, at=AT)
    return lambda by: paying.approve_roll_township(by, roll, at=AT)


def roll_brought(first: Principal) -> Second:
    """Another one presses the button that hands it in."""
    county = build_county()
    content = "序号,姓名,身份证号,卡号,村,组,金额\r\n".encode()
    upload = uploads.receive(first, uploads.kind_of("disbursement.roll"), content, "花名册.csv", {}, at=AT)
    roll = county.roll([entry(1)])
    roll.upload_id = upload.id
    paying.submit_roll(county.preparer, roll, at=AT)
    return lambda by: paying.approve_roll_township(by, roll, at=AT)


def plan_entered(first: Principal) -> Second:
    """Whoever entered the money in the plan does not confirm what needs it."""
    county = build_county(allocated=1)
    row(FundLine, programme_id=county.programme.id, year=2020, source="current_year", amount_fen=Fen(10_000_00),
        official_id=first.official_id)  # fmt: skip
    batch = county.approved([entry(1)])
    return lambda by: paying.confirm_batch(by, batch, at=LATER)


def failed_payments() -> list[int]:
    return [payment.id for payment in payments("failed")]


def return_proposed(first: Principal) -> Second:
    offer = answered(build_county(), FAILED, PAID)
    assert offer.batch is not None
    order = paying.propose_return(first, offer.batch, failed_payments(), WHY, at=LATER)
    return lambda by: paying.approve_return(by, order, at=LATER)


def return_credited(first: Principal) -> Second:
    offer = answered(build_county(), FAILED, PAID)
    assert offer.batch is not None
    order = paying.propose_return(first, offer.batch, failed_payments(), WHY, at=LATER)
    paying.approve_return(finance(), order, at=LATER)
    paying.credit_return(first, order, voucher_number="退1", voucher_on=LATER.date(), at=LATER)
    return lambda by: paying.reverse_credit(by, order, WHY, at=LATER)


def rebooking_proposed(first: Principal, *, refused: bool = False) -> Second:
    attempt = attempts_of(answered(build_county(), FAILED, PAID))[0]
    made = paying.propose_rebooking(first, {attempt.id: RESULT_AT.date()}, WHY, at=LATER)
    if refused:
        return lambda by: paying.refuse_proposed_rebooking(by, made, WHY, at=LATER)
    return lambda by: paying.approve_rebooking(by, made, at=LATER)


def format_entered(first: Principal) -> Second:
    profile = replace(BUILT_IN["sample"], name="mine", title="银行")
    made = paying.propose_profile(first, profile, at=AT)
    return lambda by: paying.approve_profile(by, made, at=AT)


def settlement_proposed(first: Principal, *, refused: bool = False) -> Second:
    book = answered_book()
    reconciling.choose_setting(book.chief, Setting.LINES, "1", WHY, at=CLOSING)
    month = book.take_in(BankStatement())
    ids = db.session.scalars(select(Difference.id)).all()
    reconciling.resolve_differences(first, month, ids, Resolution.CONFIRMED_BY_BANK, WHY, at=CLOSING)
    made = db.session.scalars(select(SettlementProposal)).one()
    if refused:
        return lambda by: reconciling.refuse_settlement(by, made, WHY, at=CLOSING)
    return lambda by: reconciling.confirm_settlement(by, made, at=CLOSING)


def month_closed(first: Principal) -> Second:
    """Whoever signs for finance does not close."""
    book = answered_book()
    month = book.take_in(_whole_statement(book))
    book.settle_all(month)
    for one in (book.county.department, book.bank, first):
        reconciling.sign_month(one, month, at=CLOSING)
    return lambda by: reconciling.close_month(by, month, at=CLOSING)


def _whole_statement(book: Book) -> BankStatement:
    made = BankStatement()
    for attempt in book.attempts[:6]:
        made.pay(attempt)
    return made


def month_to_be_opened(first: Principal) -> Second:
    book = answered_book()
    month = book.take_in(_whole_statement(book))
    book.close(month)
    reconciling.ask_reopen(first, month, WHY, at=CLOSING)
    return lambda by: reconciling.reopen_month(by, month, at=CLOSING)


def merge_proposed(first: Principal) -> Second:
    factories.load_regions()
    people = [factories.beneficiary("阿西木牛", id_number(serial), f"{VILLAGE}001") for serial in (1, 2)]
    pair = row(Double, first_id=people[0].id, second_id=people[1].id, region_code=VILLAGE, grounds="name")
    registry.propose_merge(first, pair.id, people[0].id, WHY, at=AT)
    return lambda by: registry.confirm_merge(by, pair.id, at=AT)


def inclusion_proposed(first: Principal) -> Second:
    programme = factories.programme("ALLOWANCE", "待定补贴", channel="undecided")
    department = factories.principal(Kind.DEPARTMENT, *Role, organisation_name="县民政局")
    case = programmes.submit_inclusion(
        department,
        programme.id,
        proposal=Channel.PLATFORM,
        grounds="到人到户",
        document_number="东民〔2020〕8号",
        at=AT,
    )
    for office in CONSULTED_OFFICES:
        speaker = department if office == Kind.DEPARTMENT else everything(office)
        programmes.give_opinion(
            speaker, case, office, agrees=True, opinion="", document_number="函〔2020〕1号", given_on=AT.date(), at=AT
        )
    programmes.propose_decision(first, case, decision=Channel.PLATFORM, document_number="东财〔2020〕3号", at=AT)
    return lambda by: programmes.confirm_decision(by, case, at=AT)


def wording_submitted(first: Principal) -> Second:
    """What a message says of money."""
    made = templates.write_version(first, "payment_paid", TEXT, "", signature="会东一卡通", at=AT)
    move = templates.move_version
    move(first, "payment_paid", made.number, "submit", gateways=(), at=AT, reason="")
    return lambda by: move(by, "payment_paid", made.number, "approve", gateways=(), at=AT, reason="")


TEXT = "{name}您好，{programme}{amount}元已到账，请查收。"


# --- Cases -------------------------------------------------------------------------------------------


def sealed_answer(first: Principal) -> Second:
    """A clue, sealed: what the commission answers is read by a second one, where it has said so."""
    return _answer_handed_in(first, commission(), "extortion")


def answer_handed_in(first: Principal) -> Second:
    return _answer_handed_in(first, complaints_office(), "not_received")


def _answer_handed_in(first: Principal, other: Principal, category: str) -> Second:
    _some_offices()
    case, _code = complaint_county.submit(category=category)
    approving.set_approval(other, True, WHY, at=AT)
    complaints.accept(first, case, at=AT)
    complaints.start_investigation(first, case, at=AT)
    if case.sealed:
        complaints.record_outcome(first, case, "unfounded", WHY, at=AT)
    approving.hand_in_answer(first, case, WHY, at=AT)
    draft = approving.waiting_draft(case)
    assert draft is not None
    told = draft.written_at.isoformat()
    return lambda by: handling.approve_answer(by, case, told, at=AT)


def second_person_lifted(first: Principal) -> Second:
    """Whoever lifts what a colleague has set lifts it for the others, not for himself."""
    other = complaints_office()
    _some_offices()
    cases = [complaint_county.submit()[0] for _ in range(2)]
    for case in cases:
        complaints.accept(first, case, at=AT)
        complaints.start_investigation(first, case, at=AT)
    approving.set_approval(other, True, WHY, at=AT)
    approving.set_approval(first, False, WHY, at=AT)
    return lambda by: complaints.conclude(by, cases[0], "已核实。", at=AT)


def extension_asked(first: Principal) -> Second:
    _some_offices()
    case, _code = complaint_county.submit()
    complaints.accept(first, case, at=AT)
    extending.ask_extension(first, case, 5, WHY, at=AT)
    return lambda by: extending.decide_extension(by, case, True, at=AT)


def routing_proposed(first: Principal, *, refused: bool = False, changed_only: bool = False) -> Second:
    """Where cases go: whoever wrote on it does not approve it, though another has proposed it."""
    _some_offices()
    writer = finance() if changed_only else first
    version = complaint_routing.begin_version(writer, 0, at=AT)
    complaint_routing.keep_rule(first, version.number, GivenRule(start="finance", category="service"), at=AT)
    seen = fingerprint(routing_of(version).rules)
    move = complaint_routing.move_version
    move(writer, version.number, "propose", at=AT, reason=WHY, seen=seen)
    action = "refuse" if refused else "approve"
    return lambda by: move(by, version.number, action, at=AT, reason=WHY, seen=seen)


def _some_offices() -> None:
    complaint_county.build_county()


def format_of_statements(first: Principal) -> Second:
    profile = replace(STATEMENT_FORMATS["sample"], name="mine", title="对账单")
    made = reconciling.propose_statement_profile(first, profile, at=AT)
    return lambda by: reconciling.approve_statement_profile(by, made, at=AT)


CASES: Mapping[str, tuple[tuple[str, str] | None, Callable[[], Principal], Arrange]] = {
    "approve a roll that one has handed in": (("roll", "approve_township"), township, roll_handed_in),
    "approve a roll whose file one has brought": (None, township, roll_brought),
    "confirm a batch with money that one has entered": (None, finance, plan_entered),
    "approve a return that one has proposed": (("return_order", "approve"), finance, return_proposed),
    "reverse a credit that one has entered": (("return_order", "reverse"), finance, return_credited),
    "approve a rebooking that one has proposed": (("rebooking", "approve"), finance, rebooking_proposed),
    "refuse it": (("rebooking", "refuse"), finance, partial(rebooking_proposed, refused=True)),
    "approve a bank's format that one has entered": (("bank_profile", "approve"), finance, format_entered),
    "approve a format of statements": (("statement_profile", "approve"), finance, format_of_statements),
    "confirm what one has said of differences": (("difference_settlement", "confirm"), finance, settlement_proposed),
    "refuse what one has said of differences": (
        ("difference_settlement", "refuse"), finance, partial(settlement_proposed, refused=True),
    ),
    "close a month that one has signed": (None, finance, month_closed),
    "open a month again that one has asked for": (("reconciliation_month", "reopen"), finance, month_to_be_opened),
    "merge two records that one has proposed": (("double", "confirm"), township, merge_proposed),
    "decide how a programme pays": (("inclusion", "decide"), finance, inclusion_proposed),
    "approve a wording that one has submitted": (("template_version", "approve"), finance, wording_submitted),
    "approve an answer in a sealed case that one has written": (None, commission, sealed_answer),
    "approve an answer that one has written": (None, complaints_office, answer_handed_in),
    "answer alone because one has said so": (None, complaints_office, second_person_lifted),
    "grant more days that one has asked for": (None, complaints_office, extension_asked),
    "approve a routing that one has proposed": (("routing_version", "approve"), finance, routing_proposed),
    "approve a routing that one has written on": (
        ("routing_version", "approve"), finance, partial(routing_proposed, changed_only=True),
    ),
    "refuse a routing that one has proposed": (
        ("routing_version", "refuse"), finance, partial(routing_proposed, refused=True),
    ),
}  # fmt: skip


def test_every_step_that_takes_two_has_a_line() -> None:
    declared = {
        (life.name, step.action) for life in declared_workflows() for step in life.transitions if step.other_than
    }
    assert declared
    assert declared == {step for step, _who, _arrange in CASES.values() if step is not None}


# Who did the first part is looked up by the operation in one and the same way on both databases.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", CASES)
def test_nobody_does_both_parts(app: Flask, name: str) -> None:
    _step, who, arrange = CASES[name]
    first, other = who(), who()
    second = arrange(first)
    db.session.commit()
    before = picture()
    with pytest.raises((PermissionDenied, UserError), match=r"另一|本人|您"):
        second(first)
    db.session.rollback()
    assert changed(before) == []
    second(other)
    db.session.commit()
    assert changed(before), "the other one has done nothing"
