"""The lists of this room."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import aliased

from core.database import region_scope
from core.identity import mask_card, mask_id_number, name_key
from core.listing import ChoiceFilter, Column, DayFilter, IdFilter, Listing
from core.principal import region_prefix
from core.web import current_principal
from registry import hooks, queries, rules
from registry.models import Beneficiary, CardGap, Region
from registry.words import CARD_STATES, GAP_STATES, LEVELS, PERSON_STATES


class NameSearch:
    """Finds names however they are written: 阿尔•木果 finds 阿尔·木果."""

    def icontains(self, term: str, *, autoescape: bool) -> ColumnElement[bool]:
        """The condition that a name contains ``term``."""
        key = name_key(term)
        return Beneficiary.name_key.contains(key, autoescape=autoescape) if key else false()


@dataclass(frozen=True)
class PhoneFilter(IdFilter):
    """Those who share the phone of one person, named by his id: the phone itself never stands in an address."""

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        number = self._id(given)
        if number is None:
            return []
        holder = aliased(Beneficiary)
        shared = select(holder.phone_index).where(holder.id == number).scalar_subquery()
        return [Beneficiary.phone_index == shared]


def _places() -> Mapping[str, str]:
    return queries.regions_to_narrow_by(current_principal())


def _within(column: Any) -> Any:
    return lambda code: region_scope(column, region_prefix(code))


def _selected(_number: int) -> str:
    return str(gettext("按号码查到的"))


BENEFICIARIES = Listing(
    name="beneficiaries",
    title=lazy_gettext("受益人"),
    columns=(
        Column(
            "name",
            lazy_gettext("姓名"),
            lambda row: row.name,
            sort=Beneficiary.name_key,
            link=lambda row: url_for("registry.beneficiary", beneficiary_id=row.id),
        ),
        Column("id_number", lazy_gettext("证件号码"), lambda row: mask_id_number(row.id_number)),
        Column("region", lazy_gettext("住址"), lambda row: row.region.path, sort=Beneficiary.region_code),
        Column("card", lazy_gettext("社保卡"), lambda row: mask_card(row.card.tail) if row.card else ""),
        Column(
            "card_state",
            lazy_gettext("办卡"),
            lambda row: "gap" if row.card is None else "card",
            kind="status",
            states=CARD_STATES,
        ),
        Column("state", lazy_gettext("状态"), lambda row: row.status, kind="status", states=PERSON_STATES),
    ),
    id=Beneficiary.id,
    order="region",
    search=(NameSearch(),),
    search_hint=lazy_gettext("姓名，或完整的证件号码、卡号、手机号码"),
    filters=(
        ChoiceFilter("place", lazy_gettext("区划"), _places, _within(Beneficiary.region_code)),
        ChoiceFilter(
            "card_state",
            lazy_gettext("办卡"),
            CARD_STATES,
            lambda value: Beneficiary.card_id.is_(None) if value == "gap" else Beneficiary.card_id.is_not(None),
        ),
        IdFilter("person", lazy_gettext("受益人"), Beneficiary.id, _selected),
        IdFilter("card", lazy_gettext("同一张卡"), Beneficiary.card_id, _selected),
        PhoneFilter("phone_of", lazy_gettext("同一手机号码"), Beneficiary.id, _selected),
    ),
    find_person=queries.find_person,
    empty=lazy_gettext("还没有受益人。导入花名册时，会自动登记里面的人。"),
)

CARD_GAPS = Listing(
    name="card_gaps",
    title=lazy_gettext("未办卡台账"),
    columns=(
        Column(
            "name",
            lazy_gettext("姓名"),
            lambda row: row.beneficiary.name,
            sort=Beneficiary.name_key,
            link=lambda row: url_for("registry.beneficiary", beneficiary_id=row.beneficiary_id),
        ),
        Column("id_number", lazy_gettext("证件号码"), lambda row: mask_id_number(row.beneficiary.id_number)),
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: hooks.programme_names().get(row.programme_code, row.programme_code),
            sort=CardGap.programme_code,
        ),
        Column("region", lazy_gettext("区划"), lambda row: row.region.path, sort=CardGap.region_code),
        Column("reason", lazy_gettext("未办原因"), lambda row: row.reason),
        Column("opened", lazy_gettext("列入日期"), lambda row: row.opened_on, kind="day", sort=CardGap.opened_on),
        Column("closed", lazy_gettext("办结日期"), lambda row: row.closed_on, kind="day", sort=CardGap.closed_on),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: "closed" if row.closed_on else "open",
            kind="status",
            states=GAP_STATES,
        ),
    ),
    id=CardGap.id,
    order="opened",
    search=(NameSearch(),),
    search_hint=lazy_gettext("姓名，或完整的证件号码"),
    filters=(
        ChoiceFilter(
            "state",
            lazy_gettext("状态"),
            GAP_STATES,
            lambda value: CardGap.closed_on.is_(None) if value == "open" else CardGap.closed_on.is_not(None),
        ),
        ChoiceFilter("programme", lazy_gettext("补贴项目"), hooks.programme_names, CardGap.programme_code),
        ChoiceFilter("place", lazy_gettext("区划"), _places, _within(CardGap.region_code)),
        DayFilter("opened", lazy_gettext("列入日期"), CardGap.opened_on),
        IdFilter("person", lazy_gettext("受益人"), CardGap.beneficiary_id, _selected),
        IdFilter("card", lazy_gettext("同一张卡"), Beneficiary.card_id, _selected),
        PhoneFilter("phone_of", lazy_gettext("同一手机号码"), Beneficiary.id, _selected),
    ),
    find_person=queries.find_person,
    empty=lazy_gettext("没有未办卡的受益人。花名册里没有卡号的人会自动列入这里。"),
    export_right=rules.EXPORT_CARD_GAPS,
)

REGIONS = Listing(
    name="regions",
    title=lazy_gettext("区划"),
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
