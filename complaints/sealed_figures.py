"""The sealed room's own figures: read by the discipline commission, and for nobody else there are any."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from accounts.models import Organisation
from complaints import rules
from complaints.models import Clock, Complaint
from complaints.queries import not_withheld, on_desk
from complaints.rulebook import RULEBOOKS, ClockKind
from complaints.rules.figures import Period
from complaints.rules.sealed import PROMISES, RECEIVED, class_of_waiting, how_kept, stage_of
from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from core.working_days import load_calendar

WHOLE = ""
DIRECT, REFERRED = "direct", "referred"
NAMED, ANONYMOUS = "named", "anonymous"


class SealedFigure(NamedTuple):
    """What a figure is about: a table (``way``, ``category``, ``about``, ``reporter``), its line, and a measure."""

    by: str
    group: str
    measure: str


@dataclass(frozen=True)
class SealedFigures:
    """What was counted. ``outcomes``: how many cases have which. ``waiting``: how many are open now, whenever they
    came, by the class of working days (rules.sealed.WAITED) since they came to the commission."""

    period: Period
    numbers: Mapping[SealedFigure, int]
    outcomes: Mapping[str, int]
    waiting: Mapping[int, int]

    def groups(self, by: str) -> set[str]:
        """The lines of a table."""
        return {figure.group for figure in self.numbers if figure.by == by}

    def number(self, by: str, group: str, measure: str) -> int:
        """One figure."""
        return self.numbers.get(SealedFigure(by, group, measure), 0)


def sealed_figures(principal: Principal, period: Period, today: date) -> SealedFigures:
    """The figures of what came to the commission on the days of the period: handed in as a clue, or referred by an
    office on that day. Raises NotVisible for everybody but the commission."""
    if not principal.may(rules.READ_SEALED):
        raise NotVisible
    clues = {category.code for book in RULEBOOKS.values() for category in book.categories if category.is_clue}
    numbers: Counter[SealedFigure] = Counter()
    outcomes: Counter[str] = Counter()
    came, told = aliased(Clock), aliased(Clock)
    columns = (
        Complaint.category,
        Organisation.kind,
        Complaint.anonymous,
        Complaint.state,
        Complaint.outcome,
        came.due_on,
        came.stopped_on,
        told.due_on,
        told.stopped_on,
    )
    statement = (
        select(*columns, func.count())
        .select_from(Complaint)
        .join(came, and_(came.complaint_id == Complaint.id, came.kind == ClockKind.NOTICE.value))
        .outerjoin(told, and_(told.complaint_id == Complaint.id, told.kind == ClockKind.RESULT_NOTICE.value))
        .outerjoin(Organisation, Organisation.id == Complaint.about_organisation_id)
        .where(
            on_desk(principal),
            not_withheld(principal),
            Complaint.sealed.is_(True),
            came.started_on >= period.first,
            came.started_on <= period.last,
        )
        .group_by(*columns)
    )
    for category, kind, anonymous, state, outcome, *promised, number in db.session.execute(statement):
        measures = [RECEIVED, stage_of(state, outcome).value]
        for promise, due_on, stopped_on in zip(PROMISES, promised[::2], promised[1::2], strict=True):
            how = how_kept(due_on, stopped_on, today)
            measures += [f"{promise}_{how}"] if how else []
        groups = {
            WHOLE: WHOLE,
            "way": DIRECT if category in clues else REFERRED,
            "category": category,
            "about": kind or "",
            "reporter": ANONYMOUS if anonymous else NAMED,
        }
        for by, group in groups.items():
            for measure in measures:
                numbers[SealedFigure(by, group, measure)] += number
        if outcome:
            outcomes[outcome] += number
    return SealedFigures(period, numbers, outcomes, _waiting(principal, today))


def _waiting(principal: Principal, today: date) -> Mapping[int, int]:
    statement = (
        select(Clock.started_on, func.count())
        .join(Complaint, Complaint.id == Clock.complaint_id)
        .where(
            on_desk(principal),
            not_withheld(principal),
            Complaint.sealed.is_(True),
            Complaint.state.in_(rules.UNANSWERED),
            Clock.kind == ClockKind.NOTICE.value,
        )
        .group_by(Clock.started_on)
    )
    calendar, found = load_calendar(), Counter[int]()
    for started_on, number in db.session.execute(statement):
        found[class_of_waiting(calendar.working_days_between(started_on, today))] += number
    return found
