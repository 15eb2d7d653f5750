"""More days for a case, and another desk for it."""

from flask_babel import lazy_gettext

from complaints import operations
from complaints.actions.sheet import Action
from complaints.operations.taking_over import take_over

MOVING = (
    Action(
        "ask_extension",
        lazy_gettext("申请延期"),
        lambda who, case, given, at: operations.ask_extension(who, case, given.number(given.days), given.text, at=at),
        lazy_gettext("延期申请已提交，等待审批。"),
        lazy_gettext(
            "只能延期一次，由另一位同事审批；本单位没有另一位能审批的，由上一级单位审批。批准后理由会告知反映人。"
        ),
        lazy_gettext("延期理由"),
        asks="days",
    ),
    Action(
        "withdraw_extension",
        lazy_gettext("撤回延期申请"),
        lambda who, case, _given, at: operations.withdraw_extension(who, case, at=at),
        lazy_gettext("已撤回延期申请，期限照旧；还可以再申请一次。"),
        lazy_gettext("撤回后期限照旧，不算用过：到期以前还可以再申请。"),
    ),
    Action(
        "grant",
        lazy_gettext("同意延期"),
        lambda who, case, _given, at: operations.decide_extension(who, case, True, at=at),
        lazy_gettext("已同意延期，反映人会看到新的期限和理由。"),
        lazy_gettext("反映人会看到新的期限和理由。"),
        kind="primary",
    ),
    Action(
        "refuse",
        lazy_gettext("不同意延期"),
        lambda who, case, _given, at: operations.decide_extension(who, case, False, at=at),
        lazy_gettext("已退回延期申请，原期限不变。"),
        lazy_gettext("原期限不变，也不能再次申请。"),
    ),
    Action(
        "redirect",
        lazy_gettext("转办"),
        lambda who, case, given, at: operations.redirect(
            who, case, given.number(given.organisation_id), given.text, at=at
        ),
        lazy_gettext("已转办。"),
        lazy_gettext("不属于本单位的，转给应当负责的单位；期限照旧。理由反映人会看到。"),
        lazy_gettext("转办理由"),
        asks="organisation_id",
    ),
    Action(
        "object",
        lazy_gettext("提出转办异议"),
        lambda who, case, given, at: operations.object_to_routing(
            who, case, given.number(given.organisation_id), given.text, at=at
        ),
        lazy_gettext("已提出异议，由上一级单位裁定。裁定之前仍由您单位负责，期限照走。"),
        lazy_gettext(
            "不属于本单位的，请上一级单位裁定转给谁。只能提一次；裁定之前期限照走，也仍然可以受理。反映人看不到。"
        ),
        lazy_gettext("为什么不属于本单位"),
        asks="organisation_id",
    ),
    Action(
        "pass_on",
        lazy_gettext("裁定转办"),
        lambda who, case, given, at: operations.pass_on(
            who, case, given.number(given.organisation_id), given.text, at=at
        ),
        lazy_gettext("已裁定转办。"),
        lazy_gettext("可以转给异议中提出的单位，也可以转给别的单位；期限照旧。理由反映人会看到。"),
        lazy_gettext("转办理由"),
        asks="organisation_id",
        kind="primary",
    ),
    Action(
        "refuse_objection",
        lazy_gettext("不采纳异议"),
        lambda who, case, given, at: operations.refuse_objection(who, case, given.text, at=at),
        lazy_gettext("已裁定由原单位办理。"),
        lazy_gettext("仍由原单位办理，它不能再提出异议；期限照旧。反映人看不到。"),
        lazy_gettext("为什么由原单位办理"),
    ),
    Action(
        "take_over",
        lazy_gettext("接办"),
        lambda who, case, given, at: take_over(who, case, given.text, at=at),
        lazy_gettext("已由您单位接办，期限照旧。"),
        lazy_gettext("这件事改由您单位办理，原单位仍可查看，期限照旧。理由反映人会看到。"),
        lazy_gettext("接办理由"),
    ),
)
