"""The list of numbers that were reported as wrong."""

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from flask_babel import lazy_gettext

from core.bulk_actions import Act, BulkAction, BulkOutcome, Requirement
from core.identity import mask_id_number
from core.listing import ChoiceFilter, Column, DayFilter, IdFilter, Listing
from core.principal import Principal
from registry import operations, queries, rules
from registry.listings.people import NameSearch, PhoneFilter, places, selected, within
from registry.models import Beneficiary, WrongNumber
from registry.words import REPORT_ACTIONS, REPORT_CHANNELS, REPORT_STATES

_OTHERWISE = lazy_gettext("已经处理过了。")
_QUESTIONS = {
    "remove": lazy_gettext("这些人不再登记手机号码，以后也收不到通知；花名册再带来同一个号码，系统不会再采用。"),
    "keep": lazy_gettext("已经问清楚，号码是本人的；以后照常发短信。"),
}


def _settling(action: str) -> Act:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        settled, others = operations.settle_wrong_numbers(principal, ids, action, reason, at=at)
        return BulkOutcome(settled, [(_OTHERWISE, others)] if others else ())

    return act


SETTLE_TOGETHER = tuple(
    BulkAction(
        action,
        REPORT_ACTIONS[action],
        rules.MANAGE_PEOPLE,
        question,
        _settling(action),
        needs_reason=True,
        reason_label=lazy_gettext("理由"),
        requires=(Requirement(WrongNumber.state == "open", _OTHERWISE),),
        kind="danger" if action == "remove" else "primary",
    )
    for action, question in _QUESTIONS.items()
)
"""What a township does for a whole household that shares the number; a new number is each one's own."""

WRONG_NUMBERS = Listing(
    name="wrong_numbers",
    title=lazy_gettext("号码报错"),
    columns=(
        Column(
            "name",
            lazy_gettext("姓名"),
            lambda row: row.beneficiary.name,
            sort=Beneficiary.name_key,
            link=lambda row: url_for("registry.wrong_number", report_id=row.id),
        ),
        Column("id_number", lazy_gettext("证件号码"), lambda row: mask_id_number(row.beneficiary.id_number)),
        Column("region", lazy_gettext("住址"), lambda row: row.beneficiary.region.path, sort=Beneficiary.region_code),
        Column("phone", lazy_gettext("手机号码尾号"), lambda row: row.phone_tail, kind="narrow"),
        Column(
            "channel",
            lazy_gettext("怎样报来"),
            lambda row: row.channel,
            wording=lambda channel: str(REPORT_CHANNELS.get(channel, channel)),
        ),
        Column("reason", lazy_gettext("报错的理由"), lambda row: row.reason, kind="long"),
        Column("reported", lazy_gettext("报来时间"), lambda row: row.reported_at, kind="time", sort=WrongNumber.id),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=REPORT_STATES,
            sort=WrongNumber.state,
        ),
        Column("settled", lazy_gettext("处理时间"), lambda row: row.settled_at, kind="time", screen=False),
    ),
    id=WrongNumber.id,
    order="-reported",
    search=(NameSearch(),),
    search_hint=lazy_gettext("姓名，或完整的证件号码、卡号、手机号码"),
    filters=(
        ChoiceFilter("state", lazy_gettext("状态"), REPORT_STATES, WrongNumber.state),
        ChoiceFilter("channel", lazy_gettext("怎样报来"), REPORT_CHANNELS, WrongNumber.channel),
        ChoiceFilter("place", lazy_gettext("区划"), places, within(Beneficiary.region_code)),
        DayFilter("reported", lazy_gettext("报来日期"), WrongNumber.reported_at, instants=True),
        IdFilter("person", lazy_gettext("受益人"), WrongNumber.beneficiary_id, selected),
        IdFilter("card", lazy_gettext("同一张卡"), Beneficiary.card_id, selected),
        PhoneFilter("phone_of", lazy_gettext("同一手机号码"), Beneficiary.id, selected),
    ),
    find_person=queries.find_person,
    actions=SETTLE_TOGETHER,
    empty=lazy_gettext(
        "没有被报错的手机号码。群众回复“不是我”、经办人发现号码不对，或者运营商退回空号，都会列在这里。"
    ),
)
