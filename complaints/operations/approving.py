"""An answer that needs a second person: handed in, approved or sent back. Whether it does is for the office to set."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from accounts.models import Official, OfficialRole
from complaints import rules
from complaints.models import ApprovalSetting, Complaint, DraftAnswer
from complaints.operations.case import add_entry, checked_text, record
from complaints.operations.desk import require_desk
from complaints.operations.outcomes import require_outcome
from core import audit
from core.database import db, rows_changed
from core.errors import Conflict, PermissionDenied, UserError
from core.msgid import N_
from core.principal import Principal, Role

MOST_REASON = 500


def settings_of(organisation_id: int | None) -> Sequence[ApprovalSetting]:
    """What an office has set, the latest first."""
    return db.session.scalars(
        select(ApprovalSetting)
        .where(ApprovalSetting.organisation_id == organisation_id)
        .order_by(ApprovalSetting.id.desc())
        .limit(50)
    ).all()


def needs_approval(organisation_id: int, official_id: int | None = None) -> bool:
    """Whether the answers of that office need a second person now; or those of this official: nobody lifts for himself
    what others have set, so that his own choice counts for him only where it asks for the second person."""
    required = _latest_choice(organisation_id)
    if required or official_id is None:
        return required
    return _latest_choice(organisation_id, ApprovalSetting.official_id != official_id)


def _latest_choice(organisation_id: int, *which: ColumnElement[bool]) -> bool:
    latest = db.session.scalar(
        select(ApprovalSetting.required)
        .where(ApprovalSetting.organisation_id == organisation_id, *which)
        .order_by(ApprovalSetting.id.desc())
        .limit(1)
    )
    return bool(latest)


def set_approval(principal: Principal, required: bool, reason: str, *, at: datetime) -> None:
    """Decide for the own office whether answers need a second person from now on. An answer that waits is still
    decided. Raises UserError without a reason, Conflict where it is so already or nobody else could approve."""
    principal.require(rules.APPROVE_ANSWER)
    said = reason.replace("\x00", "").strip()[:MOST_REASON]
    if not said:
        raise UserError("请写明为什么这样设置。")
    assert principal.organisation_id is not None and principal.official_id is not None  # nobody else holds the right
    if needs_approval(principal.organisation_id) == required:
        raise Conflict("现在就是这样设置的，没有改动。")
    if required and _people(principal.organisation_id) < 2:
        raise Conflict("本单位只有一个人，没有另一位同事可以审核。请先由管理员开通另一位同事的账号。")
    db.session.add(
        ApprovalSetting(
            organisation_id=principal.organisation_id,
            required=required,
            reason=said,
            official_id=principal.official_id,
            at=at,
        )
    )
    audit.record(
        principal, "complaint.set_approval", "organisation", str(principal.organisation_id), at=at, required=required
    )
    db.session.flush()


def _people(organisation_id: int) -> int:
    """How many in the office handle or approve."""
    roles = (Role.COMPLAINT_HANDLER.value, Role.APPROVER.value)
    return (
        db.session.scalar(
            select(func.count(func.distinct(Official.id)))
            .join(OfficialRole, OfficialRole.official_id == Official.id)
            .where(Official.organisation_id == organisation_id, Official.active, OfficialRole.role.in_(roles))
        )
        or 0
    )


def waiting_draft(complaint: Complaint) -> DraftAnswer | None:
    """The answer of the present owner that waits for approval."""
    return db.session.scalar(
        select(DraftAnswer).where(
            DraftAnswer.complaint_id == complaint.id,
            DraftAnswer.organisation_id == complaint.owner_id,
            DraftAnswer.decided_at.is_(None),
        )
    )


def hand_in_answer(
    principal: Principal, complaint: Complaint, answer: str, *, at: datetime, with_linked: bool = False
) -> None:
    """Hand an answer in for approval; it takes the place of one that waits. No clock stops. ``with_linked``: once
    approved it is for the linked cases as well. Raises Conflict while something that the reporter added is unread, or
    where no answer can be given now."""
    principal.require(rules.HANDLE_COMPLAINTS)
    require_desk(principal, complaint)
    said = checked_text(answer, N_("请写明答复，反映人会看到。"))
    _require_ready(complaint)
    db.session.execute(
        update(DraftAnswer)
        .where(DraftAnswer.complaint_id == complaint.id, DraftAnswer.decided_at.is_(None))
        .values(decided_at=at)
    )
    db.session.add(
        DraftAnswer(
            complaint_id=complaint.id,
            organisation_id=complaint.owner_id,
            text=said,
            with_linked=with_linked,
            written_by=principal.official_id,
            written_at=at,
        )
    )
    add_entry(complaint, principal, "answer_drafted", said, public=False, at=at)
    record(principal, "hand_in_answer", complaint, at=at)
    db.session.flush()


def may_decide(principal: Principal, complaint: Complaint, draft: DraftAnswer | None) -> bool:
    """Whether this principal may decide upon that answer: of the office, with the right, and not its writer."""
    return (
        draft is not None
        and complaint.state == "investigating"
        and complaint.owner_id == principal.organisation_id
        and principal.may(rules.APPROVE_ANSWER)
        and draft.written_by != principal.official_id
    )


def decided_draft(
    principal: Principal, complaint: Complaint, written_at: str, approved: bool, *, at: datetime
) -> DraftAnswer:
    """Decide upon the answer that was read: the one handed in at that instant. Returns it.

    Raises PermissionDenied for its writer, Conflict where it waits no longer or another has taken its place, and to
    an approval while something that the reporter added is unread.
    """
    principal.require(rules.APPROVE_ANSWER)
    require_desk(principal, complaint)
    draft = waiting_draft(complaint)
    if draft is None or draft.written_at.isoformat() != written_at:
        raise Conflict("这份答复已经不在等待审核：可能已由别人审核，或者经办人又改了一稿。请看清现在的内容再办。")
    if draft.written_by == principal.official_id:
        raise PermissionDenied("答复是您本人写的，必须由另一位同事审核。")
    if approved:
        _require_ready(complaint)
    decided = db.session.execute(
        update(DraftAnswer)
        .where(DraftAnswer.id == draft.id, DraftAnswer.decided_at.is_(None))
        .values(approved=approved, decided_by=principal.official_id, decided_at=at)
    )
    if not rows_changed(decided):
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。")
    return draft


def send_back_answer(principal: Principal, complaint: Complaint, written_at: str, reason: str, *, at: datetime) -> None:
    """Send an answer back to its writer with the reason. No clock moves."""
    principal.require(rules.APPROVE_ANSWER)
    said = checked_text(reason, N_("请写明要改什么，经办人会看到。"))
    decided_draft(principal, complaint, written_at, False, at=at)
    add_entry(complaint, principal, "answer_sent_back", said, public=False, at=at)
    record(principal, "send_back_answer", complaint, at=at)
    db.session.flush()


def _require_ready(complaint: Complaint) -> None:
    if complaint.unread:
        raise Conflict("反映人刚补充了内容。请先看过并标记已阅，再答复。")
    if complaint.state != "investigating":
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。")
    require_outcome(complaint)
