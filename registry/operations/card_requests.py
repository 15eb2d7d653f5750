"""Cards in bulk: the file that asks a bank for them, and the bank's answer."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, func, literal, select, update

from core import audit, workflow
from core.bulk import among, insert_columns, insert_selected, update_columns
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.identity import is_female
from core.principal import Principal
from core.tables.export import write_xlsx
from core.uploads import store_file
from registry import changes, queries, rules
from registry.card_forms import ANSWER_HEADINGS, REQUEST_HEADINGS
from registry.enrolment import CardLine, close_card_gaps, ensure_cards
from registry.models import Beneficiary, Card, CardChange, CardGap, CardRequest, CardRequestLine
from registry.operations.card_messages import queue_ready_messages
from registry.rules import CARD_GAP_WORKFLOW, CARD_REQUEST_WORKFLOW, AnswerProblem, CardAnswer


def request_cards(principal: Principal, bank_id: int, region_code: str, *, expected: int, at: datetime) -> CardRequest:
    """Ask a bank for the cards of everybody in a region whose materials are there: one line a person, however many
    programmes he waits for. The file is kept; its control total is the number of people.

    ``expected`` is the number of people that the official has confirmed. Raises Conflict where it is another one by
    now, UserError where nobody waits or the bank is none, NotVisible for a region outside the scope.
    """
    principal.require(rules.REQUEST_CARDS)
    if not principal.sees_region(region_code):
        raise NotVisible
    if bank_id not in queries.banks(principal):
        raise UserError("没有找到这家银行。请从列表中选择。")
    gaps = _ready_gaps(region_code)
    made = CardRequest(
        bank_id=bank_id, region_code=queries.region(region_code).code, created_at=at, official_id=principal.official_id
    )
    db.session.add(made)
    db.session.flush()
    _make_lines(made, gaps)
    made.line_count = queries.line_count(made)
    if made.line_count != expected:
        raise Conflict(
            "您确认的是 %(expected)s 人，现在是 %(count)s 人：刚才有同事办理过。请刷新页面后重新确认。",
            expected=expected,
            count=made.line_count,
        )
    workflow.move_set(
        CARD_GAP_WORKFLOW, CardGap, "submit", principal, among(CardGap.id, gaps), submitted_on=local_date(at)
    )
    made.file_id = store_file(_written(made), at=at).id
    audit.record(principal, "registry.request_cards", "card_request", made.id, at=at, people=made.line_count)
    db.session.flush()
    return made


def _ready_gaps(region_code: str) -> list[int]:
    """The gaps whose materials are there, held: two requests at once do not ask for one person twice."""
    ids = list(
        db.session.scalars(
            select(CardGap.id)
            .where(*queries.ready_for_bank(region_code))
            .order_by(CardGap.id)
            .with_for_update(of=CardGap)
        )
    )
    if not ids:
        raise UserError("没有材料已齐、等待送银行的人。请先在未办卡台账里登记材料已收齐。")
    return ids


def _make_lines(made: CardRequest, gaps: Sequence[int]) -> None:
    people = select(CardGap.beneficiary_id).where(among(CardGap.id, gaps))
    number = func.row_number().over(order_by=(Beneficiary.region_code, Beneficiary.id))
    values = {
        "request_id": literal(made.id),
        "line_number": number,
        "beneficiary_id": Beneficiary.id,
        "reference": literal(f"BK{made.id}-") + number.cast(String),
        "outcome": literal("open"),
        "refusal": literal(""),
    }
    rows = select(*values.values()).where(Beneficiary.id.in_(people))
    insert_selected(CardRequestLine, values, rows)


def _written(made: CardRequest) -> bytes:
    """The workbook: the fixed columns, then those that the bank fills in and sends back, and the total below."""
    file = io.BytesIO()
    heading = [*REQUEST_HEADINGS, *ANSWER_HEADINGS]
    widths = [14, 14, 14, 22, 8, 14, 40, 14, *([22] * len(ANSWER_HEADINGS))]
    write_xlsx(file, heading, _rows(made), sheet="批量办卡", widths=widths)
    return file.getvalue()


def _rows(made: CardRequest) -> Iterator[list[str]]:
    payees = queries.payee_names_of_request(made.id)
    for reference, person in queries.people_of_request(made.id):
        sex = "女" if is_female(person.id_number) else "男"
        place = person.region.path
        payee = payees.get(person.id, "")
        yield [reference, person.name, "居民身份证", person.id_number, sex, person.phone or "", place, payee]
    yield ["合计", f"{made.line_count} 人"]


def read_request(principal: Principal, made: CardRequest, *, at: datetime) -> tuple[bytes, str]:
    """The file for the bank and its name. It names people: every reading is on record. Raises NotVisible for a request
    that was withdrawn."""
    if not (principal.may(rules.REQUEST_CARDS) or principal.may(rules.ANSWER_CARDS)):
        principal.require(rules.REQUEST_CARDS)
    if made.file is None or made.state == "withdrawn":
        raise NotVisible
    audit.record(principal, "registry.read_card_request", "card_request", made.id, at=at, people=made.line_count)
    db.session.flush()
    return made.file.content, f"批量办卡-{made.id}-{local_date(made.created_at):%Y%m%d}.xlsx"


def withdraw_request(principal: Principal, made: CardRequest, reason: str, *, at: datetime) -> None:
    """Take a request back before the bank has answered any of it: its people wait for the next one. Raises Conflict
    once there is an answer, UserError without a reason."""
    principal.require(rules.REQUEST_CARDS)
    reason = rules.checked_explanation(reason)
    made = _held(made)
    mine = select(CardRequestLine.beneficiary_id).where(CardRequestLine.request_id == made.id)
    answered = mine.where(CardRequestLine.outcome.in_(("issued", "refused"))).limit(1)
    if db.session.scalar(answered) is not None:
        raise Conflict("银行已经答复了其中一部分，不能撤回。请等银行答复其余的人。")
    workflow.move(CARD_REQUEST_WORKFLOW, made, "withdraw", principal, at=at, reason=reason)
    workflow.move_set(
        CARD_GAP_WORKFLOW, CardGap, "withdraw", principal, CardGap.beneficiary_id.in_(mine), submitted_on=None
    )
    _settle(CardRequestLine.request_id == made.id, outcome="withdrawn", answered_at=at)
    audit.record(principal, "registry.withdraw_card_request", "card_request", made.id, at=at, people=made.line_count)
    db.session.flush()


def _held(made: CardRequest) -> CardRequest:
    """The request as it stands, held: an answer and a withdrawal wait for one another."""
    return db.session.scalars(
        select(CardRequest)
        .where(CardRequest.id == made.id)
        .with_for_update(of=CardRequest)
        .execution_options(populate_existing=True)
    ).one()


def _settle(*where: Any, **values: Any) -> None:
    db.session.execute(
        update(CardRequestLine).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    db.session.expire_all()


@dataclass(frozen=True)
class AnswerSummary:
    """What an answer file did: cards entered, refusals, people who had got a card elsewhere meanwhile (theirs
    stays)."""

    issued: int
    refused: int
    had_card: int


def foreign_cards(answers: Sequence[CardAnswer]) -> list[tuple[int, AnswerProblem]]:
    """The answers whose card is on record under another holder, as (position, problem)."""
    numbers = [answer.card for answer in answers if answer.card]
    holders = queries.holders_of(numbers)
    return [
        (answer.position, AnswerProblem.CARD_ON_RECORD)
        for answer in answers
        if answer.card and not rules.same_holder(holders.get(answer.card, answer.holder), answer.holder)
    ]


def enter_answers(
    principal: Principal, made: CardRequest, answers: Sequence[CardAnswer], *, at: datetime
) -> AnswerSummary:
    """Enter what a bank has answered (rules.match_answers): cards go to the people, their gaps close, refusals send
    theirs back to the beginning. In a fixed number of statements. Answers to lines that are settled by now, or whose
    card is another's, are left out. Raises Conflict for a request that was withdrawn."""
    principal.require(rules.ANSWER_CARDS)
    made = _held(made)
    if made.state == "withdrawn":
        raise Conflict("这份办卡申请已经撤回，不能再导入结果。")
    foreign = {position for position, _ in foreign_cards(answers)}
    open_lines = queries.open_line_ids(made)
    usable = [one for one in answers if one.line_id in open_lines and one.position not in foreign]
    issued = [answer for answer in usable if answer.card]
    refused = [answer for answer in usable if not answer.card]
    had_card = _issue(principal, made, issued, at) if issued else 0
    if refused:
        _refuse(principal, made, refused, at)
    if made.state == "submitted" and not queries.open_line_ids(made):
        workflow.move(CARD_REQUEST_WORKFLOW, made, "answer", principal, at=at)
    audit.record(
        principal,
        "registry.enter_card_answers",
        "card_request",
        made.id,
        at=at,
        issued=len(issued),
        refused=len(refused),
        had_card=had_card,
    )
    db.session.flush()
    return AnswerSummary(len(issued), len(refused), had_card)


