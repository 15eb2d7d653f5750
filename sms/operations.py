"""Verbs of the outbox. Queueing happens inside the operation that causes the message, which checks and audits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, exists, literal, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from core import jobs
from core.bulk import among
from core.database import UtcDateTime, db, rows_changed
from core.principal import system
from core.web import settings
from core.workflow import move_set
from sms.models import Message, Refusal
from sms.outbox import in_state
from sms.rendering import check_parameters
from sms.rules import SMS_WORKFLOW, QuietHours, next_allowed
from sms.templates import CHINESE, TEMPLATES, Template, template_named

ONCE = ("subject_kind", "subject_id", "template")
"""One message of a template for one subject, ever: queueing it again does nothing."""
DISPATCH = "sms"
"""The name under which the dispatcher is woken."""
LOOK_UP = "sms_look_up"
"""The name under which the asking about lost messages is woken."""


def queue_message(
    template: str,
    phone: str,
    parameters: Mapping[str, Any],
    *,
    subject_kind: str,
    subject_id: int,
    at: datetime,
    region_code: str = "",
    language: str = CHINESE,
) -> bool:
    """Put one message into the present transaction; False where this subject has had it already, or the phone wants
    none of these.

    ``phone`` is a normalised mobile number in plain text. ``parameters`` are exactly those of the template
    (sms/templates.py): ``*_fen`` integers, days as YYYY-MM-DD. ``subject_kind``/``subject_id`` name the cause.
    Raises TemplateError for an unknown template or wrong parameters.
    """
    spec = template_named(template)
    check_parameters(spec, parameters)
    if spec.refusable and db.session.scalar(select(Refusal.refused_at).where(Refusal.phone_index == phone)):
        return False
    row = _row(spec, subject_kind, at, language) | {
        "subject_id": subject_id,
        "phone": phone,
        "phone_index": phone,
        "parameters": dict(parameters),
        "region_code": region_code,
    }
    return _insert_once(_insert().values(row)) == 1


def queue_messages(
    template: str, source: Select[Any], *, subject_kind: str, at: datetime, language: str = CHINESE
) -> int:
    """Put a message for every row of ``source`` into the present transaction, in one statement; returns how many.

    ``source`` yields columns labelled ``subject_id``, ``phone`` and ``phone_index`` (copied as they are stored:
    EncryptedText("phone") and BlindIndex("phone")), ``parameters`` (core.database.json_object with exactly the
    template's names) and ``region_code``. Rows without a phone, subjects that have had this message, and phones that
    want none of these are passed over. Raises TemplateError where the first row's parameters do not fit the template.
    """
    spec = template_named(template)
    rows = source.subquery("source")
    first = db.session.scalars(select(rows.c.parameters).limit(1)).first()
    if first is None:
        return 0
    check_parameters(spec, first)
    fixed = {name: literal(value, _TYPES.get(name)) for name, value in _row(spec, subject_kind, at, language).items()}
    copied = {name: rows.c[name] for name in ("subject_id", "phone", "phone_index", "parameters", "region_code")}
    columns = fixed | copied
    # SQLite cannot tell ON CONFLICT from a join's ON unless a WHERE stands between; here one always does.
    selected = select(*columns.values()).where(rows.c.phone.is_not(None), _wanted(spec, rows.c.phone_index))
    return _insert_once(_insert().from_select(list(columns), selected))


def _wanted(spec: Template, phone_index: ColumnElement[Any]) -> ColumnElement[bool]:
    if not spec.refusable:
        return true()
    return ~exists().where(Refusal.phone_index == phone_index)


def stop_waiting(phone: str, *, at: datetime) -> int:
    """Hold back for good what waits to tell this phone about a person, because it is not his; returns how many. What a
    reporter is told about his case is not meant: he gave the number himself."""
    theirs = (in_state("queued"), Message.phone_index == phone, Message.template.in_(_ABOUT_PEOPLE))
    return move_set(
        SMS_WORKFLOW, Message, "suppress", system("sms"), *theirs, error_code="wrong_number", finished_at=at
    )


_ABOUT_PEOPLE = [
    template.name
    for template in TEMPLATES.values()
    if not template.secret and any(parameter.name == "name" for parameter in template.parameters)
]


def quiet_hours() -> QuietHours | None:
    """The county's quiet hours, None where it has none."""
    hours = settings().quiet_hours
    return QuietHours(*hours) if hours else None


_TYPES: Mapping[str, Any] = {"not_before": UtcDateTime(), "expires_at": UtcDateTime(), "created_at": UtcDateTime()}


def _row(spec: Template, subject_kind: str, at: datetime, language: str) -> dict[str, Any]:
    allowed = next_allowed(at, quiet_hours(), spec.priority)
    return {
        "template": spec.name,
        "subject_kind": subject_kind,
        "language": language,
        "priority": spec.priority,
        "state": "queued",
        "gateway": "",
        "error_code": "",
        "segments": 0,
        "attempts": 0,
        "not_before": allowed,
        "expires_at": allowed + spec.lifetime,
        "created_at": at,
    }


def _insert() -> Insert:
    # The table, not the class: the session would otherwise ask for the rows back.
    table: Any = Message.__table__
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=ONCE)
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=ONCE)


def _insert_once(statement: Insert) -> int:
    result: Any = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    count = int(result.rowcount)
    if count:
        jobs.wake_after_commit(DISPATCH)
    return count


def forget_recipients(subject_kinds: Collection[str], subject_ids: Sequence[int]) -> int:
    """Take the phones out of the messages about these subjects, whose owner has no more reason to keep them: what was
    sent, when and at what price stays for the figures. For what has left or expired long ago. Returns how many."""
    mine = (Message.subject_kind.in_(subject_kinds), among(Message.subject_id, subject_ids))
    forgotten = db.session.execute(
        update(Message).where(*mine).values(phone="", phone_index="").execution_options(synchronize_session=False)
    )
    return rows_changed(forgotten)
