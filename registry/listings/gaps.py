"""The card-gap ledger, the bulk requests to banks, and the people in one."""

from collections.abc import Mapping
from datetime import timedelta

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement

from core import clock
from core.identity import mask_card, mask_id_number
from core.listing import ChoiceFilter, Column, DayFilter, IdFilter, Listing
from core.web import current_principal
from registry import hooks, queries, rules
from registry.listings.gap_actions import GAP_BULK_ACTIONS
from registry.listings.people import NameSearch, PhoneFilter, places, selected, within
from registry.models import Beneficiary, CardGap, CardRequest, CardRequestLine
from registry.words import GAP_REASONS, GAP_STATES, LINE_OUTCOMES, MEASURES, REQUEST_STATES

_WHEN = {"late": lazy_gettext("已逾期"), "soon": lazy_gettext("七天内到期")}
_PROGRESS = {"unfinished": lazy_gettext("未办结"), **GAP_STATES}
NOT_ENTERED = "-"


def _when(value: str) -> ColumnElement[bool]:
    today = clock.today()
    if value == "late":
        return CardGap.due_on < today
    return CardGap.due_on.between(today, today + timedelta(days=7))


def _progress(value: str) -> ColumnElement[bool]:
    return CardGap.closed_on.is_(None) if value == "unfinished" else CardGap.state == value


def _reasons() -> Mapping[str, object]:
    return {NOT_ENTERED: lazy_gettext("未登记原因"), **GAP_REASONS}


def _offices() -> Mapping[str, str]:
    offices = queries.responsible_offices(current_principal())
    return {NOT_ENTERED: str(lazy_gettext("未定责任单位")), **{str(number): name for number, name in offices.items()}}


def _of_office(value: str) -> ColumnElement[bool]:
    return CardGap.responsible_id.is_(None) if value == NOT_ENTERED else CardGap.responsible_id == int(value)


CARD_GAPS = Listing(
    name="card_gaps",
    title=lazy_gettext("未办卡台账"),
    columns=(
        Column(
            "name",
            lazy_gettext("姓名"),
            lambda row: row.beneficiary.name,
            sort=Beneficiary.name_key,
            link=lambda row: url_for("registry.card_gap", gap_id=row.id),
        ),
        Column("id_number", lazy_gettext("证件号码"), lambda row: mask_id_number(row.beneficiary.id_number)),
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: hooks.programme_names().get(row.programme_code, row.programme_code),
            sort=CardGap.programme_code,
        ),
        Column("region", lazy_gettext("区划"), lambda row: row.region.path, sort=CardGap.region_code),
        Column("reason", lazy_gettext("未办原因"), lambda row: GAP_REASONS.get(row.reason, row.reason)),
        Column("measure", lazy_gettext("措施"), lambda row: MEASURES.get(row.measure, row.measure)),
        Column("responsible", lazy_gettext("责任单位"), lambda row: row.responsible.name if row.responsible else ""),
        Column("state", lazy_gettext("进度"), lambda row: row.state, kind="status", states=GAP_STATES),
        Column("due", lazy_gettext("办理期限"), lambda row: row.due_on, kind="due", sort=CardGap.due_on),
        Column(
            "opened",
            lazy_gettext("列入日期"),
            lambda row: row.opened_on,
            kind="day",
            sort=CardGap.opened_on,
            screen=False,
        ),
        Column(
            "closed",
            lazy_gettext("办结日期"),
            lambda row: row.closed_on,
            kind="day",
            sort=CardGap.closed_on,
            screen=False,
        ),
        Column("refusal", lazy_gettext("银行未办成的原因"), lambda row: row.refusal, screen=False),
    ),
    id=CardGap.id,
    order="due",
    search=(NameSearch(),),
    search_hint=lazy_gettext("姓名，或完整的证件号码"),
    filters=(
        ChoiceFilter("state", lazy_gettext("进度"), _PROGRESS, _progress),
        ChoiceFilter("when", lazy_gettext("期限"), _WHEN, _when),
        ChoiceFilter("programme", lazy_gettext("补贴项目"), hooks.programme_names, CardGap.programme_code),
        ChoiceFilter("place", lazy_gettext("区划"), places, within(CardGap.region_code)),
        ChoiceFilter(
            "reason",
            lazy_gettext("未办原因"),
            _reasons,
            lambda value: CardGap.reason == ("" if value == NOT_ENTERED else value),
        ),
        ChoiceFilter("office", lazy_gettext("责任单位"), _offices, _of_office),
        DayFilter("opened", lazy_gettext("列入日期"), CardGap.opened_on),
        IdFilter("person", lazy_gettext("受益人"), CardGap.beneficiary_id, selected),
        IdFilter("card", lazy_gettext("同一张卡"), Beneficiary.card_id, selected),
        PhoneFilter("phone_of", lazy_gettext("同一手机号码"), Beneficiary.id, selected),
    ),
    find_person=queries.find_person,
    empty=lazy_gettext("没有未办卡的受益人。花名册里没有卡号的人会自动列入这里。"),
    actions=GAP_BULK_ACTIONS,
    export_right=rules.EXPORT_CARD_GAPS,
)

CARD_REQUESTS = Listing(
    name="card_requests",
    title=lazy_gettext("批量办卡"),
    columns=(
        Column(
            "number",
            lazy_gettext("编号"),
            lambda row: f"BK{row.id}",
            sort=CardRequest.id,
            link=lambda row: url_for("registry.card_request", request_id=row.id),
        ),
        Column("bank", lazy_gettext("办卡银行"), lambda row: row.bank.name),
        Column("region", lazy_gettext("区划"), lambda row: row.region.path, sort=CardRequest.region_code),
        Column("people", lazy_gettext("人数"), lambda row: row.line_count, kind="number", sort=CardRequest.line_count),
        Column("created", lazy_gettext("生成时间"), lambda row: row.created_at, kind="time"),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=REQUEST_STATES,
            sort=CardRequest.state,
        ),
    ),
    id=CardRequest.id,
    order="-number",
    filters=(ChoiceFilter("state", lazy_gettext("状态"), REQUEST_STATES, CardRequest.state),),
    empty=lazy_gettext("还没有批量办卡文件。材料收齐以后，在这里生成文件送银行。"),
)

REQUEST_LINES = Listing(
    name="card_request_lines",
    title=lazy_gettext("办卡名单"),
    columns=(
        Column(
            "reference",
            lazy_gettext("业务编号"),
            lambda row: row.reference,
            sort=CardRequestLine.line_number,
        ),
        Column("name", lazy_gettext("姓名"), lambda row: row.beneficiary.name, sort=Beneficiary.name_key),
        Column("id_number", lazy_gettext("证件号码"), lambda row: mask_id_number(row.beneficiary.id_number)),
        Column("region", lazy_gettext("住址"), lambda row: row.beneficiary.region.path),
        Column("outcome", lazy_gettext("结果"), lambda row: row.outcome, kind="status", states=LINE_OUTCOMES),
        Column("card", lazy_gettext("卡号"), lambda row: mask_card(row.card.tail) if row.card else ""),
        Column("issued", lazy_gettext("发卡日期"), lambda row: row.issued_on, kind="day"),
        Column("refusal", lazy_gettext("未办成原因"), lambda row: row.refusal),
    ),
    id=CardRequestLine.id,
    order="reference",
    search=(NameSearch(),),
    search_hint=lazy_gettext("姓名"),
    filters=(ChoiceFilter("outcome", lazy_gettext("结果"), LINE_OUTCOMES, CardRequestLine.outcome),),
    empty=lazy_gettext("名单是空的。"),
)
