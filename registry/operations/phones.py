"""Whose phone it is: a number is confirmed by a code, reported as wrong, and put right by the township."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core import audit, workflow
from core.bulk import among
from core.database import UtcDateTime, db, rows_changed
from core.errors import Conflict, NotVisible, UserError
from core.identity import is_mobile
from core.principal import NOBODY, Principal
from registry import changes, queries, rules
from registry.models import Beneficiary, PhoneCode, WrongNumber
from registry.operations.people import locked_person
from registry.rules import WRONG_NUMBER_WORKFLOW, ReportChannel
from sms import codes
from sms.operations import queue_message, stop_waiting
from sms.queries import found_empty

CODE = "phone_code"
"""The template of the message, and the kind of its subject."""

# --- Confirmed by a code ---------------------------------------------------------------------------


def send_phone_code(principal: Principal, beneficiary_id: int, *, at: datetime) -> PhoneCode:
    """Send a code to the phone on record, for its owner to read it to the official. Raises UserError where no mobile
    phone is on record or it has had its codes of a day, Conflict where the number is confirmed or reported as wrong,
    NotVisible outside the scope."""
    principal.require(rules.MANAGE_PEOPLE)
    person = locked_person(principal, beneficiary_id)
    if not person.phone or not is_mobile(person.phone):
        raise UserError("没有登记能收短信的手机号码。请先登记手机号码。")
    if person.phone_confirmed_at is not None:
        raise Conflict("这个号码已经核实过，不用再发验证码。")
    report = queries.open_report_of(person)
    if report is not None and report.channel in rules.STOPPING:
        raise Conflict("有人报告这个号码不是本人的，不能向它发验证码。请先在“号码报错”里处理。")
    if codes.has_had_its_codes(CODE, person.phone, rules.MOST_PHONE_CODES, at=at):
        raise UserError("这部手机今天收到的核对验证码已经有 %(most)s 条，请明天再发。", most=rules.MOST_PHONE_CODES)
    sent = PhoneCode(
        beneficiary_id=person.id,
        phone_index=person.phone_index,
        official_id=principal.official_id,
        created_at=at,
        expires_at=at + rules.PHONE_CODE_LIFE,
    )
    db.session.add(sent)
    db.session.flush()
    code = codes.new_code()
    sent.code_index = codes.kept_code(CODE, sent.id, code)
    minutes = int(rules.PHONE_CODE_LIFE.total_seconds()) // 60
    queue_message(
        CODE,
        person.phone,
        {"code": code, "minutes": minutes, "name": person.name},
        subject_kind=CODE,
        subject_id=sent.id,
        region_code=person.region_code,
        at=at,
    )
    audit.record(principal, "registry.send_phone_code", "beneficiary", person.id, at=at, phone_code=sent.id)
    db.session.flush()
    return sent


def confirm_phone(principal: Principal, beneficiary_id: int, code: str, *, at: datetime) -> bool:
    """Enter the code that the owner of the phone read out; whether it was the right one. The caller commits in either
    case: a try is a try. Raises NotVisible outside the scope."""
    principal.require(rules.MANAGE_PEOPLE)
    person = locked_person(principal, beneficiary_id)
    used = codes.use_code(PhoneCode, queries.newest_phone_code(person, at=at), CODE, code)
    if used is not None:
        person.phone_confirmed_at = at
        audit.record(principal, "registry.confirm_phone", "beneficiary", person.id, at=at, phone_code=used)
    else:
        audit.record(principal, "registry.confirm_phone_failed", "beneficiary", person.id, at=at)
    db.session.flush()
    return used is not None


def forget_phone_codes(*, at: datetime) -> int:
    """Delete the codes whose time is over; returns how many."""
    over = delete(PhoneCode).where(PhoneCode.expires_at <= at)
    return rows_changed(db.session.execute(over.execution_options(synchronize_session=False)))


# --- Reported as wrong ------------------------------------------------------------------------------


def report_by_sms(phone: str, *, at: datetime) -> int:
    """Note that somebody has answered from this phone that he is none of those who have it on record; returns how many
    people that is. Nothing about them goes there any more until their township has settled it."""
    _take_over_returned(WrongNumber.phone_index == phone, ReportChannel.SMS, at=at)
    theirs = (Beneficiary.phone_index == phone, Beneficiary.phone_index.is_not(None))
    _insert_reports(select(Beneficiary.id, Beneficiary.phone_index).where(*theirs), ReportChannel.SMS, phone[-4:], at)
    held_back = stop_waiting(phone, at=at)
    people = select(func.count()).where(*theirs, Beneficiary.merged_into_id.is_(None), queries.is_reported_wrong())
    count = db.session.scalar(people) or 0
    audit.record(
        NOBODY,
        "registry.report_wrong_number",
        "beneficiaries",
        "",
        at=at,
        channel="sms",
        people=count,
        held_back=held_back,
    )
    db.session.flush()
    return count


def report_wrong_number(principal: Principal, beneficiary_id: int, reason: str, *, at: datetime) -> WrongNumber:
    """Note that a person's number is not his, as an official found, such as by calling it. Raises Conflict where it is
    reported already, UserError without a reason or where no number is on record, NotVisible outside the scope."""
    principal.require(rules.MANAGE_PEOPLE)
    reason = rules.checked_explanation(reason)
    person = locked_person(principal, beneficiary_id)
    if not person.phone:
        raise UserError("没有登记手机号码，没有什么可以报错。")
    report = queries.open_report_of(person)
    if report is None:
        report = WrongNumber(
            beneficiary_id=person.id, phone_index=person.phone_index, phone_tail=person.phone[-4:], channel=""
        )
        db.session.add(report)
    elif report.channel in rules.STOPPING:
        raise Conflict("这个号码已经有人报错，等待处理。请在“号码报错”里处理。")
    report.channel, report.reason, report.reported_at = ReportChannel.OFFICIAL.value, reason, at
    report.actor_name, report.official_id = principal.recorded_name, principal.official_id
    db.session.flush()
    audit.record(
        principal, "registry.report_wrong_number", "beneficiary", person.id, at=at, channel="official", report=report.id
    )
    db.session.flush()
    return report


def find_returned_numbers(principal: Principal, *, at: datetime) -> int:
    """Note the numbers on record that providers have found empty, unless somebody has looked into it since; returns how
    many people have one that was not noted before."""
    empty = found_empty(at - rules.RETURNED_WITHIN).subquery("empty")
    seen = select(WrongNumber.id).where(
        WrongNumber.beneficiary_id == Beneficiary.id,
        WrongNumber.phone_index == Beneficiary.phone_index,
        or_(WrongNumber.settled_at.is_(None), WrongNumber.settled_at >= empty.c.at),
    )
    returned = (
        select(Beneficiary.id, Beneficiary.phone)
        .join(empty, empty.c.phone_index == Beneficiary.phone_index)
        .where(
            Beneficiary.merged_into_id.is_(None),
            or_(Beneficiary.phone_confirmed_at.is_(None), Beneficiary.phone_confirmed_at < empty.c.at),
            ~seen.exists(),
        )
    )
    found = 0
    for beneficiary_id, phone in dict(db.session.execute(returned).all()).items():
        person = select(Beneficiary.id, Beneficiary.phone_index).where(Beneficiary.id == beneficiary_id)
        found += _insert_reports(person, ReportChannel.RETURNED, (phone or "")[-4:], at)
    if found:
        audit.record(
            principal, "registry.report_wrong_number", "beneficiaries", "", at=at, channel="returned", people=found
        )
    db.session.flush()
    return found


def _take_over_returned(where: Any, channel: ReportChannel, *, at: datetime) -> None:
    """What a provider gave reason to ask about, somebody has now said."""
    open_ones = (where, WrongNumber.state == "open", WrongNumber.channel == ReportChannel.RETURNED.value)
    said = update(WrongNumber).where(*open_ones).values(channel=channel.value, reported_at=at)
    db.session.execute(said.execution_options(synchronize_session=False))


def _insert_reports(people: Any, channel: ReportChannel, tail: str, at: datetime) -> int:
    """A report for each row (id, phone index) of ``people`` who has no open one."""
    table: Any = WrongNumber.__table__
    fixed = {
        "phone_tail": literal(tail),
        "channel": literal(channel.value),
        "state": literal("open"),
        "actor_name": literal(""),
        "reported_at": literal(at, UtcDateTime()),
    }
    columns = ["beneficiary_id", "phone_index", *fixed]
    source = people.where(Beneficiary.merged_into_id.is_(None)).add_columns(*fixed.values())
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement: Insert = insert(table).from_select(columns, source).on_conflict_do_nothing()
    return rows_changed(db.session.execute(statement, execution_options={"preserve_rowcount": True}))


# --- Settled ------------------------------------------------------------------------------------------

SETTLEMENTS = ("replace", "remove", "keep")


def settle_wrong_number(
    principal: Principal, report_id: int, action: str, phone: str, reason: str, *, at: datetime
) -> WrongNumber:
    """Put a reported number right: ``replace`` it by ``phone``, ``remove`` it, or ``keep`` it because it is right.
    Raises UserError without a reason or a usable number, Conflict where it is settled, NotVisible outside the scope."""
    principal.require(rules.MANAGE_PEOPLE)
    report = queries.wrong_number(principal, report_id)
    reason = rules.checked_explanation(reason)
    if action not in SETTLEMENTS:
        raise UserError("请选择怎样处理这个号码。")
    person = locked_person(principal, report.beneficiary_id)
    digits = changes.checked_mobile(phone) if action == "replace" else ""
    if action == "replace" and not digits:
        raise UserError("请填写新的手机号码；没有新号码的，请选“去掉这个号码”。")
    if digits and digits == person.phone:
        raise UserError("新号码和被报错的号码一样。号码没有错的，请选“号码正确”。")
    workflow.move(WRONG_NUMBER_WORKFLOW, report, action, principal, at=at, reason=reason)
    report.settled_at = at
    db.session.flush()
    if action != "keep":
        changes.enter_phone(principal, person, digits, source=changes.TOWNSHIP, reason=reason, at=at)
    audit.record(
        principal, "registry.settle_wrong_number", "beneficiary", person.id, at=at, report=report.id, outcome=action
    )
    db.session.flush()
    return report


def settle_wrong_numbers(
    principal: Principal, report_ids: Sequence[int], action: str, reason: str, *, at: datetime
) -> tuple[int, int]:
    """Settle several reports in one way, such as those of a household whose phone has gone: ``remove`` or ``keep``.
    Returns how many were settled, and how many somebody else had settled or merged meanwhile. Raises as the one does.
    """
    settled = 0
    # In the order of the people, as everybody locks them.
    people = select(WrongNumber.id).where(among(WrongNumber.id, report_ids)).order_by(WrongNumber.beneficiary_id)
    for report_id in db.session.scalars(people).all():
        try:
            settle_wrong_number(principal, report_id, action, "", reason, at=at)
        except (Conflict, NotVisible):
            continue
        settled += 1
    return settled, len(report_ids) - settled
