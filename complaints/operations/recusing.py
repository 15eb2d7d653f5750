"""Recusal from one case, and lifting it again (信访工作条例 §28)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from accounts.models import Official, OfficialRole, Organisation
from complaints import rules
from complaints.interests import handles, has_somebody, kept_away_from, recusals
from complaints.models import Complaint, DraftAnswer, Opening, Recusal
from complaints.operations.case import add_entry, checked_text, hold, record
from complaints.operations.extending import find_granter
from complaints.operations.passing_up import leave_to_somebody, nobody_else
from complaints.queries import is_visible
from complaints.reporters import concerns_office, offices_concerned
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.msgid import N_
from core.principal import OrganisationKind, Principal, Role


def offices_answered_for(principal: Principal, complaint: Complaint) -> set[int]:
    """The offices whose officials this principal, who sees the case, may recuse from it and bring back: as approver his
    own; the discipline commission those that the case concerns. What it wrote into a case that it sees for a
    confidential reporter only would betray him: there it speaks for itself alone."""
    own = {principal.organisation_id} if principal.organisation_id is not None else set()
    if principal.may(rules.READ_SEALED):
        return own | (offices_concerned(complaint) if concerns_office(principal, complaint) else set())
    return own if principal.may(rules.GRANT_EXTENSION) else set()


def recusable(principal: Principal, complaint: Complaint) -> Sequence[Official]:
    """The others whom the principal, who sees the case, may recuse from it, by office and name."""
    offices = offices_answered_for(principal, complaint)
    if not offices:
        return []
    readers = (Role.COMPLAINT_HANDLER.value, Role.APPROVER.value)
    return db.session.scalars(
        select(Official)
        .where(
            Official.organisation_id.in_(offices),
            Official.active,
            Official.id != principal.official_id,
            Official.id.not_in(kept_away_from(complaint)),
            Official.id.in_(select(OfficialRole.official_id).where(OfficialRole.role.in_(readers))),
            Official.organisation.has(Organisation.kind.in_(rules.OWNER_KINDS)),
        )
        .order_by(Official.organisation_id, Official.name, Official.id)
    ).all()


def liftable(principal: Principal, complaint: Complaint) -> Sequence[Recusal]:
    """The recusals that the principal, who sees the case, may lift."""
    offices = offices_answered_for(principal, complaint)
    return [found for found in recusals(complaint) if found.official.organisation_id in offices]


def recuse(
    principal: Principal, complaint: Complaint, official_id: int | None, reason: str, *, at: datetime
) -> Recusal:
    """Keep an official out of a case, for a reason: himself (None), or another by an approver of his office or by the
    discipline commission. From now on the case does not exist for him; was he its handler, it has none. Where nobody
    else of the office could handle it, it goes up the line; the reporter reads so, and no clock moves.

    Raises NotVisible, UserError without a reason or for somebody whom the principal cannot recuse, Conflict where there
    is nobody for the case then.
    """
    if not principal.is_official or not is_visible(principal, complaint):
        raise NotVisible
    said = checked_text(reason, N_("请写明回避的理由。"))
    official = _whom(principal, complaint, official_id)
    office = official.organisation
    # One after the other in an office: two who recuse themselves at once would each count upon the other.
    db.session.execute(select(Organisation.id).where(Organisation.id == office.id).with_for_update(key_share=True))
    hold(complaint)
    away = kept_away_from(complaint)
    if official.id in away:
        raise Conflict("这位同事已经回避。")
    highest = office.kind == OrganisationKind.DISCIPLINE.value
    if highest and handles(official) and not has_somebody(office.id, away | {official.id}):
        raise Conflict(nobody_else(office.kind))
    recusal = Recusal(
        complaint_id=complaint.id, official_id=official.id, reason=said, decided_by=principal.official_id, at=at
    )
    db.session.add(recusal)
    _leave(complaint, official, at)
    own_word = official.id == principal.official_id
    add_entry(
        complaint,
        principal,
        _kind(complaint, office.id, "recused", rules.RECUSED_IN_CONFIDENCE),
        said if own_word else f"{official.name}：{said}",
        public=False,
        at=at,
    )
    record(principal, "recuse", complaint, at=at, recused_id=official.id)
    db.session.flush()
    if handles(official):
        leave_to_somebody(principal, complaint, office.id, at=at)
    find_granter(complaint)
    return recusal


def lift_recusal(principal: Principal, complaint: Complaint, official_id: int, reason: str, *, at: datetime) -> None:
    """Let an official see the case again, for a reason: an approver of his office or the discipline commission, and
    never he himself. Raises NotVisible, UserError, Conflict where he is not recused."""
    if not is_visible(principal, complaint):
        raise NotVisible
    said = checked_text(reason, N_("请写明为什么解除回避。"))
    if official_id == principal.official_id:
        raise PermissionDenied("本人的回避必须由另一位同事解除。")
    recusal = next((found for found in liftable(principal, complaint) if found.official_id == official_id), None)
    if recusal is None:
        raise Conflict("这位同事没有回避，或者不由您解除。请刷新页面后再看。")
    recusal.ended_by, recusal.ended_at, recusal.end_reason = principal.official_id, at, said
    office_id = recusal.official.organisation_id
    add_entry(
        complaint,
        principal,
        _kind(complaint, office_id, "recusal_lifted", rules.LIFTED_IN_CONFIDENCE),
        f"{recusal.official.name}：{said}",
        public=False,
        at=at,
    )
    record(principal, "lift_recusal", complaint, at=at, recused_id=official_id)
    db.session.flush()


def _whom(principal: Principal, complaint: Complaint, official_id: int | None) -> Official:
    if official_id is None or official_id == principal.official_id:
        return db.session.get_one(Official, principal.official_id)
    found = next((person for person in recusable(principal, complaint) if person.id == official_id), None)
    if found is None:
        raise UserError("请从列出的人员中选择由谁回避。")
    return found


def _leave(complaint: Complaint, official: Official, at: datetime) -> None:
    """Nothing of his is left in the case: not its handling, not an answer that waits, not that he has it open."""
    if complaint.handler_id == official.id:
        complaint.handler_id = None
    db.session.execute(
        update(DraftAnswer)
        .where(
            DraftAnswer.complaint_id == complaint.id,
            DraftAnswer.written_by == official.id,
            DraftAnswer.decided_at.is_(None),
        )
        .values(decided_at=at)
    )
    db.session.execute(delete(Opening).where(Opening.complaint_id == complaint.id, Opening.official_id == official.id))


def _kind(complaint: Complaint, office_id: int, kind: str, in_confidence: str) -> str:
    return kind if office_id in offices_concerned(complaint) else in_confidence
