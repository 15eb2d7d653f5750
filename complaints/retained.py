"""Reads about how long cases are kept: the periods in force, what is announced for deletion, what is held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from complaints import queries, rules
from complaints.models import Complaint, Hold, RetentionSetting
from complaints.rulebook import RETENTION, RULEBOOKS, Category, Matter
from core.database import db
from core.errors import NotVisible
from core.listing import Parts
from core.principal import Principal


def categories() -> Mapping[str, Category]:
    """Every category that any version of the rules knows: cases of all of them are there."""
    return {category.code: category for book in RULEBOOKS.values() for category in book.categories}


def _latest() -> Select[int]:
    return select(func.max(RetentionSetting.id)).group_by(RetentionSetting.category)


def settings() -> Mapping[str, RetentionSetting]:
    """What the county has set, by category (and SEALED_ROOM); what it has not set is missing."""
    found = db.session.scalars(
        select(RetentionSetting)
        .where(RetentionSetting.id.in_(_latest()))
        .options(joinedload(RetentionSetting.official))
    )
    return {setting.category: setting for setting in found}


def years_by_category() -> Mapping[str, int]:
    """For how many years an ended case is kept, by category, and under SEALED_ROOM for whatever is sealed."""
    set_by_county = dict(
        db.session.execute(
            select(RetentionSetting.category, RetentionSetting.years).where(RetentionSetting.id.in_(_latest()))
        ).all()
    )
    defaults = {code: RETENTION[category.matter].years for code, category in categories().items()}
    return defaults | {rules.SEALED_ROOM: RETENTION[Matter.CLUE].years} | set_by_county


@dataclass(frozen=True)
class PeriodLine:
    """One line of the page of periods. ``setting`` is None where the default is in force; ``source`` a message id."""

    category: str
    name: str
    years: int
    source: str
    setting: RetentionSetting | None


def period_lines(principal: Principal) -> list[PeriodLine]:
    """What the page of periods shows to the principal: the sealed room's line only to whoever knows of it."""
    known, years = settings(), years_by_category()
    lines = [
        PeriodLine(code, category.name, years[code], RETENTION[category.matter].source, known.get(code))
        for code, category in categories().items()
        if not category.is_clue
    ]
    if principal.may(rules.READ_SEALED):
        code = rules.SEALED_ROOM
        lines.append(
            PeriodLine(code, rules.SEALED_ROOM_NAME, years[code], RETENTION[Matter.CLUE].source, known.get(code))
        )
    return lines


def held() -> ColumnElement[bool]:
    """Cases that some office keeps."""
    return Complaint.id.in_(select(Hold.complaint_id).where(Hold.lifted_at.is_(None)))


def holds_of(complaint: Complaint) -> Sequence[Hold]:
    """The holds that stand, oldest first."""
    return db.session.scalars(
        select(Hold)
        .where(Hold.complaint_id == complaint.id, Hold.lifted_at.is_(None))
        .options(joinedload(Hold.organisation))
        .order_by(Hold.id)
    ).all()


def listed(principal: Principal, *, sealed: bool, on_hold: bool) -> tuple[Select[Complaint], Parts]:
    """What is announced for deletion, or kept beyond its years, of what the principal sees; the sealed room's apart.
    Raises NotVisible for the sealed room to everybody but the discipline commission."""
    if sealed and not principal.may(rules.READ_SEALED):
        raise NotVisible
    whole = queries.sealed_cases(principal) if sealed else queries.cases(principal)
    condition = held() if on_hold else Complaint.erase_on.is_not(None)
    parts = queries.case_parts(principal, sealed=sealed)
    return whole.where(condition), replace(parts, parts=[part.where(condition) for part in parts.parts])
