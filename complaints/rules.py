"""Pure decisions about complaints: their life, who may do what, where they go, when they are due, and what is late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from complaints.rulebook import ClockKind, Limit, Matter, RoutingRule, Rulebook
from core.calendar import WorkingCalendar
from core.errors import UserError
from core.msgid import N_
from core.principal import OrganisationKind as Kind
from core.principal import Role, permission, region_prefix
from core.states import Transition, Workflow, declare

RECEIPT_DIGITS = 20
"""66 bits: nobody guesses one."""
NUMBER_DIGITS = 12
RECEIPT_SHOWN_AGAIN = timedelta(minutes=10)
"""How long a form that is sent again is answered with its receipt code: as long as a villager's visit. Later the page
says only that it was received, for the phone may be in other hands by then."""
RECEIPT_GROUP = 4


def grouped_code(receipt_code: str) -> str:
    """A receipt code as it is read out and written down: in groups of four digits."""
    return " ".join(receipt_code[start : start + RECEIPT_GROUP] for start in range(0, len(receipt_code), RECEIPT_GROUP))


def receipt_code_of(secret: bytes) -> str:
    """The receipt code made from 32 secret bytes (core.form_names): the same form sent again has the same code, which
    nobody has to keep for that. All 66 bits of it come from the secret."""
    return f"{int.from_bytes(secret) % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"


# --- Who may do what ---------------------------------------------------------------------------

OWNER_KINDS = (Kind.TOWNSHIP, Kind.DEPARTMENT, Kind.HUMAN_RESOURCES, Kind.FINANCE, Kind.DISCIPLINE)
"""Offices that can have a case on their desk."""


READ_COMPLAINTS = permission(
    "complaints.read",
    dict.fromkeys(OWNER_KINDS, (Role.COMPLAINT_HANDLER, Role.APPROVER)),
    N_("查看本单位办理和督办的投诉举报"),
)
HANDLE_COMPLAINTS = permission(
    "complaints.handle",
    dict.fromkeys(OWNER_KINDS, (Role.COMPLAINT_HANDLER,)),
    N_("受理、转办、核实、答复、移送投诉举报"),
)
GRANT_EXTENSION = permission(
    "complaints.grant_extension", dict.fromkeys(OWNER_KINDS, (Role.APPROVER,)), N_("审批投诉举报延期")
)
APPROVE_ANSWER = permission(
    "complaints.approve_answer", dict.fromkeys(OWNER_KINDS, (Role.APPROVER,)), N_("审核投诉举报的答复")
)
ENTER_COMPLAINTS = permission(
    "complaints.enter",
    dict.fromkeys((*OWNER_KINDS, Kind.VILLAGE, Kind.BANK), (Role.COMPLAINT_HANDLER,)),
    N_("登记来电、来信、来访"),
)
READ_SEALED = permission(
    "complaints.read_sealed", {Kind.DISCIPLINE: (Role.COMPLAINT_HANDLER, Role.APPROVER)}, N_("查看移送的问题线索")
)

# --- The life of a case ------------------------------------------------------------------------

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
}

SEEN_IN_CONFIDENCE = "revealed_in_confidence"
"""The entry of who looked at a confidential reporter: the office in charge must not learn that there is one."""

ENTRY_NAMES = {
    "received": N_("收到"),
    "accepted": N_("受理"),
    "declined": N_("不予受理"),
    "redirected": N_("转办"),
    "assigned": N_("交由经办"),
    "taken_over": N_("由督办单位接办"),
    "answer_drafted": N_("答复送审"),
    "answer_sent_back": N_("答复退回修改"),
    "answer_approved": N_("答复审核通过"),
    "started": N_("开始核实"),
    "note": N_("内部记录"),
    "question": N_("请补充情况"),
    "reporter": N_("反映人补充"),
    "answer": N_("答复"),
    "reopened": N_("反映人要求重新办理"),
    "review_asked": N_("反映人申请上一级复查"),
    "settled": N_("反映人确认已解决"),
    "closed": N_("办结"),
    "referred": N_("移送纪检监察机关"),
    "extension_asked": N_("申请延期"),
    "extended": N_("延长期限"),
    "extension_refused": N_("不同意延期"),
    "due_changed": N_("节假日安排公布，期限重新计算"),
    "revealed": N_("查看反映人身份"),
    SEEN_IN_CONFIDENCE: N_("查看保密反映人身份"),
    "code_issued": N_("补发查询码"),
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

# --- Where a case goes -------------------------------------------------------------------------

# Who stands above whom. Policy B12 and 信访工作条例 §30: a case never goes to the office complained of, nor to one
# below it. The prefecture's finance bureau and the audit bureau are for the discipline commission to follow up.
_RANKS = {
    Kind.VILLAGE: 0,
    Kind.TOWNSHIP: 1,
    Kind.DEPARTMENT: 2,
    Kind.BANK: 2,
    Kind.HUMAN_RESOURCES: 2,
    Kind.FINANCE: 3,
    Kind.AUDIT: 3,
    Kind.PREFECTURE_FINANCE: 3,
    Kind.DISCIPLINE: 4,
}
LINE = (Kind.TOWNSHIP, Kind.DEPARTMENT, Kind.FINANCE, Kind.DISCIPLINE)
"""Up which a case goes."""


@dataclass(frozen=True)
class Office:
    """What routing needs to know of an organisation."""

    id: int
    kind: Kind
    region_code: str
    name: str = ""

    @property
    def rank(self) -> int:
        """How high it stands on the line."""
        return _RANKS[self.kind]

    def covers(self, region_code: str) -> bool:
        """Whether the region lies in this office's own."""
        return region_code.startswith(region_prefix(self.region_code))


