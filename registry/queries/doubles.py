"""Records that may be one person: the search over the whole registry, and the pairs that were found."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import LargeBinary, Select, false, func, or_, select, type_coerce
from sqlalchemy.orm import aliased, joinedload, selectinload

from core.bulk import among
from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from registry import rules
from registry.models import Beneficiary, Double, Region
from registry.queries.people import in_scope
from registry.rules import Pair, Suspect

TOWNSHIP_DIGITS = 9


def suspects() -> Iterator[Suspect]:
    """Everybody who shares name and township, or card, or name and phone, with somebody else: one statement finds
    them, and only theirs are the ID numbers that are decrypted."""
    township = func.substr(Beneficiary.region_code, 1, TOWNSHIP_DIGITS)
    phone = type_coerce(Beneficiary.phone_index, LargeBinary)
    count = func.count()
    counted = (
        select(
            Beneficiary.id,
            count.over(partition_by=(Beneficiary.name_key, township)).label("of_name"),
            count.over(partition_by=Beneficiary.card_id).label("of_card"),
            count.over(partition_by=(Beneficiary.phone_index, Beneficiary.name_key)).label("of_phone"),
        )
        .where(Beneficiary.merged_into_id.is_(None))
        .subquery()
    )
    columns = (Beneficiary.id, Beneficiary.name_key, township, Beneficiary.id_number, Beneficiary.card_id, phone)
    shares = or_(
        counted.c.of_name > 1,
        (counted.c.of_card > 1) & Beneficiary.card_id.is_not(None),
        (counted.c.of_phone > 1) & Beneficiary.phone_index.is_not(None),
    )
    found = select(*columns).join(counted, counted.c.id == Beneficiary.id).where(shares).order_by(Beneficiary.id)
    return (Suspect(*row) for row in db.session.execute(found.execution_options(yield_per=5000)))


def known_pairs() -> set[Pair]:
    """Every pair on record, whatever became of it: what somebody has let be is not found again."""
    return {Pair(*row) for row in db.session.execute(select(Double.first_id, Double.second_id))}


def region_codes_of(people: Iterable[int]) -> dict[int, str]:
    """Where these people live, by id."""
    found = select(Beneficiary.id, Beneficiary.region_code).where(among(Beneficiary.id, sorted(people)))
    return dict(db.session.execute(found).all())


_FIRST, _SECOND = aliased(Beneficiary), aliased(Beneficiary)
FIRST_NAME = _FIRST.name_key


def doubles(principal: Principal) -> Select[Any]:
    """The pairs that the principal may see: those whose records both lie in his regions. A pair of which one went up in
    a third record is shown no more, unless it is itself the merge."""
    place = (Beneficiary.region, Region.parent, Region.parent)
    options = [
        joinedload(side).options(selectinload(place[0]).selectinload(place[1]).selectinload(place[2]))
        for side in (Double.first, Double.second)
    ]
    found = (
        select(Double)
        .join(_FIRST, _FIRST.id == Double.first_id)
        .join(_SECOND, _SECOND.id == Double.second_id)
        .options(*options)
    )
    if not principal.may(rules.SEE_BENEFICIARIES):
        return found.where(false())
    stands = _FIRST.merged_into_id.is_(None) & _SECOND.merged_into_id.is_(None)
    return found.where(in_scope(principal, Double.region_code), or_(stands, Double.state == "merged"))


def double(principal: Principal, double_id: int) -> Double:
    """One pair. Raises NotVisible."""
    found: Double | None = db.session.scalar(doubles(principal).where(Double.id == double_id))
    if found is None:
        raise NotVisible
    return found


def double_of(pair: Pair) -> Double | None:
    """The pair on record, of two people whom the caller has found through the principal."""
    same = (Double.first_id == pair.first_id, Double.second_id == pair.second_id)
    return db.session.scalar(select(Double).where(*same))


def doubles_of(principal: Principal, person: Beneficiary) -> list[Double]:
    """The pairs of which a person is one and that wait for somebody or were merged."""
    either = or_(Double.first_id == person.id, Double.second_id == person.id)
    found = doubles(principal).where(either, Double.state != "dismissed").order_by(Double.id).limit(20)
    return list(db.session.scalars(found))


def proposals_waiting(principal: Principal) -> int:
    """How many proposed merges wait for somebody's confirmation."""
    if not principal.may(rules.CONFIRM_MERGE):
        return 0
    waiting = doubles(principal).where(Double.state == "proposed")
    return db.session.scalar(waiting.with_only_columns(func.count(), maintain_column_froms=True)) or 0
