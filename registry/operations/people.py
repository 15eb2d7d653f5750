"""What the township enters about one person: his card, phone, payee, status and household."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from core import audit
from core.clock import local_date
from core.database import db
from core.errors import Conflict, UserError
from core.identity import birth_date_of
from core.principal import Principal
from core.uploads import store_file
from registry import changes, queries, rules
from registry.enrolment import name_holders
from registry.models import Beneficiary, Card, Payee
from registry.rules import PayeeRelation, PersonStatus


def locked_person(principal: Principal, beneficiary_id: int) -> Beneficiary:
    """A person held until the transaction ends, so that two officials do not write over one another. Raises NotVisible,
    and Conflict for a record that went up in another."""
    queries.beneficiary(principal, beneficiary_id)
    person = db.session.scalars(
        select(Beneficiary)
        .where(Beneficiary.id == beneficiary_id)
        .with_for_update(of=Beneficiary)
        .execution_options(populate_existing=True)
    ).one()
    if person.merged_into_id is not None:
        raise Conflict("这条登记已经合并到另一条登记里，请在合并后的登记上办理。")
    return person


def change_card(
    principal: Principal,
    beneficiary_id: int,
    number: str,
    holder_name: str,
    *,
    source: str,
    reason: str,
    at: datetime,
    number_confirmed: bool = False,
) -> Card:
    """Let a person's money go to another card from now on (``holder_name`` empty: his own). ``source`` is one of
    registry.changes. Rooms above that correct a payment call ``changes.enter_card`` inside their own operation. Raises
    UserError without a reason, for an impossible number or another holder's card, WrongCheckDigit unless
    ``number_confirmed``, NotVisible outside the scope."""
    principal.require(rules.MANAGE_PEOPLE)
    reason = rules.checked_explanation(reason)
    person = locked_person(principal, beneficiary_id)
    before = person.card_id
    card = changes.enter_card(
        principal, person, number, holder_name, source=source, reason=reason, at=at, number_confirmed=number_confirmed
    )
    audit.record(
        principal,
        "registry.change_card",
        "beneficiary",
        person.id,
        at=at,
        before=before,
        after=card.id,
        source=source,
        number_confirmed=number_confirmed,
    )
    db.session.flush()
    return card


def change_phone(principal: Principal, beneficiary_id: int, phone: str, reason: str, *, at: datetime) -> None:
    """Send a person's messages to another phone; empty: to none. Raises UserError for a number that is no mobile
    phone's, or without a reason."""
    principal.require(rules.MANAGE_PEOPLE)
    reason = rules.checked_explanation(reason)
    person = locked_person(principal, beneficiary_id)
    changes.enter_phone(principal, person, phone, source=changes.TOWNSHIP, reason=reason, at=at)
    audit.record(principal, "registry.change_phone", "beneficiary", person.id, at=at, has_phone=bool(person.phone))
    db.session.flush()


@dataclass(frozen=True)
class PayeeEntry:
    """Who is to receive for a person. ``id_number`` finds the payee's own record where he has one, and lets him find
    what he receives; only its hash is kept. To ``phone`` goes his code for that. ``document`` names the evidence,
    ``evidence`` holds it. ``card_number`` empty: the card stays as it is; ``number_confirmed``: somebody stands by a
    number whose last digit does not fit."""

    name: str
    relation: PayeeRelation
    from_on: date
    until_on: date | None = None
    id_number: str = ""
    card_number: str = ""
    number_confirmed: bool = False
    document: str = ""
    evidence: bytes = b""
    evidence_name: str = ""
    phone: str = ""


