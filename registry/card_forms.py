"""The columns of the files that ask a bank for cards and come back from it, and of a bank's list of messages."""

from core.msgid import N_
from core.tables.records import Form

REQUEST_HEADINGS = ("业务编号", "姓名", "证件类型", "证件号码", "性别", "手机号码", "住址", "代领人")
"""What the county fills in. Fixed: banks load the file by machine."""
ANSWER_HEADINGS = ("卡号", "户名", "开户银行", "发卡日期", "到账短信", "未办成原因")
"""What the bank fills in, in the same file, and sends back."""

ANSWER_FORM = Form(
    "card_answers",
    {
        "reference": (N_("业务编号"), "reference", "编号", "申请编号", "流水号"),
        "name": (N_("姓名"), "name", "客户姓名", "申请人", "申请人姓名"),
        "id_number": (N_("证件号码"), "id_number", "身份证号", "身份证号码", "证件号", "公民身份号码"),
        "card": (N_("卡号"), "card", "社保卡号", "银行卡号", "账号", "社会保障卡卡号", "银行账号", "卡（账）号"),
        "holder": (N_("户名"), "holder", "持卡人", "账户名称", "账户户名"),
        "bank": (N_("开户银行"), "bank", "开户行", "发卡银行", "网点"),
        "issued_on": (N_("发卡日期"), "issued_on", "制卡日期", "开卡日期", "开户日期", "办卡日期"),
        "arrival_sms": (N_("到账短信"), "arrival_sms", "短信", "短信通知", "短信开通", "是否开通短信"),
        "refusal": (N_("未办成原因"), "refusal", "失败原因", "未办原因", "拒绝原因", "原因"),
        "number_confirmed": (N_("卡号无误"), "number_confirmed", "确认卡号无误", "卡号确认"),
    },
    frozenset({"card"}),
)
ARRIVAL_FORM = Form(
    "arrival_messages",
    {
        "card": ANSWER_FORM.wordings["card"],
        "arrival_sms": ANSWER_FORM.wordings["arrival_sms"],
        "bank": ANSWER_FORM.wordings["bank"],
    },
    frozenset({"card", "arrival_sms"}),
)
STATUS_FORM = Form(
    "statuses",
    {
        "name": (N_("姓名"), "name", "死者姓名", "迁出人", "死亡人员姓名"),
        "id_number": ANSWER_FORM.wordings["id_number"],
        "day": (
            N_("日期"),
            "date",
            "死亡日期",
            "死亡时间",
            "迁出日期",
            "迁出时间",
            "注销日期",
            "去世日期",
            "去世时间",
        ),
    },
    frozenset({"name", "id_number", "day"}),
)
HOUSEHOLD_FORM = Form(
    "households",
    {
        "household": (N_("户编号"), "household", "户号", "家庭编号", "户籍编号", "户口簿号"),
        "name": ANSWER_FORM.wordings["name"],
        "id_number": ANSWER_FORM.wordings["id_number"],
        "relation": (N_("与户主关系"), "relation", "关系", "家庭关系", "与户主的关系"),
    },
    frozenset({"household", "id_number"}),
)
