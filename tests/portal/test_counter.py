"""The counter: an official looks up for the person in front of him, within his region, and every look is on record."""

import re

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, select, type_coerce

from accounts.passwords import hash_password
from core.audit import AuditEntry
from core.database import db, set_only_reads
from core.principal import OrganisationKind, Role
from portal import rules
from portal.models import AssistedLookup
from tests import factories
from tests.portal.conftest import CARD, PHONE, TOWNSHIP, VILLAGE, Village, id_number
from tests.portal.test_payees import GUARDIAN, GUARDIAN_CARD, card_of, enter_guardian, make_ward
from tests.signing import PASSWORD

PATH = "/staff/counter/"
RECORDS = "/staff/counter/records"
ELSEWHERE = "513426002000"
NUMBER = id_number(1)


def official_in(
    client: FlaskClient, kind: OrganisationKind = OrganisationKind.TOWNSHIP, role: Role = Role.PREPARER, code: str = ""
) -> str:
    """Sign in as a new official of that kind; returns his user name."""
    region = code or {OrganisationKind.TOWNSHIP: TOWNSHIP, OrganisationKind.VILLAGE: VILLAGE}.get(
        kind, factories.COUNTY
    )
    set_only_reads(False)
    db.session.rollback()
    person = factories.official(kind, role, region_code=region)
    person.password_hash, username = hash_password(PASSWORD), person.username
    db.session.commit()
    set_only_reads(True)
    enter(client, username)
    return username


def enter(client: FlaskClient, username: str) -> None:
    answer = client.post("/staff/login", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 302, answer.text


def ask(client: FlaskClient, number: str = NUMBER, asked: str = "in_person", note: str = "") -> str:
    return client.post(PATH, data={"id_number": number, "asked": asked, "note": note}).text


def entries() -> list[AuditEntry]:
    db.session.rollback()
    found = select(AuditEntry).where(AuditEntry.action == "portal.assist_lookup").order_by(AuditEntry.id)
    return list(db.session.scalars(found))


def looks() -> list[AssistedLookup]:
    db.session.rollback()
    return list(db.session.scalars(select(AssistedLookup).order_by(AssistedLookup.id)))


@pytest.mark.parametrize("kind", [OrganisationKind.TOWNSHIP, OrganisationKind.VILLAGE])
def test_an_official_reads_what_the_villager_would_read(
    client: FlaskClient, village: Village, kind: OrganisationKind
) -> None:
    official_in(client, kind)
    page = ask(client)
    assert "阿西·木牛的补贴" in page and "尾号 4702" in page
    assert "登记的银行卡已经注销" in page and "请带身份证到银行网点办好卡" in page and "银行正在核实" in page
    assert "2020年6月" not in page, "a draft is nobody's yet"
    assert "查询时间" in page and client.application.extensions["settings"].hotline in page
    assert not {NUMBER, CARD, PHONE} & set(re.findall(r"[0-9X]+", page))
    [entry] = entries()
    assert entry.details == {
        "asked": "in_person",
        "lookup": looks()[0].id,
        "outcome": "shown",
        "shown": {"payments": 5, "received": 0},
    }
    assert (entry.subject_kind, entry.subject_id) == ("beneficiary", str(village.person.id))
    assert entry.official_id is not None


def test_outside_the_region_nothing_is_said_but_where_to_turn(client: FlaskClient, village: Village) -> None:
    official_in(client, code=ELSEWHERE)
    outside, nobody = ask(client), ask(client, id_number(99))
    assert "您的辖区里没有查到这个人" in outside and "便民服务中心" in outside
    assert "木牛" not in outside and "4702" not in outside
    blank = {re.sub(r'value="[^"]*"', "", page) for page in (outside, nobody)}
    assert len(blank) == 1, "somebody elsewhere and nobody at all are not told apart"
    assert [(entry.details["outcome"], entry.subject_id) for entry in entries()] == [("not_here", "")] * 2


@pytest.mark.parametrize("asked", ["by_phone", "for_another"])
def test_who_is_not_there_needs_a_note_without_numbers(client: FlaskClient, village: Village, asked: str) -> None:
    official_in(client)
    for note in ("", " ", "打了 13800000001 核实"):
        page = ask(client, asked=asked, note=note)
        assert "木牛" not in page and 'id="note-error"' in page
    assert "请选择他是怎样来问的" in ask(client, asked="")
    assert entries() == []
    assert "阿西·木牛的补贴" in ask(client, asked=asked, note="女儿代问，带了户口本")
    [entry], [look] = entries(), looks()
    assert (entry.details["asked"], look.asked, look.note) == (asked, asked, "女儿代问,带了户口本")
    assert "户口本" not in str(entry.details)
    stored = db.session.scalar(select(type_coerce(AssistedLookup.note, LargeBinary)))
    assert stored is not None and "女儿".encode() not in stored


def test_a_mistyped_number_is_said_to_be_mistyped(client: FlaskClient, village: Village) -> None:
    official_in(client)
    assert "18 位" in ask(client, "51342619600101")
    assert "请填写身份证号码" in ask(client, "")
    assert entries() == []


def test_no_number_in_an_address_or_a_log(
    client: FlaskClient, village: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    official_in(client)
    answer = client.post(PATH, data={"id_number": NUMBER, "asked": "in_person", "note": ""})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    logged = "".join(capsys.readouterr())
    assert "木牛" not in logged and "4702" not in logged
    cookie = client.get_cookie("ykt_staff", path="/")
    assert cookie is None or NUMBER not in cookie.value


def test_who_goes_on_faster_than_people_come_is_stopped(app: Flask, client: FlaskClient, village: Village) -> None:
    with time_machine.travel("2020-07-06T02:00:05+00:00", tick=False) as traveller:
        username = official_in(client)
        for _ in range(rules.ASSISTED_AN_HOUR.amount):
            assert "您的辖区里没有查到这个人" in ask(client, id_number(99))
        answer = client.post(PATH, data={"id_number": NUMBER, "asked": "in_person", "note": ""})
        assert answer.status_code == 429
        assert "查得太多" in answer.text and "木牛" not in answer.text
        assert entries()[-1].details["outcome"] == "refused"
        other = app.test_client()
        official_in(other)
        assert "阿西·木牛的补贴" in ask(other), "a colleague serves on"
        traveller.shift(3600)
        later = app.test_client()
        enter(later, username)
        assert "阿西·木牛的补贴" in ask(later)


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (OrganisationKind.TOWNSHIP, Role.VIEWER),
        (OrganisationKind.TOWNSHIP, Role.ADMINISTRATOR),
        (OrganisationKind.FINANCE, Role.PREPARER),
        (OrganisationKind.BANK, Role.PREPARER),
        (OrganisationKind.DISCIPLINE, Role.COMPLAINT_HANDLER),
    ],
)
def test_others_have_no_counter(client: FlaskClient, village: Village, kind: OrganisationKind, role: Role) -> None:
    official_in(client, kind, role)
    assert client.get(PATH).status_code == 403
    assert client.post(PATH, data={"id_number": NUMBER, "asked": "in_person"}).status_code == 403
    assert f'href="{PATH}"' not in client.get("/staff/").text
    assert entries() == []


