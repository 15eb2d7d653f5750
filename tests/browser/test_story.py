"""The whole story in a real browser, on both databases: from the township's messy files to the answer a villager reads.

With YKT_SCREENSHOTS=1 the pictures of each step go into docs/screenshots.
"""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core import clock
from tests.browser.conftest import Site
from tests.browser.offices import (
    COUNTY,
    RESULT,
    ROLLS,
    SAMPLES,
    County,
    add_by_command,
    add_the_others,
    confirm,
    pictures_wanted,
)

# On a busy machine the walk takes its time; each single step has its own, shorter limit.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    # One of the two databases: the month walks the other.
    pytest.mark.parametrize("site", ["postgresql"], indirect=True),
]

DEPARTMENT_OF = {"耕地地力保护补贴": "县农业农村局", "困难残疾人生活补贴": "县民政局", "高龄津贴": "县民政局"}
# The first good line of the first sample: paid, with a telephone.
VILLAGER = {"id_number": "513426199509167030", "name": "阿西木呷", "card_tail": "4702"}
PHONE = "18739320300"


OFFICIALS = (
    *(
        (f"{role}{entry['township'][6:9]}", role, "township", f"乡镇{entry['township'][6:9]}", entry["township"])
        for entry in ROLLS
        for role in ("preparer", "approver")
    ),
    ("handler100", "complaint_handler", "township", "乡镇100", "513426100000"),
    ("civil", "approver", "department", "县民政局", COUNTY),
    ("farm", "approver", "department", "县农业农村局", COUNTY),
    ("finance", "preparer", "finance", "县财政局", COUNTY),
    ("bank", "preparer", "bank", "会东县农村商业银行", COUNTY),
    ("discipline", "complaint_handler", "discipline", "县纪委监委", COUNTY),
)


@pytest.fixture(scope="module")
def county(site: Site, chromium: Browser) -> Iterator[County]:
    """Regions, offices, programmes and the fund plan, by the commands of the README."""
    site.flask("registry", "import-regions", str(SAMPLES / "regions.csv"))
    add_by_command(site, chromium, OFFICIALS[0])
    add_the_others(site, OFFICIALS[1:])
    site.flask("programmes", "import", str(SAMPLES / "programmes.xlsx"))
    site.flask("programmes", "import-plan", str(SAMPLES / "fund-plan-2020.xlsx"))
    yield County(site, chromium, pictures_wanted())


def picture(county: County, page: Page, name: str, entry: dict[str, str]) -> None:
    """Of the three rolls, the first one's pages only."""
    if entry == ROLLS[0]:
        county.picture(page, name)


def upload_roll(county: County, entry: dict[str, str]) -> None:
    """Upload, see the preview, save; then submit."""
    page = county.desk(f"preparer{entry['township'][6:9]}")
    page.goto("/staff/disbursement/rolls/new")
    page.get_by_label("补贴项目").select_option(label=entry["programme"])
    page.get_by_label("期别").fill(entry["period"])
    page.get_by_label("乡镇（街道）").select_option(value=entry["township"])
    page.get_by_label("花名册文件").set_input_files(SAMPLES / entry["file"])
    picture(county, page, "01-upload", entry)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("可以保存")).to_be_visible(timeout=30_000)
    expect(page.locator("main")).to_contain_text(f"{entry['good']}")
    picture(county, page, "02-preview", entry)
    page.locator("summary", has_text=re.compile("^保存没有问题的")).click()
    page.get_by_role("button", name="确认保存").click()
    page.get_by_role("link", name="查看结果").click(timeout=30_000)
    confirm(page, "提交审核")
    expect(page.get_by_text("已提交，等待乡镇审核")).to_be_visible()
    picture(county, page, "03-roll", entry)
    page.context.close()


