"""Forms of this room."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired

from core.file_forms import FileForm
from core.form_fields import MonthField


class StatementForm(FileForm):
    """A statement from the bank. The view fills the profiles."""

    profile = SelectField(lazy_gettext("文件格式"))
    month = MonthField(
        lazy_gettext("月份"),
        [InputRequired(lazy_gettext("请填写月份。"))],
        description=lazy_gettext("对账单是哪个月的，例如 2020-07。"),
    )
    replace = BooleanField(
        lazy_gettext("替换原来的对账单"),
        description=lazy_gettext("只有银行重新出具了这个账户这个月的对账单时才勾选；原来的会留底，不再计算。"),
    )
