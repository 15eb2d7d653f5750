"""A programme on its way onto the platform: proposed, the four offices heard, decided, answered, set up (B2)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.evidence import BroughtEvidence, read_evidence
from core.msgid import N_
from core.principal import OrganisationKind, Principal
from core.reasons import checked_reason
from core.uploads import store_file
from core.working_days import load_calendar
from programmes import queries, rules
from programmes.models import InclusionCase, InclusionOpinion, Programme
from programmes.rules import INCLUSION_WORKFLOW, Channel
from programmes.wordings import read_document

_ALREADY = N_("这个项目已有一件正在办理，不能重复提请。")


def submit_inclusion(
    principal: Principal, programme_id: int, *, proposal: Channel, grounds: str, document_number: str, at: datetime
) -> InclusionCase:
    """Ask whether a programme comes onto the platform. The four offices are asked from this day on.

    Raises UserError without grounds or document, Conflict while a case of the programme runs."""
    principal.require(rules.SUBMIT_INCLUSION)
    programme = queries.own_programme(principal, programme_id)
    document = _document(document_number)
    if not grounds.strip():
        raise UserError("请写明申请的理由。")
    if proposal == Channel.UNDECIDED:
        raise UserError("请选择建议纳入平台还是线下发放。")
    if queries.running_case_of(programme.id) is not None:
        raise Conflict(_ALREADY)
    today = local_date(at)
    case = InclusionCase(
        programme_id=programme.id,
        proposal=proposal.value,
        grounds=grounds.strip(),
        document_number=document,
        submitted_on=today,
        opinions_due_on=load_calendar().add_working_days(today, rules.OPINION_DAYS),
    )
    try:
        # Of two who submit at one moment the database lets one through.
        with db.session.begin_nested():
            db.session.add(case)
    except IntegrityError as error:
        raise Conflict(_ALREADY) from error
    _record(principal, "submit", case, at, programme=programme.code, proposal=proposal.value)
    return case


def give_opinion(
    principal: Principal,
    case: InclusionCase,
    office: OrganisationKind,
    *,
    agrees: bool,
    opinion: str,
    document_number: str,
    given_on: date,
    letter: tuple[str, bytes] | None = None,
    at: datetime,
) -> InclusionOpinion:
    """What one of the four offices says; finance may enter the letter of an office that does not sign in. With the
    fourth the case is consulted. ``letter``: name and content of a scan, where there is one.

    Raises PermissionDenied for another office's opinion, UserError for an objection without words, a day in the future,
    a missing document, or a letter that is empty, too large, or neither a PDF nor a photo; Conflict where the office
    has spoken or the hearing is over."""
    principal.require(rules.GIVE_OPINION)
    if principal.organisation_kind not in (office, OrganisationKind.FINANCE):
        raise PermissionDenied("只能提出本单位的意见。")
    if office == OrganisationKind.DEPARTMENT:
        _refuse_other_department(principal, case.programme)
    if not agrees and not opinion.strip():
        raise UserError("不同意的，请写明理由和建议。")
    if not case.submitted_on <= given_on <= local_date(at):
        raise UserError("意见的日期要在提请之后、今天以前。")
    brought = read_evidence(*letter) if letter else None
    _lock(case)
    if case.state != "submitted":
        raise Conflict("征求意见已经结束。请刷新页面后再看。")
    if office.value in {given.office for given in case.opinions}:
        raise Conflict("这个单位的意见已经登记过了。")
    given = InclusionOpinion(
        case_id=case.id,
        office=office.value,
        agrees=agrees,
        opinion=opinion.strip(),
        document_number=_document(document_number),
        given_on=given_on,
        entered_by=principal.recorded_name,
        official_id=principal.official_id,
        file_id=store_file(brought.content, at=at).id if brought else None,
        filename=brought.filename if brought else None,
    )
    case.opinions.append(given)
    db.session.flush()
    if not rules.missing_opinions({one.office for one in case.opinions}):
        workflow.move(INCLUSION_WORKFLOW, case, "consult", principal, at=at)
    _record(principal, "give_opinion", case, at, office=office.value, agrees=agrees)
    return given


def read_opinion_file(principal: Principal, case: InclusionCase, opinion_id: int, *, at: datetime) -> BroughtEvidence:
    """The letter that came with an opinion of a case (which the caller found through the principal); every reading is
    on record. Raises NotVisible where there is none."""
    given = next((one for one in case.opinions if one.id == opinion_id), None)
    if given is None or given.file is None:
        raise NotVisible
    content = given.file.content
    _record(principal, "read_opinion_file", case, at, office=given.office)
    return BroughtEvidence(given.filename or given.office, content)


def close_hearing(principal: Principal, case: InclusionCase, reason: str, *, at: datetime) -> None:
    """Go on without the opinions that did not come. Raises UserError before their day has passed."""
    principal.require(rules.PROPOSE_DECISION)
    why = checked_reason(reason)
    if local_date(at) <= case.opinions_due_on:
        raise UserError("征求意见的期限还没有过，请等到期限届满。")
    workflow.move(INCLUSION_WORKFLOW, case, "consult", principal, at=at, reason=why)
    _record(principal, "close_hearing", case, at, missing=[o.value for o in queries.missing_opinions(case)])


def propose_decision(
    principal: Principal, case: InclusionCase, *, decision: Channel, document_number: str, at: datetime
) -> None:
    """Draft the decision; another official of finance confirms it."""
    principal.require(rules.PROPOSE_DECISION)
    if decision == Channel.UNDECIDED:
        raise UserError("请选择纳入平台还是线下发放。")
    document = _document(document_number)
    workflow.move(INCLUSION_WORKFLOW, case, "propose", principal, at=at)
    case.decision, case.decision_document = decision.value, document
    _record(principal, "propose", case, at, decision=decision.value)


def confirm_decision(principal: Principal, case: InclusionCase, *, at: datetime) -> None:
    """Decide as drafted (four eyes). What is to be paid offline is so from now on; it pays only after its filings."""
    principal.require(rules.CONFIRM_DECISION)
    workflow.move(INCLUSION_WORKFLOW, case, "decide", principal, at=at)
    case.decided_on = local_date(at)
    if case.decision == Channel.OFFLINE.value:
        case.programme.channel = Channel.OFFLINE.value
    _record(principal, "decide", case, at, decision=case.decision)


def send_decision_back(principal: Principal, case: InclusionCase, reason: str, *, at: datetime) -> None:
    """Return a drafted decision to its drafter."""
    principal.require(rules.CONFIRM_DECISION)
    workflow.move(INCLUSION_WORKFLOW, case, "send_back", principal, at=at, reason=checked_reason(reason))
    case.decision = case.decision_document = ""
    _record(principal, "send_back", case, at)


def reply_to_department(principal: Principal, case: InclusionCase, *, document_number: str, at: datetime) -> None:
    """The answer has gone back to the department. With it a case for offline ends."""
    principal.require(rules.PROPOSE_DECISION)
    document, today = _document(document_number), local_date(at)
    workflow.move(INCLUSION_WORKFLOW, case, "reply", principal, at=at)
    case.reply_document, case.replied_on = document, today
    if rules.is_settled(case.state, case.decision):
        case.settled_on = today
    _record(principal, "reply", case, at)


def record_set_up(principal: Principal, case: InclusionCase, *, code: str, on: date, at: datetime) -> None:
    """州财政局 has set the programme up on the platform: from now on it is paid there. Raises UserError without its
    code there, for a day in the future, and for a programme that was decided to be offline."""
    principal.require(rules.RECORD_SET_UP)
    if case.decision == Channel.OFFLINE.value:
        raise UserError("这个项目定为线下发放，不需要在平台设立。")
    if not code.strip():
        raise UserError("请填写州财政局设立项目的编号。")
    if on > local_date(at):
        raise UserError("设立的日期不能晚于今天。")
    workflow.move(INCLUSION_WORKFLOW, case, "set_up", principal, at=at)
    case.set_up_code, case.set_up_on, case.settled_on = code.strip(), on, local_date(at)
    case.programme.channel = Channel.PLATFORM.value
    _record(principal, "set_up", case, at, on=on.isoformat())


def withdraw_inclusion(principal: Principal, case: InclusionCase, reason: str, *, at: datetime) -> None:
    """Take a case back before a decision is drafted; it may be submitted anew."""
    principal.require(rules.SUBMIT_INCLUSION)
    _refuse_other_department(principal, case.programme)
    workflow.move(INCLUSION_WORKFLOW, case, "withdraw", principal, at=at, reason=checked_reason(reason))
    case.settled_on = local_date(at)
    _record(principal, "withdraw", case, at)


def _refuse_other_department(principal: Principal, programme: Programme) -> None:
    of_department = principal.organisation_kind == OrganisationKind.DEPARTMENT
    if of_department and programme.department_id != principal.organisation_id:
        raise NotVisible


def _document(text: str) -> str:
    document = read_document(text)
    if not document:
        raise UserError("请填写文号。没有文件的，写明会议或函件的名称和日期。")
    return document


def _lock(case: InclusionCase) -> None:
    """Hold the case until the transaction ends, and see it as it is now."""
    db.session.flush()
    db.session.execute(select(InclusionCase.id).where(InclusionCase.id == case.id).with_for_update())
    db.session.refresh(case)


def _record(principal: Principal, action: str, case: InclusionCase, at: datetime, **details: Any) -> None:
    audit.record(principal, f"inclusion.{action}", "inclusion", case.id, at=at, **details)
    db.session.flush()
