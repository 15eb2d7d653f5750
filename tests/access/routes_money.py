"""Who may ask what of the rooms of the money: payments and reconciliation."""

from collections.abc import Mapping

from tests.access.table import Entry, Route, both, may
from tests.factories import AT

_READ, _ROLLS, _RESULTS = "disbursement.read", "disbursement.see_rolls", "disbursement.see_results"
_BALANCE, _PREPARE, _EDIT = "disbursement.see_balance", "disbursement.prepare_roll", "disbursement.edit_profile"
_CONFIRM, _EXPORT, _SETTLE = (
    "disbursement.confirm_batch",
    "disbursement.export_offer",
    "disbursement.settle_discrepancy",
)
_CORRECT, _REISSUE, _REBOOK = (
    "disbursement.correct_payment",
    "disbursement.make_reissue",
    "disbursement.approve_rebooking",
)
_REASON = {"reason": "写明理由。"}

_LISTS = {
    **both("disbursement.results", may(_RESULTS)),
    **both("disbursement.discrepancies", may(_RESULTS)),
    **both("disbursement.unclear", may(_RESULTS)),
    **both("disbursement.unanswered", may(_RESULTS)),
    **both("disbursement.rebookings", may(_RESULTS)),
    **both("disbursement.reissues", may(_RESULTS)),
    **both("disbursement.returns", may(_BALANCE)),
    **both("disbursement.batches", may(_READ)),
    **both("disbursement.rolls", may(_ROLLS)),
    **both("disbursement.failures", may(_ROLLS)),
    **both("disbursement.spellings", may(_EDIT)),
    ("disbursement.balance", "GET"): may(_BALANCE),
    ("disbursement.profiles", "GET"): may(_RESULTS),
    ("disbursement.check_settings", "GET"): may(_ROLLS),
    ("disbursement.limits", "GET"): may(_ROLLS),
    ("disbursement.progress", "GET"): may(_ROLLS),
    ("disbursement.cycle", "GET"): may(_READ),
    ("disbursement.export_cycle", "POST"): may(_READ),
    ("disbursement.message_coverage", "GET"): may(_ROLLS),
    ("disbursement.export_message_coverage", "POST"): may(_ROLLS),
    ("disbursement.choose_limit", "POST"): may(
        "disbursement.choose_checks", values={"step": "draft"}, form=_REASON | {"days": "5"}
    ),
    ("disbursement.choose_severity", "POST"): may(
        "disbursement.choose_checks", values={"kind": "amount"}, form=_REASON | {"severity": "warning"}
    ),
}

_ROLLS_AND_BATCHES = {
    **both("disbursement.new_roll", may(_PREPARE)),
    **both("disbursement.roll", may(_ROLLS, of="roll")),
    **both("disbursement.findings", may(_ROLLS, of="roll")),
    ("disbursement.check_roll", "POST"): may("disbursement.check_roll", of="roll"),
    ("disbursement.submit_roll", "POST"): may(_PREPARE, of="roll"),
    ("disbursement.withdraw_submission", "POST"): may(
        _PREPARE, of="roll", stage={"rolls": {"state": "submitted"}}, form=_REASON
    ),
    ("disbursement.approve_roll_township", "POST"): may(
        "disbursement.approve_roll_township", of="roll", stage={"rolls": {"state": "submitted"}}
    ),
    ("disbursement.withdraw_township_approval", "POST"): may(
        "disbursement.approve_roll_township", of="roll", stage={"rolls": {"state": "township_approved"}}, form=_REASON
    ),
    ("disbursement.approve_roll_department", "POST"): may(
        "disbursement.approve_roll_department", of="roll", stage={"rolls": {"state": "publicised"}}
    ),
    ("disbursement.withdraw_department_approval", "POST"): may(
        "disbursement.approve_roll_department",
        of="roll",
        stage={"rolls": {"state": "department_approved"}},
        form=_REASON,
    ),
    ("disbursement.send_back_roll", "POST"): may(
        "disbursement.send_back_roll", of="roll", stage={"rolls": {"state": "submitted"}}, form=_REASON
    ),
    ("disbursement.receipts", "GET"): may(_ROLLS, of="roll"),
    ("disbursement.receipts", "POST"): may("disbursement.pay_offline", of="roll"),
    ("disbursement.cancel_receipt", "POST"): may("disbursement.pay_offline", of="receipt", form=_REASON),
    ("disbursement.download_sheet", "POST"): may(_ROLLS, of="receipt"),
    ("disbursement.batch", "GET"): may(_READ, of="batch"),
    ("disbursement.since_approval", "GET"): may(_BALANCE, of="batch"),
    ("disbursement.confirm_batch", "POST"): may(_CONFIRM, of="batch", stage={"batches": {"state": "open"}}),
    ("disbursement.withdraw_batch", "POST"): may(
        _CONFIRM, of="batch", stage={"batches": {"state": "finance_confirmed"}}, form=_REASON
    ),
    ("disbursement.close_batch", "POST"): may(_CONFIRM, of="batch"),
    ("disbursement.offer", "GET"): may(_EXPORT, of="batch"),
    ("disbursement.export_offer", "POST"): may(_EXPORT, of="batch", stage={"batches": {"state": "finance_confirmed"}}),
    ("disbursement.cancel_offer", "POST"): may(_EXPORT, of="offer", form=_REASON),
    ("disbursement.download_offer", "POST"): may(_EXPORT, of="offer"),
    ("disbursement.batch_messages", "GET"): may(_ROLLS, of="batch"),
    **both("disbursement.told", may(_ROLLS, of="batch")),
    **both("disbursement.unreached", may(_ROLLS, of="batch")),
    ("disbursement.payment", "GET"): may(_ROLLS, of="payment"),
    **both("disbursement.person_payments", may(_ROLLS, of="person")),
}

