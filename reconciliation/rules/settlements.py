"""The life of what one official says of differences and another confirms."""

from core.states import Transition, Workflow, declare
from reconciliation.rules.rights import CONFIRM_SETTLEMENT, RESOLVE_DIFFERENCE

SETTLEMENT_WORKFLOW = declare(
    Workflow(
        "difference_settlement",
        "drafted",
        (
            Transition("drafted", "propose", "proposed", by=RESOLVE_DIFFERENCE),
            Transition("proposed", "confirm", "confirmed", by=CONFIRM_SETTLEMENT, other_than=("propose",)),
            Transition("proposed", "refuse", "refused", by=CONFIRM_SETTLEMENT, other_than=("propose",)),
            Transition("proposed", "withdraw", "withdrawn", by=RESOLVE_DIFFERENCE),
            # Matched anew, or rebooked: a difference that it was about is no longer there.
            Transition("proposed", "lapse", "lapsed"),
        ),
    )
)
