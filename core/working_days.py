"""The county's calendar: the State Council's days off and make-up days, as a table that an official can mend."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from core.calendar import WorkingCalendar, published_days, published_years_of
from core.database import Base, db


class CalendarDay(Base):
    """A day whose working or resting differs from the ordinary week, or marks its year as published."""

    __tablename__ = "calendar_days"

    on: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str]
    source: Mapped[str]


def seed_calendar() -> int:
    """Enter the published days that the table lacks; what an official has edited stays. Returns how many were added."""
    known = set(db.session.scalars(select(CalendarDay.on)))
    missing = [day for day in published_days() if day.on not in known]
    db.session.add_all(CalendarDay(on=day.on, working=day.working, name=day.name, source=day.source) for day in missing)
    db.session.flush()
    return len(missing)


def load_calendar() -> WorkingCalendar:
    """The calendar as the table says now. A year counts as published only when 1 October stands in the table as a
    holiday of its own (``published_years_of``): a single corrected day does not make a year published."""
    days = dict(db.session.execute(select(CalendarDay.on, CalendarDay.working)).all())
    return WorkingCalendar(days, published_years_of(days))
