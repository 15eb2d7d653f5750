"""What the audit log says of reconciliation, in words."""

from flask_babel import lazy_gettext

from core.audit.words import words

words(
    "reconciliation",
    actions={
        "difference.resolve": lazy_gettext("处理了对账差异"),
        "difference.settle_carried": lazy_gettext("处理了结转的对账差异"),
        "difference.undo": lazy_gettext("撤销了对账差异的处理"),
        "difference.undo_carried": lazy_gettext("撤销了结转差异的处理"),
        "reconciliation.answer_refusal": lazy_gettext("答复了拒绝签章"),
        "reconciliation.ask_reopen": lazy_gettext("申请重新开账"),
        "reconciliation.choose_setting": lazy_gettext("设定了对账的界限"),
        "reconciliation.close": lazy_gettext("关账"),
        "reconciliation.export_report": lazy_gettext("导出了对账报告"),
        "reconciliation.match": lazy_gettext("核对了一个月的账"),
        "reconciliation.refuse_reopen": lazy_gettext("不同意重新开账"),
        "reconciliation.refuse_to_sign": lazy_gettext("拒绝在月末对账上签章"),
        "reconciliation.reopen": lazy_gettext("重新开账"),
        "reconciliation.sign": lazy_gettext("在月末对账上签章"),
        "reconciliation.withdraw_signature": lazy_gettext("撤回了签章"),
        "settlement.confirm": lazy_gettext("复核同意了对账差异的处理"),
        "settlement.lapse": lazy_gettext("对账差异的处理办法失效"),
        "settlement.propose": lazy_gettext("提出了对账差异的处理办法"),
        "settlement.refuse": lazy_gettext("不同意对账差异的处理"),
        "settlement.withdraw": lazy_gettext("撤回了对账差异的处理办法"),
        "statement.import": lazy_gettext("导入了银行对账单"),
        "statement_profile.approve": lazy_gettext("批准了对账单格式"),
        "statement_profile.propose": lazy_gettext("提出了对账单格式"),
        "statement_profile.reject": lazy_gettext("不采用对账单格式"),
    },
    subjects={
        "reconciliation_month": lazy_gettext("月末对账"),
        "setting": lazy_gettext("设定"),
        "settlement_proposal": lazy_gettext("对账差异的处理办法"),
        "statement": lazy_gettext("银行对账单"),
        "statement_profile": lazy_gettext("对账单格式"),
    },
)