def _issue(principal: Principal, made: CardRequest, issued: Sequence[CardAnswer], at: datetime) -> int:
    today = local_date(at)
    cards = ensure_cards([CardLine(one.card, one.holder, one.bank or made.bank.name) for one in issued], at=at)
    lines = {
        "id": [one.line_id for one in issued],
        "outcome": "issued",
        "card_id": cards,
        "issued_on": [one.issued_on or today for one in issued],
        "answered_at": at,
    }
    update_columns(CardRequestLine, "id", lines)
    told = [(card, one.arrival_sms) for card, one in zip(cards, issued, strict=True) if one.arrival_sms is not None]
    if told:
        update_columns(Card, "id", {"id": [card for card, _ in told], "arrival_sms": [sms for _, sms in told]})
    people = queries.people_of_lines([one.line_id for one in issued])
    holders = {people[one.line_id]: card for card, one in zip(cards, issued, strict=True)}
    confirmed = {card for card, one in zip(cards, issued, strict=True) if one.number_confirmed}
    had_card = _give_cards(principal, holders, confirmed, at)
    _close_gaps(principal, made, list(people.values()), at)
    queue_ready_messages(made, [one.line_id for one in issued], at=at)
    db.session.expire_all()
    return had_card


def _give_cards(principal: Principal, holders: dict[int, int], confirmed: set[int], at: datetime) -> int:
    """Let the people's money go to the new cards, unless they have another by now. Returns how many have."""
    waiting = set(
        db.session.scalars(
            select(Beneficiary.id)
            .where(among(Beneficiary.id, sorted(holders)), Beneficiary.card_id.is_(None))
            .order_by(Beneficiary.id)
            .with_for_update(of=Beneficiary)
        )
    )
    people = sorted(waiting)
    if people:
        cards = [holders[person] for person in people]
        index = queries.card_indexes(cards)
        given = {"id": people, "card_id": cards, "card_index": [index[card] for card in cards]}
        update_columns(Beneficiary, "id", given)
        history = {
            "beneficiary_id": people,
            "after_id": cards,
            "source": changes.BANK,
            "number_confirmed": [card in confirmed for card in cards],
            "actor_name": principal.recorded_name,
            "official_id": principal.official_id,
            "at": at,
        }
        insert_columns(CardChange, history)
    return len(holders) - len(people)


