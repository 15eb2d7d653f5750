"""People and cards that rolls bring, taken into the registry as sets: a handful of statements for 100,000 lines.

These are parts of operations of the rooms above (a roll's import, a card list's), which check the right and write the
audit entry. Everything comes in normalised by core.identity.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from core import workflow
from core.bulk import among, insert_columns, look_up, update_columns
from core.clock import local_date
from core.database import db, keyring
from core.identity import card_tail, name_key
from core.principal import system
from registry.models import ROLL_INDEX, Beneficiary, Card, CardChange, CardGap, PhoneChange, WrongNumber
from registry.rules import CARD_GAP_WORKFLOW, WRONG_NUMBER_WORKFLOW, WRONG_STATES, due_of, gap_dates, survivors

ROLL = "roll"
"""Where a card or a phone number came from when a roll brought it."""

_HOUSE = system("registry")


class CardLine(NamedTuple):
    """A card as a roll or a bank writes it: its number, whose it is, and of which bank ("" where nobody says)."""

    number: str
    holder_name: str
    bank_name: str = ""


class PersonLine(NamedTuple):
    """A person as a roll writes him. ``phone`` and ``card_number`` are empty where the roll has none; ``payee_name``
    is the card's holder (empty: he himself), ``payee_id`` that holder's ID number where the roll has it."""

    id_number: str
    name: str
    region_code: str
    phone: str = ""
    card_number: str = ""
    payee_name: str = ""
    payee_id: str = ""


@dataclass(frozen=True)
class Enrolment:
    """What became of the lines, position by position. ``card_ids`` holds the card to pay to: the line's, else the one
    on record, else None (a card gap). ``names_differ`` are positions whose name is not the one on record, which
    stays; ``cards_changed`` and ``phones_changed`` are positions that brought a known person another one. A line with
    the ID number of a record that went up in another is about that other one: two positions may name one person."""

    beneficiary_ids: list[int]
    card_ids: list[int | None]
    added: int = 0
    names_differ: set[int] = field(default_factory=set)
    cards_changed: set[int] = field(default_factory=set)
    phones_changed: set[int] = field(default_factory=set)


def ensure_cards(lines: Sequence[CardLine], *, at: datetime) -> list[int]:
    """The ids of these cards, in order; cards not on record are added (the first line of a number names its holder)."""
    keys = keyring().blind_indexes((line.number for line in lines), "card")
    found = _card_ids(keys, lines, at)
    return [found[key] for key in keys]


def ensure_beneficiaries(lines: Sequence[PersonLine], *, at: datetime) -> Enrolment:
    """Find the people of these lines in the registry by ID number; add those it lacks; give those on record the card
    or phone that the lines bring. A name on record is never changed, nor is a region. Cards that appear close the
    person's card gaps."""
    wanted = _Wanted.of(lines)
    known = _people(wanted.keys)
    cards = _cards_to_find(wanted, known, at)
    new = _first_positions(wanted.keys, known)
    if new:
        _add_people(wanted, new, cards, at)
        known |= _people([wanted.keys[position] for position in new])
    result = _compare(wanted, known, cards, added=len(new))
    _give(wanted, result, known, at)
    name_holders(
        (card_id, line.payee_name, line.payee_id)
        for line, card_id in zip(lines, result.card_ids, strict=True)
        if line.payee_id and line.card_number and card_id is not None
    )
    return result


def name_holders(holders: Iterable[tuple[int, str, str]]) -> None:
    """Note whose cards these are that receive for others: (card id, holder's name, his ID number). A holder on record
    stays, and a card under another name is left alone."""
    named = {card_id: (name_key(name), id_number) for card_id, name, id_number in holders}
    if not named:
        return
    unknown = select(Card.id, Card.holder_name).where(among(Card.id, sorted(named)), Card.holder_index.is_(None))
    cards = [card_id for card_id, name in db.session.execute(unknown) if name_key(name) == named[card_id][0]]
    if cards:
        indexes = keyring().blind_indexes((named[card_id][1] for card_id in cards), "id_number")
        update_columns(Card, "id", {"id": cards, "holder_index": indexes})


