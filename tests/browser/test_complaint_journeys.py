"""Four complaints from the villager's phone to the end, each page of them looked at by axe: a tip-off about a township
with a photo that knows where it was taken, a late case that climbs both levels, a sealed case, a reopened one.

On one database: the pages are the same, and that the operations behind them say the same on both is tested elsewhere.
"""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.offices import COUNTY, SAMPLES, add_the_others
from tests.browser.walks import Walk, walking

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]

TOWNSHIP, VILLAGE = "513426100000", "513426100200"
OFFICIALS = (
    ("township", "complaint_handler", "township", "鲹鱼河镇", TOWNSHIP),
    ("finance", "complaint_handler", "finance", "县财政局", COUNTY),
    ("discipline", "complaint_handler", "discipline", "县纪委监委", COUNTY),
)
# What a proxy says of the reporter, and what his browser says of itself: of neither is a trace to be found.
ADDRESS, DEVICE = "203.0.113.77", "Nobody's-Phone/7.31"
PLACE = "27.63"
NUMBER = re.compile(r"\b\d{12}\b")


@pytest.fixture(scope="module")
def site_settings() -> dict[str, str]:
    """One proxy in front, so that the site knows the reporter's own address, as it does in a county."""
    return {"YKT_PROXIES": "1"}


@pytest.fixture(scope="module")
def county(site: Site) -> Site:
    """The site with its regions, and an official in each of three offices."""
    site.go_to(date(2026, 3, 2))
    site.flask("registry", "import-regions", str(SAMPLES / "regions.csv"))
    add_the_others(site, OFFICIALS)
    return site


@pytest.fixture
def villager(county: Site, chromium: Browser) -> Iterator[Walk]:
    """A phone of 360 px."""
    headers = {"X-Forwarded-For": ADDRESS}
    with walking(chromium, county, user_agent=DEVICE, extra_http_headers=headers) as walk:
        yield walk


def hand_in(walk: Walk, category: str, text: str, *words: str, about: str = "", photo: bytes = b"") -> tuple[str, str]:
    """Fill in the form without a name; gives the number and the receipt code of what was filed."""
    walk.open("/complaints/new", "投诉举报")
    page = walk.page
    page.locator(f"input[name=category][value={category}]").check()
    page.locator("#text").fill(text)
    page.locator("#region").select_option(VILLAGE)
    if about:
        page.locator("#about_organisation").select_option(about)
    if photo:
        page.locator("#attachments").set_input_files({"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.locator("#anonymous").check()
    walk.press(page.get_by_role("button", name="提交"), "已经收到", *words)
    code = re.sub(r"\D", "", page.locator("#receipt-code").inner_text())
    assert len(code) == 20 and code not in page.url
    number = NUMBER.search(page.locator("main").inner_text())
    assert number
    return number[0], code


def come_back(walk: Walk, code: str, *words: str) -> None:
    """Read the case by its code."""
    walk.open("/complaints/track")
    walk.page.get_by_label("查询码").fill(code)
    walk.press(walk.page.get_by_role("button", name="查询", exact=True), *words)
    assert code not in walk.page.url


def case_on(walk: Walk, address: str, number: str, *words: str) -> None:
    """Find a case in a list and open it."""
    walk.open(address, number)
    walk.press(walk.page.get_by_role("link", name=number).first, *words)


def is_unknown(walk: Walk, number: str) -> None:
    """No list, search, export, board or address of this office knows the case."""
    page = walk.page
    for address in ("/staff/", "/staff/complaints/", "/staff/complaints/supervised", "/staff/complaints/statistics"):
        assert number not in page.request.get(address).text()
    walk.open("/staff/complaints/all")
    assert number not in page.content()
    page.get_by_role("searchbox").fill(number)
    walk.press(page.locator("form.finder").get_by_role("button"))
    expect(page.locator(f"a[href*='/complaints/{number}']")).to_have_count(0)
    for listed in ("", "all", "supervised"):
        assert number not in export(page, f"/staff/complaints/{listed}")
    for address in (f"/staff/complaints/{number}", f"/staff/complaints/{number}/attachments/1"):
        assert page.request.get(address).status == 404


def export(page: Page, address: str) -> str:
    """What a list gives out as a file, also where there is nothing to press for it."""
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    answer = page.request.post(address, form={"export": "csv", "csrf_token": token}, headers={"Referer": page.url})
    assert answer.status == 200 and "编号" in answer.text(), answer.text()
    return answer.text()


def photo_with_its_place() -> bytes:
    """A photo as a phone takes it: it says where and with what."""
    picture, file = Image.new("RGB", (640, 480), "darkgreen"), io.BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "NOKIA", DEVICE
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (26.0, 38.0, 1.5),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (102.0, 34.0, 40.0),
            ExifTags.GPS.GPSAreaInformation: PLACE,
        }
    )
    picture.save(file, "JPEG", exif=exif)
    taken = file.getvalue()
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(ExifTags.IFD.GPSInfo), "it does not know where it was taken"
    return taken


