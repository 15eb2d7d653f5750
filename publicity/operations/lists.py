"""A roll's lists are written and opened, before the payment and after it; a wrong one is taken down."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, update

from core import audit, clock
from core.bulk import among
from core.bulk_actions import BulkOutcome
from core.database import db, region_scope
from core.errors import Conflict, NotVisible, UserError
from core.money import Fen
from core.msgid import N_
from core.principal import Principal, region_prefix
from disbursement.models import Payment, Roll
from disbursement.operations import hold_roll, record_publicity, set_publicity_until
from publicity import rules
from publicity.models import PublicityLine, PublicityList
from publicity.queries import PUBLIC_ROLL_STATES, is_hanging, is_taken_down, lists_for
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
    return _before_payment(principal, roll, again=False, at=at)


def publicise_again(principal: Principal, roll: Roll, *, at: datetime) -> list[PublicityList]:
    """Write the lists before payment anew, as a further round, where a wrong one was taken down; the window begins
    anew, because nobody has seen a whole set of right ones before. The roll stays in its state.

    Raises as ``publicise_roll`` does, and Conflict where no list of the last round was taken down.
    """
    _require(principal, roll)
    hold_roll(roll)
    if not is_taken_down(roll):
        raise Conflict("现在的公示表没有撤下的，不用重新公示。请刷新页面后再看。")
    return _before_payment(principal, roll, again=True, at=at)


def _before_payment(principal: Principal, roll: Roll, *, again: bool, at: datetime) -> list[PublicityList]:
    _require(principal, roll)
    lines = _lines_of(roll, Payment.state != "struck")
    if not lines:
        raise UserError("这份花名册没有可以公示的人员。请退回乡镇核对后再公示。")
    window = rules.window(clock.local_date(at), roll.batch.programme.publicity_days)
    # On paper only it does not hang before somebody confirms that it does.
    record_publicity(principal, roll, until=window.closes_on if window.online else None, again=again, at=at)
    return _write(roll, rules.BEFORE, lines, window, at)


def publicise_results(principal: Principal, roll: Roll, *, at: datetime) -> list[PublicityList]:
    """Write and open the lists after payment (发放结果公示): who was really paid, at the same levels, as masked, for
    the same days. Once more people have been paid, a further round replaces them.

    Raises NotVisible and PermissionDenied as ``publicise_roll`` does, Conflict before the batch has its results, and
    UserError where nobody of the roll was paid.
    """
    _require(principal, roll)
    hold_roll(roll)
    if roll.batch.state not in rules.RESULT_STATES:
        raise Conflict("这个批次还没有发放结果，不能公示发放结果。请等银行回盘以后再办。")
    lines = _lines_of(roll, Payment.state.in_(rules.PAID_STATES))
    if not lines:
        raise UserError("这份花名册里还没有人到账，没有可以公示的发放结果。")
    window = rules.window(clock.local_date(at), roll.batch.programme.publicity_days)
    made = _write(roll, rules.AFTER, lines, window, at)
    audit.record(principal, "publicity.publicise_results", "roll", roll.id, at=at, lines=len(lines), lists=len(made))
    db.session.flush()
    return made


def _require(principal: Principal, roll: Roll) -> None:
    if not principal.sees_region(roll.township_code):
        raise NotVisible
    principal.require(rules.PUBLICISE)


def _write(roll: Roll, kind: str, lines: Sequence[_Line], window: rules.Window, at: datetime) -> list[PublicityList]:
    number = _replace_earlier(roll, kind, at) + 1
    regions = _regions_under(roll.township_code)
    lists = [
        PublicityList(
            roll_id=roll.id,
            region_code=code,
            level=level,
            kind=kind,
            round=number,
            title=rules.title(roll.batch.programme.name, roll.batch.period, _place(code, regions), kind),
            basis=roll.batch.programme.policy_basis,
            opens_on=window.opens_on,
            closes_on=window.closes_on,
            online=window.online,
            line_count=len(found),
            total_fen=Fen(sum(line.amount_fen for line in found)),
            created_at=at,
        )
        for level in rules.LEVELS
        for code, found in sorted(_by_region(level, lines).items())
    ]
    db.session.add_all(lists)
    db.session.flush()
    _insert_lines(lists, lines, regions)
    return lists


def _lines_of(roll: Roll, wanted: ColumnElement[bool]) -> list[_Line]:
    """Those of the roll's payments in the order of the regions and of its own rows, already masked. One query."""
    sensitive = roll.batch.programme.sensitive
    rows = db.session.execute(
        select(Payment.region_code, Payment.name, Payment.quantity, Payment.amount_fen)
        .where(Payment.roll_id == roll.id, wanted)
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


def _replace_earlier(roll: Roll, kind: str, at: datetime) -> int:
    """Take down the lists of the round before; returns the number of that round, 0 where there was none."""
    of_kind = (PublicityList.roll_id == roll.id, PublicityList.kind == kind)
    last = db.session.scalar(select(func.max(PublicityList.round)).where(*of_kind))
    db.session.execute(
        update(PublicityList).where(*of_kind, PublicityList.withdrawn_at.is_(None)).values(withdrawn_at=at)
    )
    return last or 0


def withdraw_lists(principal: Principal, ids: Sequence[int], reason: str, *, at: datetime) -> BulkOutcome:
    """Take down lists that are wrong, at once and for good: the way back is to publicise the roll anew. While a list
    before payment is down, the department cannot approve its roll.

    Raises UserError without a reason. Lists that are down already, or whose window has closed, are left alone."""
    principal.require(rules.WITHDRAW_LIST)
    if not reason.strip():
        raise UserError("请写明撤下的原因。")
    rolls = hold_rolls_of(principal, ids)
    wanted = lists_for(principal).where(among(PublicityList.id, ids), is_hanging(clock.local_date(at)))
    found = db.session.scalars(wanted.order_by(PublicityList.id)).all()
    for shown in found:
        shown.withdrawn_at, shown.withdrawn_by, shown.withdraw_reason = at, principal.recorded_name, reason.strip()
    db.session.flush()
    note_windows(rolls)
    if found:
        audit.record(
            principal,
            "publicity.withdraw",
            "publicity_list",
            found[0].id if len(found) == 1 else "",
            at=at,
            lists=len(found),
            rolls=[roll.id for roll in rolls],
        )
    db.session.flush()
    left = len(set(ids)) - len(found)
    return BulkOutcome(len(found), [(N_("已经撤下，或者公示期已满。"), left)] if left else ())


def hold_rolls_of(principal: Principal, ids: Sequence[int]) -> list[Roll]:
    """The rolls of these lists, as far as the principal sees them, each held until the transaction ends: an approval,
    a posting and a withdrawal wait for one another. Always in the same order, so that nobody waits in a ring."""
    of_lists = lists_for(principal).where(among(PublicityList.id, ids)).with_only_columns(PublicityList.roll_id)
    rolls = list(db.session.scalars(select(Roll).where(Roll.id.in_(of_lists)).order_by(Roll.id)))
    for roll in rolls:
        hold_roll(roll)
    return rolls


def note_windows(rolls: Iterable[Roll]) -> None:
    """Tell the rolls until when their lists before payment hang now."""
    for roll in rolls:
        if roll.state in PUBLIC_ROLL_STATES:
            set_publicity_until(roll, rules.hangs_until(last_round(roll)))


def last_round(roll: Roll) -> list[rules.Hung]:
    """The lists of the roll's last round before payment, as far as its window goes by them."""
    of_kind = (PublicityList.roll_id == roll.id, PublicityList.kind == rules.BEFORE)
    last = select(func.max(PublicityList.round)).where(*of_kind).scalar_subquery()
    rows = db.session.execute(
        select(
            PublicityList.closes_on,
            PublicityList.online,
            PublicityList.posted_on.is_not(None),
            PublicityList.withdrawn_at.is_not(None),
        ).where(*of_kind, PublicityList.round == last)
    )
    return [rules.Hung(closes_on, online, bool(posted), bool(down)) for closes_on, online, posted, down in rows]
