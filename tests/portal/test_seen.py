"""A villager sees when officials have looked at his full numbers, and of which office they were: no name, no reason,
and nothing of the discipline commission."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from registry import operations
from registry.models import Beneficiary
from registry.rules import PersonalField
from tests import factories
from tests.portal.conftest import CARD, Village, id_number

FORM = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:]}
REASON = "核对六月发放失败的卡号"


def test_he_sees_the_day_and_the_office_alone(client: FlaskClient, village: Village) -> None:
    found = db.session.scalar(select(Beneficiary.id).where(Beneficiary.id_number_index == FORM["id_number"]))
    assert found is not None
    at = clock.utc_now() - timedelta(days=1)
    finance = factories.principal(Kind.FINANCE, Role.PREPARER, organisation_name="县财政局")
    commission = factories.principal(Kind.DISCIPLINE, Role.PREPARER, organisation_name="县纪委监委办公室")
    client.post("/lookup", data=FORM)
    assert "没有查看的记录" in client.get("/lookup/seen").text
    operations.reveal(finance, found, PersonalField.CARD, REASON, at=at)
    operations.reveal(commission, found, PersonalField.PHONE, REASON, at=at)
    db.session.commit()
    assert "/lookup/seen" in client.get("/lookup/result").text
    page = client.get("/lookup/seen").text
    assert "1 次" in page
    assert "县财政局" in page
    for kept in (finance.name, commission.name, "县纪委监委办公室", REASON):
        assert kept not in page


def test_without_a_lookup_there_is_no_such_page(client: FlaskClient, village: Village) -> None:
    answer = client.get("/lookup/seen")
    assert answer.status_code == 302
    assert answer.location == "/lookup"
