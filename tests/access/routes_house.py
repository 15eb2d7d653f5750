"""Who may ask what of the rest of the house: accounts, programmes, the staff door's own pages, and the open doors."""

from collections.abc import Mapping

from core.principal import OrganisationKind as Kind
from tests.access.table import Entry, Route, anyone, both, may, public
from tests.signing import PASSWORD

_REASON = {"reason": "写明理由。"}
_MANAGE = "accounts.manage"

_ACCOUNTS = {
    ("accounts.login", "GET"): public(),
    ("accounts.login", "POST"): public(),
    ("accounts.sign_in_with_passkey", "POST"): public(),
    ("accounts.logout", "POST"): public(),
    ("accounts.retention_rules", "GET"): may("accounts.see_rights"),
    ("accounts.rights", "GET"): may("accounts.see_rights"),
    **both("accounts.audit_log", may("audit.read")),
    ("accounts.audit_chain", "GET"): may("audit.read"),
    **both("accounts.officials", may(_MANAGE)),
    **both("accounts.organisations", may(_MANAGE)),
    **both("accounts.add_official", may(_MANAGE)),
    **both("accounts.add_organisation", may(_MANAGE)),
    ("accounts.official", "GET"): may(_MANAGE, of="official"),
    **both("accounts.change_office", may(_MANAGE, of="official")),
    ("accounts.remove_second_factor", "POST"): may(_MANAGE, of="official"),
    ("accounts.reset_password", "POST"): may(_MANAGE, of="official"),
    ("accounts.set_active", "POST"): may(_MANAGE, of="official", values={"wanted": "close"}),
    # Everybody's own account; another's is named by no address but that of a session.
    **both("accounts.change_password", anyone()),
    ("accounts.confirm", "GET"): anyone(),
    ("accounts.confirm", "POST"): anyone(form={"password": PASSWORD}),
    **both("accounts.set_up_second_factor", anyone()),
    ("accounts.renew_recovery_codes", "POST"): anyone(),
    ("accounts.remove_own_second_factor", "POST"): anyone(),
    **both("accounts.own_passkeys", anyone()),
    ("accounts.remove_passkey", "POST"): anyone("passkey"),
    ("accounts.own_sessions", "GET"): anyone(),
    ("accounts.end_session", "POST"): anyone("session"),
    ("accounts.end_other_sessions", "POST"): anyone(),
}

_ROLL = "disbursement.prepare_roll"
"""The right of the kind of file that is uploaded in this county."""

_STAFF = {
    ("staff.board", "GET"): anyone(),
    ("staff.calendar", "GET"): anyone(),
    ("staff.calendar", "POST"): may(
        "core.edit_calendar", form={"on": "2020-07-08", "working": "0", "name": "假", "source": "国办发"}
    ),
    ("staff.import_calendar", "POST"): may("core.edit_calendar", form={"year": "2020"}),
    # One's own office's files; where it has brought none, the list says so.
    **both("staff.uploads", anyone()),
    ("staff.upload", "GET"): may(_ROLL, of="upload"),
    ("staff.upload_progress", "GET"): may(_ROLL, of="upload"),
    ("staff.confirm_upload", "POST"): may(_ROLL, of="upload"),
    ("staff.discard_upload", "POST"): may(_ROLL, of="upload"),
    ("staff.marked_upload", "POST"): may(_ROLL, of="upload"),
    ("staff.listed_upload", "POST"): may(_ROLL, of="upload"),
}

_EDIT, _CATALOGUE, _PLAN = "programmes.edit", "programmes.import_catalogue", "programmes.import_fund_plan"
_SEE, _PROPOSE, _CONFIRM = "programmes.see_inclusion", "programmes.propose_decision", "programmes.confirm_decision"
_SUBMIT, _FILE = "programmes.submit_inclusion", "programmes.file_measures"
_OWN_PROGRAMME = frozenset({Kind.DEPARTMENT})

