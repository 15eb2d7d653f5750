"""Forms of the pages about messages."""

from flask_babel import lazy_gettext
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from core.staff_form import StaffForm
from sms.decisions import DECISIONS


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
