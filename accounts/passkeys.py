"""Passkeys (WebAuthn): an official signs in with the fingerprint, face or PIN of his computer, phone or security key.

The key never leaves the device, and answers only to this site's address: there is nothing that a false site could ask
for. It takes the place of password and code together, so the device must have asked who holds it (user verification).
Whoever has none at hand signs in with password and code as before; that is why the authenticator comes first.

A challenge is a signed name with its time: nothing is kept of it, and any tab of the browser may answer its own.
"""

import json
import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import delete, func, or_, select, update

from accounts import rules, second_factor
from accounts.models import Official, Passkey
from accounts.queries import principal_from
from core import audit
from core.database import db, rows_changed
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.msgid import N_
from core.plain_text import readable
from core.principal import NOBODY, Principal
from core.web import settings

UNREADABLE = (
    *(ValueError, LookupError, TypeError, AttributeError, NotImplementedError, OverflowError, RecursionError),
    struct.error,
)
"""What the library raises where an answer is not one: it decodes JSON, CBOR and keys as it goes."""
NOT_ACCEPTED = N_("这个通行密钥没有通过验证。请重试，或者用密码登录。")
_NOT_ADDED = N_("没有添加成功。请重新打开这一页再试一次。")
_SIGN_IN, _ADD = "passkey sign-in", "passkey of %d"


@dataclass(frozen=True)
class Challenge:
    """What a device is asked to sign: the token, and when it was issued."""

    token: str
    issued_at: datetime


def of_official(official_id: int) -> Sequence[Passkey]:
    """The passkeys of an official, the oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.official_id == official_id).order_by(Passkey.id)).all()


def sign_in_options(*, at: datetime) -> Mapping[str, Any]:
    """What the sign-in page asks the browser for: any passkey of this site. No account is named, so nothing is told
    about which exist."""
    options, _state = _server().authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED, challenge=_issue(_SIGN_IN, at).encode()
    )
    return dict(options)


def options_for_adding(person: Official, *, at: datetime) -> Mapping[str, Any]:
    """What the browser is asked for to make a passkey for this official, on a device that holds none of his yet."""
    options, _state = _server().register_begin(
        PublicKeyCredentialUserEntity(
            id=f"official {person.id}".encode(), name=person.username, display_name=person.name
        ),
        credentials=[AttestedCredentialData(passkey.credential) for passkey in of_official(person.id)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=_issue(_ADD % person.id, at).encode(),
    )
    return dict(options)


def add(principal: Principal, person: Official, name: str, answer: str, *, at: datetime) -> Passkey:
    """Keep the passkey that the browser has made for oneself. ``answer`` is the browser's, as JSON.

    Raises UserError for an answer that does not hold or a name that says nothing, Conflict without an authenticator or
    with too many passkeys, PermissionDenied for somebody else.
    """
    if principal.official_id != person.id:
        raise PermissionDenied("只能为自己添加通行密钥。")
    if second_factor.confirmed(person.id) is None:
        raise Conflict("请先开通动态验证码：这台设备不在手边时，靠它登录。")
    name = readable(name).strip()
    if not 1 <= len(name) <= rules.MOST_PASSKEY_NAME:
        raise UserError("请给通行密钥起一个 %(most)d 字以内的名字，例如“办公室电脑”。", most=rules.MOST_PASSKEY_NAME)
    if db.session.scalar(select(func.count()).where(Passkey.official_id == person.id)) == rules.MOST_PASSKEYS:
        raise Conflict("最多添加 %(most)d 个通行密钥。请先删除不用的。", most=rules.MOST_PASSKEYS)
    server = _server()
    try:
        given = RegistrationResponse.from_dict(json.loads(answer))
        challenge = _read(_ADD % person.id, given.response.client_data.challenge, at)
        made = server.register_complete(_state(challenge), given)
        credential = made.credential_data
    except UNREADABLE as error:
        raise UserError(_NOT_ADDED) from error
    if credential is None or credential.public_key.get(3) not in {wanted.alg for wanted in server.allowed_algorithms}:
        raise UserError(_NOT_ADDED)
    if db.session.scalar(select(Passkey.id).where(Passkey.credential_id == credential.credential_id)) is not None:
        raise Conflict("这个通行密钥已经添加过了。")
    passkey = Passkey(
        official_id=person.id,
        name=name,
        credential_id=credential.credential_id,
        credential=bytes(credential),
        sign_count=made.counter,
        added_at=at,
        last_used_at=None,
    )
    db.session.add(passkey)
    db.session.flush()
    audit.record(principal, "official.add_passkey", "official", person.id, at=at)
    db.session.flush()
    return passkey


def remove(principal: Principal, person: Official, passkey_id: int, *, at: datetime) -> None:
    """Take one of one's own passkeys away; nobody signs in with it any more. Raises NotVisible for any other."""
    mine = delete(Passkey).where(Passkey.id == passkey_id, Passkey.official_id == principal.official_id)
    if principal.official_id != person.id or not rows_changed(db.session.execute(mine)):
        raise NotVisible
    audit.record(principal, "official.remove_passkey", "official", person.id, at=at)
    db.session.flush()