@dataclass(frozen=True)
class Case:
    """What routing needs to know of a complaint. ``department_id``: the office in charge of the programme."""

    category: str
    matter: Matter
    region_code: str
    about: Office | None = None
    programme: str | None = None
    department_id: int | None = None


def may_handle(office: Office, about: Office | None) -> bool:
    """Whether this office may have a case about that one on its desk: only from above."""
    return about is None or office.rank > about.rank


def find_office(kind: Kind, case: Case, offices: Iterable[Office]) -> Office | None:
    """The office of that kind for the case: the programme's own department, else the nearest one for the region."""
    if kind == Kind.DEPARTMENT:
        return next((office for office in offices if office.id == case.department_id), None)
    region = case.about.region_code if case.about and case.about.kind == Kind.VILLAGE else case.region_code
    covering = [office for office in offices if office.kind == kind and office.covers(region)]
    return max(covering, key=lambda office: (len(region_prefix(office.region_code)), -office.id), default=None)


def _applies(rule: RoutingRule, case: Case) -> bool:
    return (
        (rule.matters is None or case.matter in rule.matters)
        and (rule.categories is None or case.category in rule.categories)
        and (rule.programmes is None or case.programme in rule.programmes)
        and (rule.about is None or (case.about is not None and case.about.kind in rule.about))
    )


def route(case: Case, book: Rulebook, offices: Sequence[Office]) -> Office:
    """The office that gets the case: where the first matching rule says, else the next one up the line
    (village → township → department or finance → discipline), never the one complained of nor one below it.

    Raises UserError where no office of the county can take it.
    """
    start = next(rule.start for rule in book.routing if _applies(rule, case))
    for kind in LINE[LINE.index(start) :]:
        office = find_office(kind, case, offices)
        if office is not None and may_handle(office, case.about):
            return office
    if case.about is not None and case.about.kind == Kind.DISCIPLINE:
        raise UserError("您反映的是县纪委监委本身，本县的单位都不能办理。请直接向州纪委监委反映，举报电话 12388。")
    raise UserError("现在没有单位能接收这件事，还没有保存。请拨打服务热线，由工作人员登记。")


