"""What villagers type. Everything is forgiving about blanks, full-width digits and lower case."""

from typing import Any, ClassVar

from flask import g, request
from flask_babel import gettext, lazy_gettext
from flask_wtf.i18n import translations
from wtforms import (
    BooleanField,
    Field,
    Form,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length

from complaints.rules.after_answer import SATISFACTION
from core import clock
from core.form_fields import choices
from core.identity import check_id_number
from core.plain_text import plain_without_spaces
from portal import rules
from sms.codes import CODE_DIGITS

_LONGEST_NAME = 50
_LONGEST_TEXT = 5000


def came_with_files() -> bool:
    """Whether the present request brought files. A browser fills in no file by itself: on a form that is shown again
    they have to be chosen again, and the page has to say so."""
    return any(upload.filename for upload in request.files.getlist("attachments"))


class VillagersForm(Form):
    """A form of the public door: what the library says of a field is said in the language of the page."""

    class Meta(DefaultMeta):
        """How it speaks."""

        def get_translations(self, form: Form) -> Any:
            """The catalogue of the page's language."""
            return translations


class Needed:
    """Marks a field that must be filled in, but whose check stands elsewhere: its label does not say "optional"."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing to check here."""


class ChecksIdNumber:
    """What a form with the ID number of a person asks of it."""

    id_number: StringField

    def validate_id_number(self, field: StringField) -> None:
        """Say at once that a number is mistyped: that is true of the number, not of a person."""
        number, problem = check_id_number(field.data, clock.local_date(g.now))
        if problem is not None:
            raise ValidationError(gettext(rules.id_number_sentence(number, problem)))

    @property
    def checked_id_number(self) -> str:
        """The number in its normal form; only of a form that is valid."""
        return check_id_number(self.id_number.data or "", clock.local_date(g.now))[0]


class PersonForm(ChecksIdNumber, VillagersForm):
    """Who somebody says he is."""

    id_number = StringField(
        lazy_gettext("身份证号码"), validators=[InputRequired(lazy_gettext("请填写身份证号码。")), Length(max=40)]
    )
    name = StringField(
        lazy_gettext("姓名"),
        validators=[
            InputRequired(lazy_gettext("请填写姓名。")),
            Length(max=_LONGEST_NAME, message=lazy_gettext("姓名太长，请检查。")),
        ],
    )


class LookupForm(PersonForm):
    """Who somebody is, with one proof."""

    card_tail = StringField(lazy_gettext("社保卡（银行卡）卡号最后四位"), validators=[Needed(), Length(max=40)])
    sms_code = StringField(lazy_gettext("短信验证码"), validators=[Needed(), Length(max=40)])

    @property
    def proof(self) -> tuple[str, str]:
        """The tail and the code as they were meant. Beside a code no tail counts: four digits must not be guessed past
        the limit that holds for them."""
        code = plain_without_spaces(self.sms_code.data or "")
        return "" if code else plain_without_spaces(self.card_tail.data or ""), code

    @property
    def has_long_tail(self) -> bool:
        """Whether the proof is eight digits of the card, as asked for after many misses."""
        tail, code = self.proof
        return not code and len(tail) == rules.LONG_TAIL_DIGITS

    def validate(self, extra_validators: Any = None) -> bool:
        """Also: exactly one proof, in its form."""
        good: bool = super().validate(extra_validators)
        tail, code = self.proof
        if code:
            return _check_digits(self.sms_code, code, (CODE_DIGITS,), gettext("验证码是 6 位数字。")) and good
        lengths = (rules.CARD_TAIL_DIGITS, rules.LONG_TAIL_DIGITS)
        return _check_digits(self.card_tail, tail, lengths, gettext("请填写卡号最后四位数字。")) and good


def _check_digits(field: StringField, text: str, lengths: tuple[int, ...], sentence: str) -> bool:
    if len(text) in lengths and text.isascii() and text.isdecimal():
        return True
    field.errors = [*field.errors, sentence]
    return False


class ComplaintForm(VillagersForm):
    """A complaint. What must be there is checked where it is filed; here only what a form alone can know."""

    category = RadioField(
        lazy_gettext("您要反映的是"), validators=[InputRequired(lazy_gettext("请选择要反映的是哪一类事情。"))]
    )
    text = TextAreaField(
        lazy_gettext("什么事"),
        validators=[
            InputRequired(lazy_gettext("请写明要反映的事情。")),
            Length(max=_LONGEST_TEXT, message=lazy_gettext("文字太长：最多 5000 字。请写要点，其余用附件。")),
        ],
    )
    region = SelectField(lazy_gettext("事情发生在哪里"), validators=[Needed()], validate_choice=False)
    about_organisation = SelectField(lazy_gettext("反映哪个单位"), validate_choice=False)
    attachments = MultipleFileField(lazy_gettext("照片、录音或文件"))
    anonymous = BooleanField(lazy_gettext("不留姓名"))
    confidential = BooleanField(lazy_gettext("保密，只让纪委监委知道我是谁"))
    name = StringField(
        lazy_gettext("您的姓名"),
        validators=[Length(max=_LONGEST_NAME, message=lazy_gettext("姓名太长，请检查。"))],
    )
    phone = StringField(lazy_gettext("联系电话"), validators=[Length(max=40)])

    def validate_about_organisation(self, field: SelectField) -> None:
        """Of what the page offers: what is not understood must not be taken for "none", or the case would go to the
        very office that it is about."""
        if field.data not in {None, *(value for value, _name in field.choices)}:
            raise ValidationError(gettext("请从列表里选择反映哪个单位。"))


class TrackForm(VillagersForm):
    """The key to a case."""

    receipt_code = StringField(
        lazy_gettext("查询码"),
        validators=[
            InputRequired(lazy_gettext("请填写查询码。")),
            Length(max=60, message=lazy_gettext("查询码是 20 位数字，请检查。")),
        ],
    )


class AdditionForm(VillagersForm):
    """What a reporter adds, or thinks of an answer."""

    satisfaction = RadioField(
        lazy_gettext("您对答复满意吗"),
        choices=choices({code: lazy_gettext(name) for code, name in SATISFACTION.items()}),
        validators=[Needed()],
    )
    words = TextAreaField(lazy_gettext("您的意见"), validators=[Length(max=_LONGEST_TEXT)])
    text = TextAreaField(lazy_gettext("补充说明"), validators=[Length(max=_LONGEST_TEXT)])
    attachments = MultipleFileField(lazy_gettext("照片、录音或文件"))
