"""The entry from a scanned code, and the open lists."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.models import Complaint
from complaints.operations import accept, conclude, start_investigation
from core.database import db
from core.errors import UserError
from core.principal import OrganisationKind, Role
from disbursement.models import Roll
from disbursement.operations import approve_roll_department
from disbursement.queries import publicity_holds
from publicity import queries, rules
from publicity.models import PublicityList, QrCode
from registry.models import Region
from tests import factories
from tests.factories import AT
from tests.portal.conftest import TOWNSHIP, VILLAGE, Village


def scan(client: FlaskClient, region: str = VILLAGE) -> QrCode:
    code = QrCode(region_code=region, created_at=AT)
    db.session.add(code)
    db.session.commit()
    assert client.get(f"/q/{queries.qr_token_of(code)}").status_code == 200
    return code


def token_of(region: str) -> str:
    found = db.session.scalars(select(PublicityList.id).where(PublicityList.region_code == region)).one()
    return rules.list_token(queries.signing_key(), found)


def test_a_scanned_code_opens_the_village_and_remembers_it(client: FlaskClient, village: Village) -> None:
    code = scan(client)
    page = client.get(f"/q/{queries.qr_token_of(code)}").text
    assert "<h1>鲹鱼河镇石门坎村</h1>" in page and "http://localhost:8000" in page
    lists = client.get("/lists").text
    assert "鲹鱼河镇石门坎村公示" in lists
    assert "鲹鱼河镇石门坎村2020年6月困难残疾人生活补贴发放公示表" in lists


def test_a_code_outlives_the_name_of_its_region(client: FlaskClient, village: Village) -> None:
    code = scan(client)
    db.session.get_one(Region, VILLAGE).name = "新石门坎村"
    db.session.commit()
    assert "新石门坎村" in client.get(f"/q/{queries.qr_token_of(code)}").text


def test_a_revoked_code_says_so_and_a_forged_one_gives_no_hint(client: FlaskClient, village: Village) -> None:
    code = scan(client)
    token = queries.qr_token_of(code)
    code.revoked_at = AT
    db.session.commit()
    revoked = client.get(f"/q/{token}")
    assert revoked.status_code == 410 and "已经停用" in revoked.text
    forged = [client.get(f"/q/{text}") for text in (token[:-1], token[::-1], "x", token + "A", "..", "%01")]
    assert {answer.status_code for answer in forged} == {404}
    assert len({re.sub(r"next=[^\"]*", "", answer.text) for answer in forged}) == 1
    unknown = rules.qr_token(queries.signing_key(), rules.QrName(code.id + 1, VILLAGE))
    assert client.get(f"/q/{unknown}").status_code == 404


def test_lists_are_found_by_walking_down(client: FlaskClient, village: Village) -> None:
    assert "鲹鱼河镇" in client.get("/lists").text
    township = client.get(f"/lists?region={TOWNSHIP}").text
    assert "石门坎村</a>" in township and "鲹鱼河镇2020年6月" in township
    assert "鲹鱼河镇石门坎村公示" in client.get(f"/lists?region={VILLAGE}").text
    assert "现在没有正在公示的名单" in client.get("/lists?region=513426101000").text
    assert "您在哪个乡镇" in client.get("/lists?region=999").text


def test_a_list_shows_masked_lines_with_numbers(client: FlaskClient, village: Village) -> None:
    answer = client.get(f"/lists/{token_of(VILLAGE)}")
    assert "阿西·**" in answer.text and "李*" in answer.text and "1社" in answer.text
    assert "木牛" not in answer.text and "䶮" not in answer.text
    assert "line=2" in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, noarchive"
    assert client.get(f"/lists/{token_of(VILLAGE)}?page=2").status_code == 404


def test_a_closed_list_is_gone(client: FlaskClient, village: Village) -> None:
    token = token_of(VILLAGE)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7), tick=False):
        for path in (f"/lists/{token}", f"/lists/{token}?page=2", f"/complaints/new?list={token}&line=1"):
            gone = client.get(path)
            assert gone.status_code == 410, path
            assert "公示已经结束" in gone.text and "12345" in gone.text and "鲹鱼河镇石门坎村" in gone.text
            assert "阿西" not in gone.text and "困难残疾人" not in gone.text and "180.00" not in gone.text
        assert "现在没有正在公示的名单" in client.get(f"/lists?region={VILLAGE}").text


def test_a_list_taken_down_is_gone_and_one_on_paper_was_never_there(client: FlaskClient, village: Village) -> None:
    found = db.session.scalars(select(PublicityList).where(PublicityList.region_code == VILLAGE)).one()
    token, found.withdrawn_at = token_of(VILLAGE), AT
    db.session.commit()
    assert client.get(f"/lists/{token}").status_code == 410
    found.online = False
    db.session.commit()
    assert client.get(f"/lists/{token}").status_code == 404


def test_from_a_line_to_the_office_that_answers(client: FlaskClient, village: Village) -> None:
    """The whole way: a line of a list, the complaint that names it, the roll that waits, the answer."""
    token = token_of(VILLAGE)
    form = {"category": "wrong_list", "text": "第 2 号早就搬走了", "anonymous": "y", "list": token, "line": "2"}
    answer = client.post("/complaints/new", data=form, content_type="multipart/form-data")
    assert 'id="receipt-code"' in answer.text
    db.session.rollback()
    filed = db.session.scalars(select(Complaint)).one()
    assert (filed.publicity_line, filed.publicity_list and filed.publicity_list.region_code) == (2, VILLAGE)
    roll = db.session.get_one(Roll, village.roll.id)
    department = factories.principal(OrganisationKind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局")
    handler = factories.principal(OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER, region_code=TOWNSHIP)
    db.session.commit()
    now = datetime.now(UTC)
    later = now + timedelta(days=8)
    with pytest.raises(UserError, match="还有 1 条没有答复"):
        approve_roll_department(department, roll, at=later)
    db.session.rollback()
    accept(handler, filed, at=now)
    start_investigation(handler, filed, at=now)
    conclude(handler, filed, "已核实，本人在家。", at=now)
    assert publicity_holds(department, [roll], later.date()) == {}


@pytest.mark.parametrize("token", ["1", "MQ", "x.y", "MQ.AAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_lists_cannot_be_guessed(client: FlaskClient, village: Village, token: str) -> None:
    assert client.get(f"/lists/{token}").status_code == 404


def test_from_a_line_to_a_complaint(client: FlaskClient, village: Village) -> None:
    page = client.get(f"/lists/{token_of(VILLAGE)}").text
    link = re.search(r'href="(/complaints/new\?[^"]*line=2)"', page)
    assert link
    form = client.get(link[1].replace("&amp;", "&")).text
    assert "第 2 号" in form and "石门坎村2020年6月" in form
    assert 'name="region"' not in form
