"""The result of a lookup as a page: moulds, filled in for the person who has given proof."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from core.money import format_yuan
from core.moulds import Mould, mould, together
from core.screens import county_clock, period_in
from core.web import select_locale
from portal.own_page import OwnPage, ShownPayment, Total
from portal.queries import Person
from portal.rules import PlainState
from publicity.queries import OpenList


def result_page(person: Person, page: OwnPage, open_lists: Sequence[OpenList], until: datetime) -> Markup:
    """The whole page: one year of payments, the way to the others, the open lists around, and the end of the visit."""
    other_years = [year for year in page.years if year != page.year]
    shell = mould(
        "portal/result/page.html",
        *("name", "until", "year", "count", "arrived", "totals", "payments", "received", "years", "lists"),
        has_payments=bool(page.payments),
        has_received=bool(page.received),
        has_totals=len(page.totals) > 1,
        has_years=bool(other_years),
        has_lists=bool(open_lists),
    )
    return shell.fill(
        name=person.name,
        until=county_clock(until),
        year=page.year,
        count=page.arrived_count,
        arrived=format_yuan(page.arrived_fen),
        totals=_totals(page.totals),
        payments=_payments(page.payments),
        received=_payments(page.received),
        years=_years(other_years),
        lists=_lists(open_lists),
        csrf_token=generate_csrf(),
    )


def _payments(shown: Iterable[ShownPayment]) -> Markup:
    language = select_locale()
    # Most payments of a person stand in one or two states.
    moulds: dict[tuple[PlainState, bool, bool, bool], Mould] = {}
    cards = []
    for payment, state in shown:
        kind = state, payment.card_tail is not None, payment.paid_on is not None, payment.for_whom != ""
        card = moulds.get(kind)
        if card is None:
            card = moulds[kind] = _card(*kind)
        cards.append(
            card.fill(
                id=payment.payment_id,
                programme=payment.programme,
                period=period_in(language, payment.period),
                amount=format_yuan(payment.amount_fen),
                card_tail=payment.card_tail,
                paid_on=payment.paid_on,
                for_whom=payment.for_whom,
            )
        )
    return together(cards)


def _card(state: PlainState, has_card: bool, has_day: bool, for_another: bool) -> Mould:
    places = ("id", "programme", "period", "amount", "card_tail", "paid_on", "for_whom")
    return mould(
        "portal/result/payment.html",
        *places,
        state=state,
        has_card=has_card,
        has_day=has_day,
        for_another=for_another,
    )


def _totals(totals: Iterable[Total]) -> Markup:
    line = mould("portal/result/total.html", "programme", "amount")
    return together(line.fill(programme=total.programme, amount=format_yuan(total.amount_fen)) for total in totals)


def _years(years: Iterable[int]) -> Markup:
    link = mould("portal/result/year.html", "year")
    return together(link.fill(year=year) for year in years)


def _lists(open_lists: Iterable[OpenList]) -> Markup:
    line = mould("portal/result/list.html", "token", "title")
    return together(line.fill(token=found.token, title=found.title) for found in open_lists)
