"""A passkey in a real browser: added with the computer's own, then nothing but that to sign in."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from accounts import second_factor
from accounts.models import Official
from accounts.queries import principal_from
from core.clock import utc_now
from core.database import db
from core.principal import OrganisationKind, Role
from tests import factories
from tests.conftest import application_for
from tests.processes import free_port
from tests.signing import HASH, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def person(app: Flask) -> Official:
    """An approver, who signs in with an authenticator."""
    made = factories.official(OrganisationKind.FINANCE, Role.APPROVER, username="lin")
    made.password_hash, now = HASH, utc_now()
    principal = principal_from(made)
    second_factor.finish(principal, made, pyotp.TOTP(second_factor.begin(principal, made)).at(now), at=now)
    db.session.commit()
    return made


@pytest.fixture
def desk(person: Official, database_url: str, tmp_path: Path, chromium: Browser) -> Iterator[Page]:
    """His PC, with a fingerprint reader, before the site under its name: browsers keep no passkeys for a number."""
    port = free_port()
    site = application_for(database_url, tmp_path, YKT_BASE_URL=f"http://localhost:{port}")
    server = make_server("localhost", port, site, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(base_url=f"http://localhost:{port}", locale="zh-CN")
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    reader = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": reader | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    yield page
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    with site.app_context():
        db.engine.dispose()


def test_a_fingerprint_instead_of_password_and_code(desk: Page, person: Official) -> None:
    factor = second_factor.confirmed(person.id)
    assert factor is not None
    (spare, *_codes) = second_factor.renew_recovery_codes(principal_from(person), person, at=utc_now())
    db.session.commit()
    desk.goto("/staff/login")
    desk.get_by_label("用户名").fill("lin")
    desk.get_by_label("密码", exact=True).fill(PASSWORD)
    desk.get_by_label("动态验证码").fill(spare)
    desk.get_by_role("button", name="登录", exact=True).click()
    desk.goto("/staff/passkeys")
    desk.get_by_label("这台设备叫什么").fill("办公室电脑")
    desk.get_by_role("button", name="添加").click()
    expect(desk.get_by_text("通行密钥已添加")).to_be_visible()
    expect(desk.get_by_role("cell", name="办公室电脑")).to_be_visible()
    found = Axe().run(desk)
    assert found.violations_count == 0, found.generate_report()
    # The device knows that it holds one already.
    desk.get_by_label("这台设备叫什么").fill("又一次")
    desk.get_by_role("button", name="添加").click()
    expect(desk.get_by_text("这台设备可能已经添加过")).to_be_visible()
    desk.locator("details.menu summary").click()
    desk.get_by_role("button", name="退出登录").click()
    found = Axe().run(desk)
    assert found.violations_count == 0, found.generate_report()
    desk.goto("/staff/login?next=/staff/sessions")
    desk.get_by_role("button", name="用通行密钥登录").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("登录记录")
