"""The codes of notice boards: made, and revoked."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, literal, null, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from core import audit
from core.database import db, region_scope
from core.errors import Conflict, NotVisible
from core.principal import Principal, region_prefix
from publicity import rules
from publicity.models import QrCode
from registry.models import Region


def create_qr_code(principal: Principal, region: Region, *, at: datetime) -> QrCode:
    """A code for the notice board of a region. Raises Conflict where it has one that is still good: two different
    codes on one board would make people doubt both."""
    if not principal.sees_region(region.code):
        raise NotVisible
    principal.require(rules.MANAGE_QR_CODES)
    code = QrCode(region_code=region.code, created_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(code)
    except IntegrityError as error:
        raise Conflict("这个地方已经有一个有效的二维码，请直接打印。要换新码，请先停用旧码。") from error
    audit.record(principal, "publicity.create_qr_code", "qr_code", code.id, at=at, region=region.code)
    db.session.flush()
    return code


def create_missing_qr_codes(principal: Principal, township: Region, *, at: datetime) -> int:
    """A code for every notice board of a township (its own and its villages') that has no good one; returns how many
    were made. Codes that are good stay: their prints hang.

    Raises NotVisible outside the principal's region, PermissionDenied without the right, Conflict where none is
    missing.
    """
    if not principal.sees_region(township.code):
        raise NotVisible
    principal.require(rules.MANAGE_QR_CODES)
    made = _insert_missing(township.code, at)
    if not made:
        raise Conflict("这个乡镇的公示栏都已经有二维码，请直接打印。")
    audit.record(principal, "publicity.create_qr_codes", "region", township.code, at=at, codes=made)
    db.session.flush()
    return made


def _insert_missing(township_code: str, at: datetime) -> int:
    """One statement; a board that gets its code from somebody else meanwhile is left out, by the unique index."""
    has_code = exists().where(QrCode.region_code == Region.code, QrCode.revoked_at.is_(None))
    boards = (
        select(Region.code, literal(at, QrCode.created_at.type), null())
        .where(
            Region.level.in_((rules.TOWNSHIP, rules.VILLAGE)),
            region_scope(Region.code, region_prefix(township_code)),
            ~has_code,
        )
        .order_by(Region.code)
    )
    table: Any = QrCode.__table__
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).from_select(["region_code", "created_at", "revoked_at"], boards).on_conflict_do_nothing()
    result: Any = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def revoke_qr_code(principal: Principal, code: QrCode, *, at: datetime) -> None:
    """Make a printed code say that it is no longer good. Raises Conflict where it already does."""
    if not principal.sees_region(code.region_code):
        raise NotVisible
    principal.require(rules.MANAGE_QR_CODES)
    if code.revoked_at is not None:
        raise Conflict("这个二维码已经停用了。")
    code.revoked_at = at
    audit.record(principal, "publicity.revoke_qr_code", "qr_code", code.id, at=at, region=code.region_code)
    db.session.flush()
