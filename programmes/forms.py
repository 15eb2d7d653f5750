"""Forms of this room."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from core.form_fields import choices, open_choices
from core.money import Fen, parse_yuan
from core.staff_form import StaffForm
from programmes.operations import ProgrammeTerms
from programmes.rules import MOST_PUBLICITY_DAYS, Channel, is_sensitive
from programmes.words import CHANNELS, HANDLINGS, SCOPES, SOURCES, STANDARD_UNITS

_BASIS = lazy_gettext("文件依据")
_CHOSEN = InputRequired(lazy_gettext("请选择。"))
_HANDLED = InputRequired(lazy_gettext("请选择怎样处理。"))
_SCOPED = InputRequired(lazy_gettext("请选择适用于同一个人还是同一户。"))


class ProgrammeForm(StaffForm):
    """A programme as finance enters it. The view fills departments and frequencies, and takes the code away where the
    programme has one."""

    code = StringField(
        lazy_gettext("编码"),
        [InputRequired(lazy_gettext("请填写编码。")), Length(max=40)],
        description=lazy_gettext(
            "英文字母、数字、下划线和短横线，最多 40 个。登记后不能改：花名册、文件和规则都用它。"
        ),
    )
    name = StringField(lazy_gettext("项目名称"), [InputRequired(lazy_gettext("请填写项目名称。")), Length(max=100)])
    department_name = SelectField(lazy_gettext("主管部门"), [InputRequired(lazy_gettext("请选择主管部门。"))])
    target = StringField(lazy_gettext("补贴对象"), [Length(max=500)])
    level_of_funds = StringField(
        lazy_gettext("资金级次"), [Length(max=40)], description=lazy_gettext("中央、省级、州级或县级。")
    )
    policy_basis = StringField(
        lazy_gettext("政策依据"),
        [InputRequired(lazy_gettext("请写明文件依据。")), Length(max=500)],
        description=lazy_gettext("设立这个项目的文件名称和文号。"),
    )
    standard = StringField(
        lazy_gettext("政策文字里的补贴标准"),
        [Length(max=500)],
        description=lazy_gettext("照文件的文字填写，例如“90元/人·月”。核对花名册用的金额按执行日期另行登记。"),
    )
    unit = StringField(lazy_gettext("计算单位"), [Length(max=40)], description=lazy_gettext("例如人、户、亩。"))
    frequency = SelectField(lazy_gettext("发放周期"), [InputRequired(lazy_gettext("请选择发放周期。"))])
    channel = SelectField(
        lazy_gettext("发放方式"),
        [_CHOSEN],
        choices=choices({key: status.text for key, status in CHANNELS.items()}),
        description=lazy_gettext("还没有决定的选“待定”，再提请研究是否纳入平台。"),
    )
    publicity_days = IntegerField(
        lazy_gettext("公示天数"),
        [
            InputRequired(lazy_gettext("请填写公示天数。")),
            NumberRange(0, MOST_PUBLICITY_DAYS, lazy_gettext("公示天数应在 0 到 60 之间。")),
        ],
        description=lazy_gettext("0 表示不在网上公示，只张贴。法律没有规定统一的公示期，请按本县规定填写。"),
    )
    sensitive = RadioField(
        lazy_gettext("公示方式"),
        [_CHOSEN],
        description=lazy_gettext("残疾人、孤儿、未成年人等涉及敏感个人信息的项目，公示时只显示姓氏。"),
    )
    shared_cards = BooleanField(
        lazy_gettext("同一户的成员可以共用一张卡"),
        description=lazy_gettext("不勾选的，花名册里几个人用同一张卡会列为提示；不同户的人共用一张卡总要提示。"),
    )
    valid_from = DateField(lazy_gettext("起始日期"), [Optional()], description=lazy_gettext("不限的留空。"))
    valid_until = DateField(lazy_gettext("截止日期"), [Optional()], description=lazy_gettext("长期有效的留空。"))
    seen = HiddenField()

    def terms(self, kept: Channel | None = None) -> ProgrammeTerms:
        """What was entered; ``kept`` is the way of paying where the form does not ask for it."""
        name, target = self.name.data or "", self.target.data or ""
        by_name = is_sensitive(name, target)
        return ProgrammeTerms(
            name=name,
            department_name=self.department_name.data or "",
            target=target,
            level_of_funds=self.level_of_funds.data or "",
            policy_basis=self.policy_basis.data or "",
            standard=self.standard.data or "",
            unit=self.unit.data or "",
            frequency=self.frequency.data or "",
            channel=kept or Channel(self.channel.data),
            publicity_days=self.publicity_days.data or 0,
            sensitive=by_name if self.sensitive.data == "by_name" else self.sensitive.data == "yes",
            shared_cards=bool(self.shared_cards.data),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
        )


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
    per = SelectField(
        lazy_gettext("按什么发"),
        [InputRequired(lazy_gettext("请选择按人、按户还是按亩发。"))],
        choices=open_choices(STANDARD_UNITS),
    )
    monthly = BooleanField(lazy_gettext("是每月的标准（季度发放时按三个月计算）"))
    valid_from = DateField(lazy_gettext("从哪一天起执行"), [InputRequired(lazy_gettext("请填写执行的日期。"))])
    basis = StringField(_BASIS, [InputRequired(lazy_gettext("请写明文件依据。")), Length(max=200)])


class RuleForm(StaffForm):
    """A rule about two programmes. The view fills the programmes."""

    first = SelectField(lazy_gettext("补贴甲"), [InputRequired(lazy_gettext("请选择第一个补贴项目。"))])
    second = SelectField(lazy_gettext("补贴乙"), [InputRequired(lazy_gettext("请选择第二个补贴项目。"))])
    handling = SelectField(
        lazy_gettext("处理"), [_HANDLED], choices=open_choices({key.value: text for key, text in HANDLINGS.items()})
    )
    scope = SelectField(lazy_gettext("适用范围"), [_SCOPED], choices=open_choices(SCOPES))
    valid_from = DateField(lazy_gettext("起始日期"), [Optional()], description=lazy_gettext("一直有效的留空。"))
    valid_until = DateField(lazy_gettext("截止日期"), [Optional()])
    basis = StringField(_BASIS, [InputRequired(lazy_gettext("请写明文件依据。")), Length(max=200)])


class RuleVersionForm(StaffForm):
    """A further version of a rule, from a day on."""

    handling = SelectField(
        lazy_gettext("处理"), [_CHOSEN], choices=choices({key.value: text for key, text in HANDLINGS.items()})
    )
    scope = SelectField(lazy_gettext("适用范围"), [_CHOSEN], choices=choices(SCOPES))
    valid_from = DateField(
        lazy_gettext("起始日期"),
        [InputRequired(lazy_gettext("请填写从哪一天起按新的规定。以前的月份仍按原来的规定核对。"))],
        description=lazy_gettext("从这一天起按新的规定；以前的月份仍按原来的规定核对。"),
    )
    valid_until = DateField(lazy_gettext("截止日期"), [Optional()], description=lazy_gettext("一直有效的留空。"))
    basis = StringField(_BASIS, [InputRequired(lazy_gettext("请写明文件依据。")), Length(max=200)])


class FundLineForm(StaffForm):
    """One line of a fund plan. The view fills the programmes."""

    programme = SelectField(lazy_gettext("补贴项目"), [InputRequired(lazy_gettext("请选择补贴项目。"))])
    year = IntegerField(
        lazy_gettext("年度"),
        [
            InputRequired(lazy_gettext("请填写年度。")),
            NumberRange(2000, 2099, lazy_gettext("年度要写成四位数，例如 2020。")),
        ],
    )
    direction = RadioField(
        lazy_gettext("增减"),
        [_CHOSEN],
        choices=choices({"add": lazy_gettext("下达或追加"), "cut": lazy_gettext("调减")}),
        default="add",
    )
    source = RadioField(lazy_gettext("资金性质"), [_CHOSEN], choices=choices(SOURCES))
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
        [InputRequired(lazy_gettext("请选择建议纳入平台还是线下发放。"))],
        choices=choices({"platform": lazy_gettext("纳入一卡通平台"), "offline": lazy_gettext("线下发放")}),
    )
    grounds = TextAreaField(lazy_gettext("理由"), [InputRequired(lazy_gettext("请写明申请的理由。")), Length(max=2000)])
    document_number = StringField(lazy_gettext("文号"), [InputRequired(lazy_gettext("请填写文号。")), Length(max=100)])


class OpinionForm(StaffForm):
    """What one of the four offices says. The view fills the offices."""

    office = SelectField(lazy_gettext("单位"))
    agrees = RadioField(
        lazy_gettext("意见"),
        [InputRequired(lazy_gettext("请选择同意还是不同意。"))],
        choices=choices({"yes": lazy_gettext("同意"), "no": lazy_gettext("不同意")}),
    )
    opinion = TextAreaField(
        lazy_gettext("说明"), [Length(max=2000)], description=lazy_gettext("不同意的必须写明理由。")
    )
    document_number = StringField(
        lazy_gettext("文号或函件"), [InputRequired(lazy_gettext("请填写文号。")), Length(max=100)]
    )
    given_on = DateField(lazy_gettext("日期"), [InputRequired(lazy_gettext("请填写日期。"))])
    file = FileField(
        lazy_gettext("函件的扫描件"), description=lazy_gettext("可以不传；PDF 或照片（JPG、PNG），10 MB 以内。")
    )


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
    file = FileField(lazy_gettext("扫描件"), description=lazy_gettext("可以不传；PDF 或照片（JPG、PNG），20 MB 以内。"))
