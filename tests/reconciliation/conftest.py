"""A county whose sample roll has been paid and answered by the bank, and a smaller one for the cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import uploads
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations as disbursement
from disbursement.models import Attempt, Roll
from reconciliation import operations
from reconciliation.models import Difference, Month
from reconciliation.rules import NEEDS_WORD, Resolution, month_days
from tests import factories
from tests.built_once import built_once
from tests.disbursement.county import (
    AT,
    FAILED,
    PAID,
    UNCLEAR,
    County,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
)
from tests.factories import SAMPLES
from tests.reconciliation.statements import BankStatement

RESULT_AT = datetime(2020, 7, 16, 2, tzinfo=UTC)
ROLL = "roll-困难残疾人生活补贴-202006-鲹鱼河镇.xlsx"
RESULT = "bank-result-困难残疾人生活补贴-202006.txt"
STATEMENT = "bank-statement-202007.csv"


@pytest.fixture
def county(app: Flask) -> County:
    """The county after the bank's answer to the sample roll."""
    return built_once(app, paid_county)


def paid_county() -> County:
    """The sample roll from its upload to the bank's answer."""
    built = build_county(allocated=100_000_00)
    content = (SAMPLES / ROLL).read_bytes()
    parameters = {"programme": built.programme.code, "period": "202006", "township": "513426100000"}
    uploads.import_at_once(
        built.preparer, uploads.kind_of("disbursement.roll"), content, ROLL, parameters, at=AT, dry_run=False
    )
    roll = db.session.query(Roll).one()
    built.approve(roll)
    disbursement.confirm_batch(built.finance, roll.batch, at=AT)
    disbursement.export_offer(built.finance, roll.batch, at=AT)
    built.answer((SAMPLES / RESULT).read_bytes(), roll.batch, at=RESULT_AT)
    return built


@dataclass
class Book:
    """A small county with payments that the bank has answered, and everybody who signs a month."""

    county: County
    attempts: list[Attempt]
    bank: Principal
    chief: Principal

    @property
    def finance(self) -> Principal:
        """The official of finance who imports, settles and signs."""
        return self.county.finance

    def take_in(self, statement: BankStatement, *, replace: bool = False, **how: bool) -> Month:
        """Import a statement; the month with its differences."""
        at = month_end(statement.month)
        operations.import_statement(
            self.finance, "signed" if how.get("signed") else "sample", statement.content(**how), statement.month,
            at=at, replace=replace,
        )  # fmt: skip
        return operations.month_named(statement.month, at=at)

    def paid_in(self, period: str, day: str, serials: Sequence[int] = (1,)) -> list[Attempt]:
        """Another batch, paid on that day (YYYYMMDD)."""
        offer = self.county.sent([entry(serial) for serial in serials], period)
        attempts = attempts_of(offer)
        self.county.answer(result_file([result_line(one) for one in attempts], day=day), at=month_end("2020-07"))
        return attempts

    def settle_all(self, month: Month, resolution: Resolution = Resolution.NEXT_MONTH) -> None:
        """One word for everything that still wants one."""
        kinds = [kind.value for kind in NEEDS_WORD]
        ids = db.session.scalars(
            select(Difference.id).where(
                Difference.month_id == month.id, Difference.kind.in_(kinds), Difference.resolved_at.is_(None)
            )
        ).all()
        if ids:
            operations.resolve_differences(self.finance, month, ids, resolution, "银行正在核实", at=CLOSING)

    def sign_all(self, month: Month) -> None:
        """Department, bank, finance."""
        for one in (self.county.department, self.bank, self.finance):
            operations.sign_month(one, month, at=CLOSING)

    def close(self, month: Month) -> None:
        """Everything settled, signed and closed."""
        self.settle_all(month)
        self.sign_all(month)
        operations.close_month(self.chief, month, at=CLOSING)


CLOSING = datetime(2020, 8, 3, 2, tzinfo=UTC)
PEOPLE = 8


def month_end(month: str) -> datetime:
    """Noon of the first day after a month."""
    return datetime.combine(month_days(month)[1], time(4), tzinfo=UTC) + timedelta(days=1)


@pytest.fixture
def book(app: Flask) -> Book:
    """Eight payments of 270.00 yuan, all paid on 15 July 2020 but the last two: one failed, one unclear."""
    return built_once(app, answered_book)


def answered_book() -> Book:
    """The eight payments from their roll to the bank's answer."""
    county = build_county()
    attempts = attempts_of(county.sent([entry(serial) for serial in range(PEOPLE)]))
    answers = [PAID] * (PEOPLE - 2) + [FAILED, UNCLEAR]
    county.answer(result_file([result_line(one, told) for one, told in zip(attempts, answers, strict=True)]))
    return Book(
        county,
        attempts,
        factories.principal(Kind.BANK, Role.APPROVER),
        factories.principal(Kind.FINANCE, Role.APPROVER),
    )