def hang_out(county: County, entry: dict[str, str]) -> None:
    """Four eyes in the township, and publicity. The department has to wait."""
    page = county.desk(f"approver{entry['township'][6:9]}")
    picture(county, page, "04-board", entry)
    page.get_by_role("link", name=re.compile(f"审核花名册.*{entry['programme']}")).click()
    confirm(page, "审核通过")
    page.goto("/staff/publicity/")
    confirm(page, "张榜公示", "确认张榜公示")
    picture(county, page, "05-publicity", entry)
    page.context.close()
    page = department_desk(county, entry)
    page.get_by_role("link", name=re.compile(f"公示中，还不能审批.*{entry['programme']}")).click()
    expect(page.get_by_text("公示以后才能审批")).to_be_visible()
    expect(page.locator("summary", has_text=re.compile("^审批通过$"))).to_have_count(0)
    page.context.close()


def department_desk(county: County, entry: dict[str, str]) -> Page:
    """The desk of the department in charge."""
    return county.desk("civil" if DEPARTMENT_OF[entry["programme"]] == "县民政局" else "farm")


def approve_roll(county: County, entry: dict[str, str]) -> None:
    """The department's approval, once the lists have come down."""
    page = department_desk(county, entry)
    page.get_by_role("link", name=re.compile(f"审批花名册.*{entry['programme']}")).click()
    confirm(page, "审批通过")
    expect(page.get_by_text("主管部门审核已通过")).to_be_visible()
    page.context.close()


def test_the_whole_story(county: County, phone: Page) -> None:
    for entry in ROLLS:
        upload_roll(county, entry)
        hang_out(county, entry)
    county.site.go_to(clock.today() + timedelta(days=8))
    for entry in ROLLS:
        approve_roll(county, entry)
    pay(county)
    read_the_sms(county)
    address = scan_the_poster(county)
    receipt_code = look_up_and_complain(county, phone, address)
    answer_the_complaint(county)
    read_the_answer(county, phone, receipt_code)


def pay(county: County) -> None:
    """Finance confirms, the bank takes its file and answers."""
    page = county.desk("finance")
    page.get_by_role("link", name=re.compile("确认发放批次.*困难残疾人生活补贴")).click()
    confirm(page, "确认批次", "确认并预留资金")
    expect(page.get_by_text("批次已确认")).to_be_visible()
    county.picture(page, "06-batch-confirmed")
    page.context.close()
    page = county.desk("bank")
    page.get_by_role("link", name=re.compile("领取代发文件.*困难残疾人生活补贴")).click()
    page.get_by_role("link", name="生成代发文件").click()
    page.get_by_role("button", name="确认生成代发文件").click()
    with page.expect_download() as offered:
        page.get_by_role("button", name="下载").click()
    offer = Path(offered.value.path()).read_bytes().decode("gbk").splitlines()
    assert offer[-1] == "TOTAL|138|3726000"
    county.picture(page, "07-offer")
    page.get_by_role("link", name="上传银行回盘").click()
    page.get_by_label("回盘文件").set_input_files(SAMPLES / RESULT)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("与合计行一致")).to_be_visible(timeout=30_000)
    county.picture(page, "08-result-preview")
    page.get_by_role("button", name="保存").first.click()
    page.get_by_role("link", name="查看结果").click(timeout=30_000)
    for number in ("138", "125", "11", "2"):
        expect(page.locator(".figures")).to_contain_text(number)
    county.picture(page, "09-result")
    page.context.close()


def read_the_sms(county: County) -> None:
    """The worker sends; the handset shows what arrived."""
    county.site.flask("sms", "dispatch")
    page = county.desk("finance")
    page.goto("/staff/sms/handset")
    page.get_by_role("textbox", name="手机号").fill(PHONE)
    page.get_by_role("button", name="查看").click()
    message = page.locator(".bubbles")
    expect(message).to_contain_text("困难残疾人生活补贴")
    expect(message).to_contain_text("4702")
    county.picture(page, "10-sms")
    page.context.close()


