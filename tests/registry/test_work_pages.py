"""The pages on which the registry is worked: people, gaps, requests, doubles, coverage; and the commands."""

import html
import io
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from registry.enrolment import open_card_gaps
from registry.models import Beneficiary, CardChange, CardGap, Double, Payee
from tests import factories
from tests.factories import AT
from tests.signing import sign_in

TOWNSHIP, VILLAGE = "513426001000", "513426001200"
ROOT = "/staff/registry"
WANG, LI = "513426196001011234", "513426197503040013"
CARD = "6214000000000000001"
CONFIRMED = {"confirmed": "1", "count": "1", "total": "None"}


@pytest.fixture
def people(app: Flask) -> list[Beneficiary]:
    factories.load_regions()
    factories.organisation(Kind.BANK, name="农村信用社")
    found = [
        factories.beneficiary("王秀英", WANG, VILLAGE, card_number=CARD),
        factories.beneficiary("李国强", LI, VILLAGE),
    ]
    open_card_gaps("A", [(found[1].id, VILLAGE)], on=AT.date())
    db.session.commit()
    return found


def clerk(role: Role = Role.PREPARER) -> Official:
    return factories.official(Kind.TOWNSHIP, role, region_code=TOWNSHIP)


@pytest.mark.usefixtures("people")
def test_a_payee_is_entered_and_ended_on_the_page(client: FlaskClient) -> None:
    sign_in(client, clerk())
    page = f"{ROOT}/beneficiaries/1"
    given = {
        "name": "李国强",
        "relation": "guardian",
        "from_on": "2020-07-01",
        "reason": "未成年，由父亲代领",
        "document": "",
    }
    assert "请上传证明材料" in client.post(f"{page}/payee", data=given).text
    file = (io.BytesIO(b"scan"), "监护证明.jpg")
    answer = client.post(f"{page}/payee", data=given | {"file": file}, content_type="multipart/form-data")
    assert answer.location.endswith("/beneficiaries/1")
    shown = client.get(page).text
    assert "监护人" in shown
    evidence = client.post(f"{page}/payees/1/evidence")
    assert evidence.data == b"scan"
    assert "attachment" in evidence.headers["Content-Disposition"]
    client.post(f"{page}/payee/end", data={"on": "2020-07-31", "reason": "已满十八岁"})
    assert db.session.scalars(select(Payee)).one().ended_at is not None
    assert "登记收款人" in client.get(page).text


@pytest.mark.usefixtures("people")
def test_card_phone_status_and_household_are_entered_on_the_page(client: FlaskClient) -> None:
    sign_in(client, clerk())
    page = f"{ROOT}/beneficiaries/2"
    assert "8 到 25 位数字" in client.post(f"{page}/card", data={"card_number": "12", "reason": "本人到场登记"}).text
    client.post(f"{page}/card", data={"card_number": "6214000000000900002", "reason": "本人到场登记"})
    client.post(f"{page}/phone", data={"phone": "13900000007", "reason": "本人到场登记"})
    client.post(f"{page}/household", data={"household": "0012", "relation": "户主"})
    client.post(
        f"{page}/status", data={"status": "moved", "on": "2020-06-01", "source": "派出所", "reason": "户口迁往外县"}
    )
    shown = client.get(page).text
    for words in ("**** 0002", "139****0007", "0012", "已迁出", "派出所", "换卡记录", "在世状态变更"):
        assert words in shown
    assert "6214000000000900002" not in shown
    assert "13900000007" not in shown
    assert db.session.scalars(select(CardGap)).one().state == "closed"


@pytest.mark.usefixtures("people")
def test_a_mistyped_card_number_is_said_and_may_be_confirmed(client: FlaskClient) -> None:
    sign_in(client, clerk())
    page = f"{ROOT}/beneficiaries/2"
    payee = {"name": "王秀英", "relation": "guardian", "from_on": "2020-07-01", "document": "监护证明"}
    for path, given in (("card", {}), ("payee", payee)):
        sent = given | {"card_number": "6214000000000900003", "reason": "本人到场登记"}
        assert "按此保存" not in client.get(f"{page}/{path}").text
        refused = client.post(f"{page}/{path}", data=sent).text
        assert "最后一位与前面的数字对不上" in refused and 'name="number_confirmed"' in refused
    assert db.session.scalars(select(CardChange)).all() == []
    confirmed = {"card_number": "6214000000000900003", "reason": "存折没有校验位", "number_confirmed": "y"}
    assert client.post(f"{page}/card", data=confirmed).location.endswith("/beneficiaries/2")
    assert "经办人确认卡号无误" in client.get(page).text


@pytest.mark.usefixtures("people")
def test_readers_are_shown_no_buttons_and_may_not_post(client: FlaskClient) -> None:
    sign_in(client, clerk(Role.VIEWER))
    assert "登记或更换卡号" not in client.get(f"{ROOT}/beneficiaries/1").text
    for path in ("card", "phone", "payee", "payee/end", "status", "household", "double"):
        assert client.get(f"{ROOT}/beneficiaries/1/{path}").status_code == 403
    assert client.get(f"{ROOT}/card-gaps/work").status_code == 403
    assert client.get(f"{ROOT}/card-gaps/1").status_code == 200
    assert client.get(f"{ROOT}/doubles").status_code == 403
    assert client.get(f"{ROOT}/card-requests").status_code == 403


