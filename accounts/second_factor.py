"""The second factor: an authenticator's six digits (RFC 6238), or a recovery code in its place."""

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update

from accounts import rules, sessions
from accounts.models import Official, Passkey, RecoveryCode, SecondFactor
from accounts.passwords import LEGIBLE
from core import audit
from core.database import db, rows_changed
from core.errors import Conflict, UserError
from core.plain_text import plain_without_spaces
from core.principal import OrganisationKind, Principal, Role
from core.settings import Settings

RECOVERY_CODES = 8
_HALF = 5
# A phone's clock may be half a minute off.
_STEPS_AROUND = (-1, 0, 1)


def confirmed(official_id: int) -> SecondFactor | None:
    """The authenticator with which this official signs in; None where he has none."""
    return db.session.scalar(
        select(SecondFactor).where(SecondFactor.official_id == official_id, SecondFactor.confirmed_at.is_not(None))
    )


def is_needed(person: Official, running: Settings) -> bool:
    """Whether this official may work only with a second factor."""
    roles = [Role(held.role) for held in person.roles]
    kind = OrganisationKind(person.organisation.kind)
    return running.second_factor_required and rules.needs_second_factor(kind, roles)


def recovery_codes_left(official_id: int) -> int:
    """How many recovery codes are still good."""
    unused = select(func.count()).where(RecoveryCode.official_id == official_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def begin(principal: Principal, person: Official) -> str:
    """Start setting up an authenticator for oneself, or go on with what was started. Returns its secret. Raises
    Conflict where one is in use already."""
    _require_oneself(principal, person)
    factor = db.session.get(SecondFactor, person.id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("您已经开通动态验证码。要换手机，请先停用再重新开通。")
    if factor is None:
        factor = SecondFactor(official_id=person.id, secret=pyotp.random_base32(), confirmed_at=None, last_step=0)
        db.session.add(factor)
        db.session.flush()
    return factor.secret


def address_of(person: Official, secret: str, issuer: str) -> str:
    """What the QR code of a secret says to an authenticator."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=issuer)


def finish(principal: Principal, person: Official, code: str, *, at: datetime) -> list[str]:
    """Put it into use, once a code shows that the authenticator works. Returns the recovery codes, to be shown once.
    Raises UserError for a wrong code, Conflict where nothing was started."""
    _require_oneself(principal, person)
    factor = db.session.get(SecondFactor, person.id)
    if factor is None or factor.confirmed_at is not None:
        raise Conflict("没有正在开通的动态验证码。请重新打开这一页。")
    step = _step_of(factor, code, at)
    if step is None:
        raise UserError("验证码不对。请看手机上现在显示的六位数字；手机时间要准。")
    factor.confirmed_at, factor.last_step = at, step
    codes = _new_recovery_codes(person)
    audit.record(principal, "official.set_up_second_factor", "official", person.id, at=at)
    db.session.flush()
    return codes


def renew_recovery_codes(principal: Principal, person: Official, *, at: datetime) -> list[str]:
    """New recovery codes in place of the old ones, to be shown once. Raises Conflict without an authenticator."""
    _require_oneself(principal, person)
    if confirmed(person.id) is None:
        raise Conflict("您还没有开通动态验证码。")
    codes = _new_recovery_codes(person)
    audit.record(principal, "official.renew_recovery_codes", "official", person.id, at=at)
    db.session.flush()
    return codes


def is_right(factor: SecondFactor, code: str, *, at: datetime) -> bool:
    """Whether this is a code that the authenticator shows about now and that was not taken before, or a recovery code
    that was not; either is used up by this."""
    step = _step_of(factor, code, at)
    if step is not None:
        taken = update(SecondFactor).where(
            SecondFactor.official_id == factor.official_id, SecondFactor.last_step < step
        )
        return rows_changed(db.session.execute(taken.values(last_step=step))) == 1
    used = update(RecoveryCode).where(
        RecoveryCode.official_id == factor.official_id,
        RecoveryCode.code_index == _key(factor.official_id, code),
        RecoveryCode.used_at.is_(None),
    )
    return rows_changed(db.session.execute(used.values(used_at=at))) == 1


def remove(principal: Principal, person: Official, *, at: datetime) -> None:
    """Take the authenticator away, with its recovery codes and the passkeys that were added under it: by its official,
    or by who manages his account (the caller has checked which). His sessions end where somebody else does it. Raises
    Conflict where there is none."""
    removed = db.session.execute(delete(SecondFactor).where(SecondFactor.official_id == person.id))
    if not rows_changed(removed):
        raise Conflict("这个账号没有开通动态验证码。")
    for table in (RecoveryCode, Passkey):
        db.session.execute(delete(table).where(table.official_id == person.id))
    if principal.official_id != person.id:
        sessions.end_all(person.id, at=at)
    audit.record(principal, "official.remove_second_factor", "official", person.id, at=at)
    db.session.flush()


def _require_oneself(principal: Principal, person: Official) -> None:
    if principal.official_id != person.id:
        raise Conflict("只能为自己开通动态验证码。")


def _step_of(factor: SecondFactor, code: str, at: datetime) -> int | None:
    """The time step whose code this is, later than the last one taken; None where it is none."""
    typed = plain_without_spaces(code).replace("-", "")
    totp = pyotp.TOTP(factor.secret)
    now = totp.timecode(at)
    fitting = [
        now + offset
        for offset in _STEPS_AROUND
        if hmac.compare_digest(totp.generate_otp(now + offset).encode(), typed.encode())
    ]
    return next((step for step in fitting if step > factor.last_step), None)


def _new_recovery_codes(person: Official) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.official_id == person.id))
    halves = ["".join(secrets.choice(LEGIBLE) for _ in range(_HALF)) for _ in range(2 * RECOVERY_CODES)]
    codes = [f"{first}-{second}" for first, second in zip(halves[::2], halves[1::2], strict=True)]
    db.session.add_all(RecoveryCode(official_id=person.id, code_index=_key(person.id, code)) for code in codes)
    return codes


def _key(official_id: int, code: str) -> str:
    return f"{official_id}/{plain_without_spaces(code).replace('-', '').lower()}"
