"""The outbox as a worker handles it: what it needs to know of the county, and the moves of whole sets of messages."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, update

from core.bulk import among
from core.database import db
from core.principal import Principal
from core.sms_settings import SmsLimits
from core.workflow import move_set
from sms.models import Message
from sms.rendering import render
from sms.rules import SMS_WORKFLOW, QuietHours
from sms.templates import TEMPLATES, template_named
from sms.wordings import BUILT_IN, Wordings

SECRET_TEMPLATES = [template.name for template in TEMPLATES.values() if template.secret]
GENEROUS = SmsLimits(10_000_000, 10_000_000, 10_000_000, 1, 10_000, 10_000_000)
"""No limit that anything meets."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Office:
    """What the dispatcher needs to know of the county: the signature of its messages, its quiet hours, how many it
    sends at most, and what they say."""

    signature: str
    quiet: QuietHours | None
    limits: SmsLimits = GENEROUS
    wordings: Wordings = BUILT_IN

    def text_of(self, template: str, parameters: Mapping[str, Any], language: str, version: int) -> str:
        """The finished text of a message by that version. Raises TemplateError, ForbiddenContent."""
        spec = template_named(template)
        wording = self.wordings.of(spec, version)
        return render(spec, parameters, signature=self.signature, language=language, wording=wording)


def in_state(state: str) -> ColumnElement[bool]:
    """The condition on the state with the value written out: only so do the partial indexes serve it."""
    return Message.state == literal(state, literal_execute=True)


class Outbox:
    """Moves messages for one run, and counts them."""

    def __init__(self, principal: Principal, gateway: str, office: Office) -> None:
        self.principal = principal
        self.gateway = gateway
        self.office = office
        self.counts: Counter[str] = Counter()

    def move(self, action: str, *where: ColumnElement[bool], **values: Any) -> None:
        """Take one step with all of these messages."""
        moved = move_set(SMS_WORKFLOW, Message, action, self.principal, *where, **values)
        if moved:
            self.counts[COUNTED[action]] += moved

    def forget_secrets(self, ids: Sequence[int]) -> None:
        """A code that was handed over, or is too old to be, is nobody's business any more."""
        if not ids:
            return
        db.session.execute(
            update(Message)
            .where(among(Message.id, ids), Message.template.in_(SECRET_TEMPLATES), Message.state != "queued")
            .values(parameters={})
            .execution_options(synchronize_session=False)
        )


COUNTED = {
    "accept": "accepted",
    "reject": "rejected",
    "requeue": "requeued",
    "lose_sight": "unknown",
    "suppress": "suppressed",
    "expire": "expired",
}
