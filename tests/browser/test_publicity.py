"""A roll on the notice boards, in a real browser and on paper: hung out, printed, posted, scanned from photos, objected
to and answered; codes made, printed and revoked.

With YKT_SCREENSHOTS=1 the pictures of each step go into docs/screenshots, for docs/public.md.
"""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.offices import (
    COUNTY,
    ROLLS,
    SAMPLES,
    SCREENSHOTS,
    County,
    add_the_others,
    confirm,
    pictures_wanted,
)
from tests.publicity.photos import codes_in, in_bad_light, in_perspective, opened, pages_of, photos, texts_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    # What is held here does not depend on the database; the stories walk both.
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]

ROLL = ROLLS[0]
TOWNSHIP, VILLAGE = ROLL["township"], "513426100200"
BOARDS = 4
"""The township's own and those of its three villages."""
OFFICIALS = (
    ("preparer100", "preparer", "township", "鲹鱼河镇", TOWNSHIP),
    ("approver100", "approver", "township", "鲹鱼河镇", TOWNSHIP),
    ("handler100", "complaint_handler", "township", "鲹鱼河镇", TOWNSHIP),
    ("civil", "approver", "department", "县民政局", COUNTY),
)
PERSONAL = re.compile(r"\d{17}[\dX]|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{16,19}(?!\d)")


@pytest.fixture(scope="module")
def county(site: Site, chromium: Browser) -> Iterator[County]:
    """The county in July 2020, with a roll that waits for its publicity."""
    site.go_to(date(2020, 7, 6))
    site.flask("registry", "import-regions", str(SAMPLES / "regions.csv"))
    add_the_others(site, OFFICIALS)
    site.flask("programmes", "import", str(SAMPLES / "programmes.xlsx"))
    site.flask("programmes", "import-plan", str(SAMPLES / "fund-plan-2020.xlsx"))
    site.flask(
        "disbursement", "import-roll", str(SAMPLES / ROLL["file"]),
        "--programme", ROLL["programme"], "--period", ROLL["period"], "--township", TOWNSHIP,
    )  # fmt: skip
    yield County(site, chromium, pictures_wanted())


def test_a_roll_on_the_notice_boards(county: County, phone: Page) -> None:
    officer = the_roll_is_approved(county)
    hang_out(county, officer)
    make_codes(county, officer)
    addresses = print_cards(county, officer)
    address = print_poster(county, officer, addresses)
    board = print_lists(county, officer, address)
    confirm_posting(county, officer, board)
    receipt_code = object_to_a_line(county, phone, address)
    answer(county)
    read_the_answer(county, phone, receipt_code)
    revoke(county, officer, phone, address)


def the_roll_is_approved(county: County) -> Page:
    """By two officials of the township; gives the desk of the second."""
    page = county.desk("preparer100")
    page.goto("/staff/disbursement/rolls")
    page.get_by_role("link", name=re.compile(ROLL["programme"])).first.click()
    confirm(page, "提交审核")
    page.context.close()
    page = county.desk("approver100")
    page.get_by_role("link", name=re.compile(f"审核花名册.*{ROLL['programme']}")).click()
    confirm(page, "审核通过")
    return page


def hang_out(county: County, page: Page) -> None:
    """One button writes the lists of all three levels."""
    page.goto("/staff/publicity/")
    page.locator("summary", has_text=re.compile("^张榜公示$")).click()
    county.picture(page, "public-01-waiting")
    page.get_by_role("button", name="确认张榜公示").click()
    expect(page.get_by_text("请打印张贴到公示栏")).to_be_visible()
    county.picture(page, "public-02-lists")


def make_codes(county: County, page: Page) -> None:
    """All codes of the township by one button."""
    page.goto("/staff/publicity/posters")
    page.locator("summary", has_text=re.compile("^生成缺少的二维码$")).click()
    county.picture(page, "public-03-missing-codes")
    page.get_by_role("button", name="确认生成缺少的二维码").click()
    expect(page.get_by_text("缺少的二维码已生成")).to_be_visible()
    county.picture(page, "public-04-codes")


