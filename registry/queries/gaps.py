"""Reads of the card-gap ledger (B5) and of the bulk requests to banks."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, distinct, false, func, literal_column, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Organisation
from core import clock
from core.bulk import among, look_up
from core.database import db, keyring, region_scope
from core.errors import NotVisible
from core.principal import OrganisationKind, Principal, PrincipalKind, region_prefix
from registry import rules
from registry.models import Beneficiary, Card, CardGap, CardRequest, CardRequestLine, GapNote, Payee, Region
from registry.queries.histories import receives_on
from registry.queries.people import in_scope
from registry.rules import Asked

Chosen: TypeAlias = Select[Any]
"""A select of ids of gaps."""


def gaps_in_scope(principal: Principal, column: Any) -> ColumnElement[bool]:
    """Gaps within the principal's regions. Nothing without the right."""
    return in_scope(principal, column) if principal.may(rules.SEE_BENEFICIARIES) else false()


def card_gaps(principal: Principal) -> Select[Any]:
    """The card-gap ledger (B5) of the principal's regions, with person and region. Nothing without the right. What a
    double left behind when it went up in another record is not shown."""
    place = selectinload(CardGap.region).selectinload(Region.parent).selectinload(Region.parent)
    return (
        select(CardGap)
        .join(Beneficiary, CardGap.beneficiary_id == Beneficiary.id)
        .where(gaps_in_scope(principal, CardGap.region_code), Beneficiary.merged_into_id.is_(None))
        .options(selectinload(CardGap.beneficiary), selectinload(CardGap.responsible), place)
    )


def card_gap(principal: Principal, gap_id: int) -> CardGap:
    """One gap. Raises NotVisible."""
    found: CardGap | None = db.session.scalar(card_gaps(principal).where(CardGap.id == gap_id))
    if found is None:
        raise NotVisible
    return found


def notes_of(gap: CardGap) -> Sequence[GapNote]:
    """What was decided about a gap, oldest first."""
    return db.session.scalars(select(GapNote).where(GapNote.gap_id == gap.id).order_by(GapNote.id)).all()


def open_card_gaps_of(person: Beneficiary) -> list[CardGap]:
    """The open gaps of one person (whom the caller has found through the principal)."""
    found = select(CardGap).where(CardGap.beneficiary_id == person.id, CardGap.closed_on.is_(None))
    return list(db.session.scalars(found.order_by(CardGap.opened_on)))


def open_card_gap_count(principal: Principal) -> int:
    """How many gaps are open within the principal's regions."""
    return db.session.scalar(_counted(card_gaps(principal).where(CardGap.closed_on.is_(None)))) or 0


def _counted(found: Select[Any]) -> Select[Any]:
    return found.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)


def gaps_by_step(principal: Principal) -> Sequence[Any]:
    """For the to-do board: rows of state, due day and number of the open gaps on the principal's desk. A township has
    those of its regions; another office those that it is responsible for."""
    mine: ColumnElement[bool] = CardGap.responsible_id == principal.organisation_id
    if principal.organisation_kind == OrganisationKind.TOWNSHIP:
        mine = or_(mine, CardGap.responsible_id.is_(None))
    found = card_gaps(principal).where(mine, CardGap.closed_on.is_(None))
    columns = (CardGap.state, CardGap.due_on, func.count())
    grouped = found.with_only_columns(*columns, maintain_column_froms=True).group_by(CardGap.state, CardGap.due_on)
    return db.session.execute(grouped.order_by(CardGap.due_on)).all()


def responsible_offices(principal: Principal) -> dict[int, str]:
    """The offices that may be made responsible for gaps within the principal's regions, by id."""
    kinds = (OrganisationKind.TOWNSHIP, OrganisationKind.VILLAGE, OrganisationKind.BANK)
    county = (OrganisationKind.HUMAN_RESOURCES, OrganisationKind.DEPARTMENT)
    below = Organisation.kind.in_(kinds) & _below(principal)
    wanted = or_(below, Organisation.kind.in_((*county, OrganisationKind.BANK)))
    found = select(Organisation.id, Organisation.name).where(Organisation.active, wanted).order_by(Organisation.name)
    return dict(db.session.execute(found).all())


