"""The sealed room's own verb: with what the verification of a clue has ended."""

from datetime import datetime

from complaints import rules
from complaints.models import Complaint
from complaints.operations.case import add_entry, book_of, checked_text, record, start_clocks
from complaints.operations.desk import require_handler
from complaints.rulebook import ClockKind, Matter
from complaints.rules.sealed import OUTCOMES, may_record_outcome
from core.calendar import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.msgid import N_
from core.principal import Principal
from core.working_days import load_calendar


def record_outcome(principal: Principal, complaint: Complaint, outcome: str, words: str, *, at: datetime) -> None:
    """Record with what the verification has ended (a code of OUTCOMES) and the words for the file. From now on a
    reporter who left his name is owed the result (纪检监察机关处理检举控告工作规则: 15 working days). Recorded once
    more, it takes the place of the first, whose words stay in the story; the clock does not start again.

    The reporter is shown nothing of it: he reads the answer. Raises NotVisible for everybody but the discipline
    commission, Conflict where nothing is being looked into, UserError without a choice or words.
    """
    if not principal.may(rules.READ_SEALED):
        raise NotVisible
    require_handler(principal, complaint)
    if outcome not in OUTCOMES:
        raise UserError("请选择处置结果。")
    said = checked_text(words, N_("请写明处置情况，存档备查。"))
    if not may_record_outcome(complaint.state, sealed=complaint.sealed):
        raise Conflict("现在不能登记处置结果：要先开始核实；已经办结的不再更改。")
    today = local_date(at)
    complaint.outcome, complaint.outcome_on = outcome, today
    limit = rules.limit_of(book_of(complaint), Matter.CLUE, ClockKind.RESULT_NOTICE)
    if limit is not None and not complaint.anonymous and complaint.state == "investigating":
        start_clocks(complaint, [rules.plan_clock(limit, today, load_calendar())])
    # The code as well: a later one takes its place on the case.
    add_entry(complaint, principal, "outcome", f"{OUTCOMES[outcome]}：{said}", public=False, at=at)
    record(principal, "record_outcome", complaint, at=at, outcome=outcome)
    db.session.flush()


def require_outcome(complaint: Complaint) -> None:
    """Raise Conflict where a sealed case has no outcome on record: whoever is told the result is told one."""
    if complaint.sealed and complaint.outcome is None:
        raise Conflict("请先登记处置结果，再答复反映人。")
