"""What an official enters about the person in front of him."""

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core.form_fields import choices
from core.staff_form import StaffForm
from portal import rules
from portal.forms import ChecksIdNumber


class CounterForm(ChecksIdNumber, StaffForm):
    """Whose payments, and how one was asked."""

    id_number = StringField(
        lazy_gettext("身份证号码"),
        [InputRequired(lazy_gettext("请填写身份证号码。")), Length(max=40)],
        render_kw={"autocomplete": "off"},
    )
    asked = RadioField(lazy_gettext("怎样来问的"), [InputRequired(lazy_gettext("请选择他是怎样来问的。"))])
    note = StringField(
        lazy_gettext("说明"),
        [Optional(), Length(max=200)],
        description=lazy_gettext(
            "电话和代办必须写：怎样核实是本人、代办的是谁、为什么。加密保存，审计局和纪委监委看得到；不要写号码。"
        ),
        render_kw={"autocomplete": "off"},
    )

    def __init__(self) -> None:
        super().__init__()
        self.asked.choices = choices({code: gettext(words) for code, words in rules.ASKED_WORDS.items()})
