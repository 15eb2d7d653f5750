"""The pages of the county's routing, as officials use them; and that a preview tells nothing of what is not theirs."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from complaints import operations, routing_queries
from complaints.models import RoutingEntry, RoutingVersion
from core import clock
from core.audit import AuditEntry
from core.database import db
from core.principal import OrganisationKind, Principal, Role
from tests import factories
from tests.complaints.county import TOWNSHIP, County, submit
from tests.complaints.test_sealed import TOKENS
from tests.signing import sign_in

ROUTING = "/staff/complaints/routing"
RULE = {"start": "finance", "category": "service"}


def signed_in(app: Flask, principal: Principal) -> FlaskClient:
    return sign_in(app.test_client(), db.session.get_one(Official, principal.official_id))


@pytest.fixture
def finance(app: Flask, county: County) -> FlaskClient:
    return signed_in(app, county.finance)


@pytest.fixture
def approver(app: Flask, county: County) -> FlaskClient:
    return signed_in(app, factories.principal(OrganisationKind.FINANCE, Role.APPROVER))


def drafted(client: FlaskClient, *given: dict[str, str], base: int = 0) -> int:
    """A draft with these rules, written on the pages. Returns its number."""
    answer = client.post(f"{ROUTING}/new", data={"base": str(base)})
    number = int(answer.headers["Location"].rpartition("/")[2])
    for rule in given:
        assert client.post(f"{ROUTING}/{number}/rules", data=rule).status_code == 303
    # What was said of it stands on the next page only.
    assert "已保存到草稿。" in client.get(f"{ROUTING}/{number}").text or not given
    return number


def preview(client: FlaskClient, number: int) -> str:
    answer = client.post(f"{ROUTING}/{number}/preview")
    assert answer.status_code == 200, answer.text
    return answer.text


def move(client: FlaskClient, number: int, action: str, **form: str) -> int:
    return client.post(f"{ROUTING}/{number}/move", data={"action": action} | form).status_code


def fingerprint_on(page: str) -> str:
    [found] = re.findall(r'name="seen" value="(\w+)"', page)
    return str(found)


def state_of(number: int) -> str:
    return db.session.scalars(select(RoutingVersion.state).where(RoutingVersion.number == number)).one()


def test_a_version_is_written_seen_proposed_and_approved(
    app: Flask, county: County, finance: FlaskClient, approver: FlaskClient
) -> None:
    page = finance.get(ROUTING).text
    assert "现行规则（系统自带）" in page
    assert "其余所有事情" in page
    number = drafted(finance, RULE, {"start": "department", "matter": "tip_off", "region": TOWNSHIP})
    page = finance.get(f"{ROUTING}/{number}").text
    assert "类别是“办事拖拉或态度不好”" in page
    assert "性质是举报，并且发生在" in page
    assert "新加了" in page
    page = preview(finance, number)
    assert "没有可以列出来的。" in page
    assert move(finance, number, "propose", reason="县里统一督办", seen=fingerprint_on(page)) == 303
    assert "等待审批" in finance.get(ROUTING).text
    assert "起草新的一版" not in finance.get(ROUTING).text
    page = preview(finance, number)
    assert 'value="approve"' not in page
    assert "由另一位同事审批" in page
    page = preview(approver, number)
    assert move(approver, number, "approve", seen=fingerprint_on(page)) == 303
    reader = signed_in(app, county.township)
    page = reader.get(ROUTING).text
    assert f"现行规则（第 {number} 版）" in page
    assert "县里统一督办" in page
    assert county.finance.name in page
    assert "起草新的一版" not in page
    assert "改了什么" in reader.get(f"{ROUTING}/{number}").text
    complaint, _code = submit(category="service", at=clock.utc_now())
    db.session.commit()
    assert f"第 {number} 版" in finance.get(f"/staff/complaints/{complaint.number}").text


def test_nothing_that_was_typed_or_chosen_is_lost(finance: FlaskClient, approver: FlaskClient) -> None:
    number = drafted(finance)
    answer = finance.post(f"{ROUTING}/{number}/rules", data={"start": "", "category": "service"})
    assert answer.status_code == 400
    assert re.search(r'<option selected value="service">', answer.text)
    answer = finance.post(f"{ROUTING}/{number}/rules", data={"start": "finance"})
    assert (answer.status_code, "至少选一个条件" in answer.text) == (400, True)
    assert finance.post(f"{ROUTING}/{number}/rules", data=RULE).status_code == 303
    page = preview(finance, number)
    long = "证" + "3" * 18
    answer = finance.post(
        f"{ROUTING}/{number}/move", data={"action": "propose", "reason": long, "seen": fingerprint_on(page)}
    )
    assert (answer.status_code, long in answer.text, state_of(number)) == (400, True, "draft")
    assert move(finance, number, "propose", reason="县里统一督办", seen=fingerprint_on(page)) == 303
    answer = approver.post(f"{ROUTING}/{number}/move", data={"action": "refuse", "reason": "否"})
    assert (answer.status_code, state_of(number)) == (400, "proposed")
    assert '<details class="confirm" open>' in answer.text
    assert move(approver, number, "refuse", reason="乡镇更清楚") == 303
    assert "乡镇更清楚" in finance.get(f"{ROUTING}/{number}").text


def test_rules_are_arranged_with_buttons(finance: FlaskClient) -> None:
    number = drafted(finance, RULE, RULE | {"category": "request"})

    def order() -> list[tuple[int, str | None]]:
        entries = db.session.scalars(select(RoutingEntry).order_by(RoutingEntry.position)).all()
        return [(entry.id, entry.category) for entry in entries]

    (first, _), (second, _) = order()
    page = finance.get(f"{ROUTING}/{number}").text
    assert f"{ROUTING}/{number}/rules/{first}/down" in page
    assert f"{ROUTING}/{number}/rules/{first}/up" not in page
    assert f"{ROUTING}/{number}/rules/{second}/down" not in page
    finance.post(f"{ROUTING}/{number}/rules/{second}/up")
    assert [found for found, _ in order()] == [second, first]
    form = finance.get(f"{ROUTING}/{number}/rules/{first}").text
    assert re.search(r'<option selected value="service">', form)
    finance.post(f"{ROUTING}/{number}/rules/{first}", data=RULE | {"category": "enquiry"})
    finance.post(f"{ROUTING}/{number}/rules/{second}/remove")
    assert order() == [(first, "enquiry")]
    finance.post(f"{ROUTING}/{number}/otherwise", data={"otherwise": "department"})
    page = finance.get(f"{ROUTING}/{number}").text
    assert re.search(r'<option value="department" selected>', page)
    assert move(finance, number, "discard") == 303
    assert finance.get(f"{ROUTING}/{number}/rules").status_code == 404
    assert finance.post(f"{ROUTING}/{number}/rules/{first}/up", follow_redirects=True).status_code == 200
    assert "起草新的一版" in finance.get(ROUTING).text


def test_marks_stand_beside_rules_that_are_good_for_nothing(finance: FlaskClient) -> None:
    for _ in range(5):
        submit(category="service")
    db.session.commit()
    number = drafted(
        finance,
        RULE,
        RULE | {"region": TOWNSHIP},
        RULE | {"category": "request"},
        {"start": "finance", "about": "bank"},
    )
    page = finance.get(f"{ROUTING}/{number}").text
    assert "永远用不到" in page
    assert "前面的第 1 条已经全都包括了" in page
    assert "最近没有用到" not in page
    page = preview(finance, number)
    # The third, the fourth and the last; the second has its own mark.
    assert page.count("最近没有用到") == 3
    assert page.count("永远用不到") == 1


def test_who_may_see_what(app: Flask, county: County, finance: FlaskClient, approver: FlaskClient) -> None:
    number = drafted(finance, RULE)
    above = signed_in(app, factories.principal(OrganisationKind.DISCIPLINE, Role.APPROVER))
    readers = [signed_in(app, one) for one in (county.township, county.department, county.discipline)]
    others = [*readers, above]
    for client in others:
        assert client.get(ROUTING).status_code == 200
        assert "在起草" not in client.get(ROUTING).text
        for address in (f"{ROUTING}/{number}", f"{ROUTING}/{number}/rules"):
            assert client.get(address).status_code in {403, 404}
        assert client.post(f"{ROUTING}/{number}/preview").status_code in {403, 404}
    assert move(finance, number, "propose", reason="县里统一督办", seen=fingerprint_on(preview(finance, number))) == 303
    for client in readers:
        assert client.get(f"{ROUTING}/{number}").status_code == 404
        assert client.post(f"{ROUTING}/{number}/preview").status_code == 404
        assert move(client, number, "approve") == 404
    page = preview(above, number)
    assert move(above, number, "approve", seen=fingerprint_on(page)) == 303
    for client in readers:
        assert client.get(f"{ROUTING}/{number}").status_code == 200
        answer = client.post(f"{ROUTING}/{number}/preview")
        assert answer.status_code == 403
    assert finance.post(f"{ROUTING}/{number}/preview").status_code == 409
    bank = signed_in(app, factories.principal(OrganisationKind.BANK, Role.COMPLAINT_HANDLER, Role.APPROVER))
    assert bank.get(ROUTING).status_code == 403
    assert finance.get(f"{ROUTING}/{number + 7}").status_code == 404
    assert finance.get(f"{ROUTING}/{number}/preview").status_code == 302
    assert move(finance, number, "approve_all") == 400


def test_every_preview_is_recorded(finance: FlaskClient, county: County) -> None:
    number = drafted(finance, RULE)
    preview(finance, number)
    # A refusal shows it again: another look.
    move(finance, number, "propose", reason="县里统一督办", seen="")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.preview_routing")).all()
    assert [entry.official_id for entry in entries] == [county.finance.official_id] * 2


# --- What is not to be known -------------------------------------------------------------------


def looked_at(client: FlaskClient, number: int) -> bytes:
    return TOKENS.sub(b"", client.post(f"{ROUTING}/{number}/preview").data)


@pytest.mark.parametrize("how", ["handed in", "referred", "about the viewers' office"])
def test_the_preview_is_the_same_with_and_without(app: Flask, county: County, finance: FlaskClient, how: str) -> None:
    """Byte for byte, however many there are."""
    about = county.finance.organisation_id
    for number in range(8):
        submit(category="service", about_organisation_id=county.township.organisation_id if number % 2 else None)
    number = drafted(
        finance, RULE, {"start": "discipline", "region": TOWNSHIP}, {"start": "department", "about": "finance"}
    )
    clients = [finance, signed_in(app, factories.principal(OrganisationKind.FINANCE, Role.APPROVER))]
    before = [looked_at(client, number) for client in clients]
    for _ in range(7):
        if how == "handed in":
            submit(category="extortion")
        elif how == "referred":
            complaint, _code = submit(category="service")
            operations.refer_to_discipline(county.township, complaint, "疑似截留", at=clock.utc_now())
        else:
            submit(category="service", about_organisation_id=about)
    db.session.commit()
    assert [looked_at(client, number) for client in clients] == before
    # The same number of plain ones would be seen.
    for _ in range(7):
        submit(category="service")
    db.session.commit()
    assert looked_at(finance, number) != before[0]


def test_a_confidential_case_counts_like_an_anonymous_one(app: Flask, county: County, finance: FlaskClient) -> None:
    """And its number is a link for the discipline commission only, which sees it."""
    number = drafted(finance, RULE)
    named: dict[str, Any] = {"anonymous": False, "confidential": True, "name": "王某某", "phone": "13800000001"}
    made = [submit(category="service", **named)[0] for _ in range(5)]
    db.session.commit()
    page = preview(finance, number)
    assert "别的至少 5 件" in page
    assert not any(complaint.number in page for complaint in made)
    assert move(finance, number, "propose", reason="县里统一督办", seen=fingerprint_on(page)) == 303
    above = signed_in(app, factories.principal(OrganisationKind.DISCIPLINE, Role.APPROVER))
    page = preview(above, number)
    assert all(f"/staff/complaints/{complaint.number}" in page for complaint in made)


def test_one_case_in_a_village_is_not_to_be_found_by_asking(county: County, finance: FlaskClient) -> None:
    """Whoever writes rules to learn whether somebody in a village complained of the township learns nothing."""
    nothing = drafted(finance, {"start": "finance", "about": "village", "region": "513426001200"})
    before = looked_at(finance, nothing)
    for _ in range(4):
        submit(category="service", about_organisation_id=county.village_office_id)
    db.session.commit()
    assert looked_at(finance, nothing) == before
    submit(category="service", about_organisation_id=county.village_office_id)
    db.session.commit()
    assert "别的至少 5 件" in looked_at(finance, nothing).decode()
    assert routing_queries.routing_in_force() == routing_queries.built_in()