# --- When it is due ----------------------------------------------------------------------------


@dataclass(frozen=True)
class PlannedClock:
    """A deadline, computed: counted from ``started_on``, to be met by the end of ``due_on`` (days of the county)."""

    kind: ClockKind
    started_on: date
    limit_days: int
    working_days: bool
    due_on: date
    provisional: bool


def due_date(started_on: date, days: int, working_days: bool, calendar: WorkingCalendar) -> tuple[date, bool]:
    """The last day of a limit, and whether it is provisional: it falls into a year not yet published.

    The day of receipt is day 0, whenever on that day it came (23:59 included).
    """
    if not working_days:
        return started_on + timedelta(days=days), False
    due_on = calendar.add_working_days(started_on, days)
    return due_on, calendar.is_provisional(due_on)


def reminded_until(today: date, book: Rulebook, calendar: WorkingCalendar) -> date:
    """The last due day of which the handler is reminded today: from ``reminder_days`` working days before it on, also
    where nobody looked on that day."""
    return calendar.add_working_days(today, book.reminder_days)


def limit_of(book: Rulebook, matter: Matter, kind: ClockKind) -> Limit | None:
    """The limit of that clock for that matter; None where none runs."""
    return next((limit for limit in book.limits[matter] if limit.clock == kind), None)


def plan_clock(limit: Limit, started_on: date, calendar: WorkingCalendar) -> PlannedClock:
    """The clock that a limit starts on that day."""
    due_on, provisional = due_date(started_on, limit.days, limit.working_days, calendar)
    return PlannedClock(limit.clock, started_on, limit.days, limit.working_days, due_on, provisional)


STARTED_LATER = (ClockKind.REVIEW, ClockKind.HIGHER_REVIEW)
"""Clocks that only the reporter starts, when he is not content with an answer."""


def clocks_at_receipt(book: Rulebook, matter: Matter, on: date, calendar: WorkingCalendar) -> list[PlannedClock]:
    """The clocks that start when a complaint comes in."""
    return [plan_clock(limit, on, calendar) for limit in book.limits[matter] if limit.clock not in STARTED_LATER]


def may_be_extended(book: Rulebook, matter: Matter, kind: ClockKind) -> int:
    """By how many days that clock may be extended, once; 0 for not at all."""
    limit = limit_of(book, matter, kind)
    return limit.extendable_by if limit else 0


# --- What is late goes up ----------------------------------------------------------------------


@dataclass(frozen=True)
class Level:
    """One rung: when that clock is overdue, the first office of these kinds that stands above all involved is told."""

    name: str
    clock: ClockKind
    to: tuple[Kind, ...]
    title: str


LEVELS = (
    Level("accept_overdue", ClockKind.ACCEPT, (Kind.FINANCE, Kind.DISCIPLINE), N_("超期未受理")),
    Level("resolve_overdue", ClockKind.RESOLVE, (Kind.DISCIPLINE,), N_("超期未答复")),
    Level("review_overdue", ClockKind.REVIEW, (Kind.DISCIPLINE,), N_("重新办理超期未答复")),
    Level("higher_review_overdue", ClockKind.HIGHER_REVIEW, (Kind.DISCIPLINE,), N_("复查超期未答复")),
)
SUPERVISING_KINDS = frozenset(kind for level in LEVELS for kind in level.to)
"""Offices to which something can go up."""
LEVEL_NAMES = {level.name: level.title for level in LEVELS}


def escalation_target(
    level: Level, owner: Office, about: Office | None, region_code: str, offices: Sequence[Office]
) -> Office | None:
    """Who is told when that level is reached: above the owner and above the office complained of, whether anybody
    has signed up there or not. None where the owner is itself the highest, or the county lacks such an office."""
    place = Case("", Matter.COMPLAINT, region_code)
    candidates = (find_office(kind, place, offices) for kind in level.to)
    return next(
        (office for office in candidates if office and office.rank > owner.rank and may_handle(office, about)), None
    )
