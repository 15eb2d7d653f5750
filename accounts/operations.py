"""Verbs: add offices and officials, sign in, change and reset passwords, give other rights, close accounts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts import rules, second_factor, sessions
from accounts.hooks import OPEN_WORK
from accounts.models import FormerPassword, Official, OfficialRole, Organisation
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


def authenticate(username: str, password: str, code: str, *, at: datetime) -> Official | None:
    """Check a user name, a password and, for whoever signs in with one, the code of the second factor. An unknown name,
    a wrong password, a wrong code and a closed account end alike, in words and in time: None. Success and failure are
    each recorded; a failure under an unknown name without that name, which may be a password typed into the wrong
    field. The caller commits either way.

    The view has counted the try before: a hash costs time, and so it slows down who tries too often.
    """
    person = db.session.scalar(select(Official).where(Official.username == username.strip().lower()))
    right = verify_password(person.password_hash if person else None, password[: rules.LONGEST_PASSWORD + 1])
    if person is None or not right or not person.active or not person.organisation.active:
        audit.record(NOBODY, "official.sign_in_failed", "official", person.id if person else "unknown", at=at)
        db.session.flush()
        return None
    factor = second_factor.confirmed(person.id)
    if factor is not None and not second_factor.is_right(factor, code, at=at):
        audit.record(NOBODY, "official.sign_in_failed", "official", person.id, at=at, second_factor=True)
        db.session.flush()
        return None
    person.last_sign_in_at = at
    audit.record(principal_from(person), "official.sign_in", "official", person.id, at=at)
    db.session.flush()
    return person


def confirm_password(principal: Principal, person: Official, password: str, *, at: datetime) -> bool:
    """Whether this is the password of the official who is signed in; either is recorded. The caller commits."""
    right = principal.official_id == person.id and verify_password(person.password_hash, password)
    audit.record(principal, "official.confirm" if right else "official.confirm_failed", "official", person.id, at=at)
    db.session.flush()
    return right


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
    if any(verify_password(former, wanted) for former in _former_passwords(person)):
        raise UserError("这个密码您以前用过。请换一个。")
    _keep_former_password(person, at)
    person.password_hash = hash_password(wanted)
    person.must_change_password = False
    sessions.end_all(person.id, at=at)
    audit.record(principal, "official.change_password", "official", person.id, at=at)
    db.session.flush()


def reset_password(principal: Principal, person: Official, *, at: datetime) -> str:
    """Give an official a new one-time password and end his sessions. Returns the password, to be shown once."""
    require_management(principal, person.organisation)
    password = one_time_password()
    if not person.must_change_password:
        _keep_former_password(person, at)
    person.password_hash = hash_password(password)
    person.must_change_password = True
    sessions.end_all(person.id, at=at)
    audit.record(principal, "official.reset_password", "official", person.id, at=at)
    db.session.flush()
    return password


def set_active(principal: Principal, person: Official, active: bool, *, at: datetime) -> int:
    """Close an account, or open it again. Returns how much open work of his was handed over to his colleagues. Raises
    UserError for one's own: nobody locks himself out."""
    require_management(principal, person.organisation)
    if principal.official_id == person.id:
        raise UserError("不能停用自己的账号。请让另一位管理员办理。")
    person.active = active
    sessions.end_all(person.id, at=at)
    handed_over = 0 if active else hand_over_work(principal, person, at=at)
    audit.record(principal, "official.open" if active else "official.close", "official", person.id, at=at)
    db.session.flush()
    return handed_over


def change_office(
    principal: Principal, person: Official, organisation: Organisation, roles: Iterable[Role], *, at: datetime
) -> int:
    """Move an official to another office, or give him other roles there. His sessions end, and where he leaves an
    office his open work stays with his colleagues; returns how much. What he has done remains under his name.

    Raises PermissionDenied for an office that the principal does not manage, UserError for oneself or without a role,
    Conflict where nothing would change.
    """
    require_management(principal, person.organisation)
    require_management(principal, organisation)
    held = sorted(set(roles))
    if principal.official_id == person.id:
        raise UserError("不能修改自己的单位和角色。请让另一位管理员办理。")
    if not held:
        raise UserError("请至少选择一个角色。")
    before = sorted(Role(role.role) for role in person.roles)
    if (organisation.id, held) == (person.organisation_id, before):
        raise Conflict("单位和角色都没有改动。")
    leaves = organisation.id != person.organisation_id
    handed_over = hand_over_work(principal, person, at=at) if leaves or not set(before) <= set(held) else 0
    came_from, person.organisation_id = person.organisation_id, organisation.id
    kept = {role.role: role for role in person.roles}
    person.roles = [kept.get(role.value) or OfficialRole(role=role.value) for role in held]
    sessions.end_all(person.id, at=at)
    audit.record(
        principal,
        "official.change_office",
        "official",
        person.id,
        at=at,
        from_organisation_id=came_from,
        organisation_id=organisation.id,
        roles_before=[role.value for role in before],
        roles=[role.value for role in held],
    )
    db.session.flush()
    db.session.expire(person, ["organisation"])
    return handed_over


def hand_over_work(principal: Principal, person: Official, *, at: datetime) -> int:
    """Leave what this official has open to his colleagues: every room gives up what stands under his name. Returns how
    much that was."""
    return sum(give_up(principal, person.id, at) for give_up in OPEN_WORK)


def _former_passwords(person: Official) -> Sequence[str]:
    return db.session.scalars(
        select(FormerPassword.password_hash)
        .where(FormerPassword.official_id == person.id)
        .order_by(FormerPassword.id.desc())
        .limit(rules.FORMER_PASSWORDS)
    ).all()


def _keep_former_password(person: Official, at: datetime) -> None:
    db.session.add(FormerPassword(official_id=person.id, password_hash=person.password_hash, until=at))
