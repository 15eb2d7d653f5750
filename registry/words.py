"""How states, levels, reasons and steps of the registry are said on screens."""

from flask_babel import lazy_gettext

from core.status import Status
from registry.rules import GapReason, Ground, Level, Measure, PayeeRelation, PersonalField, Proof, ReportChannel

LEVELS = {
    Level.COUNTY.value: lazy_gettext("县"),
    Level.TOWNSHIP.value: lazy_gettext("乡镇（街道）"),
    Level.VILLAGE.value: lazy_gettext("村（社区）"),
    Level.GROUP.value: lazy_gettext("社（组）"),
}
PERSON_STATES = {
    "living": Status(lazy_gettext("在世"), "success"),
    "dead": Status(lazy_gettext("已故"), "neutral"),
    "moved": Status(lazy_gettext("已迁出"), "warning"),
}
CARD_STATES = {
    "card": Status(lazy_gettext("有卡"), "success"),
    "gap": Status(lazy_gettext("未登记卡"), "warning"),
}
GAP_STATES = {
    "open": Status(lazy_gettext("待收材料"), "warning"),
    "materials_collected": Status(lazy_gettext("材料已齐"), "info"),
    "submitted_to_bank": Status(lazy_gettext("已送银行"), "info"),
    "issued": Status(lazy_gettext("银行已发卡"), "success"),
    "closed": Status(lazy_gettext("已办结"), "success"),
}
GAP_REASONS = {
    GapReason.NEVER_APPLIED.value: lazy_gettext("从未办卡"),
    GapReason.LOST.value: lazy_gettext("卡遗失"),
    GapReason.CANCELLED.value: lazy_gettext("卡已注销"),
    GapReason.NOT_ACTIVATED.value: lazy_gettext("金融账户未激活"),
    GapReason.WORKING_AWAY.value: lazy_gettext("外出务工"),
    GapReason.DISABLED.value: lazy_gettext("失能，不能到网点"),
    GapReason.MINOR.value: lazy_gettext("未成年"),
    GapReason.NO_ID_CARD.value: lazy_gettext("没有身份证"),
    GapReason.IN_PRISON.value: lazy_gettext("服刑或强制戒毒"),
    GapReason.OTHER.value: lazy_gettext("其他"),
}
MEASURES = {
    Measure.BULK_ISSUE.value: lazy_gettext("银行批量办卡"),
    Measure.VISIT_AT_HOME.value: lazy_gettext("银行上门办理"),
    Measure.BY_GUARDIAN.value: lazy_gettext("监护人代办"),
    Measure.REMOTE.value: lazy_gettext("异地网点或网上办理"),
    Measure.REPLACE.value: lazy_gettext("挂失补卡"),
    Measure.ACTIVATE.value: lazy_gettext("到网点激活"),
    Measure.ID_CARD_FIRST.value: lazy_gettext("先办身份证，再办卡"),
    Measure.PAYEE.value: lazy_gettext("登记收款人代领"),
}
GAP_ACTIONS = {
    "plan": lazy_gettext("登记原因、措施或责任单位"),
    "collect": lazy_gettext("材料已收齐"),
    "uncollect": lazy_gettext("退回待收材料"),
    "dismiss": lazy_gettext("不用办卡，销账"),
    "open_again": lazy_gettext("重新列入台账"),
}
REQUEST_STATES = {
    "submitted": Status(lazy_gettext("等待银行办卡"), "info"),
    "answered": Status(lazy_gettext("银行已全部答复"), "success"),
    "withdrawn": Status(lazy_gettext("已撤回")),
}
REQUEST_ACTIONS = {"withdraw": lazy_gettext("撤回"), "answer": lazy_gettext("银行全部答复")}
LINE_OUTCOMES = {
    "open": Status(lazy_gettext("等待银行"), "info"),
    "issued": Status(lazy_gettext("已发卡"), "success"),
    "refused": Status(lazy_gettext("未办成"), "danger"),
    "withdrawn": Status(lazy_gettext("已撤回")),
}
DOUBLE_STATES = {
    "found": Status(lazy_gettext("待核实"), "warning"),
    "proposed": Status(lazy_gettext("待另一人审核"), "info"),
    "merged": Status(lazy_gettext("已合并"), "success"),
    "dismissed": Status(lazy_gettext("不是同一人")),
}
DOUBLE_ACTIONS = {
    "propose": lazy_gettext("提出合并"),
    "confirm": lazy_gettext("审核合并"),
    "refuse": lazy_gettext("不同意合并"),
    "undo": lazy_gettext("撤销合并"),
    "dismiss": lazy_gettext("认定不是同一人"),
    "reopen": lazy_gettext("重新核实"),
}
GROUNDS = {
    Ground.BIRTH.value: lazy_gettext("同乡镇、同姓名、同出生日期"),
    Ground.NUMBER.value: lazy_gettext("同乡镇、同姓名，证件号码只差一位或相邻两位颠倒"),
    Ground.CARD.value: lazy_gettext("同一张卡，姓名或出生日期相同"),
    Ground.PHONE.value: lazy_gettext("同姓名、同手机号码"),
    Ground.MANUAL.value: lazy_gettext("经办人提出"),
}
PAYEE_RELATIONS = {
    PayeeRelation.GUARDIAN.value: lazy_gettext("监护人"),
    PayeeRelation.HOUSEHOLD_HEAD.value: lazy_gettext("户主"),
    PayeeRelation.RELATIVE.value: lazy_gettext("亲属"),
    PayeeRelation.INSTITUTION.value: lazy_gettext("供养或托养机构"),
}
PERSONAL_FIELDS = {
    PersonalField.ID_NUMBER: lazy_gettext("证件号码"),
    PersonalField.PHONE: lazy_gettext("手机号码"),
    PersonalField.CARD: lazy_gettext("社保卡（账户）号码"),
}
PROOFS = {
    Proof.IN_PERSON.value: lazy_gettext("本人持身份证当面申请"),
    Proof.AUTHORISED.value: lazy_gettext("受托人凭书面委托和双方身份证申请"),
    Proof.RELATIVE.value: lazy_gettext("近亲属凭关系证明申请（本人已故）"),
}
SOURCES = {
    "roll": lazy_gettext("花名册"),
    "township": lazy_gettext("乡镇登记"),
    "correction": lazy_gettext("发放失败后改正"),
    "bank": lazy_gettext("银行批量办卡"),
    "merge": lazy_gettext("合并重复登记"),
    "list": lazy_gettext("名单导入"),
    "": lazy_gettext("未注明"),
}
"""Where a card or a phone came from."""
PHONE_STATES = {
    "confirmed": Status(lazy_gettext("已核实"), "success"),
    "unconfirmed": Status(lazy_gettext("未核实")),
    "reported": Status(lazy_gettext("有人报错"), "danger"),
    "none": Status(lazy_gettext("未登记"), "warning"),
}
REPORT_STATES = {
    "open": Status(lazy_gettext("待处理"), "warning"),
    "replaced": Status(lazy_gettext("已换号码"), "success"),
    "removed": Status(lazy_gettext("已去掉号码"), "success"),
    "kept": Status(lazy_gettext("号码正确"), "success"),
    "overtaken": Status(lazy_gettext("号码已另行更换")),
}
REPORT_ACTIONS = {
    "replace": lazy_gettext("换成新号码"),
    "remove": lazy_gettext("去掉这个号码"),
    "keep": lazy_gettext("号码正确"),
}
REPORT_CHANNELS = {
    ReportChannel.SMS.value: lazy_gettext("短信回复“不是我”"),
    ReportChannel.OFFICIAL.value: lazy_gettext("经办人登记"),
    ReportChannel.RETURNED.value: lazy_gettext("短信退回：空号"),
}
EITHER = {"yes": lazy_gettext("已登记"), "no": lazy_gettext("未登记")}
ARRIVAL = {"on": lazy_gettext("已开通"), "off": lazy_gettext("未开通"), "unknown": lazy_gettext("银行未报")}


def grounds_words(grounds: str) -> list[str]:
    """The grounds of a pair in words."""
    return [str(GROUNDS[ground]) for ground in grounds.split(",") if ground in GROUNDS]
