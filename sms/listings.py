"""The list of messages."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from core.identity import mask_phone
from core.listing import ChoiceFilter, Column, DayFilter, IdFilter, Listing
from sms import queries
from sms.models import Message
from sms.words import MESSAGE_STATES, TEMPLATE_WORDS, error_words

_other = aliased(Message)


class PhoneFilter(IdFilter):
    """All messages to the phone of one message: so its number stays out of the address."""

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        """The messages to the same phone."""
        number = self._id(given)
        if number is None:
            return []
        return [Message.phone_index == select(_other.phone_index).where(_other.id == number).scalar_subquery()]


def _page(row: Any) -> str:
    return url_for("sms.message", message_id=row.id)


MESSAGES = Listing(
    name="messages",
    title=lazy_gettext("短信记录"),
    columns=(
        # In the order of their numbers, which is that of their times and has an index.
        Column(
            "created", lazy_gettext("产生时间"), lambda row: row.created_at, kind="time", sort=Message.id, link=_page
        ),
        Column("phone", lazy_gettext("手机"), lambda row: mask_phone(row.phone)),
        Column("template", lazy_gettext("内容"), lambda row: TEMPLATE_WORDS.get(row.template, row.template)),
        Column("state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=MESSAGE_STATES),
        Column("error", lazy_gettext("原因"), lambda row: error_words(row.error_code)),
        Column("segments", lazy_gettext("计费条数"), lambda row: row.segments or None, kind="number"),
        Column("sent", lazy_gettext("提交时间"), lambda row: row.sent_at, kind="time"),
        Column("finished", lazy_gettext("结束时间"), lambda row: row.finished_at, kind="time", screen=False),
        Column("provider", lazy_gettext("运营商编号"), lambda row: row.provider_id, screen=False),
    ),
    id=Message.id,
    order="-created",
    search=(Message.provider_id,),
    search_hint=lazy_gettext("手机号或运营商编号"),
    filters=(
        ChoiceFilter("state", lazy_gettext("状态"), MESSAGE_STATES, Message.state),
        ChoiceFilter("template", lazy_gettext("内容"), TEMPLATE_WORDS, Message.template),
        DayFilter("created", lazy_gettext("产生日期"), Message.created_at, instants=True),
        PhoneFilter("phone_of", lazy_gettext("手机"), Message.id, lambda _: str(lazy_gettext("同一部手机"))),
    ),
    find_person=queries.find_phone,
    empty=lazy_gettext("还没有短信。补贴到账或发放失败后，系统会自动给登记了手机的群众发短信。"),
)
