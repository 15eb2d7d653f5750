"""An office's own wordings for questions, refusals and answers: kept, chosen in a case, filled in there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from complaints import rules
from complaints.models import Complaint, Wording
from complaints.operations.case import checked_text
from core import audit
from core.database import db
from core.errors import NotVisible, UserError
from core.msgid import N_
from core.principal import Principal

USES = {"ask": N_("请反映人补充"), "decline": N_("不予受理"), "conclude": N_("答复")}
"""Action of a case → its name: where a wording can be chosen."""
MOST_TITLE = 50
MOST_WORDINGS = 200


def wordings_of(principal: Principal) -> Sequence[Wording]:
    """What the principal's office keeps and has not retired, by use and title."""
    return db.session.scalars(
        select(Wording)
        .where(Wording.organisation_id == principal.organisation_id, Wording.retired_at.is_(None))
        .order_by(Wording.use, Wording.title, Wording.id)
        .limit(MOST_WORDINGS)
    ).all()


def wording_by_id(principal: Principal, wording_id: int) -> Wording:
    """One of the own office, in use. Raises NotVisible for any other."""
    found = db.session.scalar(
        select(Wording).where(
            Wording.id == wording_id,
            Wording.organisation_id == principal.organisation_id,
            Wording.retired_at.is_(None),
        )
    )
    if found is None:
        raise NotVisible
    return found


def filled(wording: Wording, complaint: Complaint) -> str:
    """The text with the number of the case and its earliest due day where it asks for them."""
    due_on = complaint.due_on.isoformat() if complaint.due_on else ""
    return wording.text.replace("{编号}", complaint.number).replace("{期限}", due_on)


def keep_wording(
    principal: Principal, use: str, title: str, text: str, *, at: datetime, wording: Wording | None = None
) -> Wording:
    """Create a wording of the own office, or change one. Raises UserError."""
    principal.require(rules.HANDLE_COMPLAINTS)
    if use not in USES:
        raise UserError("请选择用在哪里。")
    name, said = title.replace("\x00", "").strip(), checked_text(text, N_("请写明内容。"))
    if not 1 <= len(name) <= MOST_TITLE:
        raise UserError("请写一个 %(most)d 字以内的名称。", most=MOST_TITLE)
    assert principal.organisation_id is not None and principal.official_id is not None  # nobody else holds the right
    if wording is None:
        wording = Wording(organisation_id=principal.organisation_id)
        db.session.add(wording)
    wording.use, wording.title, wording.text = use, name, said
    wording.changed_by, wording.changed_at = principal.official_id, at
    db.session.flush()
    audit.record(principal, "complaint.keep_wording", "wording", str(wording.id), at=at)
    return wording


def retire_wording(principal: Principal, wording: Wording, *, at: datetime) -> None:
    """Offer it no longer; what was written with it stays."""
    principal.require(rules.HANDLE_COMPLAINTS)
    wording.retired_at = at
    audit.record(principal, "complaint.retire_wording", "wording", str(wording.id), at=at)
    db.session.flush()
