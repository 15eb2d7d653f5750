"""The county's routing in a real browser: written, looked at on past cases, approved; each page for everybody, on a
phone and on a desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from core.principal import OrganisationKind, Role
from tests import factories
from tests.browser.offices import HASH, PASSWORD
from tests.browser.test_public_door import AA, by_axe, sideways
from tests.complaints.county import build_county, submit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    # What is held here does not depend on the database.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
ROUTING = "/staff/complaints/routing"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """A county where somebody writes and somebody else approves, with some cases; no fewer than may be told of."""
    from core.database import db, set_only_reads

    set_only_reads(False)
    db.session.rollback()
    build_county()
    for role, name in ((Role.COMPLAINT_HANDLER, "writer"), (Role.APPROVER, "approver")):
        factories.official(OrganisationKind.FINANCE, role, username=name).password_hash = HASH
    for _ in range(6):
        submit(category="service")
    db.session.commit()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def desk(chromium: Browser, address: str, username: str) -> Iterator[Page]:
    """An official's browser, signed in."""
    context = chromium.new_context(base_url=address, locale="zh-CN")
    page = context.new_page()
    page.goto("/staff/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("待办")
    yield page
    context.close()


def check(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is open, at both widths."""
    faults = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        faults += [f"{name} at {width}: {fault}" for fault in by_axe(page, AA) + sideways(page)]
    return faults


def test_a_version_is_written_seen_and_approved(address: str, chromium: Browser) -> None:
    faults = []
    with desk(chromium, address, "writer") as page:
        page.goto(ROUTING)
        faults += check(page, "in force")
        page.get_by_role("button", name="起草新的一版").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("第 1 版")
        page.get_by_role("link", name="新增一条规则").click()
        page.get_by_role("button", name="保存到草稿").click()
        expect(page.locator("#errors")).to_contain_text("请选择从哪个单位开始办理")
        faults += check(page, "a rule refused")
        for category, start in (("办事拖拉或态度不好", "财政局"), ("办事拖拉或态度不好", "纪委监委")):
            page.goto(f"{ROUTING}/1/rules")
            page.get_by_label("事情的类别").select_option(label=category)
            page.get_by_label("从哪个单位开始办理").select_option(label=start)
            page.get_by_role("button", name="保存到草稿").click()
        expect(page.get_by_text("前面的第 1 条已经全都包括了")).to_be_visible()
        faults += check(page, "draft")
        page.get_by_role("button", name="上移第 2 条").click()
        expect(page.locator("table.rows").first.locator("tbody tr").first).to_contain_text("纪委监委")
        page.get_by_role("button", name="删去第 1 条").click()
        page.get_by_role("button", name="看预演，再提交审批").click()
        moved = page.locator("section", has=page.get_by_role("heading", name="会换单位的"))
        expect(moved).to_contain_text("别的至少 5 件")
        faults += check(page, "preview")
        page.get_by_label("为什么这样改").fill("县里统一督办")
        page.get_by_role("button", name="提交审批").click()
        expect(page.get_by_role("status")).to_contain_text("等另一位同事审批")
        faults += check(page, "proposed")
    with desk(chromium, address, "approver") as page:
        page.get_by_role("link", name="投诉举报分派规则第 1 版等待审批").click()
        page.get_by_role("button", name="看预演和审批").click()
        page.locator("summary", has_text="不批准").click()
        faults += check(page, "decision")
        page.locator("summary", has_text="批准这一版").click()
        page.get_by_role("button", name="确认批准这一版").click()
        expect(page.get_by_role("heading", name="现行规则（第 1 版）")).to_be_visible()
        faults += check(page, "history")
    assert faults == []
