"""What can be done with a case by whom: the page offers these, and one view carries them out."""

from collections.abc import Callable
from datetime import date, datetime

from complaints import rules
from complaints.actions.answering import ANSWERING
from complaints.actions.ending import ENDING
from complaints.actions.moving import MOVING
from complaints.actions.recusing import RECUSING
from complaints.actions.sheet import Action, Given
from complaints.extensions import grants
from complaints.misrouted import decides, may_object, may_redirect, targets, waiting_objection
from complaints.models import Complaint
from complaints.operations.approving import may_decide, needs_approval, waiting_draft
from complaints.operations.case import book_of, open_extension
from complaints.operations.coming_back import answered
from complaints.operations.extending import extendable_clock
from complaints.operations.recusing import liftable, recusable
from complaints.operations.retaining import may_hold, own_hold
from complaints.operations.taking_over import may_take_over
from complaints.reporters import concerns_office
from complaints.rules.after_answer import may_close
from complaints.rules.sealed import may_record_outcome
from core.calendar import local_date
from core.errors import NotVisible
from core.principal import Principal

__all__ = ["ACTIONS", "Action", "Given", "action_named", "offered", "recusing_offered"]

OFFERED = (*ANSWERING, *MOVING, *ENDING)
ACTIONS = {action.name: action for action in (*OFFERED, *RECUSING)}


def offered(principal: Principal, complaint: Complaint, at: datetime) -> list[Action]:
    """What the page offers: what the operations would let this principal do now. They check again."""
    today = local_date(at)
    return [action for action in OFFERED if _is_offered(action.name, principal, complaint, today)]


def recusing_offered(principal: Principal, complaint: Complaint) -> list[tuple[Action, list[tuple[int, str]]]]:
    """What the page offers to keep somebody out of the case or bring him back, each with those among whom to choose as
    (id, name and office)."""
    others = [(person.id, f"{person.name}（{person.organisation.name}）") for person in recusable(principal, complaint)]
    away = [
        (found.official_id, f"{found.official.name}（{found.official.organisation.name}）")
        for found in liftable(principal, complaint)
    ]
    choices: dict[str, list[tuple[int, str]]] = {"recuse": [], "recuse_other": others, "lift": away}
    return [(action, choices[action.name]) for action in RECUSING if choices[action.name] or not action.asks]


def _is_offered(name: str, principal: Principal, complaint: Complaint, today: date) -> bool:
    handles = principal.may(rules.HANDLE_COMPLAINTS)
    own = complaint.owner_id == principal.organisation_id
    is_open = complaint.state in rules.OPEN
    wherever: dict[str, Callable[[], bool]] = {
        "note": lambda: handles and is_open and concerns_office(principal, complaint),
        "refer": lambda: handles and is_open and not complaint.sealed,
        "take_over": lambda: may_take_over(principal, complaint),
        "hold": lambda: may_hold(principal, complaint) and own_hold(principal, complaint) is None,
        "lift_hold": lambda: may_hold(principal, complaint) and own_hold(principal, complaint) is not None,
        "pass_on": lambda: decides(principal, waiting_objection(complaint)) and bool(targets(complaint)),
        "refuse_objection": lambda: decides(principal, waiting_objection(complaint)),
        "grant": lambda: grants(principal, complaint, open_extension(complaint)),
        "refuse": lambda: grants(principal, complaint, open_extension(complaint)),
    }
    if name in wherever:
        return wherever[name]()
    if name in {"approve", "send_back"}:
        return own and _may_decide(name, principal, complaint)
    return handles and own and _on_own_desk(name, principal, complaint, today)


def _on_own_desk(name: str, principal: Principal, complaint: Complaint, today: date) -> bool:
    may_move = rules.COMPLAINT_WORKFLOW.find(complaint.state, name) is not None

    def by_two() -> bool:
        return needs_approval(complaint.owner_id, principal.official_id)

    checks: dict[str, Callable[[], bool]] = {
        "mark_read": lambda: complaint.unread,
        "ask": lambda: complaint.state in rules.OPEN,
        "record_outcome": lambda: may_record_outcome(complaint.state, sealed=complaint.sealed),
        "conclude": lambda: may_move and _may_answer(complaint) and not by_two(),
        "hand_in": lambda: complaint.state == "investigating" and _may_answer(complaint) and by_two(),
        "redirect": lambda: may_redirect(complaint),
        "object": lambda: may_object(complaint, today),
        "withdraw_extension": lambda: open_extension(complaint) is not None,
        "ask_extension": lambda: _may_ask_extension(complaint, today),
        "close": lambda: may_move and not complaint.unread and _may_close(complaint, today),
    }
    return checks[name]() if name in checks else may_move


def _may_answer(complaint: Complaint) -> bool:
    return not complaint.unread and (not complaint.sealed or complaint.outcome is not None)


def _may_close(complaint: Complaint, today: date) -> bool:
    return may_close(answered(complaint), today, book_of(complaint))


def _may_ask_extension(complaint: Complaint, today: date) -> bool:
    clock = extendable_clock(complaint)
    return complaint.state in rules.RUNNING and clock is not None and clock.due_on >= today


def _may_decide(name: str, principal: Principal, complaint: Complaint) -> bool:
    ready = name == "send_back" or not complaint.unread
    return ready and may_decide(principal, complaint, waiting_draft(complaint))


def action_named(name: str) -> Action:
    """The action of that name. Raises NotVisible for another."""
    if name not in ACTIONS:
        raise NotVisible
    return ACTIONS[name]
