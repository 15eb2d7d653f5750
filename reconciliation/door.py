"""The blueprint of this room, and its place in the navigation."""

from flask_babel import lazy_gettext

from core.board import board_provider
from core.navigation import NavigationEntry, Section, navigation
from core.web import staff_blueprint
from disbursement.hooks import doubt_from, silence_from, told_of_rebookings
from reconciliation import board, rules
from reconciliation.doubts import silent, still_debited
from reconciliation.operations.bookings import note_rebooked

blueprint = staff_blueprint("reconciliation", __name__, "reconciliation")
navigation(
    NavigationEntry(lazy_gettext("月末对账"), "reconciliation.months", Section.BANK, rules.READ, 20, "balance"),
)
board_provider(board.items)
doubt_from(still_debited)
silence_from(silent)
told_of_rebookings(note_rebooked)
