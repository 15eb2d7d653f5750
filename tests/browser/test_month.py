"""A month of a county in a real browser, on both databases: from the township's roll to the closed books.

With YKT_SCREENSHOTS=1 the pictures of each step go into docs/screenshots, for docs/month.md.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.money import format_yuan
from reconciliation.words import CLASSES
from tests.browser.conftest import Site
from tests.browser.offices import (
    COUNTY,
    EXPECTED,
    RESULT,
    ROLLS,
    SAMPLES,
    County,
    add_the_others,
    confirm,
    pictures_wanted,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    # One of the two databases: the whole story walks the other.
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]

ROLL = ROLLS[0]
STATEMENT = "bank-statement-202007.csv"
FOUND = next(entry for entry in EXPECTED if entry["file"] == STATEMENT)
TOWNSHIP = ROLL["township"]
# A JPEG of one pixel: what a township photographs as evidence.
PHOTO = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300" + "08" * 64 + "ffc0000b080001000101011100ffc40014000100000000"
    "00000000000000000000000009ffc4001410010000000000000000000000000000000000ffda0008010100003f00d2cf20ffd9"
)
OFFICIALS = (
    ("preparer100", "preparer", "township", "鲹鱼河镇", TOWNSHIP),
    ("approver100", "approver", "township", "鲹鱼河镇", TOWNSHIP),
    ("civil", "approver", "department", "县民政局", COUNTY),
    ("finance", "preparer", "finance", "县财政局", COUNTY),
    ("finance2", "approver", "finance", "县财政局", COUNTY),
    ("finance3", "approver", "finance", "县财政局", COUNTY),
    ("bank", "preparer", "bank", "会东县农村商业银行", COUNTY),
)
# How the county settles each class of difference, and why.
SETTLED = {
    "missing_in_bank": ("银行书面确认已付", "银行 8 月 3 日来函：7 月 31 日已从过渡户付出，附回单"),
    "amount_differs": ("由银行更正", "银行 8 月 3 日来函：多付 1 元，由银行更正"),
    "outcome_differs": ("由银行更正", "银行 8 月 3 日来函：已付成，随下一个回盘文件更正"),
    "twice_in_bank": ("由银行追回", "银行 8 月 3 日来函：重复入账，由银行追回"),
    "unknown_in_book": ("由银行追回", "不是我县代发名单，银行追回"),
    "returned_after_payment": ("登记为退票", "对账单有退回，银行已电话核实"),
    "credit_missing": ("入了别的账户，有银行凭证", "凭证 20200730-0017：退回款入财政零余额户"),
}
# The sample statement knows nothing of the return that is credited in this story.
CREDITED = 27000


@pytest.fixture(scope="module")
def county(site: Site, chromium: Browser) -> Iterator[County]:
    """The county at the beginning of July 2020."""
    site.go_to(date(2020, 7, 1))
    site.flask("registry", "import-regions", str(SAMPLES / "regions.csv"))
    add_the_others(site, OFFICIALS)
    site.flask("programmes", "import", str(SAMPLES / "programmes.xlsx"))
    site.flask("programmes", "import-plan", str(SAMPLES / "fund-plan-2020.xlsx"))
    yield County(site, chromium, pictures_wanted())


def test_a_month_from_the_roll_to_the_closed_books(county: County) -> None:
    the_roll(county)
    the_bank_pays(county)
    the_failures(county)
    the_return(county)
    differences = the_statement(county)
    settle(county, differences)
    sign_and_close(county)
    nothing_changes_any_more(county)


@contextmanager
def at_desk(county: County, username: str, day: tuple[int, int]) -> Iterator[Page]:
    """An official at work on a day (month, day) of 2020."""
    county.site.go_to(date(2020, *day))
    page = county.desk(username)
    yield page
    page.context.close()


def the_roll(county: County) -> None:
    """B4, B5, B8, B10: uploaded and checked, looked at by another, published, approved, confirmed."""
    with at_desk(county, "preparer100", (7, 3)) as page:
        page.get_by_role("link", name="发放批次").first.click()
        page.get_by_role("link", name="上传花名册").first.click()
        page.get_by_label("补贴项目").select_option(label=ROLL["programme"])
        page.get_by_label("期别").fill(ROLL["period"])
        page.get_by_label("乡镇（街道）").select_option(value=TOWNSHIP)
        page.get_by_label("花名册文件").set_input_files(SAMPLES / ROLL["file"])
        county.picture(page, "month-01-upload")
        page.get_by_role("button", name="上传并检查").click()
        expect(page.get_by_text("可以保存")).to_be_visible(timeout=30_000)
        expect(page.locator(".figures")).to_contain_text(f"{ROLL['good']}")
        county.picture(page, "month-02-problems")
        page.locator("summary", has_text=re.compile("^保存没有问题的")).click()
        page.get_by_role("button", name="确认保存").click()
        page.get_by_role("link", name="查看结果").click(timeout=30_000)
        confirm(page, "提交审核")
        expect(page.get_by_text("已提交，等待乡镇审核")).to_be_visible()
    with at_desk(county, "approver100", (7, 4)) as page:
        page.get_by_role("link", name=re.compile("审核花名册")).click()
        page.get_by_role("link", name=re.compile("^核查结果")).click()
        county.picture(page, "month-03-findings")
        page.go_back()
        confirm(page, "审核通过")
        county.picture(page, "month-04-roll")
        page.goto("/staff/publicity/")
        confirm(page, "张榜公示", "确认张榜公示")
        county.picture(page, "month-05-publicity")
    with at_desk(county, "civil", (7, 11)) as page:
        page.get_by_role("link", name=re.compile("审批花名册")).click()
        confirm(page, "审批通过")
        expect(page.get_by_text("主管部门审核已通过")).to_be_visible()
    with at_desk(county, "finance", (7, 13)) as page:
        page.get_by_role("link", name=re.compile("确认发放批次")).click()
        confirm(page, "确认批次", "确认并预留资金")
        expect(page.get_by_text("批次已确认")).to_be_visible()
        county.picture(page, "month-06-batch")


def the_bank_pays(county: County) -> None:
    """B1: the file is looked at before it leaves, and answered."""
    with at_desk(county, "bank", (7, 14)) as page:
        page.get_by_role("link", name=re.compile("领取代发文件")).click()
        page.get_by_role("link", name="生成代发文件").click()
        expect(page.locator(".figures")).to_contain_text("138")
        county.picture(page, "month-07-offer")
        page.get_by_role("button", name="确认生成代发文件").click()
        with page.expect_download() as offered:
            page.get_by_role("button", name="下载").click()
        assert Path(offered.value.path()).read_bytes().decode("gbk").splitlines()[-1] == "TOTAL|138|3726000"
    with at_desk(county, "bank", (7, 16)) as page:
        page.get_by_role("link", name=re.compile("上传银行回盘")).click()
        page.get_by_role("link", name="上传银行回盘").click()
        take_in(page, SAMPLES / RESULT, "上传并核对")
        county.picture(page, "month-08-result")
        page.get_by_role("button", name="保存").first.click()
        page.get_by_role("link", name="查看结果").click(timeout=30_000)
        for number in ("138", "125", "11", "2"):
            expect(page.locator(".figures")).to_contain_text(number)
        county.picture(page, "month-09-answer")


def take_in(page: Page, file: Path, button: str) -> None:
    """Bring a file and wait for what is in it."""
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=button).click()
    expect(page.locator("h1 .tag")).not_to_have_text(re.compile("检查中|等待"), timeout=30_000)


def the_failures(county: County) -> None:
    """B6: corrected by the 20th, pushed by the 25th, paid again by the 28th."""
    with at_desk(county, "preparer100", (7, 17)) as page:
        county.picture(page, "month-10-board-township")
        page.get_by_role("link", name=re.compile("改正发放失败的信息")).click()
        county.picture(page, "month-11-failures")
        page.get_by_role("link", name=CORRECTED).click()
        page.get_by_label("新卡号").fill("6217001234567590128")
        page.get_by_label("改正的依据").fill("7 月 17 日看过新社保卡原件")
        page.locator("input[type=file]").set_input_files(
            {"name": "新卡.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
        )
        county.picture(page, "month-12-correction", whole=True)
        page.get_by_role("button", name=re.compile("^保存")).click()
        expect(page.get_by_text(f"已改正{CORRECTED}的 1 笔")).to_be_visible()
    with at_desk(county, "civil", (7, 22)) as page:
        page.get_by_role("link", name=re.compile("推送重发")).click()
        page.get_by_role("row", name=re.compile(CORRECTED)).get_by_role("checkbox").check()
        in_bulk(county, page, "推送重发", picture="month-13-push")
    with at_desk(county, "finance", (7, 26)) as page:
        page.get_by_role("link", name=re.compile("生成本月的重发文件")).click()
        page.locator("summary", has_text="重发文件").click()
        county.picture(page, "month-14-reissue")
        page.get_by_role("button", name=re.compile("^确认生成")).click()
        expect(page.get_by_text("重发文件已生成")).to_be_visible()
    with at_desk(county, "bank", (7, 27)) as page:
        page.get_by_role("link", name=re.compile("领取重发文件")).click()
        with page.expect_download() as offered:
            page.get_by_role("button", name="下载").click()
        lines = Path(offered.value.path()).read_bytes().decode("gbk").splitlines()
        assert len(lines) == 2
        assert "|6217001234567590128|27000" in lines[0]
        county.picture(page, "month-15-reissue-file")


def in_bulk(county: County, page: Page, action: str, reason: str = "", picture: str = "") -> None:
    """Do something with the rows that are ticked: look at the count, give a reason, confirm."""
    page.get_by_role("button", name=f"{action} …").click()
    if reason:
        page.locator("textarea[name=reason]").fill(reason)
    if picture:
        county.picture(page, picture)
    page.get_by_role("button", name=re.compile(f"^确认{action}")).click()
    expect(page.locator(".note.success").first).to_contain_text("已办理")


def the_return(county: County) -> None:
    """B7: what cannot be paid any more goes back, by the end of the month after the quarter."""
    with at_desk(county, "finance", (7, 27)) as page:
        page.goto("/staff/disbursement/returns")
        county.picture(page, "month-16-returns")
        page.get_by_role("link", name="提出退回").click()
        page.get_by_role("row", name=re.compile(RETURNED)).get_by_role("checkbox").check()
        in_bulk(county, page, "提出退回", "本人已迁出，多次联系不上")
    with at_desk(county, "finance2", (7, 28)) as page:
        page.get_by_role("link", name=re.compile("审批退回单")).click()
        page.locator(".listing tbody a").first.click()
        confirm(page, "批准退回")
        county.picture(page, "month-17-return-approved", whole=True)
    with at_desk(county, "finance", (7, 30)) as page:
        page.get_by_role("link", name=re.compile("登记退回资金入账")).click()
        page.locator(".listing tbody a").first.click()
        page.get_by_label("银行凭证号").fill("20200730-0017")
        page.get_by_label("凭证日期").fill("2020-07-30")
        page.get_by_role("button", name="登记入账").click()
        expect(page.get_by_text("这笔钱又在资金计划里了")).to_be_visible()
        page.goto("/staff/disbursement/balance")
        county.picture(page, "month-18-balance")


def the_statement(county: County) -> str:
    """B7: the bank's statement, held against the book; gives the address of the differences."""
    with at_desk(county, "bank", (8, 3)) as page:
        county.picture(page, "month-19-board-bank")
        page.get_by_role("link", name=re.compile("上传银行对账单")).click()
        expect(page.get_by_label("月份")).to_have_value("2020-07")
        take_in(page, SAMPLES / STATEMENT, "上传并检查")
        expect(page.locator("main")).to_contain_text("余额逐笔核对无误")
        county.picture(page, "month-20-statement")
        page.get_by_role("button", name="保存").first.click()
        page.get_by_role("link", name="查看结果").click(timeout=30_000)
        expect(panel_of_figures(page)).to_be_visible()
        county.picture(page, "month-21-month", whole=True)
        assert shown_figures(page) == expected_figures()
        page.get_by_role("link", name="逐条处理差异").click()
        page.wait_for_url("**/differences*")
        address = page.url.split("?")[0]
        page.goto(address)
        assert shown_differences(page) == expected_differences()
        return address


