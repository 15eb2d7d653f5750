"""Bank file formats: proposed by one official, approved by another, never changed afterwards."""

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from disbursement.bank_files.profile_checks import faults_of
from disbursement.bank_files.profiles import BUILT_IN, Profile
from disbursement.models import BankProfile
from disbursement.rules import APPROVE_PROFILE, EDIT_PROFILE, PROFILE_WORKFLOW

_is_name = re.compile(r"[a-z][a-z0-9_-]{1,29}").fullmatch


def propose_profile(principal: Principal, profile: Profile, *, at: datetime) -> BankProfile:
    """Enter a new version of a format. It is used only when another official has approved it; an earlier proposal of
    the same name is withdrawn. Raises UserError with all that is wrong at once and for the name of a format of the
    house, Conflict where somebody has entered a version at the same moment."""
    principal.require(EDIT_PROFILE)
    _refuse_built_in(profile.name)
    faults = [] if _is_name(profile.name) else ["标识要用小写英文字母开头，只含字母、数字和连字符，2 至 30 个字符。"]
    if not profile.title.strip():
        faults.append("请填写格式的名称。")
    faults += [fault.text for fault in faults_of(profile)]
    if faults:
        raise UserError("格式有 %(count)s 处不对：%(faults)s", count=len(faults), faults="".join(faults))
    db.session.flush()
    newest = db.session.scalar(select(func.max(BankProfile.version)).where(BankProfile.name == profile.name)) or 0
    for earlier in db.session.scalars(
        select(BankProfile).where(BankProfile.name == profile.name, BankProfile.state == "proposed")
    ).all():
        workflow.move(PROFILE_WORKFLOW, earlier, "withdraw", principal, at=at)
    row = BankProfile(
        name=profile.name,
        version=newest + 1,
        title=profile.title.strip(),
        bank=profile.bank.strip(),
        content=profile.content(),
        created_at=at,
        official_id=principal.official_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。") from error
    workflow.move(PROFILE_WORKFLOW, row, "propose", principal, at=at)
    audit.record(principal, "profile.propose", "bank_profile", row.id, at=at, name=row.name, version=row.version)
    db.session.flush()
    return row


def approve_profile(principal: Principal, row: BankProfile, *, at: datetime) -> None:
    """Put a version to use in the place of the one before. Raises PermissionDenied for whoever proposed it, UserError
    for the name of a format of the house, Conflict where somebody was quicker."""
    principal.require(APPROVE_PROFILE)
    _refuse_built_in(row.name)
    transition = PROFILE_WORKFLOW.find(row.state, "approve")
    if transition is None:
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。")
    # Before the old version steps down: whoever may not do this leaves everything as it is.
    workflow.refuse_same_person(PROFILE_WORKFLOW, row.id, transition, principal)
    for current in db.session.scalars(
        select(BankProfile).where(BankProfile.name == row.name, BankProfile.state == "approved")
    ).all():
        workflow.move(PROFILE_WORKFLOW, current, "supersede", principal, at=at)
    workflow.move(PROFILE_WORKFLOW, row, "approve", principal, at=at)
    audit.record(principal, "profile.approve", "bank_profile", row.id, at=at, name=row.name, version=row.version)
    db.session.flush()


def reject_profile(principal: Principal, row: BankProfile, reason: str, *, at: datetime) -> None:
    """Refuse a proposed version, with a reason."""
    principal.require(EDIT_PROFILE)
    if not reason.strip():
        raise UserError("请写明不采用的原因。")
    workflow.move(PROFILE_WORKFLOW, row, "reject", principal, at=at, reason=reason.strip())
    audit.record(principal, "profile.reject", "bank_profile", row.id, at=at, name=row.name, version=row.version)
    db.session.flush()


def _refuse_built_in(name: str) -> None:
    """A format of the house stays what it is called: offers and commands that name it must mean it."""
    if name in BUILT_IN:
        raise UserError(
            "“%(name)s”是系统自带的格式，不能改，也不能由别的格式顶替。请从它的页面按“复制”，另起一个标识。", name=name
        )


def refuse_taken_name(name: str) -> None:
    """Raise UserError where a new format would be a version of an existing one unawares."""
    known = db.session.scalar(select(BankProfile.id).where(BankProfile.name == name).limit(1))
    if known is not None or name in BUILT_IN:
        raise UserError(
            "标识“%(name)s”已经有了。要修改那个格式，请从它的页面进入；要另建一个，请换一个标识。", name=name
        )
