"""A long list is exported without an object for each row: its file says what the screen says."""

from flask import Flask

from core.listing import rows_of
from core.principal import system
from disbursement import queries
from disbursement.listings import PAYMENTS
from tests.disbursement.county import FAILED, PAID, UNCLEAR, attempts_of, build_county, entry, result_file, result_line


def test_an_export_says_what_the_screen_says(app: Flask) -> None:
    county = build_county()
    people = [entry(serial, fen=27000 + serial) for serial in range(8)]
    offer = county.sent([*people, entry(9, card_number="")])
    outcomes = [PAID, FAILED, UNCLEAR] * 3
    answers = zip(attempts_of(offer), outcomes, strict=False)
    county.answer(result_file([result_line(attempt, outcome) for attempt, outcome in answers]))
    statement = queries.visible_payments(system("test"))
    seen = [[column.words(row) for column in PAYMENTS.columns] for row in rows_of(PAYMENTS.ordered(statement, {}))]
    assert len(seen) == 9
    assert list(PAYMENTS.export_rows(statement, {}, 100)) == seen
