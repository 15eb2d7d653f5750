"""Every page of the public door for everybody (WCAG 2.2 AA): in both languages, on a phone and a desk, enlarged, in the
dark, in forced colours, by keyboard alone, read out. Walked once; on one database, because the pages are the same.

With YKT_SCREENSHOTS=1 pictures of some go into docs/screenshots.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from app import create_app
from core import clock
from core.database import db
from core.principal import OrganisationKind, Role
from core.settings import Settings
from publicity import queries as publicity
from publicity.models import PublicityList, QrCode
from publicity.operations import publicise_roll
from publicity.rules import list_token
from tests import factories
from tests.browser.conftest import Site
from tests.browser.offices import SCREENSHOTS, pictures_wanted
from tests.browser.walks import AA, by_axe, sideways
from tests.builders.figures import publish_a_full_year
from tests.factories import AT, COUNTY
from tests.portal.conftest import CARD, TOWNSHIP, VILLAGE, Village, add_batch, add_payment, build_village, id_number
from tests.portal.test_complaints import ORDINARY
from tests.portal.test_lists import token_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]

WECHAT = (
    "Mozilla/5.0 (Linux; Android 8.1; PBEM00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99 "
    "XWEB/4313 MMWEBSDK/20220805 Mobile Safari/537.36 MicroMessenger/8.0.27 WeChat/arm64 NetType/2G Language/zh_CN"
)
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
WHO = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:]}
# Nobody, so that the tries of the one who is there are not used up; and one for the question after too many.
NOBODY, NOBODY_TWICE = ({"id_number": id_number(serial), "name": "马华", "card_tail": "0000"} for serial in (3, 4))
MANY_TRIES = 6


@dataclass(frozen=True)
class Door:
    """The site with a village in it: addresses that a walk needs."""

    site: Site
    scanned: str
    revoked: str
    a_list: str
    closed_list: str


@pytest.fixture(scope="module")
def door(site: Site) -> Door:
    """A village whose payments stand in every state, in two years; a code that is good and one that is revoked."""
    app = create_app(Settings.from_environment(site.environ))
    with app.app_context():
        village = build_village()
        batch, roll = add_batch(village.batch.programme_id, "201906")
        add_payment(village.person, batch, roll, state="paid", paid_on=date(2019, 6, 20))
        codes = QrCode(region_code=VILLAGE, created_at=AT), QrCode(region_code=VILLAGE, created_at=AT, revoked_at=AT)
        db.session.add_all(codes)
        publish_a_full_year(2020, programmes=9)
        db.session.commit()
        good, revoked = (f"/q/{publicity.qr_token_of(code)}" for code in codes)
        a_list = token_of(VILLAGE)
        made = Door(site, good, revoked, f"/lists/{a_list}", f"/lists/{closed_list(village)}")
        db.session.remove()
        db.engine.dispose()
    return made


def closed_list(village: Village) -> str:
    """The token of a list that hung two months ago."""
    batch, roll = add_batch(village.batch.programme_id, "201905", "township_approved")
    add_payment(village.person, batch, roll)
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    publicise_roll(official, roll, at=clock.utc_now() - timedelta(days=60))
    db.session.commit()
    listed = select(PublicityList.id).where(PublicityList.roll_id == roll.id, PublicityList.region_code == VILLAGE)
    return list_token(publicity.signing_key(), db.session.scalars(listed).one())


@contextmanager
def visitor(browser: Browser, door: Door, **options: Any) -> Iterator[Page]:
    """Somebody at the door."""
    context = browser.new_context(base_url=door.site.base_url, locale="zh-CN", **options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def walk(page: Page, door: Door) -> Iterator[str]:
    """Every page of the door, one after the other; gives the name of each while it is open."""
    for name, path in (
        ("home", "/"),
        ("village", door.scanned),
        ("lookup", "/lookup"),
        ("lookup with a code", "/lookup?with=code"),
        ("townships to choose", f"/lists?region={COUNTY}"),
        ("lists of a township", f"/lists?region={TOWNSHIP}"),
        ("lists of a village", f"/lists?region={VILLAGE}"),
        ("a list", door.a_list),
        ("a list that has closed", door.closed_list),
        ("complaint about a line", f"/complaints/new?list={door.a_list.removeprefix('/lists/')}&line=2"),
        ("track", "/complaints/track"),
        ("revoked code", door.revoked),
        ("forged code", f"{door.scanned}x"),
        ("error", "/no-such-page"),
        ("figures of the county", "/statistics"),
        ("figures of a township", f"/statistics?township={TOWNSHIP}"),
    ):
        page.goto(path)
        yield name
    yield from walk_lookup(page)
    yield from walk_complaint(page)


def walk_lookup(page: Page) -> Iterator[str]:
    """Mistyped, missed, too many tries, found, and another year."""
    look_up(page, WHO | {"id_number": "513426199509167031"})
    yield "lookup mistyped"
    look_up(page, NOBODY)
    yield "lookup missed"
    for _ in range(MANY_TRIES):
        if page.locator("#answer").count():
            break
        look_up(page, NOBODY_TWICE)
    yield "lookup asks a question"
    look_up(page, WHO)
    expect(page.locator("article.card").first).to_be_visible()
    yield "result"
    page.goto("/lookup/result?year=2019")
    expect(page.locator("main")).to_contain_text("2019")
    yield "result of another year"
    page.goto("/lookup/totals")
    expect(page.locator("main table").first).to_be_visible()
    yield "totals"
    page.goto("/lookup/print")
    expect(page.locator("table").first).to_be_visible()
    yield "sheet to print"


def look_up(page: Page, who: dict[str, str]) -> None:
    page.goto("/lookup")
    for field, text in who.items():
        page.locator(f"#{field}").fill(text)
    submit(page.locator("main form button").first)


def walk_complaint(page: Page) -> Iterator[str]:
    """A form with errors, the receipt, a code that is wrong, and the case."""
    page.goto("/complaints/new")
    page.locator("#phone").fill("1")
    submit(page.locator("main form button").last)
    expect(page.locator("#errors")).to_be_visible()
    yield "complaint with errors"
    page.goto("/complaints/new")
    page.locator(f"input[name=category][value={ORDINARY}]").check()
    page.locator("#text").fill("上个月的补贴没有到账。")
    page.locator("#region").select_option(VILLAGE)
    page.locator("#anonymous").check()
    submit(page.locator("main form button").last)
    code = re.sub(r"\D", "", page.locator("#receipt-code").inner_text())
    yield "receipt"
    track(page, "1" * 20)
    yield "track missed"
    track(page, code)
    expect(page.locator(".steps")).to_be_visible()
    yield "case"


def submit(button: Locator) -> None:
    """Press it, and wait for the page that answers."""
    with button.page.expect_navigation():
        button.click()


def track(page: Page, code: str) -> None:
    page.goto("/complaints/track")
    page.locator("#receipt_code").fill(code)
    submit(page.locator("main form button").first)


# --- What is wrong with the page that is open --------------------------------------------------------


def too_small(page: Page) -> list[str]:
    """What is to be pressed and is smaller than 24 px; a button, door or field than 44."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary")]
             .filter((one) => one.offsetParent && !one.classList.contains("skip"))
             .filter((one) => {
               const box = one.getBoundingClientRect();
               const box_to_tick = one.matches("[type=checkbox],[type=radio]");
               const big = one.matches(".button,button,.door,select,summary,input") && !box_to_tick;
               const inText = getComputedStyle(one).display === "inline" && one.parentElement.matches("p,li,h2,dd");
               return !inText && (box.height < (big ? 43.9 : 23.9) || box.width < 23.9);
             }).map((one) => one.outerHTML.slice(0, 90))"""
    )
    return [f"too small to press: {one}" for one in found]


def without_edge(page: Page) -> list[str]:
    """What only its background would tell from the text around it: forced colours take backgrounds away, and give text
    colours that can be read in any case."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".button,button,.door,.badge,.notice,.card,input,select,textarea")]
             .filter((one) => one.checkVisibility() && !["radio", "checkbox"].includes(one.type))
             .filter((one) => parseFloat(getComputedStyle(one).borderTopWidth) < 1)
             .map((one) => one.outerHTML.slice(0, 90))"""
    )
    charts: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".bar rect, .columns rect")].map((one) => getComputedStyle(one).fill)
             .filter((colour) => colour !== getComputedStyle(document.body).color)"""
    )
    return [f"without an edge: {one}" for one in found] + [f"chart in {one}" for one in sorted(set(charts))]


