"""The way of programmes onto the platform, and the filings of those that pay outside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from core.database import db
from core.errors import NotVisible
from core.principal import OrganisationKind, Principal
from programmes import rules
from programmes.models import InclusionCase, OfflineFiling, Programme
from programmes.queries.catalogue import programmes
from programmes.rules import Channel


def inclusion_cases(principal: Principal) -> Select[Any]:
    """The cases that the principal may see, with programme and opinions: a department its own, the others all."""
    found = (
        select(InclusionCase)
        .join(InclusionCase.programme)
        .options(contains_eager(InclusionCase.programme), selectinload(InclusionCase.opinions))
    )
    if not principal.may(rules.SEE_INCLUSION):
        return found.where(false())
    if principal.organisation_kind == OrganisationKind.DEPARTMENT:
        return found.where(Programme.department_id == principal.organisation_id)
    return found


def inclusion_case(principal: Principal, case_id: int) -> InclusionCase:
    """One case. Raises NotVisible."""
    found: InclusionCase | None = db.session.scalars(
        inclusion_cases(principal).where(InclusionCase.id == case_id)
    ).first()
    if found is None:
        raise NotVisible
    return found


def running_case_of(programme_id: int) -> InclusionCase | None:
    """The case of a programme that has not come to its end."""
    return db.session.scalars(
        select(InclusionCase).where(InclusionCase.programme_id == programme_id, InclusionCase.settled_on.is_(None))
    ).first()


def latest_case_of(principal: Principal, programme_id: int) -> InclusionCase | None:
    """The last case of a programme that nobody has withdrawn, running or settled, for those who may see it."""
    found: InclusionCase | None = db.session.scalars(
        inclusion_cases(principal)
        .where(InclusionCase.programme_id == programme_id, InclusionCase.state != "withdrawn")
        .order_by(InclusionCase.id.desc())
    ).first()
    return found


def programmes_with_case() -> frozenset[int]:
    """The ids of the programmes whose way of paying is, or was, decided by a case that nobody has withdrawn."""
    return frozenset(
        db.session.scalars(select(InclusionCase.programme_id).where(InclusionCase.state != "withdrawn").distinct())
    )


def missing_opinions(case: InclusionCase) -> tuple[OrganisationKind, ...]:
    """The offices that have not spoken yet."""
    return rules.missing_opinions({given.office for given in case.opinions})


@dataclass(frozen=True)
class Waiting:
    """A programme without a decision, and what it waits for: its case, the offices that are silent, since when."""

    programme: Programme
    case: InclusionCase | None
    missing: tuple[OrganisationKind, ...]
    since: date | None

    @property
    def desks(self) -> tuple[OrganisationKind, ...]:
        """The offices on whose desk it lies."""
        if self.case is None:
            return (OrganisationKind.DEPARTMENT, OrganisationKind.FINANCE)
        return self.missing or rules.desk_of(self.case.state)


def waiting_programmes(principal: Principal) -> list[Waiting]:
    """Every undecided programme, and those whose case still runs, by name (B1). A programme whose running case the
    principal may not see is left out: it does not wait for anybody to take it up."""
    running = InclusionCase.settled_on.is_(None)
    cases = {case.programme_id: case for case in db.session.scalars(inclusion_cases(principal).where(running))}
    found = programmes(principal).where(
        or_(
            Programme.id.in_(sorted(cases)),
            and_(
                Programme.channel == Channel.UNDECIDED.value,
                Programme.id.not_in(select(InclusionCase.programme_id).where(running)),
            ),
        )
    )
    return [
        _waiting(programme, cases.get(programme.id)) for programme in db.session.scalars(found.order_by(Programme.name))
    ]


def _waiting(programme: Programme, case: InclusionCase | None) -> Waiting:
    if case is None:
        return Waiting(programme, None, (), None)
    missing = missing_opinions(case) if case.state == "submitted" else ()
    return Waiting(programme, case, missing, case.submitted_on)


def filings_of(programme: Programme) -> Sequence[OfflineFiling]:
    """The filings of an offline programme."""
    return db.session.scalars(
        select(OfflineFiling).where(OfflineFiling.programme_id == programme.id).order_by(OfflineFiling.id)
    ).all()


def missing_filings(programme: Programme) -> tuple[OrganisationKind, ...]:
    """The offices with which an offline programme's rules are not on record yet."""
    received = {filing.office: filing.received_on is not None for filing in filings_of(programme)}
    return rules.missing_filings(received)


def filing(principal: Principal, filing_id: int) -> OfflineFiling:
    """One filing, for those who see cases. Raises NotVisible."""
    found = db.session.get(OfflineFiling, filing_id)
    if found is None or not principal.may(rules.SEE_INCLUSION):
        raise NotVisible
    if principal.organisation_kind == OrganisationKind.DEPARTMENT and found.programme.department_id != (
        principal.organisation_id
    ):
        raise NotVisible
    return found


def filings_to_receive(principal: Principal) -> Sequence[OfflineFiling]:
    """The filings that lie on this office's desk."""
    if not principal.may(rules.RECEIVE_FILING):
        return []
    return db.session.scalars(
        select(OfflineFiling).where(
            OfflineFiling.office == principal.organisation_kind, OfflineFiling.received_on.is_(None)
        )
    ).all()