def kept_by(site: Site) -> dict[str, bytes]:
    """Whatever the site has written down: databases, journals, logs, files."""
    return {path.name: path.read_bytes() for path in site.log.parent.rglob("*") if path.is_file()}


def test_a_tip_off_about_a_township_with_a_photo(county: Site, chromium: Browser, villager: Walk) -> None:
    text = "镇上有人替去世的老人领高龄津贴。"
    number, code = hand_in(villager, "tip_off", text, "县财政局", about="township", photo=photo_with_its_place())
    with walking(chromium, county, "township") as township:
        is_unknown(township, number)
    with walking(chromium, county, "finance") as finance:
        case_on(finance, "/staff/complaints/", number, text, "匿名", "现场.jpg")
        with finance.page.expect_download() as download:
            finance.page.get_by_role("link", name="现场.jpg").first.click()
        content = Path(download.value.path()).read_bytes()
        assert b"Exif" not in content and DEVICE.encode() not in content
        picture = Image.open(io.BytesIO(content))
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (640, 480), {})
        finance.act("受理", "已受理")
    come_back(villager, code, "已经受理", "县财政局")
    files = kept_by(county)
    assert len(files) > 2 and b"portal.hand_in_complaint" in files["site.log"]
    for secret in (ADDRESS, DEVICE, text, code, "现场"):
        assert [name for name, content in files.items() if secret.encode() in content] == [], secret


def test_a_late_case_climbs_both_levels(county: Site, chromium: Browser, villager: Walk) -> None:
    county.go_to(date(2026, 3, 2))
    number, code = hand_in(villager, "not_received", "去年的耕地补贴没有到账。", "鲹鱼河镇")
    come_back(villager, code, "还没有决定是否受理", "还有 7 天")
    county.go_to(date(2026, 3, 10))
    county.flask("sweep")
    come_back(villager, code, "已超过 1 天", "超期未受理", "县财政局")
    with walking(chromium, county, "finance") as finance:
        finance.press(finance.page.get_by_role("link", name="督办：超期的投诉举报"), number)
        finance.press(finance.page.get_by_role("link", name=number), "已报县财政局督办")
        finance.act("记一笔", "已记录", text="已打电话催办。")
    with walking(chromium, county, "township") as township:
        case_on(township, "/staff/complaints/", number, "已打电话催办。")
        township.act("受理", "已受理")
    come_back(villager, code, "已经受理，马上开始核实")
    assert "已打电话催办" not in villager.page.content()
    county.go_to(date(2026, 3, 24))
    for _ in range(2):
        county.flask("sweep")
    come_back(villager, code, "超期未答复", "县纪委监委")
    assert villager.page.locator("main").inner_text().count("超期未答复") == 1
    with walking(chromium, county, "discipline") as discipline:
        case_on(discipline, "/staff/complaints/supervised", number, "已报县纪委监委督办")
        discipline.act("接办", "已由您单位接办", text="两次超期，由县纪委监委直接办理。")
        discipline.act("开始核实", "已开始核实")
        come_back(villager, code, "正在核实办理", "由督办单位接办", "两次超期")
        discipline.act("答复", "已答复", text="补贴三月二十四日已经补发，经办人已受到批评。")
    come_back(villager, code, "已经有答复", "补贴三月二十四日已经补发")
    with walking(chromium, county, "township") as township:
        case_on(township, "/staff/complaints/all", number, "由督办单位接办", "县纪委监委")
        expect(township.page.locator("details#conclude")).to_have_count(0)


