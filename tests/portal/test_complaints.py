"""Handing in a complaint at the public door, and coming back with the receipt code."""

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from complaints.models import Complaint, Rating
from complaints.operations import accept, ask_reporter, conclude, start_investigation
from complaints.tracking import categories
from core import clock
from core.database import db, set_only_reads
from core.principal import OrganisationKind, Principal, Role
from portal import rules
from publicity import queries as publicity
from publicity.models import PublicityList
from publicity.rules import list_token
from tests import factories
from tests.portal.conftest import CARD, VILLAGE, Village, id_number, look_up
from tests.portal.test_enumeration import answer_of

ORDINARY = next(category.code for category in categories() if not category.is_clue)
CLUE = next(category.code for category in categories() if category.is_clue)


def fields(**more: object) -> dict[str, object]:
    values: dict[str, object] = {"category": ORDINARY, "text": "钱没有到账", "region": VILLAGE, "anonymous": "y"}
    return values | more


def hand_in(client: FlaskClient, **more: object) -> str:
    return client.post("/complaints/new", data=fields(**more), content_type="multipart/form-data").text


def code_on(page: str) -> str:
    found = re.search(r'id="receipt-code">([0-9 ]+)<', page)
    assert found, page
    return found[1]


def newest() -> Complaint:
    db.session.rollback()
    return db.session.scalars(select(Complaint).order_by(Complaint.id.desc())).all()[0]


def test_a_complaint_without_a_name(client: FlaskClient, village: Village) -> None:
    code = code_on(hand_in(client, name="张三", phone="13800000009"))
    assert len(code.replace(" ", "")) == 20
    filed = newest()
    assert (filed.anonymous, filed.reporter_name, filed.reporter_phone) == (True, None, None)
    assert (filed.text, filed.region_code, filed.channel) == ("钱没有到账", VILLAGE, "web")


