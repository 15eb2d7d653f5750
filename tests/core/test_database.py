"""Column types, scopes and transactions, the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import case, func, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from core.database import db, json_object, only_reads, region_scope, set_only_reads, visible_region
from core.encryption import DecryptionError
from core.jobs import BackgroundJob
from core.money import Fen
from core.principal import NOBODY, Principal, PrincipalKind, system
from programmes.models import FundLine
from registry.models import Beneficiary, Region
from tests import factories

AT = datetime(2020, 7, 6, 2, 30, 15, 123456, tzinfo=UTC)


def job(**values: Any) -> BackgroundJob:
    made = BackgroundJob(**{"kind": "test", "payload": {}, "created_at": AT} | values)
    db.session.add(made)
    db.session.flush()
    return made


def test_an_instant_comes_back_in_utc_to_the_microsecond(app: Flask) -> None:
    made = job(created_at=AT.astimezone(timezone(timedelta(hours=8))))
    db.session.expire_all()
    assert made.created_at == AT
    assert made.created_at.utcoffset() == timedelta(0)
    assert db.session.scalar(select(BackgroundJob.id).where(BackgroundJob.created_at <= AT)) == made.id
    assert db.session.scalar(select(BackgroundJob.id).where(BackgroundJob.created_at < AT)) is None


def test_a_naive_time_is_not_stored(app: Flask) -> None:
    with pytest.raises(StatementError):
        job(created_at=AT.replace(tzinfo=None))


def fund(app: Flask) -> None:
    programme = factories.programme()
    factories.fund_line(programme.id, 12345678)
    factories.fund_line(programme.id, 90_000_000_000_001)


def test_sums_of_money_are_whole_fen_on_both_databases(app: Flask) -> None:
    fund(app)
    total = func.sum(FundLine.amount_fen)
    parts = case((FundLine.amount_fen > 12345678, FundLine.amount_fen), else_=0)
    row = db.session.execute(
        select(
            total,
            func.coalesce(total, 0),
            func.sum(parts),
            total - func.sum(parts),
            func.sum(FundLine.amount_fen - FundLine.amount_fen),
            1 + total - 1,
            func.max(FundLine.amount_fen),
        )
    ).one()
    assert [type(value) for value in row] == [int] * 7
    assert tuple(row) == (90000012345679, 90000012345679, 90000000000001, 12345678, 0, 90000012345679, 90000000000001)
    inner = select(total.label("total")).subquery()
    assert type(db.session.scalar(select(inner.c.total))) is int


@pytest.mark.parametrize("amount", [2.0, Decimal(2), True, "2"])
def test_money_that_is_no_integer_is_refused(app: Flask, amount: Any) -> None:
    line = factories.fund_line(factories.programme().id, 3)
    line.amount_fen = amount
    with pytest.raises(StatementError):
        db.session.flush()


def test_money_read_back_is_money(app: Flask) -> None:
    fund(app)
    db.session.expire_all()
    assert db.session.scalars(select(FundLine.amount_fen).order_by(FundLine.id)).all() == [
        Fen(12345678),
        Fen(90000000000001),
    ]


def person() -> Beneficiary:
    factories.load_regions()
    code = db.session.scalars(select(Region.code).where(Region.level == "village").order_by(Region.code)).first()
    return factories.beneficiary("吉克阿依", "513426199509167030", str(code), phone="13800000001")


def test_an_encrypted_column_is_found_by_its_index_and_refuses_to_be_compared(app: Flask) -> None:
    made = person()
    assert db.session.scalar(select(Beneficiary.id).where(Beneficiary.phone_index == "13800000001")) == made.id
    assert db.session.scalar(select(Beneficiary.id).where(Beneficiary.phone_index.in_(["13800000001"]))) == made.id
    assert db.session.scalar(select(Beneficiary.id).where(Beneficiary.phone.is_not(None))) == made.id
    for compare in (
        lambda: Beneficiary.phone == "13800000001",
        lambda: Beneficiary.phone != "13800000001",
        lambda: Beneficiary.phone.in_(["13800000001"]),
        lambda: Beneficiary.phone.like("138%"),
    ):
        with pytest.raises(TypeError):
            compare()


def test_an_encrypted_column_is_changed_by_statements_too(app: Flask) -> None:
    made = person()
    db.session.execute(update(Beneficiary).where(Beneficiary.id == made.id).values(phone="13800000002"))
    assert made.phone == "13800000002"
    db.session.execute(update(Beneficiary).values(phone=Beneficiary.phone).where(Beneficiary.id == made.id))
    db.session.expire_all()
    assert made.phone == "13800000002"


def test_a_stored_value_that_somebody_altered_does_not_open(app: Flask) -> None:
    made = person()
    db.session.execute(text("UPDATE beneficiaries SET phone = id_number"))
    db.session.expire_all()
    with pytest.raises(DecryptionError):
        _ = made.phone


def test_a_failed_statement_does_not_quote_its_values(app: Flask) -> None:
    made = person()
    with pytest.raises(DBAPIError) as caught:
        db.session.execute(insert(Region), [{"code": made.region_code, "name": "吉克阿依家", "level": "village"}])
    assert "吉克阿依" not in str(caught.value)


def test_a_scope_is_a_prefix_and_nobodys_is_empty(app: Flask) -> None:
    factories.load_regions()

    def count(*where: Any) -> int:
        return db.session.scalars(select(func.count()).select_from(Region).where(*where)).one()

    township = "513426101"
    below = db.session.scalars(select(Region.code).where(Region.code.startswith(township))).all()
    everything = count()
    assert 0 < len(below) < everything
    assert count(region_scope(Region.code, township)) == len(below)
    assert count(region_scope(Region.code, "5134")) == everything
    assert count(region_scope(Region.code, "")) == 0
    assert count(visible_region(Region.code, system("sweep"))) == everything
    assert count(visible_region(Region.code, NOBODY)) == 0
    official = Principal(PrincipalKind.OFFICIAL, region_prefix=township)
    assert count(visible_region(Region.code, official)) == len(below)


def test_a_json_object_is_built_by_the_database(app: Flask) -> None:
    assert db.session.scalar(select(json_object("lines", literal(3), "state", literal("paid")))) == {
        "lines": 3,
        "state": "paid",
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_a_reader_waits_for_nobody_and_a_writer_begins_as_one(app: Flask) -> None:
    began: list[str] = []
    from sqlalchemy import event

    event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, statement, *_: began.append(statement))
    with only_reads():
        db.session.scalar(select(func.count()).select_from(BackgroundJob))
        db.session.rollback()
    db.session.scalar(select(func.count()).select_from(BackgroundJob))
    db.session.rollback()
    assert [statement for statement in began if statement.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


def test_reading_mode_ends_with_its_block_and_with_its_request(app: Flask) -> None:
    from core.database import _only_reads

    app.test_client().get("/readyz")
    assert not _only_reads.get()
    set_only_reads(False)
    with only_reads(), only_reads(False):
        assert not _only_reads.get()
    assert not _only_reads.get()


def test_foreign_keys_hold_on_both_databases(app: Flask) -> None:
    with pytest.raises(DBAPIError):
        db.session.execute(insert(Region), [{"code": "513426999000", "name": "x", "level": "t", "parent_code": "9"}])
        db.session.commit()
