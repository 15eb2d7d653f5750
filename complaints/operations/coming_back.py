"""The reporter after an answer: how well it settles the matter, asking for a reopening, or for a review by the next
office up the line."""

from datetime import datetime

from sqlalchemy import select

from complaints import rules
from complaints.interests import able_offices_for
from complaints.models import Complaint, Rating, Review
from complaints.offices import case_of, office_of
from complaints.operations.case import (
    add_entry,
    book_of,
    category_of,
    checked_length,
    checked_text,
    record,
    start_clocks,
    was_taken,
)
from complaints.operations.linking import leave_group
from complaints.queries import complaint_by_receipt
from complaints.rulebook import ClockKind
from complaints.rules import after_answer
from complaints.rules.after_answer import Answered
from core import workflow
from core.calendar import local_date
from core.database import db
from core.errors import Conflict, UserError
from core.msgid import N_
from core.principal import NOBODY, OrganisationKind
from core.working_days import load_calendar


def answered(complaint: Complaint) -> Answered:
    """What decides what the reporter may ask for now."""
    return Answered(
        state=complaint.state,
        concluded_on=local_date(complaint.concluded_at) if complaint.concluded_at else None,
        reopened=complaint.reopened_at is not None,
        reviewed=complaint.review is not None,
        # Nobody looks for an office where it would not matter.
        reviewable=complaint.state == "concluded" and office_above(complaint) is not None,
    )


def office_above(complaint: Complaint) -> rules.Office | None:
    """The office that would review an answer of the one that has the case now, and that has anybody left to do it."""
    return rules.next_above(office_of(complaint.owner), case_of(complaint), able_offices_for(complaint))


def whom_to_turn_to(complaint: Complaint, case: Answered) -> str:
    """Whom outside the county the reporter of an answered case may turn to, as a message id; "" while the county itself
    has an office that reviews, and under rules that know no review."""
    if case.state != "concluded" or not book_of(complaint).review_days or (case.reviewable and not case.reviewed):
        return ""
    return after_answer.turn_to(OrganisationKind(complaint.owner.kind), reviewed=case.reviewed)


def reopen(receipt_code: str, reason: str, *, at: datetime, form_name: str = "") -> Complaint:
    """The reporter is not content: once, within the days of the rulebook after the answer. The first answer's clock
    stays as it ended; a review clock of its own starts. A form of this name that was taken before changes nothing.
    Raises NotVisible, Conflict or UserError."""
    complaint = complaint_by_receipt(receipt_code)
    if was_taken(form_name, reason):
        return complaint
    book = book_of(complaint)
    if not after_answer.may_reopen(answered(complaint), local_date(at), book):
        raise Conflict("这件事现在不能要求重新办理：只能在答复后 %(days)d 天内要求一次。", days=book.reopening_days)
    said = checked_text(reason, N_("请写明对答复哪里不满意。"))
    workflow.move(rules.COMPLAINT_WORKFLOW, complaint, "reopen", NOBODY, at=at)
    complaint.reopened_at = at
    _ask_again(complaint, ClockKind.REVIEW, "reopened", said, at=at, form_name=form_name)
    return complaint


def ask_review(receipt_code: str, reason: str, *, at: datetime, form_name: str = "") -> Complaint:
    """The reporter asks the next office up the line for a review: once, within the days of the rulebook after the
    answer. From now on the case lies on its desk; a clock of its own starts. A form of this name that was taken before
    changes nothing. Raises NotVisible, Conflict or UserError."""
    complaint = complaint_by_receipt(receipt_code)
    if was_taken(form_name, reason):
        return complaint
    book, above = book_of(complaint), office_above(complaint)
    if above is None or not after_answer.may_ask_review(answered(complaint), local_date(at), book):
        raise Conflict(
            "这件事现在不能申请复查：只能在答复后 %(days)d 天内申请一次，而且要有上一级单位。", days=book.review_days
        )
    said = checked_text(reason, N_("请写明对答复哪里不满意。"))
    workflow.move(rules.COMPLAINT_WORKFLOW, complaint, "ask_review", NOBODY, at=at)
    complaint.review = Review(
        complaint_id=complaint.id, answered_by_id=complaint.owner_id, office_id=above.id, asked_at=at
    )
    complaint.owner_id, complaint.handler_id = above.id, None
    leave_group(NOBODY, complaint, at=at)
    _ask_again(complaint, ClockKind.HIGHER_REVIEW, "review_asked", said, at=at, form_name=form_name)
    return complaint


def _ask_again(complaint: Complaint, kind: ClockKind, entry: str, said: str, *, at: datetime, form_name: str) -> None:
    limit = rules.limit_of(book_of(complaint), category_of(complaint).matter, kind)
    if limit is not None:
        start_clocks(complaint, [rules.plan_clock(limit, local_date(at), load_calendar())])
    add_entry(complaint, NOBODY, entry, said, public=True, at=at, form_name=form_name)
    complaint.unread = True
    record(NOBODY, entry, complaint, at=at)
    db.session.flush()


def rate(receipt_code: str, satisfaction: str, words: str = "", *, at: datetime) -> Complaint:
    """The reporter says how well the answer settles it, without closing the case: once for each answer, his latest word
    counts until then. Raises NotVisible, Conflict without an answer, UserError where he has not chosen."""
    complaint = complaint_by_receipt(receipt_code)
    if complaint.state != "concluded":
        raise Conflict("这件事现在没有可以评价的答复。")
    if not satisfaction:
        raise UserError("请先选对答复满意不满意。")
    _keep_rating(complaint, satisfaction, words, settled=False, at=at)
    record(NOBODY, "rate", complaint, at=at)
    return complaint


def settle(
    receipt_code: str, satisfaction: str = "", words: str = "", *, at: datetime, form_name: str = ""
) -> Complaint:
    """The reporter says that the answer settles it, and how well: the case is closed. A form of this name that was
    taken before changes nothing. Raises NotVisible, Conflict, or UserError for a word that is no rating."""
    complaint = complaint_by_receipt(receipt_code)
    if was_taken(form_name, words):
        return complaint
    workflow.move(rules.COMPLAINT_WORKFLOW, complaint, "close", NOBODY, at=at)
    complaint.closed_at = at
    said = checked_length(words)
    if satisfaction:
        _keep_rating(complaint, satisfaction, said, settled=True, at=at)
    add_entry(complaint, NOBODY, "settled", said, public=True, at=at, form_name=form_name)
    record(NOBODY, "settle", complaint, at=at)
    db.session.flush()
    return complaint


def _keep_rating(complaint: Complaint, satisfaction: str, words: str, *, settled: bool, at: datetime) -> None:
    """Keep it for the answer at hand in place of an earlier one. Raises UserError for what is no rating; IntegrityError
    where it comes twice at one moment."""
    if satisfaction not in after_answer.SATISFACTION:
        raise UserError("请先选对答复满意不满意。")
    said = checked_length(words)
    assert complaint.concluded_at is not None  # only an answered case is rated
    rating = db.session.scalar(
        select(Rating).where(Rating.complaint_id == complaint.id, Rating.answered_at == complaint.concluded_at)
    )
    if rating is None:
        rating = Rating(complaint_id=complaint.id, answered_at=complaint.concluded_at)
        db.session.add(rating)
    rating.satisfaction, rating.words, rating.settled, rating.at = satisfaction, said, settled, at
    db.session.flush()
