"""What the publicity room notes on a roll, and what the department's approval asks of it (B8). The publicity room has
checked its own right."""

from datetime import date, datetime

from sqlalchemy import select

from core import audit, workflow
from core.clock import local_date
from core.database import db
from core.errors import NotVisible, UserError
from core.principal import Principal
from disbursement.models import Roll
from disbursement.queries.publicity import publicity_holds
from disbursement.rules import ROLL_WORKFLOW, Hold, HoldReason, sees_roll


def record_publicity(
    principal: Principal, roll: Roll, *, until: date | None, again: bool = False, at: datetime
) -> None:
    """Note that the roll's lists were hung out, and until which day they hang (None: not before somebody confirms that
    they do); ``again``: it was hung out before, and stays in its state."""
    if not sees_roll(principal, roll.township_code, roll.batch.programme.department_id):
        raise NotVisible
    hold_roll(roll)
    action = "publicise_again" if again else "publicise"
    workflow.move(ROLL_WORKFLOW, roll, action, principal, at=at)
    roll.publicity_until = until
    audit.record(
        principal,
        f"roll.{action}",
        "roll",
        roll.id,
        at=at,
        lines=roll.line_count,
        until=until.isoformat() if until else "",
    )
    db.session.flush()


def set_publicity_until(roll: Roll, until: date | None) -> None:
    """Until which day the lists hang, after one was posted or taken down: a part of the publicity room's operations,
    which hold the roll."""
    roll.publicity_until = until
    db.session.flush()


def hold_roll(roll: Roll) -> None:
    """Hold the roll until the transaction ends, and see its publicity and its file as they are now: an approval and a
    list that is taken down wait for one another."""
    db.session.flush()
    db.session.execute(select(Roll.id).where(Roll.id == roll.id).with_for_update())
    db.session.refresh(roll, ["state", "publicity_until", "upload_id"])


def refuse_publicity(principal: Principal, roll: Roll, *, at: datetime) -> None:
    """Raise UserError while the roll's publicity keeps the department from approving it: says until which day the
    lists hang, or how many objections are unanswered and who answers them."""
    hold_roll(roll)
    hold = publicity_holds(principal, [roll], local_date(at)).get(roll.id)
    if hold is not None:
        raise _refusal(hold)


def _refusal(hold: Hold) -> UserError:
    if hold.reason == HoldReason.NOT_HANGING:
        return UserError(
            "公示表还没有全部张贴，现在不能审批。请乡镇在“公示”里登记张贴；有公示表撤下的，请乡镇重新公示。"
        )
    if hold.reason == HoldReason.HANGING:
        return UserError("花名册公示到 %(day)s，期满以后才能审批。", day=hold.until)
    return UserError(
        "公示期间的异议还有 %(count)s 条没有答复（由%(offices)s答复），现在不能审批。",
        count=hold.number,
        offices=hold.offices,
    )
