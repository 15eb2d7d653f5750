"""By night the county's figures of the periods that are over are drawn up, and stand from then on."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from accounts.models import Official, Organisation
from accounts.queries import principal_from
from complaints import rules
from complaints.drawn_figures import drawn_parts, packed, packed_hidden
from complaints.figures import Counting, Wanted, days_of, has_villages, may_read, tables_for
from complaints.models import DrawnForOfficial, DrawnPeriod
from complaints.operations.nightly import Pause, no_pause
from complaints.rules import figures as counted
from complaints.rules.figures import ALL, By, Period, periods_until
from core import audit
from core.calendar import local_date
from core.database import db, only_reads
from core.principal import NOBODY, Principal

_LOCK = 0x64726177  # "draw"


def draw_up_figures(principal: Principal, *, at: datetime, pause: Pause = no_pause) -> dict[str, int]:
    """Draw up every period of these years that is over and is not drawn up yet: months first, then what they are parts
    of. Idempotent. Returns how many."""
    known, drawn = set(db.session.scalars(select(DrawnPeriod.period))), []
    for period in periods_until(local_date(at), over=True):
        if period.code in known:
            continue
        # Counting a year takes seconds: others may write meanwhile.
        pause()
        with only_reads():
            whole, of_officials = _counted(period, at)
            pause()
        if _is_first(period):
            db.session.add(whole)
            db.session.flush()
            db.session.add_all(of_officials)
            db.session.flush()
            drawn.append(period.code)
    if drawn:
        on = local_date(at).isoformat()
        audit.record(principal, "complaint.draw_up_figures", "figures", on, at=at, counts={"drawn_up": len(drawn)})
        db.session.flush()
    return {"drawn_up": len(drawn)}


def _is_first(period: Period) -> bool:
    """Whether no other night has drawn it up meanwhile. On SQLite whoever writes is alone anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    return db.session.scalar(select(DrawnPeriod.period).where(DrawnPeriod.period == period.code)) is None


def _counted(period: Period, at: datetime) -> tuple[DrawnPeriod, list[DrawnForOfficial]]:
    today = local_date(at)
    counting = Counting(NOBODY, Wanted(period, county=True), today, tuple(By))
    everything, spans = counting.everything()
    by_village = counting.of_villages().everything()[0] if has_villages(counting.wanted) else Counter()
    numbers, days = counted.year_of(everything), days_of(spans)

    def withheld_from(asker: Principal) -> dict[str, Any]:
        tables = tables_for(asker)
        seeing = Counting(asker, counting.wanted, today, tables)
        # Of the tables that he is shown.
        unseen = Counter({key: number for key, number in everything.items() if key.figure.by in (ALL, *tables)})
        unseen -= seeing.seen()
        parts = drawn_parts(asker.official_id, period)
        few = counted.few_since(numbers, parts)
        found = counted.withheld_of(tuple(sorted(unseen.items())), period, tuple(sorted(few.items())))
        unseen_villages = by_village - seeing.of_villages().seen() if by_village else by_village
        return packed_hidden(found, counted.withheld_of_all_villages(counted.year_of(unseen_villages), found))

    whole = DrawnPeriod(
        period=period.code,
        drawn_at=at,
        numbers=packed(numbers),
        villages=packed(counted.lines_of(counted.year_of(by_village), By.TOWNSHIP)),
        hidden=withheld_from(NOBODY),
        half_days=days[0] if days else None,
        most_days=days[1] if days else None,
    )
    of_officials = [
        DrawnForOfficial(period=period.code, official_id=person.official_id, hidden=withheld_from(person))
        for person in _who_sees_cases()
    ]
    return whole, of_officials


def _who_sees_cases() -> list[Principal]:
    """The officials who have the county's figures and cases of their own beside."""
    people = db.session.scalars(
        select(Official)
        .join(Organisation, Organisation.id == Official.organisation_id)
        .where(
            Official.active.is_(True),
            Organisation.active.is_(True),
            Organisation.kind.in_({kind.value for kind, _role in rules.READ_FIGURES.holders}),
        )
        .order_by(Official.id)
    )
    found = [principal_from(person) for person in people]
    return [one for one in found if may_read(one, county=True) and may_read(one, county=False)]
