"""Forms of this room."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from core.form_fields import choices
from core.money import Fen, parse_yuan
from core.staff_form import StaffForm
from programmes.rules import MOST_PUBLICITY_DAYS
from programmes.words import HANDLINGS, SCOPES, SOURCES, STANDARD_UNITS


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


_BASIS = lazy_gettext("文件依据")


class MoneyField(StringField):
    """An amount of yuan that is to be positive; its ``fen`` are whole."""

    def __init__(self, label: Any = None, **more: Any) -> None:
        super().__init__(label, [InputRequired(lazy_gettext("请填写金额。"))], **more)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no positive amount to the fen."""
        fen, problem = parse_yuan(self.data or "")
        if problem is not None or fen is None:
            raise ValidationError(lazy_gettext("金额认不出来。请填写大于零、最多两位小数的数字，例如 105.20。"))

    @property
    def fen(self) -> Fen:
        """The amount."""
        fen, _ = parse_yuan(self.data or "")
        return fen or Fen(0)


class StandardForm(StaffForm):
    """A new dated standard."""

    amount = MoneyField(lazy_gettext("金额（元）"))
    per = SelectField(lazy_gettext("按什么发"), choices=choices(STANDARD_UNITS))
    monthly = BooleanField(lazy_gettext("是每月的标准（季度发放时按三个月计算）"))
    valid_from = DateField(lazy_gettext("从哪一天起执行"), [InputRequired(lazy_gettext("请填写执行的日期。"))])
    basis = StringField(_BASIS, [InputRequired(lazy_gettext("请写明文件依据。")), Length(max=200)])


class RuleForm(StaffForm):
    """A rule about two programmes. The view fills the programmes."""

    first = SelectField(lazy_gettext("补贴甲"))
    second = SelectField(lazy_gettext("补贴乙"))
    handling = SelectField(lazy_gettext("处理"), choices=choices({key.value: text for key, text in HANDLINGS.items()}))
    scope = SelectField(lazy_gettext("适用范围"), choices=choices(SCOPES))
    valid_from = DateField(lazy_gettext("起始日期"), [Optional()], description=lazy_gettext("一直有效的留空。"))
    valid_until = DateField(lazy_gettext("截止日期"), [Optional()])
    basis = StringField(_BASIS, [InputRequired(lazy_gettext("请写明文件依据。")), Length(max=200)])


class FundLineForm(StaffForm):
    """One line of a fund plan. The view fills the programmes."""

    programme = SelectField(lazy_gettext("补贴项目"))
    year = IntegerField(
        lazy_gettext("年度"),
        [
            InputRequired(lazy_gettext("请填写年度。")),
            NumberRange(2000, 2099, lazy_gettext("年度要写成四位数，例如 2020。")),
        ],
    )
    direction = RadioField(
        lazy_gettext("增减"),
        choices=choices({"add": lazy_gettext("下达或追加"), "cut": lazy_gettext("调减")}),
        default="add",
    )
    source = SelectField(lazy_gettext("资金性质"), choices=choices(SOURCES))
    level = StringField(
        lazy_gettext("资金来源级次"), [Length(max=40)], description=lazy_gettext("中央、省级、州级或县级。")
    )
    document_number = StringField(
        lazy_gettext("指标文号"), [InputRequired(lazy_gettext("请填写文号。")), Length(max=100)]
    )
    amount = MoneyField(lazy_gettext("金额（元）"))


class InclusionForm(StaffForm):
    """Asks whether a programme comes onto the platform."""

    proposal = RadioField(
        lazy_gettext("建议"),
        choices=choices({"platform": lazy_gettext("纳入一卡通平台"), "offline": lazy_gettext("线下发放")}),
        default="platform",
    )
    grounds = TextAreaField(lazy_gettext("理由"), [InputRequired(lazy_gettext("请写明申请的理由。")), Length(max=2000)])
    document_number = StringField(lazy_gettext("文号"), [InputRequired(lazy_gettext("请填写文号。")), Length(max=100)])


class OpinionForm(StaffForm):
    """What one of the four offices says. The view fills the offices."""

    office = SelectField(lazy_gettext("单位"))
    agrees = RadioField(
        lazy_gettext("意见"),
        choices=choices({"yes": lazy_gettext("同意"), "no": lazy_gettext("不同意")}),
        default="yes",
    )
    opinion = TextAreaField(
        lazy_gettext("说明"), [Length(max=2000)], description=lazy_gettext("不同意的必须写明理由。")
    )
    document_number = StringField(
        lazy_gettext("文号或函件"), [InputRequired(lazy_gettext("请填写文号。")), Length(max=100)]
    )
    given_on = DateField(lazy_gettext("日期"), [InputRequired(lazy_gettext("请填写日期。"))])


class FilingForm(StaffForm):
    """The rules of an offline programme, handed to an office."""

    office = SelectField(lazy_gettext("报送哪个单位备案"))
    management_document = StringField(
        lazy_gettext("资金管理办法的文号"), [InputRequired(lazy_gettext("请填写文号。")), Length(max=100)]
    )
    supervision_document = StringField(
        lazy_gettext("监管措施的文号"), [InputRequired(lazy_gettext("请填写文号。")), Length(max=100)]
    )
    filed_on = DateField(lazy_gettext("报送日期"), [InputRequired(lazy_gettext("请填写日期。"))])
    file = FileField(lazy_gettext("扫描件"), description=lazy_gettext("可以不传；PDF 或照片，20 MB 以内。"))