def panel_of_figures(page: Page) -> Locator:
    """Where the month's page counts what the comparison found."""
    return page.locator("section.panel", has_text="逐笔核对的结果")


def shown_figures(page: Page) -> dict[str, tuple[str, str]]:
    """What the month's page says of each class: how many, and how much."""
    rows = panel_of_figures(page).locator("tbody tr")
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    return {words.strip(): (number.strip(), yuan.strip()) for words, number, yuan, _open in cells}


def expected_figures() -> dict[str, tuple[str, str]]:
    """The same from expected.json."""
    found: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for one in FOUND["differences"]:
        found[one["kind"]] += 1
        sums[one["kind"]] += one.get("bank_fen", one.get("book_fen"))
    figures = {str(CLASSES[kind].text): (str(number), format_yuan(sums[kind])) for kind, number in found.items()}
    figures[str(CLASSES["matched"].text)] = (str(FOUND["matched"]), format_yuan(FOUND["matched"] * 27000))
    figures[str(CLASSES["credit_missing"].text)] = ("1", format_yuan(CREDITED))
    return figures | {"银行仍未查清": (str(FOUND["still_unclear"]), "")}


def shown_differences(page: Page) -> list[tuple[str, str, str]]:
    """Each difference as the list shows it: its class, the tail of its card, its serial number at the bank."""
    heads = [head.strip() for head in page.locator("table.rows thead th").all_inner_texts()]
    wanted = [heads.index(title) for title in ("差异", "卡号后四位", "流水号")]
    rows = [row.locator("td").all_inner_texts() for row in page.locator("table.rows tbody tr").all()]
    return sorted(
        (cells[wanted[0]].strip(), cells[wanted[1]].strip("— "), cells[wanted[2]].strip("— ")) for cells in rows
    )