def downloaded(page: Page, within: str) -> bytes:
    """The PDF that stands beside ``within``."""
    row = page.locator("tr", has_text=within)
    with page.expect_download() as saved:
        row.get_by_role("link", name="下载 PDF").click()
    return Path(saved.value.path()).read_bytes()


def on_paper(page: Page) -> bytes:
    """What the browser's own printing makes of a page, on the paper that its style sheet asks for."""
    return page.pdf(prefer_css_page_size=True, print_background=True)


def open_print(page: Page, row: str) -> None:
    """The browser's print view of what stands in this row, with its pictures."""
    page.locator("tr", has_text=row).get_by_role("link", name="浏览器打印").click()
    expect(page.locator(".sheet").first).to_be_visible()
    page.wait_for_load_state()


def print_cards(county: County, page: Page) -> list[str]:
    """The same codes from the browser's print and from the PDF; gives what they say."""
    document = downloaded(page, "二维码卡片")
    open_print(page, "二维码卡片")
    county.picture(page, "public-05-cards", whole=True)
    ours, theirs = pages_of(document, dots_per_inch=250), pages_of(on_paper(page), dots_per_inch=250)
    assert len(ours) == len(theirs) == 1
    found = codes_in(ours[0])
    assert len(set(found)) == BOARDS
    for how, photo in photos(theirs[0]):
        assert codes_in(photo) == found, how
    page.get_by_role("link", name="返回").click()
    return found


def print_poster(county: County, page: Page, addresses: list[str]) -> str:
    """The posters of the township; gives what the village's says."""
    document = downloaded(page, "全部海报")
    open_print(page, "全部海报")
    printed = on_paper(page)
    assert len(pages_of(document)) == len(pages_of(printed)) == BOARDS
    assert sorted(codes_in(sheet)[0] for sheet in pages_of(printed)) == addresses
    page.goto(f"/staff/publicity/posters/{VILLAGE}")
    county.picture(page, "public-06-poster", whole=True)
    [sheet] = pages_of(on_paper(page))
    [address] = codes_in(sheet)
    assert address in addresses
    for how, photo in photos(sheet):
        assert codes_in(photo) == [address], how
    assert codes_in(opened(page.screenshot(full_page=True))) == [address]
    return address


def print_lists(county: County, page: Page, address: str) -> Image.Image:
    """The village's list and all of the roll; gives the village's as it comes out of the printer."""
    page.goto("/staff/publicity/")
    page.get_by_role("link", name="鲹鱼河镇石门坎村2020年6月困难残疾人生活补贴发放公示表", exact=True).click()
    county.picture(page, "public-07-list")
    document = downloaded(page, "这张公示表")
    everything = downloaded(page, "全部公示表")
    open_print(page, "这张公示表")
    printed = on_paper(page)
    sheets = [re.sub(r"\s", "", text) for text in texts_of(printed)]
    assert len(sheets) > 1
    for number, sheet in enumerate(sheets, start=1):
        assert f"第{number}页，共{len(sheets)}页" in sheet
        assert "序号姓名村社数量金额（元）" in sheet and "咨询投诉电话12345" in sheet
    ours, theirs = pages_of(document, dots_per_inch=250)[0], pages_of(printed, dots_per_inch=250)[0]
    if county.takes_pictures:
        pages_of(document, dots_per_inch=80)[0].save(SCREENSHOTS / "public-08-pdf.png", optimize=True)
    for paper in (ours, theirs):
        for how, photo in photos(paper):
            assert codes_in(photo) == [address], how
    assert PERSONAL.search("".join((*texts_of(document), *texts_of(everything), *texts_of(printed)))) is None
    page.get_by_role("link", name="返回").click()
    open_print(page, "全部公示表")
    titles = page.get_by_role("heading", level=1).all_inner_texts()
    assert len(titles) == len(set(titles)) == sum("第1页，" in re.sub(r"\s", "", text) for text in texts_of(everything))
    begins = [re.sub(r"\s", "", text).startswith(titles[1]) for text in texts_of(on_paper(page))]
    assert any(begins)
    page.get_by_role("link", name="返回").click()
    return ours


