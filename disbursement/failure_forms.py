"""The forms of the failure cycle and of return orders."""

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.form_fields import choices
from core.staff_form import StaffForm
from disbursement.rules import Change
from registry.forms import number_confirmed_field

REQUIRED = InputRequired(lazy_gettext("这一项必须填写。"))


class CorrectionForm(StaffForm):
    """What is right about an account whose payment failed. Blanks leave things as they are."""

    card = StringField(
        lazy_gettext("新卡号"),
        [Length(max=40, message=lazy_gettext("卡号太长了。"))],
        description=lazy_gettext("卡号不变就不填。"),
    )
    number_confirmed = number_confirmed_field()
    payee = StringField(
        lazy_gettext("银行卡上的户名"),
        [Length(max=60, message=lazy_gettext("户名太长了。"))],
        description=lazy_gettext("照银行卡或存折上的写。户名不变就不填。"),
    )
    whose = RadioField(
        lazy_gettext("这张卡是谁的"),
        [REQUIRED],
        choices=choices(
            {"own": lazy_gettext("受益人本人的"), "other": lazy_gettext("他人代领（监护人、户主等），要上传依据材料")}
        ),
        default="own",
    )
    done_at_bank = BooleanField(lazy_gettext("已在银行办好（激活、解锁、解冻等），卡号和户名都不变"))
    note = TextAreaField(
        lazy_gettext("改正的依据"),
        [REQUIRED, Length(max=1000, message=lazy_gettext("最多 1000 个字。"))],
        description=lazy_gettext("例如：7 月 3 日看过新社保卡原件；银行网点电话核实。"),
    )
    evidence = FileField(
        lazy_gettext("依据材料"), description=lazy_gettext("PDF 或照片，最多 10 MB。加密保存，每次下载都有记录。")
    )
    together = BooleanField(lazy_gettext("同一人、同一张卡的其他失败一并改正"), default=True)

    def change(self) -> Change:
        """What the township wants changed."""
        return Change(
            self.card.data or "",
            self.payee.data or "",
            self.whose.data == "other",
            bool(self.done_at_bank.data),
            bool(self.number_confirmed.data),
        )


class CreditForm(StaffForm):
    """The bank voucher by which returned money came back."""

    voucher_number = StringField(
        lazy_gettext("银行凭证号"), [REQUIRED, Length(max=60, message=lazy_gettext("最多 60 个字。"))]
    )
    voucher_on = DateField(
        lazy_gettext("凭证日期"), [InputRequired(lazy_gettext("日期要写成年-月-日，例如 2020-07-31。"))]
    )
    to_next_year = BooleanField(lazy_gettext("结转到下一年度"))


class LetterForm(StaffForm):
    """The bank's letter that it did not pay: what it never answered, or what it said in error that it had paid."""

    letter = FileField(
        lazy_gettext("银行的函件"),
        [FileRequired(lazy_gettext("请选择文件。"))],
        description=lazy_gettext("银行确认没有付出、也不会再付。PDF 或照片，最多 10 MB。加密保存，每次下载都有记录。"),
    )
    letter_on = DateField(
        lazy_gettext("函件日期"), [InputRequired(lazy_gettext("日期要写成年-月-日，例如 2020-07-31。"))]
    )
    reason = TextAreaField(
        lazy_gettext("核实的经过"), [REQUIRED, Length(max=200, message=lazy_gettext("最多 200 个字。"))]
    )
    together = BooleanField(lazy_gettext("同一个文件里还有的，一并办理"))