def test_the_code_is_nowhere_but_on_its_page(
    client: FlaskClient, village: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.post("/complaints/new", data=fields())
    code = code_on(answer.text).replace(" ", "")
    cookie = client.get_cookie("ykt_public")
    assert cookie is None or code not in cookie.value
    assert code not in str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"
    client.post("/complaints/track", data={"receipt_code": code})
    logged = "".join(capsys.readouterr())
    assert code not in logged and "钱没有到账" not in logged


def test_a_complaint_with_a_name(client: FlaskClient, village: Village) -> None:
    data = fields(name="张三", phone="138 0000 0009")
    data.pop("anonymous")
    code_on(client.post("/complaints/new", data=data).text)
    assert (newest().reporter_name, newest().reporter_phone) == ("张三", "13800000009")


def test_a_complaint_in_confidence(client: FlaskClient, village: Village) -> None:
    data = fields(name="张三", phone="13800000009", confidential="y")
    code_on(client.post("/complaints/new", data=data).text)
    assert (newest().anonymous, newest().confidential, newest().reporter_name) == (True, False, None)
    data.pop("anonymous")
    code_on(client.post("/complaints/new", data=data).text)
    assert (newest().anonymous, newest().confidential, newest().reporter_name) == (False, True, "张三")


def test_what_is_wrong_is_said_and_what_was_typed_stays(client: FlaskClient, village: Village) -> None:
    assert "请选择要反映的是哪一类事情" in hand_in(client, category="")
    page = hand_in(client, region="")
    assert "请选择事情发生在哪个乡镇" in page and "钱没有到账" in page
    assert "请写明要反映的事情" in hand_in(client, text=" ")
    data = fields(name="")
    data.pop("anonymous")
    assert "不想写姓名，请选择匿名" in client.post("/complaints/new", data=data).text
    assert db.session.scalars(select(Complaint)).all() == []


def test_own_payment_is_attached(client: FlaskClient, village: Village) -> None:
    page = look_up(client, id_number(1), "阿西·木牛", CARD[-4:])
    link = re.search(r"/complaints/new\?payment=(\d+)", page)
    assert link
    form = client.get(link[0]).text
    token = re.search(r'name="payment" value="([^"]+)"', form)
    assert token and "关于这一笔钱" in form and "90.00 元" in form
    client.post("/lookup/end")
    code_on(hand_in(client, payment=token[1], region=""))
    assert newest().payment_id == int(link[1])


def test_another_s_payment_is_not(client: FlaskClient, village: Village) -> None:
    assert client.get("/complaints/new?payment=1").status_code == 404
    look_up(client, id_number(2), "李䶮", "1234")
    own = set(re.findall(r"payment=(\d+)", client.get("/lookup/result").text))
    others = set(map(str, range(1, 9))) - own
    assert {client.get(f"/complaints/new?payment={number}").status_code for number in others} == {404}
    code_on(hand_in(client, payment="1"))
    assert newest().payment_id is None


def test_list_and_line_are_attached(client: FlaskClient, village: Village) -> None:
    found = db.session.scalars(select(PublicityList).where(PublicityList.region_code == VILLAGE)).one()
    token = list_token(publicity.signing_key(), found.id)
    code_on(hand_in(client, list=token, line="2", region=""))
    filed = newest()
    assert (filed.publicity_list_id, filed.publicity_line, filed.region_code) == (found.id, 2, VILLAGE)
    assert filed.programme_id == village.batch.programme_id
    code_on(hand_in(client, list=token, line="77", region=""))
    assert newest().publicity_line is None


def test_one_s_own_village_or_township_can_be_complained_of(client: FlaskClient, village: Village) -> None:
    code_on(hand_in(client, about_organisation="village"))
    about = newest().about_organisation
    assert about is not None and about.kind == "village"
    code_on(hand_in(client, about_organisation="township"))
    filed = newest()
    assert filed.about_organisation is not None and filed.about_organisation.kind == "township"
    assert filed.owner_id != filed.about_organisation_id


def test_the_code_opens_the_case_and_adds_to_it(client: FlaskClient, village: Village) -> None:
    code = code_on(hand_in(client))
    page = client.post("/complaints/track", data={"receipt_code": code}).text
    assert newest().number in page and "已经收到" in page and "时限" in page
    added = client.post(
        "/complaints/track",
        data={
            "receipt_code": code,
            "action": "add",
            "text": "补充：是三月份的",
            "attachments": (io.BytesIO(b"%PDF-1.4\n%%EOF"), "证明.pdf"),
        },
        content_type="multipart/form-data",
    ).text
    assert "补充的内容已经收到" in added and "补充：是三月份的" in added and "证明" in added
    refused = client.post("/complaints/track", data={"receipt_code": code, "action": "add", "text": ""}).text
    assert "请写明要补充的内容" in refused


def handler_of(filed: Complaint) -> Principal:
    owner = filed.owner
    return factories.principal(
        OrganisationKind(owner.kind),
        Role.COMPLAINT_HANDLER,
        region_code=owner.region_code,
        organisation_name=owner.name,
    )


def answered(client: FlaskClient) -> str:
    """A case with an answer. Returns its receipt code."""
    code = code_on(hand_in(client)).replace(" ", "")
    set_only_reads(False)
    filed = newest()
    factories.organisation(OrganisationKind.FINANCE)
    handler = handler_of(filed)
    accept(handler, filed, at=clock.utc_now())
    start_investigation(handler, filed, at=clock.utc_now())
    conclude(handler, filed, "已经补发。", at=clock.utc_now())
    db.session.commit()
    return code


def come_back(client: FlaskClient, code: str, **more: str) -> str:
    return client.post("/complaints/track", data={"receipt_code": code} | more).text


def test_an_answer_is_rated_until_it_is_settled(client: FlaskClient, village: Village) -> None:
    code = answered(client)
    page = come_back(client, code)
    assert "已经补发。" in page and "您对答复满意吗" in page
    assert "请先选对答复满意不满意" in come_back(client, code, action="rate", words="还差一个月")
    page = come_back(client, code, action="rate", satisfaction="partly", words="还差一个月")
    assert "您的评价已经记下" in page and "以最后一次为准" in page and "还差一个月" in page
    assert re.search(r'value="partly"[^>]*checked|checked[^>]*value="partly"', page)
    page = come_back(client, code, action="settle", satisfaction="satisfied", words="谢谢")
    assert "再确认一次" in page
    assert "谢谢" in page
    assert "不能再要求重新办理" in page
    page = come_back(client, code, action="settle", satisfaction="satisfied", words="谢谢", sure="1")
    assert "已经办结" in page and "您对答复满意吗" not in page
    found = db.session.scalars(select(Rating)).one()
    assert (found.satisfaction, found.settled, found.words) == ("satisfied", True, "谢谢")


def test_a_review_is_asked_for_and_goes_up(client: FlaskClient, village: Village) -> None:
    code = answered(client)
    page = come_back(client, code)
    assert "可以请finance" in page and 'value="reopen"' in page
    assert "请写明对答复哪里不满意" in come_back(client, code, action="review")
    page = come_back(client, code, action="review", text="少发一个月")
    assert "已经转给上一级单位复查" in page and "复查答复期限" in page
    assert 'value="review"' not in page and 'value="reopen"' not in page
    assert newest().owner.kind == "finance"


def test_a_question_of_the_office_stands_above_all(client: FlaskClient, village: Village) -> None:
    code = code_on(hand_in(client))
    set_only_reads(False)
    filed = newest()
    ask_reporter(handler_of(filed), filed, "是哪一期的？", at=clock.utc_now())
    db.session.commit()
    page = come_back(client, code)
    assert page.index("办理单位想问您") < page.index("是哪一期的？") < page.index("时限")
    assert "办理单位想问您" not in come_back(client, code, action="add", text="第二季度")


def test_the_proof_of_filing_tells_number_time_and_due_days(client: FlaskClient, village: Village) -> None:
    page = hand_in(client)
    filed = newest()
    assert filed.number in page and "收到时间" in page and "受理期限" in page
    for running in filed.clocks:
        assert running.due_on.isoformat() in page


def test_four_steps_on_one_page(client: FlaskClient, village: Village) -> None:
    page = client.get("/complaints/new").text
    for number in range(1, 5):
        assert f'id="step-{number}"' in page and f'href="#step-{number}"' in page
    places = [page.index(f'name="{name}"') for name in ("category", "text", "region", "attachments", "anonymous")]
    steps = [page.index(f'id="step-{number}"') for number in range(1, 5)]
    assert sorted(places + steps) == [
        steps[0],
        *places[:2],
        steps[1],
        places[2],
        steps[2],
        places[3],
        steps[3],
        places[4],
    ]


@pytest.mark.usefixtures("standing_clock")
def test_a_wrong_code_opens_nothing_and_after_many_comes_a_question(client: FlaskClient, village: Village) -> None:
    code = code_on(hand_in(client))
    for _ in range(rules.TRACKS_PER_ADDRESS.amount):
        assert "没有查到" in client.post("/complaints/track", data={"receipt_code": "1" * 20}).text
    asked = client.post("/complaints/track", data={"receipt_code": code}).text
    assert "请先回答一个小问题" in asked
    assert newest().number in client.post("/complaints/track", data={"receipt_code": code} | answer_of(asked)).text


@pytest.mark.usefixtures("standing_clock")
def test_files_that_are_refused_again_and_again_bring_a_question(client: FlaskClient, village: Village) -> None:
    code = code_on(hand_in(client))
    for _ in range(rules.TRACKS_PER_ADDRESS.amount):
        files = {"attachments": (io.BytesIO(b"MZ" + b"\0" * 200), "x.exe")}
        page = client.post(
            "/complaints/track", data={"receipt_code": code, "action": "add", "text": "补充"} | files
        ).text
        assert "类型不能收" in page
    assert "请先回答一个小问题" in client.post("/complaints/track", data={"receipt_code": code}).text


@pytest.mark.usefixtures("standing_clock")
def test_a_flood_is_slowed_and_no_village_is_silenced(client: FlaskClient, village: Village) -> None:
    for _ in range(rules.COMPLAINTS_PER_ADDRESS.amount):
        code_on(hand_in(client))
    asked = hand_in(client)
    assert "请先回答一个小问题" in asked and "钱没有到账" in asked
    code_on(hand_in(client, **answer_of(asked)))


def test_a_clue_goes_to_the_discipline_commission(client: FlaskClient, village: Village) -> None:
    assert "纪委监委" in hand_in(client, category=CLUE)
    assert newest().sealed


def test_a_stored_script_stays_text(client: FlaskClient, village: Village) -> None:
    code = code_on(hand_in(client, text="<script>alert(1)</script>"))
    client.post(
        "/complaints/track", data={"receipt_code": code, "action": "add", "text": "<img src=x onerror=alert(1)>"}
    )
    page = client.post("/complaints/track", data={"receipt_code": code}).text
    assert "<script>" not in page and "<img" not in page


def fresh_form_name(client: FlaskClient) -> str:
    found = re.search(r'name="form_name" value="([^"]+)"', client.get("/complaints/new").text)
    assert found
    return found[1]


def test_another_language_or_size_does_not_cost_the_receipt_code(client: FlaskClient, village: Village) -> None:
    """The page answers a form: a link away from it would lose the code for ever."""
    page = hand_in(client, text="只交一次", form_name=fresh_form_name(client))
    code = code_on(page)
    assert 'href="/language/' not in page
    assert 'href="/type-size/' not in page
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page[: page.index("</form>")]))
    assert 'formaction="/complaints/new?language=en"' in page
    english = client.post("/complaints/new?language=en", data=again)
    assert code_on(english.text) == code
    assert "Please write down" in english.text or "code" in english.text
    assert client.get("/").text.count('lang="en"') >= 1
    assert 'html lang="en"' in client.get("/").text
    large = client.post("/complaints/new?type_size=large", data=again)
    assert code_on(large.text) == code
    assert db.session.scalar(select(func.count()).select_from(Complaint)) == 1


