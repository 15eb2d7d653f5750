"""A walk in the browser on which no page is left before axe has looked at it, and none may complain on its console: an
error of a script, a file that is missing, something that the Content-Security-Policy has refused."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Frame, Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.offices import PASSWORD

_NAMES = re.compile(r'(name="(?:csrf_token|form_name)" value=")[^"]*')
_LOOKED_AT: set[tuple[str, int]] = set()
"""Pages that were found without fault, by what they hold and how wide they were: the sign-in is the same each time."""
AA = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}


def by_axe(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds, with the places."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options})
    return [
        f"{one['id']}: {node['html'][:120]} ({node['failureSummary'][:160]})"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """Whether the page has to be scrolled sideways, with what sticks out (a table scrolls within its own frame)."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
             [...document.querySelectorAll("body *")]
               .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll *"))
               .map((one) => one.outerHTML.slice(0, 90))"""
    )
    return [f"sticks out: {one}" for one in found]


@dataclass
class Walk:
    """Somebody's browser. ``faults`` is what was wrong with the pages so far."""

    page: Page
    faults: list[str] = field(default_factory=list)
    unseen: str = ""

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("framenavigated", self._arrive)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{self.page.url}: {message.text}")

    def _arrive(self, frame: Frame) -> None:
        if frame == self.page.main_frame and frame.url != "about:blank":
            if self.unseen:
                self.faults.append(f"nobody has looked at {self.unseen}")
            self.unseen = frame.url

    def look(self, *words: str) -> None:
        """Read these words in what the page says, and have axe look at it."""
        main = self.page.locator("main")
        for word in words:
            expect(main).to_contain_text(word)
        self.unseen = ""
        size = self.page.viewport_size
        looked_at = _NAMES.sub(r"\1", self.page.content()), size["width"] if size else 0
        if looked_at not in _LOOKED_AT:
            found = by_axe(self.page, AA) + sideways(self.page)
            self.faults += [f"{self.page.url}: {fault}" for fault in found]
            if not found:
                _LOOKED_AT.add(looked_at)

    def open(self, address: str, *words: str) -> None:
        """Go to an address and look at the page."""
        self.page.goto(address)
        self.look(*words)

    def press(self, button: Locator, *words: str) -> None:
        """Press it, and look at the page that answers."""
        with self.page.expect_navigation():
            button.click()
        self.look(*words)

    def act(self, action: str, *words: str, text: str = "", choice: str = "") -> None:
        """One of a case's actions: its sheet is opened, filled in, and confirmed."""
        title = re.compile(f"^{action}$")
        sheet = self.page.locator("details.confirm", has=self.page.locator("summary", has_text=title))
        sheet.locator("summary").click()
        if choice:
            sheet.locator("select").select_option(label=choice)
        if text:
            sheet.locator("textarea").fill(text)
        self.press(sheet.get_by_role("button", name=f"确认{action}"), *words)


@contextmanager
def walking(browser: Browser, site: Site, username: str = "", **options: Any) -> Iterator[Walk]:
    """Somebody's browser until he goes: a villager's phone, or where there is a user name an official's PC, signed in.
    At the end nothing was wrong with any page, and none was left without a look."""
    kind = DESK if username else PHONE
    context = browser.new_context(base_url=site.base_url, locale="zh-CN", **(kind | options))
    walk = Walk(context.new_page())
    walk.page.set_default_timeout(15_000)
    if username:
        walk.open("/staff/")
        walk.page.get_by_label("用户名").fill(username)
        walk.page.get_by_label("密码").fill(PASSWORD)
        walk.press(walk.page.get_by_role("button", name="登录", exact=True), "待办")
    yield walk
    assert walk.faults == []
    assert not walk.unseen, f"nobody has looked at {walk.unseen}"
    context.close()
