"""The pages of bank file formats, offers and discrepancies, as officials use them."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.database import db
from core.principal import OrganisationKind, Role
from disbursement import operations
from disbursement.bank_files.profiles import SAMPLE, WORKBOOK
from disbursement.models import Attempt, BankProfile, Discrepancy, OfferFile, Payment
from disbursement.pages import bank_files
from disbursement.profile_form import form_data
from tests import factories
from tests.disbursement.bank_answers import answer_in
from tests.disbursement.county import AT, County, attempts_of, build_county, entry, result_file, result_line, states
from tests.signing import sign_in

ROOM = "/staff/disbursement"


@pytest.fixture
def county(app: Flask) -> Iterator[County]:
    built = build_county()
    db.session.commit()
    with time_machine.travel("2020-07-20T02:00:00Z", tick=True):
        yield built


def finance(app: Flask, *roles: Role) -> FlaskClient:
    """A browser of somebody at the finance bureau."""
    person = factories.official(OrganisationKind.FINANCE, *roles)
    db.session.commit()
    return sign_in(app.test_client(), person)


def test_a_format_is_copied_tried_approved_and_used(app: Flask, county: County) -> None:
    author, colleague = finance(app, Role.PREPARER), finance(app, Role.APPROVER)
    wrong = form_data(SAMPLE, "农商行") | {"name": "rcb", "paid_codes": "", "result_delimiter": "||"}
    page = author.post(f"{ROOM}/profiles/new?like=sample", data=wrong).get_data(as_text=True)
    assert "哪些代码表示成功" in page
    assert "分隔符要是一个字符" in page
    assert db.session.scalar(select(func.count(BankProfile.id))) == 0
    right = form_data(SAMPLE, "农商行") | {"name": "rcb", "result_delimiter": ","}
    answer = author.post(f"{ROOM}/profiles/new", data=right)
    assert answer.headers["Location"].endswith("/profiles/rcb/1")
    taken = author.post(f"{ROOM}/profiles/new", data=right).get_data(as_text=True)
    assert "已经有了" in taken
    text = "1-1,李丽,6217002572034294702,27000,0000,,20200715\nTOTAL,1,27000,1,0,0\n"
    page = author.post(f"{ROOM}/profiles/rcb/1/test", data={"text": text}).get_data(as_text=True)
    assert "与合计行一致" in page
    # Once, in what was pasted; what was read shows its last digits only.
    assert page.count("6217002572034294702") == 1
    refused = author.post(f"{ROOM}/profiles/rcb/1/test", data={"text": text.replace("TOTAL,1", "TOTAL,2")})
    assert "整个拒绝" in refused.get_data(as_text=True)
    row = db.session.scalars(select(BankProfile)).one()
    author.post(f"{ROOM}/profiles/{row.id}/approve")
    colleague.post(f"{ROOM}/profiles/{row.id}/approve")
    db.session.expire_all()
    assert row.state == "approved"
    assert "农商行" in colleague.get(f"{ROOM}/results/new").get_data(as_text=True)


def test_a_workbook_is_tried_from_its_file(app: Flask, county: County) -> None:
    content = answer_in(WORKBOOK, [("1-1", "李丽", "6217002572034294702", 27000, "0000", "")])
    page = finance(app, Role.PREPARER).post(
        f"{ROOM}/profiles/xlsx/0/test", data={"text": "", "file": (BytesIO(content), "回盘.xlsx")}
    )
    assert "270.00" in page.get_data(as_text=True)


def test_an_offer_is_looked_at_made_and_taken_back(app: Flask, county: County) -> None:
    batch = county.approved([entry(1, name="李䶮"), entry(2)])
    operations.confirm_batch(county.finance, batch, at=AT)
    db.session.commit()
    client = finance(app, Role.APPROVER)
    page = client.get(f"{ROOM}/batches/{batch.id}/offer?profile=fixed").get_data(as_text=True)
    assert "李?" in page
    assert db.session.scalar(select(func.count(Attempt.id))) == 0
    payment_id = db.session.scalars(select(Payment.id).where(Payment.name == "李䶮")).one()
    client.post(f"{ROOM}/payments/{payment_id}/spelling", data={"spelling": "李岩", "profile": "fixed"})
    assert "李岩" in client.get(f"{ROOM}/batches/{batch.id}/offer?profile=fixed").get_data(as_text=True)
    client.post(f"{ROOM}/batches/{batch.id}/offer", data={"profile": "fixed"})
    offer = db.session.scalars(select(OfferFile)).one()
    assert (offer.profile, offer.respelled, states()) == ("fixed", 1, {"sent": 2})
    client.post(f"{ROOM}/offers/{offer.id}/cancel", data={"reason": "选错了格式"})
    assert states() == {"approved": 2}
    page = client.get(f"{ROOM}/batches/{batch.id}").get_data(as_text=True)
    assert "选错了格式" in page
    assert f"{ROOM}/offers/{offer.id}/download" not in page


def test_the_bank_sees_which_names_change_without_a_way_to_the_people(app: Flask, county: County) -> None:
    batch = county.approved([entry(1, name="李䶮"), entry(2)])
    operations.confirm_batch(county.finance, batch, at=AT)
    person = factories.official(OrganisationKind.BANK, Role.PREPARER)
    db.session.commit()
    page = sign_in(app.test_client(), person).get(f"{ROOM}/batches/{batch.id}/offer").get_data(as_text=True)
    assert "李?" in page
    assert f"{ROOM}/payments/" not in page


def test_discrepancies_of_all_files_are_listed_and_settled_at_once(app: Flask, county: County) -> None:
    for period in ("202003", "202006"):
        sent = attempts_of(county.sent([entry(1), entry(2)], period))
        county.answer(result_file([(*result_line(sent[0])[:3], 1, "0000", ""), result_line(sent[1])]))
    db.session.commit()
    client = finance(app, Role.PREPARER)
    page = client.get(f"{ROOM}/discrepancies?state=open").get_data(as_text=True)
    assert page.count("金额与账上不同") >= 2
    found = db.session.scalars(select(Discrepancy)).first()
    assert found is not None
    answered = client.get(f"{ROOM}/results/{found.result_file_id}").get_data(as_text=True)
    assert "困难残疾人生活补贴 202003" in answered
    client.post(f"{ROOM}/discrepancies/{found.id}/settle", data={"settlement": "银行更正"})
    client.post(f"{ROOM}/discrepancies/{found.id}/reopen", data={"reason": "说错了"})
    db.session.expire_all()
    assert found.settled_at is None


def test_a_result_that_was_set_aside_whole_is_shown_in_part(
    app: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file of a closed month that may be 100,000 lines: no page holds them."""
    monkeypatch.setattr(bank_files, "MOST_DISCREPANCIES", 2)
    sent = attempts_of(county.sent([entry(serial) for serial in range(4)]))
    wrong = [(*result_line(attempt)[:3], 1, "0000", "") for attempt in sent[1:]]
    told = county.answer(result_file([result_line(sent[0]), *wrong]))
    db.session.commit()
    client = finance(app, Role.PREPARER)
    page = client.get(f"{ROOM}/results/{told.result_file_id}").get_data(as_text=True)
    assert (page.count("金额与账上不同"), "这里只列前 2 行" in page) == (2, True)
    monkeypatch.setattr(bank_files, "MOST_DISCREPANCIES", 3)
    page = client.get(f"{ROOM}/results/{told.result_file_id}").get_data(as_text=True)
    assert (page.count("金额与账上不同"), "这里只列前" in page) == (3, False)


def test_the_command_says_beforehand_what_the_file_would_hold(app: Flask, county: County, tmp_path: Path) -> None:
    batch = county.approved([entry(1, name="李䶮"), entry(2)])
    operations.confirm_batch(county.finance, batch, at=AT)
    db.session.commit()
    run = app.test_cli_runner().invoke
    command = ["disbursement", "export-offer", str(batch.id), "--out", str(tmp_path / "offer"), "--json"]
    told = json.loads(run(args=[*command, "--profile", "fixed", "--dry-run"]).output)
    assert (told["lines"], told["total_fen"], told["lost_characters"]) == (2, 54000, 1)
    assert "李" not in json.dumps(told, ensure_ascii=False)
    assert not (tmp_path / "offer").exists()
    told = json.loads(run(args=[*command, "--profile", "fixed"]).output)
    first = (tmp_path / "offer").read_bytes()
    run(args=command)
    assert (tmp_path / "offer").read_bytes() == first
    db.session.expire_all()
    assert db.session.scalars(select(OfferFile)).one().downloaded_at is not None
    refused = run(args=[*command, "--profile", "nobody"])
    assert "没有名为" in refused.output
