"""What a person decides about a message of which nobody knows whether it left."""

from datetime import datetime

from core import audit, jobs, workflow
from core.errors import UserError
from core.principal import Principal
from sms import queries
from sms.models import Message
from sms.operations import DISPATCH, LOOK_UP, quiet_hours
from sms.rules import DECIDE_UNKNOWN, SMS_WORKFLOW, next_allowed
from sms.templates import template_named

DECISIONS = ("resend", "confirm", "give_up")


def decide_unknown(principal: Principal, message_id: int, decision: str, reason: str, *, at: datetime) -> Message:
    """Resend a message of unknown fate (the person may get it twice), confirm that it arrived, or let it be.

    Needs DECIDE_UNKNOWN and a reason. Raises NotVisible, PermissionDenied, Conflict (no longer unknown), UserError.
    """
    principal.require(DECIDE_UNKNOWN)
    message = queries.message(principal, message_id)
    if decision not in DECISIONS:
        raise UserError("请选择重发、确认已送达或不再发送。")
    if not reason.strip():
        raise UserError("请写明理由，例如“已电话核实，本人没有收到”。")
    template = template_named(message.template)
    if decision == "resend" and template.secret:
        raise UserError("验证码已经失效，不能重发。请本人重新获取验证码。")
    workflow.move(SMS_WORKFLOW, message, decision, principal, at=at, reason=reason.strip())
    if decision == "resend":
        message.not_before = next_allowed(at, quiet_hours(), message.priority)
        message.expires_at = message.not_before + template.lifetime
        jobs.wake_after_commit(DISPATCH)
    else:
        message.finished_at = at
    audit.record(principal, f"sms.{decision}", "message", message.id, at=at, template=message.template)
    return message


def ask_provider(principal: Principal, message_id: int, *, at: datetime) -> None:
    """Have the provider asked about a message of unknown fate, in the background and at once. Raises NotVisible,
    PermissionDenied."""
    principal.require(DECIDE_UNKNOWN)
    message = queries.message(principal, message_id)
    message.looked_up_at = None
    audit.record(principal, "sms.ask_provider", "message", message.id, at=at)
    jobs.wake_after_commit(LOOK_UP)
