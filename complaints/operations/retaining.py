"""Keeping a case beyond its years, letting go of it, and how many years there are."""

from datetime import datetime

from sqlalchemy import select, update

from complaints import rules
from complaints.models import Complaint, Hold, RetentionSetting
from complaints.operations.case import add_entry, checked_text, record
from complaints.queries import is_visible
from complaints.reporters import concerns_office
from complaints.retained import categories, years_by_category
from core import audit
from core.database import db, rows_changed
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.listing import looks_personal
from core.msgid import N_
from core.plain_text import plain
from core.principal import OrganisationKind, Principal

MOST_REASON = 500


def own_hold(principal: Principal, complaint: Complaint) -> Hold | None:
    """The hold of the principal's own office that stands."""
    return db.session.scalar(
        select(Hold).where(
            Hold.complaint_id == complaint.id,
            Hold.organisation_id == principal.organisation_id,
            Hold.lifted_at.is_(None),
        )
    )


def may_hold(principal: Principal, complaint: Complaint) -> bool:
    """Whether the principal may keep the ended case: its office, or the discipline commission where it concerns it.
    (What it did to a confidential case on another's desk would tell that office of which kind it is.)"""
    if complaint.state not in rules.ENDED:
        return False
    own = complaint.owner_id == principal.organisation_id
    supervises = principal.organisation_kind == OrganisationKind.DISCIPLINE and concerns_office(principal, complaint)
    return principal.may(rules.HANDLE_COMPLAINTS) and (own or supervises)


def hold(principal: Principal, complaint: Complaint, reason: str, *, at: datetime) -> None:
    """Keep the case beyond its years until the same office lets go of it; an announced deletion is called off.

    Raises NotVisible (also where it has just been deleted), PermissionDenied, UserError without a reason, Conflict
    where the office keeps it already, or it has not ended yet: then nothing deletes it.
    """
    _require(principal, complaint)
    said = checked_text(reason, N_("请写明为什么留存，例如有诉讼、复核或者巡察要用。"))
    if complaint.state not in rules.ENDED:
        raise Conflict("还没有办结的不会删除，不用留存。")
    if own_hold(principal, complaint) is not None:
        raise Conflict("本单位已经留存了这件事。")
    # The row is written, and so held, before anything else: the night that deletes it waits, and then finds it kept.
    kept = db.session.execute(
        update(Complaint)
        .where(Complaint.id == complaint.id, Complaint.erased_on.is_(None))
        .values(erase_on=None)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(kept):
        raise NotVisible
    db.session.expire(complaint, ["erase_on"])
    db.session.add(
        Hold(
            complaint_id=complaint.id,
            organisation_id=principal.organisation_id,
            official_id=principal.official_id,
            reason=said,
            at=at,
        )
    )
    add_entry(complaint, principal, "held", said, public=False, at=at)
    record(principal, "hold", complaint, at=at)
    db.session.flush()


def lift_hold(principal: Principal, complaint: Complaint, reason: str, *, at: datetime) -> None:
    """Let go of a case that the own office keeps. Where its years are over it is announced for deletion by the next
    night, and deleted thirty days after that. Raises what ``hold`` raises, Conflict where nothing is kept."""
    _require(principal, complaint)
    said = checked_text(reason, N_("请写明为什么不再留存。"))
    lifted = db.session.execute(
        update(Hold)
        .where(
            Hold.complaint_id == complaint.id,
            Hold.organisation_id == principal.organisation_id,
            Hold.lifted_at.is_(None),
        )
        .values(lifted_at=at, lifted_by=principal.official_id)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(lifted):
        raise Conflict("本单位没有留存这件事，可能同事刚刚解除。")
    add_entry(complaint, principal, "hold_lifted", said, public=False, at=at)
    record(principal, "lift_hold", complaint, at=at)
    db.session.flush()


def _require(principal: Principal, complaint: Complaint) -> None:
    principal.require(rules.HANDLE_COMPLAINTS)
    if not is_visible(principal, complaint):
        raise NotVisible
    if complaint.state in rules.ENDED and not may_hold(principal, complaint):
        raise PermissionDenied("只有办理这件事的单位和纪委监委可以留存。")


def may_set_period(principal: Principal, category: str) -> bool:
    """Whether the principal sets the period of that category: the finance bureau; the sealed room's the discipline
    commission alone."""
    own = OrganisationKind.DISCIPLINE if category == rules.SEALED_ROOM else OrganisationKind.FINANCE
    return principal.may(rules.SET_RETENTION) and principal.organisation_kind == own


def set_period(principal: Principal, category: str, years: int, reason: str, *, at: datetime) -> None:
    """Decide for how many years ended cases of a category are kept from now on. A shorter period deletes nothing before
    it was announced for thirty days, and can be taken back until then; a longer one calls announced deletions off.

    Raises PermissionDenied, NotVisible for what is no category for him, UserError, Conflict where it is so already.
    """
    principal.require(rules.SET_RETENTION)
    known = {code for code, found in categories().items() if not found.is_clue}
    if principal.may(rules.READ_SEALED):
        known.add(rules.SEALED_ROOM)
    if category not in known:
        raise NotVisible
    if not may_set_period(principal, category):
        raise PermissionDenied("普通事项的保存期限由县财政局设定，问题线索的由县纪委监委设定。")
    said = plain(reason)
    if not 1 <= len(said) <= MOST_REASON or looks_personal(said):
        raise UserError("请写明理由和依据（%(most)d 字以内），不要写证件号码或电话。", most=MOST_REASON)
    if not rules.LEAST_YEARS <= years <= rules.MOST_YEARS:
        raise UserError("保存期限应在 %(least)d 到 %(most)d 年之间。", least=rules.LEAST_YEARS, most=rules.MOST_YEARS)
    before = years_by_category()[category]
    if before == years:
        raise Conflict("现在就是这样设置的，没有改动。")
    db.session.add(
        RetentionSetting(category=category, years=years, reason=said, official_id=principal.official_id, at=at)
    )
    audit.record(
        principal,
        "complaint.set_retention",
        "category",
        category,
        at=at,
        visible_to=OrganisationKind.DISCIPLINE if category == rules.SEALED_ROOM else None,
        years=years,
        before=before,
    )
    db.session.flush()
