"""Forms of this room's pages."""

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from core.file_forms import FileForm
from core.form_fields import ConfirmField, choices, open_choices
from core.staff_form import StaffForm
from registry.words import GAP_REASONS, MEASURES, PAYEE_RELATIONS, PERSON_STATES, PROOFS, REPORT_ACTIONS

REQUIRED = InputRequired(lazy_gettext("这一项必须填写。"))


def _reason(label: object = lazy_gettext("理由")) -> TextAreaField:
    return TextAreaField(label, [REQUIRED, Length(max=1000)], render_kw={"rows": 2})


def number_confirmed_field() -> ConfirmField:
    """The box for a card number whose last digit does not fit (rules.WrongCheckDigit)."""
    return ConfirmField(
        lazy_gettext("卡号无误，按此保存"),
        description=lazy_gettext("只有对照过卡或存折、确实没有写错的才勾选。谁勾选的会留下记录。"),
    )


class CardForm(StaffForm):
    """Another card for a person."""

    card_number = StringField(lazy_gettext("卡号"), [REQUIRED, Length(max=40)], render_kw={"autocomplete": "off"})
    number_confirmed = number_confirmed_field()
    holder_name = StringField(
        lazy_gettext("户名"),
        [Optional(), Length(max=60)],
        description=lazy_gettext("本人的卡不用填。由别人代领的，填卡的户名。"),
    )
    reason = _reason()


class PhoneForm(StaffForm):
    """Another phone for a person."""

    phone = StringField(
        lazy_gettext("手机号码"),
        [Optional(), Length(max=30)],
        description=lazy_gettext("清空就是不再给这个人发短信。"),
        render_kw={"autocomplete": "off"},
    )
    reason = _reason()


class PersonFileForm(StaffForm):
    """By which proof, and why, all that is held of a person is handed out."""

    proof = RadioField(lazy_gettext("申请人怎样证明身份"), [InputRequired(lazy_gettext("请选择申请人怎样证明身份。"))])
    reason = _reason()

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)
        self.proof.choices = list(PROOFS.items())
        self.reason.description = lazy_gettext(
            "例如“本人到窗口申请查阅”。会留在审计记录里，请不要写证件号码、卡号或电话。"
        )


class SettleNumberForm(StaffForm):
    """What is to become of a number that was reported as wrong."""

    action = RadioField(lazy_gettext("怎样处理"), [InputRequired(lazy_gettext("请选择怎样处理这个号码。"))])
    phone = StringField(
        lazy_gettext("新的手机号码"),
        [Optional(), Length(max=30)],
        description=lazy_gettext("只有换成新号码时才填。"),
        render_kw={"autocomplete": "off"},
    )
    reason = _reason()

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)
        self.action.choices = list(REPORT_ACTIONS.items())


class PayeeForm(StaffForm):
    """Who receives for a person."""

    name = StringField(lazy_gettext("收款人姓名"), [REQUIRED, Length(max=60)])
    relation = SelectField(
        lazy_gettext("与受益人的关系"), [InputRequired(lazy_gettext("请选择收款人与受益人的关系。"))]
    )
    id_number = StringField(
        lazy_gettext("收款人的证件号码"),
        [Optional(), Length(max=40)],
        description=lazy_gettext("填了，收款人用自己的证件号码就能查到代收的钱。只存加密后的校验值，不存号码。"),
        render_kw={"autocomplete": "off"},
    )
    phone = StringField(
        lazy_gettext("收款人的手机号码"),
        [Optional(), Length(max=30)],
        description=lazy_gettext("填了，收款人查询时可以用短信验证码。加密保存。"),
        render_kw={"autocomplete": "off"},
    )
    card_number = StringField(
        lazy_gettext("收款人的卡号"),
        [Optional(), Length(max=40)],
        description=lazy_gettext("填了以后，钱就发到这张卡；不填就还用现在的卡。"),
        render_kw={"autocomplete": "off"},
    )
    number_confirmed = number_confirmed_field()
    from_on = DateField(lazy_gettext("开始日期"), [REQUIRED])
    until_on = DateField(lazy_gettext("终止日期"), [Optional()])
    reason = _reason()
    document = StringField(
        lazy_gettext("证明材料名称"),
        [Optional(), Length(max=100)],
        description=lazy_gettext("例如：村委会监护证明、授权委托书。名称和文件至少要有一样。"),
    )
    file = FileField(
        lazy_gettext("证明材料文件"), [Optional()], description=lazy_gettext("照片、扫描件或 PDF，加密保存。")
    )

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)
        self.relation.choices = open_choices(PAYEE_RELATIONS)


class EndForm(StaffForm):
    """The end of something on a day."""

    on = DateField(lazy_gettext("终止日期"), [REQUIRED])
    reason = _reason()


class StatusForm(StaffForm):
    """Dead, moved, or living after all."""

    status = SelectField(lazy_gettext("状态"), [InputRequired(lazy_gettext("请选择状态。"))])
    on = DateField(
        lazy_gettext("日期"), [Optional()], description=lazy_gettext("去世或迁出的日期。改回“在世”时不用填。")
    )
    source = StringField(
        lazy_gettext("信息来源"),
        [Optional(), Length(max=60)],
        description=lazy_gettext("例如：村委会报告、民政死亡名单、派出所户籍注销。"),
    )
    reason = _reason()

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)
        self.status.choices = open_choices(PERSON_STATES)


class HouseholdForm(StaffForm):
    """The household register."""

    household = StringField(lazy_gettext("户编号"), [Optional(), Length(max=60)])
    relation = StringField(lazy_gettext("与户主关系"), [Optional(), Length(max=20)])


class DoubleForm(StaffForm):
    """The other ID number of a person."""

    id_number = StringField(lazy_gettext("另一条登记的证件号码"), [REQUIRED], render_kw={"autocomplete": "off"})


class StatusListForm(FileForm):
    """A list of the dead or the moved."""

    status = SelectField(
        lazy_gettext("名单种类"),
        [InputRequired(lazy_gettext("请选择这是死亡名单还是迁出名单。"))],
        choices=open_choices({"dead": lazy_gettext("死亡名单"), "moved": lazy_gettext("迁出名单")}),
    )
    source = StringField(
        lazy_gettext("信息来源"),
        [Optional(), Length(max=60)],
        description=lazy_gettext("例如：县民政局 2020 年 6 月死亡名单。"),
    )


class GapsForm(StaffForm):
    """What is to be entered for the chosen gaps. ``expected`` is the number that the official saw."""

    expected = IntegerField(widget=HiddenInput())
    reason_code = SelectField(lazy_gettext("未办原因"), [Optional()])
    measure = SelectField(lazy_gettext("措施"), [Optional()])
    office = SelectField(lazy_gettext("责任单位"), [Optional()])

    def fill(self, offices: dict[int, str]) -> None:
        """Give the fields their choices."""
        leave = {"": lazy_gettext("不改动")}
        self.reason_code.choices = choices(leave | GAP_REASONS)
        self.measure.choices = choices(leave | MEASURES)
        self.office.choices = choices(leave | {str(number): name for number, name in offices.items()})


class RequestForm(StaffForm):
    """A bulk request: which bank, for which region."""

    bank = SelectField(lazy_gettext("办卡银行"), [REQUIRED])
