"""What messages cost, month by month and gateway by gateway, against the county's budget. From the counts of the days:
no message is looked at, and nobody is in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext
from sqlalchemy import extract, func, select

from core.board import BoardItem, board_provider
from core.database import db
from core.money import Fen, format_yuan
from core.principal import OrganisationKind, Principal
from core.sms_settings import SmsLimits
from core.web import settings
from sms.models import SmsDay
from sms.rules import BUDGET_WARNS, SEE_COSTS, share_of_budget


@dataclass(frozen=True)
class GatewayCost:
    """What one gateway was handed over in a month: pieces, codes among the messages, and what the pieces cost."""

    gateway: str
    pieces: int
    codes: int
    cost_fen: Fen


@dataclass(frozen=True)
class MonthCost:
    """One month (YYYY-MM). ``share`` is what is spent of the budget, in per cent; None without a budget."""

    month: str
    gateways: Sequence[GatewayCost]
    share: int | None

    @property
    def pieces(self) -> int:
        """Of all gateways."""
        return sum(one.pieces for one in self.gateways)

    @property
    def codes(self) -> int:
        """Of all gateways."""
        return sum(one.codes for one in self.gateways)

    @property
    def cost_fen(self) -> Fen:
        """Of all gateways."""
        return Fen(sum(one.cost_fen for one in self.gateways))


def month_costs(principal: Principal, first: date, last: date, limits: SmsLimits) -> list[MonthCost]:
    """The months of these days in which anything was handed over, newest first, at the price of today. Raises
    PermissionDenied without SEE_COSTS."""
    principal.require(SEE_COSTS)
    return _costs(first, last, limits)


def _costs(first: date, last: date, limits: SmsLimits) -> list[MonthCost]:
    year, month = extract("year", SmsDay.day), extract("month", SmsDay.day)
    rows = db.session.execute(
        select(year, month, SmsDay.gateway, func.sum(SmsDay.segments), func.sum(SmsDay.codes))
        .where(SmsDay.day.between(first, last))
        .group_by(year, month, SmsDay.gateway)
        .order_by(SmsDay.gateway)
    )
    found: dict[str, list[GatewayCost]] = {}
    for of_year, of_month, gateway, pieces, codes in rows:
        one = GatewayCost(gateway, int(pieces), int(codes), Fen(int(pieces) * limits.segment_fen))
        found.setdefault(f"{int(of_year):04d}-{int(of_month):02d}", []).append(one)
    return [_month(name, found[name], limits) for name in sorted(found, reverse=True)]


def _month(name: str, gateways: Sequence[GatewayCost], limits: SmsLimits) -> MonthCost:
    cost = sum(one.cost_fen for one in gateways)
    return MonthCost(name, gateways, share_of_budget(cost, limits.monthly_yuan))


@board_provider
def over_budget(principal: Principal, today: date) -> Iterable[BoardItem]:
    """That this month's budget is nearly spent, or is: for the county's finance bureau."""
    limits = settings().sms_limits
    if not limits.monthly_yuan or principal.organisation_kind != OrganisationKind.FINANCE:
        return
    if not principal.may(SEE_COSTS):
        return
    for month in _costs(today.replace(day=1), today, limits):
        if month.share is not None and month.share >= BUDGET_WARNS:
            yield BoardItem(
                title=_title(month.share),
                url=url_for("sms.costs"),
                room="sms",
                detail=gettext("%(month)s 已用 %(cost)s 元，预算 %(budget)s 元。", **_figures(month, limits)),
            )


def _title(share: int) -> str:
    if share >= 100:
        return str(gettext("本月短信费用已超过预算（%(share)s%%）", share=share))
    return str(gettext("本月短信费用已用到预算的 %(share)s%%", share=share))


def _figures(month: MonthCost, limits: SmsLimits) -> Mapping[str, str]:
    return {
        "month": month.month,
        "cost": format_yuan(month.cost_fen),
        "budget": format_yuan(limits.monthly_yuan * 100),
    }
