"""One person's card, phone or status changes, with the history that it leaves.

Like registry.enrolment, these are parts of operations: the operation (of this room or one above, such as the
correction of a failed payment) has checked the right, finds the person through the principal, and writes the audit
entry.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, select, update

from core.clock import local_date
from core.database import db, rows_changed
from core.errors import UserError
from core.identity import check_card_number, clean_name, is_mobile, normalise_phone
from core.principal import Principal
from registry.enrolment import CardLine, close_card_gaps, ensure_cards, forget_old_numbers
from registry.models import Beneficiary, Card, CardChange, PhoneChange, StatusChange
from registry.rules import PersonStatus, refuse_wrong_check_digit

TOWNSHIP, CORRECTION, BANK, MERGE, LIST = "township", "correction", "bank", "merge", "list"
"""Where a value came from, beside enrolment.ROLL."""


def enter_card(
    principal: Principal,
    person: Beneficiary,
    number: str,
    holder_name: str,
    *,
    source: str,
    reason: str,
    at: datetime,
    bank_name: str = "",
    number_confirmed: bool = False,
) -> Card:
    """Let a person's money go to this card from now on; his open card gaps close. ``number`` as somebody wrote it,
    ``holder_name`` empty for the person himself, ``number_confirmed`` where somebody stands by a number whose last
    digit does not fit. Returns the card, an existing one where the number is on record.

    Raises UserError for a number that cannot be one, or a card on record under another holder; WrongCheckDigit.
    """
    digits, problem = check_card_number(number)
    if problem is not None or not digits:
        raise UserError("卡号应为 8 到 25 位数字。请核对卡面或存折后重新填写。")
    confirmed = refuse_wrong_check_digit(digits, confirmed=number_confirmed)
    holder = clean_name(holder_name) or person.name
    [card_id] = ensure_cards([CardLine(digits, holder, bank_name)], at=at)
    card = db.session.get_one(Card, card_id)
    if clean_name(card.holder_name) != holder:
        raise UserError("这张卡已经登记在另一个户名下。请核对卡号和户名；户名确实登记错了的，请先由银行核实。")
    if bank_name and not card.bank_name:
        card.bank_name = bank_name
    take_card(principal, person, card, source=source, reason=reason, at=at, number_confirmed=confirmed)
    return card


def take_card(
    principal: Principal,
    person: Beneficiary,
    card: Card,
    *,
    source: str,
    reason: str,
    at: datetime,
    number_confirmed: bool = False,
) -> None:
    """Let a person's money go to a card on record; nothing changes where it does already."""
    if person.card_id == card.id:
        return
    db.session.add(
        CardChange(
            beneficiary_id=person.id,
            before_id=person.card_id,
            after_id=card.id,
            source=source,
            number_confirmed=number_confirmed,
            reason=reason or None,
            actor_name=principal.recorded_name,
            official_id=principal.official_id,
            at=at,
        )
    )
    person.card = card
    person.card_index = card.number_index
    db.session.flush()
    close_card_gaps([person.id], on=local_date(at))


def checked_mobile(phone: str) -> str:
    """The digits of a mobile phone, "" for nothing. Raises UserError for what is no mobile phone's number."""
    digits = normalise_phone(phone) if phone.strip() else ""
    if digits is None or (digits and not is_mobile(digits)):
        raise UserError("手机号码应为 11 位数字。请核对后重新填写。")
    return digits


def enter_phone(
    principal: Principal, person: Beneficiary, phone: str, *, source: str, reason: str, at: datetime
) -> None:
    """Send a person's messages to this phone from now on; empty: he has none. Raises UserError for a number that is
    no mobile phone's."""
    digits = checked_mobile(phone)
    if (person.phone or "") == digits:
        return
    db.session.add(
        PhoneChange(
            beneficiary_id=person.id,
            before_tail=(person.phone or "")[-4:],
            after_tail=digits[-4:],
            source=source,
            reason=reason or None,
            actor_name=principal.recorded_name,
            official_id=principal.official_id,
            at=at,
        )
    )
    person.phone = digits or None
    # The column turns the digits into their blind index.
    person.phone_index = digits or None  # type: ignore[assignment]
    person.phone_source = source if digits else ""
    person.phone_confirmed_at = None
    db.session.flush()
    forget_old_numbers([person.id], at=at)


def confirm_phone(person: ScalarSelect[Any], sent_to: ScalarSelect[Any], *, at: datetime) -> bool:
    """Note that a code sent to a phone (given by its index) came back for a person: the number is confirmed, if it is
    still the one on record. Returns whether it was not before. Where his record is held by somebody else, such as a
    roll that is being imported, it waits for the next code rather than keep a lookup waiting."""
    held = (
        select(Beneficiary.id)
        .where(Beneficiary.id == person, Beneficiary.phone_index == sent_to, Beneficiary.phone_confirmed_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    noted = update(Beneficiary).where(Beneficiary.id.in_(held)).values(phone_confirmed_at=at)
    return rows_changed(db.session.execute(noted.execution_options(synchronize_session=False))) == 1


def enter_status(
    principal: Principal,
    person: Beneficiary,
    status: PersonStatus,
    on: date | None,
    *,
    source: str,
    reason: str,
    at: datetime,
) -> None:
    """Note that a person is dead, has moved away, or is living after all."""
    db.session.add(
        StatusChange(
            beneficiary_id=person.id,
            before=person.status,
            before_on=person.status_on,
            before_source=person.status_source,
            after=status.value,
            event_on=on,
            source=source,
            reason=reason or None,
            actor_name=principal.recorded_name,
            official_id=principal.official_id,
            at=at,
        )
    )
    person.status, person.status_on, person.status_source = status.value, on, source
    db.session.flush()
