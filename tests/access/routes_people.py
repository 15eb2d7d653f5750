"""Who may ask what of the rooms of the people: registry, publicity, messages, the counter."""

from collections.abc import Mapping

from core.principal import OrganisationKind as Kind
from tests.access.table import Entry, Route, anyone, both, may

_SEE, _MANAGE, _WORK = "registry.see_beneficiaries", "registry.manage_people", "registry.work_on_gaps"
_REVEAL, _LISTS, _MERGE = "registry.reveal_personal_data", "registry.import_people_lists", "registry.propose_merge"
_REQUEST, _ANSWER, _SECOND = "registry.request_cards", "registry.answer_cards", "registry.confirm_merge"
_REASON = {"reason": "写明理由。"}
_COLLECTED = {"action": "collect", "expected": "1"}

_REGISTRY = {
    **both("registry.regions", anyone()),
    **both("registry.import_regions", may("registry.import_regions")),
    **both("registry.beneficiaries", may(_SEE)),
    ("registry.coverage", "GET"): may(_SEE),
    ("registry.export_coverage", "POST"): may(_SEE, form={"export": "csv"}),
    ("registry.beneficiary", "GET"): may(_SEE, of="person"),
    ("registry.reveal", "POST"): may(_REVEAL, of="person", form=_REASON | {"what": "phone"}),
    **both("registry.export_person", may("registry.export_person", of="person")),
    **both("registry.change_card", may(_MANAGE, of="person")),
    **both("registry.change_phone", may(_MANAGE, of="person")),
    **both("registry.set_payee", may(_MANAGE, of="person")),
    **both("registry.end_payee", may(_MANAGE, of="person")),
    **both("registry.set_status", may(_MANAGE, of="person")),
    **both("registry.set_household", may(_MANAGE, of="person")),
    ("registry.send_phone_code", "POST"): may(_MANAGE, of="person"),
    ("registry.confirm_phone", "POST"): may(_MANAGE, of="person", form={"code": "123456"}),
    ("registry.report_wrong_number", "POST"): may(_MANAGE, of="person", form=_REASON),
    ("registry.payee_evidence", "POST"): may(_REVEAL, of="payee", form=_REASON),
    **both("registry.import_statuses", may(_LISTS)),
    **both("registry.import_households", may(_LISTS)),
    **both("registry.wrong_numbers", may(_SEE)),
    ("registry.wrong_number", "GET"): may(_SEE, of="wrong number"),
    ("registry.wrong_number", "POST"): may(_MANAGE, of="wrong number"),
    **both("registry.doubles", may(_MERGE)),
    ("registry.find_doubles", "POST"): may(_MERGE),
    **both("registry.name_double", may(_MERGE, of="person")),
    ("registry.double", "GET"): may(_MERGE, of="double"),
    ("registry.propose_merge", "POST"): may(_MERGE, of="double", form=_REASON, stage={"doubles": {"state": "found"}}),
    ("registry.confirm_merge", "POST"): may(_SECOND, of="double"),
    ("registry.undo_merge", "POST"): may(_SECOND, of="double", form=_REASON, stage={"doubles": {"state": "merged"}}),
    ("registry.decide_double", "POST"): may(_MERGE, of="double", form=_REASON, values={"action": "refuse"}),
    **both("registry.card_gaps", may(_SEE)),
    ("registry.card_gap", "GET"): may(_SEE, of="gap"),
    ("registry.work_on_gaps", "GET"): may(_WORK),
    ("registry.do_work_on_gaps", "POST"): may(_WORK, form=_COLLECTED),
    ("registry.do_work_on_gap", "POST"): may(_WORK, of="gap", form=_COLLECTED),
    **both("registry.card_requests", may(_REQUEST, _ANSWER)),
    ("registry.request_cards", "POST"): may(_REQUEST, form={"bank": "1", "region": "513426100000", "expected": "1"}),
    **both("registry.card_request", may(_REQUEST, _ANSWER, of="card request")),
    ("registry.download_request", "POST"): may(_REQUEST, _ANSWER, of="card request"),
    ("registry.withdraw_request", "POST"): may(_REQUEST, of="card request", form=_REASON),
    **both("registry.import_answers", may(_ANSWER, of="card request")),
    **both("registry.import_arrival_messages", may(_ANSWER)),
}