def confirm_posting(county: County, page: Page, paper: Image.Image) -> None:
    """The village's lists hang: a photo of the board says so."""
    picture = io.BytesIO()
    in_bad_light(in_perspective(paper.resize((paper.width // 2, paper.height // 2)))).save(picture, "JPEG")
    page.goto("/staff/publicity/")
    page.get_by_role("link", name=ROLL["programme"], exact=True).first.click()
    county.picture(page, "public-09-boards")
    page.locator("tr", has_text="石门坎村").get_by_role("link", name="登记张贴", exact=True).click()
    page.get_by_role("button", name=re.compile("^登记张贴")).click()
    page.get_by_label("公示栏的照片").set_input_files(
        {"name": "公示栏.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    county.picture(page, "public-10-posting")
    page.get_by_role("button", name=re.compile("^确认登记张贴")).click()
    county.picture(page, "public-11-posted")


def object_to_a_line(county: County, phone: Page, address: str) -> str:
    """A villager scans, finds the list, and says what is wrong with a line; gives the receipt code."""
    phone.goto(address)
    expect(phone.locator("main")).to_contain_text("石门坎村")
    county.picture(phone, "public-12-scanned")
    phone.get_by_role("link", name=re.compile("看本地公示")).click()
    county.picture(phone, "public-13-open-lists")
    phone.get_by_role("link", name="鲹鱼河镇石门坎村2020年6月困难残疾人生活补贴发放公示表", exact=True).click()
    assert PERSONAL.search(phone.locator("body").inner_text()) is None
    county.picture(phone, "public-14-list")
    phone.get_by_role("link", name=re.compile(r"^反映\s?2$")).click()
    expect(phone.locator("main")).to_contain_text("第 2 号")
    phone.get_by_role("radio", name=re.compile("公示名单不对")).check()
    phone.get_by_label("什么事").fill("这个人去年已经搬到县城，不应该在我们村领。")
    phone.get_by_label("不留姓名").check()
    county.picture(phone, "public-15-objection")
    phone.get_by_role("button", name="提交").click()
    receipt_code = re.sub(r"\D", "", phone.locator("#receipt-code").inner_text())
    assert len(receipt_code) == 20
    return receipt_code


def answer(county: County) -> None:
    """The township's handler answers it before the publicity ends."""
    page = county.desk("handler100")
    page.get_by_role("link", name=re.compile("^受理")).first.click()
    expect(page.locator("main")).to_contain_text("已经搬到县城")
    county.picture(page, "public-16-case")
    for action in ("受理", "开始核实", "答复"):
        sheet = page.locator("details.confirm", has=page.locator("summary", has_text=re.compile(f"^{action}$")))
        sheet.locator("summary").click()
        if action == "答复":
            sheet.locator("textarea").fill("经核实，该户户籍仍在本村，每月返乡居住，符合条件，照常发放。")
        sheet.get_by_role("button", name=f"确认{action}").click()
    page.context.close()


def read_the_answer(county: County, phone: Page, receipt_code: str) -> None:
    """With the receipt code, the villager reads the answer."""
    phone.goto("/complaints/track")
    phone.get_by_label("查询码").fill(receipt_code)
    phone.get_by_role("button", name="查询", exact=True).click()
    expect(phone.locator("main")).to_contain_text("户籍仍在本村")
    county.picture(phone, "public-17-answer")


def revoke(county: County, page: Page, phone: Page, address: str) -> None:
    """A torn poster's code is revoked; the phone says so, and of a forged one that it is none of ours."""
    page.goto(f"/staff/publicity/posters/{VILLAGE}/codes")
    page.locator("summary", has_text=re.compile("^停用$")).click()
    county.picture(page, "public-18-revoke")
    page.get_by_role("button", name="确认停用").click()
    expect(page.get_by_text("二维码已停用")).to_be_visible()
    answered = phone.goto(address)
    assert answered is not None and answered.status == 410
    county.picture(phone, "public-19-revoked")
    answered = phone.goto(address[:-1] + ("A" if address[-1] != "A" else "B"))
    assert answered is not None and answered.status == 404
    county.picture(phone, "public-20-forged")
    phone.goto("/")
    county.picture(phone, "public-21-genuine", whole=True)
