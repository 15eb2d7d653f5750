"""Complaints at every stage, relative to today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from accounts.models import Official, OfficialRole
from complaints.misrouted import targets
from complaints.models import Complaint
from complaints.operations import (
    Submission,
    accept,
    add_from_reporter,
    add_note,
    announce_deletions,
    ask_reporter,
    ask_review,
    conclude,
    decline,
    escalate_overdue,
    hold,
    object_to_routing,
    rate,
    record_outcome,
    recuse,
    register_interest,
    reopen,
    settle,
    start_investigation,
    submit_complaint,
)
from complaints.operations.registering import Registration
from core.database import db
from core.principal import NOBODY, OrganisationKind, Principal, Role, principal_of, system
from demo.calendar import office_hour
from demo.county import SHOWN_TOWNSHIP
from disbursement.models import Batch, Payment, Roll
from programmes.models import Programme
from publicity.models import PublicityList

Handlers = Mapping[int, Principal]


@dataclass(frozen=True)
class Case:
    """One invented complaint: how many days ago, of which category, how far it has come. Two of three come from the
    shown township. ``about_list``: it objects to a line of a list of that programme (its code)."""

    days_ago: int
    category: str
    stage: str
    text: str
    named: bool = False
    confidential: bool = False
    about_payment: bool = False
    about_list: str = ""


CASES = (
    Case(
        1,
        "not_received",
        "received",
        "六月的补贴别人都到了，我的还没有到，请帮忙查一下。",
        named=True,
        about_payment=True,
    ),
    Case(2, "enquiry", "received", "我妈今年满八十了，高龄津贴要交什么材料？", named=True),
    Case(9, "wrong_amount", "received", "我家承包地是六亩二，公示表上写的是五亩二，少了一亩。"),
    Case(4, "request", "accepted", "社保卡丢了，补贴能不能发到我儿子的卡上？", named=True),
    Case(6, "wrong_list", "accepted", "公示名单上有两个我们社不认识的人。"),
    Case(12, "service", "accepted", "去了三次政务大厅，每次都说系统有问题，叫改天再来。"),
    Case(10, "not_received", "investigating", "短信说已经发放，银行查不到这笔钱。", named=True, about_payment=True),
    Case(14, "tip_off", "investigating", "有一位老人去年已经过世，名单上还有他的名字。"),
    Case(36, "wrong_amount", "investigating", "应该是按月发三个月的，只发了两个月的钱。"),
    Case(30, "not_received", "concluded", "护理补贴两个季度没有发。", named=True, about_payment=True),
    Case(25, "request", "concluded", "户口迁到县城了，补贴还在老家领，怎么转？"),
    Case(21, "enquiry", "concluded", "耕地补贴是按户口本还是按承包证算？", named=True),
    Case(60, "not_received", "settled", "卡号登记错了一位，补贴发不进来。", named=True),
    Case(75, "service", "settled", "村上通知晚了，没有赶上填表。"),
    Case(50, "enquiry", "settled", "低保和残疾人补贴能不能一起领？"),
    Case(28, "request", "declined", "希望给每家每户装一台电视。"),
    Case(40, "wrong_list", "reopened", "说已经改了，第二次公示还是没有我家。", named=True),
    Case(16, "service", "investigating", "窗口的人说要找熟人才办得快。", named=True, confidential=True),
    Case(26, "wrong_amount", "rated", "答应补的那一个月，到现在还没有补。", named=True),
    Case(32, "wrong_list", "review_asked", "答复说按规定办，没有说按哪一条。"),
    Case(18, "not_received", "asked", "我的钱没有到，麻烦查一查。"),
    Case(5, "favouritism", "received", "社长把名额给了自己的侄儿，他家有车有房。"),
    Case(20, "extortion", "handled", "办补贴要先交两百块钱的“手续费”。", named=True),
    Case(33, "embezzlement", "investigating", "有人代领了几位老人的卡，钱没有给到本人手里。"),
    Case(3, "wrong_amount", "received", "比去年少了九十块，为什么？", named=True, about_payment=True),
    Case(7, "service", "investigating", "打电话一直没有人接。"),
    Case(45, "tip_off", "settled", "邻居在外面买了房，还在领低保。"),
    Case(2, "wrong_list", "received", "第 1 号的林地早就转给别人了，不该是他领。", about_list="FOREST_ECOLOGY"),
    Case(6, "wrong_list", "accepted", "第 1 号前年就搬到县城去了，请核实。", about_list="DISABLED_LIVING"),
    Case(4, "service", "recused", "窗口登记以后一个月了，没有人回话。"),
    Case(1, "enquiry", "objected", "公益林补偿的面积是哪个部门核定的，怎么算？"),
)
OLD_CASES = 50
ANSWER = "经核实，情况已经查清并作了更正。相关款项会在下一次发放时一并补上，请留意到账短信。如有疑问可以再次反映。"


def hand_in_cases(regions: list[str], today: date) -> int:
    """Hand in every case on its day and bring it to its stage; then let what is late go up. Returns how many."""
    handlers = _handlers()
    payments = _payments()
    for number, case in enumerate(CASES):
        # Two of three cases lie in the shown township, so that its to-do board has something of each.
        region = regions[0] if number % 3 != 2 else regions[(number * 7) % len(regions)]
        about = payments[number % len(payments)].id if case.about_payment and payments else None
        listed = _list_open(case.about_list, today - timedelta(days=case.days_ago)) if case.about_list else None
        submission = Submission(
            category=case.category,
            text=case.text,
            region_code=listed.region_code if listed else region,
            anonymous=not case.named,
            confidential=case.confidential,
            name="曲比·以沙" if case.named else "",
            phone=f"1400099{number:04d}" if case.named else "",
            payment_id=about,
            publicity_list_id=listed.id if listed else None,
            publicity_line=1 if listed else None,
            programme_id=listed.roll.batch.programme_id if listed else None,
        )
        at = office_hour(today - timedelta(days=case.days_ago), 9)
        complaint, receipt_code = submit_complaint(NOBODY, submission, at=at)
        STAGES[case.stage](complaint, receipt_code, handlers[complaint.owner_id], at)
        db.session.flush()
    for ago in range(30, 0, -1):
        escalate_overdue(system("demo"), at=office_hour(today - timedelta(days=ago), 9))
    _register_interests(handlers, regions, today)
    db.session.commit()
    return len(CASES)


def _register_interests(handlers: Handlers, regions: list[str], today: date) -> None:
    """Whoever handles complaints at a department comes from a village, and everybody knows."""
    home = [handler for handler in handlers.values() if handler.organisation_kind == OrganisationKind.DEPARTMENT]
    for handler, region in zip(home[:2], reversed(regions), strict=False):
        assert handler.official_id is not None
        since = today.replace(month=1, day=1)
        given = Registration(handler.official_id, "老家在该村，父母和兄弟住在那里。", since, region_code=region)
        register_interest(handler, given, at=office_hour(today - timedelta(days=3), 10))


def settle_old_cases(regions: list[str], today: date) -> int:
    """Cases of the last year that came to their end, most of them in time, so that there are figures of them. Returns
    how many."""
    handlers = _handlers()
    for number in range(OLD_CASES):
        day = today - timedelta(days=105 + 5 * number)
        category = ("not_received", "wrong_amount", "enquiry", "wrong_list", "request")[number % 5]
        region = regions[(number * 11) % len(regions)]
        submission = Submission(category, "去年的补贴，想请你们核实一下。", region)
        at = office_hour(day, 9)
        complaint, code = submit_complaint(NOBODY, submission, at=at)
        # One of seven waited longer than the rules allow.
        (_settled_late if number % 7 == 3 else _settled)(complaint, code, handlers[complaint.owner_id], at)
    return OLD_CASES


def keep_and_announce(regions: list[str], today: date) -> int:
    """Two cases whose years are over: one is announced for deletion, the other kept for a lawsuit. Returns how many."""
    handlers = _handlers()
    for number, words in enumerate(("请问耕地补贴哪一天发？", "请问护林员的补助归哪里管？")):
        at = office_hour(today - timedelta(days=366 * 3 + 40 + number), 9)
        complaint, code = submit_complaint(NOBODY, Submission("enquiry", words, regions[0]), at=at)
        handler = handlers[complaint.owner_id]
        _settled(complaint, code, handler, at)
        if number:
            hold(
                handler,
                complaint,
                "反映人已就同一件事提起行政诉讼，等法院判决。",
                at=office_hour(today - timedelta(days=20), 10),
            )
    announce_deletions(system("demo"), at=office_hour(today - timedelta(days=8), 9))
    db.session.commit()
    return 2


def _settled_late(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _accepted(complaint, code, handler, at)
    start_investigation(handler, complaint, at=at + timedelta(days=2))
    conclude(handler, complaint, ANSWER, at=at + timedelta(days=40))
    settle(code, at=at + timedelta(days=42))


def _handlers() -> Handlers:
    """Who handles complaints in each office."""
    rows = select(Official).join(OfficialRole).where(OfficialRole.role == Role.COMPLAINT_HANDLER.value)
    return {official.organisation_id: principal_of(official.id) for official in db.session.scalars(rows)}


def _payments() -> list[Payment]:
    """Some payments that failed, for the cases about a payment."""
    return list(
        db.session.scalars(
            select(Payment).where(Payment.state.in_(("failed", "paid"))).order_by(Payment.id.desc()).limit(40)
        )
    )


def _list_open(code: str, day: date) -> PublicityList | None:
    """A village's list of that programme that hung on that day and whose roll nobody has approved; the shown township's
    first."""
    return db.session.scalar(
        select(PublicityList)
        .join(PublicityList.roll)
        .join(Roll.batch)
        .join(Batch.programme)
        .where(
            Programme.code == code,
            Roll.state == "publicised",
            PublicityList.level == "village",
            PublicityList.kind == "before",
            PublicityList.opens_on <= day,
            PublicityList.closes_on >= day,
        )
        .order_by(Roll.township_code != SHOWN_TOWNSHIP, PublicityList.id)
        .limit(1)
    )


def _received(_complaint: Complaint, _code: str, _handler: Principal, _at: datetime) -> None:
    """Nobody has looked at it yet."""


def _accepted(complaint: Complaint, _code: str, handler: Principal, at: datetime) -> None:
    accept(handler, complaint, at=at + timedelta(days=1))


def _investigating(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _accepted(complaint, code, handler, at)
    start_investigation(handler, complaint, at=at + timedelta(days=2))
    add_note(handler, complaint, "已联系村上调取花名册和公示照片。", at=at + timedelta(days=2, hours=2))


def _handled(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _investigating(complaint, code, handler, at)
    words = "收取的手续费已经退还，对经手人进行了批评教育。"
    record_outcome(handler, complaint, "admonished", words, at=at + timedelta(days=9))


def _asked(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _investigating(complaint, code, handler, at)
    ask_reporter(handler, complaint, "请问是哪一项补贴、哪一期没有到账？", at=at + timedelta(days=3))
    add_from_reporter(code, "是今年第二季度的高龄津贴。", at=at + timedelta(days=4))


def _concluded(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _investigating(complaint, code, handler, at)
    conclude(handler, complaint, ANSWER, at=at + timedelta(days=5))


def _settled(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _concluded(complaint, code, handler, at)
    settle(code, "satisfied", "钱到了，谢谢。", at=at + timedelta(days=7))


def _declined(complaint: Complaint, _code: str, handler: Principal, at: datetime) -> None:
    said = "所反映的事项不属于财政补贴的发放范围，请向有关部门咨询。"
    decline(handler, complaint, said, why="not_our_duty", at=at + timedelta(days=1))


def _reopened(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _concluded(complaint, code, handler, at)
    reopen(code, "第二次公示的名单里仍然没有我家。", at=at + timedelta(days=20))


def _rated(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _concluded(complaint, code, handler, at)
    rate(code, "partly", "少发的一个月说要补，还没有到。", at=at + timedelta(days=8))


def _review_asked(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _concluded(complaint, code, handler, at)
    rate(code, "not_satisfied", at=at + timedelta(days=9))
    ask_review(code, "没有说明按哪一条规定，请上级看一看。", at=at + timedelta(days=9))


def _objected(complaint: Complaint, _code: str, handler: Principal, at: datetime) -> None:
    departments = [office for office in targets(complaint) if office.kind == OrganisationKind.DEPARTMENT]
    forestry = next((office for office in departments if "林" in office.name), departments[0])
    said = "公益林面积由林业部门核定，本镇没有资料。"
    object_to_routing(handler, complaint, forestry.id, said, at=at + timedelta(hours=5))


def _recused(complaint: Complaint, code: str, handler: Principal, at: datetime) -> None:
    _accepted(complaint, code, handler, at)
    recuse(handler, complaint, None, "反映的窗口人员是我爱人。", at=at + timedelta(days=1, hours=1))


STAGES: Mapping[str, Callable[[Complaint, str, Principal, datetime], None]] = {
    "received": _received,
    "accepted": _accepted,
    "investigating": _investigating,
    "handled": _handled,
    "asked": _asked,
    "concluded": _concluded,
    "settled": _settled,
    "declined": _declined,
    "reopened": _reopened,
    "rated": _rated,
    "review_asked": _review_asked,
    "objected": _objected,
    "recused": _recused,
}
