"""Giving cases to a colleague of the own office, one or many in one go."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext
from sqlalchemy import or_, select, true, update

from accounts.hooks import open_work
from accounts.models import Official, OfficialRole
from complaints import rules
from complaints.interests import kept_from
from complaints.models import Complaint, ComplaintEntry
from complaints.queries import not_withheld, on_desk
from core import audit
from core.bulk import among, insert_columns
from core.bulk_actions import BulkOutcome
from core.database import db
from core.errors import UserError
from core.principal import OrganisationKind, Principal, Role


def colleagues(principal: Principal) -> Sequence[Official]:
    """Who handles complaints in the principal's office, himself included, by name."""
    return db.session.scalars(
        select(Official)
        .join(OfficialRole, OfficialRole.official_id == Official.id)
        .where(
            Official.organisation_id == principal.organisation_id,
            Official.active,
            OfficialRole.role == Role.COMPLAINT_HANDLER.value,
        )
        .order_by(Official.name, Official.id)
    ).all()


def assign(
    principal: Principal, numbers: Sequence[object], official_id: int, *, also_from_others: bool, at: datetime
) -> BulkOutcome:
    """Make this colleague the handler of the cases of these public numbers that lie open on the own desk; each keeps an
    entry of it. With ``also_from_others`` those are given over as well that another handles; without, they are left
    alone, and so are those that the colleague keeps out of. Raises UserError for anybody but a complaint handler of the
    own office."""
    principal.require(rules.HANDLE_COMPLAINTS)
    handler = next((person for person in colleagues(principal) if person.id == official_id), None)
    if handler is None:
        raise UserError("请选择由谁经办：只能是本单位办理投诉举报的同事。")
    wanted = [str(number) for number in numbers]
    given = db.session.scalars(
        update(Complaint)
        .where(
            among(Complaint.number, wanted),
            on_desk(principal),
            not_withheld(principal),
            Complaint.state.in_(rules.OPEN),
            or_(Complaint.handler_id.is_(None), Complaint.handler_id != handler.id),
            true() if also_from_others else Complaint.handler_id.is_(None),
            *kept_from(handler.id),
        )
        .values(handler_id=handler.id)
        .returning(Complaint.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.expire_all()
    if given:
        entries = {
            "complaint_id": sorted(given),
            "kind": "assigned",
            "author": principal.name,
            "official_id": principal.official_id,
            "organisation_id": principal.organisation_id,
            "text": handler.name,
            "public": False,
            "at": at,
        }
        insert_columns(ComplaintEntry, entries)
    audit.record(
        principal,
        "complaint.assign",
        "complaint",
        "",
        at=at,
        visible_to=OrganisationKind.DISCIPLINE,
        handler_id=handler.id,
        assigned=len(given),
    )
    db.session.flush()
    left = len(wanted) - len(given)
    why = lazy_gettext("刚才有了变化：已经由别人经办、已经结束，或者不在本单位；也可能是这位同事应当回避。")
    return BulkOutcome(len(given), [(why, left)] if left else [])


@open_work
def leave_to_colleagues(principal: Principal, official_id: int, at: datetime) -> int:
    """Nobody handles any more what an official handled who leaves his office: it stands there as work for whoever takes
    it. Returns how many open cases that were."""
    left = db.session.scalars(
        update(Complaint)
        .where(
            # Cases are handled in the office that has them, and that is what the index knows.
            Complaint.owner_id == select(Official.organisation_id).where(Official.id == official_id).scalar_subquery(),
            Complaint.handler_id == official_id,
            Complaint.state.in_(rules.OPEN),
        )
        .values(handler_id=None)
        .returning(Complaint.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.expire_all()
    if left:
        entries = {
            "complaint_id": sorted(left),
            "kind": "handler_moved",
            "author": principal.recorded_name,
            "official_id": principal.official_id,
            "organisation_id": principal.organisation_id,
            "text": "",
            "public": False,
            "at": at,
        }
        insert_columns(ComplaintEntry, entries)
    return len(left)