def test_nor_does_an_opened_case_close(client: FlaskClient, village: Village) -> None:
    code = code_on(hand_in(client)).replace(" ", "")
    page = client.post("/complaints/track", data={"receipt_code": code}).text
    assert 'href="/language/' not in page
    english = client.post("/complaints/track?language=en", data={"receipt_code": code}).text
    assert 'html lang="en"' in english
    assert code not in client.get("/complaints/track").text


@pytest.mark.parametrize("chosen", ["9" * 20, str(2**63), "-1", "3.5", "１", "x"])
def test_an_office_that_is_not_on_the_list_is_asked_for_again(
    client: FlaskClient, village: Village, chosen: str
) -> None:
    page = hand_in(client, about_organisation=chosen)
    assert "请从列表里选择反映哪个单位" in page
    assert db.session.scalar(select(func.count()).select_from(Complaint)) == 0


@pytest.mark.parametrize("text", [" \u200b", "\u3164", "\u2060\ufeff\u00ad", "\u202e", "\u3000\n", "\u115f \u2800"])
def test_a_text_of_which_nothing_can_be_seen_is_none(client: FlaskClient, village: Village, text: str) -> None:
    assert 'id="receipt-code"' not in hand_in(client, text=text)


@pytest.mark.parametrize(
    "more", [{"category": "none of them"}, {"name": "某" * 51, "anonymous": ""}, {"text": "长" * 5001}]
)
def test_what_is_wrong_is_said_in_chinese(client: FlaskClient, village: Village, more: dict[str, str]) -> None:
    page = hand_in(client, **more)
    errors = re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)</', page, re.DOTALL)
    assert errors
    assert not [error for error in errors if re.search(r"[A-Za-z]{4}", re.sub(r"<[^>]+>", "", error))]