@pytest.mark.parametrize("kind", [OrganisationKind.AUDIT, OrganisationKind.DISCIPLINE])
def test_who_watches_over_it_reads_the_notes(
    app: Flask, client: FlaskClient, village: Village, kind: OrganisationKind
) -> None:
    official_in(client)
    ask(client, asked="for_another", note="女儿代问，带了户口本")
    ask(client, id_number(99), asked="by_phone", note="回拨登记的电话核实")
    watcher = app.test_client()
    official_in(watcher, kind, Role.VIEWER)
    assert f'href="{RECORDS}"' in watcher.get("/staff/").text
    page = watcher.get(RECORDS).text
    assert "女儿代问,带了户口本" in page and "别人代他来问" in page and "已显示" in page
    assert "回拨登记的电话核实" in page and "辖区里没有这个人" in page
    assert NUMBER not in page and "木牛" not in page
    narrowed = watcher.get(f"{RECORDS}?asked=by_phone").text
    assert "回拨登记的电话核实" in narrowed and "女儿代问" not in narrowed
    assert "女儿代问" in watcher.post(RECORDS, data={"export": "csv"}).get_data(as_text=True)


def test_the_notes_are_for_nobody_else(app: Flask, client: FlaskClient, village: Village) -> None:
    official_in(client)
    ask(client, asked="for_another", note="女儿代问，带了户口本")
    assert client.get(RECORDS).status_code == 403
    others = [
        (OrganisationKind.FINANCE, Role.PREPARER),
        (OrganisationKind.VILLAGE, Role.PREPARER),
        (OrganisationKind.AUDIT, Role.ADMINISTRATOR),
    ]
    for kind, role in others:
        other = app.test_client()
        official_in(other, kind, role)
        assert other.get(RECORDS).status_code == 403
    abroad = app.test_client()
    official_in(abroad, OrganisationKind.AUDIT, Role.VIEWER, "513427000000")
    page = abroad.get(RECORDS)
    assert page.status_code == 200 and "女儿代问" not in page.text


def test_those_who_have_one_find_it(client: FlaskClient, village: Village) -> None:
    assert client.post(PATH, data={"id_number": NUMBER}).status_code == 302, "nobody without signing in"
    official_in(client)
    assert f'href="{PATH}"' in client.get("/staff/").text


def test_a_guardian_is_told_what_he_receives_within_the_region(
    app: Flask, client: FlaskClient, village: Village
) -> None:
    set_only_reads(False)
    db.session.rollback()
    ward = make_ward(village, card_of(GUARDIAN_CARD, "马国强"))
    enter_guardian(ward)
    official_in(client)
    page = ask(client, GUARDIAN)
    assert "马国强的补贴" in page and "替别人代收的" in page and "马*燕" in page and "马小燕" not in page
    [entry] = entries()
    assert (entry.subject_kind, entry.details["shown"]) == ("card", {"payments": 0, "received": 1})
    other = app.test_client()
    official_in(other, code=ELSEWHERE)
    assert "您的辖区里没有查到这个人" in ask(other, GUARDIAN)
