"""A statement for a closed month is refused when it is looked at, not only when it is saved."""

import pytest

from core.database import db
from core.errors import Conflict
from reconciliation import operations
from tests.disbursement.county import County
from tests.factories import SAMPLES
from tests.reconciliation.conftest import RESULT_AT, STATEMENT


def test_another_statement_of_a_closed_month_is_refused_at_the_first_look(county: County) -> None:
    content = (SAMPLES / STATEMENT).read_bytes()
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT)
    month = operations.month_named("2020-07", at=RESULT_AT)
    month.state = "closed"
    db.session.flush()
    with pytest.raises(Conflict, match="关账"):
        operations.preview_statement(county.finance, "sample", content + b"\r\n", "2020-07")
    assert operations.preview_statement(county.finance, "sample", content, "2020-07").already_imported