@contextmanager
def seen_as(page: Page, width: int, **media: Any) -> Iterator[None]:
    """The page at that width and under these circumstances."""
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(**{"color_scheme": "light", "forced_colors": "none"} | media)
    yield


def faults_of(page: Page, checks: dict[str, Callable[[], list[str]]]) -> list[str]:
    return [f"{name}: {fault}" for name, check in checks.items() for fault in check()]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_page_is_for_everybody(door: Door, chromium: Browser, language: str) -> None:
    def in_light() -> list[str]:
        with seen_as(page, 360):
            return by_axe(page, AA) + sideways(page) + too_small(page)

    def in_the_dark() -> list[str]:
        with seen_as(page, 360, color_scheme="dark"):
            return by_axe(page, CONTRAST)

    def in_forced_colours() -> list[str]:
        with seen_as(page, 360, forced_colors="active"):
            return without_edge(page)

    def on_a_desk() -> list[str]:
        with seen_as(page, 1280):
            return by_axe(page, AA) + sideways(page)

    def enlarged_to_twice() -> list[str]:
        # What a window of 640 px shows at 200 %; and 1280 px at 400 % (WCAG 1.4.10).
        with seen_as(page, 320):
            return sideways(page)

    checks = {
        "360": in_light,
        "dark": in_the_dark,
        "forced colours": in_forced_colours,
        "1280": on_a_desk,
        "200 %": enlarged_to_twice,
    }
    with visitor(chromium, door, user_agent=WECHAT, has_touch=True) as page:
        if language != "zh_CN":
            page.goto(f"/language/{language}")
        faults = [f"{name}, {fault}" for name in walk(page, door) for fault in faults_of(page, checks)]
    assert faults == []