def test_a_sealed_case(county: Site, chromium: Browser, villager: Walk) -> None:
    text = "办低保要先给红包，不给就拖着。"
    number, code = hand_in(villager, "extortion", text, "直接交给纪委监委", "15 个工作日内告诉您是否受理")
    for username in ("township", "finance"):
        with walking(chromium, county, username) as official:
            is_unknown(official, number)
            assert official.page.request.get("/staff/complaints/sealed").status == 404
    with walking(chromium, county, "discipline") as discipline:
        discipline.press(discipline.page.get_by_role("link", name="问题线索").first, number)
        discipline.press(discipline.page.get_by_role("link", name=number), text, "移送的问题线索")
        discipline.act("受理", "已受理")
        come_back(villager, code, "已经受理", "县纪委监委")
        discipline.act("开始核实", "已开始核实")
        discipline.act("登记处置结果", "已登记", text="收红包属实。", choice="立案")
        discipline.act("答复", "已答复", text="反映属实，已立案，收的钱已经退回。")
        discipline.open("/staff/complaints/all")
        assert number not in discipline.page.content()
    come_back(villager, code, "已经有答复", "反映属实，已立案")
    assert "收红包属实" not in villager.page.content()


def test_a_reopened_case(county: Site, chromium: Browser, villager: Walk) -> None:
    number, code = hand_in(villager, "wrong_amount", "少发了一个月。")
    page = villager.page
    with walking(chromium, county, "township") as township:
        case_on(township, "/staff/complaints/", number, "少发了一个月。")
        for action, said in (("受理", "已受理"), ("开始核实", "已开始核实")):
            township.act(action, said)
        township.act("答复", "已答复", text="金额没有错。")
        come_back(villager, code, "金额没有错。", "请原来的单位重新办理")
        page.locator("input[name=satisfaction][value=not_satisfied]").check()
        page.get_by_label("您的意见").fill("没有说少的是哪一个月。")
        villager.press(page.get_by_role("button", name="还没有解决，只记下评价"), "您的评价已经记下")
        page.locator("#reopen-text").fill("三月份的没有发，请再查。")
        villager.press(page.get_by_role("button", name="对答复不满意，要求重新办理"), "按您的要求重新办理")
        case_on(township, "/staff/complaints/", number, "重新办理", "不满意", "三月份的没有发，请再查。")
        township.act("标记已阅", "已标记")
        township.act("开始核实", "已开始核实")
        township.act("答复", "已答复", text="三月份的漏发了，已经补发九十元。")
    come_back(villager, code, "三月份的漏发了", "可以请县财政局复查一次")
    expect(page.get_by_role("button", name="对答复不满意，要求重新办理")).to_have_count(0)
    expect(page.get_by_role("button", name="请上一级单位复查")).to_be_visible()
    page.locator("input[name=satisfaction][value=satisfied]").check()
    villager.press(page.get_by_role("button", name="问题已经解决"), "再确认一次")
    villager.press(page.get_by_role("button", name="确认，已经解决"), "这件事已经办结")
    come_back(villager, code, "已经办结。")
    expect(page.get_by_label("补充说明")).to_have_count(0)
