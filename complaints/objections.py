"""Complaints that come from a publicity list are objections to it: what they hold up, and who sees them beside it."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from flask_babel import gettext
from sqlalchemy import func, or_, select, true

from accounts.models import Organisation
from complaints import rules
from complaints.interests import kept_from
from complaints.models import Complaint
from complaints.queries import cases
from complaints.words import STATES, category_name
from core.bulk import among
from core.database import db
from core.page_sections import PageSection
from core.principal import Principal
from disbursement.hooks import objections_from
from publicity.hooks import LIST_SECTIONS
from publicity.models import PublicityList
from publicity.rules import BEFORE

MOST_CASES = 50


@objections_from
def unanswered_objections(principal: Principal, roll_ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """The objections to the lists of these rolls that nobody has answered: by roll, and by the office that answers.

    Of whatever round: hanging a roll out anew answers nobody. One that was passed on to another office waits there.
    A sealed case is not counted, for nobody: a roll that stood still without a reason to be seen would tell the
    department, and the village, that there is one. The discipline commission has its own means to stop a payment. For
    the same reason an office does not learn of an objection that complains of itself (信访工作条例 §30), nor an
    official of one that he keeps out of for an interest or a recusal (§28): a roll that waits would tell him of it. It
    is answered by others, and whoever answers can have the roll sent back.
    """
    own = principal.organisation_id
    about = Complaint.about_organisation_id
    rows = db.session.execute(
        select(PublicityList.roll_id, Organisation.name, func.count())
        .join(Complaint, Complaint.publicity_list_id == PublicityList.id)
        .join(Organisation, Organisation.id == Complaint.owner_id)
        .where(
            among(PublicityList.roll_id, sorted(roll_ids)),
            PublicityList.kind == BEFORE,
            Complaint.state.in_(rules.UNANSWERED),
            Complaint.sealed.is_(False),
            true() if own is None else or_(about.is_(None), about != own),
            *kept_from(principal.official_id),
        )
        .group_by(PublicityList.roll_id, Organisation.name)
        .order_by(Organisation.name)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for roll_id, office, number in rows:
        found[roll_id][office] = number
    return found


@LIST_SECTIONS.provider
def objections_to_list(principal: Principal, shown: PublicityList) -> PageSection | None:
    """The objections to a list that the viewer's own queue shows him; no section where there are none for him. A sealed
    one never."""
    if not principal.may(rules.READ_COMPLAINTS):
        return None
    mine = cases(principal).where(Complaint.publicity_list_id == shown.id)
    found = db.session.scalars(mine.order_by(Complaint.received_at.desc()).limit(MOST_CASES)).all()
    if not found:
        return None
    context = {"objections": [(case, category_name(case), STATES[case.state]) for case in found]}
    return PageSection(gettext("对这张公示表的异议"), "complaints/list_objections.html", context)