def test_large_type_fits_every_page(door: Door, chromium: Browser) -> None:
    def on_a_phone() -> list[str]:
        with seen_as(page, 320):
            return sideways(page) + too_small(page)

    with visitor(chromium, door) as page:
        page.goto("/")
        ordinary = page.locator("h1").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        page.locator(".type").click()
        expect(page).to_have_url(re.compile("/$"))
        assert page.locator("h1").evaluate("one => parseFloat(getComputedStyle(one).fontSize)") > ordinary * 1.2
        expect(page.locator(".door .less").first).to_be_hidden()
        faults = [f"{name}, {fault}" for name in walk(page, door) for fault in faults_of(page, {"large": on_a_phone})]
    assert faults == []


# --- By keyboard -------------------------------------------------------------------------------------

PRESSABLE = "a[href],button:not([hidden]),input:not([type=hidden]),select,textarea,summary,[tabindex='0']"


def test_every_page_can_be_walked_by_keyboard(door: Door, chromium: Browser) -> None:
    """From the top, each thing to press comes once, in the order of the page, and shows where one is."""
    faults = []
    with visitor(chromium, door, viewport={"width": 360, "height": 740}) as page:
        # Without the one script: nothing here may hang on it.
        page.route("**/*.js*", lambda route: route.abort())
        for name in walk(page, door):
            faults += [f"{name}, {fault}" for fault in keyboard_faults(page)]
    assert faults == []


def keyboard_faults(page: Page) -> list[str]:
    expected = page.evaluate(
        f"""() => {{
          document.activeElement.blur();
          const all = [...document.querySelectorAll({PRESSABLE!r})].filter((one) => one.checkVisibility());
          all.forEach((one, place) => one.setAttribute("data-place", place));
          // Of a group of radio buttons the keyboard stops at one.
          return all.filter((one) => one.type !== "radio" || one.matches(":checked") ||
            !all.some((other) => other.type === "radio" && other.name === one.name && other.checked) &&
            one === all.find((other) => other.name === one.name)).map((one) => one.dataset.place);
        }}"""
    )
    page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); }")
    reached, faults = [], []
    for _ in expected:
        page.keyboard.press("Tab")
        place, marked, inside = page.evaluate(
            """() => {
              const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
              return [one.dataset.place, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                      box.bottom > 0 && box.top < innerHeight && box.right > 0];
            }"""
        )
        reached.append(place)
        if not (marked and inside):
            faults.append(f"no mark of where one is: {place} {page.evaluate('document.activeElement.outerHTML')[:90]}")
    return faults + ([] if reached == expected else [f"keyboard goes {reached}, the page {expected}"])


