"""Rolls bring people and cards: found, added, compared, as sets."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from core.database import db
from registry.enrolment import (
    CardLine,
    Enrolment,
    PersonLine,
    close_card_gaps,
    ensure_beneficiaries,
    ensure_cards,
    open_card_gaps,
)
from registry.models import Beneficiary, Card, CardGap
from tests import factories
from tests.factories import AT

VILLAGE = "513426001200"
WANG = PersonLine("513426196001011239", "王秀英", VILLAGE, "13900000001", "6214000000000000001")
LI = PersonLine("513426196102023457", "阿尔·木果", VILLAGE, card_number="6214000000000000002", payee_name="李国强")
ZHAO = PersonLine("513426196203035670", "赵桂兰", VILLAGE)


@pytest.fixture
def regions(app: Flask) -> None:
    factories.load_regions()


def enrol(*lines: PersonLine) -> Enrolment:
    result = ensure_beneficiaries(lines, at=AT)
    db.session.expire_all()
    return result


def person(result: Enrolment, position: int = 0) -> Beneficiary:
    return db.session.get_one(Beneficiary, result.beneficiary_ids[position])


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.usefixtures("regions")
class TestPeople:
    def test_new_people_are_added_with_what_the_roll_says(self) -> None:
        result = enrol(WANG, LI, ZHAO)
        wang, li, zhao = (person(result, position) for position in range(3))
        assert result.added == 3
        assert (wang.name, wang.id_number, wang.phone, wang.phone_source) == (
            "王秀英",
            WANG.id_number,
            "13900000001",
            "roll",
        )
        assert wang.card is not None
        assert (wang.card.number, wang.card.tail, wang.card.holder_name) == (WANG.card_number, "0001", "王秀英")
        assert li.card is not None
        assert (li.name_key, li.card.holder_name, li.phone) == ("阿尔木果", "李国强", None)
        assert (zhao.card, zhao.card_index, zhao.status, zhao.region_code) == (None, None, "living", VILLAGE)
        assert result.card_ids == [wang.card_id, li.card_id, None]
        assert not result.names_differ | result.cards_changed | result.phones_changed

    def test_the_same_roll_again_changes_nothing(self) -> None:
        first = enrol(WANG, LI, ZHAO)
        second = enrol(ZHAO, WANG, LI)
        assert second.added == 0
        assert second.beneficiary_ids == [first.beneficiary_ids[position] for position in (2, 0, 1)]
        assert second.card_ids == [first.card_ids[position] for position in (2, 0, 1)]
        assert not second.names_differ | second.cards_changed | second.phones_changed
        assert (count(Beneficiary), count(Card)) == (3, 2)

    def test_people_entered_otherwise_are_found_by_their_id_number(self) -> None:
        known = factories.beneficiary("王秀英", WANG.id_number, VILLAGE, phone=WANG.phone, card_number=WANG.card_number)
        result = enrol(WANG)
        assert result == Enrolment([known.id], [known.card_id])

    def test_a_name_on_record_stays_and_the_difference_is_told(self) -> None:
        enrol(WANG, LI)
        result = enrol(WANG._replace(name="王秀莲"), LI._replace(name="阿尔•木果"))
        assert result.names_differ == {0}
        assert person(result).name == "王秀英"

    def test_a_new_card_and_a_new_phone_are_taken_over(self) -> None:
        first = enrol(WANG, ZHAO)
        result = enrol(
            WANG._replace(card_number="6214000000000000009"),
            ZHAO._replace(phone="13900000003", card_number=LI.card_number),
        )
        wang, zhao = person(result), person(result, 1)
        assert wang.card is not None
        assert (wang.card.tail, wang.phone) == ("0009", "13900000001")
        assert zhao.card is not None
        assert (zhao.card.tail, zhao.phone, zhao.phone_source) == ("0002", "13900000003", "roll")
        assert (result.cards_changed, result.phones_changed) == ({0, 1}, {1})
        assert result.beneficiary_ids == first.beneficiary_ids
        assert count(Card) == 3

    def test_a_roll_without_card_or_phone_keeps_those_on_record(self) -> None:
        first = enrol(WANG)
        result = enrol(WANG._replace(card_number="", phone=""))
        assert result.card_ids == first.card_ids
        assert (person(result).phone, result.cards_changed) == ("13900000001", set())

    def test_one_person_twice_is_added_once_and_the_later_line_counts(self) -> None:
        result = enrol(ZHAO, ZHAO._replace(card_number="6214000000000000007"))
        assert (result.added, count(Beneficiary)) == (1, 1)
        card = person(result).card
        assert card is not None
        assert card.tail == "0007"

    def test_one_card_may_serve_a_household(self) -> None:
        result = enrol(WANG, ZHAO._replace(card_number=WANG.card_number, payee_name="王秀英"))
        assert result.card_ids[0] == result.card_ids[1]
        assert count(Card) == 1

    def test_an_empty_roll_is_no_work(self) -> None:
        assert ensure_beneficiaries([], at=AT) == Enrolment([], [])

    def test_cards_alone(self) -> None:
        lines = [CardLine("0012345678", "王秀英"), CardLine("12345678", "李国强"), CardLine("0012345678", "赵桂兰")]
        first, second, third = ensure_cards(lines, at=AT)
        assert first == third != second
        assert db.session.get_one(Card, first).holder_name == "王秀英"
        assert ensure_cards(lines[1:], at=AT) == [second, first]


@pytest.mark.usefixtures("regions")
class TestTheCardOfAPerson:
    def test_the_database_refuses_an_index_of_another_card(self) -> None:
        result = enrol(WANG, LI)
        statement = update(Beneficiary).where(Beneficiary.id == result.beneficiary_ids[0])
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(statement.values(card_id=result.card_ids[1]))
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(statement.values(card_index=None))

    def test_giving_a_card_object_sets_both(self) -> None:
        result = enrol(WANG, LI)
        wang, li = person(result), person(result, 1)
        wang.card = li.card
        db.session.flush()
        db.session.expire_all()
        assert wang.card_index == li.card_index
        wang.card = None
        db.session.flush()
        assert wang.card_index is None


@pytest.mark.usefixtures("regions")
class TestCardGaps:
    def gaps(self) -> list[tuple[int, str, date, date | None]]:
        db.session.expire_all()
        rows = db.session.scalars(select(CardGap).order_by(CardGap.beneficiary_id, CardGap.programme_code))
        return [(gap.beneficiary_id, gap.programme_code, gap.opened_on, gap.closed_on) for gap in rows]

    def test_a_gap_is_opened_once_a_programme(self) -> None:
        zhao, li = enrol(ZHAO, LI._replace(card_number="")).beneficiary_ids
        june, july = date(2020, 6, 1), date(2020, 7, 1)
        assert open_card_gaps("A", [(zhao, VILLAGE)], on=june) == 1
        assert open_card_gaps("A", [(li, VILLAGE), (zhao, VILLAGE)], on=july) == 1
        assert open_card_gaps("B", [(zhao, VILLAGE)], on=july) == 1
        assert open_card_gaps("B", [], on=july) == 0
        assert sorted(self.gaps()) == sorted([(zhao, "A", june, None), (zhao, "B", july, None), (li, "A", july, None)])

    def test_a_card_that_appears_closes_the_gaps_and_its_loss_opens_them_anew(self) -> None:
        (zhao,) = enrol(ZHAO).beneficiary_ids
        open_card_gaps("A", [(zhao, VILLAGE)], on=date(2020, 6, 1))
        enrol(ZHAO._replace(card_number="6214000000000000007"))
        assert self.gaps() == [(zhao, "A", date(2020, 6, 1), date(2020, 7, 6))]
        assert close_card_gaps([zhao], on=date(2020, 7, 9)) == 0
        assert open_card_gaps("A", [(zhao, VILLAGE)], on=date(2020, 8, 1)) == 1
        assert self.gaps() == [(zhao, "A", date(2020, 8, 1), None)]


def test_thousands_of_lines_take_few_statements(app: Flask) -> None:
    factories.load_regions()
    lines = [
        PersonLine(f"5134261960010{number:05d}", "王秀英", VILLAGE, f"139{number:08d}", f"6214{number:015d}")
        for number in range(3000)
    ]
    statements = []
    record = db.event.listens_for(db.engine, "before_cursor_execute")
    record(lambda _conn, _cursor, statement, *_: statements.append(statement))
    assert ensure_beneficiaries(lines, at=AT).added == 3000
    again = ensure_beneficiaries(lines, at=AT)
    assert (again.added, again.phones_changed) == (0, set())
    assert len(statements) < 30
    assert count(Beneficiary) == 3000
