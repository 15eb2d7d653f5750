"""Verbs: add offices and officials, sign in, change and reset passwords, close accounts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts import rules
from accounts.models import Official, OfficialRole, Organisation
from accounts.passwords import hash_password, one_time_password, verify_password
from accounts.queries import principal_from
from core import audit
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.msgid import N_
from core.principal import NOBODY, OrganisationKind, Principal, Role

WRONG_SIGN_IN = N_("用户名或密码不正确，或者账号已停用。请核对后再试；忘记密码请联系本单位管理员。")


@dataclass(frozen=True)
class NewOfficial:
    """An official just made, with the password that is shown once and stored nowhere."""

    official: Official
    password: str


@dataclass(frozen=True)
class SignIn:
    """How a try to sign in ended. ``official`` and ``step`` are None where it failed."""

    official: Official | None
    step: rules.SignInStep | None


def require_management(principal: Principal, organisation: Organisation) -> None:
    """Raise PermissionDenied unless the principal may manage this office's officials."""
    kind = OrganisationKind(organisation.kind)
    if not rules.may_manage(principal, kind, organisation.region_code, organisation.id):
        raise PermissionDenied("您不能管理这个单位的账号。请联系该单位的管理员。")


def add_organisation(
    principal: Principal,
    kind: OrganisationKind,
    name: str,
    region_code: str,
    *,
    at: datetime,
    parent: Organisation | None = None,
) -> Organisation:
    """Enter an office of that kind for that region. Raises Conflict where it exists, UserError for an empty name."""
    if not rules.may_manage(principal, kind, region_code, None):
        raise PermissionDenied("您不能新增这一类单位。请联系县财政局管理员。")
    name = name.strip()
    if not name:
        raise UserError("请填写单位名称。")
    if find_organisation(kind, name, region_code) is not None:
        raise Conflict("已有同名单位，不用再新增。")
    office = Organisation(
        kind=kind.value, name=name, region_code=region_code, parent_id=parent.id if parent else None, active=True
    )
    db.session.add(office)
    db.session.flush()
    audit.record(principal, "organisation.add", "organisation", office.id, at=at, kind=kind.value, region=region_code)
    db.session.flush()
    return office


def find_organisation(kind: OrganisationKind, name: str, region_code: str) -> Organisation | None:
    """The office of that kind, name and region."""
    return db.session.scalar(
        select(Organisation).where(
            Organisation.kind == kind.value, Organisation.name == name, Organisation.region_code == region_code
        )
    )


def add_official(
    principal: Principal,
    organisation: Organisation,
    username: str,
    name: str,
    roles: Iterable[Role],
    *,
    at: datetime,
) -> NewOfficial:
    """Make an account with a one-time password. Raises UserError for a bad or taken user name or no role."""
    require_management(principal, organisation)
    username, name, held = username.strip().lower(), name.strip(), sorted(set(roles))
    if not re.fullmatch(rules.USERNAME, username):
        raise UserError("用户名只能用小写字母、数字和 . _ -，以字母或数字开头，3 到 32 个字符。")
    if not name:
        raise UserError("请填写经办人姓名。")
    if not held:
        raise UserError("请至少选择一个角色。")
    if db.session.scalar(select(Official.id).where(Official.username == username)) is not None:
        raise Conflict("用户名已被使用。请换一个。")
    password = one_time_password()
    person = Official(
        organisation_id=organisation.id,
        username=username,
        name=name,
        password_hash=hash_password(password),
        must_change_password=True,
        active=True,
        session_epoch=0,
        created_at=at,
        roles=[OfficialRole(role=role.value) for role in held],
    )
    db.session.add(person)
    db.session.flush()
    audit.record(
        principal,
        "official.add",
        "official",
        person.id,
        at=at,
        organisation_id=organisation.id,
        roles=[role.value for role in held],
    )
    db.session.flush()
    return NewOfficial(person, password)


def authenticate(username: str, password: str, *, at: datetime) -> SignIn:
    """Check a user name and password. An unknown name, a wrong password and a closed account end alike, in words and
    in time. Success and failure are each recorded; a failure under an unknown name without that name, which may be a
    password typed into the wrong field. The caller commits either way.

    The view has counted the try before: a hash costs time, and so it slows down who tries too often.
    """
    person = db.session.scalar(select(Official).where(Official.username == username.strip().lower()))
    right = verify_password(person.password_hash if person else None, password[: rules.LONGEST_PASSWORD + 1])
    if person is None or not right or not person.active or not person.organisation.active:
        audit.record(NOBODY, "official.sign_in_failed", "official", person.id if person else "unknown", at=at)
        db.session.flush()
        return SignIn(None, None)
    person.last_sign_in_at = at
    audit.record(principal_from(person), "official.sign_in", "official", person.id, at=at)
    db.session.flush()
    return SignIn(person, rules.step_after_password(must_change_password=person.must_change_password))


def change_password(principal: Principal, person: Official, present: str, wanted: str, *, at: datetime) -> None:
    """Give oneself a new password; all other sessions end. Raises UserError with what is wrong."""
    if principal.official_id != person.id:
        raise PermissionDenied("只能修改自己的密码。")
    if not verify_password(person.password_hash, present):
        raise UserError("现在的密码不正确。请重新输入。")
    fault = rules.password_fault(wanted, person.username)
    if fault:
        raise UserError(fault)
    if verify_password(person.password_hash, wanted):
        raise UserError("新密码和现在的一样。请换一个。")
    person.password_hash = hash_password(wanted)
    person.must_change_password = False
    person.session_epoch += 1
    audit.record(principal, "official.change_password", "official", person.id, at=at)
    db.session.flush()


def reset_password(principal: Principal, person: Official, *, at: datetime) -> str:
    """Give an official a new one-time password and end his sessions. Returns the password, to be shown once."""
    require_management(principal, person.organisation)
    password = one_time_password()
    person.password_hash = hash_password(password)
    person.must_change_password = True
    person.session_epoch += 1
    audit.record(principal, "official.reset_password", "official", person.id, at=at)
    db.session.flush()
    return password


def set_active(principal: Principal, person: Official, active: bool, *, at: datetime) -> None:
    """Close an account, or open it again. Raises UserError for one's own: nobody locks himself out."""
    require_management(principal, person.organisation)
    if principal.official_id == person.id:
        raise UserError("不能停用自己的账号。请让另一位管理员办理。")
    person.active = active
    person.session_epoch += 1
    audit.record(principal, "official.open" if active else "official.close", "official", person.id, at=at)
    db.session.flush()
