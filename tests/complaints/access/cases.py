"""Brings a case to a place and to a stage of its life, by the operations."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from complaints import operations
from complaints.attachments import IncomingFile
from complaints.extensions import granting_office, has_granter
from complaints.models import Complaint
from complaints.operations.approving import hand_in_answer
from complaints.operations.extending import ask_extension, extendable_clock
from complaints.operations.taking_over import take_over
from core.principal import Principal, system
from tests.complaints.access.places import PLACES
from tests.complaints.county import AT, OTHER_TOWNSHIP, submit

NAME, PHONE = "王某某", "13800000001"
"""The reporter of every case: named, so that there is somebody to be kept from others."""
FILE = "录音.amr"
STAGES = ("received", "accepted", "investigating", "drafted", "extension asked", "answered", "unread", "linked", "held")
NOT_TAKEN_ON = ("received", "unread", "linked")
"""Stages at which nobody has taken the case on: with that an objection to its routing would be withdrawn."""

_AGO = {"late": 10, "taken over": 10, "under review": 3}
_LONG_AGO, _ANSWERED = 60, 45


def stage_of(place: str, stage: str) -> str:
    """The stage that a case of that place has instead: what has ended has no life, but it alone is kept; what is said
    to be misrouted has not been taken on."""
    if stage == "held" or place == "ended":
        return stage if (stage, place) == ("held", "ended") else STAGES[0]
    return STAGES[0] if place == "misrouted" and stage not in NOT_TAKEN_ON else stage


def bring_about(people: Mapping[str, Principal], place: str, stage: str) -> tuple[Complaint, str]:
    """A case at that place and stage at the hour of the tests, and its receipt code; where a place knows no such stage
    (a clue has no extension, an ended case no life), as near to it as it can be."""
    days = _LONG_AGO if stage == "answered" else _AGO.get(place, 1)
    complaint, code = _handed_in(people, place, AT - timedelta(days=days))
    at = AT - timedelta(days=_ANSWERED if stage == "answered" else 0, hours=1)
    _put(people, complaint, code, place, at)
    if stage == "unread":
        operations.add_from_reporter(code, "还有一份。", at=at)
    elif stage == "held":
        operations.hold(people["township handler"], complaint, "有诉讼。", at=at)
    elif place != "ended":
        _advance(people[f"{PLACES[place].has} handler"], complaint, stage, at)
    return complaint, code


def _handed_in(people: Mapping[str, Principal], place: str, at: datetime) -> tuple[Complaint, str]:
    fields: dict[str, object] = {
        "anonymous": False,
        "name": NAME,
        "phone": PHONE,
        "attachments": [IncomingFile(FILE, b"#!AMR\n" + place.encode().ljust(60, b"\0"))],
        "text": f"这件事在：{place}。",
    }
    if place == "on another township's desk":
        fields["region_code"] = OTHER_TOWNSHIP
    if place.startswith("about "):
        fields["about_organisation_id"] = people[f"{place.rsplit(maxsplit=1)[-1]} handler"].organisation_id
    if place == "sealed":
        fields["category"] = "extortion"
    if place in {"confidential", "ended"}:
        fields["confidential"] = True
    if place == "entered by an official":
        day = at.date()
        submission = operations.Submission(
            **{"category": "not_received", "region_code": "513426001200", "channel": "phone", "received_on": day}
            | fields  # type: ignore[arg-type]  # fields by name
        )
        return operations.submit_complaint(people["township handler"], submission, at=at)
    return submit(at=at, **fields)


def _put(people: Mapping[str, Principal], case: Complaint, code: str, place: str, at: datetime) -> None:
    """What makes it a case of that place."""
    township = people["township handler"]
    if place.startswith("passed on to "):
        office = people[f"{place.removeprefix('passed on to ').removeprefix('the ')} handler"].organisation_id
        assert office is not None
        # By which way it came there is tested elsewhere.
        case.owner_id, case.state = office, "redirected"
    elif place == "sealed later":
        operations.refer_to_discipline(township, case, "疑似截留。", at=at)
    elif place in {"late", "taken over"}:
        counts = operations.escalate_overdue(system("night"), at=at)
        assert counts["accept_overdue"], "nothing was late"
        if place == "taken over":
            take_over(people["finance handler"], case, "超期未受理。", at=at)
    elif place == "under review":
        operations.accept(township, case, at=at)
        operations.start_investigation(township, case, at=at)
        operations.conclude(township, case, "已补发。", at=at)
        operations.ask_review(code, "没有补发。", at=at)
        operations.mark_read(people["finance handler"], case, at=at)
    elif place == "misrouted":
        department = people["department handler"].organisation_id
        assert department is not None
        operations.object_to_routing(township, case, department, "由民政局发放。", at=at)
    elif place == "passed up":
        office = people["finance handler"].organisation_id
        assert office is not None
        case.owner_id = office
        operations.recuse(people["finance handler"], case, None, "亲属在该村。", at=at)
        operations.recuse(people["discipline approver"], case, None, "亲属在该村。", at=at)
    elif place == "ended":
        operations.decline(township, case, "不属于本县。", at=at)


def _advance(handler: Principal, case: Complaint, stage: str, at: datetime) -> None:
    """Its owner takes it as far as that stage."""
    if stage in {"received", "linked"}:
        return
    if case.state != "review_asked":
        operations.accept(handler, case, at=at)
    if stage == "extension asked":
        # Nobody grants it where the one approver of the highest office keeps out.
        somebody = has_granter(case, handler.official_id) or granting_office(case, handler.official_id)
        if extendable_clock(case) is not None and somebody:
            # Who sees it where the office above decides: test_extensions_above.py.
            ask_extension(handler, case, 5, "等材料。", at=at).deciding_id = None
        return
    if stage == "accepted":
        return
    operations.start_investigation(handler, case, at=at)
    if case.sealed:
        operations.record_outcome(handler, case, "unfounded", "查无实据。", at=at)
    if stage == "drafted":
        hand_in_answer(handler, case, "拟答复。", at=at)
    if stage == "answered":
        operations.conclude(handler, case, "已答复。", at=at)


def link_with(people: Mapping[str, Principal], place: str, case: Complaint, other: Complaint) -> None:
    """Two cases of one place are one matter."""
    operations.link(people[f"{PLACES[place].has} handler"], case, other.number, at=AT - timedelta(hours=1))
