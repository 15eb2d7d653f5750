"""Interests and recusals on the screen."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from complaints import operations
from complaints.models import Complaint
from core import clock
from core.database import db
from core.principal import Role
from tests.complaints.county import VILLAGE, County, submit
from tests.complaints.test_pages import act, now_submitted, titles
from tests.complaints.test_recusing import beside, register
from tests.complaints.test_sealed import signed_in

LIST = "/staff/complaints/interests"


def form(county: County, **changes: str) -> dict[str, Any]:
    given = {
        "official": str(county.township.official_id),
        "organisation": "",
        "region": VILLAGE,
        "since": clock.today().isoformat(),
        "reason": "亲属在该村居住",
    }
    return given | changes


@pytest.fixture
def township(app: Flask, county: County) -> FlaskClient:
    beside(county.township, Role.COMPLAINT_HANDLER)
    return signed_in(app, county.township)


def offered_people(page: str) -> set[str]:
    select = re.search(r'<select[^>]*name="official".*?</select>', page, re.DOTALL)
    assert select is not None
    return set(re.findall(r'<option[^>]*value="(\d+)"', select.group()))


def test_an_interest_is_entered_listed_and_ended(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, _code = now_submitted()
    page = township.get(LIST).text
    assert "本单位还没有登记" in page and f'href="{LIST}/new"' in page
    assert offered_people(township.get(f"{LIST}/new").text) == {str(county.township.official_id)}
    refused = township.post(f"{LIST}/new", data=form(county, organisation=str(county.village_office_id)))
    assert refused.status_code == 400
    assert "分两条登记" in refused.text and "亲属在该村居住" in refused.text
    assert township.post(f"{LIST}/new", data=form(county, reason="")).status_code == 400
    assert township.post(f"{LIST}/new", data=form(county, official=str(county.finance.official_id))).status_code == 400
    done = township.post(f"{LIST}/new", data=form(county), follow_redirects=True)
    assert done.request.path == LIST
    assert "已登记，立即生效。" in done.text and "亲属在该村居住" in done.text and county.township.name in done.text
    assert township.get(f"/staff/complaints/{complaint.number}").status_code == 404
    assert complaint.number not in township.get("/staff/complaints/all").text
    address = re.findall(rf'href="({LIST}/\d+)"', done.text)[0]
    assert "本人不能注销" in township.get(address).text
    assert "本人不能注销。" in township.post(address, data={"reason": "搬走了"}, follow_redirects=True).text
    assert "有效" in township.get(address).text
    finance, discipline = signed_in(app, county.finance), signed_in(app, county.discipline)
    assert finance.get(address).status_code == 404
    assert "亲属在该村居住" not in finance.get(LIST).text
    assert "亲属在该村居住" in discipline.get(LIST).text
    assert "亲属在该村居住" in discipline.post(LIST, data={"export": "csv"}).data.decode("utf-8-sig")
    approver = signed_in(app, county.township_approver)
    assert "请写明理由" in approver.post(address, data={"reason": ""}, follow_redirects=True).text
    assert "已注销，记录仍然保留" in approver.post(address, data={"reason": "搬走了"}, follow_redirects=True).text
    page = approver.get(address).text
    assert "已注销" in page and "搬走了" in page and f'action="{address}"' not in page
    assert township.get(f"/staff/complaints/{complaint.number}").status_code == 200
    assert county.township.name not in approver.get(f"{LIST}?state=holds").text.partition("<table")[2]


def test_an_approver_enters_for_his_office_and_reads_what_went_up(app: Flask, county: County) -> None:
    complaint, _code = now_submitted()
    approver = signed_in(app, county.township_approver)
    people = offered_people(approver.get(f"{LIST}/new").text)
    assert people == {str(county.township.official_id), str(county.township_approver.official_id)}
    done = approver.post(f"{LIST}/new", data=form(county), follow_redirects=True)
    assert "有 1 件没有别的同事能办理，已转到上一级单位。" in done.text
    assert approver.get(f"/staff/complaints/{complaint.number}").status_code == 404
    finance = signed_in(app, county.finance)
    assert "办理人员回避，改由上一级单位办理" in finance.get(f"/staff/complaints/{complaint.number}").text
    discipline = signed_in(app, county.discipline)
    assert len(offered_people(discipline.get(f"{LIST}/new").text)) == 6


def test_a_recusal_on_the_page_of_the_case(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, _code = now_submitted()
    page = f"/staff/complaints/{complaint.number}"
    assert act(township, complaint, "accept") == 303
    assert f"{page}/recuse_other" not in township.get(page).text
    answer = township.post(f"{page}/recuse", data={"text": " "})
    assert answer.status_code == 400 and "请写明回避的理由" in answer.text
    done = township.post(f"{page}/recuse", data={"text": "当事人是我表哥"}, follow_redirects=True)
    assert done.request.path == "/staff/complaints/"
    assert "您不再看得到" in done.text and complaint.number not in done.text
    for name in ("accept", "recuse", "lift", "note"):
        assert act(township, complaint, name, text="x", official_id=str(county.township.official_id)) == 404
    approver = signed_in(app, county.township_approver)
    shown = approver.get(page).text
    assert "已回避" in shown and "当事人是我表哥" in shown and f"{page}/lift" in shown
    assert act(approver, complaint, "lift", official_id="", text="弄错了") == 409
    assert act(approver, complaint, "lift", official_id=str(county.township.official_id), text="同名") == 303
    assert township.get(page).status_code == 200
    assert act(approver, complaint, "recuse_other", official_id=str(county.finance.official_id), text="x") == 400
    assert act(approver, complaint, "recuse_other", official_id=str(county.township.official_id), text="x") == 303
    assert township.get(page).status_code == 404
    assert titles(app, county.township) == []


def test_the_page_says_until_when_it_may_be_objected_to(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, _code = now_submitted()
    page = f"/staff/complaints/{complaint.number}"
    assert "前可以提出转办异议" in township.get(page).text
    to = str(county.other_township.organisation_id)
    assert act(township, complaint, "object", organisation_id="", text="理由") == 400
    assert act(township, complaint, "object", organisation_id=to, text="不属于本镇") == 303
    assert "前可以提出转办异议" not in township.get(page).text
    finance = signed_in(app, county.finance)
    shown = finance.get(page).text
    assert f'<option value="{to}" selected>' in shown
    assert act(finance, complaint, "refuse_objection", text="就在贵镇") == 303
    assert "就在贵镇" in township.get(page).text
    assert act(township, complaint, "object", organisation_id=to, text="再看看") == 409
    assert db.session.get_one(Complaint, complaint.id, populate_existing=True).state == "received"


def test_a_recusal_of_another_office_is_not_told(app: Flask, township: FlaskClient, county: County) -> None:
    complaint, _code = submit(at=clock.utc_now(), anonymous=False, confidential=True, name="王某某")
    beside(county.discipline, Role.COMPLAINT_HANDLER)
    page = f"/staff/complaints/{complaint.number}"
    db.session.commit()
    before = township.get(page).text
    assert "已回避" not in before
    operations.recuse(county.discipline, complaint, None, "是我亲戚", at=clock.utc_now())
    db.session.commit()
    assert "已回避" not in township.get(page).text
    register(county.discipline, county.finance, at=clock.utc_now(), region_code=VILLAGE)
    assert county.finance.name not in township.get(LIST).text
