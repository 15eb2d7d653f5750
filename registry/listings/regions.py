"""The list of regions."""

from flask import url_for
from flask_babel import lazy_gettext

from core.listing import ChoiceFilter, Column, Listing
from registry.models import Region
from registry.words import LEVELS

REGIONS = Listing(
    name="regions",
    title=lazy_gettext("行政区划"),
    columns=(
        Column("code", lazy_gettext("代码"), lambda row: row.code, sort=Region.code),
        Column(
            "name",
            lazy_gettext("名称"),
            lambda row: row.name,
            sort=Region.name,
            link=lambda row: url_for("registry.regions", code=row.code) if row.level != "group" else None,
        ),
        Column("level", lazy_gettext("级别"), lambda row: LEVELS[row.level]),
        Column("above", lazy_gettext("上级代码"), lambda row: row.parent_code, screen=False),
    ),
    id=Region.code,
    order="code",
    search=(Region.name, Region.code),
    search_hint=lazy_gettext("名称或代码"),
    filters=(ChoiceFilter("level", lazy_gettext("级别"), LEVELS, Region.level),),
    empty=lazy_gettext("还没有区划。请由财政局上传区划表。"),
)
