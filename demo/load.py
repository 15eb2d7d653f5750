"""Builds the whole demo county in one transaction after another, oldest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select, update

from accounts.models import Official
from accounts.passwords import hash_password
from core import audit, clock, uploads
from core.database import db
from core.errors import UserError
from core.principal import Principal, principal_of
from core.web import settings
from core.working_days import seed_calendar
from demo.calendar import quarter_of, quarters_before, years_before
from demo.cases import hand_in_cases, keep_and_announce, settle_old_cases
from demo.county import PASSWORD, SHOWN_TOWNSHIP, SIGN_INS, build_offices
from demo.history import (
    DEMO,
    Scene,
    Subsidy,
    age,
    give_funds,
    paid_in_the_past,
    paid_offline,
    plan_entries,
    planned_fen,
)
from demo.people import invent, with_guardians
from demo.present import confirmed, lists_on_the_board, results_on_the_board, rolls_on_their_way, shuffled
from demo.registry_work import work_on_the_registry
from demo.routing import approve_routing
from disbursement.models import Payment
from portal.statistics.operations import count_figures
from programmes.models import Programme
from publicity.operations import create_qr_code
from registry.models import Region
from sms.models import HandsetMessage, Message
from sms.rendering import render, signature_of
from sms.templates import template_named

DATA = Path(__file__).with_name("data")
ON_HANDSETS = 300
"""How many of the last messages stand on the simulated phones; the worker sends what is still worth sending."""


@dataclass(frozen=True)
class Loaded:
    """What was made."""

    people: int
    payments: int
    complaints: int


def is_empty() -> bool:
    """Whether no county has been set up here yet."""
    return db.session.scalar(select(Region.code).limit(1)) is None


USUAL_PEOPLE = 2000
"""What ``make run`` opens with."""


def load_county(people_count: int, *, at: datetime) -> Loaded:
    """Make the demo county as it would be at the instant ``at``. Raises UserError where there already is a county."""
    if not is_empty():
        raise UserError("这里已经有数据了，不能再装入演示县。请换一个空的数据目录。")
    today = clock.local_date(at)
    seed_calendar()
    _import("registry.regions", "regions.csv", at)
    build_offices(hash_password(PASSWORD), at=at)
    _import("programmes.catalogue", "programmes.xlsx", at)
    db.session.commit()
    people = with_guardians(shuffled(list(invent(people_count, _groups(), today))), today)
    scene = Scene(people, {sign_in.username: _principal(sign_in.username) for sign_in in SIGN_INS}, today)
    subsidies = _subsidies(today)
    for code, subsidy in subsidies.items():
        programme = _programme(code)
        _fund(programme, subsidy, scene)
        (paid_in_the_past if programme.channel == "platform" else paid_offline)(programme, subsidy, scene)
        db.session.commit()
    _lay_on_desks(subsidies, scene)
    work_on_the_registry(scene)
    db.session.commit()
    complaints = sum(work(_villages(), today) for work in (hand_in_cases, settle_old_cases, keep_and_announce))
    approve_routing(scene.officials["finance"], scene.officials["finance-approver"], at=at)
    _deliver_old_messages(at)
    _print_codes(at)
    count_figures(DEMO, settings().county_code, at=at)
    audit.seal(at=at)
    db.session.commit()
    payments = db.session.scalar(select(func.count()).select_from(Payment)) or 0
    return Loaded(people_count, payments, complaints)


def _import(kind: str, name: str, at: datetime) -> None:
    content = (DATA / name).read_bytes()
    uploads.import_at_once(DEMO, uploads.kind_of(kind), content, name, {}, at=at, dry_run=False)


def _groups() -> list[str]:
    return list(db.session.scalars(select(Region.code).where(Region.level == "group").order_by(Region.code)))


def _villages() -> list[str]:
    """Village codes, those of the shown township first."""
    codes = db.session.scalars(select(Region.code).where(Region.level == "village")).all()
    return sorted(codes, key=lambda code: (not code.startswith(SHOWN_TOWNSHIP[:9]), code))


def _principal(username: str) -> Principal:
    return principal_of(db.session.scalars(select(Official.id).where(Official.username == username)).one())


def _programme(code: str) -> Programme:
    return db.session.scalars(select(Programme).where(Programme.code == code)).one()


def _subsidies(today: date) -> Mapping[str, Subsidy]:
    quarters, years = quarters_before(today, 8), years_before(today, 2)
    months = "3"
    made = (
        Subsidy("DISABLED_LIVING", quarters, lambda n, _p, _d: n % 5 == 0, lambda _c: months, lambda q: int(q) * 9000),
        Subsidy("DISABLED_CARE", quarters, lambda n, _p, _d: n % 10 == 0, lambda _c: months, lambda q: int(q) * 8000),
        Subsidy(
            "SENIOR_ALLOWANCE", quarters, lambda _n, p, d: age(p, d) >= 80, lambda _c: months, lambda q: int(q) * 5000
        ),
        Subsidy(
            "FARMLAND_FERTILITY",
            years,
            lambda n, p, d: n % 2 == 1 and age(p, d) >= 18,
            lambda chance: f"{chance.randrange(4, 120) / 10:.1f}",
            # 105.2 yuan a mu: tenths of a mu times 1052 fen.
            lambda mu: round(float(mu) * 10) * 1052,
        ),
        Subsidy(
            "FOREST_ECOLOGY",
            [f"{today.year - 1}06"],
            lambda n, p, d: n % 3 == 0 and age(p, d) >= 18,
            lambda chance: f"{chance.randrange(10, 300) / 10:.1f}",
            lambda mu: round(float(mu) * 10) * 150,
        ),
        Subsidy(
            "YULU_EDUCATION",
            years,
            lambda n, p, d: n % 4 == 0 and 16 <= age(p, d) <= 24,
            lambda _c: "1",
            lambda _q: 150000,
        ),
    )
    return {subsidy.code: subsidy for subsidy in made}


def _fund(programme: Programme, subsidy: Subsidy, scene: Scene) -> None:
    """Enough for every period of each year, and for what lies on the desks this year."""
    one_period = planned_fen(plan_entries(subsidy, scene))
    by_year: dict[int, int] = dict.fromkeys(
        {int(period[:4]) for period in subsidy.periods} | {scene.today.year}, one_period
    )
    for period in subsidy.periods:
        by_year[int(period[:4])] += one_period
    give_funds(programme, by_year)


def _lay_on_desks(subsidies: Mapping[str, Subsidy], scene: Scene) -> None:
    # A quarter or year of which nobody has been paid yet: the checks would find everybody twice.
    period = quarter_of(scene.today)
    rolls_on_their_way(_programme("DISABLED_LIVING"), subsidies["DISABLED_LIVING"], period, scene)
    lists_on_the_board(_programme("FOREST_ECOLOGY"), subsidies["FOREST_ECOLOGY"], f"{scene.today.year}06", scene)
    for code, sent in (("DISABLED_CARE", False), ("SENIOR_ALLOWANCE", True)):
        confirmed(_programme(code), subsidies[code], period, scene, sent=sent)
    # Of two programmes the last results hang; in the shown township one of them is still to be hung out.
    for code, missing in (("DISABLED_CARE", ""), ("SENIOR_ALLOWANCE", SHOWN_TOWNSHIP)):
        results_on_the_board(_programme(code), scene, but=missing)
    db.session.commit()


def _deliver_old_messages(at: datetime) -> None:
    """What nobody would send any more arrived in its time, but for the few that never do."""
    # A worker that runs meanwhile has given up some already.
    old = Message.state.in_(("queued", "expired")) & (Message.expires_at <= at)
    arrived = {"gateway": "simulated", "attempts": 1, "segments": 2, "sent_at": Message.created_at}
    for state, part in (("undelivered", 97), ("rejected", 89), ("delivered", 1)):
        db.session.execute(
            update(Message)
            .where(old, Message.id % part == 0)
            .values(state=state, finished_at=Message.created_at, **arrived)
            .execution_options(synchronize_session=False)
        )
    _show_on_handsets()


def _show_on_handsets() -> None:
    delivered = select(Message).where(Message.state == "delivered")
    newest = db.session.scalars(delivered.order_by(Message.created_at.desc(), Message.id.desc()).limit(ON_HANDSETS))
    signature = signature_of(settings().county_name)
    db.session.add_all(
        HandsetMessage(
            phone=message.phone,
            phone_index=message.phone,
            text=render(template_named(message.template), message.parameters, signature=signature),
            provider_id=f"demo-{message.id}",
            delivered_at=message.created_at,
        )
        for message in reversed(newest.all())
    )


def _print_codes(at: datetime) -> None:
    for region in db.session.scalars(select(Region).where(Region.level.in_(("township", "village")))).all():
        create_qr_code(DEMO, region, at=at)