def scan_the_poster(county: County) -> str:
    """The village's poster, printed, photographed and scanned: gives the address in its code."""
    page = county.desk("approver100")
    page.goto("/staff/publicity/posters/513426100200/codes")
    page.get_by_role("button", name=re.compile("生成|制作|新")).first.click()
    page.goto("/staff/publicity/posters/513426100200")
    picture = page.screenshot(full_page=True)
    county.picture(page, "11-poster")
    page.context.close()
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert len(found) == 1
    assert found[0].text.startswith(f"{county.site.base_url}/q/")
    return str(found[0].text)


def look_up_and_complain(county: County, phone: Page, address: str) -> str:
    """On a phone without JavaScript: scan, look up, find the payment, say what is wrong with it."""
    phone.goto("/")
    county.picture(phone, "public-home")
    phone.goto(address)
    expect(phone.locator("main")).to_contain_text("石门坎村")
    county.picture(phone, "12-village")
    phone.get_by_role("link", name=re.compile("查询我的补贴")).click()
    phone.get_by_label("身份证号码").fill("513426199509167031")
    phone.get_by_label("姓名").fill(VILLAGER["name"])
    phone.get_by_label("社保卡（银行卡）卡号最后四位").fill(VILLAGER["card_tail"])
    phone.get_by_role("button", name="查询", exact=True).click()
    expect(phone.get_by_role("alert").first).to_be_visible()
    county.picture(phone, "13-mistyped")
    phone.get_by_label("身份证号码").fill(VILLAGER["id_number"])
    phone.get_by_role("button", name="查询", exact=True).click()
    expect(phone.locator("main")).to_contain_text("困难残疾人生活补贴")
    expect(phone.locator("main")).to_contain_text("270.00")
    expect(phone.locator("main")).to_contain_text("4702")
    county.picture(phone, "14-lookup")
    phone.get_by_role("link", name="这笔钱有问题").first.click()
    expect(phone.locator("main")).to_contain_text("270.00")
    phone.get_by_role("radio", name=re.compile("金额不对")).check()
    phone.get_by_label("什么事").fill("我是二级残疾，应该按九十元一个月发三个月，另外护理补贴没有发。")
    phone.get_by_label("不留姓名").check()
    county.picture(phone, "15-complaint")
    phone.get_by_role("button", name="提交").click()
    receipt_code = re.sub(r"\D", "", phone.locator("#receipt-code").inner_text())
    assert len(receipt_code) == 20
    county.picture(phone, "16-receipt")
    assert receipt_code not in phone.url
    return receipt_code


def answer_the_complaint(county: County) -> None:
    """The township's handler takes it on, looks into it, and answers."""
    page = county.desk("handler100")
    county.picture(page, "17-board-complaint")
    page.get_by_role("link", name=re.compile("受理：金额不对")).first.click()
    expect(page.locator("main")).to_contain_text("护理补贴没有发")
    county.picture(page, "18-case")
    act(page, "受理")
    act(page, "开始核实")
    act(page, "答复", text="经核对，您的生活补贴已足额发放；护理补贴需另行申请，请带残疾证到村委会办理。")
    expect(page.locator("main")).to_contain_text("护理补贴需另行申请")
    county.picture(page, "19-answered")
    page.context.close()


def act(page: Page, action: str, text: str = "") -> None:
    """One of the case's actions: its sheet is opened, filled in, and confirmed."""
    sheet = page.locator("details.confirm", has=page.locator("summary", has_text=re.compile(f"^{action}$")))
    sheet.locator("summary").click()
    if text:
        sheet.locator("textarea").fill(text)
    sheet.get_by_role("button", name=f"确认{action}").click()


def read_the_answer(county: County, phone: Page, receipt_code: str) -> None:
    """With the receipt code, the reporter reads the answer."""
    phone.goto("/complaints/track")
    phone.get_by_label("查询码").fill(receipt_code)
    phone.get_by_role("button", name="查询", exact=True).click()
    expect(phone.locator("main")).to_contain_text("护理补贴需另行申请")
    county.picture(phone, "20-answer")
