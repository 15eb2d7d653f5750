"""What the public door changes: wishes for a code, the tries to use one, and the record of who looked up for somebody
at a counter. (Complaints belong to their own room.)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from core import audit, jobs
from core.database import db, rows_changed
from core.identity import is_mobile
from core.principal import NOBODY, Principal
from disbursement.queries import PaymentOfPerson, payments_of
from portal import queries, rules
from portal.models import AssistedLookup, LookupCode
from portal.queries import Person
from portal.rules import Asked
from registry.changes import confirm_phone
from registry.models import Beneficiary, Payee
from registry.queries import is_reported_wrong
from sms import codes
from sms.models import Message
from sms.operations import queue_message

SEND_CODE = "portal.send_lookup_code"
CODE = "lookup_code"
"""The template of the message, and the kind of its subject."""


def request_code(
    principal: Principal, id_number: str, beneficiary_id: int | None, payee_id: int | None, *, at: datetime
) -> LookupCode:
    """Write down the wish for a code, for somebody known (by his record, or as the payee of another) or not; a job
    sends it to the registered phone.

    The job does what differs between the two, so that nothing here takes longer for one of them.
    """
    wish = LookupCode(
        person_index=id_number,
        beneficiary_id=beneficiary_id,
        payee_id=payee_id,
        created_at=at,
        expires_at=at + rules.CODE_LIFE,
    )
    db.session.add(wish)
    db.session.flush()
    audit.record(principal, "portal.request_lookup_code", "lookup_code", wish.id, at=at)
    jobs.enqueue(SEND_CODE, {"lookup_code": wish.id}, principal, at=at)
    db.session.flush()
    return wish


def send_code(wish: LookupCode, *, at: datetime) -> bool:
    """Make the code and queue its message; False where nobody or no mobile phone answers to it, it is too late, or the
    phone has had its codes of a day."""
    phone, region_code = _phone_for(wish)
    if not is_mobile(phone) or wish.expires_at <= at:
        return False
    if codes.has_had_its_codes(CODE, phone, rules.MOST_CODES_TO_A_PHONE, at=at):
        # Nothing is said: who asks with many ways to write a name must not learn which of them is right.
        return False
    code = codes.new_code()
    wish.code_index = codes.kept_code(CODE, wish.id, code)
    # The five minutes begin when the code leaves, not while it waits for a worker.
    wish.expires_at = at + rules.CODE_LIFE
    queue_message(
        CODE,
        phone,
        {"code": code, "minutes": int(rules.CODE_LIFE.total_seconds()) // 60},
        subject_kind=CODE,
        subject_id=wish.id,
        region_code=region_code,
        at=at,
    )
    db.session.flush()
    return True


def _phone_for(wish: LookupCode) -> tuple[str, str]:
    """The registered phone of who wishes for a code ("" for none), and the region that his messages count for. A phone
    that was reported as not his opens nothing of his."""
    wanted = select(Beneficiary).where(Beneficiary.id == wish.beneficiary_id, ~is_reported_wrong())
    person = db.session.scalar(wanted) if wish.beneficiary_id else None
    if person is not None and person.phone:
        return person.phone, person.region_code
    payee = db.session.get(Payee, wish.payee_id) if wish.payee_id else None
    if payee is None or not payee.phone:
        return "", ""
    return payee.phone, db.session.get_one(Beneficiary, payee.beneficiary_id).region_code


def use_code(id_number: str, code: str, *, at: datetime) -> bool:
    """Whether this is the newest code sent for this ID number, still good. Each call uses up one of its tries. The
    right one also proves that the phone on record is the person's, or of somebody who looks things up for him."""
    newest = (
        select(func.max(LookupCode.id))
        # A wish that no phone answers to has no code: a stranger's must not put out the code that the owner was sent.
        .where(LookupCode.person_index == id_number, LookupCode.code_index.is_not(None), LookupCode.expires_at > at)
        .scalar_subquery()
    )
    used = codes.use_code(LookupCode, newest, CODE, code)
    if used is not None:
        sent_to = select(Message.phone_index).where(Message.subject_kind == CODE, Message.subject_id == used)
        person = select(LookupCode.beneficiary_id).where(LookupCode.id == used)
        confirmed = confirm_phone(person.scalar_subquery(), sent_to.scalar_subquery(), at=at)
        audit.record(NOBODY, "portal.use_lookup_code", "lookup_code", used, at=at, phone_confirmed=confirmed)
    db.session.flush()
    return used is not None


def forget_codes(*, at: datetime) -> int:
    """Delete the wishes whose time is over; returns how many."""
    removed = db.session.execute(
        delete(LookupCode).where(LookupCode.expires_at <= at).execution_options(synchronize_session=False)
    )
    return rows_changed(removed)


# --- At the counter ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assisted:
    """What an official reads out to somebody: whose payments, the own, and those received for others."""

    person: Person
    own: Sequence[PaymentOfPerson]
    received: Sequence[PaymentOfPerson]


def assist_lookup(
    principal: Principal, id_number: str, asked: Asked, note: str, *, too_many: bool, at: datetime
) -> Assisted | None:
    """Look up for the person with this checked ID number who asks an official; None where nobody of that number lives
    in the official's regions (whether elsewhere, is not said). Every call leaves one entry in the audit log, which says
    how he was asked and what was shown, and one AssistedLookup, which keeps the note. ``too_many`` says that the
    official's limit is used up: then nothing is shown.

    Raises PermissionDenied, and UserError for a note that is missing or holds numbers of people; then nothing is
    recorded, for nothing was looked at.
    """
    principal.require(rules.ASSIST_LOOKUP)
    note = rules.checked_note(asked, note)
    person = None if too_many else queries.person_at_counter(principal, id_number)
    found = None
    if person is not None:
        received = [one for one in queries.received_by(person) if principal.sees_region(one.region_code)]
        found = Assisted(person, payments_of(person.id), received)
    subject = ("card", person.held_card_id) if person and person.held_card_id else ("beneficiary", _id_of(person))
    outcome = "refused" if too_many else "shown" if found else "not_here"
    look = AssistedLookup(
        at=at,
        official_id=principal.official_id,
        organisation_id=principal.organisation_id,
        asked=asked.value,
        outcome=outcome,
        note=note or None,
    )
    db.session.add(look)
    db.session.flush()
    audit.record(
        principal,
        "portal.assist_lookup",
        *subject,
        at=at,
        asked=asked.value,
        lookup=look.id,
        outcome=outcome,
        shown={"payments": len(found.own), "received": len(found.received)} if found else {},
    )
    db.session.flush()
    return found


def _id_of(person: Person | None) -> object:
    return person.id if person else ""
