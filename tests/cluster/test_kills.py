"""Any machine of the installation is killed under load, ten times: no request is answered wrongly, nothing that was
acknowledged is lost or done twice, and whoever is left catches up with the rest."""

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from complaints.models import Complaint, ComplaintEntry
from core import clock
from core.database import db
from core.jobs import BackgroundJob
from core.principal import OrganisationKind, Role
from core.working_days import seed_calendar
from sms.models import HandsetMessage, Message
from sms.operations import DISPATCH, LOOK_UP
from tests import factories
from tests.browser import clockwork
from tests.cluster.machines import Answer, Browser, Database, Machine, until
from tests.conftest import settings_for
from tests.processes import free_port
from tests.signing import HASH, PASSWORD

VILLAGE, TOWNSHIP = "513426100200", "513426100000"
VICTIMS = ("web 1", "worker 1", "database", "web 2", "worker 2", "database", "web 1", "worker 2", "web 2", "database")
VILLAGERS = 3
PAUSE = 0.2
UNDER_WAY = 8
"""More messages than that are not on their way at one moment, at this pace."""
MOST = 80
"""Complaints of one villager: so many an hour are handed in without a question, in the whole county three hundred."""


@dataclass
class Load:
    """What people do meanwhile, what they were told, and what was wrong."""

    ports: list[int]
    official: str
    filed: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Number of a case → what was said in it, and its receipt code: as acknowledged."""
    accepted: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    sorry: Counter[str] = field(default_factory=Counter)

    def run(self, act: Callable[..., None], *arguments: object) -> None:
        """Do one kind of work until it is over; a fault of ours is a fault of the test."""
        try:
            act(*arguments)
        except Exception as error:  # noqa: BLE001 -- told below, in the thread that the test runs in
            self.wrong.append(repr(error)[:2000])

    def has_gone_on(self, before: int) -> bool:
        """Whether each villager has been served since so many had been, or something is wrong."""
        return len(self.filed) >= before + VILLAGERS or bool(self.wrong)

    def villager(self, number: int) -> None:
        """Hand in one complaint after the other, and look at each with the code."""
        turn = 0
        while not self.over.is_set() and turn < MOST:
            turn += 1
            said = f"第 {number} 人第 {turn} 次：补贴没有到账"
            browser = Browser(self.ports, f"198.51.{number}.{turn % 250 + 1}")
            form = self._right(browser.get("/complaints/new"), 'name="form_name"')
            fields = {
                "csrf_token": _value(form, "csrf_token"),
                "form_name": _value(form, "form_name"),
                "category": "not_received",
                "text": said,
                "region": VILLAGE,
                "name": "某甲",
                "phone": f"138{number:04}{turn:04}",
            }
            page = self._right(browser.post("/complaints/new", urlencode(fields)), 'id="receipt-code"')
            code = re.sub(r"\s", "", _found(page, r'id="receipt-code">([0-9 ]+)<'))
            number_of_case = _found(page, r"<dd[^>]*>(\d{12})<")
            self.filed[number_of_case] = (said, code)
            form = self._right(browser.get("/complaints/track"), "receipt_code")
            tracked = browser.post(
                "/complaints/track", urlencode({"csrf_token": _value(form, "csrf_token"), "receipt_code": code})
            )
            self._right(tracked, number_of_case)
            time.sleep(PAUSE)
            self.sorry["villager"] += browser.sorry

    def clerk(self) -> None:
        """Accept one case after the other."""
        browser = Browser(self.ports, "198.51.100.1")
        form = self._right(browser.get("/staff/login"), "csrf_token")
        fields = {"csrf_token": _value(form, "csrf_token"), "username": self.official, "password": PASSWORD}
        assert browser.post("/staff/login", urlencode(fields)).status == 302
        while not self.over.is_set():
            for number in [number for number in list(self.filed) if number not in self.accepted][:5]:
                page = self._right(browser.get(f"/staff/complaints/{number}"), number)
                if f'action="/staff/complaints/{number}/accept"' in page:
                    answer = browser.post(
                        f"/staff/complaints/{number}/accept", urlencode({"csrf_token": _value(page, "csrf_token")})
                    )
                    # Asked a second time, because the first answer was lost, it may say that it is done already.
                    if answer.status not in {302, 303, 409}:
                        self.wrong.append(f"accept: {answer.status} {answer.text[:500]}")
                self.accepted.add(number)
            time.sleep(PAUSE)
        self.sorry["clerk"] += browser.sorry

    def _right(self, answer: Answer, has: str) -> str:
        assert answer.status == 200 and has in answer.text, (answer.status, has, answer.text[-3000:])
        return answer.text


def _found(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, (pattern, page[-3000:])
    return found[1]


def _value(page: str, name: str) -> str:
    return _found(page, rf'name="{name}"[^>]*value="([^"]+)"')


@contextmanager
def installation(folder: Path) -> Iterator[tuple[Database, dict[str, Machine], list[int], Flask]]:
    """PostgreSQL, two web servers and two workers, of which one keeps the timetable; and the house in this process."""
    database, machines = Database(), {}
    environ = os.environ | {
        "FLASK_APP": "app:create_app",
        "YKT_DATABASE_URL": database.url,
        "YKT_JOBS_URL": database.url,
        "YKT_INSTANCE": str(folder / "instance"),
        "YKT_BIND": "127.0.0.1",
        "YKT_PROXIES": "1",
        "YKT_TEST_CLOCK": str(folder / "clock"),
        "WEB_CONCURRENCY": "1",
    }
    ports = [free_port(), free_port()]
    for number, port in enumerate(ports, start=1):
        told = environ | {"PORT": str(port)}
        machines[f"web {number}"] = Machine(("gunicorn",), told, folder / f"web{number}.log")
    for number, options in enumerate(((), ("--no-periodic",)), start=1):
        arguments = ("flask", "worker", *options)
        machines[f"worker {number}"] = Machine(arguments, environ, folder / f"worker{number}.log")
    upgrade = Machine(("flask", "db", "upgrade"), environ, folder / "upgrade.log")
    upgrade.start()
    assert upgrade.process is not None
    upgrade.process.join(120)
    assert upgrade.process.exitcode == 0, (folder / "upgrade.log").read_text()
    app = create_app(settings_for(database.url, folder / "instance", YKT_JOBS_URL=database.url))
    try:
        for machine in machines.values():
            machine.start()
        yield database, machines, ports, app
    finally:
        for machine in machines.values():
            machine.kill()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        app.extensions["huey"].storage.close()
        database.stop()


def seed() -> str:
    """Places, offices and a clerk; returns the name with which the clerk signs in."""
    factories.load_regions()
    seed_calendar()
    for kind in (OrganisationKind.FINANCE, OrganisationKind.DISCIPLINE):
        factories.official(kind, Role.APPROVER)
    clerk = factories.official(OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER, region_code=TOWNSHIP)
    clerk.password_hash = HASH
    username = clerk.username
    db.session.commit()
    db.session.remove()
    return username


@pytest.mark.kill
@pytest.mark.timeout(290)
def test_any_machine_may_be_killed(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cluster")
    with installation(folder) as (database, machines, ports, app), app.app_context():
        load = Load(ports, seed())
        people = [threading.Thread(target=load.run, args=(load.villager, number)) for number in range(1, VILLAGERS + 1)]
        people.append(threading.Thread(target=load.run, args=(load.clerk,)))
        for person in people:
            person.start()
        until(lambda: len(load.filed) >= VILLAGERS or load.wrong, "the load never began")
        for victim in VICTIMS:
            before = len(load.filed)
            if victim == "database":
                database.kill()
                time.sleep(0.5)
                database.start()
            else:
                machines[victim].kill()
                time.sleep(0.5)
                machines[victim].start()
            # Whoever is left serves on.
            until(partial(load.has_gone_on, before), f"nothing after {victim}", 60)
        load.over.set()
        for person in people:
            person.join(90)
        assert load.wrong == []
        catch_up(app, folder)
        check(load)


def catch_up(app: Flask, folder: Path) -> None:
    """What dead workers had taken is free again when their leases are over; then those who live are woken, as their
    timetable would wake them."""
    clockwork.set_clock(folder / "clock", clock.utc_now() + timedelta(minutes=11))

    def all_done() -> bool:
        for name in (DISPATCH, LOOK_UP):
            app.extensions["wakers"][name]()
        jobs = db.session.scalar(
            sa.select(sa.func.count()).select_from(BackgroundJob).where(BackgroundJob.state.in_(("queued", "running")))
        )
        unknown = undelivered()
        known = all(found.state == "unknown" for found in unknown)
        messages = db.session.scalar(sa.select(sa.func.count()).select_from(Message))
        looked_up = on_handsets().total() + len(unknown) == messages
        db.session.rollback()
        return jobs == 0 and known and looked_up

    until(all_done, "somebody never caught up")


def undelivered() -> list[Message]:
    """What has no receipt. The handset lies in the database that is killed: where that went away while a message was
    on its way, nobody has it and nobody can say so. It is unknown then, waits for a person, and is never
    sent again by a machine."""
    return list(db.session.scalars(sa.select(Message).where(Message.state != "delivered")))


def on_handsets() -> Counter[str]:
    """The phones that have messages, and how many."""
    return Counter(found.phone for found in db.session.scalars(sa.select(HandsetMessage)))


def check(load: Load) -> None:
    """What people were told is what is there, once."""
    cases = {found.number: found for found in db.session.scalars(sa.select(Complaint))}
    assert cases.keys() == load.filed.keys()
    assert {number: found.text for number, found in cases.items()} == {
        number: said for number, (said, _code) in load.filed.items()
    }
    accepted = {number for number, found in cases.items() if found.state != "received"}
    assert load.accepted <= accepted
    entries = Counter(
        db.session.scalars(sa.select(ComplaintEntry.complaint_id).where(ComplaintEntry.kind == "accepted"))
    )
    assert entries == Counter({cases[number].id: 1 for number in accepted})
    # One message for each, on one handset, once; or one of which nobody knows, and which nobody has.
    unknown = Counter(found.phone for found in undelivered())
    assert on_handsets() + unknown == Counter(cases[number].reporter_phone for number in accepted)
    assert unknown.total() <= VICTIMS.count("database") * UNDER_WAY
    assert len(load.filed) > len(VICTIMS) * VILLAGERS
