"""Fund plans are amended by further lines (B4); standards by further standards; filings by the offices (B3)."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations as paying
from disbursement.balances import balance_for
from disbursement.models import Batch
from programmes import operations, queries
from programmes.models import FundLine, Programme
from programmes.rules import Source, StandardUnit
from tests import factories
from tests.core.together import meanwhile
from tests.disbursement.county import AT, County, build_county, entry

# What these tests hold is decided in Python: one database says it all.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def county(app: Flask) -> County:
    built = build_county()
    db.session.commit()
    return built


@pytest.fixture
def planner(county: County) -> Principal:
    """Who keeps the fund plans."""
    made = factories.principal(Kind.FINANCE, Role.PREPARER)
    db.session.commit()
    return made


def change(principal: Principal, programme_id: int, fen: int, document: str = "东财调〔2020〕1号") -> FundLine:
    return operations.add_fund_line(
        principal,
        programme_id,
        year=2020,
        source=Source.CURRENT_YEAR,
        level="县级",
        document_number=document,
        amount_fen=fen,
        at=AT,
    )


# --- Fund plans ----------------------------------------------------------------------------------


def test_what_is_reserved_cannot_be_cut(county: County, planner: Principal) -> None:
    batch = county.approved([entry(1, fen=60_000_00)])
    paying.confirm_batch(county.finance, batch, at=AT)
    number = county.programme.id
    with pytest.raises(UserError, match=r"只有 40,000\.00 元，还差 0\.01 元"):
        change(planner, number, -40_000_01)
    change(planner, number, -40_000_00)
    assert (balance_for(number, 2020).available, queries.allocated(number, 2020)) == (0, 60_000_00)
    # What comes later is a line of its own beside the cut.
    change(planner, number, 5_00, "东财调〔2020〕2号")
    assert [line.amount_fen for line in queries.fund_lines_of(planner, county.programme)] == [
        100_000_00, -40_000_00, 5_00,
    ]  # fmt: skip


@on_one_database
def test_a_line_needs_a_document_of_its_own(county: County, planner: Principal) -> None:
    number = county.programme.id
    with pytest.raises(UserError, match="文号"):
        change(planner, number, 1_00, "  ")
    with pytest.raises(UserError, match="零"):
        change(planner, number, 0)
    change(planner, number, 1_00, "东财调[2020]1号")
    with pytest.raises(Conflict):
        change(planner, number, 2_00, "东财调〔2020〕 1号")


@pytest.mark.parametrize("order", ["cut, cut", "cut, confirm", "confirm, cut"])
def test_of_two_at_once_the_second_finds_what_the_first_left(
    app: Flask, county: County, planner: Principal, order: str
) -> None:
    batch_id, number, finance = county.approved([entry(1, fen=60_000_00)]).id, county.programme.id, county.finance
    db.session.commit()

    def confirm() -> int:
        return paying.confirm_batch(finance, db.session.get_one(Batch, batch_id), at=AT)

    def cut(document: str) -> int:
        return change(planner, number, -60_000_00, document).id

    works = [
        confirm if verb == "confirm" else partial(cut, f"调减{place}") for place, verb in enumerate(order.split(", "))
    ]
    first, second = meanwhile(app, *works)
    assert isinstance(first, int)
    assert isinstance(second, UserError)
    assert "还差" in str(second)
    assert balance_for(number, 2020).available == 40_000_00


# --- Standards -----------------------------------------------------------------------------------


def begin(finance: Principal, programme: Programme, day: date, fen: int) -> Any:
    return operations.add_standard(
        finance,
        programme.id,
        amount_fen=fen,
        per=StandardUnit.PERSON,
        monthly=True,
        valid_from=day,
        basis="川民发〔2020〕5号",
        at=AT,
    )


@on_one_database
def test_a_new_standard_ends_the_one_before(county: County) -> None:
    begin(county.finance, county.programme, date(2019, 1, 1), 80_00)
    begin(county.finance, county.programme, date(2020, 7, 1), 90_00)
    first, second = queries.standards_of(county.programme.id)
    assert (first.valid_until, second.valid_until) == (date(2020, 6, 30), None)
    with pytest.raises(UserError, match="更晚"):
        begin(county.finance, county.programme, date(2020, 7, 1), 95_00)
    withdrawn = queries.standard_rows(county.programme.id)[1].id
    operations.withdraw_standard(county.finance, withdrawn, "金额录错", at=AT)
    assert [one.valid_until for one in queries.standards_of(county.programme.id)] == [None]


@on_one_database
def test_only_the_last_standard_is_withdrawn(county: County) -> None:
    first = begin(county.finance, county.programme, date(2019, 1, 1), 80_00)
    begin(county.finance, county.programme, date(2020, 7, 1), 90_00)
    with pytest.raises(UserError, match="最后一条"):
        operations.withdraw_standard(county.finance, first.id, "金额录错", at=AT)


# --- Filings -------------------------------------------------------------------------------------


def file(principal: Principal, programme: Programme, office: Kind, **said: Any) -> Any:
    values: dict[str, Any] = {"management_document": "东民〔2020〕9号", "supervision_document": "东民〔2020〕10号"}
    values |= {"filed_on": AT.date()} | said
    return operations.file_measures(principal, programme.id, office, **values, at=AT)


@on_one_database
def test_each_office_puts_its_own_filing_on_record(county: County) -> None:
    programme = factories.programme("CASH", "线下补贴", channel="offline")
    discipline = factories.principal(Kind.DISCIPLINE, Role.PREPARER)
    with pytest.raises(UserError, match=r"县财政局、县纪委监委。$"):
        operations.require_filings(programme)
    filings = {office: file(county.department, programme, office) for office in (Kind.FINANCE, Kind.DISCIPLINE)}
    with pytest.raises(NotVisible):
        operations.receive_filing(discipline, filings[Kind.FINANCE].id, at=AT)
    operations.receive_filing(county.finance, filings[Kind.FINANCE].id, at=AT)
    with pytest.raises(UserError, match=r"没有在这里备案：县纪委监委。$"):
        operations.require_filings(programme)
    operations.receive_filing(discipline, filings[Kind.DISCIPLINE].id, at=AT)
    operations.require_filings(programme)
    with pytest.raises(Conflict):
        operations.receive_filing(discipline, filings[Kind.DISCIPLINE].id, at=AT)
    # Rules that changed are looked at again before anything more is paid by them.
    file(county.department, programme, Kind.DISCIPLINE, management_document="东民〔2020〕30号")
    with pytest.raises(UserError, match="县纪委监委"):
        operations.require_filings(programme)


@on_one_database
def test_what_cannot_be_filed(county: County) -> None:
    programme = factories.programme("CASH", "线下补贴", channel="offline")
    stranger = factories.principal(Kind.DEPARTMENT, Role.PREPARER, organisation_name="县农业农村局")
    with pytest.raises(NotVisible):
        file(stranger, programme, Kind.FINANCE)
    with pytest.raises(UserError, match="线下"):
        file(county.department, county.programme, Kind.FINANCE)
    for wrong in ({"management_document": ""}, {"supervision_document": " "}):
        with pytest.raises(UserError, match="文号"):
            file(county.department, programme, Kind.FINANCE, **wrong)
    with pytest.raises(UserError, match="晚于今天"):
        file(county.department, programme, Kind.FINANCE, filed_on=AT.date() + timedelta(days=1))
