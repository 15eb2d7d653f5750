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
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app import create_app
from complaints import operations, queries, rules
from complaints.models import (
    Clock,
    Complaint,
    DraftAnswer,
    Escalation,
    Extension,
    Interest,
    Link,
    Rating,
    Recusal,
    RoutingObjection,
)
from complaints.offices import all_offices
from complaints.operations.case import open_extension
from complaints.operations.coming_back import answered
from complaints.operations.registering import Registration
from complaints.retained import holds_of, years_by_category
from complaints.rulebook import CURRENT
from complaints.rules import Ended
from complaints.rules.after_answer import may_ask_review
from complaints.tracking import track
from core.audit import AuditEntry
from core.calendar import local_date
from core.database import db
from core.errors import NotVisible, UserError
from core.principal import Principal, Role, system
from tests.complaints.county import AT, OTHER_TOWNSHIP, VILLAGE, County, build_county, submit
from tests.complaints.test_recusing import beside
from tests.conftest import settings_for

OWNER = 99
"""In the place of an official: whoever should be handling the case."""
MOST = 8
"""Cases in one life: enough to meet each other, few enough to grow old."""


class Life(RuleBasedStateMachine):
    """Complaints of all kinds, handled by anybody, by day and by night."""

    codes: Any = Bundle("codes")
    county: County
    colleagues: list[Principal]

    def __init__(self) -> None:
        super().__init__()
        self.at = AT
        self.cases: dict[str, int] = {}
        self.starts: dict[int, date] = {}
        self.sealed: set[int] = set()
        self.escalated: set[tuple[int, str]] = set()
        self.erased: set[int] = set()
        for table in reversed(db.metadata.sorted_tables):
            if table.name.startswith(("complaint", "workflow", "messages")):
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

    @property
    def people(self) -> list[Principal]:
        return [*self.county.everybody_else, self.county.discipline, *self.colleagues]

    def anybody(self, number: int, complaint: Complaint) -> Principal:
        """One of the officials by his place, or, for every higher number, whoever should be handling the case."""
        if number < len(self.people):
            return self.people[number]
        handlers = [person for person in self.people if person.may(rules.HANDLE_COMPLAINTS)]
        owners = [person for person in handlers if person.organisation_id == complaint.owner_id]
        return next((person for person in owners if queries.is_visible(person, complaint)), owners[0])

    @initialize(target=codes)
    def something_is_there(self) -> Any:
        return multiple(self.hand_in("not_received", 0), self.hand_in("tip_off", 1), self.hand_in("fraud", 0))

    @precondition(lambda self: len(self.cases) < MOST)
    @rule(target=codes, category=st.sampled_from([found.code for found in CURRENT.categories]), about=st.integers(0, 6))
    def hand_in_anything(self, category: str, about: int) -> str:
        return self.hand_in(category, about)

    def hand_in(self, category: str, about: int) -> str:
        """In confidence where it is about nobody: it may not change what becomes of it."""
        offices = [None, self.county.village_office_id, *(p.organisation_id for p in self.county.everybody_else)]
        complaint, code = submit(
            at=self.at,
            category=category,
            about_organisation_id=offices[about % len(offices)],
            anonymous=about > 0,
            confidential=True,
            name="王某某",
        )
        db.session.commit()
        self.cases[code] = complaint.id
        self.starts[complaint.id] = local_date(self.at)
        return code

    @rule(
        code=codes,
        who=st.integers(0, 11),
        verb=st.sampled_from(
            ["accept", "decline", "investigate", "record_outcome", "conclude", "close", "read", "note", "ask", "refer"]
        ),
    )
    def handle(self, code: str, who: int, verb: str) -> None:
        complaint = self.case_of(code)
        principal = self.anybody(who, complaint)
        work: dict[str, Callable[[], object]] = {
            "accept": lambda: operations.accept(principal, complaint, at=self.at, with_linked=True),
            "decline": lambda: operations.decline(principal, complaint, "理由", at=self.at),
            "investigate": lambda: operations.start_investigation(principal, complaint, at=self.at),
            "conclude": lambda: operations.conclude(principal, complaint, "答复", at=self.at, with_linked=True),
            "close": lambda: operations.close(principal, complaint, at=self.at),
            "read": lambda: operations.mark_read(principal, complaint, at=self.at),
            "note": lambda: operations.add_note(principal, complaint, "记录", at=self.at),
            "ask": lambda: operations.ask_reporter(principal, complaint, "问题", at=self.at),
            "refer": lambda: operations.refer_to_discipline(principal, complaint, "理由", at=self.at),
            "record_outcome": lambda: operations.record_outcome(
                principal, complaint, "unfounded", "已核实", at=self.at
            ),
        }
        self.attempt(work[verb])

    @rule(code=codes, steps=st.integers(1, 4))
    def work_properly(self, code: str, steps: int) -> None:
        """The office does the next steps as it should, so that later states are reached often enough."""
        again = dict.fromkeys(("accepted", "reopened", "review_asked"), "investigate")
        next_step = again | {"investigating": "conclude"}
        for _ in range(steps):
            complaint = self.case_of(code)
            if complaint.unread:
                self.handle(code, OWNER, "read")
            verb = next_step.get(complaint.state, "accept" if complaint.state in rules.WAITING else "close")
            if verb == "conclude" and complaint.sealed:
                self.handle(code, OWNER, "record_outcome")
            self.handle(code, OWNER, verb)

    @rule(code=codes, who=st.integers(0, 11), towards=st.integers(0, 5))
    def object(self, code: str, who: int, towards: int) -> None:
        complaint, office = self.case_of(code), self.people[towards].organisation_id or 0
        principal = self.anybody(who, complaint)
        self.attempt(lambda: operations.object_to_routing(principal, complaint, office, "理由", at=self.at))

    @rule(
        code=codes,
        who=st.integers(0, 11),
        towards=st.integers(0, 5),
        verb=st.sampled_from([operations.pass_on, operations.redirect]),
    )
    def decide(self, code: str, who: int, towards: int, verb: Callable[..., None]) -> None:
        complaint, office = self.case_of(code), self.people[towards].organisation_id or 0
        waiting = self.waiting(complaint)
        deciders = [person for person in self.people if waiting and person.organisation_id == waiting.deciding_id]
        principal = deciders[0] if deciders and who > 5 else self.anybody(who, complaint)
        right = select(RoutingObjection.organisation_id).where(
            RoutingObjection.complaint_id == complaint.id, RoutingObjection.outcome == "passed_on"
        )
        owner, were_right = complaint.owner_id, set(db.session.scalars(right))
        self.attempt(lambda: verb(principal, complaint, office, "理由", at=self.at))
        assert complaint.owner_id == owner or complaint.owner_id not in were_right, "nothing goes to and fro"

    @rule(code=codes, who=st.integers(0, 11))
    def refuse(self, code: str, who: int) -> None:
        complaint = self.case_of(code)
        waiting = self.waiting(complaint)
        principal = next(
            (person for person in self.people if who > 2 and waiting and person.organisation_id == waiting.deciding_id),
            self.anybody(who, complaint),
        )
        self.attempt(lambda: operations.refuse_objection(principal, complaint, "理由", at=self.at))

    def waiting(self, complaint: Complaint) -> RoutingObjection | None:
        found = RoutingObjection.complaint_id == complaint.id
        return db.session.scalar(select(RoutingObjection).where(found, RoutingObjection.ended_at.is_(None)))

    @precondition(lambda self: self.codes_in("received", "redirected"))
    @rule(towards=st.integers(0, 5), decided=st.booleans())
    def somebody_is_not_responsible(self, towards: int, decided: bool) -> None:
        code = self.codes_in("received", "redirected")[-1]
        self.object(code, OWNER, towards)
        if decided:
            self.decide(code, OWNER, towards, operations.pass_on)

    @rule(code=codes, who=st.integers(0, 11), whom=st.integers(0, 7), lifted=st.booleans())
    def recuse(self, code: str, who: int, whom: int, lifted: bool) -> None:
        complaint, official = self.case_of(code), self.people[whom].official_id or 0
        principal = self.anybody(who, complaint)
        if lifted:
            self.attempt(lambda: operations.lift_recusal(principal, complaint, official, "理由", at=self.at))
        else:
            self.attempt(lambda: operations.recuse(principal, complaint, official, "理由", at=self.at))

    @rule(code=codes, whom=st.integers(0, 7))
    def recuse_himself(self, code: str, whom: int) -> None:
        complaint, principal = self.case_of(code), self.people[whom]
        self.attempt(lambda: operations.recuse(principal, complaint, None, "理由", at=self.at))

    @rule(who=st.integers(0, 7), whom=st.integers(0, 7), where=st.sampled_from([VILLAGE, OTHER_TOWNSHIP, ""]))
    def register_interest(self, who: int, whom: int, where: str) -> None:
        given = Registration(
            self.people[whom].official_id or 0,
            "亲属在那里",
            local_date(self.at),
            None if where else self.county.village_office_id,
            where,
        )
        self.attempt(lambda: operations.register_interest(self.people[who], given, at=self.at))

    @precondition(lambda self: db.session.scalar(select(Interest.id).where(Interest.ended_at.is_(None)).limit(1)))
    @rule(who=st.integers(0, 7))
    def end_interest(self, who: int) -> None:
        interest = db.session.scalars(select(Interest).where(Interest.ended_at.is_(None)).limit(1)).one()
        self.attempt(lambda: operations.end_interest(self.people[who], interest, "理由", at=self.at))

    @rule(code=codes, who=st.integers(0, 11), days=st.integers(0, 20), granted=st.booleans())
    def extend(self, code: str, who: int, days: int, granted: bool) -> None:
        complaint = self.case_of(code)
        principal = self.anybody(who, complaint)
        self.attempt(lambda: operations.ask_extension(principal, complaint, days, "理由", at=self.at))
        asked = open_extension(complaint)
        office = (asked.deciding_id if asked else None) or complaint.owner_id
        deciders = [person for person in self.people if person.organisation_id == office]
        decider = next((person for person in deciders if person.may(rules.GRANT_EXTENSION)), self.people[who % 6])
        self.attempt(lambda: operations.decide_extension(decider, complaint, granted, at=self.at))

    @rule(code=codes, who=st.integers(0, 11))
    def withdraw_extension(self, code: str, who: int) -> None:
        complaint = self.case_of(code)
        principal = self.anybody(who, complaint)
        self.attempt(lambda: operations.withdraw_extension(principal, complaint, at=self.at))

    @invariant()
    def nobody_decides_upon_his_own_request_nor_an_office_above_upon_a_sealed_case(self) -> None:
        for extension in db.session.scalars(select(Extension)):
            assert extension.decided_by is None or extension.decided_by != extension.asked_by
            case = extension.clock.complaint
            waits = extension.granted is None and extension.clock.stopped_on is None
            assert case.extension_asked == (open_extension(case) is not None)
            if waits and extension.deciding_id is not None:
                assert not case.sealed and extension.deciding_id not in (case.owner_id, case.about_organisation_id)

    @rule(code=codes, other=codes, who=st.integers(0, 11), undo=st.booleans())
    def link(self, code: str, other: str, who: int, undo: bool) -> None:
        complaint, number = self.case_of(code), self.case_of(other).number
        principal = self.anybody(who, complaint)
        verb = operations.unlink if undo else operations.link
        self.attempt(lambda: verb(principal, complaint, number, at=self.at))

    @rule(code=codes, verb=st.sampled_from(["add", "reopen", "ask_review", "rate", "settle"]))
    def come_back(self, code: str, verb: str) -> None:
        work: dict[str, Callable[[], object]] = {
            "add": lambda: operations.add_from_reporter(code, "补充", at=self.at),
            "reopen": lambda: operations.reopen(code, "不满意", at=self.at),
            "ask_review": lambda: operations.ask_review(code, "不满意", at=self.at),
            "rate": lambda: operations.rate(code, "partly", "还有一点", at=self.at),
            "settle": lambda: operations.settle(code, "satisfied", at=self.at),
        }
        self.attempt(work[verb])

    def codes_in(self, *states: str) -> list[str]:
        return [code for code in self.cases if self.case_of(code).state in states]

    @precondition(lambda self: self.codes_in("concluded"))
    @rule(verb=st.sampled_from(["reopen", "ask_review", "rate"]))
    def somebody_is_not_content(self, verb: str) -> None:
        self.come_back(self.codes_in("concluded")[-1], verb)

    @precondition(lambda self: self.codes_in(*rules.RUNNING))
    @rule(days=st.integers(1, 15), granted=st.booleans())
    def somebody_needs_more_time(self, days: int, granted: bool) -> None:
        self.extend(self.codes_in(*rules.RUNNING)[0], OWNER, days, granted)

    @precondition(lambda self: len(self.codes_in(*rules.OPEN)) > 3)
    @rule(verb=st.sampled_from(["refer", "decline"]))
    def one_case_leaves_the_desk(self, verb: str) -> None:
        self.handle(self.codes_in(*rules.OPEN)[0 if verb == "refer" else -1], OWNER, verb)

    @rule(hours=st.integers(1, 24 * 25))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @precondition(lambda self: self.codes_in(*rules.ENDED))
    @rule(years=st.integers(1, 11))
    def many_years_pass(self, years: int) -> None:
        """With their nights: what is announced in the first of two is deleted in the second."""
        self.at += timedelta(days=366 * years)
        self.night()
        self.at += rules.NOTICE
        self.night()

    @rule(code=codes, who=st.integers(0, 11), lift=st.booleans())
    def keep(self, code: str, who: int, lift: bool) -> None:
        complaint = self.case_of(code)
        principal = self.anybody(who, complaint)
        work = operations.lift_hold if lift else operations.hold
        self.attempt(lambda: work(principal, complaint, "理由", at=self.at))

    @precondition(lambda self: self.cases)
    @rule()
    def night(self) -> None:
        operations.recompute_due_dates(system("night"), at=self.at)
        operations.escalate_overdue(system("night"), at=self.at)
        operations.close_answered(system("night"), at=self.at)
        operations.announce_deletions(system("night"), at=self.at)
        operations.erase_due(system("night"), at=self.at)
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
            waits = open_extension(clock.complaint) is not None
            assert clock.complaint.extension_asked == waits

    @invariant()
    def a_matter_has_one_case_that_leads_and_none_is_sealed_beside_an_open_one(self) -> None:
        sealed = dict(db.session.execute(select(Complaint.id, Complaint.sealed)).all())
        links = list(db.session.execute(select(Link.complaint_id, Link.leading_id).where(Link.ended_at.is_(None))))
        followers = [follower for follower, _leading in links]
        assert len(followers) == len(set(followers))
        for follower, leading in links:
            assert leading not in followers
            assert sealed[follower] == sealed[leading]

    @invariant()
    def a_review_is_by_an_office_above_and_never_beside_a_reopening(self) -> None:
        ranks = {found.id: found.rank for found in all_offices()}
        for complaint in db.session.scalars(select(Complaint)):
            asked_again = {"review", "higher_review"}
            running = [clock for clock in complaint.clocks if clock.stopped_on is None and clock.kind in asked_again]
            assert len(running) <= 1
            if complaint.review is not None:
                assert ranks[complaint.review.office_id] > ranks[complaint.review.answered_by_id]
                assert complaint.about_organisation_id != complaint.review.office_id
            answers = select(Rating.answered_at).where(Rating.complaint_id == complaint.id)
            rated = list(db.session.scalars(answers))
            assert len(rated) == len(set(rated)) <= 3

    @invariant()
    def who_left_a_name_is_owed_the_result_once_there_is_one(self) -> None:
        for complaint in db.session.scalars(select(Complaint)):
            owed = [clock for clock in complaint.clocks if clock.kind == "result_notice"]
            assert len(owed) == int(complaint.outcome is not None and not complaint.anonymous)
            assert complaint.outcome is None or complaint.sealed
            # It runs until the answer.
            assert all(clock.stopped_on is not None or complaint.state == "investigating" for clock in owed)

    @invariant()
    def the_accused_sees_nothing_and_the_sealed_stays_sealed(self) -> None:
        seen = {
            person: set(db.session.scalars(select(Complaint.id).where(queries.visible_complaints(person))))
            for person in self.people
        }
        kept_out_of, waits = self.kept_out_of(), RoutingObjection.ended_at.is_(None)
        objections = {one.complaint_id: one for one in db.session.scalars(select(RoutingObjection).where(waits))}
        for complaint in db.session.scalars(select(Complaint)):
            if complaint.erased_on is not None:
                assert not any(queries.is_visible(person, complaint) for person in self.people)
                continue
            viewers = [person for person in self.people if complaint.id in seen[person]]
            owners = [person for person in viewers if person.organisation_id == complaint.owner_id]
            if complaint.state in rules.OPEN:
                assert any(person.may(rules.HANDLE_COMPLAINTS) for person in owners), "somebody always has it"
            away = kept_out_of(complaint)
            assert not away & {person.official_id for person in viewers}
            assert complaint.handler_id not in away or complaint.state not in rules.OPEN
            waiting = objections.get(complaint.id)
            if waiting is not None:
                assert complaint.state in rules.NOT_TAKEN_ON and not complaint.sealed
                assert waiting.organisation_id == complaint.owner_id
                assert any(person.organisation_id == waiting.deciding_id for person in viewers), "somebody decides"
            # The condition for lists and the one for a case at hand are the same.
            assert viewers == [person for person in self.people if queries.is_visible(person, complaint)]
            for viewer in viewers:
                assert viewer.organisation_id != complaint.about_organisation_id
                assert not complaint.sealed or viewer.organisation_id == self.county.discipline.organisation_id
            assert complaint.sealed or complaint.id not in self.sealed
            if complaint.sealed:
                self.sealed.add(complaint.id)

    def kept_out_of(self) -> Callable[[Complaint], set[int]]:
        """Who has an interest in a case or is recused from it, counted by hand."""
        interests = db.session.scalars(select(Interest).where(Interest.ended_at.is_(None))).all()
        recusals = db.session.scalars(select(Recusal).where(Recusal.ended_at.is_(None))).all()

        def of_this(complaint: Complaint) -> set[int]:
            place, about = complaint.region_code, complaint.about_organisation_id
            found = (
                one for one in interests if rules.InterestIn(one.organisation_id, one.region_code).covers(place, about)
            )
            return {one.official_id for one in found} | {
                one.official_id for one in recusals if one.complaint_id == complaint.id
            }

        return of_this

    @invariant()
    def the_queue_is_sorted_by_the_earliest_running_clock(self) -> None:
        for complaint in db.session.scalars(select(Complaint)):
            running = [clock.due_on for clock in complaint.clocks if clock.stopped_on is None]
            assert complaint.due_on == min(running, default=None)
            if complaint.state in {"declined", "closed", "concluded"}:
                assert complaint.due_on is None

    @invariant()
    def every_reporter_can_read_where_it_stands(self) -> None:
        for code in [*self.cases][:: max(1, len(self.cases) - 1)]:
            complaint = self.case_of(code)
            if complaint.erased_on is not None:
                continue
            seen = track(code, at=self.at)
            assert seen.erase_on == complaint.erase_on
            assert seen.number == complaint.number
            assert (seen.answer is not None) == (complaint.state in {"concluded", "closed"})
            internal = {
                "note",
                "revealed",
                "extension_asked",
                "extension_withdrawn",
                "extension_lapsed",
                "recused",
                "recusal_lifted",
                "handler_left",
                "objected",
                "outcome",
            }
            assert not {entry.kind for entry in seen.entries} & internal

    @invariant()
    def what_is_deleted_had_ended_waited_for_nobody_and_says_nothing_any_more(self) -> None:
        years = years_by_category()
        announced = {
            found.id: found for found in db.session.scalars(select(Complaint).where(Complaint.erase_on.is_not(None)))
        }
        assert self.erased <= {found.id for found in announced.values() if found.erased_on is not None}
        for code, case_id in self.cases.items():
            complaint = announced.get(case_id)
            if complaint is None:
                continue
            ended_on = local_date(complaint.closed_at) if complaint.closed_at else None
            drafts = select(DraftAnswer.id).where(DraftAnswer.complaint_id == case_id, DraftAnswer.decided_at.is_(None))
            case = Ended(
                state=complaint.state,
                ended_on=ended_on,
                unread=complaint.unread,
                clock_runs=any(clock.stopped_on is None for clock in complaint.clocks),
                extension_undecided=open_extension(complaint) is not None,
                answer_waits=complaint.state == "investigating" and db.session.scalar(drafts) is not None,
                may_ask_review=may_ask_review(answered(complaint), local_date(self.at), CURRENT),
                held=bool(holds_of(complaint)),
            )
            kept = years["sealed" if complaint.sealed else complaint.category]
            assert complaint.erase_on is not None and rules.may_be_deleted(case, complaint.erase_on, kept)
            if complaint.erased_on is None:
                continue
            self.erased.add(case_id)
            assert complaint.erase_on <= complaint.erased_on
            assert rules.may_be_deleted(case, complaint.erased_on, kept)
            assert (complaint.text, complaint.answer, complaint.reporter_name) == ("", None, None)
            assert {entry.kind for entry in queries.story(self.county.discipline, complaint)} <= {"settled"}
            with pytest.raises(NotVisible):
                track(code, at=self.at)

    @invariant()
    def nothing_about_a_case_is_audited_in_the_open(self) -> None:
        seen = set(db.session.scalars(select(AuditEntry.visible_to).where(AuditEntry.subject_kind == "complaint")))
        assert seen <= {"discipline"}


@pytest.mark.timeout(600)
def test_the_whole_life(database_url: str, tmp_path: Path) -> None:
    app: Flask = create_app(settings_for(database_url, Path(tempfile.mkdtemp(dir=tmp_path))))
    with app.app_context():
        Life.county = build_county()
        Life.colleagues = [
            beside(Life.county.township, Role.COMPLAINT_HANDLER),
            beside(Life.county.discipline, Role.COMPLAINT_HANDLER, Role.APPROVER),
        ]
        db.session.commit()
        run_state_machine_as_test(
            Life,
            settings=settings(
                # A run costs seconds, and the rules are the same on both.
                max_examples=12 if database_url.startswith("sqlite") else 5,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        db.session.remove()
        db.engine.dispose()
