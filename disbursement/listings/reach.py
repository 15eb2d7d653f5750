"""The lists of the people of a batch by what became of the messages about it. An export holds no ID number, and of a
phone only its head and tail."""

import re
from collections.abc import Mapping
from dataclasses import replace

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement

from core.identity import mask_phone
from core.listing import ChoiceFilter, Column, IdFilter, Listing
from core.web import current_principal
from disbursement import queries
from disbursement.failure_reasons import explain
from disbursement.models import Attempt, Payment, Roll
from disbursement.queries.reach import ToldPerson, standing
from disbursement.rules.reach import next_step
from disbursement.words import NEWS, NEXT_STEPS, STANDINGS
from sms.models import Message
from sms.rules import SEE_MESSAGES
from sms.words import error_words

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,40}")


class ReasonFilter(IdFilter):
    """Those whose message has this error code. Providers have codes without number: it comes from a link, shown as a
    chip."""

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        """The messages with this code."""
        code = given.get(self.key, "")
        return [self.column == code] if _CODE.fullmatch(code) else []

    def described(self, given: Mapping[str, str]) -> str:
        """What the code means."""
        return error_words(given.get(self.key, ""))


def _townships() -> Mapping[str, str]:
    return {region.code: region.name for region in queries.townships(current_principal())}


def _message(row: ToldPerson) -> str | None:
    """The message's own page, for whoever may see it."""
    principal = current_principal()
    if row.message_id is None or not principal.may(SEE_MESSAGES) or not principal.sees_region(row.region_code):
        return None
    return url_for("sms.message", message_id=row.message_id)


def _next_step(row: ToldPerson) -> str:
    step = next_step(row.standing, row.error_code, new_phone=bool(row.new_phone), has_phone=row.phone is not None)
    return str(NEXT_STEPS[step]) if step else ""


def _to_say(row: ToldPerson) -> str:
    """What somebody is to be told whose money did not arrive."""
    return "" if row.outcome == "paid" else str(gettext(explain(row.failure_reason).next_step))


TOLD = Listing(
    name="told",
    title=lazy_gettext("逐人送达情况"),
    columns=(
        Column(
            "name",
            lazy_gettext("受益人"),
            lambda row: row.name,
            sort=Payment.name,
            link=lambda row: url_for("disbursement.payment", payment_id=row.id),
        ),
        Column("township", lazy_gettext("乡镇（街道）"), lambda row: row.township, sort=Roll.township_code),
        Column("village", lazy_gettext("村社"), lambda row: row.village, sort=Payment.region_code),
        Column("phone", lazy_gettext("手机"), lambda row: mask_phone(row.phone) if row.phone else ""),
        Column("programme", lazy_gettext("补贴项目"), lambda row: f"{row.programme} {row.period}", screen=False),
        Column("amount", lazy_gettext("金额（元）"), lambda row: row.amount_fen, kind="money", sort=Attempt.amount_fen),
        Column("news", lazy_gettext("发放结果"), lambda row: row.outcome, kind="status", states=NEWS),
        Column(
            "standing",
            lazy_gettext("短信"),
            lambda row: row.standing,
            kind="status",
            states=STANDINGS,
            link=_message,
        ),
        Column("error", lazy_gettext("原因"), lambda row: error_words(row.error_code)),
    ),
    id=Payment.id,
    order="village",
    search=(Payment.name,),
    search_hint=lazy_gettext("姓名"),
    filters=(
        ChoiceFilter("township", lazy_gettext("乡镇（街道）"), _townships, Roll.township_code),
        ChoiceFilter("news", lazy_gettext("发放结果"), NEWS, Attempt.outcome),
        ChoiceFilter("standing", lazy_gettext("短信"), STANDINGS, lambda value: standing() == value),
        ReasonFilter("reason", lazy_gettext("原因"), Message.error_code),
    ),
    empty=lazy_gettext("这一批还没有发放结果，还没有要告诉的人。银行回盘导入以后，系统自动发短信。"),
)

UNREACHED = replace(
    TOLD,
    name="unreached",
    title=lazy_gettext("没有联系上的人"),
    columns=(
        *TOLD.columns,
        Column("step", lazy_gettext("怎么办"), _next_step),
        Column("to_say", lazy_gettext("没有到账的，告诉本人"), _to_say),
    ),
    empty=lazy_gettext("该告诉的人都有短信，没有要上门告知的。"),
)
