"""An official's way through the pages, on the real files: upload, preview, save, approve, confirm, send, answer."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.principal import OrganisationKind, Role, system
from disbursement.models import Batch, OfferFile, Payment, Roll
from disbursement.operations import record_publicity
from tests import factories
from tests.signing import sign_in

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
EXPECTED = {entry["file"]: entry for entry in json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))}
ROLLS = [name for name in EXPECTED if name.startswith("roll-")]
RESULT = "bank-result-困难残疾人生活补贴-202006.txt"
CODES = {
    "困难残疾人生活补贴": "DISABLED_LIVING",
    "耕地地力保护补贴": "FARMLAND_FERTILITY",
    "高龄津贴": "SENIOR_ALLOWANCE",
}


@pytest.fixture
def county(app: Flask) -> Iterator[None]:
    factories.load_regions()
    for name, code in CODES.items():
        programme = factories.programme(code, name)
        factories.fund_line(programme.id, 1_000_000_000)
    db.session.commit()
    with time_machine.travel("2020-07-06T02:00:00Z", tick=True):
        yield


def browse(app: Flask, person: Official) -> FlaskClient:
    return sign_in(app.test_client(), person)


def official(kind: OrganisationKind, *roles: Role, region_code: str = factories.COUNTY, office: str = "") -> Official:
    made = factories.official(kind, *roles, region_code=region_code, organisation_name=office)
    db.session.commit()
    return made


def upload(client: FlaskClient, name: str) -> str:
    expected = EXPECTED[name]
    answer = client.post(
        "/staff/disbursement/rolls/new",
        data={
            "programme": CODES[expected["programme"]],
            "period": expected["period"],
            "township": expected["township"],
            "file": (BytesIO((SAMPLES / name).read_bytes()), name),
        },
    )
    assert answer.status_code == 302, answer.text
    return answer.location


@pytest.mark.parametrize("name", ROLLS)
def test_a_sample_roll_is_previewed_then_saved_as_it_was_shown(app: Flask, county: None, name: str) -> None:
    expected = EXPECTED[name]
    clerk = browse(app, official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=expected["township"]))
    page = upload(clerk, name)
    preview = clerk.get(page).text
    assert f"{expected['total_fen'] // 100:,}.{expected['total_fen'] % 100:02d}" in preview
    assert db.session.scalar(select(db.func.count()).select_from(Payment)) == 0
    clerk.post(f"{page}/confirm")
    payments = db.session.execute(select(db.func.count(), db.func.sum(Payment.amount_fen)).select_from(Payment)).one()
    assert tuple(payments) == (expected["good"], expected["total_fen"])
    roll = db.session.scalars(select(Roll)).one()
    assert clerk.get(f"/staff/disbursement/rolls/{roll.id}").status_code == 200


def test_money_goes_out_and_the_answer_comes_back(app: Flask, county: None) -> None:
    name = next(name for name in ROLLS if EXPECTED[name]["programme"] == "困难残疾人生活补贴")
    township = EXPECTED[name]["township"]
    clerk = browse(app, official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=township))
    approver = browse(app, official(OrganisationKind.TOWNSHIP, Role.APPROVER, region_code=township))
    department = browse(app, official(OrganisationKind.DEPARTMENT, Role.APPROVER, office="县民政局"))
    finance = browse(app, official(OrganisationKind.FINANCE, Role.PREPARER))
    bank = browse(app, official(OrganisationKind.BANK, Role.PREPARER))
    page = upload(clerk, name)
    clerk.post(f"{page}/confirm")
    roll = db.session.scalars(select(Roll)).one()
    address, batch_address = f"/staff/disbursement/rolls/{roll.id}", f"/staff/disbursement/batches/{roll.batch_id}"
    clerk.post(f"{address}/submit")
    approver.post(f"{address}/approve-township")
    db.session.expire_all()
    hung_out = db.session.get_one(Roll, roll.id)
    came_down = factories.AT.date() - timedelta(days=1)
    record_publicity(system("test"), hung_out, until=came_down, at=factories.AT)
    db.session.commit()
    department.post(f"{address}/approve-department")
    assert "确认批次" in finance.get(batch_address).text
    finance.post(f"{batch_address}/confirm")
    bank.post(f"{batch_address}/offer")
    offer = db.session.scalars(select(OfferFile)).one()
    content = bank.post(f"/staff/disbursement/offers/{offer.id}/download").data
    assert content.decode("gbk").splitlines()[-1] == "TOTAL|138|3726000"
    answer = bank.post(
        "/staff/disbursement/results/new",
        data={"profile": "sample", "batch": "", "file": (BytesIO((SAMPLES / RESULT).read_bytes()), RESULT)},
    )
    assert "138" in bank.get(answer.location).text
    bank.post(f"{answer.location}/confirm")
    db.session.expire_all()
    rows = db.session.execute(select(Payment.state, db.func.count()).group_by(Payment.state)).all()
    states = {row[0]: row[1] for row in rows}
    assert states == {"paid": 125, "failed": 11, "unclear": 2}
    assert db.session.scalars(select(Batch)).one().state == "sent"
    for client, path, words in (
        (finance, batch_address, "已到账"),
        (finance, "/staff/disbursement/results", "138"),
        (clerk, "/staff/disbursement/failures", "账户已销户"),
        (clerk, "/staff/disbursement/rolls", "鲹鱼河镇"),
        (finance, "/staff/disbursement/balance?year=2020", "困难残疾人生活补贴"),
        (bank, "/staff/disbursement/batches", "困难残疾人生活补贴"),
        (clerk, "/staff/", "改正发放失败的信息"),
        (finance, "/staff/", "待办"),
    ):
        assert words in client.get(path).text, path
    failed = db.session.scalars(select(Payment).where(Payment.state == "failed")).first()
    assert failed is not None
    assert "为什么没有到账" in clerk.get(f"/staff/disbursement/payments/{failed.id}").text
    assert bank.get(f"/staff/disbursement/payments/{failed.id}").status_code == 404


def test_another_township_sees_nothing_of_it(app: Flask, county: None) -> None:
    name = ROLLS[0]
    clerk = browse(app, official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=EXPECTED[name]["township"]))
    stranger = browse(app, official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426112000"))
    page = upload(clerk, name)
    clerk.post(f"{page}/confirm")
    roll = db.session.scalars(select(Roll)).one()
    assert stranger.get(page).status_code == 404
    assert stranger.get(f"/staff/disbursement/rolls/{roll.id}").status_code == 404
    assert stranger.post(f"/staff/disbursement/rolls/{roll.id}/submit").status_code == 404
    assert "还没有记录" in stranger.get("/staff/disbursement/rolls").text
