"""The list of people, and the filters that lists of people share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import aliased

from core.database import region_scope
from core.identity import mask_card, mask_id_number, name_key
from core.listing import ChoiceFilter, Column, IdFilter, Listing
from core.principal import region_prefix
from core.web import current_principal
from registry import queries
from registry.models import Beneficiary, Card
from registry.words import ARRIVAL, CARD_STATES, EITHER, PERSON_STATES, PHONE_STATES

NO_BANK = "-"


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


def bank_choices() -> Mapping[str, str]:
    """The banks whose cards are on record; the blank name by a word of its own, for an address cannot hold nothing."""
    return {bank or NO_BANK: bank or str(gettext("开户银行未登记")) for bank in queries.bank_names()}


def _of_bank(value: str) -> ColumnElement[bool]:
    name = "" if value == NO_BANK else value
    return Beneficiary.card_id.in_(select(Card.id).where(Card.bank_name == name))


def _of_arrival(value: str) -> ColumnElement[bool]:
    told = {"on": Card.arrival_sms.is_(True), "off": Card.arrival_sms.is_(False)}.get(value, Card.arrival_sms.is_(None))
    return Beneficiary.card_id.in_(select(Card.id).where(told))


def phone_state(person: Beneficiary) -> str:
    """How far the number on record of a person is confirmed, as his row alone tells it: a code of PHONE_STATES."""
    if person.phone_index is None:
        return "none"
    return "confirmed" if person.phone_confirmed_at else "unconfirmed"


def _of_phone_state(value: str) -> ColumnElement[bool]:
    if value == "reported":
        return queries.is_reported_wrong()
    if value == "none":
        return Beneficiary.phone_index.is_(None)
    confirmed = Beneficiary.phone_confirmed_at
    return Beneficiary.phone_index.is_not(None) & (
        confirmed.is_not(None) if value == "confirmed" else confirmed.is_(None)
    )


def places() -> Mapping[str, str]:
    """The regions by which the reader may narrow a list."""
    return queries.regions_to_narrow_by(current_principal())


def within(column: Any) -> Any:
    """The condition that a region code lies in the region of a choice."""
    return lambda code: region_scope(column, region_prefix(code))


def selected(_number: int) -> str:
    """What a chip says of a person whom a number has found."""
    return str(gettext("按号码查到的"))


BENEFICIARIES = Listing(
    name="beneficiaries",
    title=lazy_gettext("受益人名册"),
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
        Column(
            "phone_state",
            lazy_gettext("手机号码"),
            phone_state,
            kind="status",
            states=PHONE_STATES,
        ),
        Column("state", lazy_gettext("状态"), lambda row: row.status, kind="status", states=PERSON_STATES),
    ),
    id=Beneficiary.id,
    order="region",
    search=(NameSearch(),),
    search_hint=lazy_gettext("姓名，或完整的证件号码、卡号、手机号码"),
    filters=(
        ChoiceFilter("place", lazy_gettext("区划"), places, within(Beneficiary.region_code)),
        ChoiceFilter(
            "card_state",
            lazy_gettext("办卡"),
            CARD_STATES,
            lambda value: Beneficiary.card_id.is_(None) if value == "gap" else Beneficiary.card_id.is_not(None),
        ),
        ChoiceFilter("state", lazy_gettext("状态"), PERSON_STATES, Beneficiary.status),
        ChoiceFilter("bank", lazy_gettext("开户银行"), bank_choices, _of_bank),
        ChoiceFilter(
            "phone",
            lazy_gettext("手机号码"),
            EITHER,
            lambda value: Beneficiary.phone_index.is_not(None) if value == "yes" else Beneficiary.phone_index.is_(None),
        ),
        ChoiceFilter("phone_state", lazy_gettext("号码核实"), PHONE_STATES, _of_phone_state),
        ChoiceFilter("arrival", lazy_gettext("银行到账短信"), ARRIVAL, _of_arrival),
        IdFilter("person", lazy_gettext("受益人"), Beneficiary.id, selected),
        IdFilter("card", lazy_gettext("同一张卡"), Beneficiary.card_id, selected),
        PhoneFilter("phone_of", lazy_gettext("同一手机号码"), Beneficiary.id, selected),
    ),
    find_person=queries.find_person,
    empty=lazy_gettext("还没有受益人。导入花名册时，会自动登记里面的人。"),
)
