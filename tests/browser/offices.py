"""What the stories in the browser share: the county's offices, signing in, and steps that ask for a second look."""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from accounts import operations
from app import create_app
from core import clock
from core.database import db
from core.principal import OrganisationKind, Role, system
from core.settings import Settings
from tests.browser.conftest import Site
from tests.signing import weak_hash

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
ROLLS = [entry for entry in EXPECTED if entry["file"].startswith("roll-")]
RESULT = "bank-result-困难残疾人生活补贴-202006.txt"
COUNTY = "513426000000"
PASSWORD = "纸上得来终觉浅 2026"
HASH = weak_hash(PASSWORD)


def pictures_wanted() -> bool:
    """Whether the pictures of the documents are to be made anew: where YKT_SCREENSHOTS asks for it."""
    return bool(os.environ.get("YKT_SCREENSHOTS"))


@dataclass
class County:
    """The site with its offices, and who signs in where."""

    site: Site
    browser: Browser
    takes_pictures: bool

    def desk(self, username: str) -> Page:
        """An official's browser, signed in."""
        context = self.browser.new_context(
            base_url=self.site.base_url, viewport={"width": 1280, "height": 800}, locale="zh-CN"
        )
        page = context.new_page()
        page.goto("/staff/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("待办")
        return page

    def picture(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Keep what the page looks like now, for the documents; ``whole``: what lies below the screen too."""
        if self.takes_pictures:
            page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)


def add_by_command(site: Site, browser: Browser, official: tuple[str, str, str, str, str]) -> None:
    """Make an account by command, and have its owner choose a password at the first sign-in."""
    username, role, kind, organisation, region = official
    made = json.loads(
        site.flask(
            "accounts", "add", "--username", username, "--name", f"经办{username}", "--organisation-kind", kind,
            "--organisation-name", organisation, "--region", region, "--role", role, "--json",
        )
    )  # fmt: skip
    context = browser.new_context(base_url=site.base_url)
    page = context.new_page()
    page.goto("/staff/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(made["password"])
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_label("现在的密码").fill(made["password"])
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输入一次新密码").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("保存|修改|确定")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("待办")
    context.close()


def add_the_others(site: Site, officials: Iterable[tuple[str, str, str, str, str]]) -> None:
    """More accounts by the same operations, whose owners have chosen their passwords already."""
    app = create_app(Settings.from_environment(site.environ))
    with app.app_context():
        for username, role, kind, name, region in officials:
            at, principal = clock.utc_now(), system("test")
            office_kind = OrganisationKind(kind)
            office = operations.find_organisation(office_kind, name, region) or operations.add_organisation(
                principal, office_kind, name, region, at=at
            )
            made = operations.add_official(principal, office, username, f"经办{username}", [Role(role)], at=at)
            made.official.password_hash, made.official.must_change_password = HASH, False
        db.session.commit()
        db.engine.dispose()


def confirm(page: Page, button: str, then: str = "") -> None:
    """Open a step that asks for a second look, and take it."""
    page.locator("summary", has_text=re.compile(f"^{button}$")).click()
    page.get_by_role("button", name=then or f"确认{button}").click()
