"""Taking a case on, looking into it, and answering."""

from flask_babel import lazy_gettext

from complaints import operations
from complaints.actions.sheet import Action
from complaints.operations.approving import hand_in_answer, send_back_answer
from complaints.operations.handling import approve_answer
from complaints.rules.sealed import OUTCOMES

ANSWERING = (
    Action(
        "accept",
        lazy_gettext("受理"),
        lambda who, case, given, at: operations.accept(who, case, at=at, with_linked=given.takes_linked_along),
        lazy_gettext("已受理。留了手机号码的反映人会收到短信。"),
        lazy_gettext("受理后由您经办，请在答复期限内办结。"),
        done_in_silence=lazy_gettext("已受理。不发短信，反映人凭查询码查看进展。"),
        kind="primary",
        step="accept",
    ),
    Action(
        "investigate",
        lazy_gettext("开始核实"),
        lambda who, case, given, at: operations.start_investigation(
            who, case, at=at, with_linked=given.takes_linked_along
        ),
        lazy_gettext("已开始核实。"),
        lazy_gettext("反映人会看到“正在核实办理”。"),
        kind="primary",
        step="investigate",
    ),
    Action(
        "record_outcome",
        lazy_gettext("登记处置结果"),
        lambda who, case, given, at: operations.record_outcome(who, case, given.choice, given.text, at=at),
        lazy_gettext("已登记。留了姓名的反映人要在期限内告知处理结果。"),
        lazy_gettext("核实有了结论后登记，只有纪委监委看得到；反映人只看得到您另外写的答复。登记错了可以再登记一次。"),
        lazy_gettext("处置情况（存档）"),
        choices=OUTCOMES,
        kind="primary",
    ),
    Action(
        "conclude",
        lazy_gettext("答复"),
        lambda who, case, given, at: operations.conclude(
            who, case, given.text, at=at, with_linked=given.takes_linked_along
        ),
        lazy_gettext("已答复。反映人凭查询码可以看到。"),
        lazy_gettext("反映人会看到全文。请写清查到了什么、怎么处理的、还有什么办法。"),
        lazy_gettext("答复内容"),
        kind="primary",
        step="conclude",
    ),
    Action(
        "hand_in",
        lazy_gettext("答复送审"),
        lambda who, case, given, at: hand_in_answer(who, case, given.text, at=at, with_linked=given.takes_linked_along),
        lazy_gettext("答复已送审，等另一位同事审核。期限到审核通过时才停。"),
        lazy_gettext("由另一位同事审核，通过后反映人才看到；期限到那时才停。已送审的会由这一稿代替。"),
        lazy_gettext("答复内容"),
        kind="primary",
        step="approve_answer",
    ),
    Action(
        "approve",
        lazy_gettext("审核通过"),
        lambda who, case, given, at: approve_answer(who, case, given.draft, at=at),
        lazy_gettext("已答复。反映人凭查询码可以看到。"),
        lazy_gettext("通过后反映人会看到上面的答复全文。"),
        asks="draft",
        kind="primary",
    ),
    Action(
        "send_back",
        lazy_gettext("退回修改"),
        lambda who, case, given, at: send_back_answer(who, case, given.draft, given.text, at=at),
        lazy_gettext("已退回经办人修改，期限照旧。"),
        lazy_gettext("退回经办人修改，期限照旧。"),
        lazy_gettext("要改什么"),
        asks="draft",
    ),
    Action(
        "mark_read",
        lazy_gettext("标记已阅"),
        lambda who, case, _given, at: operations.mark_read(who, case, at=at),
        lazy_gettext("已标记。"),
        lazy_gettext("确认已看过反映人补充的全部内容。"),
        kind="primary",
    ),
    Action(
        "ask",
        lazy_gettext("请反映人补充"),
        lambda who, case, given, at: operations.ask_reporter(who, case, given.text, at=at),
        lazy_gettext("问题已写上，反映人凭查询码可以看到并回答。期限不停。"),
        lazy_gettext("反映人凭查询码看到并回答。期限不停。"),
        lazy_gettext("要问的问题"),
    ),
    Action(
        "note",
        lazy_gettext("记一笔"),
        lambda who, case, given, at: operations.add_note(who, case, given.text, at=at),
        lazy_gettext("已记录。"),
        lazy_gettext("只有能看到这件事的单位看得到，反映人看不到。"),
        lazy_gettext("内部记录"),
    ),
)