def same_person_twice(enrolment: Enrolment) -> list[tuple[int, int]]:
    """Pairs of positions that turned out to be one person, because his double has gone up in his record. Each later
    position stands with the first one."""
    first: dict[int, int] = {}
    pairs = []
    for position, beneficiary_id in enumerate(enrolment.beneficiary_ids):
        if first.setdefault(beneficiary_id, position) != position:
            pairs.append((first[beneficiary_id], position))
    return pairs


def open_card_gaps(programme_code: str, people: Iterable[tuple[int, str]], *, on: date) -> int:
    """Enter (beneficiary id, region code) pairs into the card-gap ledger of a programme (B5). Who stands there stays
    as he is; whose gap was closed has a new one from ``on``, a calendar day. Returns how many gaps were opened."""
    regions = dict(people)
    if not regions:
        return 0
    standing = dict(
        db.session.execute(
            select(CardGap.beneficiary_id, CardGap.closed_on).where(
                CardGap.programme_code == programme_code, among(CardGap.beneficiary_id, regions)
            )
        ).all()
    )
    missing = sorted(regions.keys() - standing.keys())
    closed = [beneficiary_id for beneficiary_id, closed_on in standing.items() if closed_on is not None]
    dates = gap_dates(on)
    opened = {
        "opened_on": on,
        "materials_due_on": dates.materials_on,
        "card_due_on": dates.card_on,
        "due_on": due_of(CARD_GAP_WORKFLOW.initial, dates),
    }
    if missing:
        columns = {
            "beneficiary_id": missing,
            "programme_code": programme_code,
            "region_code": [regions[beneficiary_id] for beneficiary_id in missing],
        }
        insert_columns(CardGap, columns | opened, unless=("beneficiary_id", "programme_code"))
    if closed:
        again = (CardGap.programme_code == programme_code, among(CardGap.beneficiary_id, closed))
        blank = dict.fromkeys(("closed_on", "materials_on", "submitted_on", "issued_on"))
        workflow.move_set(CARD_GAP_WORKFLOW, CardGap, "open_again", _HOUSE, *again, **opened, **blank)
    return len(missing) + len(closed)


def close_card_gaps(beneficiary_ids: Iterable[int], *, on: date) -> int:
    """Close every open gap of these people: a card has appeared. Returns how many were closed."""
    theirs = among(CardGap.beneficiary_id, beneficiary_ids)
    return workflow.move_set(CARD_GAP_WORKFLOW, CardGap, "card_appears", _HOUSE, theirs, closed_on=on, due_on=None)


@dataclass(frozen=True)
class _Wanted:
    """The lines with the blind indexes of what they hold, position by position."""

    lines: Sequence[PersonLine]
    keys: list[bytes]
    card_keys: list[bytes | None]
    phone_keys: list[bytes | None]

    @classmethod
    def of(cls, lines: Sequence[PersonLine]) -> "_Wanted":
        keys = keyring().blind_indexes((line.id_number for line in lines), "id_number")
        cards = _optional_keys([line.card_number for line in lines], "card")
        return cls(lines, keys, cards, _optional_keys([line.phone for line in lines], "phone"))


def _optional_keys(values: list[str], purpose: str) -> list[bytes | None]:
    keys = iter(keyring().blind_indexes((value for value in values if value), purpose))
    return [next(keys) if value else None for value in values]


# What the registry knows of a person: (key, id, name key, card id, card index, phone index).
_Person = Sequence[Any]


def _people(keys: Sequence[bytes]) -> dict[bytes, _Person]:
    columns = ("id", "name_key", "card_id", "card_index", "phone_index")
    found = look_up("beneficiaries", "id_number_index", columns, keys, index=ROLL_INDEX)
    return found | _survivors_of(found)


def _survivors_of(found: dict[bytes, _Person]) -> dict[bytes, _Person]:
    """Those of the found whose record went up in another, with what the registry knows of that other one."""
    merged = select(Beneficiary.id, Beneficiary.merged_into_id).where(Beneficiary.merged_into_id.is_not(None))
    last = survivors({gone: into for gone, into in db.session.execute(merged) if into is not None})
    gone = {key: last[row[1]] for key, row in found.items() if row[1] in last}
    if not gone:
        return {}
    columns = (
        Beneficiary.id,
        Beneficiary.name_key,
        Beneficiary.card_id,
        Beneficiary.card_index,
        Beneficiary.phone_index,
    )
    rows = db.session.execute(select(*columns).where(among(Beneficiary.id, sorted(set(gone.values())))))
    people = {row[0]: row for row in rows}
    return {key: (key, *people[beneficiary_id]) for key, beneficiary_id in gone.items()}


