"""The life of a case: its states, and how states, clocks and entries are called."""

from complaints.rulebook import ClockKind
from complaints.rules.rights import APPROVE_ANSWER, HANDLE_COMPLAINTS
from core.msgid import N_
from core.states import Transition, Workflow, declare

WAITING = ("received", "redirected", "referred")
"""States in which somebody still has to say whether the case is taken on."""

RUNNING = ("accepted", "investigating", "reopened", "review_asked")
"""States in which the office is at work."""

OPEN = (*WAITING, "accepted", "investigating", "concluded", "reopened", "review_asked")
"""States of a case that has not ended."""

UNANSWERED = (*WAITING, *RUNNING)
"""States of a case to which the reporter has no answer yet."""

COMPLAINT_WORKFLOW = declare(
    Workflow(
        "complaint",
        "received",
        (
            *(Transition(state, "accept", "accepted", HANDLE_COMPLAINTS) for state in WAITING),
            *(Transition(state, "decline", "declined", HANDLE_COMPLAINTS) for state in WAITING),
            *(Transition(state, "redirect", "redirected", HANDLE_COMPLAINTS) for state in ("received", "redirected")),
            Transition("accepted", "investigate", "investigating", HANDLE_COMPLAINTS),
            Transition("investigating", "conclude", "concluded", HANDLE_COMPLAINTS),
            # The answer that another person wrote; the operation checks the four eyes.
            Transition("investigating", "approve_answer", "concluded", APPROVE_ANSWER),
            # With his receipt code the reporter has it reopened, or reviewed by the office above; a case is closed by
            # him, by the office once he can ask for neither any more, or by the nightly sweep. The operations check.
            Transition("concluded", "reopen", "reopened"),
            Transition("reopened", "investigate", "investigating", HANDLE_COMPLAINTS),
            Transition("concluded", "ask_review", "review_asked"),
            Transition("review_asked", "investigate", "investigating", HANDLE_COMPLAINTS),
            Transition("concluded", "close", "closed"),
            *(Transition(state, "refer", "referred", HANDLE_COMPLAINTS) for state in OPEN if state != "referred"),
        ),
    )
)

STATE_NAMES = {
    "received": N_("待受理"),
    "redirected": N_("已转办，待受理"),
    "accepted": N_("已受理"),
    "declined": N_("不予受理"),
    "investigating": N_("办理中"),
    "concluded": N_("已答复"),
    "reopened": N_("重新办理"),
    "review_asked": N_("待复查"),
    "closed": N_("已办结"),
    "referred": N_("已移送，待受理"),
}

PUBLIC_STATES = {
    "received": N_("已经收到，办理单位正在看，还没有决定是否受理。"),
    "redirected": N_("已经转给应当负责的单位，等它受理。"),
    "accepted": N_("已经受理，马上开始核实。"),
    "declined": N_("没有受理，理由写在下面。您可以换一种方式反映，或者拨打热线。"),
    "investigating": N_("正在核实办理。"),
    "concluded": N_("已经有答复，请看下面。"),
    "reopened": N_("按您的要求重新办理。"),
    "review_asked": N_("按您的申请，由上一级单位复查。"),
    "closed": N_("已经办结。"),
    "referred": N_("已经交给纪检监察机关处理，原来的单位看不到了。"),
}

CLOCK_NAMES = {
    ClockKind.ACCEPT: N_("受理期限"),
    ClockKind.RESOLVE: N_("答复期限"),
    ClockKind.NOTICE: N_("告知是否受理的期限"),
    ClockKind.REVIEW: N_("重新答复期限"),
    ClockKind.HIGHER_REVIEW: N_("复查答复期限"),
    ClockKind.RESULT_NOTICE: N_("告知处理结果的期限"),
}

SEEN_IN_CONFIDENCE = "revealed_in_confidence"
RECUSED_IN_CONFIDENCE = "recused_in_confidence"
LIFTED_IN_CONFIDENCE = "lifted_in_confidence"
IN_CONFIDENCE = frozenset({SEEN_IN_CONFIDENCE, RECUSED_IN_CONFIDENCE, LIFTED_IN_CONFIDENCE})
"""Entries of what the discipline commission did about a case that it sees for its confidential reporter only: the
office in charge must not learn that there is one."""

ENTRY_NAMES = {
    "received": N_("收到"),
    "accepted": N_("受理"),
    "declined": N_("不予受理"),
    "redirected": N_("转办"),
    "assigned": N_("交由经办"),
    "handler_moved": N_("经办人离岗，等本单位重新分派"),
    "taken_over": N_("由督办单位接办"),
    "answer_drafted": N_("答复送审"),
    "answer_sent_back": N_("答复退回修改"),
    "answer_approved": N_("答复审核通过"),
    "started": N_("开始核实"),
    "note": N_("内部记录"),
    "question": N_("请补充情况"),
    "reporter": N_("反映人补充"),
    "outcome": N_("登记处置结果"),
    "answer": N_("答复"),
    "reopened": N_("反映人要求重新办理"),
    "review_asked": N_("反映人申请上一级复查"),
    "settled": N_("反映人确认已解决"),
    "closed": N_("办结"),
    "referred": N_("移送纪检监察机关"),
    "extension_asked": N_("申请延期"),
    "extended": N_("延长期限"),
    "extension_refused": N_("不同意延期"),
    "extension_withdrawn": N_("撤回延期申请"),
    "extension_lapsed": N_("期限已停，延期申请不再审批"),
    "due_changed": N_("节假日安排公布，期限重新计算"),
    "revealed": N_("查看反映人身份"),
    SEEN_IN_CONFIDENCE: N_("查看保密反映人身份"),
    "code_issued": N_("补发查询码"),
    "held": N_("留存"),
    "hold_lifted": N_("解除留存"),
    "recused": N_("回避"),
    "recusal_lifted": N_("解除回避"),
    RECUSED_IN_CONFIDENCE: N_("纪委监委人员回避"),
    LIFTED_IN_CONFIDENCE: N_("纪委监委人员解除回避"),
    "handler_left": N_("经办人登记了利害关系，不再经办"),
    "passed_up": N_("办理人员回避，改由上一级单位办理"),
    "objected": N_("提出转办异议"),
    "objection_refused": N_("转办异议未被采纳"),
}

FROM_REPORTER = frozenset({"reporter", "reopened", "review_asked", "settled"})
"""Entries in the reporter's own words."""

CHANNELS = {
    "web": N_("网上"),
    "sms": N_("短信"),
    "phone": N_("电话"),
    "letter": N_("来信"),
    "visit": N_("来访"),
}

SELF_SERVICE = frozenset({"web", "sms"})
"""Ways by which reporters hand in for themselves; by the others an official enters it."""
