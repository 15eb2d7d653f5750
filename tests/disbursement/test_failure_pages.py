"""The desk of the failure cycle as its officials use it: one after the other, by file, by command; and the report."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from urllib.parse import unquote

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from accounts.models import Official
from core import board
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations, queries
from disbursement.models import Correction, OfferFile, Payment, ReturnOrder
from disbursement.tasks import failure_cycle
from registry.models import CardChange
from tests import factories
from tests.disbursement.county import (
    FAILED,
    PAID,
    RESULT_AT,
    TOWNSHIP,
    UNCLEAR,
    County,
    build_county,
    card_number,
    entry,
    states,
    tail,
)
from tests.disbursement.cycle import DAY, NOTE, answered, correct_all, payments, pushed, request_for
from tests.signing import sign_in

BASE = "/staff/disbursement"
Browse = Callable[[Principal], FlaskClient]


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


@pytest.fixture
def browse(app: Flask) -> Browse:
    def signed_in(principal: Principal) -> FlaskClient:
        db.session.commit()
        return sign_in(app.test_client(), db.session.get_one(Official, principal.official_id))

    return signed_in


def test_a_clerk_works_from_one_failure_to_the_next(county: County, browse: Browse) -> None:
    answered(county, FAILED, PAID, ("9999", "金融账户未激活"))
    first, last = (payment.id for payment in payments("failed"))
    clerk = browse(county.preparer)
    page = clerk.get(f"{BASE}/failures/{first}").text
    assert "登记的银行卡已经注销" in page and "办好卡" in page and "乡镇改正" in page
    refused = clerk.post(f"{BASE}/failures/{first}/correct", data={"card": "123", "note": NOTE, "whose": "own"})
    assert "新卡号不对" in refused.text and NOTE in refused.text
    sent = {"card": card_number(900), "note": NOTE, "whose": "own"}
    answer = clerk.post(f"{BASE}/failures/{first}/correct", data=sent)
    assert answer.headers["Location"] == f"{BASE}/failures/{last}"
    told = f"已改正{entry(0).person.name}的 1 笔：卡号后四位由 {tail(0)} 改为 {card_number(900)[-4:]}"
    assert told in clerk.get(answer.headers["Location"]).text
    at_bank = {"done_at_bank": "y", "note": "网点已激活", "whose": "own"}
    answer = clerk.post(f"{BASE}/failures/{last}/correct", data=at_bank)
    assert answer.headers["Location"] == f"{BASE}/failures"
    assert states() == {"corrected": 2, "paid": 1}
    one = db.session.scalars(select(Correction.id).order_by(Correction.id)).first()
    page = clerk.get(f"{BASE}/failures/{first}").text
    assert NOTE in page and f"/corrections/{one}/undo" in page
    clerk.post(f"{BASE}/corrections/{one}/undo", data={"reason": "抄错了"})
    assert states() == {"corrected": 1, "paid": 1, "failed": 1}


def test_a_mistyped_number_is_said_before_it_is_saved_and_may_be_confirmed(county: County, browse: Browse) -> None:
    answered(county, FAILED)
    [failed] = payments("failed")
    clerk, page = browse(county.preparer), f"{BASE}/failures/{failed.id}"
    assert "按此保存" not in clerk.get(page).text
    mistyped = {"card": "6217001200000800003", "note": NOTE, "whose": "own"}
    refused = clerk.post(f"{page}/correct", data=mistyped).text
    assert "最后一位与前面的数字对不上" in refused and 'name="number_confirmed"' in refused and NOTE in refused
    assert states() == {"failed": 1}
    clerk.post(f"{page}/correct", data=mistyped | {"number_confirmed": "y"})
    made = db.session.scalars(select(Correction)).one()
    assert (made.after_card_tail, made.number_confirmed) == ("0003", True)
    assert db.session.scalars(select(CardChange.number_confirmed)).all() == [True]
    assert "经办人确认卡号无误" in clerk.get(page).text


def test_one_correction_mends_all_failures_of_the_same_card(county: County, browse: Browse) -> None:
    answered(county, FAILED, period="202003")
    answered(county, FAILED, period="202006")
    first, _ = payments("failed")
    clerk = browse(county.preparer)
    sent = {"card": card_number(900), "note": NOTE, "whose": "own", "together": "y"}
    clerk.post(f"{BASE}/failures/{first.id}/correct", data=sent)
    assert states() == {"corrected": 2}


def test_the_township_is_told_what_else_a_correction_reaches(county: County, browse: Browse) -> None:
    answered(county, FAILED)
    [failed] = payments("failed")
    batch = county.approved([entry(0)], "202009")
    db.session.commit()
    clerk = browse(county.preparer)
    assert "还有 1 笔已审核、没有送银行的" in clerk.get(f"{BASE}/failures/{failed.id}").text
    sent = {"card": card_number(900), "note": NOTE, "whose": "own"}
    done = clerk.post(f"{BASE}/failures/{failed.id}/correct", data=sent, follow_redirects=True).text
    assert "同一人另有 1 笔" in done
    assert "1 笔还没有送银行的一并改正" in clerk.get(f"{BASE}/failures/{failed.id}").text
    [waiting] = db.session.scalars(select(Payment.id).where(Payment.batch_id == batch.id))
    assert f"/failures/{failed.id}" in clerk.get(f"{BASE}/payments/{waiting}").text


def test_finance_ticks_what_was_redirected_before_the_file_is_made(county: County, browse: Browse) -> None:
    answered(county, FAILED)
    [failed] = payments("failed")
    batch = county.approved([entry(0)], "202009")
    operations.confirm_batch(county.finance, batch, at=RESULT_AT)
    operations.correct_payments(county.preparer, [request_for(failed)], at=RESULT_AT)
    page = f"{BASE}/batches/{batch.id}/offer"
    assert "要由县财政局核对" in browse(county.bank).get(page).text
    finance = browse(county.finance)
    shown = finance.get(page).text
    assert "有 1 笔在审核以后改到了别的账户" in shown and county.preparer.recorded_name in shown
    assert "逐笔核对" in finance.post(page, follow_redirects=True).text
    ticked = re.search(r'name="redirects_seen" value="([0-9a-f]+)" required', shown)
    assert ticked is not None
    finance.post(page, data={"redirects_seen": ticked[1]})
    assert db.session.scalar(select(OfferFile.line_count).where(OfferFile.batch_id == batch.id)) == 1


def test_a_document_goes_in_and_comes_out_as_a_download(county: County, browse: Browse) -> None:
    answered(county, FAILED)
    payment_id = payments()[0].id
    clerk = browse(county.preparer)
    sent = {"card": card_number(900), "payee": "李监护", "whose": "other", "note": NOTE}
    missing = clerk.post(f"{BASE}/failures/{payment_id}/correct", data=sent)
    assert "必须上传依据材料" in missing.text
    wrong = clerk.post(
        f"{BASE}/failures/{payment_id}/correct", data=sent | {"evidence": (BytesIO(b"MZ virus"), "委托书.pdf")}
    )
    assert "只收 PDF" in wrong.text
    clerk.post(
        f"{BASE}/failures/{payment_id}/correct", data=sent | {"evidence": (BytesIO(b"%PDF-1.4 x"), "委托书.exe")}
    )
    evidence_id = db.session.scalars(select(Correction.evidence_id)).one()
    found = clerk.post(f"{BASE}/evidence/{evidence_id}/download")
    assert found.data == b"%PDF-1.4 x"
    assert "attachment" in found.headers["Content-Disposition"]
    assert "委托书.pdf" in unquote(found.headers["Content-Disposition"])
    neighbour = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code="513426103000")
    assert browse(neighbour).post(f"{BASE}/evidence/{evidence_id}/download").status_code == 404


def test_a_table_goes_home_and_comes_back_with_its_problems_told(county: County, browse: Browse) -> None:
    answered(county, *[FAILED] * 6)
    clerk = browse(county.preparer)
    book = load_workbook(BytesIO(clerk.post(f"{BASE}/failures/download").data))
    sheet = book.active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][11:] == [
        "新户名",
        "已在银行办好（填“是”）",
        "改正的依据",
        "卡号无误（填“是”）",
    ]
    ids = [int(str(sheet.cell(row, 1).value)) for row in range(2, 7)]
    mistyped = "6217001200000800003"
    fills = (
        (card_number(900), "", "", NOTE),
        ("", "王小明", "", NOTE),
        ("", "", "是", ""),
        (mistyped, "", "", NOTE),
        (mistyped, "", "", NOTE, "是"),
    )
    for row, values in enumerate(fills, 2):
        for column, value in enumerate(values, 11):
            sheet.cell(row, column).value = value or None
    out = BytesIO()
    book.save(out)
    answer = clerk.post(
        f"{BASE}/failures/upload",
        data={"file": (BytesIO(out.getvalue()), "改正.xlsx")},
        content_type="multipart/form-data",
    )
    page = clerk.get(answer.headers["Location"]).text
    assert "收款人换成了另一个人" in page and "没有写改正的依据" in page and "有 1 行没有填" in page
    assert "新卡号的最后一位与前面的数字对不上" in page
    clerk.post(f"{answer.headers['Location']}/confirm")
    db.session.expire_all()
    assert [payment.id for payment in payments("corrected")] == [ids[0], ids[4]]


def test_each_office_pushes_the_cycle_on_through_its_pages(county: County, browse: Browse) -> None:
    answered(county, FAILED, FAILED)
    ids = correct_all(county)
    department = browse(county.department)
    asked = department.post(f"{BASE}/failures", data={"bulk": "resubmit", "id": ids})
    assert "2" in asked.text and "推送后由财政局" in asked.text
    done = {"bulk": "resubmit", "id": ids, "confirmed": "1", "count": "2", "total": str(2 * 27000)}
    department.post(f"{BASE}/failures", data=done)
    assert states() == {"resubmitted": 2}
    with time_machine.travel(RESULT_AT + 3 * DAY, tick=True):
        finance, bank = browse(county.finance), browse(county.bank)
        assert "共 2 笔、540.00 元" in finance.get(f"{BASE}/reissues").text
        place = finance.post(f"{BASE}/reissues/new").headers["Location"]
        assert "还没有下载" in finance.get(place).text
        content = bank.post(f"{place}/download").data.decode("gbk")
        page = finance.get(place).text
    assert content.splitlines()[-1] == f"TOTAL|2|{2 * 27000}"
    assert db.session.scalars(select(OfferFile.downloaded_at).where(OfferFile.cycle_month.is_not(None))).one()
    assert "首次下载" in page and "撤回文件" not in page


def test_a_return_order_goes_through_four_eyes_on_its_pages(county: County, browse: Browse) -> None:
    answered(county, FAILED)
    payment = payments()[0]
    batch_id, payment_id = payment.batch_id, payment.id
    second = factories.principal(Kind.FINANCE, Role.APPROVER)
    with time_machine.travel(RESULT_AT + DAY, tick=True):
        finance, other = browse(county.finance), browse(second)
        assert "提出退回" in finance.get(f"{BASE}/returns").text
        sent = {"bulk": "propose", "id": [payment_id], "confirmed": "1", "count": "1", "total": "27000"}
        finance.post(f"{BASE}/returns/new/{batch_id}", data=sent | {"reason": "本人已死亡"})
        order_id = db.session.scalars(select(ReturnOrder.id)).one()
        assert "另一位同事批准" in finance.get(f"{BASE}/returns/{order_id}").text
        other.post(f"{BASE}/returns/{order_id}/approve")
        assert states() == {"returned": 1}
        wrong = finance.post(
            f"{BASE}/returns/{order_id}/credit", data={"voucher_number": "", "voucher_on": "x"}, follow_redirects=True
        )
        assert "必须填写" in wrong.text
        voucher = {"voucher_number": "退0001", "voucher_on": "2020-07-17"}
        done = finance.post(f"{BASE}/returns/{order_id}/credit", data=voucher, follow_redirects=True)
        assert "退0001" in done.text and "回到本年度资金计划" in done.text
        assert states() == {"credited": 1}
        assert "另一位审核人冲正" in done.text
        wrong_voucher = {"reason": "凭证号抄错了"}
        undone = other.post(f"{BASE}/returns/{order_id}/reverse", data=wrong_voucher, follow_redirects=True)
    assert "冲正记录" in undone.text and "退0001" in undone.text
    assert states() == {"returned": 1}


def test_the_months_report_tells_late_from_in_time_for_good(app: Flask, county: County, browse: Browse) -> None:
    answered(county, FAILED, FAILED, FAILED, PAID)
    first, second, _ = (payment.id for payment in payments("failed"))
    in_time, late = RESULT_AT + DAY, datetime(2020, 7, 23, 2, tzinfo=UTC)
    operations.correct_payments(county.preparer, [request_for(payments("failed")[0])], at=in_time)
    operations.correct_payments(county.preparer, [request_for(payments("failed")[0], card_number(901))], at=late)
    operations.resubmit(county.department, [first, second], at=late)
    operations.make_reissue(county.finance, at=late)
    db.session.commit()
    printed = app.test_cli_runner().invoke(args=["disbursement", "cycle", "--month", "2020-07", "--json"]).output
    report = json.loads(printed)
    (township,) = report["townships"]
    told = {name: township[name] for name in ("number", "corrected_in_time", "corrected_late", "correct_overdue")}
    assert told == {"number": 3, "corrected_in_time": 1, "corrected_late": 1, "correct_overdue": 1}
    assert (township["key"], township["total_fen"]) == (TOWNSHIP, 3 * 27000)
    assert (report["departments"][0]["resubmitted_in_time"], report["total"]["open"]) == (2, 3)
    assert report["reasons"][0]["name"] == "账户已销户"
    page = browse(county.department).get(f"{BASE}/cycle?month=2020-07").text
    assert "逾期办理 1" in page and "逾期未办 1" in page
    book = load_workbook(BytesIO(browse(county.bank).post(f"{BASE}/cycle/export", data={"month": "2020-07"}).data))
    assert book.active is not None
    assert book.active["D2"].value == "3"
    other = factories.principal(Kind.TOWNSHIP, Role.VIEWER, region_code="513426103000")
    assert "没有登记发放失败" in browse(other).get(f"{BASE}/cycle?month=2020-07").text
    assert "月份要写成" in browse(other).get(f"{BASE}/cycle?month=7").text


def test_the_board_reminds_whoever_has_to_act_and_the_night_only_counts(app: Flask, county: County) -> None:
    answered(county, FAILED, UNCLEAR)
    second = factories.principal(Kind.FINANCE, Role.APPROVER)
    with app.test_request_context():
        today = date(2020, 7, 22)
        township = [(item.title, item.due_on) for item in board.items_for(county.preparer, today)]
        assert ("改正发放失败的信息", date(2020, 7, 20)) in township
        assert any("结果不明" in item.title for item in board.items_for(county.bank, today))
        assert any("退回发不出去" in item.title for item in board.items_for(county.finance, today))
        pushed(county)
        assert any("生成本月的重发文件" in item.title for item in board.items_for(second, today))
    before = states()
    counts = failure_cycle(datetime(2020, 8, 2, tzinfo=UTC), lambda: None)
    assert (counts["overdue_reissues"], counts["unclear_too_long"], counts["overdue_corrections"]) == (1, 1, 0)
    assert states() == before
    assert queries.count_correctable(county.preparer) == 0
    assert db.session.scalars(select(Payment.state).where(Payment.state == "paid")).all() == []
