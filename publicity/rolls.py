"""What this room shows of a roll on its page: the lists by which it was hung out."""

from flask_babel import gettext
from sqlalchemy import func

from core.database import db
from core.page_sections import PageSection
from core.principal import Principal
from disbursement.models import Roll
from publicity import queries, rules
from publicity.listings import state_of
from publicity.models import PublicityList
from publicity.words import LEVEL_WORDS, LIST_STATES

MOST_LISTS = 30


def lists_of_roll(principal: Principal, roll: Roll) -> PageSection | None:
    """Its lists, newest round first, the township's before its villages' and groups'."""
    if not principal.may(rules.READ):
        return None
    found = queries.lists_for(principal).where(PublicityList.roll_id == roll.id)
    # The code of a region begins with those above it, so that the shorter and lesser come first.
    order = (PublicityList.round.desc(), func.length(PublicityList.region_code), PublicityList.region_code)
    lists = db.session.scalars(found.order_by(*order).limit(MOST_LISTS + 1)).all()
    if not lists:
        return None
    context = {
        "lists": [(one, LEVEL_WORDS[one.level], LIST_STATES[state_of(one)]) for one in lists[:MOST_LISTS]],
        "more": len(lists) > MOST_LISTS,
    }
    return PageSection(gettext("公示表"), "publicity/roll_lists.html", context)