def authenticate(answer: str, *, at: datetime) -> Official | None:
    """The official whose passkey gave this answer (the browser's, as JSON); None where it does not hold, where it was
    given before, or where the account is closed. A failure of a known key is recorded; an unknown one is nobody's. The
    caller commits either way."""
    try:
        given = AuthenticationResponse.from_dict(json.loads(answer))
        challenge = _read(_SIGN_IN, given.response.client_data.challenge, at)
        passkey = db.session.scalar(select(Passkey).where(Passkey.credential_id == given.raw_id))
    except UNREADABLE:
        return None
    if passkey is None:
        return None
    person = db.session.get_one(Official, passkey.official_id)
    if not _holds(passkey, given, challenge, at) or not (person.active and person.organisation.active):
        audit.record(NOBODY, "official.sign_in_failed", "official", person.id, at=at, passkey=True)
        db.session.flush()
        return None
    person.last_sign_in_at = at
    audit.record(principal_from(person), "official.sign_in", "official", person.id, at=at, passkey=True)
    db.session.flush()
    return person


def _holds(passkey: Passkey, given: AuthenticationResponse, challenge: Challenge, at: datetime) -> bool:
    """Whether the signature is right and the first to this challenge; the key is marked as used by this."""
    told = given.response.authenticator_data.counter
    if not rules.may_be_answered(challenge.issued_at, passkey.last_used_at, at):
        return False
    if not rules.has_counted_on(passkey.sign_count, told):
        return False
    try:
        _server().authenticate_complete(_state(challenge), [AttestedCredentialData(passkey.credential)], given)
    except UNREADABLE:
        return False
    # Of two answers at the same moment one is taken.
    unused = update(Passkey).where(
        Passkey.id == passkey.id, or_(Passkey.last_used_at.is_(None), Passkey.last_used_at < challenge.issued_at)
    )
    return rows_changed(db.session.execute(unused.values(last_used_at=at, sign_count=told))) == 1


def _server() -> Fido2Server:
    """The checks for this site: its address is the one that the settings name, not the one a request names."""
    address = settings().base_url
    host = urlsplit(address).hostname or ""
    relying_party = PublicKeyCredentialRpEntity(id=host, name=f"{settings().county_name}一卡通")
    return Fido2Server(relying_party, verify_origin=lambda origin: origin == address)


def _state(challenge: Challenge) -> dict[str, Any]:
    return {
        "challenge": websafe_encode(challenge.token.encode()),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=purpose)


def _issue(purpose: str, at: datetime) -> str:
    """A challenge that only this installation makes, for this purpose and from this moment on."""
    token: str = _signer(purpose).dumps([secrets.token_urlsafe(18), at.astimezone(UTC).isoformat()])
    return token


def _read(purpose: str, challenge: bytes, at: datetime) -> Challenge:
    """What was issued for this purpose and is not too old. Raises ValueError otherwise."""
    token = challenge.decode()
    try:
        _name, issued_at = _signer(purpose).loads(token)
    except BadData as error:
        raise ValueError("not issued here") from error
    found = Challenge(token, datetime.fromisoformat(issued_at))
    if not rules.may_be_answered(found.issued_at, None, at):
        raise ValueError("too old")
    return found
