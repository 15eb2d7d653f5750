"""Which cases may be joined as one matter, and which of them take a step together with the leading one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from complaints.rules.life import COMPLAINT_WORKFLOW, OPEN
from core.errors import Conflict, UserError

SAME_MATTER_WITHIN = timedelta(days=90)
"""Calendar days between two cases of one place and category that are shown as perhaps the same matter."""
TOGETHER = ("accept", "investigate", "conclude", "approve_answer")
"""Steps that the linked cases may take with the leading one."""
ANSWERS = frozenset({"conclude", "approve_answer"})


@dataclass(frozen=True)
class Linkable:
    """What decides whether a case may be joined: ``leading_id`` is the case that it follows already. ``asked_again``:
    its reporter had it reopened or reviewed. ``owes_outcome``: a clue whose end nobody has recorded."""

    id: int
    owner_id: int
    state: str
    sealed: bool
    unread: bool = False
    asked_again: bool = False
    leading_id: int | None = None
    owes_outcome: bool = False


def leading_of(case: Linkable, other: Linkable) -> int:
    """The id of the case that ``case`` follows from now on when it is joined to ``other``: that one, or the one that it
    follows itself, so that a matter has one leading case.

    Raises UserError for itself, Conflict where the two cannot be one matter: on two desks, one sealed and the other
    not, ended, or joined already.
    """
    if case.id == other.id:
        raise UserError("这就是本件的编号。请填写另一件的编号。")
    if case.owner_id != other.owner_id:
        raise Conflict("只能与本单位办理的事并案。")
    if case.sealed != other.sealed:
        raise Conflict("问题线索只能与问题线索并案。")
    if case.state not in OPEN:
        raise Conflict("这件事已经结束，不能再并案。")
    if other.state == "declined":
        raise Conflict("那件事没有受理，不能与它并案。")
    leading = other.leading_id or other.id
    if leading in (case.id, case.leading_id):
        raise Conflict("这两件已经并案。")
    return leading


def leading_when_left(cases: Sequence[Linkable]) -> int | None:
    """The id of the case that leads those that are left, the oldest first, when the one that led them is gone: the
    oldest that has not ended. None where fewer than two are left, who need none."""
    if len(cases) < 2:
        return None
    return next((case.id for case in cases if case.state in OPEN), cases[0].id)


def goes_along(leading: Linkable, follower: Linkable, action: str) -> bool:
    """Whether a linked case takes this step together with the leading one: on the same desk, at that very point of its
    life, and with nothing unread and no outcome missing before an answer. Who was not content with an answer gets one
    of his own."""
    if leading.owner_id != follower.owner_id or action not in TOGETHER or follower.asked_again:
        return False
    ready = action not in ANSWERS or not (follower.unread or follower.owes_outcome)
    return ready and COMPLAINT_WORKFLOW.find(follower.state, action) is not None
