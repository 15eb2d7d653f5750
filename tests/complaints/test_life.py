"""The whole life of complaints under a moving clock: whatever happens in whatever order, the promises hold."""

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from app import create_app
from complaints import operations, queries, rules
from complaints.models import Clock, Complaint, Escalation
from complaints.rulebook import CURRENT
from complaints.tracking import track
from core.audit import AuditEntry
from core.calendar import local_date
from core.database import db
from core.errors import UserError
from core.principal import Principal, system
from tests.complaints.county import AT, County, build_county, submit
from tests.conftest import settings_for


class Life(RuleBasedStateMachine):
    """Complaints of all kinds, handled by anybody, by day and by night."""

    codes: Any = Bundle("codes")
    county: County

    def __init__(self) -> None:
        super().__init__()
        self.at = AT
        self.cases: dict[str, int] = {}
        self.starts: dict[int, date] = {}
        self.sealed: set[int] = set()
        self.escalated: set[tuple[int, str]] = set()
        for table in reversed(db.metadata.sorted_tables):
            if table.name.startswith(("complaint", "audit", "workflow", "messages")):
                db.session.execute(table.delete())
        db.session.commit()

    def teardown(self) -> None:
        db.session.rollback()
        db.session.expunge_all()

    def attempt(self, work: Callable[[], object]) -> None:
        """Do it, or be refused with a sentence and leave nothing behind."""
        before = self.picture()
        try:
            work()
            db.session.commit()
        except UserError as refusal:
            assert str(refusal).endswith("。")
            db.session.rollback()
            assert self.picture() == before

    def picture(self) -> list[Any]:
        return list(
            db.session.execute(
                select(Complaint.id, Complaint.state, Complaint.owner_id, Complaint.unread).order_by(Complaint.id)
            )
        )

    def case_of(self, code: str) -> Complaint:
        return db.session.get_one(Complaint, self.cases[code])

    def anybody(self, number: int) -> Principal:
        people = [*self.county.everybody_else, self.county.discipline]
        return people[number % len(people)]

    @rule(target=codes, category=st.sampled_from([found.code for found in CURRENT.categories]), about=st.integers(0, 6))
    def hand_in(self, category: str, about: int) -> str:
        offices = [None, self.county.village_office_id, *(p.organisation_id for p in self.county.everybody_else)]
        complaint, code = submit(at=self.at, category=category, about_organisation_id=offices[about % len(offices)])
        db.session.commit()
        self.cases[code] = complaint.id
        self.starts[complaint.id] = local_date(self.at)
        return code

    @rule(
        code=codes,
        who=st.integers(0, 5),
        verb=st.sampled_from(["accept", "decline", "investigate", "conclude", "close", "read", "note", "ask", "refer"]),
    )
    def handle(self, code: str, who: int, verb: str) -> None:
        complaint, principal = self.case_of(code), self.anybody(who)
        work: dict[str, Callable[[], object]] = {
            "accept": lambda: operations.accept(principal, complaint, at=self.at),
            "decline": lambda: operations.decline(principal, complaint, "理由", at=self.at),
            "investigate": lambda: operations.start_investigation(principal, complaint, at=self.at),
            "conclude": lambda: operations.conclude(principal, complaint, "答复", at=self.at),
            "close": lambda: operations.close(principal, complaint, at=self.at),
            "read": lambda: operations.mark_read(principal, complaint, at=self.at),
            "note": lambda: operations.add_note(principal, complaint, "记录", at=self.at),
            "ask": lambda: operations.ask_reporter(principal, complaint, "问题", at=self.at),
            "refer": lambda: operations.refer_to_discipline(principal, complaint, "理由", at=self.at),
        }
        self.attempt(work[verb])

    @rule(code=codes, steps=st.integers(1, 3))
    def work_properly(self, code: str, steps: int) -> None:
        """The owner does the next steps as he should, so that later states are reached often enough."""
        for _ in range(steps):
            complaint = self.case_of(code)
            owner = next(
                (
                    p
                    for p in [*self.county.everybody_else, self.county.discipline]
                    if p.organisation_id == complaint.owner_id and p.may(rules.HANDLE_COMPLAINTS)
                ),
            )
            if complaint.unread:
                self.attempt(lambda c=complaint, o=owner: operations.mark_read(o, c, at=self.at))  # type: ignore[misc]
            verbs = {"accepted": "investigate", "reopened": "investigate", "investigating": "conclude"}
            verb = verbs.get(complaint.state, "accept" if complaint.state in rules.WAITING else "")
            if verb:
                people = [*self.county.everybody_else, self.county.discipline]
                self.handle_as(code, people.index(owner), verb)

    def handle_as(self, code: str, who: int, verb: str) -> None:
        complaint, principal = self.case_of(code), self.anybody(who)
        if verb == "accept":
            self.attempt(lambda: operations.accept(principal, complaint, at=self.at))
        elif verb == "investigate":
            self.attempt(lambda: operations.start_investigation(principal, complaint, at=self.at))
        else:
            self.attempt(lambda: operations.conclude(principal, complaint, "答复", at=self.at))

    @rule(code=codes, who=st.integers(0, 5), towards=st.integers(0, 5))
    def redirect(self, code: str, who: int, towards: int) -> None:
        complaint, office = self.case_of(code), self.anybody(towards).organisation_id or 0
        self.attempt(lambda: operations.redirect(self.anybody(who), complaint, office, "理由", at=self.at))

    @rule(code=codes, who=st.integers(0, 5), days=st.integers(0, 20), granted=st.booleans())
    def extend(self, code: str, who: int, days: int, granted: bool) -> None:
        complaint = self.case_of(code)
        self.attempt(lambda: operations.ask_extension(self.anybody(who), complaint, days, "理由", at=self.at))
        self.attempt(lambda: operations.decide_extension(self.county.township_approver, complaint, granted, at=self.at))

    @rule(code=codes, verb=st.sampled_from(["add", "reopen", "settle"]))
    def come_back(self, code: str, verb: str) -> None:
        work: dict[str, Callable[[], object]] = {
            "add": lambda: operations.add_from_reporter(code, "补充", at=self.at),
            "reopen": lambda: operations.reopen(code, "不满意", at=self.at),
            "settle": lambda: operations.settle(code, at=self.at),
        }
        self.attempt(work[verb])

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @precondition(lambda self: self.cases)
    @rule()
    def night(self) -> None:
        operations.recompute_due_dates(system("night"), at=self.at)
        operations.escalate_overdue(system("night"), at=self.at)
        operations.close_answered(system("night"), at=self.at)
        db.session.commit()
        db.session.expire_all()
        today = local_date(self.at)
        reached = {tuple(row) for row in db.session.execute(select(Escalation.complaint_id, Escalation.level))}
        for complaint in db.session.scalars(select(Complaint).where(Complaint.sealed.is_(False))):
            if complaint.owner_id == self.county.discipline.organisation_id:
                continue
            for clock in complaint.clocks:
                if clock.stopped_on is None and clock.due_on < today:
                    assert (complaint.id, f"{clock.kind}_overdue") in reached
        again = operations.escalate_overdue(system("night"), at=self.at)
        assert set(again.values()) == {0}
        db.session.commit()

    @invariant()
    def no_clock_starts_twice_or_moves_without_leave(self) -> None:
        for clock in db.session.scalars(select(Clock)):
            granted = clock.extension is not None and clock.extension.granted is True
            if clock.kind in {"accept", "resolve"}:
                assert clock.started_on == self.starts[clock.complaint_id]
                limit = rules.limit_of(
                    CURRENT, CURRENT.category(clock.complaint.category).matter, rules.ClockKind(clock.kind)
                )
                assert limit is not None
                extra = clock.extension.days if granted and clock.extension is not None else 0
                assert clock.limit_days == limit.days + extra
            assert clock.stopped_on is None or clock.stopped_on >= clock.started_on

    @invariant()
    def the_accused_sees_nothing_and_the_sealed_stays_sealed(self) -> None:
        for complaint in db.session.scalars(select(Complaint)):
            viewers = [p for p in [*self.county.everybody_else, self.county.discipline] if self.sees(p, complaint)]
            for viewer in viewers:
                assert viewer.organisation_id != complaint.about_organisation_id
                assert not complaint.sealed or viewer == self.county.discipline
            owners = [p for p in viewers if p.organisation_id == complaint.owner_id]
            assert owners, "somebody always has it"
            assert complaint.sealed or complaint.id not in self.sealed
            if complaint.sealed:
                self.sealed.add(complaint.id)

    @invariant()
    def the_queue_is_sorted_by_the_earliest_running_clock(self) -> None:
        for complaint in db.session.scalars(select(Complaint)):
            running = [clock.due_on for clock in complaint.clocks if clock.stopped_on is None]
            assert complaint.due_on == min(running, default=None)
            if complaint.state in {"declined", "closed", "concluded"}:
                assert complaint.due_on is None

    @invariant()
    def every_reporter_can_read_where_it_stands(self) -> None:
        for code, found in self.cases.items():
            seen = track(code, at=self.at)
            complaint = db.session.get_one(Complaint, found)
            assert seen.number == complaint.number
            assert (seen.answer is not None) == (complaint.state in {"concluded", "closed"})
            assert not {entry.kind for entry in seen.entries} & {"note", "revealed", "extension_asked"}

    @invariant()
    def nothing_about_a_case_is_audited_in_the_open(self) -> None:
        seen = set(db.session.scalars(select(AuditEntry.visible_to).where(AuditEntry.subject_kind == "complaint")))
        assert seen <= {"discipline"}

    def sees(self, principal: Principal, complaint: Complaint) -> bool:
        return queries.is_visible(principal, complaint)


@pytest.mark.timeout(600)
def test_the_whole_life(database_url: str, tmp_path: Path) -> None:
    app: Flask = create_app(settings_for(database_url, Path(tempfile.mkdtemp(dir=tmp_path))))
    with app.app_context():
        Life.county = build_county()
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=12,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        db.session.remove()
        db.engine.dispose()
