"""Pure decisions about what a reporter may ask for after an answer: a reopening, a review by the office above, or whom
to turn to where the county has none."""

from dataclasses import dataclass
from datetime import date, timedelta

from complaints.rulebook import Rulebook
from core.msgid import N_
from core.principal import OrganisationKind

SATISFACTION = {
    "satisfied": N_("满意"),
    "partly": N_("部分满意"),
    "not_satisfied": N_("不满意"),
}
"""How well an answer settles it, as the reporter sees it."""


@dataclass(frozen=True)
class Answered:
    """What decides it: where the case stands, when the answer was given, and what he has asked for already.
    ``reviewable``: there is an office above the one that answered."""

    state: str
    concluded_on: date | None
    reopened: bool = False
    reviewed: bool = False
    reviewable: bool = False


def reopening_ends(concluded_on: date, book: Rulebook) -> date:
    """The last day on which the reporter may ask for a reopening."""
    return concluded_on + timedelta(days=book.reopening_days)


def review_ends(concluded_on: date, book: Rulebook) -> date:
    """The last day on which the reporter may ask for a review."""
    return concluded_on + timedelta(days=book.review_days)


def may_reopen(case: Answered, today: date, book: Rulebook) -> bool:
    """Whether the reporter may have it reopened today: once, within the days of the rulebook after the answer, and not
    after a review: the office above has spoken."""
    if case.state != "concluded" or case.concluded_on is None or case.reopened or case.reviewed:
        return False
    return today <= reopening_ends(case.concluded_on, book)


def may_ask_review(case: Answered, today: date, book: Rulebook) -> bool:
    """Whether the reporter may ask today for a review by the office above: once, within the days of the rulebook after
    the answer (信访工作条例 §35)."""
    if case.state != "concluded" or case.concluded_on is None or case.reviewed or not case.reviewable:
        return False
    return book.review_days > 0 and today <= review_ends(case.concluded_on, book)


def may_close(case: Answered, today: date, book: Rulebook) -> bool:
    """Whether the office may close what it has answered: the reporter can no longer ask for more.

    Closing is not solving: it takes neither the reopening nor the review away from him.
    """
    if case.state != "concluded" or case.concluded_on is None:
        return False
    return not may_reopen(case, today, book) and not may_ask_review(case, today, book)


def turn_to(answered_by: OrganisationKind, *, reviewed: bool) -> str:
    """Whom outside the county to turn to with an answer that nobody in it reviews (any more), as a message id."""
    if answered_by == OrganisationKind.DISCIPLINE:
        return N_("对答复不满意的，县里没有更高一级的单位复查，可以向州纪委监委反映，举报电话 12388。")
    if reviewed:
        return N_("对复查的答复还不满意的，可以在收到后 30 天内，向州里的主管部门或者州信访局申请复核。")
    return N_(
        "对答复不满意的，县里没有更高一级的单位复查，可以在收到后 30 天内，向州里的主管部门或者州信访局申请复查。"
    )
