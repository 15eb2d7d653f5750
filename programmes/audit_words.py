"""What the audit log says of programmes, in words."""

from flask_babel import lazy_gettext

from core.audit.words import words

words(
    "programmes",
    actions={
        "inclusion.close_hearing": lazy_gettext("结束了征求意见"),
        "inclusion.decide": lazy_gettext("审定了项目是否纳入平台"),
        "inclusion.give_opinion": lazy_gettext("对项目纳入平台提出了意见"),
        "inclusion.propose": lazy_gettext("拟定了纳入平台的决定"),
        "inclusion.read_opinion_file": lazy_gettext("查看了意见的附件"),
        "inclusion.reply": lazy_gettext("回复了主管部门"),
        "inclusion.send_back": lazy_gettext("退回了纳入平台的拟定"),
        "inclusion.set_up": lazy_gettext("登记了州财政局设立项目"),
        "inclusion.submit": lazy_gettext("提请研究项目纳入平台"),
        "inclusion.withdraw": lazy_gettext("撤回了纳入平台的提请"),
        "programmes.add": lazy_gettext("新增了补贴项目"),
        "programmes.add_fund_line": lazy_gettext("新增了一笔资金计划"),
        "programmes.add_standard": lazy_gettext("新增了补贴标准"),
        "programmes.carry_over": lazy_gettext("结转了上年资金"),
        "programmes.choose_publicity_wait": lazy_gettext("设定了是否等公示期满再发放"),
        "programmes.edit": lazy_gettext("修改了补贴项目"),
        "programmes.end_rule": lazy_gettext("终止了不相容补贴规则"),
        "programmes.end_standard": lazy_gettext("终止了补贴标准"),
        "programmes.file_measures": lazy_gettext("报送了线下项目的备案材料"),
        "programmes.import_catalogue": lazy_gettext("导入了补贴项目清单"),
        "programmes.read_filing": lazy_gettext("查看了备案材料"),
        "programmes.receive_filing": lazy_gettext("办理了线下项目备案"),
        "programmes.record_fund_lines": lazy_gettext("登记了项目资金计划"),
        "programmes.remove": lazy_gettext("删除了补贴项目"),
        "programmes.resume_rule": lazy_gettext("恢复了不相容补贴规则"),
        "programmes.resume_standard": lazy_gettext("恢复了补贴标准"),
        "programmes.save_rule": lazy_gettext("保存了不相容补贴规则"),
        "programmes.take_back_carry_over": lazy_gettext("撤销了资金结转"),
        "programmes.withdraw_rule": lazy_gettext("撤销了不相容补贴规则"),
        "programmes.withdraw_standard": lazy_gettext("撤销了补贴标准"),
    },
    subjects={
        "fund_line": lazy_gettext("资金计划"),
        "fund_lines": lazy_gettext("多条资金计划"),
        "inclusion": lazy_gettext("纳入平台的研究"),
        "incompatibility_rule": lazy_gettext("不相容补贴规则"),
        "offline_filing": lazy_gettext("线下项目备案"),
        "programme": lazy_gettext("补贴项目"),
        "programmes": lazy_gettext("多个补贴项目"),
    },
)
