"""Cards and names that turned out wrong when money came back, put right in the registry as sets.

Like registry.enrolment, these are parts of operations of the rooms above, which check the right and write the audit
entry.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, select, type_coerce, update

from core.bulk import among, insert_columns, update_columns
from core.clock import local_date
from core.database import db
from core.identity import name_key
from core.principal import Principal
from registry.changes import CORRECTION
from registry.enrolment import close_card_gaps
from registry.models import Beneficiary, Card, CardChange


class AccountChange(NamedTuple):
    """What a person gets: the card his money goes to (None: as it is) and his name (empty: as it is). ``reason`` is
    why, in the words of whoever corrected it; ``number_confirmed``, that he stands by a number whose last digit does
    not fit."""

    beneficiary_id: int
    card_id: int | None
    name: str = ""
    reason: str = ""
    number_confirmed: bool = False


def change_card(principal: Principal, changes: Sequence[AccountChange], *, at: datetime) -> None:
    """Give people another card, another name, or both; where one stands twice, the later change counts. A card closes
    the person's card gaps, and the one that it replaces stays in the history."""
    wanted = {change.beneficiary_id: change for change in changes if change.card_id is not None or change.name}
    if not wanted:
        return
    given = list(wanted.values())
    indexes = _card_indexes([change.card_id for change in given if change.card_id is not None])
    columns = {
        "id": [change.beneficiary_id for change in given],
        "card_id": [change.card_id for change in given],
        "card_index": [None if change.card_id is None else indexes[change.card_id] for change in given],
        "name": [change.name or None for change in given],
        "name_key": [name_key(change.name) if change.name else None for change in given],
    }
    with_card = {change.beneficiary_id: change for change in given if change.card_id is not None}
    _remember(principal, with_card, at)
    update_columns(Beneficiary, "id", columns)
    if with_card:
        close_card_gaps(with_card, on=local_date(at))
    db.session.expire_all()


def _remember(principal: Principal, changes: Mapping[int, AccountChange], at: datetime) -> None:
    """The history of the cards that these replace; what a person has already is no change."""
    if not changes:
        return
    before = dict(
        db.session.execute(
            select(Beneficiary.id, Beneficiary.card_id).where(among(Beneficiary.id, list(changes)))
        ).all()
    )
    people = sorted(person for person, change in changes.items() if before.get(person) != change.card_id)
    if people:
        columns = {
            "beneficiary_id": people,
            "before_id": [before.get(person) for person in people],
            "after_id": [changes[person].card_id for person in people],
            "source": CORRECTION,
            "number_confirmed": [changes[person].number_confirmed for person in people],
            "reason": [changes[person].reason or None for person in people],
            "actor_name": principal.recorded_name,
            "official_id": principal.official_id,
            "at": at,
        }
        insert_columns(CardChange, columns)


def _card_indexes(card_ids: Sequence[int]) -> dict[int, bytes]:
    # As they are stored: an index that is read is not a card number to be hashed again.
    rows = db.session.execute(
        select(Card.id, type_coerce(Card.number_index, LargeBinary)).where(among(Card.id, card_ids))
    )
    return {card_id: bytes(index) for card_id, index in rows}


def rename_holders(names: Mapping[int, str]) -> None:
    """Give cards (by id) the holder's name as the bank has it."""
    if names:
        update_columns(Card, "id", {"id": list(names), "holder_name": list(names.values())})
        db.session.expire_all()


def take_back(principal: Principal, change: AccountChange, before: AccountChange, *, at: datetime) -> None:
    """Undo one change of card or name, each only where nobody has changed it again since. ``before.reason`` says why
    it is taken back."""
    person = Beneficiary.id == change.beneficiary_id
    if change.card_id is not None and before.card_id is not None and change.card_id != before.card_id:
        index = select(Card.number_index).where(Card.id == before.card_id).scalar_subquery()
        put_back: Any = db.session.execute(
            update(Beneficiary)
            .where(person, Beneficiary.card_id == change.card_id)
            .values(card_id=before.card_id, card_index=index)
            .execution_options(synchronize_session=False)
        )
        if put_back.rowcount:
            db.session.add(
                CardChange(
                    beneficiary_id=change.beneficiary_id,
                    before_id=change.card_id,
                    after_id=before.card_id,
                    source=CORRECTION,
                    reason=before.reason or None,
                    actor_name=principal.recorded_name,
                    official_id=principal.official_id,
                    at=at,
                )
            )
            db.session.flush()
    if change.name and before.name and change.name != before.name:
        db.session.execute(
            update(Beneficiary)
            .where(person, Beneficiary.name == change.name)
            .values(name=before.name, name_key=name_key(before.name))
            .execution_options(synchronize_session=False)
        )
    db.session.expire_all()
