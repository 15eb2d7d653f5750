"""What an official enters about the person in front of him."""

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from core import clock
from core.form_fields import choices
from core.identity import check_id_number
from core.staff_form import StaffForm
from portal import rules


class CounterForm(StaffForm):
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
            "电话和代办必须写：怎样核实是本人、代办的是谁、为什么。会留在审计记录里，不要写号码。"
        ),
        render_kw={"autocomplete": "off"},
    )

    def __init__(self) -> None:
        super().__init__()
        self.asked.choices = choices({code: gettext(words) for code, words in rules.ASKED_WORDS.items()})

    def validate_id_number(self, field: StringField) -> None:
        """Say at once that a number is mistyped."""
        number, problem = check_id_number(field.data, clock.local_date(g.now))
        if problem is not None:
            raise ValidationError(gettext(rules.id_number_sentence(number, problem)))

    @property
    def checked_id_number(self) -> str:
        """The number in its normal form; only of a form that is valid."""
        return check_id_number(self.id_number.data or "", clock.local_date(g.now))[0]
