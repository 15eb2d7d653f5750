"""The reporter's side: handing in, and coming back with the receipt code to add something."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from accounts.models import Organisation
from complaints import rules
from complaints.attachments import IncomingFile
from complaints.interests import able_offices
from complaints.models import Complaint, ComplaintEntry
from complaints.offices import office_of
from complaints.operations.case import (
    add_attachments,
    add_entry,
    checked_text,
    cleaned_text,
    record,
    start_clocks,
    was_taken,
)
from complaints.operations.scanning import scanned
from complaints.queries import complaint_by_receipt, is_visible
from complaints.routing_queries import routing_in_force
from complaints.rulebook import CURRENT, Category
from core.calendar import local_date
from core.database import db, keyring
from core.errors import Conflict, UserError
from core.identity import clean_name, normalise_phone
from core.msgid import N_
from core.principal import NOBODY, Principal
from core.working_days import load_calendar
from disbursement.models import Payment
from programmes.models import Programme
from registry.models import Region

MOST_NAME = 50
OLDEST_LETTER = timedelta(days=365)


@dataclass(frozen=True)
class Submission:
    """What is handed in, as it came from a form.

    ``payment_id``, ``publicity_list_id`` and ``publicity_line`` are facts of the caller's page, not of the reporter's
    browser: the caller has made sure that he may see them. ``channel`` other than web and ``received_on`` (the day of
    the call, letter or visit) are for officials who enter it for somebody. ``receipt_code`` is the one that belongs to
    the form that was sent (rules.receipt_code_of); empty where none does: then it is drawn. ``form_name`` names an
    official's form: the receipt code of what he entered may be replaced, its form stays the same. ``confidential``:
    name and phone are for the discipline commission only; without effect where he wants to stay unnamed.
    """

    category: str
    text: str
    region_code: str
    anonymous: bool = True
    confidential: bool = False
    name: str = ""
    phone: str = ""
    about_organisation_id: int | None = None
    programme_id: int | None = None
    payment_id: int | None = None
    publicity_list_id: int | None = None
    publicity_line: int | None = None
    attachments: Sequence[IncomingFile] = ()
    channel: str = "web"
    received_on: date | None = None
    receipt_code: str = ""
    form_name: str = ""

    @property
    def is_confidential(self) -> bool:
        """Whether there is a name to keep from all but the discipline commission."""
        return self.confidential and not self.anonymous


def submit_complaint(principal: Principal, submission: Submission, *, at: datetime) -> tuple[Complaint, str]:
    """Take a complaint in, route it, start its clocks. Returns it with its receipt code of 20 digits, which exists
    nowhere else from now on: show it once, never log it. The code is "" for an official who may not see what he
    enters: it is the key to the case, and with it he would read on at the public door (信访工作条例 §30).

    NOBODY hands in over the web or by SMS; an official needs ENTER_COMPLAINTS. Raises UserError with what is wrong in
    the form, or where no office of the county may take it; IntegrityError where the same form was filed at the same
    moment.
    """
    if principal.is_official:
        principal.require(rules.ENTER_COMPLAINTS)
    elif submission.channel not in rules.SELF_SERVICE or submission.received_on is not None:
        raise UserError("只有工作人员可以登记电话、来信和来访。")
    files = scanned(submission.attachments)
    category = _category(submission.category)
    text = checked_text(submission.text, "请写明要反映的事情。")
    name, phone = _reporter(submission)
    received_on = _received_on(submission, at)
    payment = db.session.get(Payment, submission.payment_id) if submission.payment_id else None
    region = _region(payment.region_code if payment else submission.region_code)
    about = _about(submission.about_organisation_id)
    programme = _programme(submission, payment)
    case = rules.Case(
        category=category.code,
        matter=category.matter,
        region_code=region.code,
        about=office_of(about) if about else None,
        programme=programme.code if programme else None,
        department_id=programme.department_id if programme else None,
    )
    routing = routing_in_force()
    owner = rules.route(case, routing.rules, able_offices(region.code, about.id if about else None))
    receipt_code = submission.receipt_code or rules.receipt_code_of(secrets.token_bytes(32))
    complaint = Complaint(
        number=_new_number(),
        receipt_index=receipt_code,
        category=category.code,
        text=text,
        channel=submission.channel,
        sealed=category.is_clue,
        region_code=region.code,
        about_organisation_id=about.id if about else None,
        programme_id=programme.id if programme else None,
        payment_id=payment.id if payment else None,
        publicity_list_id=submission.publicity_list_id,
        publicity_line=submission.publicity_line,
        anonymous=submission.anonymous,
        confidential=submission.is_confidential,
        reporter_name=name,
        reporter_phone=phone,
        owner_id=owner.id,
        entered_by=principal.official_id,
        rules_version=CURRENT.version,
        routing_version=routing.number or None,
        received_on=received_on,
        received_at=at,
    )
    db.session.add(complaint)
    db.session.flush()
    start_clocks(complaint, rules.clocks_at_receipt(CURRENT, category.matter, received_on, load_calendar()))
    kept = add_attachments(complaint, files, at=at)
    add_entry(complaint, NOBODY, "received", public=True, at=at, form_name=submission.form_name)
    record(principal, "submit", complaint, at=at, category=category.code, channel=complaint.channel, files=kept)
    db.session.flush()
    may_hold_the_code = not principal.is_official or is_visible(principal, complaint)
    return complaint, receipt_code if may_hold_the_code else ""


def entered_before(principal: Principal, submission: Submission) -> tuple[Complaint, str] | None:
    """What this official has entered with this very form, with its receipt code as ``submit_complaint`` gives it ("" as
    well where the office in charge has issued another since); None where nothing was. Raises Conflict where that said
    something else: what is new must not be lost in silence."""
    found = db.session.scalar(
        select(Complaint)
        .join(ComplaintEntry, ComplaintEntry.complaint_id == Complaint.id)
        .where(ComplaintEntry.form_index == submission.form_name, Complaint.entered_by == principal.official_id)
    )
    if found is None:
        return None
    if _said(found) != _meant(submission):
        raise Conflict(
            "这张表刚才已经登记过，编号 %(number)s；您改动的内容没有登记。要登记另一件，请重新打开登记页。",
            number=found.number,
        )
    opens = found.receipt_index == keyring().blind_index(submission.receipt_code, "receipt_code")
    return found, submission.receipt_code if opens and is_visible(principal, found) else ""


def _said(complaint: Complaint) -> tuple[object, ...]:
    return (
        complaint.category,
        complaint.text,
        complaint.region_code,
        complaint.channel,
        complaint.received_on,
        complaint.about_organisation_id,
        (complaint.reporter_name, complaint.reporter_phone),
        complaint.confidential,
    )


def _meant(submission: Submission) -> tuple[object, ...]:
    return (
        submission.category,
        cleaned_text(submission.text),
        submission.region_code,
        submission.channel,
        submission.received_on,
        submission.about_organisation_id,
        _reporter(submission),
        submission.is_confidential,
    )


def _category(code: str) -> Category:
    try:
        return CURRENT.category(code)
    except KeyError as error:
        raise UserError("请选择要反映的是哪一类事情。") from error


def _reporter(submission: Submission) -> tuple[str | None, str | None]:
    """Name and phone as they are kept: nothing at all of somebody who wants to stay unnamed, whatever was typed."""
    if submission.anonymous:
        return None, None
    name = clean_name(submission.name)
    if not name or len(name) > MOST_NAME:
        raise UserError("实名反映请填写姓名；不想写姓名，请选择匿名。")
    phone = normalise_phone(submission.phone) if submission.phone.strip() else None
    if submission.phone.strip() and phone is None:
        raise UserError("电话号码不对。请填写 11 位手机号码或带区号的座机号码，也可以不填。")
    return name, phone


def _received_on(submission: Submission, at: datetime) -> date:
    today = local_date(at)
    if submission.received_on is None:
        return today
    if not today - OLDEST_LETTER <= submission.received_on <= today:
        raise UserError("来电、来信、来访的日期不对：不能晚于今天，也不能早于一年前。")
    return submission.received_on


def _region(code: str) -> Region:
    region = db.session.get(Region, code) if code else None
    if region is None:
        raise UserError("请选择事情发生在哪个乡镇（街道）或村（社区）。")
    return region


def _about(organisation_id: int | None) -> Organisation | None:
    if organisation_id is None:
        return None
    about = db.session.get(Organisation, organisation_id)
    if about is None:
        raise UserError("没有找到您选的单位。请重新选择，或者不选、写在文字里。")
    return about


def _programme(submission: Submission, payment: Payment | None) -> Programme | None:
    if payment is not None:
        return payment.batch.programme
    return db.session.get(Programme, submission.programme_id) if submission.programme_id else None


def _new_number() -> str:
    """A public number that says nothing: random, so that no sequence shows a gap."""
    first = 10 ** (rules.NUMBER_DIGITS - 1)
    while True:
        number = str(secrets.randbelow(9 * first) + first)
        if db.session.scalar(select(Complaint.id).where(Complaint.number == number)) is None:
            return number


def add_from_reporter(
    receipt_code: str, text: str, attachments: Sequence[IncomingFile] = (), *, at: datetime, form_name: str = ""
) -> Complaint:
    """The reporter adds words or files, or answers a question. No clock moves; the case is marked unread. A form of
    this name that was taken before changes nothing.

    Raises NotVisible for an unknown code, Conflict where the case has ended, UserError for nothing or a bad file.
    """
    files = scanned(attachments)
    complaint = complaint_by_receipt(receipt_code)
    if was_taken(form_name, text):
        return complaint
    if complaint.state not in rules.OPEN:
        raise Conflict("这件事已经结束，不能再补充。如有新的情况，请重新提交。")
    said = text if attachments and not text.strip() else checked_text(text, N_("请写明要补充的内容，或者选择附件。"))
    kept = add_attachments(complaint, files, at=at)
    add_entry(complaint, NOBODY, "reporter", cleaned_text(said), public=True, at=at, form_name=form_name)
    complaint.unread = True
    record(NOBODY, "add_from_reporter", complaint, at=at, files=kept)
    db.session.flush()
    return complaint
