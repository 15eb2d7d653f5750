"""Officials' standing interests: entered, and ended (信访工作条例 §28)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, select, union_all, update

from accounts.models import Official, OfficialRole, Organisation
from complaints import rules
from complaints.interests import covered_by, handles, has_somebody, kept_away_from
from complaints.models import (
    Clock,
    Complaint,
    ComplaintEntry,
    DraftAnswer,
    Extension,
    Interest,
    Recusal,
    RoutingObjection,
)
from complaints.operations.case import cleaned_text
from complaints.operations.extending import find_granter
from complaints.operations.passing_up import leave_to_somebody
from complaints.rules import InterestIn
from core import audit
from core.bulk import insert_columns
from core.calendar import local_date
from core.database import db, rows_changed
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role
from registry.models import Region

MOST_REASON = 500
EARLIEST = date(1900, 1, 1)
PLACES = ("township", "village", "group")
"""Levels of regions that somebody may have an interest in: one in the whole county would leave him nothing."""


@dataclass(frozen=True)
class Registration:
    """What is entered: whose interest, in an organisation or in a place, why, and since which day."""

    official_id: int
    reason: str
    since: date | None
    organisation_id: int | None = None
    region_code: str = ""


def may_answer_for(principal: Principal, official: Official) -> bool:
    """Whether the principal enters and ends the interests of that other official: an approver of his office, or the
    discipline commission."""
    if official.id == principal.official_id:
        return False
    own_office = official.organisation_id == principal.organisation_id and principal.may(rules.GRANT_EXTENSION)
    return own_office or principal.may(rules.READ_SEALED)


def people(principal: Principal) -> Sequence[Official]:
    """For whom the principal may enter an interest: himself first, then the others by office and name."""
    readers = (Role.COMPLAINT_HANDLER.value, Role.APPROVER.value)
    found = db.session.scalars(
        select(Official)
        .join(Official.organisation)
        .where(
            Official.active,
            Organisation.kind.in_(rules.OWNER_KINDS),
            Official.id.in_(select(OfficialRole.official_id).where(OfficialRole.role.in_(readers))),
        )
        .order_by(Organisation.kind, Organisation.region_code, Organisation.id, Official.name, Official.id)
    ).all()
    own = [person for person in found if person.id == principal.official_id]
    return own + [person for person in found if may_answer_for(principal, person)]


def register_interest(principal: Principal, given: Registration, *, at: datetime) -> tuple[Interest, int]:
    """Enter a standing interest. From now on no case about that organisation, or of that place, exists for its
    official; those that he handles have no handler, and those that nobody else of his office could handle go up the
    line. Returns the interest, and how many went up.

    Raises UserError with what is wrong, Conflict where it stands already, or where there is nobody for a case then.
    """
    principal.require(rules.READ_COMPLAINTS)
    official = next((person for person in people(principal) if person.id == given.official_id), None)
    if official is None:
        raise UserError("请选择是谁的利害关系：本人；审批人员可以替本单位同事登记。")
    said, since = _checked(given, at)
    where = InterestIn(given.organisation_id, given.region_code or None)
    db.session.execute(
        select(Organisation.id).where(Organisation.id == official.organisation_id).with_for_update(key_share=True)
    )
    _require_new(official, where)
    _require_somebody_above_all(official, where)
    interest = Interest(
        official_id=official.id,
        organisation_id=where.organisation_id,
        region_code=where.region_code,
        reason=said,
        since=since,
        entered_by=principal.official_id,
        entered_at=at,
    )
    db.session.add(interest)
    db.session.flush()
    _leave(principal, official, covered_by(where), at)
    gone = _pass_up(principal, official, covered_by(where), at)
    _find_granters(official, covered_by(where))
    _record(principal, "register_interest", interest, at, passed_up=gone)
    return interest, gone


def end_interest(principal: Principal, interest: Interest, reason: str, *, at: datetime) -> None:
    """End an interest for a reason; it stays on record. By an approver of the official's office or by the discipline
    commission, not by himself: what keeps him out is not for him to take away.

    Raises PermissionDenied, UserError without a reason, Conflict where it has ended.
    """
    principal.require(rules.READ_COMPLAINTS)
    if not may_answer_for(principal, interest.official):
        raise PermissionDenied("利害关系由本单位另一位审批人员或者纪委监委注销，本人不能注销。")
    said = _reason(reason)
    ended = db.session.execute(
        update(Interest)
        .where(Interest.id == interest.id, Interest.ended_at.is_(None))
        .values(ended_by=principal.official_id, ended_at=at, end_reason=said, until=local_date(at))
        .execution_options(synchronize_session=False)
    )
    db.session.expire(interest)
    if not rows_changed(ended):
        raise Conflict("这一条已经注销。")
    _record(principal, "end_interest", interest, at)


def _reason(reason: str) -> str:
    said = cleaned_text(reason)
    if not said or len(said) > MOST_REASON:
        raise UserError("请写明理由（最多 %(most)d 字）。", most=MOST_REASON)
    return said


def _checked(given: Registration, at: datetime) -> tuple[str, date]:
    said = _reason(given.reason)
    if given.since is None or not EARLIEST <= given.since <= local_date(at):
        raise UserError("请填写从哪一天起：不能晚于今天。")
    if (given.organisation_id is None) == (not given.region_code):
        raise UserError("请选一个单位，或者选一个地方：两样都有的，分两条登记。")
    if given.organisation_id is not None:
        if db.session.get(Organisation, given.organisation_id) is None:
            raise UserError("没有找到您选的单位。请重新选择。")
    else:
        region = db.session.get(Region, given.region_code)
        if region is None or region.level not in PLACES:
            raise UserError("请选择乡镇（街道）或者村（社区）。")
    return said, given.since


def _same(where: InterestIn) -> ColumnElement[bool]:
    return and_(
        Interest.organisation_id.is_not_distinct_from(where.organisation_id),
        Interest.region_code.is_not_distinct_from(where.region_code),
        Interest.ended_at.is_(None),
    )


def _require_new(official: Official, where: InterestIn) -> None:
    known = select(Interest.id).where(Interest.official_id == official.id, _same(where))
    if db.session.scalar(known.limit(1)) is not None:
        raise Conflict("这一条已经登记过，现在还有效。")


def _require_somebody_above_all(official: Official, where: InterestIn) -> None:
    """The discipline commission has nobody above it: of its handlers one at least may have whatever comes to it, and
    whatever may come that some of them are recused from."""
    office_id = official.organisation_id
    if official.organisation.kind != OrganisationKind.DISCIPLINE.value or not handles(official):
        return
    handlers = db.session.scalars(
        select(Official.id)
        .join(OfficialRole, OfficialRole.official_id == Official.id)
        .where(
            Official.organisation_id == office_id,
            Official.active,
            OfficialRole.role == Role.COMPLAINT_HANDLER.value,
        )
    ).all()
    of_each: dict[int, list[InterestIn]] = {handler: [] for handler in handlers}
    known = select(Interest.official_id, Interest.organisation_id, Interest.region_code)
    for row in db.session.execute(known.where(Interest.official_id.in_(handlers), Interest.ended_at.is_(None))):
        of_each[row.official_id].append(InterestIn(row.organisation_id, row.region_code))
    of_each[official.id].append(where)
    recused = select(Recusal.complaint_id).where(Recusal.official_id.in_(handlers), Recusal.ended_at.is_(None))
    theirs = select(Complaint).where(Complaint.id.in_(recused), covered_by(where), Complaint.state.in_(rules.OPEN))
    alone = any(
        not has_somebody(office_id, kept_away_from(complaint) | {official.id})
        for complaint in db.session.scalars(theirs)
    )
    if alone or not rules.somebody_is_left(of_each.values()):
        raise Conflict(
            "纪委监委必须始终有一位办理人员对任何事项都没有利害关系，上面没有单位可以接办。"
            "请先由管理员给另一位办理人员开通账号，再登记这一条。"
        )


def _leave(principal: Principal, official: Official, covered: ColumnElement[bool], at: datetime) -> None:
    """He handles none of these cases any more, and no answer of his waits in them."""
    left = db.session.scalars(
        update(Complaint)
        .where(
            # By its index: whatever he handles lies on the desk of his office.
            Complaint.owner_id == official.organisation_id,
            Complaint.handler_id == official.id,
            Complaint.state.in_(rules.OPEN),
            covered,
        )
        .values(handler_id=None)
        .returning(Complaint.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.execute(
        update(DraftAnswer)
        .where(
            DraftAnswer.written_by == official.id,
            DraftAnswer.decided_at.is_(None),
            exists().where(Complaint.id == DraftAnswer.complaint_id, covered),
        )
        .values(decided_at=at)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    if not left:
        return
    entries = {
        "complaint_id": sorted(left),
        "kind": "handler_left",
        "author": principal.name,
        "official_id": principal.official_id,
        "organisation_id": principal.organisation_id,
        "text": official.name,
        "public": False,
        "at": at,
    }
    insert_columns(ComplaintEntry, entries)


def _pass_up(principal: Principal, official: Official, covered: ColumnElement[bool], at: datetime) -> int:
    """What he was the only one for, on his office's desk or for it to decide, goes to somebody else."""
    office_id = official.organisation_id
    kept_from_some = union_all(
        select(Interest.official_id).where(Interest.ended_at.is_(None)),
        select(Recusal.official_id).where(Recusal.ended_at.is_(None)),
    )
    # Nobody goes through the cases one by one where a colleague may have them all.
    if not handles(official) or has_somebody(office_id, set(db.session.scalars(kept_from_some))):
        return 0
    to_decide = select(RoutingObjection.complaint_id).where(
        RoutingObjection.deciding_id == office_id, RoutingObjection.ended_at.is_(None)
    )
    theirs = select(Complaint).where(covered, Complaint.state.in_(rules.OPEN))
    found = [
        *db.session.scalars(theirs.where(Complaint.owner_id == office_id).order_by(Complaint.id)),
        *db.session.scalars(theirs.where(Complaint.id.in_(to_decide)).order_by(Complaint.id)),
    ]
    return sum(leave_to_somebody(principal, complaint, office_id, at=at) for complaint in found)


def _find_granters(official: Official, covered: ColumnElement[bool]) -> None:
    """Of these cases, those of his office that ask for more days, and those of others that ask it, may need somebody
    else to grant them now."""
    office_id = official.organisation_id
    own = select(Complaint).where(Complaint.owner_id == office_id, Complaint.extension_asked, covered)
    asked = (
        select(Complaint)
        .join(Clock, Clock.complaint_id == Complaint.id)
        .join(Extension, Extension.clock_id == Clock.id)
        .where(Extension.deciding_id == office_id, Extension.granted.is_(None), covered)
    )
    for complaint in (*db.session.scalars(own), *db.session.scalars(asked)):
        find_granter(complaint)


def _record(principal: Principal, action: str, interest: Interest, at: datetime, **details: int) -> None:
    audit.record(
        principal,
        f"complaint.{action}",
        "interest",
        str(interest.id),
        at=at,
        visible_to=OrganisationKind.DISCIPLINE,
        official_id=interest.official_id,
        **details,
    )
    db.session.flush()
