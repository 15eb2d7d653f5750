"""A villager's lookup in a real browser: what a screen reader gets of it, and that nothing of it is left afterwards."""

from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, expect
from werkzeug.serving import make_server

from tests.portal.conftest import CARD, Village, id_number, village
from tests.portal.test_payees import make_ward

__all__ = ["village"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def phone(app: Flask, village: Village, chromium: Browser) -> Iterator[Page]:
    """A phone of 360 px without JavaScript, before a village whose 李䶮 receives for a child."""
    from core.database import db, set_only_reads

    set_only_reads(False)
    db.session.rollback()
    assert village.rare.card is not None
    make_ward(village, village.rare.card, payee="李䶮")
    db.session.commit()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{server.port}",
        viewport={"width": 360, "height": 740},
        java_script_enabled=False,
        locale="zh-CN",
    )
    yield context.new_page()
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def look_up(page: Page, serial: int, name: str, tail: str) -> None:
    page.goto("/lookup")
    page.get_by_label("身份证号码").fill(id_number(serial))
    page.get_by_label("姓名").fill(name)
    page.get_by_label("卡号最后四位").fill(tail)
    page.get_by_role("button", name="查询", exact=True).click()


def test_a_screen_reader_finds_its_way_through_the_result(phone: Page) -> None:
    look_up(phone, 1, "阿西*木牛", CARD[-4:])
    tree = phone.locator("main").aria_snapshot()
    for heading in ('阿西·木牛的补贴" [level=1]', '2020年已经到账" [level=2]', '2020年的每一笔" [level=2]'):
        assert f'heading "{heading}' in tree
    assert tree.count('article "困难残疾人生活补贴"') == 5
    assert tree.count('heading "困难残疾人生活补贴" [level=3]') == 5
    assert "term: 期别" in tree and "definition: 2020年1月" in tree
    phone.get_by_role("link", name="历年合计").click()
    table = phone.get_by_role("table", name="自己的补贴")
    expect(table.get_by_role("rowheader", name="2020年合计")).to_be_visible()
    expect(table.get_by_role("columnheader", name="笔数")).to_be_visible()
    phone.get_by_role("link", name="我的补贴").click()
    phone.get_by_role("link", name="打印这一年的").click()
    phone.emulate_media(media="print")
    expect(phone.get_by_role("heading", name="惠民惠农补贴查询单")).to_be_visible()
    expect(phone.get_by_role("table", name="自己的补贴")).to_be_visible()
    expect(phone.get_by_role("link", name="返回")).to_be_hidden()


def test_what_is_received_for_others_has_a_heading_of_its_own(phone: Page) -> None:
    look_up(phone, 2, "李*", "1234")
    tree = phone.locator("main").aria_snapshot()
    assert 'heading "2020年替别人代收的" [level=2]' in tree and "term: 替谁代收" in tree
    assert "马*燕" in tree and "马小燕" not in tree


def test_after_the_end_the_way_back_shows_nothing(phone: Page) -> None:
    look_up(phone, 1, "阿西木牛", CARD[-4:])
    phone.get_by_role("link", name="历年合计").click()
    phone.get_by_role("button", name="结束查询").click()
    expect(phone.get_by_text("查询已经结束")).to_be_visible()
    for _ in range(3):
        # A browser that has kept nothing of the answer says so instead of asking for it again.
        with suppress(Error):
            phone.go_back()
        phone.wait_for_timeout(300)
        for personal in ("木牛", "4702"):
            expect(phone.get_by_text(personal)).to_have_count(0)
