"""Verbs that change the registry: regions, people, doubles, the card-gap ledger and the cards that fill it."""

from registry.operations.card_requests import (
    AnswerSummary,
    enter_answers,
    foreign_cards,
    read_request,
    request_cards,
    withdraw_request,
)
from registry.operations.doubles import (
    confirm_merge,
    decide_double,
    find_doubles,
    name_double,
    propose_merge,
    undo_merge,
)
from registry.operations.gaps import NEED_A_REASON, STEPS, GapPlan, move_gaps, plan_gaps
from registry.operations.lists import ReportedCard, import_arrival_messages, import_households, import_statuses
from registry.operations.people import (
    PayeeEntry,
    change_card,
    change_phone,
    end_payee,
    read_evidence,
    set_household,
    set_payee,
    set_status,
)
from registry.operations.person_file import PersonFile, export_person
from registry.operations.phones import (
    confirm_phone,
    find_returned_numbers,
    forget_phone_codes,
    report_by_sms,
    report_wrong_number,
    send_phone_code,
    settle_wrong_number,
    settle_wrong_numbers,
)
from registry.operations.records import import_regions, reveal

__all__ = [
    "NEED_A_REASON",
    "STEPS",
    "AnswerSummary",
    "GapPlan",
    "PayeeEntry",
    "PersonFile",
    "ReportedCard",
    "change_card",
    "change_phone",
    "confirm_merge",
    "confirm_phone",
    "decide_double",
    "end_payee",
    "enter_answers",
    "export_person",
    "find_doubles",
    "find_returned_numbers",
    "foreign_cards",
    "forget_phone_codes",
    "import_arrival_messages",
    "import_households",
    "import_regions",
    "import_statuses",
    "move_gaps",
    "name_double",
    "plan_gaps",
    "propose_merge",
    "read_evidence",
    "read_request",
    "report_by_sms",
    "report_wrong_number",
    "request_cards",
    "reveal",
    "send_phone_code",
    "set_household",
    "set_payee",
    "set_status",
    "settle_wrong_number",
    "settle_wrong_numbers",
    "undo_merge",
    "withdraw_request",
]
