"""Lists about people, entered as sets: the dead, the moved, the households, the cards with arrival messages."""

from collections.abc import Sequence
from datetime import datetime

from core import audit
from core.bulk import insert_columns, update_columns
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


def import_arrival_messages(principal: Principal, cards: Sequence[tuple[int, bool]], *, at: datetime) -> None:
    """Enter for (card id, yes or no) whether the bank sends a message when money arrives (B9)."""
    principal.require(rules.ANSWER_CARDS)
    if cards:
        columns = {"id": [number for number, _ in cards], "arrival_sms": [told for _, told in cards]}
        update_columns(Card, "id", columns)
    db.session.expire_all()
    enabled = sum(told for _, told in cards)
    audit.record(principal, "registry.import_arrival_messages", "cards", "", at=at, cards=len(cards), enabled=enabled)
    db.session.flush()