_FILES_AND_DOUBTS = {
    ("disbursement.profile", "GET"): may(_RESULTS, of="profile version"),
    **both("disbursement.new_profile", may(_EDIT)),
    **both("disbursement.edit_profile", may(_EDIT, of="profile version")),
    **both("disbursement.try_profile", may(_RESULTS, of="profile version")),
    ("disbursement.approve_profile", "POST"): may("disbursement.approve_profile", of="profile"),
    ("disbursement.reject_profile", "POST"): may(_EDIT, of="profile", form=_REASON),
    **both("disbursement.new_spelling", may(_EDIT)),
    ("disbursement.set_spelling", "POST"): may(_EDIT, of="payment", form={"spelling": "阿西木牛"}),
    **both("disbursement.new_result", may("disbursement.import_result")),
    ("disbursement.result", "GET"): may(_RESULTS, of="result"),
    ("disbursement.settle_discrepancy", "POST"): may(_SETTLE, of="discrepancy", form=_REASON),
    ("disbursement.reopen_discrepancy", "POST"): may(_SETTLE, of="discrepancy", form=_REASON),
    ("disbursement.book_late_answer", "POST"): may(_SETTLE, of="discrepancy", form=_REASON),
    ("disbursement.book_late_answers", "POST"): may(_SETTLE, of="result", form=_REASON),
    **both("disbursement.still_failed", may(_SETTLE, of="discrepancy")),
    ("disbursement.propose_rebooking", "POST"): may(
        _SETTLE, of="discrepancy", form=_REASON | {"bank_day": "2020-07-06"}
    ),
    ("disbursement.no_answer", "GET"): may(_RESULTS, of="attempt"),
    ("disbursement.no_answer", "POST"): may(_SETTLE, of="attempt", form=_REASON),
    **both("disbursement.rebooking", may(_RESULTS, of="rebooking")),
    ("disbursement.approve_rebooking", "POST"): may(_REBOOK, of="rebooking"),
    ("disbursement.refuse_rebooking", "POST"): may(_REBOOK, of="rebooking", form=_REASON),
    ("disbursement.withdraw_rebooking", "POST"): may(_SETTLE, of="rebooking", form=_REASON),
    ("disbursement.download_letter", "POST"): may(_RESULTS, of="rebooking"),
}

