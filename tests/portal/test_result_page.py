"""The result page: everybody's own, in the chosen language, year by year."""

from datetime import date

from flask import Flask
from flask.testing import FlaskClient

from core.money import Fen
from disbursement.queries import PaymentOfPerson
from portal.own_page import own_page, totals_by_year
from tests.portal.conftest import CARD, Village, id_number, look_up


def payment(period: str, state: str = "paid", programme: str = "高龄津贴", fen: int = 5000) -> PaymentOfPerson:
    return PaymentOfPerson(1, programme, period, Fen(fen), state, None, "4702", "")


def test_this_year_comes_first_and_totals_count_what_has_arrived() -> None:
    paid = [payment("202006"), payment("202005", "failed"), payment("202004", programme="低保"), payment("201912")]
    page = own_page(paid, [], date(2020, 7, 6), None)
    assert (page.year, page.years, len(page.payments)) == (2020, [2020, 2019], 3)
    assert (page.arrived_count, page.arrived_fen) == (2, 10000)
    assert [total.programme for total in page.totals] == ["低保", "高龄津贴"]


def test_the_newest_year_stands_in_for_an_empty_one() -> None:
    page = own_page([payment("201806"), payment("201706")], [], date(2020, 7, 6), None)
    assert (page.year, page.years) == (2018, [2018, 2017])
    assert own_page([payment("201806")], [], date(2020, 7, 6), 2018).year == 2018


def test_somebody_without_payments_has_a_page_too() -> None:
    page = own_page([], [], date(2020, 7, 6), None)
    assert (page.year, page.years, page.payments) == (2020, [], [])


def test_what_is_received_for_others_stands_apart_and_counts_for_nobody_s_own_total() -> None:
    page = own_page([payment("202006")], [payment("201906"), payment("202005", fen=7000)], date(2020, 7, 6), None)
    assert (len(page.payments), len(page.received), page.arrived_fen) == (1, 1, 5000)
    assert page.years == [2020, 2019]
    earlier = own_page([payment("202006")], [payment("201906")], date(2020, 7, 6), 2019)
    assert (earlier.year, earlier.payments, len(earlier.received), earlier.totals) == (2019, [], 1, [])


def test_all_years_at_a_glance() -> None:
    paid = [
        payment("202006"),
        payment("202005"),
        payment("202004", programme="低保"),
        payment("201912", "failed"),
        payment("201812", fen=100),
    ]
    found = totals_by_year(paid)
    assert [(year.year, year.count, year.amount_fen) for year in found] == [(2020, 3, 15000), (2018, 1, 100)]
    assert [(total.programme, total.count) for total in found[0].totals] == [("低保", 1), ("高龄津贴", 2)]


def test_totals_and_print_are_there_while_the_visit_lasts(client: FlaskClient, village: Village) -> None:
    for path in ("/lookup/totals", "/lookup/print"):
        assert client.get(path).location == "/lookup"
    page = look_up(client, id_number(1), "阿西木牛", CARD[-4:])
    assert 'href="/lookup/totals"' in page and 'href="/lookup/print?year=2020"' in page
    totals = client.get("/lookup/totals").text
    assert "<caption>" in totals and "2020年合计" in totals and 'scope="rowgroup"' in totals and "90.00" in totals
    sheet = client.get("/lookup/print?year=2020").text
    assert "查询时间：2" in sheet and "阿西·木牛" in sheet and "尾号 4702" in sheet and "已经到账" in sheet
    assert client.application.extensions["settings"].hotline in sheet
    assert "登记的银行卡已经注销" in sheet and "<caption>" in sheet and "<script" not in sheet
    for text in (totals, sheet):
        assert CARD not in text and id_number(1) not in text
    client.post("/lookup/end")
    assert client.get("/lookup/print").location == "/lookup"


def test_nothing_personal_is_kept_by_the_browser(client: FlaskClient, village: Village) -> None:
    form = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:]}
    answers = [
        client.post("/lookup", data=form),
        *(client.get(f"/lookup/{page}") for page in ("result", "totals", "print")),
        client.post("/lookup/end"),
    ]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    for page in ("result", "totals", "print"):
        answer = client.get(f"/lookup/{page}")
        assert answer.status_code == 302 and answer.location == "/lookup" and "木牛" not in answer.text


def test_two_people_never_see_each_other_s_page(app: Flask, client: FlaskClient, village: Village) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    other = app.test_client()
    pages = []
    for browser, number, name, tail in (
        (client, id_number(1), "阿西木牛", CARD[-4:]),
        (other, id_number(2), "李*", "1234"),
    ):
        token = browser.get("/lookup").text.split('name="csrf_token" value="')[1].split('"')[0]
        pages.append(look_up(browser, number, name, tail, csrf_token=token))
        assert browser.post("/lookup/end", data={"csrf_token": pages[-1].split('value="')[1].split('"')[0]}).location
    assert "阿西·木牛的补贴" in pages[0] and "李䶮" not in pages[0]
    assert "李䶮的补贴" in pages[1] and "阿西" not in pages[1]
    tokens = {page.split('name="csrf_token" value="')[1].split('"')[0] for page in pages}
    assert len(tokens) == 2


def test_the_page_follows_the_language_switch(client: FlaskClient, village: Village) -> None:
    look_up(client, id_number(1), "阿西木牛", CARD[-4:])
    assert '<html lang="zh-CN"' in client.get("/lookup/result").text
    client.get("/language/en")
    assert '<html lang="en"' in client.get("/lookup/result").text