def test_the_first_key_leads_past_the_top(door: Door, chromium: Browser) -> None:
    with visitor(chromium, door) as page:
        page.goto("/lookup")
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator("#id_number")).to_be_focused()


def test_a_page_with_errors_opens_at_them(door: Door, chromium: Browser) -> None:
    with visitor(chromium, door) as page:
        page.route("**/*.js*", lambda route: route.abort())
        page.goto("/complaints/new")
        submit(page.locator("main form button").last)
        expect(page.locator("#errors")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        # The first error is that nothing is chosen: its link leads to the first choice.
        expect(page).to_have_url(re.compile("#category-0$"))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") in {"category", "text"}
        look_up(page, NOBODY)
        expect(page.locator(".notice.danger")).to_be_focused()


# --- Read out ----------------------------------------------------------------------------------------

VOICES = """
  window.said = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  Object.defineProperty(window, "speechSynthesis", {value: {
    getVoices: () => VOICES.map((lang) => ({lang})),
    speak(words) { window.said.push([words.text, words.lang]); window.last = words; },
    cancel() { window.said.push("cancelled"); },
    addEventListener() {},
  }});
"""


@pytest.mark.parametrize(("voices", "heard"), [('["en-US", "zh-CN"]', True), ('["en-US"]', False), ("[]", False)])
def test_a_page_is_read_out_where_there_is_a_voice(door: Door, chromium: Browser, voices: str, heard: bool) -> None:
    with visitor(chromium, door) as page:
        page.add_init_script(VOICES.replace("VOICES", voices))
        look_up(page, WHO)
        button = page.locator("#read-aloud")
        expect(button).to_be_visible() if heard else expect(button).to_be_hidden()
        if not heard:
            return
        button.click()
        expect(button).to_have_text("停止朗读")
        said = page.evaluate("window.said")
        assert {language for _text, language in said} == {"zh-CN"}
        whole = "\n".join(text for text, _language in said)
        assert "已经到账" in whole and "没有发成功" in whole and "90.00元" in whole
        # What is to be pressed is not read out, and nothing twice.
        assert "结束查询\n" not in whole and len([text for text, _ in said if "阿西·木牛的补贴" in text]) == 1
        page.evaluate("window.last.onend()")
        expect(button).to_have_text("读给我听")
        button.click()
        button.click()
        assert page.evaluate("window.said.at(-1)") == "cancelled"


def test_without_a_script_there_is_no_button(door: Door, chromium: Browser) -> None:
    with visitor(chromium, door, java_script_enabled=False) as page:
        page.goto("/")
        expect(page.locator("#read-aloud")).to_be_hidden()
        page.goto(door.a_list)
        expect(page.locator("#read-aloud")).to_be_hidden()


# --- Pictures for the documents ----------------------------------------------------------------------


def test_pictures_of_the_door(door: Door, chromium: Browser) -> None:
    """What the documents show, where it is asked for; it must be there to be shown in any case."""
    phone = {"width": 360, "height": 740}

    def picture(page: Page, name: str) -> None:
        if pictures_wanted():
            page.screenshot(path=SCREENSHOTS / f"door-{name}.png")

    with visitor(chromium, door, viewport=phone, java_script_enabled=False) as page:
        page.goto("/statistics")
        expect(page.get_by_role("heading", level=1)).to_contain_text("统计")
        picture(page, "statistics")
        page.goto("/type-size/large?next=/")
        expect(page.locator("html")).to_have_class("large")
        picture(page, "large-type")
    with visitor(chromium, door, viewport=phone, java_script_enabled=False, color_scheme="dark") as page:
        look_up(page, WHO)
        expect(page.locator("article.card").first).to_be_visible()
        picture(page, "dark")
