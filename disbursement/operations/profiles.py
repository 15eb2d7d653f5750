"""Bank file formats: proposed by one official, approved by another, never changed afterwards. The formats of
statements, in the room above, live alike."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from core.states import Workflow
from disbursement.bank_files.profile_checks import faults_of
from disbursement.bank_files.profiles import BUILT_IN, Profile
from disbursement.models import BankProfile
from disbursement.rules import APPROVE_PROFILE, EDIT_PROFILE, PROFILE_WORKFLOW

_is_name = re.compile(r"[a-z][a-z0-9_-]{1,29}").fullmatch


@dataclass(frozen=True)
class ProfileKind:
    """A kind of profile: its table (a ProfileVersion), the life of its versions, its name in the audit, and those of
    the house."""

    model: Any
    workflow: Workflow
    audited_as: str
    built_in: Collection[str]


FILE_FORMATS = ProfileKind(BankProfile, PROFILE_WORKFLOW, "profile", BUILT_IN)


def propose_profile(principal: Principal, profile: Profile, *, at: datetime) -> BankProfile:
    """Enter a new version of a format. It is used only when another official has approved it; an earlier proposal of
    the same name is withdrawn. Raises UserError with all that is wrong at once and for the name of a format of the
    house, Conflict where somebody has entered a version at the same moment."""
    row = BankProfile(name=profile.name, title=profile.title, bank=profile.bank, content=profile.content())
    faults = [fault.text for fault in faults_of(profile)]
    propose_version(FILE_FORMATS, principal, row, faults, at=at)
    return row


def propose_version(kind: ProfileKind, principal: Principal, row: Any, faults: Sequence[str], *, at: datetime) -> None:
    """Enter a row that has its name, title, bank and content; ``faults`` are the sentences that stand against the
    content. Raises as ``propose_profile`` does."""
    principal.require(EDIT_PROFILE)
    _refuse_built_in(kind, row.name)
    wrong = [] if _is_name(row.name) else ["标识要用小写英文字母开头，只含字母、数字和连字符，2 至 30 个字符。"]
    if not row.title.strip():
        wrong.append("请填写格式的名称。")
    wrong += faults
    if wrong:
        raise UserError("格式有 %(count)s 处不对：%(faults)s", count=len(wrong), faults="".join(wrong))
    db.session.flush()
    model = kind.model
    newest = db.session.scalar(select(func.max(model.version)).where(model.name == row.name)) or 0
    for earlier in db.session.scalars(select(model).where(model.name == row.name, model.state == "proposed")).all():
        workflow.move(kind.workflow, earlier, "withdraw", principal, at=at)
    row.version, row.title, row.bank = newest + 1, row.title.strip(), row.bank.strip()
    row.created_at, row.official_id = at, principal.official_id
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。") from error
    workflow.move(kind.workflow, row, "propose", principal, at=at)
    _record(kind, principal, "propose", row, at)


def approve_profile(principal: Principal, row: Any, *, at: datetime, kind: ProfileKind = FILE_FORMATS) -> None:
    """Put a version to use in the place of the one before. Raises PermissionDenied for whoever proposed it, UserError
    for the name of a format of the house, Conflict where somebody was quicker."""
    principal.require(APPROVE_PROFILE)
    _refuse_built_in(kind, row.name)
    transition = kind.workflow.find(row.state, "approve")
    if transition is None:
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。")
    # Before the old version steps down: whoever may not do this leaves everything as it is.
    workflow.refuse_same_person(kind.workflow, row.id, transition, principal)
    model = kind.model
    for current in db.session.scalars(select(model).where(model.name == row.name, model.state == "approved")).all():
        workflow.move(kind.workflow, current, "supersede", principal, at=at)
    workflow.move(kind.workflow, row, "approve", principal, at=at)
    _record(kind, principal, "approve", row, at)


def reject_profile(
    principal: Principal, row: Any, reason: str, *, at: datetime, kind: ProfileKind = FILE_FORMATS
) -> None:
    """Refuse a proposed version, with a reason."""
    principal.require(EDIT_PROFILE)
    if not reason.strip():
        raise UserError("请写明不采用的原因。")
    workflow.move(kind.workflow, row, "reject", principal, at=at, reason=reason.strip())
    _record(kind, principal, "reject", row, at)


def _record(kind: ProfileKind, principal: Principal, action: str, row: Any, at: datetime) -> None:
    audit.record(
        principal,
        f"{kind.audited_as}.{action}",
        kind.model.__tablename__.removesuffix("s"),
        row.id,
        at=at,
        name=row.name,
        version=row.version,
    )
    db.session.flush()


def _refuse_built_in(kind: ProfileKind, name: str) -> None:
    """A format of the house stays what it is called: offers and commands that name it must mean it."""
    if name in kind.built_in:
        raise UserError(
            "“%(name)s”是系统自带的格式，不能改，也不能由别的格式顶替。请从它的页面按“复制”，另起一个标识。", name=name
        )


def refuse_taken_name(name: str, *, kind: ProfileKind = FILE_FORMATS) -> None:
    """Raise UserError where a new format would be a version of an existing one unawares."""
    known = db.session.scalar(select(kind.model.id).where(kind.model.name == name).limit(1))
    if known is not None or name in kind.built_in:
        raise UserError(
            "标识“%(name)s”已经有了。要修改那个格式，请从它的页面进入；要另建一个，请换一个标识。", name=name
        )
