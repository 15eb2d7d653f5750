"""How the bank spells people: what was learnt is shown, taken away, and added to by hand."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations, queries
from disbursement.models import BankSpelling
from tests import factories
from tests.disbursement.county import (
    AT,
    County,
    attempts_of,
    build_county,
    card_number,
    entry,
    first_payment,
    result_file,
    result_line,
)
from tests.signing import sign_in

PAGE = "/staff/disbursement/spellings"


@pytest.fixture
def county(app: Flask) -> County:
    built = build_county()
    db.session.commit()
    return built


def finance(app: Flask, region_code: str = factories.COUNTY) -> FlaskClient:
    return sign_in(app.test_client(), factories.official(Kind.FINANCE, Role.PREPARER, region_code=region_code))


def learnt(county: County) -> BankSpelling:
    """The bank has paid 李䶮 as 李□."""
    sent = attempts_of(county.sent([entry(1, name="李䶮")]))[0]
    line = result_line(sent)
    county.answer(result_file([(line[0], "李□", *line[2:])]))
    db.session.commit()
    return db.session.scalars(select(BankSpelling)).one()


def test_what_was_learnt_is_shown_and_removed_with_a_confirmation(app: Flask, county: County) -> None:
    spelling_id = learnt(county).id
    browser = finance(app)
    page = browser.get(PAGE).text
    assert "李䶮" in page and "李□" in page and "银行回盘里看到" in page and card_number(1) not in page
    asked = browser.post(PAGE, data={"bulk": "remove", "id": [spelling_id]})
    assert "下一个代发文件按账上的户名写" in asked.text
    sure = {"bulk": "remove", "id": [spelling_id], "confirmed": "1", "count": "1", "total": "None"}
    done = browser.post(PAGE, data=sure, follow_redirects=True)
    assert "已办理 1 条" in done.text and "还没有" in done.text
    [entry_] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "spelling.remove"))
    assert "李" not in entry_.details


def test_one_is_entered_by_hand_and_used_in_the_next_file(app: Flask, county: County) -> None:
    batch = county.approved([entry(1, name="王𬭎")])
    operations.confirm_batch(county.finance, batch, at=AT)
    db.session.commit()
    browser = finance(app)
    wrong = browser.post(f"{PAGE}/new", data={"card": card_number(77), "name": "", "spelling": "王宏"})
    assert "登记里没有这张卡" in wrong.text
    same = browser.post(f"{PAGE}/new", data={"card": card_number(1), "name": "", "spelling": "王𬭎"})
    assert "不用登记" in same.text
    done = browser.post(
        f"{PAGE}/new", data={"card": card_number(1), "name": "", "spelling": "王宏"}, follow_redirects=True
    )
    assert "银行的写法已登记" in done.text and "人工登记" in done.text
    assert attempts_of(operations.export_offer(county.finance, batch, at=AT))[0].sent_name == "王宏"


def test_a_search_finds_ours_and_the_banks_way(app: Flask, county: County) -> None:
    learnt(county)
    browser = finance(app)
    for term, found in (("李䶮", True), ("李□", True), ("赵", False)):
        page = browser.post(PAGE, data={"q": term}, follow_redirects=True).text
        assert ("银行回盘里看到</span>" in page.replace("\n", "")) == found, term


def test_who_may_see_and_change_them(app: Flask, county: County) -> None:
    spelling = learnt(county)
    for principal in (county.preparer, county.department, county.bank):
        assert db.session.scalars(queries.visible_spellings(principal)).all() == []
        with pytest.raises(PermissionDenied):
            operations.remove_spellings(principal, [spelling.id], at=AT)
        with pytest.raises(PermissionDenied):
            operations.enter_spelling(principal, card_number(1), "", "李岩", at=AT)
    # An office of other regions finds neither the note nor the card.
    elsewhere = factories.principal(Kind.FINANCE, Role.PREPARER, region_code="513427000000")
    assert operations.remove_spellings(elsewhere, [spelling.id], at=AT) == 0
    with pytest.raises(UserError, match="没有这张卡"):
        operations.enter_spelling(elsewhere, card_number(1), "", "李岩", at=AT)
    assert db.session.scalars(queries.visible_spellings(county.finance)).all() == [spelling]


def test_a_new_note_takes_the_place_of_the_old(county: County) -> None:
    learnt(county)
    operations.enter_spelling(county.finance, card_number(1), "李䶮", "李岩", at=AT)
    [noted] = db.session.scalars(select(BankSpelling))
    assert (noted.spelling, noted.source, noted.card_id) == ("李岩", "person", first_payment().card_id)