@pytest.mark.usefixtures("people")
def test_gaps_are_worked_from_the_list_to_the_bank(client: FlaskClient) -> None:
    sign_in(client, clerk())
    work = f"{ROOT}/card-gaps/work?state=open"
    assert "登记（1 条）" in client.get(work).text
    client.post(work, data={"action": "plan", "expected": "1", "reason_code": "lost"})
    assert (
        "您确认的是 2 条" in client.post(work, data={"action": "collect", "expected": "2"}, follow_redirects=True).text
    )
    client.post(work, data={"action": "collect", "expected": "1"})
    gap = db.session.scalars(select(CardGap)).one()
    assert (gap.reason, gap.measure, gap.state) == ("lost", "replace", "materials_collected")
    assert "卡遗失" in client.get(f"{ROOT}/card-gaps/1").text
    page = client.get(f"{ROOT}/card-requests").text
    assert "1 人" in page
    bank_id = factories.organisation(Kind.BANK, name="农村信用社").id
    made = client.post(f"{ROOT}/card-requests/new", data={"bank": bank_id, "region": TOWNSHIP, "expected": "1"})
    assert "BK1" in client.get(made.location).text
    assert client.post(f"{made.location}/file").data[:2] == b"PK"
    sign_in(client, factories.official(Kind.BANK, Role.PREPARER, organisation_name="农村信用社"))
    assert "BK1" in client.get(f"{ROOT}/card-requests").text
    assert client.get(f"{ROOT}/card-gaps").status_code == 403
    answer = "业务编号,姓名,卡号\nBK1-1,李国强,6214000000000900002\n".encode()
    sent = client.post(f"{ROOT}/card-requests/1/answers", data={"file": (io.BytesIO(answer), "结果.csv")})
    assert "已发卡 1 人" in client.get(sent.location).text
    client.post(f"{sent.location}/confirm")
    assert db.session.scalars(select(CardGap)).one().state == "closed"


@pytest.mark.usefixtures("people")
def test_picked_gaps_take_a_step_and_the_step_back(client: FlaskClient) -> None:
    sign_in(client, clerk())
    asked = client.post(f"{ROOT}/card-gaps", data={"bulk": "collect", "id": ["1"]})
    assert "材料齐了，就可以放进下一份批量办卡文件" in asked.text
    client.post(f"{ROOT}/card-gaps", data={"bulk": "collect", "id": ["1"]} | CONFIRMED)
    assert db.session.scalars(select(CardGap.state)).all() == ["materials_collected"]
    again = {"bulk": "uncollect", "id": ["1"]} | CONFIRMED
    client.post(f"{ROOT}/card-gaps", data=again)
    assert db.session.scalars(select(CardGap.state)).all() == ["materials_collected"], "not without a reason"
    client.post(f"{ROOT}/card-gaps", data=again | {"reason": "照片不清楚"})
    assert db.session.scalars(select(CardGap.state)).all() == ["open"]


@pytest.mark.usefixtures("people")
def test_a_pair_is_proposed_and_confirmed_on_the_page(client: FlaskClient) -> None:
    sign_in(client, clerk())
    answer = client.post(f"{ROOT}/beneficiaries/1/double", data={"id_number": LI})
    page = answer.location
    assert "两条登记比对" in client.get(page).text
    client.post(f"{page}/propose", data={"kept": "1", "reason": "核实是同一个人"})
    assert "待另一人审核" in client.get(page).text
    sign_in(client, clerk(Role.APPROVER))
    assert "审核重复登记的合并" in client.get("/staff/").text
    client.post(f"{page}/confirm")
    assert db.session.scalars(select(Double)).one().state == "merged"
    assert "这条登记已经合并" in client.get(f"{ROOT}/beneficiaries/2").text
    assert client.get(f"{ROOT}/beneficiaries/2/card").status_code == 200
    refused = client.post(f"{ROOT}/beneficiaries/2/card", data={"card_number": CARD, "reason": "本人到场登记"})
    assert "已经合并到另一条登记" in refused.text
    client.post(f"{page}/undo", data={"reason": "核实有误，撤销"})
    assert db.session.scalars(select(Double)).one().state == "found"


@pytest.mark.usefixtures("people")
def test_coverage_leads_down_and_is_exported_and_printed(client: FlaskClient, app: Flask) -> None:
    sign_in(client, factories.official(Kind.FINANCE, Role.PREPARER))
    page = client.get(f"{ROOT}/coverage").text
    [link] = re.findall(rf'href="([^"]*card_state=gap[^"]*place={TOWNSHIP})"', page)
    without = client.get(html.unescape(link)).text
    assert "李国强" in without
    assert "王秀英" not in without
    assert "王秀英" in client.get(f"{ROOT}/beneficiaries?bank=-").text
    export = client.post(f"{ROOT}/coverage", data={"export": "csv"})
    assert [row.split(",")[2:5] for row in export.text.splitlines()[1:]] == [["2", "1", "1"]]
    result = app.test_cli_runner().invoke(args=["registry", "coverage", "--json"])
    assert [line["people"] for line in json.loads(result.output)["coverage"]] == [2]
    found = app.test_cli_runner().invoke(args=["registry", "find-doubles", "--json"])
    assert json.loads(found.output) == {"found": 0}