def _card_ids(keys: Sequence[bytes], lines: Sequence[CardLine], at: datetime) -> dict[bytes, int]:
    """The card of each blind index; new ones are added."""
    found = look_up("cards", "number_index", ("id",), keys)
    missing: dict[bytes, CardLine] = {}
    for key, line in zip(keys, lines, strict=True):
        if key not in found:
            missing.setdefault(key, line)
    if missing:
        columns = {
            "number": [line.number for line in missing.values()],
            "number_index": list(missing),
            "tail": [card_tail(line.number) for line in missing.values()],
            "holder_name": [line.holder_name for line in missing.values()],
            "bank_name": [line.bank_name for line in missing.values()],
            "created_at": at,
        }
        insert_columns(Card, columns, unless=("number_index",))
        found |= look_up("cards", "number_index", ("id",), list(missing))
    return {key: row[1] for key, row in found.items()}


def _cards_to_find(wanted: _Wanted, known: dict[bytes, _Person], at: datetime) -> dict[bytes, int]:
    """The cards that are not, as the registry has it, those of the people who bring them."""
    keys, lines = [], []
    for line, key, card_key in zip(wanted.lines, wanted.keys, wanted.card_keys, strict=True):
        if card_key is not None and ((person := known.get(key)) is None or person[4] != card_key):
            keys.append(card_key)
            lines.append(CardLine(line.card_number, line.payee_name or line.name))
    return _card_ids(keys, lines, at)


def _first_positions(keys: list[bytes], known: dict[bytes, _Person]) -> list[int]:
    """Where each unknown person first stands, in the order of the keys (see insert_columns)."""
    first: dict[bytes, int] = {}
    for position, key in enumerate(keys):
        if key not in known:
            first.setdefault(key, position)
    return [first[key] for key in sorted(first)]


def _add_people(wanted: _Wanted, positions: list[int], cards: dict[bytes, int], at: datetime) -> None:
    lines = [wanted.lines[position] for position in positions]
    card_keys = [wanted.card_keys[position] for position in positions]
    columns = {
        "name": [line.name for line in lines],
        "name_key": [name_key(line.name) for line in lines],
        "id_number": [line.id_number for line in lines],
        "id_number_index": [wanted.keys[position] for position in positions],
        "region_code": [line.region_code for line in lines],
        "phone": [line.phone or None for line in lines],
        "phone_index": [wanted.phone_keys[position] for position in positions],
        "phone_source": [ROLL if line.phone else "" for line in lines],
        "card_id": [None if key is None else cards[key] for key in card_keys],
        "card_index": card_keys,
        "created_at": at,
    }
    insert_columns(Beneficiary, columns, unless=("id_number_index",))


def _compare(wanted: _Wanted, known: dict[bytes, _Person], cards: dict[bytes, int], *, added: int) -> Enrolment:
    result = Enrolment([], [], added)
    columns = zip(wanted.lines, wanted.keys, wanted.card_keys, wanted.phone_keys, strict=True)
    for position, (line, key, card_key, phone_key) in enumerate(columns):
        _, person_id, known_name, card_id, card_index, phone_index = known[key]
        if card_key != card_index and card_key is not None:
            card_id = cards[card_key]
            result.cards_changed.add(position)
        if phone_key != phone_index and phone_key is not None:
            result.phones_changed.add(position)
        # Most names are their own keys: the short way first.
        if line.name != known_name and name_key(line.name) != known_name:
            result.names_differ.add(position)
        result.beneficiary_ids.append(person_id)
        result.card_ids.append(card_id)
    return result


