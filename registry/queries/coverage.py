"""Coverage (B5, B9): who has a card and who can be told, by township and bank, in one grouped query."""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select

from core.database import db
from core.principal import Principal
from registry import rules
from registry.models import Beneficiary, Card, CardGap
from registry.queries.people import in_scope

TOWNSHIP_DIGITS = 9
STEPS = ("open", "materials_collected", "submitted_to_bank", "issued")


@dataclass(frozen=True)
class Coverage:
    """The living people of a township whose cards are of one bank ("" where no bank is on record, or no card is).

    ``people = with_card + without_card``; ``without_card = not_listed`` (in no ledger yet) ``+`` the four steps, each
    person at the step that is furthest back. ``arrival_on`` and ``arrival_off`` say what banks reported of their own
    messages; of the other cards nothing is known.
    """

    township_code: str
    bank: str
    people: int = 0
    with_card: int = 0
    without_card: int = 0
    not_listed: int = 0
    open: int = 0
    materials_collected: int = 0
    submitted_to_bank: int = 0
    issued: int = 0
    with_phone: int = 0
    arrival_on: int = 0
    arrival_off: int = 0

    def __add__(self, other: "Coverage") -> "Coverage":
        """Both together, under the first one's township and bank."""
        added = {name: getattr(self, name) + getattr(other, name) for name in FIGURES}
        return Coverage(self.township_code, self.bank, **added)


FIGURES = tuple(field.name for field in fields(Coverage))[2:]


def coverage(principal: Principal) -> list[Coverage]:
    """The figures of the principal's regions, by township and bank. Raises PermissionDenied without the right."""
    principal.require(rules.SEE_BENEFICIARIES)
    # Spelt out: PostgreSQL would not know an expression with parameters again among the groups.
    township = func.substr(Beneficiary.region_code, literal_column("1"), literal_column(str(TOWNSHIP_DIGITS)))
    rank = case({state: place for place, state in enumerate(STEPS)}, value=CardGap.state, else_=None)
    # Only people with an open gap are looked at here: few, beside those who have a card.
    step = (
        select(CardGap.beneficiary_id, func.min(rank).label("rank"))
        .where(CardGap.closed_on.is_(None))
        .group_by(CardGap.beneficiary_id)
        .subquery()
    )
    has_card = Beneficiary.card_id.is_not(None)
    conditions: dict[str, ColumnElement[bool]] = {
        "with_card": has_card,
        "without_card": ~has_card,
        "not_listed": ~has_card & step.c.rank.is_(None),
        **{state: ~has_card & (step.c.rank == place) for place, state in enumerate(STEPS)},
        "with_phone": Beneficiary.phone_index.is_not(None),
        "arrival_on": Card.arrival_sms.is_(True),
        "arrival_off": Card.arrival_sms.is_(False),
    }
    rows = db.session.execute(
        select(township, Card.bank_name, func.count(), *(_count(condition) for condition in conditions.values()))
        .select_from(Beneficiary)
        .outerjoin(Card, Card.id == Beneficiary.card_id)
        .outerjoin(step, step.c.beneficiary_id == Beneficiary.id)
        .where(
            Beneficiary.merged_into_id.is_(None),
            Beneficiary.status == "living",
            in_scope(principal, Beneficiary.region_code),
        )
        .group_by(township, Card.bank_name)
    )
    # People without a card, and cards of which nobody has said the bank, are one line.
    found: dict[tuple[str, str], Coverage] = {}
    for code, bank, *figures in rows:
        line = Coverage(code.ljust(12, "0"), bank or "", *map(int, figures))
        key = (line.township_code, line.bank)
        found[key] = found[key] + line if key in found else line
    return [found[key] for key in sorted(found)]


def _count(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
