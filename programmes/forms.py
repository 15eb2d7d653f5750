"""Forms of this room."""

from flask_babel import lazy_gettext
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from core.staff_form import StaffForm
from programmes.rules import MOST_PUBLICITY_DAYS


class SettingsForm(StaffForm):
    """What finance sets for a programme."""

    publicity_days = IntegerField(
        lazy_gettext("公示天数"),
        [
            InputRequired(lazy_gettext("请填写公示天数。")),
            NumberRange(0, MOST_PUBLICITY_DAYS, lazy_gettext("公示天数应在 0 到 60 之间。")),
        ],
        description=lazy_gettext("0 表示不在网上公示，只张贴。"),
    )
    sensitive = BooleanField(
        lazy_gettext("名单涉及敏感个人信息，公示时只显示姓氏"),
        description=lazy_gettext("残疾人、孤儿、未成年人等项目应当勾选。"),
    )