_READ, _PUBLICISE, _POST = "publicity.read", "publicity.publicise", "publicity.confirm_posting"
_CODES, _WITHDRAW = "publicity.manage_qr_codes", "publicity.withdraw_list"
_VILLAGE = frozenset({Kind.VILLAGE})

_PUBLICITY = {
    **both("publicity.index", may(_READ)),
    **both("publicity.roll_lists", may(_READ, of="hung roll")),
    ("publicity.publicise", "POST"): may(_PUBLICISE, of="roll", stage={"rolls": {"state": "township_approved"}}),
    ("publicity.publicise_again", "POST"): may(_PUBLICISE, of="roll", stage={"rolls": {"state": "publicised"}}),
    ("publicity.publicise_results", "POST"): may(_PUBLICISE, of="roll"),
    ("publicity.print_roll", "GET"): may(_READ, of="hung roll", values={"kind": "before"}),
    ("publicity.list_page", "GET"): may(_READ, of="list"),
    ("publicity.print_list", "GET"): may(_READ, of="list"),
    ("publicity.posting_photo", "POST"): may(_READ, of="list"),
    ("publicity.confirm_posting", "POST"): may(_POST, of="list", form={"posted_on": "2020-07-06"}),
    ("publicity.withdraw_posting", "POST"): may(_POST, of="list", form=_REASON),
    ("publicity.withdraw_list", "POST"): may(_WITHDRAW, of="list", form=_REASON),
    ("publicity.posters", "GET"): may(_READ),
    ("publicity.poster", "GET"): may(_READ, of="board"),
    ("publicity.codes", "GET"): may(_READ, of="board"),
    ("publicity.create_code", "POST"): may(_CODES, of="board"),
    ("publicity.code_image", "GET"): may(_READ, of="code"),
    ("publicity.revoke_code", "POST"): may(_CODES, of="code"),
    ("publicity.print_posters", "GET"): may(_READ, of="township", never=_VILLAGE),
    ("publicity.print_cards", "GET"): may(_READ, of="township", never=_VILLAGE),
    ("publicity.create_missing_codes", "POST"): may(_CODES, of="township"),
}

_MESSAGES, _DECIDE, _WRITE = "sms.see_messages", "sms.decide_unknown", "sms.write_templates"
_APPROVE, _HANDSET = "sms.approve_templates", "sms.see_handset"
_TEXT = {"chinese": "【会东一卡通】您好。", "english": ""}

_SMS = {
    **both("sms.messages", may(_MESSAGES)),
    ("sms.message", "GET"): may(_MESSAGES, of="message"),
    ("sms.unknown", "GET"): may(_DECIDE),
    ("sms.decide", "POST"): may(_DECIDE, of="message", form=_REASON | {"decision": "give_up"}),
    ("sms.ask_provider", "POST"): may(_DECIDE, of="message"),
    ("sms.costs", "GET"): may("sms.see_costs"),
    ("sms.templates_list", "GET"): may(_MESSAGES),
    ("sms.template_version", "GET"): may(_MESSAGES, of="template"),
    **both("sms.write_template", may(_WRITE, values={"name": "payment_paid"}, form=_TEXT)),
    **both(
        "sms.change_template", may(_WRITE, of="template", stage={"template_versions": {"state": "draft"}}, form=_TEXT)
    ),
    ("sms.move_template", "POST"): may(_APPROVE, of="template", form=_REASON | {"action": "send_back"}),
    ("sms.register_template", "POST"): may(_WRITE, of="template", form={"aliyun-code": "SMS_1", "aliyun-places": ""}),
    ("sms.forget_template_registration", "POST"): may(_WRITE, of="template"),
    **both("sms.handset", may(_HANDSET)),
    ("sms.handset_of", "GET"): may(_HANDSET, of="handset"),
    ("sms.write_from_handset", "POST"): may(_HANDSET, of="handset", form={"text": "查询"}),
}

_COUNTER = {
    ("counter.lookup", "GET"): may("portal.assist_lookup"),
    ("counter.look_up", "POST"): may("portal.assist_lookup"),
    **both("counter.records", may("portal.read_assisted")),
}

PEOPLES: Mapping[Route, Entry] = _REGISTRY | _PUBLICITY | _SMS | _COUNTER
