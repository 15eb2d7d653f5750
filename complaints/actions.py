"""What can be done with a case by whom: the page offers these, and one view carries them out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from complaints import operations, rules
from complaints.misrouted import decides, may_object, may_redirect, targets, waiting_objection
from complaints.models import Complaint
from complaints.operations.approving import (
    hand_in_answer,
    may_decide,
    needs_approval,
    send_back_answer,
    waiting_draft,
)
from complaints.operations.case import book_of, open_extension
from complaints.operations.coming_back import answered
from complaints.operations.extending import extendable_clock
from complaints.operations.handling import approve_answer
from complaints.operations.recusing import liftable, recusable
from complaints.operations.retaining import may_hold, own_hold
from complaints.operations.taking_over import may_take_over, take_over
from complaints.reporters import concerns_office
from complaints.rules.after_answer import may_close
from complaints.rules.sealed import OUTCOMES, may_record_outcome
from core.calendar import local_date
from core.errors import NotVisible
from core.principal import Principal


@dataclass(frozen=True)
class Given:
    """What the form of an action holds."""

    text: str = ""
    days: str = ""
    organisation_id: str = ""
    official_id: str = ""
    draft: str = ""
    choice: str = ""
    with_linked: str = ""

    @property
    def takes_linked_along(self) -> bool:
        """Whether the linked cases take this step as well."""
        return self.with_linked == "1"

    def number(self, value: str) -> int:
        """A whole number of a field; 0 where it is none (which no operation takes)."""
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= 9 else 0


Run = Callable[[Principal, Complaint, Given, datetime], object]
"""Carries it out. A whole number that comes back says how many linked cases went along."""


@dataclass(frozen=True)
class Action:
    """A button and its form. ``label``: what the text is; "" for an action without one. ``asks`` names a further
    field; of ``choices`` (code → message id) one is chosen. ``done`` is said afterwards. ``step``: the step that linked
    cases may take along."""

    name: str
    title: LazyString
    run: Run
    done: LazyString
    question: LazyString | str = ""
    label: LazyString | str = ""
    asks: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    kind: str = "outline-primary"
    step: str = ""


_ALL = (
    Action(
        "accept",
        lazy_gettext("受理"),
        lambda who, case, given, at: operations.accept(who, case, at=at, with_linked=given.takes_linked_along),
        lazy_gettext("已受理。留了手机号码的反映人会收到短信。"),
        lazy_gettext("受理后由您经办，请在答复期限内办结。"),
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
    Action(
        "ask_extension",
        lazy_gettext("申请延期"),
        lambda who, case, given, at: operations.ask_extension(who, case, given.number(given.days), given.text, at=at),
        lazy_gettext("延期申请已提交，等待审批。"),
        lazy_gettext("只能延期一次，由另一位同事审批；批准后理由会告知反映人。"),
        lazy_gettext("延期理由"),
        asks="days",
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
    Action(
        "decline",
        lazy_gettext("不予受理"),
        lambda who, case, given, at: operations.decline(who, case, given.text, why=given.choice, at=at),
        lazy_gettext("已记为不予受理，反映人会看到理由。"),
        lazy_gettext("反映人会看到理由。请写明依据，并告诉他还可以找谁。"),
        lazy_gettext("理由"),
        choices=rules.DECLINE_REASONS,
        kind="outline-danger",
    ),
    Action(
        "hold",
        lazy_gettext("留存"),
        lambda who, case, given, at: operations.hold(who, case, given.text, at=at),
        lazy_gettext("已留存，保存期满也不删除，直到本单位解除。"),
        lazy_gettext("保存期满也不删除，直到本单位解除留存。例如有诉讼、复核或者巡察要用。"),
        lazy_gettext("留存理由"),
    ),
    Action(
        "lift_hold",
        lazy_gettext("解除留存"),
        lambda who, case, given, at: operations.lift_hold(who, case, given.text, at=at),
        lazy_gettext("已解除留存。保存期已满的，公告 30 天后删除。"),
        lazy_gettext("解除后，保存期已满的公告 30 天再删除，期间还可以重新留存。"),
        lazy_gettext("理由"),
    ),
    Action(
        "close",
        lazy_gettext("办结归档"),
        lambda who, case, _given, at: operations.close(who, case, at=at),
        lazy_gettext("已办结。"),
        lazy_gettext("归档后反映人不能再补充。"),
    ),
    Action(
        "refer",
        lazy_gettext("移送纪委监委"),
        lambda who, case, given, at: operations.refer_to_discipline(who, case, given.text, at=at),
        lazy_gettext("已移送。这件事从现在起只有纪委监委看得到。"),
        lazy_gettext(
            "发现优亲厚友、吃拿卡要、贪污侵占、骗套资金等问题线索时移送。移送后，包括您在内的其他人都看不到这件事，也不能撤回。"
        ),
        lazy_gettext("移送理由"),
        kind="outline-danger",
    ),
)
_RECUSING = (
    Action(
        "recuse",
        lazy_gettext("本人回避"),
        lambda who, case, given, at: operations.recuse(who, case, None, given.text, at=at),
        lazy_gettext("已回避。这件事您不再看得到。"),
        lazy_gettext(
            "与这件事有利害关系的应当回避。回避后您不再看得到它，也不能自己撤回；本单位没有别人能办理的，转到上一级单位。"
        ),
        lazy_gettext("回避的理由（同事看得到，反映人看不到）"),
    ),
    Action(
        "recuse_other",
        lazy_gettext("要求同事回避"),
        lambda who, case, given, at: operations.recuse(who, case, given.number(given.official_id), given.text, at=at),
        lazy_gettext("已记为回避，这件事对他不再存在。"),
        lazy_gettext("回避的人不再看得到这件事，不再经办。本单位没有别人能办理的，转到上一级单位。"),
        lazy_gettext("要求回避的理由（反映人看不到）"),
        asks="official_id",
    ),
    Action(
        "lift",
        lazy_gettext("解除回避"),
        lambda who, case, given, at: operations.lift_recusal(
            who, case, given.number(given.official_id), given.text, at=at
        ),
        lazy_gettext("已解除回避。"),
        lazy_gettext("解除后他重新看得到这件事，可以办理。"),
        lazy_gettext("解除的理由"),
        asks="official_id",
    ),
)
ACTIONS = {action.name: action for action in (*_ALL, *_RECUSING)}


def offered(principal: Principal, complaint: Complaint, at: datetime) -> list[Action]:
    """What the page offers: what the operations would let this principal do now. They check again."""
    today = local_date(at)
    return [action for action in _ALL if _is_offered(action.name, principal, complaint, today)]


def recusing_offered(principal: Principal, complaint: Complaint) -> list[tuple[Action, list[tuple[int, str]]]]:
    """What the page offers to keep somebody out of the case or bring him back, each with those among whom to choose as
    (id, name and office)."""
    others = [(person.id, f"{person.name}（{person.organisation.name}）") for person in recusable(principal, complaint)]
    away = [
        (found.official_id, f"{found.official.name}（{found.official.organisation.name}）")
        for found in liftable(principal, complaint)
    ]
    choices: dict[str, list[tuple[int, str]]] = {"recuse": [], "recuse_other": others, "lift": away}
    return [(action, choices[action.name]) for action in _RECUSING if choices[action.name] or not action.asks]


def _is_offered(name: str, principal: Principal, complaint: Complaint, today: date) -> bool:
    handles = principal.may(rules.HANDLE_COMPLAINTS)
    own = complaint.owner_id == principal.organisation_id
    is_open = complaint.state in rules.OPEN
    wherever: dict[str, Callable[[], bool]] = {
        "note": lambda: handles and is_open and concerns_office(principal, complaint),
        "refer": lambda: handles and is_open and not complaint.sealed,
        "take_over": lambda: may_take_over(principal, complaint),
        "hold": lambda: may_hold(principal, complaint) and own_hold(principal, complaint) is None,
        "lift_hold": lambda: may_hold(principal, complaint) and own_hold(principal, complaint) is not None,
        "pass_on": lambda: decides(principal, waiting_objection(complaint)) and bool(targets(complaint)),
        "refuse_objection": lambda: decides(principal, waiting_objection(complaint)),
    }
    if name in wherever:
        return wherever[name]()
    if name in {"grant", "refuse", "approve", "send_back"}:
        return own and _may_decide(name, principal, complaint)
    return handles and own and _on_own_desk(name, principal, complaint, today)


def _on_own_desk(name: str, principal: Principal, complaint: Complaint, today: date) -> bool:
    may_move = rules.COMPLAINT_WORKFLOW.find(complaint.state, name) is not None

    def by_two() -> bool:
        return needs_approval(complaint.owner_id, principal.official_id)

    checks: dict[str, Callable[[], bool]] = {
        "mark_read": lambda: complaint.unread,
        "ask": lambda: complaint.state in rules.OPEN,
        "record_outcome": lambda: may_record_outcome(complaint.state, sealed=complaint.sealed),
        "conclude": lambda: may_move and _may_answer(complaint) and not by_two(),
        "hand_in": lambda: complaint.state == "investigating" and _may_answer(complaint) and by_two(),
        "redirect": lambda: may_redirect(complaint),
        "object": lambda: may_object(complaint, today),
        "ask_extension": lambda: _may_ask_extension(complaint, today),
        "close": lambda: may_move and not complaint.unread and _may_close(complaint, today),
    }
    return checks[name]() if name in checks else may_move


def _may_answer(complaint: Complaint) -> bool:
    return not complaint.unread and (not complaint.sealed or complaint.outcome is not None)


def _may_close(complaint: Complaint, today: date) -> bool:
    return may_close(answered(complaint), today, book_of(complaint))


def _may_ask_extension(complaint: Complaint, today: date) -> bool:
    clock = extendable_clock(complaint)
    return complaint.state in rules.RUNNING and clock is not None and clock.due_on >= today


def _may_decide(name: str, principal: Principal, complaint: Complaint) -> bool:
    if name in {"approve", "send_back"}:
        ready = name == "send_back" or not complaint.unread
        return ready and may_decide(principal, complaint, waiting_draft(complaint))
    extension = open_extension(complaint)
    return (
        extension is not None and extension.asked_by != principal.official_id and principal.may(rules.GRANT_EXTENSION)
    )


def action_named(name: str) -> Action:
    """The action of that name. Raises NotVisible for another."""
    if name not in ACTIONS:
        raise NotVisible
    return ACTIONS[name]
