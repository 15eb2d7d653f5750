"""Counts the figures for everybody, and writes down which of them may be shown."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, insert, select

from complaints.public_figures import outcomes_by_month
from core import audit
from core.calendar import local_date
from core.database import db
from core.principal import Principal
from core.withholding import ALL, Cell
from disbursement.queries.public_figures import failures_by_month, paid_by_month
from portal.statistics import rules
from portal.statistics.models import CountedUntil, MonthFigure, PublicFigure
from portal.statistics.rules import Key
from programmes.models import Programme

Pause = Callable[[], None]

_FIRST_DAY = date(2000, 1, 1)
_COUNT_LOCK = 0x66696775  # "figu"
_CHUNK = 5000
_NOTHING = Cell(0, 0)


def count_figures(principal: Principal, county: str, *, at: datetime, pause: Pause = lambda: None) -> dict[str, int]:
    """Count the months that are due for it and not counted yet, and decide what may be shown of their years.

    ``county`` is the county's code. Idempotent: a month is counted once. Returns, where there was something to do, how
    many figures there are of each subject and how many of them are withheld.
    """
    _wait_for_others()
    today = local_date(at)
    counts: dict[str, int] = {}
    for subject in rules.SUBJECTS:
        for year in sorted(_count(subject, today) | _with_townships_to_withdraw(subject, county)):
            counts[subject.code], counts[f"{subject.code}_withheld"] = _publish(subject, year, county)
        # Only here: a month that is marked as counted is never looked at again, so its years must be published by then.
        pause()
        _wait_for_others()
    if counts:
        audit.record(principal, "portal.count_figures", "figures", today.isoformat(), at=at, counts=counts)
    db.session.flush()
    return counts


def _wait_for_others() -> None:
    """Two nights at once would count everything twice. On SQLite whoever writes is alone anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_COUNT_LOCK)))


def _count(subject: rules.Subject, today: date) -> set[int]:
    """Count the months that are due; returns the years of what was found."""
    counted = db.session.get(CountedUntil, subject.code)
    last = rules.month_over(today, rules.SETTLED_AFTER)
    begin = rules.first_day(rules.month_after(counted.month)) if counted else _FIRST_DAY
    end = rules.first_day(rules.month_after(last)) - timedelta(days=1)
    if begin > end:
        return set()
    rows = [
        {
            "subject": subject.code,
            "month": key.month,
            "township_code": key.township,
            "programme_code": key.programme,
            "outcome": key.outcome,
            "number": cell.number,
            "people": cell.people,
            "amount_fen": cell.amount_fen,
        }
        for key, cell in _counted(subject, begin, end)
    ]
    for start in range(0, len(rows), _CHUNK):
        db.session.execute(insert(MonthFigure), rows[start : start + _CHUNK])
    db.session.merge(CountedUntil(subject=subject.code, month=last, counted_on=today))
    db.session.flush()
    # Of a year that is whole by now the finer tables come, whether or not its last months brought anything.
    published = select(PublicFigure.year).where(PublicFigure.subject == subject.code, PublicFigure.year >= begin.year)
    return {int(str(row["month"])[:4]) for row in rows} | set(db.session.scalars(published.distinct()))


def _counted(subject: rules.Subject, begin: date, end: date) -> Iterator[tuple[Key, Cell]]:
    if subject == rules.PAID:
        for paid in paid_by_month(begin, end):
            key = Key(paid.township_code, paid.programme_code, paid.month, paid.outcome)
            yield key, Cell(paid.number, paid.people, paid.amount_fen)
    elif subject == rules.FAILED:
        for failed in failures_by_month(f"{begin:%Y-%m}", f"{end:%Y-%m}"):
            key = Key(failed.township_code, failed.programme_code, failed.month, failed.outcome)
            yield key, Cell(failed.number, failed.people, failed.amount_fen)
    else:
        for case in outcomes_by_month(begin, end):
            key = Key(case.township_code, case.programme_code or rules.NO_PROGRAMME, case.month, case.outcome)
            yield key, Cell(case.number, case.number)


def _with_townships_to_withdraw(subject: rules.Subject, county: str) -> set[int]:
    """Years that show townships of a programme that has become sensitive since."""
    shown = (
        select(PublicFigure.year)
        .join(Programme, Programme.code == PublicFigure.programme_code)
        .where(PublicFigure.subject == subject.code, Programme.sensitive)
        .where(PublicFigure.township_code.not_in((ALL, county)))
    )
    return set(db.session.scalars(shown.distinct()))


def _publish(subject: rules.Subject, year: int, county: str) -> tuple[int, int]:
    """Write down which figures of the year may be shown; returns how many there are, and how many are withheld."""
    of_year = PublicFigure.subject == subject.code, PublicFigure.year == year
    before = {
        Key(*names): number
        for *names, number in db.session.execute(
            select(
                PublicFigure.township_code,
                PublicFigure.programme_code,
                PublicFigure.month,
                PublicFigure.outcome,
                PublicFigure.number,
            ).where(*of_year)
        )
    }
    counted = db.session.get_one(CountedUntil, subject.code)
    cells, hidden = rules.to_publish(
        _of_year(subject, year, county), before, subject, whole_year=rules.is_whole(year, counted.month)
    )
    db.session.execute(delete(PublicFigure).where(*of_year))
    values = [
        {
            "subject": subject.code,
            "year": year,
            "township_code": key.township,
            "programme_code": key.programme,
            "month": key.month,
            "outcome": key.outcome,
            "number": None if key in hidden else cell.number,
            "amount_fen": None if key in hidden else cell.amount_fen,
        }
        for key, cell in sorted(cells.items())
    ]
    for start in range(0, len(values), _CHUNK):
        db.session.execute(insert(PublicFigure), values[start : start + _CHUNK])
    return len(values), len(hidden)


def _of_year(subject: rules.Subject, year: int, county: str) -> Mapping[Key, Cell]:
    """What was counted of a year, sensitive programmes as the county's as a whole."""
    rows = db.session.execute(
        select(
            MonthFigure.township_code,
            MonthFigure.programme_code,
            MonthFigure.month,
            MonthFigure.outcome,
            func.coalesce(Programme.sensitive, False),
            MonthFigure.number,
            MonthFigure.people,
            MonthFigure.amount_fen,
        )
        .outerjoin(Programme, Programme.code == MonthFigure.programme_code)
        .where(MonthFigure.subject == subject.code, MonthFigure.month.between(f"{year}-01", f"{year}-12"))
    )
    found: dict[Key, Cell] = {}
    for township, programme, month, outcome, sensitive, number, people, amount in rows:
        key = Key(rules.township_shown(township, county, sensitive=sensitive), programme, month, outcome)
        known = found.get(key, _NOTHING)
        found[key] = Cell(known.number + number, known.people + people, known.amount_fen + amount)
    return found
