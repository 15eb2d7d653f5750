"""The staff pages: what an office sees and does with its queue, on the screen."""

import re
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from complaints import operations
from complaints.attachments import IncomingFile
from complaints.models import Complaint
from core import clock, form_names
from core.audit import AuditEntry
from core.board import items_for
from core.database import db
from core.principal import OrganisationKind, Principal, Role, system
from tests import factories
from tests.complaints.county import OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, County, submit
from tests.complaints.test_intake import photo
from tests.core.together import together
from tests.signing import sign_in

DAY = timedelta(days=1)


def sign_in_as(client: FlaskClient, principal: Principal) -> FlaskClient:
    return sign_in(client, db.session.get_one(Official, principal.official_id))


@pytest.fixture
def township(client: FlaskClient, county: County) -> FlaskClient:
    return sign_in_as(client, county.township)


def now_submitted(days_ago: int = 0, **values: object) -> tuple[Complaint, str]:
    complaint, code = submit(at=clock.utc_now() - days_ago * DAY, **values)
    db.session.commit()
    return complaint, code


def titles(app: Flask, principal: Principal) -> list[str]:
    """What stands on the to-do board of that official."""
    with app.test_request_context():
        return [item.title for item in items_for(principal, clock.today())]


def act(client: FlaskClient, complaint: Complaint, name: str, **form: str) -> int:
    return client.post(f"/staff/complaints/{complaint.number}/{name}", data=form).status_code


def test_a_case_is_answered_on_the_screen(township: FlaskClient) -> None:
    complaint, _code = now_submitted(anonymous=False, name="王某某", phone="13800000001")
    page = township.get("/staff/complaints/").text
    assert complaint.number in page
    assert "补贴没有到账" in page
    page = township.get(f"/staff/complaints/{complaint.number}").text
    assert "上个月的补贴没有到账。" in page
    assert "13800000001" not in page
    assert "王某某" not in page
    assert act(township, complaint, "accept") == 303
    assert act(township, complaint, "investigate") == 303
    assert act(township, complaint, "conclude", text="已补发，请查收。") == 303
    page = township.get(f"/staff/complaints/{complaint.number}").text
    assert "已补发，请查收。" in page
    assert "已答复" in page
    assert complaint.number not in township.get("/staff/complaints/").text
    assert complaint.number in township.get("/staff/complaints/all").text


def test_what_was_typed_is_kept_when_it_is_refused(township: FlaskClient) -> None:
    complaint, code = now_submitted()
    act(township, complaint, "accept")
    act(township, complaint, "investigate")
    operations.add_from_reporter(code, "新证据", at=clock.utc_now())
    db.session.commit()
    answer = township.post(f"/staff/complaints/{complaint.number}/conclude", data={"text": "写了很久的答复"})
    assert answer.status_code == 409
    assert "标记已阅" in answer.text
    assert db.session.get_one(Complaint, complaint.id).state == "investigating"
    answer = township.post(f"/staff/complaints/{complaint.number}/ask", data={"text": " "})
    assert answer.status_code == 400
    assert "请写明要问的问题" in answer.text


def test_only_what_is_possible_is_offered(township: FlaskClient) -> None:
    complaint, _code = now_submitted()

    def offered() -> set[str]:
        page = township.get(f"/staff/complaints/{complaint.number}").text
        return set(re.findall(rf'action="/staff/complaints/{complaint.number}/(\w+)"', page))

    assert offered() == {"accept", "ask", "note", "links", "object", "decline", "refer", "recuse"}
    act(township, complaint, "accept")
    assert offered() == {"investigate", "ask", "note", "ask_extension", "links", "refer", "recuse"}
    act(township, complaint, "investigate")
    assert offered() == {"conclude", "ask", "note", "ask_extension", "links", "refer", "recuse"}
    act(township, complaint, "conclude", text="答复")
    assert offered() == {"ask", "note", "links", "refer", "recuse"}


