"""The county's calendar: the State Council's days off and make-up days, as a table that an official can mend."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from core import audit
from core.calendar import WorkingCalendar, published_days, published_years_of
from core.database import Base, db
from core.errors import UserError
from core.listing import looks_personal
from core.msgid import N_
from core.plain_text import plain
from core.principal import OrganisationKind, Principal, Role, permission
from core.sweeps import Pause, nightly

EDIT_CALENDAR = permission(
    "core.edit_calendar",
    {OrganisationKind.FINANCE: (Role.ADMINISTRATOR, Role.APPROVER)},
    N_("修改工作日历（放假和调休）"),
)
EARLIEST_YEAR, YEARS_AHEAD = 2004, 2
MOST_NAME, MOST_SOURCE = 30, 200


class CalendarDay(Base):
    """A day whose working or resting differs from the ordinary week, or marks its year as published."""

    __tablename__ = "calendar_days"

    on: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str]
    source: Mapped[str]


def seed_calendar(*years: int) -> int:
    """Enter the published days (of these years; of all where none is named) that the table lacks; what an official has
    edited stays. Returns how many were added."""
    known = set(db.session.scalars(select(CalendarDay.on)))
    missing = [day for day in published_days() if day.on not in known and (not years or day.on.year in years)]
    db.session.add_all(CalendarDay(on=day.on, working=day.working, name=day.name, source=day.source) for day in missing)
    db.session.flush()
    return len(missing)


def load_calendar() -> WorkingCalendar:
    """The calendar as the table says now. A year counts as published only when 1 October stands in the table as a
    holiday of its own (``published_years_of``): a single corrected day does not make a year published."""
    days = _listed_days()
    return WorkingCalendar(days, published_years_of(days))


def _listed_days() -> Mapping[date, bool]:
    return dict(db.session.execute(select(CalendarDay.on, CalendarDay.working)).all())


@nightly("core.calendar")
def seed_new_years(_at: datetime, _pause: Pause) -> Mapping[str, int]:
    """A new release knows the next year: it is entered by the first night, where the table does not have it yet. A
    year that somebody has entered by hand is left as it is."""
    listed = published_years_of(_listed_days())
    fresh = {day.on.year for day in published_days()} - listed
    return {"added": seed_calendar(*fresh) if fresh else 0}


def days_of(year: int) -> Sequence[CalendarDay]:
    """What the table says of a year, by date."""
    inside = CalendarDay.on.between(date(year, 1, 1), date(year, 12, 31))
    return db.session.scalars(select(CalendarDay).where(inside).order_by(CalendarDay.on)).all()


def known_elsewhere(year: int) -> int:
    """How many days of that year this release knows and the table does not have."""
    listed = {day.on for day in days_of(year)}
    return sum(day.on.year == year and day.on not in listed for day in published_days())


def import_year(principal: Principal, year: int, *, at: datetime) -> int:
    """Enter the days of that year that this release knows and the table lacks. Returns how many. Raises
    PermissionDenied, UserError where there is none."""
    principal.require(EDIT_CALENDAR)
    added = seed_calendar(year)
    if not added:
        raise UserError("没有可以补入的日子：程序里没有这一年的安排，或者都已经有了。")
    audit.record(principal, "calendar.import_year", "calendar", str(year), at=at, added=added)
    db.session.flush()
    return added


def set_day(
    principal: Principal, on: date | None, working: bool, name: str, source: str, *, today: date, at: datetime
) -> CalendarDay:
    """Say whether a day is worked, with the source; running due days follow by the next night. Nothing is deleted: a
    day is set back by setting it again.

    Raises PermissionDenied, or UserError for a day out of range, without a name or source, or where 1 October would be
    worked: by its holiday a year is known to be published.
    """
    principal.require(EDIT_CALENDAR)
    if on is None or not EARLIEST_YEAR <= on.year <= today.year + YEARS_AHEAD:
        raise UserError("请填写日期，最晚到后年。")
    called, told = plain(name)[: MOST_NAME + 1], plain(source)[: MOST_SOURCE + 1]
    if not 1 <= len(called) <= MOST_NAME or not 1 <= len(told) <= MOST_SOURCE:
        raise UserError("请写明这一天叫什么（30 字以内），以及依据哪个文件（200 字以内）。")
    if looks_personal(called) or looks_personal(told):
        raise UserError("这里不能写证件号码、卡号或电话。")
    if working and (on.month, on.day) == (10, 1):
        raise UserError("10 月 1 日是法定节假日，不能改为上班：系统凭它认定这一年的安排已经公布。")
    day = db.session.get(CalendarDay, on)
    before = None if day is None else day.working
    if day is None:
        day = CalendarDay(on=on)
        db.session.add(day)
    day.working, day.name, day.source = working, called, told
    audit.record(principal, "calendar.set_day", "calendar", on.isoformat(), at=at, working=working, before=before)
    db.session.flush()
    return day
