"""What the approvals of publicised rolls wait for."""

from collections.abc import Iterable
from datetime import date

from core.principal import Principal
from disbursement import hooks
from disbursement.models import Roll
from disbursement.rules import Hold, publicity_hold, still_hangs


def hangs_now(roll: Roll, today: date) -> bool:
    """Whether the roll's lists still hang, or are still to be put up, so that nobody may change it."""
    waits = roll.batch.programme.waits_for_publicity
    return still_hangs(roll.state, waits=waits, until=roll.publicity_until, today=today)


def publicity_holds(principal: Principal, rolls: Iterable[Roll], today: date) -> dict[int, Hold]:
    """Why those of the rolls that hang cannot be approved yet, by roll id; without those that can. The rolls come with
    their batch and programme."""
    hanging = [roll for roll in rolls if roll.state == "publicised" and roll.batch.programme.waits_for_publicity]
    objections = hooks.unanswered_objections(principal, [roll.id for roll in hanging])
    holds = {
        roll.id: publicity_hold(
            waits=True, until=roll.publicity_until, objections=objections.get(roll.id, {}), today=today
        )
        for roll in hanging
    }
    return {roll_id: hold for roll_id, hold in holds.items() if hold is not None}