def test_an_extension_is_asked_for_and_granted(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, _code = now_submitted()
    act(township, complaint, "accept")
    assert act(township, complaint, "ask_extension", days="x", text="等材料") == 400
    assert act(township, complaint, "ask_extension", days="5", text="等材料") == 303
    approver = sign_in_as(app.test_client(), county.township_approver)
    page = approver.get(f"/staff/complaints/{complaint.number}").text
    assert "等材料" in page
    assert titles(app, county.township_approver) == [f"审批延期（{complaint.number}）"]
    assert act(approver, complaint, "grant") == 303
    assert act(approver, complaint, "accept") == 403


def test_passed_on_and_referred_cases_are_gone(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, _code = now_submitted()
    page = f"/staff/complaints/{complaint.number}"
    other_office = str(county.other_township.organisation_id)
    assert act(township, complaint, "object", organisation_id=other_office, text="不属于本镇") == 303
    assert "等finance" in township.get(page).text
    finance = sign_in_as(app.test_client(), county.finance)
    assert complaint.number in finance.get("/staff/complaints/misrouted").text
    assert complaint.number in finance.get("/staff/complaints/all").text
    assert titles(app, county.finance) == [f"裁定转办异议（{complaint.number}）"]
    assert "不属于本镇" in finance.get(page).text
    answer = finance.post(
        f"{page}/pass_on", data={"organisation_id": other_office, "text": "由邻镇办理"}, follow_redirects=True
    )
    assert answer.request.path == "/staff/complaints/"
    assert township.get(page).status_code == finance.get(page).status_code == 404
    other = sign_in_as(app.test_client(), county.other_township)
    answer = other.post(f"/staff/complaints/{complaint.number}/refer", data={"text": "疑似截留"}, follow_redirects=True)
    assert "只有纪委监委看得到" in answer.text
    assert other.get(f"/staff/complaints/{complaint.number}").status_code == 404
    discipline = sign_in_as(app.test_client(), county.discipline)
    assert complaint.number in discipline.get("/staff/complaints/sealed").text
    assert complaint.number not in discipline.get("/staff/complaints/all").text
    assert act(discipline, complaint, "accept") == 303


def test_identity_is_shown_once_for_a_reason(township: FlaskClient) -> None:
    complaint, _code = now_submitted(anonymous=False, name="王某某", phone="13800000001")
    address = f"/staff/complaints/{complaint.number}/reporter"
    assert "13800000001" not in township.post(address, data={"reason": ""}, follow_redirects=True).text
    assert "13800000001" in township.post(address, data={"reason": "电话核实"}).text
    assert "13800000001" not in township.get(f"/staff/complaints/{complaint.number}").text


def test_files_only_come_as_downloads(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, _code = now_submitted(attachments=[IncomingFile("证据.jpg", photo())])
    address = f"/staff/complaints/{complaint.number}/attachments/1"
    answer = township.get(address)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert township.get(address[:-1] + "2").status_code == 404
    other = sign_in_as(app.test_client(), county.other_township)
    assert other.get(address).status_code == 404


def test_entered_for_somebody_with_a_code_that_is_shown_once(township: FlaskClient, county: County) -> None:
    page = township.get("/staff/complaints/enter").text
    assert f'value="{VILLAGE}"' in page
    assert f'value="{OTHER_TOWNSHIP}"' not in page
    today = clock.today()
    form = {
        "channel": "phone",
        "received_on": (today - DAY).isoformat(),
        "category": "not_received",
        "text": "电话里说六月的没有到。",
        "region": VILLAGE,
        "about_organisation": "",
        "name": "王某某",
        "phone": "13800000001",
    }
    answer = township.post("/staff/complaints/enter", data=form)
    assert re.search(r"\d{4} \d{4} \d{4} \d{4} \d{4}", answer.text)
    complaint = db.session.scalars(select(Complaint)).one()
    assert (complaint.channel, complaint.received_on) == ("phone", today - DAY)
    refused = township.post("/staff/complaints/enter", data=form | {"phone": "12"})
    assert refused.status_code == 400
    assert "电话号码不对" in refused.text
    assert "电话里说六月的没有到。" in refused.text
    late = township.post("/staff/complaints/enter", data=form | {"received_on": (today + DAY).isoformat()})
    assert "不能晚于今天" in late.text
    assert "不针对某个单位" in page
    assert f'value="{county.department.organisation_id}"' in page
    assert f'value="{county.discipline.organisation_id}"' not in page


def name_on(page: str) -> str:
    found = re.search(r'name="form_name" value="([^"]+)"', page)
    assert found, page
    return found[1]


def code_on(page: str) -> str:
    found = re.search(r"\d{4} \d{4} \d{4} \d{4} \d{4}", page)
    assert found, page
    return found[0]


def letter_form(client: FlaskClient, **more: str) -> dict[str, str]:
    """What an official sends after a visit."""
    form = {
        "form_name": name_on(client.get("/staff/complaints/enter").text),
        "channel": "visit",
        "received_on": clock.today().isoformat(),
        "category": "not_received",
        "text": "来访说六月的没有到。",
        "region": VILLAGE,
        "anonymous": "y",
    }
    return form | more


def test_a_form_that_an_official_sends_twice_is_entered_once(township: FlaskClient) -> None:
    form = letter_form(township)
    codes = [code_on(township.post("/staff/complaints/enter", data=form).text) for _ in range(2)]
    assert codes[0] == codes[1]
    assert len(db.session.scalars(select(Complaint)).all()) == 1
    for change in ({"text": "另一件事。"}, {"anonymous": "", "name": "王某某"}, {"about_organisation": "1"}):
        changed = township.post("/staff/complaints/enter", data=form | change)
        assert changed.status_code == 400
        assert "没有登记" in changed.text
    found = db.session.scalars(select(Complaint)).one()
    found.received_at -= timedelta(hours=1)
    db.session.commit()
    later = township.post("/staff/complaints/enter", data=form).text
    assert "已经登记过" in later
    assert codes[0] not in later


def test_after_a_day_an_officials_form_is_refused_and_his_words_stay(township: FlaskClient, county: County) -> None:
    form = letter_form(township)
    township.post("/staff/complaints/enter", data=form)
    with time_machine.travel(clock.utc_now() + form_names.LIFE + timedelta(seconds=5), tick=False):
        sign_in_as(township, county.township)
        late = township.post("/staff/complaints/enter", data=form)
    assert late.status_code == 400 and "请重新打开一张" in late.text and form["text"] in late.text
    db.session.rollback()
    assert len(db.session.scalars(select(Complaint)).all()) == 1


def test_sent_twice_at_one_moment_it_is_entered_once(app: Flask, county: County) -> None:
    clients = [sign_in_as(app.test_client(), county.township) for _ in range(4)]
    form = letter_form(clients[0])

    def enter(client: FlaskClient) -> str:
        return code_on(client.post("/staff/complaints/enter", data=form).text)

    assert len(set(together(app, *[partial(enter, client) for client in clients]))) == 1
    db.session.rollback()
    assert len(db.session.scalars(select(Complaint)).all()) == 1


def test_an_official_who_may_not_see_what_he_enters_gets_its_number_and_no_key(app: Flask, county: County) -> None:
    clerk = factories.official(OrganisationKind.VILLAGE, Role.COMPLAINT_HANDLER, region_code=VILLAGE)
    client = sign_in(app.test_client(), clerk)
    form = {
        "channel": "visit",
        "received_on": clock.today().isoformat(),
        "category": "extortion",
        "text": "办事要红包。",
        "region": VILLAGE,
        "anonymous": "y",
    }
    answer = client.post("/staff/complaints/enter", data=form)
    complaint = db.session.scalars(select(Complaint)).one()
    assert complaint.sealed
    assert complaint.number in answer.text
    assert "这里不显示查询码" in answer.text
    assert not re.search(r"\d{4} \d{4} \d{4} \d{4} \d{4}", answer.text)
    assert f'href="/staff/complaints/{complaint.number}"' not in answer.text
    assert client.get(f"/staff/complaints/{complaint.number}").status_code == 404
    assert client.get("/staff/complaints/").status_code == 403


def test_the_queue_is_sorted_filtered_searched_and_exported(township: FlaskClient) -> None:
    made = [now_submitted(days_ago=days)[0] for days in (0, 40, 10)]
    enquiry, _code = now_submitted(category="enquiry")
    page = township.get("/staff/complaints/").text
    shown = re.findall(r"/staff/complaints/(\d{12})", page)
    by_due = sorted([*made, enquiry], key=lambda case: (case.queue_on, case.number))
    assert list(dict.fromkeys(shown)) == [case.number for case in by_due]
    late = township.get("/staff/complaints/?urgency=late").text
    assert made[1].number in late
    assert made[0].number not in late
    only = township.get("/staff/complaints/?category=enquiry").text
    assert enquiry.number in only
    assert made[0].number not in only
    found = township.post("/staff/complaints/", data={"q": enquiry.number}, follow_redirects=True)
    assert set(re.findall(r"/staff/complaints/(\d{12})\"", found.text)) == {enquiry.number}
    exported = township.post("/staff/complaints/", data={"export": "csv"})
    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert enquiry.number in exported.text
    assert "没有到账。" not in exported.text


def test_an_export_from_the_sealed_room_is_known_to_its_owner_only(app: Flask, county: County) -> None:
    complaint, _code = now_submitted(category="fraud")
    discipline = sign_in_as(app.test_client(), county.discipline)
    assert complaint.number in discipline.post("/staff/complaints/sealed", data={"export": "csv"}).text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "listing.export")).one()
    assert entry.visible_to == "discipline"


def test_the_board_shows_what_is_due_and_what_has_gone_up(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, code = now_submitted(days_ago=60)
    operations.escalate_overdue(system("night"), at=clock.utc_now())
    for _ in range(12):
        now_submitted()
    db.session.commit()
    assert titles(app, county.township)[0] == f"受理：补贴没有到账（{complaint.number}）"
    with app.test_request_context():
        items = items_for(county.township, clock.today())
        assert [item.count for item in items if item.title == "其余投诉举报"] == [3]
        assert items[0].is_late(clock.today())
        supervised = items_for(county.finance, clock.today())
        assert [(item.title, item.count) for item in supervised] == [("督办：超期的投诉举报", 1)]
    page = " ".join(township.get("/staff/").text.split())
    assert '其余投诉举报</b> <span class="count">3</span>' in page
    assert titles(app, county.department) == []
    operations.add_from_reporter(code, "补充", at=clock.utc_now())
    db.session.commit()
    assert f"反映人补充了内容（{complaint.number}）" in titles(app, county.township)
    assert township.get("/staff/").status_code == 200
    finance = sign_in_as(app.test_client(), county.finance)
    assert complaint.number in finance.get("/staff/complaints/supervised").text
    assert complaint.number not in finance.get("/staff/complaints/").text


def test_figures_tell_answered_from_solved(township: FlaskClient, county: County) -> None:
    first, code = now_submitted()
    now = clock.utc_now()
    operations.accept(county.township, first, at=now)
    operations.start_investigation(county.township, first, at=now)
    operations.conclude(county.township, first, "答复", at=now)
    operations.settle(code, at=now)
    now_submitted(category="wrong_list")
    db.session.commit()
    page = township.get("/staff/complaints/statistics").text
    row = re.search(r'<th scope="row" class="plain">补贴没有到账</th>(.*?)</tr>', page, re.DOTALL)
    assert row is not None
    counts = [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1]
    assert re.findall(r">(\d+)<", row[1]) == [str(number) for number in counts]
    assert township.get("/staff/complaints/statistics?period=1999").status_code == 404


def test_pages_of_others_do_not_exist(app: Flask, county: County) -> None:
    complaint, _code = now_submitted()
    for stranger in (county.other_township, county.department, county.finance, county.discipline):
        client = sign_in_as(app.test_client(), stranger)
        assert client.get(f"/staff/complaints/{complaint.number}").status_code == 404
        assert act(client, complaint, "accept") == 404
        assert client.get("/staff/complaints/999999999999").status_code == 404
    viewer = sign_in(
        app.test_client(), factories.official(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
    )
    for path in ("", "all", "supervised", "statistics", "enter"):
        assert viewer.get(f"/staff/complaints/{path}").status_code == 403
    assert viewer.get("/staff/complaints/sealed").status_code == 404
    assert app.test_client().get("/staff/complaints/").status_code == 302
