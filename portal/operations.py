"""What the public door changes: wishes for a code, the tries to use one, and the record of who looked up for somebody
at a counter. (Complaints belong to their own room.)"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from core import audit, jobs
from core.database import db, keyring, rows_changed
from core.identity import is_mobile
from core.principal import NOBODY, Principal
from disbursement.queries import PaymentOfPerson, payments_of
from portal import queries, rules
from portal.models import AssistedLookup, LookupCode
from portal.queries import Person
from portal.rules import Asked
from registry.models import Beneficiary, Payee
from sms.operations import queue_message
from sms.queries import count_to_phone

SEND_CODE = "portal.send_lookup_code"


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
    if count_to_phone("lookup_code", phone, since=at - timedelta(days=1)) >= rules.MOST_CODES_TO_A_PHONE:
        # Nothing is said: who asks with many ways to write a name must not learn which of them is right.
        return False
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    wish.code_index = _code_index(wish.id, code)
    # The five minutes begin when the code leaves, not while it waits for a worker.
    wish.expires_at = at + rules.CODE_LIFE
    queue_message(
        "lookup_code",
        phone,
        {"code": code, "minutes": int(rules.CODE_LIFE.total_seconds()) // 60},
        subject_kind="lookup_code",
        subject_id=wish.id,
        region_code=region_code,
        at=at,
    )
    db.session.flush()
    return True


def _phone_for(wish: LookupCode) -> tuple[str, str]:
    """The registered phone of who wishes for a code ("" for none), and the region that his messages count for."""
    person = db.session.get(Beneficiary, wish.beneficiary_id) if wish.beneficiary_id else None
    if person is not None and person.phone:
        return person.phone, person.region_code
    payee = db.session.get(Payee, wish.payee_id) if wish.payee_id else None
    if payee is None or not payee.phone:
        return "", ""
    return payee.phone, db.session.get_one(Beneficiary, payee.beneficiary_id).region_code


def use_code(id_number: str, code: str, *, at: datetime) -> bool:
    """Whether this is the newest code sent for this ID number, still good. Each call uses up one of its tries, before
    it compares: a hundred guesses at once get no more tries than a hundred in a row. A code opens once."""
    newest = (
        select(func.max(LookupCode.id))
        # A wish that no phone answers to has no code: a stranger's must not put out the code that the owner was sent.
        .where(LookupCode.person_index == id_number, LookupCode.code_index.is_not(None), LookupCode.expires_at > at)
        .scalar_subquery()
    )
    wish = db.session.execute(
        update(LookupCode)
        .where(LookupCode.id == newest, LookupCode.tries < rules.CODE_TRIES)
        .values(tries=LookupCode.tries + 1)
        .returning(LookupCode.id, LookupCode.code_index)
        .execution_options(synchronize_session=False)
    ).first()
    expected = (wish.code_index if wish else None) or b"-" * 16
    right = secrets.compare_digest(expected, _code_index(wish.id if wish else 0, code))
    if wish and right:
        db.session.execute(
            update(LookupCode)
            .where(LookupCode.id == wish.id)
            .values(tries=rules.CODE_TRIES)
            .execution_options(synchronize_session=False)
        )
        audit.record(NOBODY, "portal.use_lookup_code", "lookup_code", wish.id, at=at)
    db.session.flush()
    return right


def _code_index(wish_id: int, code: str) -> bytes:
    return keyring().blind_index(f"{wish_id}:{code}", "lookup_code")


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