_PROGRAMMES = {
    # The catalogue and its rules are open to every official; the money in it is not.
    **both("programmes.programmes", anyone()),
    ("programmes.programme", "GET"): anyone("programme"),
    **both("programmes.rules_list", anyone()),
    **both("programmes.import_programmes", may(_CATALOGUE)),
    **both("programmes.new_programme", may(_EDIT)),
    **both("programmes.edit_programme", may(_EDIT, of="programme")),
    ("programmes.remove_programme", "POST"): may(_EDIT, of="programme", form=_REASON),
    ("programmes.choose_publicity_wait", "POST"): may(_EDIT, of="programme", form=_REASON | {"waits": "1"}),
    ("programmes.add_standard", "POST"): may(_EDIT, of="programme"),
    ("programmes.end_standard", "POST"): may(_EDIT, of="standard"),
    ("programmes.resume_standard", "POST"): may(_EDIT, of="standard"),
    ("programmes.withdraw_standard", "POST"): may(_EDIT, of="standard"),
    **both("programmes.new_rule", may(_CATALOGUE)),
    **both("programmes.rule", may(_CATALOGUE, of="rule")),
    ("programmes.end_rule", "POST"): may(_CATALOGUE, of="rule", form=_REASON | {"on": "2020-07-06"}),
    ("programmes.resume_rule", "POST"): may(_CATALOGUE, of="rule", form=_REASON),
    ("programmes.withdraw_rule", "POST"): may(_CATALOGUE, of="rule", form=_REASON),
    **both("programmes.fund_lines", may("programmes.see_fund_plan")),
    **both("programmes.new_fund_line", may(_PLAN)),
    **both("programmes.import_plan", may(_PLAN)),
    **both("programmes.inclusion", may(_SEE)),
    **both("programmes.new_inclusion", may(_SUBMIT, of="programme", narrowed=_OWN_PROGRAMME)),
    ("programmes.inclusion_case", "GET"): may(_SEE, of="inclusion case"),
    ("programmes.give_opinion", "POST"): may("programmes.give_opinion", of="inclusion case"),
    ("programmes.download_opinion", "POST"): may(_SEE, of="opinion"),
    ("programmes.close_hearing", "POST"): may(_PROPOSE, of="inclusion case", form=_REASON),
    ("programmes.propose_decision", "POST"): may(_PROPOSE, of="inclusion case"),
    ("programmes.confirm_decision", "POST"): may(
        _CONFIRM, of="inclusion case", stage={"inclusion_cases": {"state": "proposed"}}
    ),
    ("programmes.send_decision_back", "POST"): may(
        _CONFIRM, of="inclusion case", stage={"inclusion_cases": {"state": "proposed"}}, form=_REASON
    ),
    ("programmes.reply_to_department", "POST"): may(_PROPOSE, of="inclusion case"),
    ("programmes.record_set_up", "POST"): may("programmes.record_set_up", of="inclusion case"),
    ("programmes.withdraw_inclusion", "POST"): may(_SUBMIT, of="inclusion case", form=_REASON),
    **both("programmes.new_filing", may(_FILE, of="programme", narrowed=_OWN_PROGRAMME)),
    # It was filed with the finance bureau: the discipline commission receives its own.
    ("programmes.receive_filing", "POST"): may(
        "programmes.receive_filing", of="filing", never=frozenset({Kind.DISCIPLINE})
    ),
    ("programmes.download_filing", "POST"): may(_SEE, of="filing"),
}

_OPEN = {
    ("static", "GET"): public(),
    ("bootstrap.static", "GET"): public(),
    ("core.healthz", "GET"): public(),
    ("core.readyz", "GET"): public(),
    ("core.show_metrics", "GET"): public(),
    ("core.language", "GET"): public(),
    ("core.type_size", "GET"): public(),
    ("portal.home", "GET"): public(),
    ("portal.qr_entry", "GET"): public(),
    ("portal.lists", "GET"): public(),
    ("portal.one_list", "GET"): public(),
    ("portal.statistics", "GET"): public(),
    ("portal.statistics_file", "GET"): public(),
    ("portal.lookup", "GET"): public(),
    ("portal.look_up", "POST"): public(),
    ("portal.send_code", "POST"): public(),
    # These show what a lookup has found, and to nobody else anything: test_doors.py.
    ("portal.lookup_result", "GET"): public(),
    ("portal.lookup_totals", "GET"): public(),
    ("portal.lookup_print", "GET"): public(),
    ("portal.lookup_seen", "GET"): public(),
    ("portal.end_lookup", "POST"): public(),
    # A provider proves himself by his signature, and does nothing without it: test_doors.py.
    ("sms_webhooks.take_receipts", "POST"): public(),
    ("sms_webhooks.take_inbound", "POST"): public(),
}

HOUSE: Mapping[Route, Entry] = _ACCOUNTS | _STAFF | _PROGRAMMES | _OPEN
