"""The lists of this room."""

from flask import url_for
from flask_babel import gettext, lazy_gettext

from core import clock
from core.listing import ChoiceFilter, Column, DayFilter, Listing
from core.status import Status
from publicity import rules
from publicity.models import PublicityList
from publicity.words import LEVEL_WORDS, LIST_STATES


def state_of(row: PublicityList) -> str:
    """Whether a list is open today."""
    withdrawn = row.withdrawn_at is not None
    return rules.list_state(row.closes_on, clock.today(), online=row.online, withdrawn=withdrawn)


LISTS = Listing(
    name="publicity-lists",
    title=lazy_gettext("公示表"),
    columns=(
        Column(
            "title",
            lazy_gettext("公示表"),
            lambda row: row.title,
            sort=PublicityList.title,
            link=lambda row: url_for("publicity.list_page", list_id=row.id),
        ),
        Column("level", lazy_gettext("级别"), lambda row: LEVEL_WORDS[row.level], sort=PublicityList.level),
        Column("lines", lazy_gettext("人数"), lambda row: row.line_count, kind="number", sort=PublicityList.line_count),
        Column(
            "total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money", sort=PublicityList.total_fen
        ),
        Column("opens", lazy_gettext("开始"), lambda row: row.opens_on, kind="day", sort=PublicityList.opens_on),
        Column("closes", lazy_gettext("结束"), lambda row: row.closes_on, kind="day", sort=PublicityList.closes_on),
        Column("state", lazy_gettext("状态"), state_of, kind="status", states=LIST_STATES),
        Column(
            "print",
            lazy_gettext("张贴"),
            lambda row: gettext("打印"),
            kind="narrow",
            link=lambda row: url_for("publicity.print_list", list_id=row.id),
        ),
    ),
    id=PublicityList.id,
    order="-opens",
    search=(PublicityList.title,),
    search_hint=lazy_gettext("地方、项目或年月"),
    filters=(
        ChoiceFilter(
            "level",
            lazy_gettext("级别"),
            {level: Status(words) for level, words in LEVEL_WORDS.items()},
            PublicityList.level,
        ),
        DayFilter("opens", lazy_gettext("开始公示"), PublicityList.opens_on, instants=False),
    ),
    empty=lazy_gettext("还没有公示表。花名册经乡镇审核后，可以在这里张榜公示。"),
)
