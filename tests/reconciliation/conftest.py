"""A county whose sample roll has been paid and answered by the bank."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from core import uploads
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations
from disbursement.models import Roll
from tests import factories
from tests.disbursement.county import AT, County, build_county
from tests.factories import SAMPLES

RESULT_AT = datetime(2020, 7, 16, 2, tzinfo=UTC)
ROLL = "roll-困难残疾人生活补贴-202006-鲹鱼河镇.xlsx"
RESULT = "bank-result-困难残疾人生活补贴-202006.txt"
STATEMENT = "bank-statement-202007.csv"


@pytest.fixture
def county(app: Flask) -> County:
    """The county after the bank's answer to the sample roll."""
    built = build_county(allocated=100_000_00)
    content = (SAMPLES / ROLL).read_bytes()
    parameters = {"programme": built.programme.code, "period": "202006", "township": "513426100000"}
    uploads.import_at_once(
        built.preparer, uploads.kind_of("disbursement.roll"), content, ROLL, parameters, at=AT, dry_run=False
    )
    roll = db.session.query(Roll).one()
    built.approve(roll)
    operations.confirm_batch(built.finance, roll.batch, at=AT)
    operations.export_offer(built.finance, roll.batch, at=AT)
    built.answer((SAMPLES / RESULT).read_bytes(), roll.batch, at=RESULT_AT)
    db.session.commit()
    return built


@pytest.fixture
def second_finance(county: County) -> object:
    """Another official of finance."""
    return factories.principal(Kind.FINANCE, Role.APPROVER)
