"""The list of lookups at the counters."""

from flask_babel import gettext, lazy_gettext

from accounts.models import Official, Organisation
from core.listing import ChoiceFilter, Column, DayFilter, Listing
from portal import rules
from portal.models import AssistedLookup

_ASKED = {str(code): lazy_gettext(words) for code, words in rules.ASKED_WORDS.items()}
_OUTCOMES = {code: lazy_gettext(words) for code, words in rules.OUTCOMES.items()}

ASSISTED = Listing(
    name="assisted_lookups",
    title=lazy_gettext("窗口代查记录"),
    columns=(
        # In the order of their numbers, which is that of their times.
        Column("at", lazy_gettext("时间"), lambda row: row.at, kind="time", sort=AssistedLookup.id),
        Column("organisation", lazy_gettext("单位"), lambda row: row.organisation.name, sort=Organisation.name),
        Column("official", lazy_gettext("经办人员"), lambda row: row.official.name, sort=Official.name),
        Column("asked", lazy_gettext("怎样来问的"), lambda row: gettext(rules.ASKED_WORDS[row.asked])),
        Column("outcome", lazy_gettext("结果"), lambda row: gettext(rules.OUTCOMES[row.outcome])),
        Column("note", lazy_gettext("说明"), lambda row: row.note, kind="long"),
    ),
    id=AssistedLookup.id,
    order="-at",
    search=(Official.name, Organisation.name),
    search_hint=lazy_gettext("经办人员或单位"),
    filters=(
        ChoiceFilter("asked", lazy_gettext("怎样来问的"), _ASKED, AssistedLookup.asked),
        ChoiceFilter("outcome", lazy_gettext("结果"), _OUTCOMES, AssistedLookup.outcome),
        DayFilter("at", lazy_gettext("日期"), AssistedLookup.at, instants=True),
    ),
    empty=lazy_gettext("还没有窗口代查。"),
)
