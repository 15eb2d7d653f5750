"""What is under way in the registry: cards that banks have reported on, card gaps at every step, records that may be
doubles."""

from datetime import timedelta

from sqlalchemy import select

from accounts.models import Organisation
from core.bulk import among
from core.database import db
from core.principal import system
from demo.calendar import office_hour
from demo.history import Scene
from registry.models import Card, CardGap
from registry.operations import (
    GapPlan,
    ReportedCard,
    find_doubles,
    import_arrival_messages,
    move_gaps,
    plan_gaps,
    request_cards,
)
from registry.queries import Chosen, ready_people_count
from registry.rules import GapReason

REASONS = (GapReason.NEVER_APPLIED, GapReason.WORKING_AWAY, GapReason.LOST, GapReason.DISABLED, GapReason.MINOR)


def work_on_the_registry(scene: Scene) -> None:
    """Let the bank report on three cards of four, the county plan what it does about missing cards, some of them be at
    the bank and some ready for the next file."""
    _report_cards(scene)
    at = office_hour(scene.today - timedelta(days=5))
    gaps = list(db.session.scalars(select(CardGap.id).where(CardGap.closed_on.is_(None)).order_by(CardGap.id)))
    finance = scene.officials["finance"]
    for number, reason in enumerate(REASONS):
        some = gaps[number :: len(REASONS)]
        if some:
            plan_gaps(finance, _chosen(some), GapPlan(reason=reason), expected=len(some), at=at)
    _collect(scene, gaps[::3])
    county = finance.region_prefix.ljust(12, "0")
    bank = db.session.scalars(select(Organisation.id).where(Organisation.kind == "bank").order_by(Organisation.id))
    ready = ready_people_count(county)
    if ready:
        request_cards(finance, bank.first() or 0, county, expected=ready, at=at)
    _collect(scene, gaps[1::3])
    find_doubles(system("demo"), at=at)


def _report_cards(scene: Scene) -> None:
    cards = db.session.scalars(select(Card.id).order_by(Card.id)).all()
    reported = [ReportedCard(card, card % 5 != 0) for card in cards if card % 4]
    import_arrival_messages(scene.officials["bank"], reported, at=office_hour(scene.today - timedelta(days=20)))


def _collect(scene: Scene, gaps: list[int]) -> None:
    """Materials are there for these gaps, as far as they are still missing."""
    chosen = _chosen(gaps).where(CardGap.state == "open")
    waiting = len(db.session.scalars(chosen).all())
    if waiting:
        at = office_hour(scene.today - timedelta(days=5))
        move_gaps(scene.officials["finance"], chosen, "collect", "", expected=waiting, at=at)


def _chosen(gaps: list[int]) -> Chosen:
    return select(CardGap.id).where(among(CardGap.id, gaps))
