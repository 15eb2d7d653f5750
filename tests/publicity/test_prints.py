"""Lists, posters and cards on paper: what stands there, what does not, who may print, and that the codes scan."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter
from urllib.parse import unquote

import psutil
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from core.database import db
from core.money import Fen
from core.principal import OrganisationKind, Role
from publicity import operations, queries, rules
from publicity.models import PublicityLine, PublicityList, QrCode
from publicity.prints import cards, contents, fonts, notices, posters
from registry.models import Beneficiary, Region
from tests import factories
from tests.factories import AT
from tests.publicity.conftest import PEOPLE, TOWNSHIP, VILLAGE, Story, make_roll
from tests.publicity.photos import codes_in, pages_of, photos, texts_of
from tests.signing import sign_in

# What paper, font and light do to a print is the same on either database.
once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ADDRESS = "http://localhost:8000"
LISTS = "/staff/publicity/lists"
POSTERS = "/staff/publicity/posters"


@pytest.fixture(autouse=True)
def with_font() -> None:
    """The font that `make test` installs."""
    assert fonts.find() is not None, f"the package {fonts.PACKAGE} is missing: `make font` installs it"


@pytest.fixture
def officer(app: Flask, client: FlaskClient, story: Story) -> Iterator[FlaskClient]:
    """An official of the township at the staff door, on the day on which its roll was hung out; its boards have
    codes."""
    operations.publicise_roll(story.official, story.roll, at=AT)
    operations.create_missing_qr_codes(story.official, db.session.get_one(Region, TOWNSHIP), at=AT)
    db.session.commit()
    with time_machine.travel(AT, tick=False):
        yield sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP))


def list_at(region: str) -> PublicityList:
    return db.session.scalars(select(PublicityList).where(PublicityList.region_code == region)).one()


def all_lists(shown: PublicityList, way: str = "print") -> str:
    """Where all lists of the same roll are printed."""
    return f"/staff/publicity/rolls/{shown.roll_id}/{shown.kind}/{way}"


def code_at(region: str) -> QrCode:
    return db.session.scalars(select(QrCode).where(QrCode.region_code == region)).one()


def says(code: QrCode) -> str:
    """What the code of a place says to a phone."""
    return f"{ADDRESS}/q/{queries.qr_token_of(code)}"


def pdf(client: FlaskClient, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return bytes(answer.data)


def words(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- Lists -------------------------------------------------------------------------------------------


def test_a_list_on_paper_says_all_that_a_notice_must(officer: FlaskClient) -> None:
    shown = list_at(VILLAGE)
    page = words(re.sub("<[^>]+>", "", officer.get(f"{LISTS}/{shown.id}/print").text))
    [sheet] = map(words, texts_of(pdf(officer, f"{LISTS}/{shown.id}/print.pdf")))
    for text in (page, sheet):
        assert "鲹鱼河镇石门坎村2020年6月困难残疾人生活补贴发放公示表" in text
        assert "公示时间：2020年7月6日至2020年7月12日（7天）" in text
        assert "政策依据：东民〔2020〕1号" in text
        assert "共3人，合计540.00元" in text and "合计3人540.00" in text
        assert "咨询投诉电话12345" in text and ADDRESS in text
        assert "2欧阳*梅1社3180.00" in text
        assert "公示单位（盖章）" in text
    assert "第1页，共1页" in sheet


def test_the_file_is_named_after_the_list(officer: FlaskClient) -> None:
    answer = officer.get(f"{LISTS}/{list_at(VILLAGE).id}/print.pdf")
    name = re.search(r"filename\*=UTF-8''(\S+)", answer.headers["Content-Disposition"])
    assert name and unquote(name[1]) == "鲹鱼河镇石门坎村2020年6月困难残疾人生活补贴发放公示表.pdf"


def test_a_list_has_the_code_of_the_nearest_board(officer: FlaskClient) -> None:
    of_a_group = list_at(VILLAGE + "001")
    [page] = pages_of(pdf(officer, f"{LISTS}/{of_a_group.id}/print.pdf"))
    assert codes_in(page) == [says(code_at(VILLAGE))]
    assert f"/codes/{code_at(VILLAGE).id}.png" in officer.get(f"{LISTS}/{of_a_group.id}/print").text


def test_a_list_prints_without_a_code_too(app: Flask, client: FlaskClient, story: Story) -> None:
    operations.publicise_roll(story.official, story.roll, at=AT)
    db.session.commit()
    officer = sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP))
    shown = list_at(VILLAGE)
    assert ".png" not in officer.get(f"{LISTS}/{shown.id}/print").text
    [sheet] = texts_of(pdf(officer, f"{LISTS}/{shown.id}/print.pdf"))
    assert "扫码" not in sheet and ADDRESS in sheet


def test_all_lists_of_a_roll_come_in_one_go(officer: FlaskClient) -> None:
    shown = list_at(VILLAGE)
    page = officer.get(all_lists(shown)).text
    sheets = texts_of(pdf(officer, all_lists(shown, "print.pdf")))
    # The township, then each village followed by its groups.
    places = ["鲹鱼河镇", "鲹鱼河镇石门坎村", "鲹鱼河镇石门坎村1社", "鲹鱼河镇石门坎村2社"]
    titles = re.findall(r"<h1>(.+?)2020年", page)
    assert titles[:4] == places and len(titles) == len(sheets) == 6
    for place, sheet in zip(titles, sheets, strict=True):
        assert words(sheet).startswith(f"{place}2020年6月")
        assert "第1页，共1页" in words(sheet)


def test_a_list_that_was_taken_down_is_not_among_them(officer: FlaskClient, story: Story) -> None:
    wrong = list_at(VILLAGE)
    wrong.withdrawn_at = AT
    db.session.commit()
    titles = "".join(texts_of(pdf(officer, all_lists(wrong, "print.pdf"))))
    assert wrong.title not in titles and list_at(TOWNSHIP).title in titles
    assert all_lists(wrong) not in officer.get(f"{LISTS}/{wrong.id}").text
    assert all_lists(wrong) in officer.get(f"{LISTS}/{list_at(TOWNSHIP).id}").text
    assert all_lists(wrong) in officer.get(f"/staff/publicity/rolls/{story.roll.id}").text


def test_lists_after_payment_are_printed_apart(officer: FlaskClient, story: Story) -> None:
    path = all_lists(list_at(VILLAGE)).replace(rules.BEFORE, rules.AFTER)
    assert officer.get(path).status_code == 404
    after = list_at(VILLAGE + "002")
    after.kind = rules.AFTER
    db.session.commit()
    assert re.findall("<h1>(.+)</h1>", officer.get(path).text) == [after.title]
    assert after.title not in officer.get(all_lists(list_at(VILLAGE))).text


def test_a_list_on_paper_only_counts_its_days_from_the_board(app: Flask, client: FlaskClient) -> None:
    factories.load_regions()
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    operations.publicise_roll(official, make_roll(sensitive=True, publicity_days=0), at=AT)
    db.session.commit()
    officer = sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP))
    [sheet] = map(words, texts_of(pdf(officer, f"{LISTS}/{list_at(VILLAGE).id}/print.pdf")))
    assert "自张贴之日起7天张贴日期：年月日" in sheet and "2020年7月" not in sheet
    assert "不在网上显示" in sheet and "网上查看" not in sheet
    assert "欧阳**" in sheet and "梅" not in sheet


def test_nothing_on_paper_tells_who_somebody_is(officer: FlaskClient) -> None:
    person = db.session.scalars(select(Beneficiary)).first()
    assert person is not None
    shown = list_at(TOWNSHIP)
    prints = "".join(texts_of(pdf(officer, all_lists(shown, "print.pdf"))))
    pages = officer.get(all_lists(shown)).text
    for text in (prints, pages):
        assert not re.search(r"\d{17}[\dX]|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{16,19}(?!\d)", text)
        assert [name for name, _, _ in PEOPLE if name in text] == []


def long_list(shown: PublicityList, lines: int) -> None:
    """More people than any village has."""
    db.session.execute(
        insert(PublicityLine),
        [
            {
                "list_id": shown.id,
                "number": number,
                "masked_name": "欧阳*梅" if number % 7 else "阿西·**",
                "group_name": "石门坎村1社" if number % 50 else "下火地社区居民委员会第十二居民小组",
                "quantity": "12.3",
                "amount_fen": Fen(123456),
            }
            for number in range(shown.line_count + 1, lines + 1)
        ],
    )
    shown.line_count = lines
    db.session.commit()


def test_each_page_of_a_long_list_has_its_number_and_the_table_its_head(officer: FlaskClient) -> None:
    shown = list_at(TOWNSHIP)
    long_list(shown, 200)
    sheets = texts_of(pdf(officer, f"{LISTS}/{shown.id}/print.pdf"))
    assert len(sheets) > 5
    for page, sheet in enumerate(sheets, start=1):
        assert f"第{page}页，共{len(sheets)}页" in words(sheet)
        assert "序号姓名村社数量金额（元）" in words(sheet)
        assert "鲹鱼河镇2020年6月困难残疾人生活补贴发放公示表" in words(sheet)
        assert "咨询投诉电话12345" in words(sheet)
        assert ("合计200人" in words(sheet)) == (page == len(sheets))
    found = [int(number) for sheet in sheets for number in re.findall(r"(?m)^(\d+) (?:欧阳|阿西|李|王|赵)", sheet)]
    assert found == list(range(1, 201))


def test_a_list_of_5000_lines_is_printed_soon_and_in_little_memory(officer: FlaskClient) -> None:
    shown = list_at(TOWNSHIP)
    long_list(shown, 5000)
    pdf(officer, f"{LISTS}/{list_at(VILLAGE).id}/print.pdf")
    process = psutil.Process()
    before, began = process.memory_info().rss, perf_counter()
    document = pdf(officer, f"{LISTS}/{shown.id}/print.pdf")
    seconds, grown = perf_counter() - began, process.memory_info().rss - before
    assert len(texts_of(document)) > 100
    # Ours: 2 seconds and 60 MB on an idle machine of two cores. A busy one takes its time.
    assert seconds < 30
    assert grown < 150 * 2**20
    assert len(document) < 2 * 2**20
    assert officer.get(f"{LISTS}/{shown.id}/print").text.count("<tr") == 5000 + 3


@once
def test_a_rare_character_that_the_font_lacks_is_marked(app: Flask) -> None:
    notice = contents.Notice("名单", (), ("序号", "姓名", "数量", "金额（元）"), False, ("合计", "1"), "。", "", None)
    line = PublicityLine(number=1, masked_name="李*䶮", group_name="", quantity="1", amount_fen=Fen(100))
    [sheet] = texts_of(notices.draw([(notice, [line])], "名单", at=AT).getvalue())
    assert "李*〓" in sheet and "生僻字" in sheet


@once
def test_odd_texts_do_not_break_a_print(app: Flask) -> None:
    odd = "\n\t﻿👍" + "很长的依据" * 60 + "http://" + "x" * 300
    notice = contents.Notice(
        odd[:80],
        (("政策依据", odd),),
        ("序号", "姓名", "村社", "数量", "金额（元）"),
        True,
        ("合计", "1"),
        "。",
        "",
        None,
    )
    line = PublicityLine(number=1, masked_name=odd[:40], group_name=odd, quantity=odd[:30], amount_fen=Fen(10**12))
    assert texts_of(notices.draw([(notice, [line] * 3), (notice, [])], odd, at=AT).getvalue())


# --- Posters and cards -------------------------------------------------------------------------------


@once
def test_a_poster_on_paper_leads_to_its_village(officer: FlaskClient) -> None:
    document = pdf(officer, f"{POSTERS}/{VILLAGE}/print.pdf")
    [text] = map(words, texts_of(document))
    assert "鲹鱼河镇石门坎村" in text and "12345" in text and ADDRESS in text
    assert f"海报编号{code_at(VILLAGE).id}" in text
    for how, photo in photos(pages_of(document)[0]):
        assert codes_in(photo) == [says(code_at(VILLAGE))], how


def test_all_posters_of_a_township_come_in_one_go(officer: FlaskClient) -> None:
    viewer = factories.principal(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
    boards = queries.notice_boards(viewer, TOWNSHIP)
    document = pdf(officer, f"{POSTERS}/{TOWNSHIP}/all.pdf")
    assert [codes_in(page) for page in pages_of(document)] == [[says(code_at(board.code))] for board in boards]
    page = officer.get(f"{POSTERS}/{TOWNSHIP}/all").text
    assert re.findall(r"/codes/(\d+)\.png", page) == [str(code_at(board.code).id) for board in boards]
    assert page.count('class="address"') == len(boards)


@once
def test_cards_of_a_township_are_cut_from_one_sheet(officer: FlaskClient) -> None:
    document = pdf(officer, f"{POSTERS}/{TOWNSHIP}/cards.pdf")
    [text] = map(words, texts_of(document))
    good = db.session.scalars(select(QrCode)).all()
    for code in good:
        assert f"编号{code.id}" in text
    assert "鲹鱼河镇石门坎村" in text
    assert text.count(ADDRESS) == text.count("咨询投诉电话12345") == len(good)
    expected = sorted(map(says, good))
    for how, photo in photos(pages_of(document, dots_per_inch=250)[0]):
        assert codes_in(photo) == expected, how
    page = officer.get(f"{POSTERS}/{TOWNSHIP}/cards").text
    assert page.count("<article>") == page.count('class="address"') == len(good)


def test_eight_cards_go_on_a_sheet() -> None:
    code = contents.PrintedCode(17, f"{ADDRESS}/q/x.y")
    one = contents.Card("鲹鱼河镇石门坎村", code, "12345", ADDRESS)
    sheets = pages_of(cards.draw([one] * 9, "卡片", at=AT).getvalue())
    assert [len(codes_in(sheet)) for sheet in sheets] == [8, 1]


@once
def test_a_list_scans_from_a_photo(officer: FlaskClient) -> None:
    [page] = pages_of(pdf(officer, f"{LISTS}/{list_at(VILLAGE).id}/print.pdf"), dots_per_inch=250)
    for how, photo in photos(page):
        assert codes_in(photo) == [says(code_at(VILLAGE))], how


@once
def test_a_long_address_scans_and_is_legible(app: Flask) -> None:
    address = "https://hmhn-subsidy-platform.huidong.liangshan.gov.cn:8443"
    code = contents.PrintedCode(123456, f"{address}/q/WzEyMzQ1NiwiNTEzNDI2MTAwMjAwIl0.abcdefghijklmnopqrstuvwxyz0")
    card = contents.Card("老君滩彝族傈僳族乡三岔河彝族自治社区", code, "0834-5423456", address)
    poster = contents.Poster(card.place, code, "会东县", card.hotline, address)
    for document in (cards.draw([card], "x", at=AT), posters.draw([poster], "x", at=AT)):
        assert address in words("".join(texts_of(document.getvalue())))
        assert codes_in(pages_of(document.getvalue())[0]) == [code.address]


def test_the_missing_codes_are_made_from_the_page(app: Flask, client: FlaskClient, story: Story) -> None:
    officer = sign_in(client, factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP))
    before = officer.get(POSTERS).text
    assert "还有 4 个公示栏没有二维码" in before and "确认生成缺少的二维码" in before
    assert officer.get(f"{POSTERS}/{TOWNSHIP}/cards.pdf").status_code == 400
    after = officer.post(f"{POSTERS}/{TOWNSHIP}/codes/missing", follow_redirects=True).text
    assert "缺少的二维码已生成" in after and "没有二维码" not in after
    for way in ("all", "all.pdf", "cards", "cards.pdf"):
        assert f'href="{POSTERS}/{TOWNSHIP}/{way}"' in after
    again = officer.post(f"{POSTERS}/{TOWNSHIP}/codes/missing", follow_redirects=True).text
    assert "都已经有二维码" in again


def test_finance_chooses_the_township_first(app: Flask, client: FlaskClient, story: Story) -> None:
    finance = sign_in(client, factories.official(OrganisationKind.FINANCE, Role.PREPARER))
    assert "公示栏没有二维码" not in finance.get(POSTERS).text
    assert "公示栏没有二维码" in finance.get(f"{POSTERS}?township={TOWNSHIP}").text
    auditor = sign_in(app.test_client(), factories.official(OrganisationKind.AUDIT, Role.VIEWER))
    assert "生成缺少的二维码" not in auditor.get(f"{POSTERS}?township={TOWNSHIP}").text
    assert auditor.post(f"{POSTERS}/{TOWNSHIP}/codes/missing").status_code == 302
    assert db.session.scalars(select(QrCode)).all() == []


def test_only_a_township_has_sheets_of_codes(officer: FlaskClient) -> None:
    for way in ("all", "all.pdf", "cards", "cards.pdf"):
        assert officer.get(f"{POSTERS}/{VILLAGE}/{way}").status_code == 404
    assert officer.post(f"{POSTERS}/{VILLAGE}/codes/missing").status_code == 404


# --- Who may, and what is lacking --------------------------------------------------------------------


def addresses() -> list[str]:
    shown = list_at(VILLAGE)
    return [
        *(f"{LISTS}/{shown.id}/{way}" for way in ("print", "print.pdf")),
        *(all_lists(shown, way) for way in ("print", "print.pdf")),
        *(f"{POSTERS}/{TOWNSHIP}/{way}" for way in ("print.pdf", "all", "all.pdf", "cards", "cards.pdf")),
        f"{POSTERS}/{TOWNSHIP}",
    ]


def test_another_township_prints_none_of_it(app: Flask, officer: FlaskClient) -> None:
    other = factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    stranger = sign_in(app.test_client(), other)
    for path in addresses():
        assert officer.get(path).status_code == 200, path
        assert stranger.get(path).status_code == 404, path
    assert stranger.post(f"{POSTERS}/{TOWNSHIP}/codes/missing").status_code == 404


def test_the_bank_prints_none_of_it(app: Flask, officer: FlaskClient) -> None:
    bank = sign_in(app.test_client(), factories.official(OrganisationKind.BANK, Role.PREPARER))
    for path in addresses():
        assert bank.get(path).status_code == 403, path


def test_without_a_font_the_pages_say_so_and_the_print_view_works(
    officer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "FONTS", ("/nowhere/font.ttc",))
    shown = list_at(VILLAGE)
    for path in (f"{LISTS}/{shown.id}", f"/staff/publicity/rolls/{shown.roll_id}", POSTERS):
        page = officer.get(path).text
        assert "没有中文字库" in page and fonts.PACKAGE in page, path
        assert ".pdf" not in page, path
    for path in addresses():
        answer = officer.get(path)
        if path.endswith(".pdf"):
            assert answer.status_code == 400 and fonts.PACKAGE in answer.text, path
        else:
            assert answer.status_code == 200 and ".pdf" not in answer.text, path


def test_the_first_font_that_is_there_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "there.ttc"
    there.touch()
    monkeypatch.setattr(fonts, "FONTS", (str(tmp_path / "absent.ttc"), str(tmp_path), str(there)))
    assert fonts.find() == there


def test_days_are_said_in_words() -> None:
    assert contents.day_in_words(date(2020, 7, 6)) == "2020年7月6日"
