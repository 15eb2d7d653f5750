"""Forms of sign-in and of the pages about officials."""

from flask_babel import lazy_gettext
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

from accounts.rules import LONGEST_PASSWORD
from core.form_fields import SelectMultipleCheckboxes, choices
from core.staff_form import StaffForm
from core.words import ORGANISATION_WORDS, ROLE_WORDS

REQUIRED = InputRequired(lazy_gettext("这一项必须填写。"))


class SignInForm(StaffForm):
    """User name and password, and the code of whoever signs in with one: on one form, so that no answer says which of
    them was wrong."""

    username = StringField(lazy_gettext("用户名"), [REQUIRED, Length(max=100)])
    password = PasswordField(lazy_gettext("密码"), [REQUIRED, Length(max=1000)])
    code = StringField(lazy_gettext("动态验证码"), [Length(max=40)])


MOST_ANSWER = 16_000


class PasskeySignInForm(StaffForm):
    """What the browser answers for a passkey; the page's script puts it in."""

    answer = HiddenField(validators=[REQUIRED, Length(max=MOST_ANSWER)])


class PasskeyForm(PasskeySignInForm):
    """A new passkey, and what its official calls the device."""

    name = StringField(
        lazy_gettext("这台设备叫什么"),
        [REQUIRED, Length(max=100)],
        description=lazy_gettext("例如：办公室电脑、安全密钥。"),
    )


class ConfirmForm(StaffForm):
    """The password once more."""

    password = PasswordField(lazy_gettext("密码"), [REQUIRED, Length(max=1000)])


class CodeForm(StaffForm):
    """The code that an authenticator shows."""

    code = StringField(lazy_gettext("手机上显示的六位数字"), [REQUIRED, Length(max=20)])


class PasswordForm(StaffForm):
    """The present password and the new one, twice."""

    present = PasswordField(lazy_gettext("现在的密码"), [REQUIRED])
    wanted = PasswordField(
        lazy_gettext("新密码"),
        [REQUIRED, Length(max=LONGEST_PASSWORD, message=lazy_gettext("密码太长，最多 128 个字符。"))],
    )
    again = PasswordField(
        lazy_gettext("再输入一次新密码"),
        [REQUIRED, EqualTo("wanted", lazy_gettext("两次输入的新密码不一样。请重新输入。"))],
    )


class OfficialForm(StaffForm):
    """A new account. The view fills the choice of offices with those that the principal manages."""

    organisation_id = SelectField(lazy_gettext("单位"), [REQUIRED], coerce=int)
    name = StringField(lazy_gettext("姓名"), [REQUIRED, Length(max=50)])
    username = StringField(
        lazy_gettext("用户名"),
        [REQUIRED, Length(max=32)],
        description=lazy_gettext("用来登录，小写字母、数字和 . _ -，例如 chenxm。"),
    )
    roles = SelectMultipleCheckboxes(
        lazy_gettext("角色"),
        [InputRequired(lazy_gettext("请至少选择一个角色。"))],
        choices=choices({role.value: words for role, words in ROLE_WORDS.items()}),
    )


class OfficeForm(StaffForm):
    """Another office, or other roles, for an official."""

    organisation_id = SelectField(lazy_gettext("单位"), [REQUIRED], coerce=int)
    roles = SelectMultipleCheckboxes(
        lazy_gettext("角色"),
        [InputRequired(lazy_gettext("请至少选择一个角色。"))],
        choices=choices({role.value: words for role, words in ROLE_WORDS.items()}),
    )


class OrganisationForm(StaffForm):
    """A new office."""

    kind = SelectField(
        lazy_gettext("类别"),
        [REQUIRED],
        choices=choices({kind.value: words for kind, words in ORGANISATION_WORDS.items()}),
    )
    name = StringField(lazy_gettext("单位名称"), [REQUIRED, Length(max=100)])
    region_code = StringField(
        lazy_gettext("所辖区划代码"),
        [REQUIRED, Regexp(r"\d{12}(\d{3})?$", message=lazy_gettext("区划代码是 12 位数字（村民小组 15 位）。"))],
        description=lazy_gettext("12 位数字，例如县级单位填县的代码，乡镇填乡镇的代码。"),
    )
