"""The form by which an official enters what came by phone, letter or visit. What else is said in a case is one text."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from complaints.operations.case import MOST_TEXT
from core.staff_form import StaffForm

REQUIRED = InputRequired(lazy_gettext("这一项必须填写。"))


class EntryForm(StaffForm):
    """The view fills the choices of categories, channels, regions and offices."""

    channel = SelectField(lazy_gettext("反映方式"), [REQUIRED])
    received_on = DateField(
        lazy_gettext("收到日期"),
        [InputRequired(lazy_gettext("请填写来电、来信或来访的日期。"))],
        description=lazy_gettext("来电、来信、来访的那一天，期限从这一天算起。"),
    )
    category = SelectField(lazy_gettext("事情的类别"), [REQUIRED])
    text = TextAreaField(lazy_gettext("反映的内容"), [REQUIRED, Length(max=MOST_TEXT)])
    region = SelectField(lazy_gettext("事情发生在哪里"), [REQUIRED])
    about_organisation = SelectField(lazy_gettext("反映的是哪个单位"), [Optional()])
    anonymous = BooleanField(lazy_gettext("反映人要求匿名（不保存姓名和电话）"))
    confidential = BooleanField(
        lazy_gettext("保密举报（姓名和电话只有纪委监委能看）"),
        description=lazy_gettext("办理单位看到的和匿名一样，也不发短信。同时选了匿名的，按匿名办。"),
    )
    name = StringField(lazy_gettext("反映人姓名"), [Length(max=50)])
    phone = StringField(lazy_gettext("反映人电话"), [Length(max=30)])
    attachments = MultipleFileField(lazy_gettext("附件"))
