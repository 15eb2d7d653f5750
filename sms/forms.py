"""Forms of the pages about messages."""

from flask_babel import lazy_gettext
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from core.staff_form import StaffForm
from sms.decisions import DECISIONS
from sms.template_checks import LONGEST_TEXT

_TOO_LONG = lazy_gettext("太长：最多 500 个字，请删减。")


class DecisionForm(StaffForm):
    """What to do about a message of unknown fate, and why."""

    decision = HiddenField(validators=[AnyOf(DECISIONS)])
    reason = TextAreaField(
        lazy_gettext("理由"),
        [InputRequired(lazy_gettext("请写明理由。")), Length(max=200, message=lazy_gettext("理由最多 200 个字。"))],
    )


class HandsetForm(StaffForm):
    """Whose handset to look at."""

    phone = StringField(lazy_gettext("手机号"), [InputRequired(lazy_gettext("请输入手机号。")), Length(max=30)])


class WordingForm(StaffForm):
    """What a message says."""

    chinese = TextAreaField(
        lazy_gettext("中文内容"),
        [InputRequired(lazy_gettext("请写中文内容。")), Length(max=LONGEST_TEXT, message=_TOO_LONG)],
        description=lazy_gettext("不含签名。变量写在大括号里，例如 {name}。"),
    )
    english = TextAreaField(
        lazy_gettext("英文内容"),
        [Optional(), Length(max=LONGEST_TEXT, message=_TOO_LONG)],
        description=lazy_gettext("不写的，要英文的也收到中文。"),
    )


class RegistrationForm(StaffForm):
    """Under which code a provider knows a version, and what it calls its places."""

    code = StringField(lazy_gettext("模板编号"), [InputRequired(lazy_gettext("请填模板编号。")), Length(max=40)])
    places = StringField(
        lazy_gettext("变量对应"),
        [Length(max=300)],
        description=lazy_gettext("按运营商模板里的次序；名字不同的写“我们的名字=对方的名字”。"),
    )