def _below(principal: Principal) -> ColumnElement[bool]:
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    return region_scope(Organisation.region_code, principal.region_prefix)


# --- Bulk requests to banks --------------------------------------------------------------------


def banks(_principal: Principal) -> dict[int, str]:
    """The paying banks, by id. Everybody may know them."""
    wanted = (Organisation.active, Organisation.kind == OrganisationKind.BANK.value)
    found = select(Organisation.id, Organisation.name).where(*wanted).order_by(Organisation.name)
    return dict(db.session.execute(found).all())


def ready_for_bank(region_code: str) -> tuple[ColumnElement[bool], ...]:
    """The gaps in a region whose materials are there and whose people stand in no open request."""
    waiting = select(CardRequestLine.beneficiary_id).where(CardRequestLine.outcome == "open")
    gone = select(Beneficiary.id).where(Beneficiary.merged_into_id.is_not(None))
    return (
        CardGap.state == "materials_collected",
        region_scope(CardGap.region_code, region_prefix(region_code)),
        CardGap.beneficiary_id.not_in(waiting),
        CardGap.beneficiary_id.not_in(gone),
    )


def ready_people_count(region_code: str) -> int:
    """How many people of a region could be put into a request now."""
    people = select(func.count(distinct(CardGap.beneficiary_id))).where(*ready_for_bank(region_code))
    return db.session.scalar(people) or 0


def card_requests(principal: Principal) -> Select[Any]:
    """The requests that the principal may see: a bank its own, other offices those of their regions."""
    found = select(CardRequest).options(joinedload(CardRequest.bank), joinedload(CardRequest.region))
    if principal.kind == PrincipalKind.SYSTEM:
        return found
    if principal.organisation_kind == OrganisationKind.BANK and principal.may(rules.ANSWER_CARDS):
        return found.where(CardRequest.bank_id == principal.organisation_id, CardRequest.state != "withdrawn")
    if principal.may(rules.REQUEST_CARDS):
        return found.where(in_scope(principal, CardRequest.region_code))
    return found.where(false())


def card_request(principal: Principal, request_id: int) -> CardRequest:
    """One request. Raises NotVisible."""
    found: CardRequest | None = db.session.scalar(card_requests(principal).where(CardRequest.id == request_id))
    if found is None:
        raise NotVisible
    return found


def outcomes_of(made: CardRequest) -> dict[str, int]:
    """How many lines of a request stand at each outcome."""
    grouped = (
        select(CardRequestLine.outcome, func.count())
        .where(CardRequestLine.request_id == made.id)
        .group_by(CardRequestLine.outcome)
    )
    return dict(db.session.execute(grouped).all())


def lines_of(made: CardRequest) -> Select[Any]:
    """The lines of a request (found through the principal), with their people."""
    place = (
        selectinload(CardRequestLine.beneficiary)
        .selectinload(Beneficiary.region)
        .selectinload(Region.parent)
        .selectinload(Region.parent)
    )
    return (
        select(CardRequestLine)
        .join(Beneficiary, Beneficiary.id == CardRequestLine.beneficiary_id)
        .where(CardRequestLine.request_id == made.id)
        .options(place)
    )


def line_count(made: CardRequest) -> int:
    """How many people stand in a request."""
    counted = select(func.count()).select_from(CardRequestLine).where(CardRequestLine.request_id == made.id)
    return db.session.scalar(counted) or 0


def people_of_request(request_id: int) -> Iterator[tuple[str, Beneficiary]]:
    """Reference and person of each line, in order."""
    place = selectinload(Beneficiary.region).selectinload(Region.parent).selectinload(Region.parent)
    rows = db.session.execute(
        select(CardRequestLine.reference, Beneficiary)
        .join(Beneficiary, Beneficiary.id == CardRequestLine.beneficiary_id)
        .where(CardRequestLine.request_id == request_id)
        .options(place)
        .order_by(CardRequestLine.line_number)
    )
    return ((reference, person) for reference, person in rows)