def expected_differences() -> list[tuple[str, str, str]]:
    """The same from expected.json, and the return."""
    found = [(str(CLASSES[one["kind"]].text), one["card"][-4:], one["serial"] or "") for one in FOUND["differences"]]
    return sorted([*found, (str(CLASSES["credit_missing"].text), "", "")])


def settle(county: County, differences: str) -> None:
    """Every difference is settled by a named person, with a reason."""
    with at_desk(county, "finance", (8, 4)) as page:
        page.get_by_role("link", name=re.compile("处理对账差异")).click()
        page.get_by_role("link", name="逐条处理差异").click()
        county.picture(page, "month-22-differences")
        for kind, (how, why) in SETTLED.items():
            page.goto(f"{differences}?kind={kind}")
            page.get_by_role("link", name="全选本页").click()
            wanted = "month-23-settle" if kind == "returned_after_payment" else ""
            in_bulk(county, page, how, why, picture=wanted)
        page.goto(differences)
        county.picture(page, "month-24-settled", whole=True)


def sign_and_close(county: County) -> None:
    """Department, bank and finance sign in this order; another official of finance closes."""
    for number, (username, day) in enumerate((("civil", 4), ("bank", 4), ("finance2", 5)), start=1):
        with at_desk(county, username, (8, day)) as page:
            page.get_by_role("link", name=re.compile("月末对账签章")).click()
            if number == 1:
                page.locator("summary", has_text=re.compile("^签章$")).click()
                county.picture(page, "month-25-sign")
                page.get_by_role("button", name="确认签章").click()
            else:
                confirm(page, "签章")
            expect(page.get_by_text("已签章。")).to_be_visible()
    with at_desk(county, "finance3", (8, 5)) as page:
        page.goto("/staff/reconciliation/months")
        page.get_by_role("link", name="2020-07").click()
        confirm(page, "关账")
        expect(page.get_by_text("已关账，这个月的账不再变动")).to_be_visible()
        county.picture(page, "month-26-closed", whole=True)


def nothing_changes_any_more(county: County) -> None:
    """What is dated in the closed month stands as it was signed: its differences, its statement, its payments."""
    with at_desk(county, "finance", (8, 6)) as page:
        page.goto("/staff/reconciliation/months")
        page.get_by_role("link", name="2020-07").click()
        expect(panel_of_figures(page)).to_be_visible()
        closed = page.locator("main .panel").all_inner_texts()
        month = page.url
        page.goto(f"{month}/differences")
        expect(page.get_by_role("form", name="批量办理")).to_have_count(0)
        page.goto("/staff/reconciliation/statements/new?month=2020-07")
        page.get_by_label("替换原来的对账单").check()
        other = (SAMPLES / STATEMENT).read_bytes() + b"\r\n"
        page.locator("input[type=file]").set_input_files({"name": STATEMENT, "mimeType": "text/csv", "buffer": other})
        page.get_by_role("button", name="上传并检查").click()
        expect(page.locator("main")).to_contain_text("已经关账", timeout=30_000)
        county.picture(page, "month-27-refused")
        page.goto(month)
        expect(panel_of_figures(page)).to_be_visible()
        assert page.locator("main .panel").all_inner_texts() == closed


CORRECTED = "马英"
RETURNED = "林成英"
