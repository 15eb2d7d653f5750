"""A programme comes onto the platform, or stays off it, by the steps of the county's plan (B2)."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from programmes import operations, queries
from programmes.catalogue_lines import ReadProgramme
from programmes.models import InclusionCase, Programme
from programmes.rules import Channel
from tests import factories
from tests.core.together import meanwhile, together
from tests.factories import AT

LATER = AT + timedelta(days=60)
OFFICES = (Kind.DISCIPLINE, Kind.HUMAN_RESOURCES, Kind.AUDIT, Kind.DEPARTMENT)

# What these tests hold is decided in Python: one database says it all.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def _official(kind: Kind, *roles: Role) -> Principal:
    name = "县民政局" if kind == Kind.DEPARTMENT else ""
    return factories.principal(kind, *roles, organisation_name=name)


@dataclass
class Desk:
    """An undecided programme, and everybody who has a say in it."""

    programme: Programme
    drafter: Principal
    head: Principal
    prefecture: Principal
    speakers: dict[Kind, Principal] = field(default_factory=dict)

    def submitted(self) -> InclusionCase:
        return operations.submit_inclusion(
            self.speakers[Kind.DEPARTMENT],
            self.programme.id,
            proposal=Channel.PLATFORM,
            grounds="到人到户",
            document_number="东民〔2020〕8号",
            at=AT,
        )

    def speak(self, case: InclusionCase, office: Kind, speaker: Principal | None = None, **said: Any) -> None:
        values: dict[str, Any] = {"agrees": True, "opinion": "", "document_number": "函〔2020〕1号"}
        values |= {"given_on": AT.date()} | said
        operations.give_opinion(speaker or self.speakers[office], case, office, at=AT, **values)

    def consulted(self) -> InclusionCase:
        case = self.submitted()
        for office in OFFICES:
            self.speak(case, office)
        return case

    def proposed(self, decision: Channel = Channel.PLATFORM) -> InclusionCase:
        case = self.consulted()
        operations.propose_decision(self.drafter, case, decision=decision, document_number="东财〔2020〕3号", at=AT)
        return case

    def decided(self, decision: Channel = Channel.PLATFORM) -> InclusionCase:
        case = self.proposed(decision)
        operations.confirm_decision(self.head, case, at=AT)
        return case

    def replied(self, decision: Channel = Channel.PLATFORM) -> InclusionCase:
        case = self.decided(decision)
        operations.reply_to_department(self.drafter, case, document_number="东财函〔2020〕4号", at=AT)
        return case

    def set_up(self, case: InclusionCase) -> None:
        operations.record_set_up(self.prefecture, case, code="LS-0042", on=AT.date(), at=AT)


@pytest.fixture
def desk(app: Flask) -> Iterator[Desk]:
    made = Desk(
        factories.programme("ALLOWANCE", "待定补贴", channel="undecided"),
        _official(Kind.FINANCE, Role.PREPARER),
        _official(Kind.FINANCE, Role.APPROVER),
        _official(Kind.PREFECTURE_FINANCE, Role.PREPARER),
        {office: _official(office, Role.PREPARER) for office in OFFICES},
    )
    db.session.commit()
    yield made


def test_from_the_proposal_to_the_platform(desk: Desk) -> None:
    case = desk.submitted()
    for office in OFFICES[:3]:
        desk.speak(case, office)
        assert case.state == "submitted"
    desk.speak(case, OFFICES[3], agrees=False, opinion="先核清名单")
    assert case.state == "consulted"
    operations.propose_decision(desk.drafter, case, decision=Channel.PLATFORM, document_number="东财〔2020〕3号", at=AT)
    operations.confirm_decision(desk.head, case, at=AT)
    assert (case.state, desk.programme.channel) == ("decided", "undecided")
    operations.reply_to_department(desk.drafter, case, document_number="东财函〔2020〕4号", at=AT)
    # Only what 州财政局 has set up is paid on the platform.
    assert (case.settled_on, desk.programme.channel) == (None, "undecided")
    desk.set_up(case)
    assert (case.state, desk.programme.channel, case.set_up_code) == ("set_up", "platform", "LS-0042")
    assert case.settled_on is not None
    assert not [found for found in queries.waiting_programmes(desk.head) if found.programme.id == desk.programme.id]
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["inclusion.submit", *["inclusion.give_opinion"] * 4] + [
        f"inclusion.{step}" for step in ("propose", "decide", "reply", "set_up")
    ]


@on_one_database
def test_offline_ends_with_the_reply_and_is_not_set_up(desk: Desk) -> None:
    case = desk.decided(Channel.OFFLINE)
    assert desk.programme.channel == "offline"
    operations.reply_to_department(desk.drafter, case, document_number="东财函〔2020〕4号", at=AT)
    assert case.settled_on is not None
    with pytest.raises(UserError, match="不需要在平台设立"):
        desk.set_up(case)


@on_one_database
def test_who_drafts_does_not_confirm(desk: Desk) -> None:
    both = _official(Kind.FINANCE, Role.PREPARER, Role.APPROVER)
    case = desk.consulted()
    operations.propose_decision(both, case, decision=Channel.PLATFORM, document_number="东财〔2020〕3号", at=AT)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        operations.confirm_decision(both, case, at=AT)
    assert (case.state, desk.programme.channel) == ("proposed", "undecided")
    operations.confirm_decision(desk.head, case, at=AT)
    assert case.state == "decided"


@on_one_database
def test_a_decision_sent_back_is_drafted_anew(desk: Desk) -> None:
    case = desk.proposed(Channel.OFFLINE)
    with pytest.raises(UserError, match="理由"):
        operations.send_decision_back(desk.head, case, " ", at=AT)
    operations.send_decision_back(desk.head, case, "文号有误", at=AT)
    assert (case.state, case.decision, case.decision_document) == ("consulted", "", "")


@on_one_database
def test_an_office_speaks_once_and_for_itself(desk: Desk) -> None:
    case = desk.submitted()
    with pytest.raises(PermissionDenied):
        desk.speak(case, Kind.AUDIT, desk.speakers[Kind.DISCIPLINE])
    with pytest.raises(UserError, match="写明理由"):
        desk.speak(case, Kind.AUDIT, agrees=False)
    with pytest.raises(UserError, match="文号"):
        desk.speak(case, Kind.AUDIT, document_number=" ")
    for day in (AT.date() - timedelta(days=1), AT.date() + timedelta(days=1)):
        with pytest.raises(UserError, match="日期"):
            desk.speak(case, Kind.AUDIT, given_on=day)
    desk.speak(case, Kind.AUDIT)
    with pytest.raises(Conflict):
        desk.speak(case, Kind.AUDIT)
    # The letter of an office that does not sign in is entered by finance.
    desk.speak(case, Kind.HUMAN_RESOURCES, desk.drafter)
    assert queries.missing_opinions(case) == (Kind.DISCIPLINE, Kind.DEPARTMENT)


@on_one_database
def test_without_an_answer_it_goes_on_only_after_the_day(desk: Desk) -> None:
    case = desk.submitted()
    with pytest.raises(UserError, match="期限"):
        operations.close_hearing(desk.drafter, case, "没有答复", at=AT)
    operations.close_hearing(desk.drafter, case, "没有答复", at=LATER)
    assert case.state == "consulted"
    with pytest.raises(Conflict):
        desk.speak(case, Kind.AUDIT)


@on_one_database
def test_another_department_neither_sees_nor_submits(desk: Desk) -> None:
    stranger = factories.principal(Kind.DEPARTMENT, Role.PREPARER, organisation_name="县农业农村局")
    with pytest.raises(NotVisible):
        operations.submit_inclusion(
            stranger, desk.programme.id, proposal=Channel.PLATFORM, grounds="甲", document_number="乙", at=AT
        )
    case = desk.submitted()
    with pytest.raises(NotVisible):
        queries.inclusion_case(stranger, case.id)
    with pytest.raises(NotVisible):
        operations.withdraw_inclusion(stranger, case, "不办了", at=AT)


def test_a_case_withdrawn_makes_room_for_the_next(desk: Desk) -> None:
    case = desk.submitted()
    with pytest.raises(Conflict):
        desk.submitted()
    operations.withdraw_inclusion(desk.speakers[Kind.DEPARTMENT], case, "材料不全", at=AT)
    assert desk.submitted().id != case.id


STEPS = ("speak", "close_hearing", "propose", "decide", "send_back", "reply", "set_up", "withdraw")
ALLOWED = {
    "submitted": {"speak", "close_hearing", "withdraw"},
    "consulted": {"propose", "withdraw"},
    "proposed": {"decide", "send_back"},
    "decided": {"reply"},
    "replied": {"set_up"},
    "set_up": set(),
    "withdrawn": set(),
}


@on_one_database
@pytest.mark.parametrize("state", ALLOWED)
def test_in_each_state_only_its_own_steps(desk: Desk, state: str) -> None:
    department = desk.speakers[Kind.DEPARTMENT]
    at: datetime = LATER

    def case_in(state: str) -> InclusionCase:
        case = desk.submitted() if state in ("submitted", "withdrawn") else getattr(
            desk, state if state != "set_up" else "replied"
        )()  # fmt: skip
        if state == "withdrawn":
            operations.withdraw_inclusion(department, case, "不办了", at=AT)
        if state == "set_up":
            desk.set_up(case)
        return case

    case = case_in(state)
    done = set()
    acts: dict[str, Any] = {
        "speak": lambda: desk.speak(case, Kind.AUDIT),
        "close_hearing": lambda: operations.close_hearing(desk.drafter, case, "没有答复", at=at),
        "propose": lambda: operations.propose_decision(
            desk.drafter, case, decision=Channel.PLATFORM, document_number="甲", at=at
        ),
        "decide": lambda: operations.confirm_decision(desk.head, case, at=at),
        "send_back": lambda: operations.send_decision_back(desk.head, case, "重拟", at=at),
        "reply": lambda: operations.reply_to_department(desk.drafter, case, document_number="乙", at=at),
        "set_up": lambda: desk.set_up(case),
        "withdraw": lambda: operations.withdraw_inclusion(department, case, "不办了", at=at),
    }
    for step in STEPS:
        savepoint = db.session.begin_nested()
        with suppress(Conflict):
            acts[step]()
            done.add(step)
        savepoint.rollback()
        db.session.expire_all()
        assert case.state == state
    assert done == ALLOWED[state]


# --- At once -------------------------------------------------------------------------------------


def test_the_last_two_opinions_at_once_end_the_hearing(app: Flask, desk: Desk) -> None:
    case = desk.submitted()
    for office in OFFICES[:2]:
        desk.speak(case, office)
    case_id = case.id
    db.session.commit()

    def speak(office: Kind) -> None:
        found = queries.inclusion_case(desk.speakers[office], case_id)
        desk.speak(found, office)

    assert meanwhile(app, lambda: speak(OFFICES[2]), lambda: speak(OFFICES[3])) == [None, None]
    db.session.expire_all()
    assert db.session.get_one(InclusionCase, case_id).state == "consulted"


def test_two_submissions_at_once_make_one_case(app: Flask, desk: Desk) -> None:
    programme_id, speaker = desk.programme.id, desk.speakers[Kind.DEPARTMENT]
    db.session.commit()

    def submit() -> int:
        return operations.submit_inclusion(
            speaker, programme_id, proposal=Channel.PLATFORM, grounds="到人到户", document_number="甲", at=AT
        ).id

    results = together(app, submit, submit)
    assert sum(isinstance(result, Conflict) for result in results) == 1, results
    found = select(InclusionCase.id).where(InclusionCase.programme_id == programme_id)
    assert len(db.session.scalars(found).all()) == 1


# --- The policy list beside decisions --------------------------------------------------------------


def _listed(programme: Programme, channel: Channel) -> ReadProgramme:
    return ReadProgramme(
        code=programme.code,
        name=programme.name,
        department_name=programme.department_name,
        target=programme.target,
        standard=programme.standard,
        unit=programme.unit,
        frequency=programme.frequency,
        channel=channel,
        publicity_days=programme.publicity_days,
        policy_basis=programme.policy_basis,
    )


@on_one_database
def test_a_policy_list_does_not_overrule_a_decision(desk: Desk) -> None:
    desk.replied(Channel.OFFLINE)
    changes = operations.import_catalogue(desk.drafter, [_listed(desk.programme, Channel.PLATFORM)], [], at=LATER)
    assert (desk.programme.channel, changes.changed) == ("offline", [])


@on_one_database
def test_a_policy_list_does_not_run_ahead_of_a_case(desk: Desk) -> None:
    desk.submitted()
    operations.import_catalogue(desk.drafter, [_listed(desk.programme, Channel.PLATFORM)], [], at=LATER)
    assert desk.programme.channel == "undecided"


@on_one_database
def test_without_a_case_the_policy_list_decides(desk: Desk) -> None:
    case = desk.submitted()
    operations.withdraw_inclusion(desk.speakers[Kind.DEPARTMENT], case, "已列入政策清单", at=AT)
    operations.import_catalogue(desk.drafter, [_listed(desk.programme, Channel.PLATFORM)], [], at=LATER)
    assert desk.programme.channel == "platform"


# --- The command -----------------------------------------------------------------------------------


def test_the_command_says_what_each_undecided_programme_waits_for(app: Flask, desk: Desk) -> None:
    case = desk.submitted()
    desk.speak(case, Kind.AUDIT)
    factories.programme("OTHER", "另一项补贴", channel="undecided")
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["programmes", "undecided", "--json"])
    assert result.exit_code == 0, result.output
    listed = {line["code"]: line for line in json.loads(result.output)["programmes"]}
    assert listed["ALLOWANCE"] | {"opinions_due_on": ""} == {
        "code": "ALLOWANCE",
        "name": "待定补贴",
        "department": "县民政局",
        "case": case.id,
        "state": "submitted",
        "since": AT.date().isoformat(),
        "missing_opinions": ["discipline", "human_resources", "department"],
        "opinions_due_on": "",
        "waits_for": ["discipline", "human_resources", "department"],
    }
    assert listed["ALLOWANCE"]["opinions_due_on"] == case.opinions_due_on.isoformat()
    assert listed["OTHER"]["waits_for"] == ["department", "finance"]
    text = app.test_cli_runner().invoke(args=["programmes", "undecided"]).output
    assert "待定补贴" in text
    assert "县人社局" in text
