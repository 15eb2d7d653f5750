"""The codes of notice boards: made, and revoked."""

from datetime import datetime

from sqlalchemy import select

from core import audit
from core.database import db
from core.errors import Conflict, NotVisible
from core.principal import Principal
from publicity import rules
from publicity.models import QrCode
from registry.models import Region


def create_qr_code(principal: Principal, region: Region, *, at: datetime) -> QrCode:
    """A code for the notice board of a region. Raises Conflict where it has one that is still good: two different
    codes on one board would make people doubt both."""
    if not principal.sees_region(region.code):
        raise NotVisible
    principal.require(rules.MANAGE_QR_CODES)
    if db.session.scalar(select(QrCode.id).where(QrCode.region_code == region.code, QrCode.revoked_at.is_(None))):
        raise Conflict("这个地方已经有一个有效的二维码，请直接打印。要换新码，请先停用旧码。")
    code = QrCode(region_code=region.code, created_at=at)
    db.session.add(code)
    db.session.flush()
    audit.record(principal, "publicity.create_qr_code", "qr_code", code.id, at=at, region=region.code)
    db.session.flush()
    return code


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
