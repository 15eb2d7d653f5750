"""The same matter twice: linked, not lost, each reporter still answered."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete

from complaints import operations, queries
from complaints.linked import going_along, linked_with, perhaps_same
from complaints.models import Complaint, Link
from complaints.operations import approving, handling
from complaints.operations.taking_over import take_over
from complaints.story import story
from complaints.tracking import track
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import system
from tests.complaints.county import AT, OTHER_TOWNSHIP, County, submit
from tests.complaints.test_sealed import TOKENS, signed_in

DAY = timedelta(days=1)


def three(county: County) -> tuple[list[Complaint], list[str]]:
    """The same matter three times; the second and third follow the first."""
    made = [submit(at=AT + day * DAY) for day in range(3)]
    cases, codes = [case for case, _code in made], [code for _case, code in made]
    for case in cases[1:]:
        operations.link(county.township, case, cases[0].number, at=AT + 3 * DAY)
    db.session.commit()
    return cases, codes


def test_each_reporter_is_answered_with_the_one_that_leads(county: County) -> None:
    (first, second, third), codes = three(county)
    assert operations.accept(county.township, first, at=AT + 3 * DAY, with_linked=True) == 2
    assert operations.start_investigation(county.township, first, at=AT + 3 * DAY, with_linked=True) == 2
    operations.add_from_reporter(codes[2], "还有一张照片", at=AT + 4 * DAY)
    assert operations.conclude(county.township, first, "都已补发。", at=AT + 5 * DAY, with_linked=True) == 1
    assert [track(code, at=AT + 5 * DAY).answer for code in codes] == ["都已补发。", "都已补发。", None]
    assert {clock.stopped_on for clock in second.clocks} == {(AT + 3 * DAY).date(), (AT + 5 * DAY).date()}
    # The one with something unread is left for an answer of its own, and still runs.
    assert (third.state, third.due_on is not None) == ("investigating", True)
    for code in codes:
        assert "并案" not in str(track(code, at=AT + 5 * DAY))


def test_without_the_tick_nothing_goes_along(county: County) -> None:
    (first, second, _third), _codes = three(county)
    assert operations.accept(county.township, first, at=AT + 3 * DAY) == 0
    assert second.state == "received"


def test_an_approved_answer_goes_to_all_where_its_writer_meant_all(county: County) -> None:
    cases, codes = three(county)
    for step in (operations.accept, operations.start_investigation):
        step(county.township, cases[0], at=AT + 3 * DAY, with_linked=True)
    approving.set_approval(county.township_approver, True, "答复质量不一", at=AT + 3 * DAY)
    approving.hand_in_answer(county.township, cases[0], "都已补发。", at=AT + 4 * DAY, with_linked=True)
    draft = approving.waiting_draft(cases[0])
    assert draft is not None
    written = draft.written_at.isoformat()
    assert handling.approve_answer(county.township_approver, cases[0], written, at=AT + 5 * DAY) == 2
    assert {track(code, at=AT + 5 * DAY).answer for code in codes} == {"都已补发。"}


def test_a_matter_has_one_case_that_leads(county: County) -> None:
    (first, second, third), _codes = three(county)
    newest, _code = submit(at=AT + 3 * DAY)
    # Whatever followed it follows along, also where the number of one that follows is given.
    operations.link(county.township, newest, third.number, at=AT + 3 * DAY)
    assert linked_with(county.township, newest).leading == first
    assert set(linked_with(county.township, first).followers) == {second, third, newest}
    older, _code = submit(at=AT - DAY)
    operations.link(county.township, first, older.number, at=AT + 3 * DAY)
    assert set(linked_with(county.township, older).followers) == {first, second, third, newest}
    with pytest.raises(Conflict, match="已经并案"):
        operations.link(county.township, older, first.number, at=AT + 3 * DAY)
    operations.unlink(county.township, older, first.number, at=AT + 4 * DAY)
    assert linked_with(county.township, first).leading is None
    assert set(linked_with(county.township, older).followers) == {second, third, newest}
    operations.unlink(county.township, newest, older.number, at=AT + 4 * DAY)
    assert set(linked_with(county.township, older).followers) == {second, third}
    with pytest.raises(NotVisible):
        operations.unlink(county.township, older, newest.number, at=AT + 4 * DAY)


def test_what_may_not_be_linked(county: County) -> None:
    here, _code = submit()
    there, _code = submit(region_code=OTHER_TOWNSHIP)
    hidden, _code = submit(category="fraud")
    for number in (there.number, hidden.number, "123456789012", "", "x"):
        with pytest.raises(UserError, match="没有找到这个编号"):
            operations.link(county.township, here, number, at=AT)
    with pytest.raises(UserError, match="本件的编号"):
        operations.link(county.township, here, here.number, at=AT)
    other, _code = submit()
    for person, error in ((county.other_township, NotVisible), (county.township_approver, PermissionDenied)):
        with pytest.raises(error):
            operations.link(person, here, other.number, at=AT)
    with pytest.raises(Conflict, match="问题线索"):
        late, _code = submit(about_organisation_id=county.finance.organisation_id)
        assert late.owner_id == county.discipline.organisation_id
        operations.link(county.discipline, late, hidden.number, at=AT)


def test_what_is_perhaps_the_same(county: County) -> None:
    case, _code = submit()
    same, _code = submit(at=AT + 80 * DAY)
    submit(category="wrong_amount")
    submit(at=AT + 95 * DAY)
    submit(about_organisation_id=county.village_office_id)
    submit(region_code="513426001201" if case.region_code != "513426001201" else "513426001200")
    assert list(perhaps_same(county.township, case)) == [same]
    assert list(perhaps_same(county.finance, case)) == []
    operations.link(county.township, same, case.number, at=AT + 80 * DAY)
    assert list(perhaps_same(county.township, case)) == []


# Colleagues at the same case are told of each other, with the minute.
@time_machine.travel(AT + 5 * DAY, tick=False)
def test_a_linked_case_that_is_sealed_might_as_well_never_have_been(app: Flask, county: County) -> None:
    (second, third), (fourth, _code) = (submit(at=AT + day * DAY)[0] for day in (1, 2)), submit(at=AT + 3 * DAY)
    clients = [signed_in(app, person) for person in (county.township, county.township_approver, county.finance)]
    pages = [f"/staff/complaints/{case.number}" for case in (second, third, fourth)]

    def seen() -> list[bytes]:
        return [TOKENS.sub(b"", client.get(page).data) for client in clients for page in pages]

    # As if the two had always been one matter with the oldest of them.
    for case in (third, fourth):
        operations.link(county.township, case, second.number, at=AT + 4 * DAY)
    db.session.commit()
    seen()
    before = seen()
    assert b"\xe4\xb8\xbb\xe6\xa1\x88" in before[1]
    db.session.execute(delete(Link))
    first, _code = submit(at=AT)
    for case in (second, third, fourth):
        operations.link(county.township, case, first.number, at=AT + 4 * DAY)
    db.session.commit()
    assert all(first.number in clients[0].get(page).text for page in pages)
    operations.refer_to_discipline(county.township, first, "疑似截留", at=AT + 4 * DAY)
    db.session.commit()
    assert seen() == before
    assert going_along(county.township, second, "accept") == [third, fourth]
    assert linked_with(county.discipline, first).followers == []


@pytest.mark.parametrize("way", ["redirect", "pass up", "take over", "review", "refer"])
def test_those_that_are_left_stay_together_whatever_way_it_went(county: County, way: str) -> None:
    (first, second, third), codes = three(county)
    oldest, _code = submit(at=AT - DAY)
    operations.link(county.township, oldest, first.number, at=AT + 3 * DAY)
    operations.decline(county.township, oldest, "不属于本县。", at=AT + 3 * DAY)
    at, office = AT + 4 * DAY, county.department.organisation_id
    assert office is not None
    if way == "redirect":
        operations.object_to_routing(county.township, first, office, "理由", at=at)
        operations.pass_on(county.finance, first, office, "理由", at=at)
    elif way == "pass up":
        operations.recuse(county.township, first, None, "理由", at=at)
    elif way == "take over":
        operations.escalate_overdue(system("night"), at=AT + 60 * DAY)
        take_over(county.finance, first, "久拖不决", at=at)
    elif way == "review":
        for step in (operations.accept, operations.start_investigation):
            step(county.township, first, at=at)
        operations.conclude(county.township, first, "已补发。", at=at)
        operations.ask_review(codes[0], "没有补发。", at=at)
    else:
        operations.refer_to_discipline(county.township, first, "疑似截留", at=at)
    assert first.owner_id != county.township.organisation_id
    # The oldest that has not ended leads them.
    assert set(linked_with(county.township, second).followers) == {third, oldest}
    assert linked_with(county.township, third).leading == second
    told = [line.title for line in story(county.township, second) if second.number not in line.text]
    assert told.count("并案") + told.count("改随另一件并案") >= 2
    assert linked_with(system("job"), first).followers == []


def test_the_story_tells_who_linked_and_unlinked(app: Flask, county: County) -> None:
    (first, second, third), codes = three(county)
    with app.test_request_context():
        lines = [(line.title, line.text, line.internal) for line in story(county.township, first)]
        assert lines[-2:] == [("并案", f"并入 {case.number}", True) for case in (second, third)]
        operations.unlink(county.township, third, first.number, at=AT + 4 * DAY)
        assert [(line.title, line.text) for line in story(county.township, third)][-2:] == [
            ("并案", f"主案 {first.number}"),
            ("不再并案", f"主案 {first.number}"),
        ]
        operations.link(county.township, first, third.number, at=AT + 5 * DAY)
        assert [(line.title, line.text) for line in story(county.township, second)][-2:] == [
            ("并案", f"主案 {first.number}"),
            ("改随另一件并案", f"主案 {third.number}"),
        ]
    assert all("并案" not in str(track(code, at=AT + 5 * DAY)) for code in codes)


def test_on_the_screen(app: Flask, county: County) -> None:
    (first, second), (third, _code) = (submit()[0] for _ in range(2)), submit()
    db.session.commit()
    client = signed_in(app, county.township)
    page = f"/staff/complaints/{second.number}"
    assert first.number in client.get(page).text, "offered as perhaps the same"
    assert client.post(f"{page}/links", data={"other": f" {first.number[:6]} {first.number[6:]} "}).status_code == 302
    text = client.get(page).text
    assert "主案" in text
    assert f"{page}/links/{first.number}/end" in text
    leading = f"/staff/complaints/{first.number}"
    assert "并案的 1 件一起办理" in client.get(leading).text
    answer = client.post(f"{leading}/accept", data={"with_linked": "1"}, follow_redirects=True)
    assert "并案的 1 件一起办理了" in answer.text
    db.session.expire_all()
    assert (second.state, third.state) == ("accepted", "received")
    wrong = client.post(f"{page}/links", data={"other": "999999999999"}, follow_redirects=True)
    assert "没有找到这个编号" in wrong.text
    client.post(f"{page}/links/{first.number}/end")
    text = client.get(page).text
    assert "主案，一起办理在那里进行" not in text and "不再并案" in text
    other = signed_in(app, county.other_township)
    assert other.post(f"{page}/links", data={"other": third.number}).status_code == 404
    assert other.post(f"{page}/links/{first.number}/end").status_code == 404
    assert queries.is_visible(county.township, second)
