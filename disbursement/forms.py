"""Forms of the disbursement pages."""

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.form_fields import MonthField
from core.months import check_period
from core.staff_form import StaffForm

REQUIRED = InputRequired(lazy_gettext("这一项必须填写。"))
FILE_REQUIRED = FileRequired(lazy_gettext("请选择文件。"))


class RollUploadForm(StaffForm):
    """Which programme, period and township the file is for. The view fills the choices."""

    programme = SelectField(lazy_gettext("补贴项目"), [InputRequired(lazy_gettext("请选择补贴项目。"))])
    period = MonthField(
        lazy_gettext("期别"),
        [REQUIRED],
        read=check_period,
        description=lazy_gettext("补贴所属的年月，例如 202006。季度补贴写季末的月份。"),
    )
    township = SelectField(lazy_gettext("乡镇（街道）"), [InputRequired(lazy_gettext("请选择乡镇（街道）。"))])
    file = FileField(
        lazy_gettext("花名册文件"),
        [FILE_REQUIRED],
        description=lazy_gettext("Excel（.xlsx、.xls）或 CSV 文件。表头的叫法和列的顺序不限，系统会自动识别。"),
    )


class ResultUploadForm(StaffForm):
    """A result file from the bank. The view fills the choices."""

    profile = SelectField(lazy_gettext("文件格式"), [REQUIRED])
    batch = SelectField(
        lazy_gettext("答复的批次"),
        description=lazy_gettext("通常不用选。银行文件里没有我们的流水号、系统又提示分不清时，再选定批次。"),
    )
    file = FileField(lazy_gettext("回盘文件"), [FILE_REQUIRED])


class OfflineReceiptForm(StaffForm):
    """The signed sheet by which money was handed over."""

    number = StringField(lazy_gettext("签领表编号"), [REQUIRED, Length(max=60)])
    paid_on = DateField(lazy_gettext("发放日期"), [REQUIRED])
    payer = StringField(lazy_gettext("发放人"), [REQUIRED, Length(max=60)])
    sheet = FileField(
        lazy_gettext("签领表扫描件"), description=lazy_gettext("可以不传；PDF 或照片，10 MB 以内，加密保存。")
    )


class SpellingForm(StaffForm):
    """How the bank spells the holder of a card."""

    card = StringField(
        lazy_gettext("卡号"), [REQUIRED, Length(max=40)], description=lazy_gettext("已经登记的卡，填写完整的卡号。")
    )
    name = StringField(
        lazy_gettext("账上的户名"), [Length(max=60)], description=lazy_gettext("不填就是这张卡登记的户名。")
    )
    spelling = StringField(lazy_gettext("银行的写法"), [REQUIRED, Length(max=60)])