def set_payee(principal: Principal, beneficiary_id: int, entry: PayeeEntry, reason: str, *, at: datetime) -> Payee:
    """Enter who receives for a person. Raises Conflict where somebody does already, UserError without a reason or any
    evidence, for days in the wrong order, or for an ID number or a phone that cannot be one."""
    principal.require(rules.MANAGE_PEOPLE)
    reason = rules.checked_explanation(reason)
    name = rules.checked_payee_name(entry.name)
    if not entry.evidence and not entry.document.strip():
        raise UserError("请上传证明材料，或写明材料的名称和文号，例如监护证明、委托书。")
    if entry.until_on is not None and entry.until_on < entry.from_on:
        raise UserError("终止日期早于开始日期。请核对。")
    number = rules.checked_payee_number(entry.id_number, local_date(at))
    phone = changes.checked_mobile(entry.phone)
    person = locked_person(principal, beneficiary_id)
    if queries.entered_payee(person.id) is not None:
        raise Conflict("已经登记了收款人。请先终止原来的登记，再登记新的。")
    payee = Payee(
        beneficiary_id=person.id,
        name=name,
        relation=entry.relation.value,
        payee_id=queries.record_of_number(principal, number),
        id_number_index=number or None,
        phone=phone or None,
        reason=reason,
        document=" ".join(entry.document.split())[:100],
        evidence_id=store_file(entry.evidence, at=at).id if entry.evidence else None,
        evidence_name=entry.evidence_name[:200],
        from_on=entry.from_on,
        until_on=entry.until_on,
        set_by=principal.recorded_name,
        set_by_id=principal.official_id,
        set_at=at,
    )
    db.session.add(payee)
    db.session.flush()
    if entry.card_number.strip():
        changes.enter_card(
            principal,
            person,
            entry.card_number,
            name,
            source=changes.TOWNSHIP,
            reason=reason,
            at=at,
            number_confirmed=entry.number_confirmed,
        )
    if number and person.card_id is not None:
        name_holders([(person.card_id, name, number)])
    audit.record(
        principal, "registry.set_payee", "beneficiary", person.id, at=at, payee=payee.id, relation=payee.relation
    )
    db.session.flush()
    return payee


def end_payee(principal: Principal, beneficiary_id: int, on: date | None, reason: str, *, at: datetime) -> None:
    """From the day after ``on`` nobody receives for this person any more; his card stays until another is entered.
    Raises Conflict where nobody does, UserError without a day or a reason."""
    principal.require(rules.MANAGE_PEOPLE)
    reason = rules.checked_explanation(reason)
    person = locked_person(principal, beneficiary_id)
    payee = queries.entered_payee(person.id)
    if payee is None:
        raise Conflict("没有登记收款人，或者刚才已有同事终止了。请刷新页面后再看。")
    if on is None or on < payee.from_on:
        raise UserError("请填写终止日期，不能早于开始日期。")
    payee.until_on, payee.ended_at, payee.end_reason = on, at, reason
    payee.ended_by = principal.recorded_name
    audit.record(principal, "registry.end_payee", "beneficiary", person.id, at=at, payee=payee.id)
    db.session.flush()


def set_status(
    principal: Principal,
    beneficiary_id: int,
    status: PersonStatus,
    on: date | None,
    *,
    source: str,
    reason: str,
    at: datetime,
) -> None:
    """Note that a person died or moved away on a day, by what ``source`` (民政死亡名单, 村委会报告 …), or that he is
    living after all (no day then): that is the undo. Raises Conflict where he is so already."""
    principal.require(rules.MANAGE_PEOPLE)
    reason = rules.checked_explanation(reason)
    person = locked_person(principal, beneficiary_id)
    if person.status == status.value:
        raise Conflict("已经是这个状态。请刷新页面后再看。")
    today = local_date(at)
    day = None
    if status != PersonStatus.LIVING:
        day = rules.checked_status_day(on, birth_date_of(person.id_number), today)
    source = " ".join(source.split())[:60]
    changes.enter_status(principal, person, status, day, source=source, reason=reason, at=at)
    audit.record(principal, "registry.set_status", "beneficiary", person.id, at=at, status=status.value)
    db.session.flush()


def set_household(principal: Principal, beneficiary_id: int, number: str, relation: str, *, at: datetime) -> None:
    """Enter the number of the household register and what the person is in it; empty takes him out."""
    principal.require(rules.MANAGE_PEOPLE)
    number = rules.checked_household(number)
    person = locked_person(principal, beneficiary_id)
    person.household_number = number
    person.household_relation = "".join(relation.split())[:20] if number else ""
    audit.record(principal, "registry.set_household", "beneficiary", person.id, at=at, in_household=bool(number))
    db.session.flush()


def read_evidence(principal: Principal, beneficiary_id: int, payee_id: int, *, at: datetime) -> tuple[bytes, str]:
    """The evidence for a payee and its file name. Whoever reads it is on record. Raises NotVisible."""
    principal.require(rules.REVEAL_PERSONAL_DATA)
    payee = queries.payee(principal, beneficiary_id, payee_id)
    assert payee.evidence is not None
    audit.record(principal, "registry.read_evidence", "beneficiary", beneficiary_id, at=at, payee=payee.id)
    db.session.flush()
    return payee.evidence.content, payee.evidence_name