def payee_names_of_request(request_id: int) -> dict[int, str]:
    """Who receives today for the people of a request, by person."""
    people = select(CardRequestLine.beneficiary_id).where(CardRequestLine.request_id == request_id)
    standing = (Payee.ended_at.is_(None), receives_on(clock.today()))
    found = select(Payee.beneficiary_id, Payee.name).where(Payee.beneficiary_id.in_(people), *standing)
    return dict(db.session.execute(found).all())


def asked(made: CardRequest) -> list[Asked]:
    """The lines of a request as an answer is matched with them."""
    rows = db.session.execute(
        select(
            CardRequestLine.id,
            CardRequestLine.reference,
            Beneficiary.name,
            Beneficiary.id_number,
            CardRequestLine.outcome,
            Card.number,
            CardRequestLine.refusal,
        )
        .join(Beneficiary, Beneficiary.id == CardRequestLine.beneficiary_id)
        .outerjoin(Card, Card.id == CardRequestLine.card_id)
        .where(CardRequestLine.request_id == made.id)
        .order_by(CardRequestLine.line_number)
    )
    return [Asked(*row[:5], row[5] or "", row[6]) for row in rows]


def open_line_ids(made: CardRequest) -> set[int]:
    """The lines of a request that the bank has not answered."""
    found = select(CardRequestLine.id).where(CardRequestLine.request_id == made.id, CardRequestLine.outcome == "open")
    return set(db.session.scalars(found))


def people_of_lines(line_ids: Sequence[int]) -> dict[int, int]:
    """Whom each line is about, by line: of a double, the record in which it went up."""
    record = func.coalesce(Beneficiary.merged_into_id, Beneficiary.id)
    found = (
        select(CardRequestLine.id, record)
        .join(Beneficiary, Beneficiary.id == CardRequestLine.beneficiary_id)
        .where(among(CardRequestLine.id, line_ids))
    )
    return dict(db.session.execute(found).all())


def holders_of(numbers: Sequence[str]) -> dict[str, str]:
    """The holders of those of these card numbers that are on record, by number."""
    keys = keyring().blind_indexes(numbers, "card")
    rows = look_up("cards", "number_index", ("holder_name",), keys)
    return {number: rows[key][1] for number, key in zip(numbers, keys, strict=True) if key in rows}


def card_indexes(card_ids: Sequence[int]) -> dict[int, bytes]:
    """The keyed hashes of these cards' numbers, by card."""
    return dict(db.session.execute(select(Card.id, Card.number_index).where(among(Card.id, card_ids))).all())


def cards_of_numbers(numbers: Sequence[str]) -> dict[str, int]:
    """The cards on record of these numbers, by number."""
    keys = keyring().blind_indexes(numbers, "card")
    rows = look_up("cards", "number_index", ("id",), keys)
    return {number: rows[key][1] for number, key in zip(numbers, keys, strict=True) if key in rows}


def gap_states(chosen: Chosen) -> dict[str, int]:
    """How many of these gaps stand at each step."""
    found = select(CardGap.state, func.count()).where(CardGap.id.in_(chosen)).group_by(CardGap.state)
    return dict(db.session.execute(found).all())


def ready_by_township(principal: Principal) -> list[tuple[Region, int]]:
    """How many people of each region could be put into a request now: the townships of the principal's regions, and
    first the whole where there are several."""
    township = func.substr(CardGap.region_code, literal_column("1"), literal_column("9"))
    own = (principal.region_prefix or "").ljust(12, "0")
    if principal.kind != PrincipalKind.OFFICIAL or len(principal.region_prefix) < 6:
        return []
    counted = select(township, func.count(distinct(CardGap.beneficiary_id))).where(*ready_for_bank(own))
    counts = {code.ljust(12, "0"): number for code, number in db.session.execute(counted.group_by(township))}
    if len(counts) > 1:
        counts[own] = ready_people_count(own)
    regions = db.session.scalars(select(Region).where(Region.code.in_(list(counts))).order_by(Region.code))
    return [(region, counts[region.code]) for region in regions]
