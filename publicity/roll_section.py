"""What this room shows of a roll on the roll's own page: its lists, how far they are posted, and the way to them."""

from flask_babel import gettext

from core import clock
from core.page_sections import PageSection
from core.principal import Principal
from disbursement.hooks import ROLL_SECTIONS
from disbursement.models import Roll
from publicity import queries, rules
from publicity.progress import rounds_hanging
from publicity.words import KIND_WORDS


@ROLL_SECTIONS.provider
def lists_of_roll(principal: Principal, roll: Roll) -> PageSection | None:
    """The lists that hang, and whether there were any; no section before the first."""
    if not principal.may(rules.READ) or not queries.count_lists(principal, roll):
        return None
    hanging = rounds_hanging(principal, clock.today(), roll)
    return PageSection(
        gettext("公示"), "publicity/roll_section.html", {"roll": roll, "hanging": hanging, "kinds": KIND_WORDS}
    )
