"""The forms by which an official enters what came by phone, letter or visit, and a standing interest. What else is said
in a case is one text."""

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


class InterestForm(StaffForm):
    """The view fills the choices of officials, offices and regions."""

    official = SelectField(lazy_gettext("谁的利害关系"), [REQUIRED])
    organisation = SelectField(
        lazy_gettext("与哪个单位有关"),
        [Optional()],
        description=lazy_gettext("本人或亲属在那里工作等。反映这个单位的事，他都看不到。"),
    )
    region = SelectField(
        lazy_gettext("与哪个地方有关"),
        [Optional()],
        description=lazy_gettext("老家、亲属所在的乡镇或村。那里的事，他都看不到。单位和地方只选一样。"),
    )
    since = DateField(
        lazy_gettext("从哪一天起"),
        [InputRequired(lazy_gettext("请填写从哪一天起。"))],
        description=lazy_gettext("记不清的，填大概的日期。登记后立即生效。"),
    )
    reason = TextAreaField(
        lazy_gettext("是什么关系"),
        [REQUIRED, Length(max=500)],
        description=lazy_gettext("例如“亲属在该村居住”。本单位同事和纪委监委看得到，不要写亲属的姓名和证件号码。"),
    )
