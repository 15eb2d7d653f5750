"""The list of records that may be one person."""

from flask import url_for
from flask_babel import lazy_gettext

from core.identity import mask_id_number
from core.listing import ChoiceFilter, Column, Listing
from registry.listings.people import places, within
from registry.models import Double
from registry.queries import FIRST_NAME
from registry.words import DOUBLE_STATES, GROUNDS, grounds_words

DOUBLES = Listing(
    name="doubles",
    title=lazy_gettext("疑似重复登记"),
    columns=(
        Column(
            "first",
            lazy_gettext("登记一"),
            lambda row: row.first.name,
            sort=FIRST_NAME,
            link=lambda row: url_for("registry.double", double_id=row.id),
        ),
        Column("first_number", lazy_gettext("证件号码"), lambda row: mask_id_number(row.first.id_number)),
        Column("second", lazy_gettext("登记二"), lambda row: row.second.name),
        Column("second_number", lazy_gettext("证件号码"), lambda row: mask_id_number(row.second.id_number)),
        Column("region", lazy_gettext("区划"), lambda row: row.first.region.path, sort=Double.region_code),
        Column("grounds", lazy_gettext("依据"), lambda row: "；".join(grounds_words(row.grounds))),
        Column("found", lazy_gettext("发现时间"), lambda row: row.found_at, kind="day", sort=Double.id),
        Column(
            "state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=DOUBLE_STATES, sort=Double.state
        ),
    ),
    id=Double.id,
    order="-found",
    filters=(
        ChoiceFilter("state", lazy_gettext("状态"), DOUBLE_STATES, Double.state),
        ChoiceFilter("ground", lazy_gettext("依据"), GROUNDS, Double.grounds.contains),
        ChoiceFilter("place", lazy_gettext("区划"), places, within(Double.region_code)),
    ),
    empty=lazy_gettext("没有发现疑似重复的登记。系统每天夜里查找一次。"),
)