_FAILURES_AND_RETURNS = {
    ("disbursement.failure", "GET"): may(_ROLLS, of="payment"),
    ("disbursement.correct", "POST"): may(
        _CORRECT,
        of="payment",
        stage={"corrections": {"undone_at": AT}},
        form={"whose": "own", "done_at_bank": "y", "note": "本人已在银行办好"},
    ),
    ("disbursement.undo_correction", "POST"): may(_CORRECT, of="correction", form=_REASON),
    ("disbursement.download_evidence", "POST"): may(_ROLLS, of="evidence"),
    ("disbursement.download_failures", "POST"): may(_CORRECT),
    **both("disbursement.upload_corrections", may(_CORRECT)),
    ("disbursement.make_reissue", "POST"): may(_REISSUE),
    ("disbursement.reissue", "GET"): may(_RESULTS, of="offer"),
    ("disbursement.download_reissue", "POST"): may(_EXPORT, of="offer"),
    ("disbursement.withdraw_reissue", "POST"): may(_REISSUE, of="offer", form=_REASON),
    **both("disbursement.new_return", may("disbursement.propose_return", of="batch")),
    **both("disbursement.return_order", may(_BALANCE, of="order")),
    ("disbursement.approve_return", "POST"): may("disbursement.approve_return", of="order"),
    ("disbursement.withdraw_return", "POST"): may("disbursement.propose_return", of="order", form=_REASON),
    ("disbursement.credit_return", "POST"): may(
        "disbursement.credit_return",
        of="order",
        stage={"return_orders": {"state": "approved"}},
        form={"voucher_number": "退1", "voucher_on": "2020-07-06"},
    ),
    ("disbursement.reverse_credit", "POST"): may("disbursement.approve_return", of="order", form=_REASON),
}

_SEE, _LINES = "reconciliation.read", "reconciliation.see_lines"
_RESOLVE, _SECOND, _SIGN = (
    "reconciliation.resolve_difference",
    "reconciliation.confirm_settlement",
    "reconciliation.sign_month",
)
_CLOSE = "reconciliation.close_month"

_RECONCILIATION = {
    **both("reconciliation.months", may(_SEE)),
    ("reconciliation.settings", "GET"): may(_SEE),
    ("reconciliation.choose_setting", "POST"): may(
        "reconciliation.choose_settings", values={"name": "lines"}, form=_REASON | {"value": "100"}
    ),
    **both("reconciliation.new_statement", may("reconciliation.import_statement")),
    ("reconciliation.statement_profiles", "GET"): may(_LINES),
    ("reconciliation.statement_profile", "GET"): may(_LINES, of="statement profile version"),
    **both("reconciliation.new_statement_profile", may(_EDIT)),
    **both("reconciliation.edit_statement_profile", may(_EDIT, of="statement profile version")),
    **both("reconciliation.try_statement_profile", may(_LINES, of="statement profile version")),
    ("reconciliation.approve_statement_profile", "POST"): may("disbursement.approve_profile", of="statement profile"),
    ("reconciliation.reject_statement_profile", "POST"): may(_EDIT, of="statement profile", form=_REASON),
    ("reconciliation.month", "GET"): may(_SEE, of="month"),
    **both("reconciliation.lines", may(_LINES, of="month")),
    **both("reconciliation.differences", may(_SEE, of="month")),
    **both("reconciliation.carried", may(_SEE, of="month")),
    ("reconciliation.report", "GET"): may(_SEE, of="month"),
    ("reconciliation.export_report", "POST"): may(_SEE, of="month"),
    ("reconciliation.match", "POST"): may("reconciliation.import_statement", of="month"),
    ("reconciliation.sign_month", "POST"): may(_SIGN, of="month"),
    ("reconciliation.withdraw_signature", "POST"): may(_SIGN, of="month", form=_REASON),
    ("reconciliation.refuse_to_sign", "POST"): may(_SIGN, of="month", form=_REASON),
    # Whoever settles differences answers, and the office that refused may take it back.
    ("reconciliation.answer_refusal", "POST"): may(_RESOLVE, _SIGN, of="refusal", form={"answer": "已核对。"}),
    ("reconciliation.close_month", "POST"): may(_CLOSE, of="month"),
    ("reconciliation.ask_reopen", "POST"): may(
        _CLOSE, of="month", stage={"reconciliation_months": {"state": "closed"}}, form=_REASON
    ),
    ("reconciliation.refuse_reopen", "POST"): may(
        _CLOSE, of="month", stage={"reconciliation_months": {"state": "reopen_asked"}}, form=_REASON
    ),
    ("reconciliation.reopen_month", "POST"): may(
        _CLOSE, of="month", stage={"reconciliation_months": {"state": "reopen_asked"}}, form=_REASON
    ),
    **both("reconciliation.settlement", may(_LINES, of="settlement")),
    ("reconciliation.confirm_settlement", "POST"): may(_SECOND, of="settlement"),
    ("reconciliation.refuse_settlement", "POST"): may(_SECOND, of="settlement", form=_REASON),
    ("reconciliation.withdraw_settlement", "POST"): may(_RESOLVE, of="settlement", form=_REASON),
}

MONEY: Mapping[Route, Entry] = _LISTS | _ROLLS_AND_BATCHES | _FILES_AND_DOUBTS | _FAILURES_AND_RETURNS | _RECONCILIATION