def _give(wanted: _Wanted, result: Enrolment, known: dict[bytes, _Person], at: datetime) -> None:
    """Enter the cards and phones that people on record bring; where one person stands twice, the later line counts."""
    cards = {result.beneficiary_ids[position]: position for position in sorted(result.cards_changed)}
    phones = {result.beneficiary_ids[position]: position for position in sorted(result.phones_changed)}
    phones = _without_wrong_numbers(phones, wanted)
    people = sorted(cards.keys() | phones.keys())
    if not people:
        return
    with_card = [cards.get(person) for person in people]
    with_phone = [phones.get(person) for person in people]
    columns = {
        "id": people,
        "card_id": [None if position is None else result.card_ids[position] for position in with_card],
        "card_index": [None if position is None else wanted.card_keys[position] for position in with_card],
        "phone": [None if position is None else wanted.lines[position].phone for position in with_phone],
        "phone_index": [None if position is None else wanted.phone_keys[position] for position in with_phone],
        "phone_source": [None if position is None else ROLL for position in with_phone],
    }
    cards_before = {known[key][1]: known[key][3] for key in wanted.keys}
    phones_before = _phone_tails(phones)
    # The people are locked by their change first, in one order by all, and their history, which points to them, comes
    # after: the other way about two imports that meet would wait for each other in a ring.
    update_columns(Beneficiary, "id", columns)
    forget_old_numbers(phones, at=at)
    _remember_cards(result, cards, cards_before, at)
    _remember_phones(wanted, phones, phones_before, at)
    if cards:
        close_card_gaps(cards, on=local_date(at))


def _remember_cards(result: Enrolment, cards: dict[int, int], before: dict[int, int | None], at: datetime) -> None:
    """The history of cards that another one replaces, and of first ones for people who had none."""
    if not cards:
        return
    people = sorted(cards)
    columns = {
        "beneficiary_id": people,
        "before_id": [before[person] for person in people],
        "after_id": [result.card_ids[cards[person]] for person in people],
        "source": ROLL,
        "at": at,
    }
    insert_columns(CardChange, columns)


def _without_wrong_numbers(phones: dict[int, int], wanted: _Wanted) -> dict[int, int]:
    """These people and positions without those whose number the township has found not to be theirs: the list from
    which the roll was made has it still."""
    if not phones:
        return {}
    found = select(WrongNumber.beneficiary_id, WrongNumber.phone_index).where(
        among(WrongNumber.beneficiary_id, sorted(phones)), WrongNumber.state.in_(WRONG_STATES)
    )
    wrong = {(person, number) for person, number in db.session.execute(found)}
    return {
        person: position for person, position in phones.items() if (person, wanted.phone_keys[position]) not in wrong
    }


def forget_old_numbers(people: Iterable[int], *, at: datetime) -> None:
    """These people have another number now, or none: it is not confirmed, and what was reported was the old one."""
    changed = sorted(people)
    if not changed:
        return
    confirmed = (among(Beneficiary.id, changed), Beneficiary.phone_confirmed_at.is_not(None))
    unconfirmed = update(Beneficiary).where(*confirmed).values(phone_confirmed_at=None)
    db.session.execute(unconfirmed.execution_options(synchronize_session=False))
    theirs = among(WrongNumber.beneficiary_id, changed)
    workflow.move_set(WRONG_NUMBER_WORKFLOW, WrongNumber, "overtake", _HOUSE, theirs, settled_at=at)


def _phone_tails(people: Iterable[int]) -> dict[int, str]:
    """The last digits of the phones that these people have now."""
    chosen = sorted(people)
    if not chosen:
        return {}
    rows = db.session.execute(
        select(Beneficiary.id, Beneficiary.phone).where(
            among(Beneficiary.id, chosen), Beneficiary.phone_index.is_not(None)
        )
    )
    return {beneficiary_id: (phone or "")[-4:] for beneficiary_id, phone in rows}


def _remember_phones(wanted: _Wanted, phones: dict[int, int], before: dict[int, str], at: datetime) -> None:
    if not phones:
        return
    people = sorted(phones)
    columns = {
        "beneficiary_id": people,
        "before_tail": [before.get(person, "") for person in people],
        "after_tail": [wanted.lines[phones[person]].phone[-4:] for person in people],
        "source": ROLL,
        "at": at,
    }
    insert_columns(PhoneChange, columns)
