"""A form survives a dropped connection: sent twice it counts once, and what was typed is still there."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from complaints.models import Complaint, ComplaintEntry
from complaints.rules import RECEIPT_SHOWN_AGAIN, receipt_code_of
from core import clock, form_names
from core.database import db
from portal import rules
from tests.core.together import together
from tests.portal.conftest import CARD, Village, id_number
from tests.portal.test_complaints import code_on, fields, hand_in, newest
from tests.portal.test_enumeration import answer_of


def name_on(page: str) -> str:
    found = re.search(r'name="form_name" value="([^"]+)"', page)
    assert found, page
    return found[1]


def count_of(model: type[object], **values: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).filter_by(**values)) or 0


def test_a_complaint_that_is_sent_twice_is_filed_once_and_answered_alike(client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    first, again = hand_in(client, form_name=name), hand_in(client, form_name=name)
    assert code_on(first) == code_on(again)
    assert first == again
    assert count_of(Complaint) == 1 and count_of(ComplaintEntry, kind="received") == 1


def test_two_forms_are_two_complaints(client: FlaskClient, village: Village) -> None:
    names = [name_on(client.get("/complaints/new").text) for _ in range(2)]
    codes = {code_on(hand_in(client, form_name=name)) for name in names}
    assert len(codes) == 2 and count_of(Complaint) == 2


def test_sent_at_one_moment_it_is_filed_once(app: Flask, client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    pages = together(app, *[lambda: hand_in(app.test_client(), form_name=name)] * 4)
    assert len({code_on(page) for page in pages}) == 1
    assert count_of(Complaint) == 1


def test_the_code_is_shown_again_for_ten_minutes_only(client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    code = code_on(hand_in(client, form_name=name))
    now = clock.utc_now()
    with time_machine.travel(now + RECEIPT_SHOWN_AGAIN - timedelta(seconds=5), tick=False):
        assert code_on(hand_in(client, form_name=name)) == code
    with time_machine.travel(now + RECEIPT_SHOWN_AGAIN + timedelta(seconds=5), tick=False):
        late = hand_in(client, form_name=name)
    assert code not in late and "没有再交一次" in late and newest().number in late
    assert count_of(Complaint) == 1


def test_what_was_changed_since_is_not_lost(client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    hand_in(client, form_name=name)
    page = hand_in(client, form_name=name, text="不是三月，是四月的钱")
    assert "改动的内容还没有提交" in page and "不是三月，是四月的钱" in page
    assert name_on(page) != name and count_of(Complaint) == 1
    code_on(hand_in(client, form_name=name_on(page), text="不是三月，是四月的钱"))
    assert count_of(Complaint) == 2


def test_a_forged_or_missing_name_is_no_name(client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    forged = name.split(".")[0] + "." + "A" * len(name.split(".")[1])
    codes = {code_on(hand_in(client, form_name=sent)) for sent in (forged, forged, "", "x")}
    assert len(codes) == 4, "nobody chooses the name under which he files"


def test_after_a_day_a_form_says_no_longer_whether_it_was_filed(client: FlaskClient, village: Village) -> None:
    filed, never = (name_on(client.get("/complaints/new").text) for _ in range(2))
    code = code_on(hand_in(client, form_name=filed))
    now = clock.utc_now()
    with time_machine.travel(now + form_names.LIFE - timedelta(seconds=5), tick=False):
        assert "没有再交一次" in hand_in(client, form_name=filed)
    with time_machine.travel(now + form_names.LIFE + timedelta(seconds=5), tick=False):
        pages = {
            hand_in(client, form_name=filed),
            hand_in(client, form_name=never),
            hand_in(client, form_name=filed, category=""),
            hand_in(client, form_name=filed, text="换成别的话"),
        }
        [page] = pages
        assert "请重新打开一张" in page and "form_name" not in page
        assert newest().number not in page and code not in page and str(fields()["text"]) not in page
        assert count_of(Complaint) == 1
        code_on(hand_in(client, form_name=name_on(client.get("/complaints/new").text)))
    assert count_of(Complaint) == 2


def test_a_name_without_a_time_is_too_old(app: Flask, client: FlaskClient, village: Village) -> None:
    with app.app_context():
        name = form_names._signer().sign("a form of the version before").decode()
    assert "请重新打开一张" in hand_in(client, form_name=name)
    assert count_of(Complaint) == 0


def test_after_a_lost_session_and_another_press_it_is_filed_once(client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    hand_in(client, form_name=name)
    lose_the_session(client)
    page = hand_in(client, form_name=name)
    assert "您填的内容还在" in page and name_on(page) == name
    client.application.config["WTF_CSRF_ENABLED"] = False
    code_on(hand_in(client, form_name=name_on(page)))
    assert count_of(Complaint) == 1


def test_after_a_day_a_lost_session_shows_nothing_of_it(client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    lose_the_session(client)
    with time_machine.travel(clock.utc_now() + form_names.LIFE + timedelta(seconds=5), tick=False):
        page = hand_in(client, form_name=name)
    assert "请重新打开一张" in page and str(fields()["text"]) not in page


def test_the_code_is_not_to_be_had_from_the_name_alone(app: Flask) -> None:
    with app.test_request_context():
        name = form_names.new_form_name()
        code = receipt_code_of(form_names.secret_of_form(name, "receipt_code"))
        assert len(code) == 20 and code.isdecimal()
        assert code != receipt_code_of(form_names.secret_of_form(name, "something else"))
        app.config["SECRET_KEY"] = b"another house with a key of its own"
        assert code != receipt_code_of(form_names.secret_of_form(name, "receipt_code"))


@pytest.mark.usefixtures("standing_clock")
def test_a_repeated_form_is_asked_no_question(client: FlaskClient, village: Village) -> None:
    name = name_on(client.get("/complaints/new").text)
    code = code_on(hand_in(client, form_name=name))
    for _ in range(rules.COMPLAINTS_PER_ADDRESS.amount):
        hand_in(client)
    assert code_on(hand_in(client, form_name=name)) == code


def add(client: FlaskClient, code: str, name: str, **more: object) -> str:
    form: dict[str, object] = {"receipt_code": code, "action": "add", "text": "补充：是三月份的", "form_name": name}
    return client.post("/complaints/track", data=form | more, content_type="multipart/form-data").text


@pytest.fixture
def filed(client: FlaskClient, village: Village) -> tuple[str, str]:
    """A receipt code, and the name of the form on its page."""
    code = code_on(hand_in(client))
    return code, name_on(client.post("/complaints/track", data={"receipt_code": code}).text)


def test_words_that_are_sent_twice_are_added_once(client: FlaskClient, filed: tuple[str, str]) -> None:
    for _ in range(2):
        page = add(client, *filed)
        assert "补充的内容已经收到" in page and page.count("补充：是三月份的") == 1
    assert count_of(ComplaintEntry, kind="reporter") == 1


@pytest.mark.parametrize("sent_before", [True, False])
def test_after_a_day_words_are_added_from_a_new_form_only(
    client: FlaskClient, filed: tuple[str, str], sent_before: bool
) -> None:
    if sent_before:
        add(client, *filed)
    with time_machine.travel(clock.utc_now() + form_names.LIFE + timedelta(seconds=5), tick=False):
        page = add(client, *filed)
        assert "请重新打开一张" in page and "补充的内容已经收到" not in page
        assert "补充：是三月份的</textarea>" in page and name_on(page) != filed[1], "the words are on a new form"
    assert count_of(ComplaintEntry, kind="reporter") == sent_before


def test_words_sent_at_one_moment_are_added_once(app: Flask, filed: tuple[str, str]) -> None:
    pages = together(app, *[lambda: add(app.test_client(), *filed)] * 4)
    assert all("补充的内容已经收到" in page for page in pages)
    assert count_of(ComplaintEntry, kind="reporter") == 1


def test_other_words_under_the_same_name_are_not_lost(client: FlaskClient, filed: tuple[str, str]) -> None:
    add(client, *filed)
    page = add(client, *filed, text="还有四月份的")
    assert "您现在改动的内容还没有交" in page and "还有四月份的</textarea>" in page
    assert "补充的内容已经收到" in add(client, filed[0], name_on(page), text="还有四月份的")
    assert count_of(ComplaintEntry, kind="reporter") == 2


def typed_complaint(client: FlaskClient, **more: object) -> str:
    return hand_in(client, text="张三领了两次", name="李四", phone="13800000009", anonymous="", **more)


def lose_the_session(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = True


def ask_a_question(client: FlaskClient) -> None:
    for _ in range(rules.COMPLAINTS_PER_ADDRESS.amount):
        hand_in(client)


@pytest.mark.usefixtures("standing_clock")
@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [(lose_the_session, "您填的内容还在，请再按一次"), (ask_a_question, "请先回答一个小问题")],
)
def test_whatever_stops_a_complaint_what_was_typed_stays(
    client: FlaskClient, village: Village, trouble: Callable[[FlaskClient], None], sentence: str
) -> None:
    trouble(client)
    page = typed_complaint(client, attachments=(io.BytesIO(b"%PDF-1.4\n%%EOF"), "证明.pdf"))
    assert sentence in page
    assert "张三领了两次</textarea>" in page and 'value="李四"' in page and 'value="13800000009"' in page
    assert re.search(r'<option selected value="513426100200">', page), "the region, too"
    assert "刚才选的附件没有保留" in page


def test_files_that_are_too_large_cost_no_words(client: FlaskClient, village: Village) -> None:
    client.application.config["MAX_CONTENT_LENGTH"] = 20_000
    large = (io.BytesIO(b"%PDF-1.4\n" + b"0" * 50_000), "证明.pdf")
    answer = client.post(
        "/complaints/new",
        data=fields(text="张三领了两次", attachments=large),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 413
    assert "附件太大" in answer.text and "张三领了两次</textarea>" in answer.text
    assert count_of(Complaint) == 0


@pytest.mark.usefixtures("standing_clock")
def test_a_question_keeps_what_was_to_be_added(client: FlaskClient, filed: tuple[str, str]) -> None:
    for _ in range(rules.TRACKS_PER_ADDRESS.amount):
        client.post("/complaints/track", data={"receipt_code": "1" * 20})
    page = add(client, *filed, attachments=(io.BytesIO(b"%PDF-1.4\n%%EOF"), "证明.pdf"))
    assert "请先回答一个小问题" in page and "补充：是三月份的</textarea>" in page and "附件没有保留" in page
    done = add(client, filed[0], name_on(page), **answer_of(page))
    assert "补充的内容已经收到" in done and count_of(ComplaintEntry, kind="reporter") == 1


def test_a_lost_session_keeps_what_was_to_be_added(client: FlaskClient, filed: tuple[str, str]) -> None:
    lose_the_session(client)
    page = add(client, *filed)
    assert "您填的内容还在" in page and "补充：是三月份的</textarea>" in page and 'value="add"' in page


def test_a_lost_session_keeps_what_a_lookup_holds(client: FlaskClient, village: Village) -> None:
    lose_the_session(client)
    answer = client.post("/lookup", data={"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:]})
    assert answer.status_code == 400
    assert f'value="{id_number(1)}"' in answer.text and 'value="阿西木牛"' in answer.text
    again = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert again
    form = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:], "csrf_token": again[1]}
    assert "结束查询</button>" in client.post("/lookup", data=form).text
