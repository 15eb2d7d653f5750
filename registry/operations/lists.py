"""Lists about people, entered as sets: the dead, the moved, the households, the cards with arrival messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import update

from core import audit
from core.bulk import among, insert_columns, update_columns
from core.database import db
from core.principal import Principal
from registry import queries, rules
from registry.models import Beneficiary, Card, StatusChange
from registry.queries import KnownPerson
from registry.rules import ListedPerson, PersonStatus


def import_statuses(
    principal: Principal,
    status: PersonStatus,
    lines: Sequence[tuple[ListedPerson, KnownPerson]],
    source: str,
    *,
    at: datetime,
) -> int:
    """Note for the people of a list that they are dead or have moved since the days that it says. Who is so already
    stays as he is. Returns how many changed."""
    principal.require(rules.IMPORT_PEOPLE_LISTS)
    standing = queries.statuses_held([known.id for _, known in lines])
    new = [(line, standing[known.id]) for line, known in lines if standing[known.id].status != status.value]
    if new:
        before = [held for _, held in new]
        days = [line.on for line, _ in new]
        people = [held.id for held in before]
        history = {
            "beneficiary_id": people,
            "before": [held.status for held in before],
            "before_on": [held.on for held in before],
            "before_source": [held.source for held in before],
            "after": status.value,
            "event_on": days,
            "source": source,
            "actor_name": principal.recorded_name,
            "official_id": principal.official_id,
            "at": at,
        }
        insert_columns(StatusChange, history)
        changed = {"id": people, "status": status.value, "status_on": days, "status_source": source}
        update_columns(Beneficiary, "id", changed)
    db.session.expire_all()
    audit.record(
        principal, "registry.import_statuses", "beneficiaries", "", at=at, status=status.value, changed=len(new)
    )
    db.session.flush()
    return len(new)


def import_households(principal: Principal, lines: Sequence[tuple[ListedPerson, KnownPerson]], *, at: datetime) -> int:
    """Enter household numbers and relations from a table. Returns how many people it names."""
    principal.require(rules.IMPORT_PEOPLE_LISTS)
    people = {known.id: line for line, known in lines}
    if people:
        columns = {
            "id": list(people),
            "household_number": [line.household for line in people.values()],
            "household_relation": [line.relation for line in people.values()],
        }
        update_columns(Beneficiary, "id", columns)
    db.session.expire_all()
    audit.record(principal, "registry.import_households", "beneficiaries", "", at=at, people=len(people))
    db.session.flush()
    return len(people)


class ReportedCard(NamedTuple):
    """What a bank reports of a card on record: whether it sends a message when money arrives, and of which bank the
    card is ("" where the list does not say)."""

    card_id: int
    arrival_sms: bool
    bank_name: str = ""


def import_arrival_messages(principal: Principal, cards: Sequence[ReportedCard], *, at: datetime) -> None:
    """Enter what a bank reports of its cards (B9). Cards whose bank nobody knew get the list's, or that of the bank
    whose official brings it; rolls bring card numbers without their bank."""
    principal.require(rules.ANSWER_CARDS)
    if cards:
        columns = {"id": [card.card_id for card in cards], "arrival_sms": [card.arrival_sms for card in cards]}
        update_columns(Card, "id", columns)
        own = queries.banks(principal).get(principal.organisation_id or 0, "")
        for bank in sorted({card.bank_name or own for card in cards} - {""}):
            _name_bank(bank, [card.card_id for card in cards if (card.bank_name or own) == bank])
    db.session.expire_all()
    enabled = sum(card.arrival_sms for card in cards)
    audit.record(principal, "registry.import_arrival_messages", "cards", "", at=at, cards=len(cards), enabled=enabled)
    db.session.flush()


def _name_bank(bank_name: str, card_ids: Sequence[int]) -> None:
    db.session.execute(
        update(Card)
        .where(among(Card.id, card_ids), Card.bank_name == "")
        .values(bank_name=bank_name)
        .execution_options(synchronize_session=False)
    )
