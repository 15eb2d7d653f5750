"""The bank's answer to a bulk request, as one kind of upload: matched with the request, checked, entered."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from core.clock import local_date
from core.identity import mask_card
from core.jobs import Progress
from core.msgid import N_
from core.principal import Principal
from core.tables.records import Record, RecordTable, read_records
from core.uploads import FileProblem, Incoming, Report, UploadKind, register_kind
from registry import operations, queries, rules
from registry.card_forms import ANSWER_FORM
from registry.models import CardRequest
from registry.rules import AnswerLine, MatchedAnswers

SHOWN = 10


def _request(principal: Principal, parameters: Mapping[str, Any]) -> CardRequest:
    return queries.card_request(principal, int(parameters["request"]))


def _line(position: int, record: Record) -> AnswerLine:
    text = record.text
    return AnswerLine(
        position,
        reference=text("reference"),
        name=text("name"),
        id_number=text("id_number"),
        card=text("card"),
        card_is_number=record.is_number("card"),
        holder=text("holder"),
        bank=text("bank"),
        issued_on=text("issued_on"),
        arrival_sms=text("arrival_sms"),
        refusal=text("refusal"),
        number_confirmed=text("number_confirmed"),
    )


def _read(made: CardRequest, content: bytes, today: date) -> tuple[list[RecordTable], list[Record], MatchedAnswers]:
    """The tables, their lines that say anything, and what these say. A line of which the bank has filled in nothing
    yet is passed over: the same file may come back in parts."""
    tables = read_records(content, ANSWER_FORM)
    records = [record for table in tables for record in table.records]
    said = [record for record in records if record.text("card") or record.text("refusal")]
    matched = rules.match_answers(
        [_line(place, record) for place, record in enumerate(said)], queries.asked(made), today
    )
    return tables, said, matched


def check_answers(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> Report:
    """What the bank has done, line by line; writes nothing. Raises UserError for a file that is no answer."""
    made = _request(principal, incoming.parameters)
    tables, records, matched = _read(made, incoming.content, local_date(at))
    foreign = operations.foreign_cards(matched.answers)
    places = {position for position, _ in foreign}
    usable = [answer for answer in matched.answers if answer.position not in places]
    problems = sorted([*matched.problems, *foreign])
    preview = [
        {
            N_("业务编号"): records[one.position].text("reference"),
            N_("户名"): one.holder if one.card else "",
            N_("卡号"): mask_card(one.card),
            N_("开户银行"): one.bank,
            N_("未办成原因"): one.refusal,
        }
        for one in usable[:SHOWN]
    ]
    return Report(
        good=len(usable) + matched.repeated,
        total_fen=0,
        problems=[FileProblem(records[place].sheet, records[place].row, code.value) for place, code in problems],
        columns=[column for table in tables for column in table.columns_json()],
        notes=_notes(made, matched, len(usable), Counter(bool(one.card) for one in usable)),
        preview=preview,
    )


def _notes(made: CardRequest, matched: MatchedAnswers, usable: int, by_kind: Mapping[bool, int]) -> list[str]:
    waiting = len(queries.open_line_ids(made))
    notes = [
        gettext(
            "这次答复 %(count)s 人：已发卡 %(issued)s 人，未办成 %(refused)s 人；还有 %(left)s 人等待银行。",
            count=usable,
            issued=by_kind.get(True, 0),
            refused=by_kind.get(False, 0),
            left=waiting - usable,
        )
    ]
    if matched.repeated:
        notes.append(gettext("其中 %(count)s 行以前已经登记过，不会重复登记。", count=matched.repeated))
    return notes


def save_answers(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """Enter the usable lines; returns the address of the request."""
    made = _request(principal, incoming.parameters)
    _, _, matched = _read(made, incoming.content, local_date(at))
    operations.enter_answers(principal, made, matched.answers, at=at)
    return f"/staff/registry/card-requests/{made.id}"


ANSWER_UPLOAD = register_kind(
    UploadKind(
        "registry.card_answers",
        N_("银行办卡结果"),
        rules.ANSWER_CARDS,
        check_answers,
        save_answers,
        rules.ANSWER_SENTENCES,
    )
)
