"""What changes publicity: a roll's lists are written and opened, codes are made and revoked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select, update

from core import audit, clock
from core.database import db, region_scope
from core.errors import Conflict, NotVisible, UserError
from core.money import Fen
from core.principal import Principal, region_prefix
from disbursement.models import Payment, Roll
from disbursement.operations import record_publicity
from publicity import rules
from publicity.models import PublicityLine, PublicityList, QrCode
from registry.models import Region


class _Line(NamedTuple):
    """What the public may learn of a payment, and where it belongs."""

    region_code: str
    masked_name: str
    quantity: str
    amount_fen: int


def publicise_roll(principal: Principal, roll: Roll, *, at: datetime) -> list[PublicityList]:
    """Write the masked lists of a roll at township, village and group level (B8) and open them from the county day of
    ``at``; the roll becomes publicised. Lists of an earlier round are withdrawn.

    Raises NotVisible outside the principal's region, PermissionDenied without the right, Conflict where the roll does
    not wait for publicity, UserError where it has no line left.
    """
    if not principal.sees_region(roll.township_code):
        raise NotVisible
    principal.require(rules.PUBLICISE)
    lines = _lines_of(roll)
    if not lines:
        raise UserError("这份花名册没有可以公示的人员。请退回乡镇核对后再公示。")
    record_publicity(principal, roll, at=at)
    number = _withdraw_earlier(roll, at) + 1
    regions = _regions_under(roll.township_code)
    lists = [
        _new_list(roll, _place(code, regions), found, level=level, code=code, number=number, at=at)
        for level in rules.LEVELS
        for code, found in sorted(_by_region(level, lines).items())
    ]
    db.session.add_all(lists)
    db.session.flush()
    _insert_lines(lists, lines, regions)
    return lists


def _lines_of(roll: Roll) -> list[_Line]:
    """The roll's payments in the order of the regions and of its own rows, already masked. One query."""
    sensitive = roll.batch.programme.sensitive
    rows = db.session.execute(
        select(Payment.region_code, Payment.name, Payment.quantity, Payment.amount_fen)
        .where(Payment.roll_id == roll.id, Payment.state == "drafted")
        .order_by(Payment.region_code, Payment.row, Payment.id)
    )
    return [
        _Line(code, rules.masked_name(name, sensitive=sensitive), quantity, amount)
        for code, name, quantity, amount in rows
    ]


def _by_region(level: str, lines: Sequence[_Line]) -> Mapping[str, list[_Line]]:
    found: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        code = rules.region_at(level, line.region_code)
        if code is not None:
            found[code].append(line)
    return found


def _regions_under(township_code: str) -> dict[str, str]:
    """Names by code, of a township and all below it."""
    scope = region_scope(Region.code, region_prefix(township_code))
    return dict(db.session.execute(select(Region.code, Region.name).where(scope)).all())


def _place(code: str, regions: Mapping[str, str]) -> str:
    return "".join(regions[around] for around in reversed(rules.regions_around(code)))


def _new_list(
    roll: Roll, place: str, lines: Sequence[_Line], *, level: str, code: str, number: int, at: datetime
) -> PublicityList:
    programme = roll.batch.programme
    window = rules.window(clock.local_date(at), programme.publicity_days)
    return PublicityList(
        roll_id=roll.id,
        region_code=code,
        level=level,
        round=number,
        title=rules.title(programme.name, roll.batch.period, place),
        basis=programme.policy_basis,
        opens_on=window.opens_on,
        closes_on=window.closes_on,
        online=window.online,
        line_count=len(lines),
        total_fen=Fen(sum(line.amount_fen for line in lines)),
        created_at=at,
    )


def _insert_lines(lists: Sequence[PublicityList], lines: Sequence[_Line], regions: Mapping[str, str]) -> None:
    grouped = {level: _by_region(level, lines) for level in rules.LEVELS}
    rows = [
        {
            "list_id": made.id,
            "number": number,
            "masked_name": line.masked_name,
            "group_name": _place_below(made.level, line.region_code, regions),
            "quantity": line.quantity,
            "amount_fen": line.amount_fen,
        }
        for made in lists
        for number, line in enumerate(grouped[made.level][made.region_code], start=1)
    ]
    db.session.execute(insert(PublicityLine), rows)


def _place_below(level: str, region_code: str, regions: Mapping[str, str]) -> str:
    """Village and group, as far as the list's own heading does not say them."""
    below = rules.LEVELS[rules.LEVELS.index(level) + 1 :]
    codes = [rules.region_at(lower, region_code) for lower in below]
    return "".join(regions[code] for code in codes if code)


def _withdraw_earlier(roll: Roll, at: datetime) -> int:
    """Take down the lists of the round before; returns the number of that round, 0 where there was none."""
    last = db.session.scalar(select(func.max(PublicityList.round)).where(PublicityList.roll_id == roll.id))
    db.session.execute(
        update(PublicityList)
        .where(PublicityList.roll_id == roll.id, PublicityList.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
        .execution_options(synchronize_session=False)
    )
    return last or 0


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