def _close_gaps(principal: Principal, made: CardRequest, people: Sequence[int], at: datetime) -> None:
    today = local_date(at)
    theirs = among(CardGap.beneficiary_id, people)
    issued_on = func.coalesce(_of_line(made, CardRequestLine.issued_on), today)
    workflow.move_set(CARD_GAP_WORKFLOW, CardGap, "issue", principal, theirs, issued_on=issued_on)
    workflow.move_set(CARD_GAP_WORKFLOW, CardGap, "close", principal, theirs, closed_on=today, due_on=None)
    # Of programmes that took him in after the file had gone out.
    close_card_gaps(people, on=today)


def _of_line(made: CardRequest, column: Any) -> Any:
    mine = (CardRequestLine.request_id == made.id, CardRequestLine.beneficiary_id == CardGap.beneficiary_id)
    return select(func.max(column)).where(*mine).scalar_subquery()


def _refuse(principal: Principal, made: CardRequest, refused: Sequence[CardAnswer], at: datetime) -> None:
    lines = {
        "id": [one.line_id for one in refused],
        "outcome": "refused",
        "refusal": [one.refusal for one in refused],
        "answered_at": at,
    }
    update_columns(CardRequestLine, "id", lines)
    people = list(queries.people_of_lines([one.line_id for one in refused]).values())
    workflow.move_set(
        CARD_GAP_WORKFLOW,
        CardGap,
        "refuse",
        principal,
        among(CardGap.beneficiary_id, people),
        refusal=func.coalesce(_of_line(made, CardRequestLine.refusal), ""),
        materials_on=None,
        submitted_on=None,
        due_on=CardGap.materials_due_on,
    )
    db.session.expire_all()
