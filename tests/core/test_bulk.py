"""Many rows at once, on both databases."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.bulk import among, insert_columns, look_up, update_columns
from core.database import db, keyring
from registry.enrolment import PersonLine, ensure_beneficiaries
from registry.models import Beneficiary, Card, Region
from tests import factories
from tests.factories import AT

VILLAGE = "513426001200"


def cards(*numbers: str) -> dict[str, Any]:
    return {
        "number": list(numbers),
        "number_index": keyring().blind_indexes(numbers, "card"),
        "tail": [number[-4:] for number in numbers],
        "holder_name": "王秀英",
        "created_at": AT,
    }


def numbers() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Card.number).order_by(Card.id)))


class TestInserting:
    def test_rows_read_as_if_the_session_had_written_them(self, app: Flask) -> None:
        insert_columns(Card, cards("6214000000000000001", "0012345678"))
        first, second = db.session.scalars(select(Card).order_by(Card.id)).all()
        assert (first.number, second.number) == ("6214000000000000001", "0012345678")
        assert (first.holder_name, first.bank_name, first.created_at) == ("王秀英", "", AT)
        assert db.session.scalar(select(Card.id).where(Card.number_index == "0012345678")) == second.id

    def test_nothing_stays_in_the_clear(self, app: Flask) -> None:
        insert_columns(Card, cards("6214000000000000001"))
        (stored,) = db.session.execute(db.text("SELECT number FROM cards")).one()
        assert b"6214" not in bytes(stored)

    def test_known_rows_are_left_out_where_that_is_asked(self, app: Flask) -> None:
        insert_columns(Card, cards("1111222233334444"))
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(Card(**{name: one(value) for name, value in cards("1111222233334444").items()}))
            db.session.flush()
        insert_columns(Card, cards("5555666677778888", "1111222233334444"), unless=("number_index",))
        assert sorted(numbers()) == ["1111222233334444", "5555666677778888"]

    def test_no_rows_are_no_work(self, app: Flask) -> None:
        insert_columns(Card, cards())
        insert_columns(Card, cards(), unless=("number_index",))
        assert numbers() == []

    def test_columns_of_different_lengths_are_refused(self, app: Flask) -> None:
        with pytest.raises(ValueError, match="tail has 1 values for 2 rows"):
            insert_columns(Card, cards("1111222233334444", "5555666677778888") | {"tail": ["4444"]})

    def test_what_is_rolled_back_was_never_there(self, app: Flask) -> None:
        insert_columns(Card, cards("1111222233334444"), unless=("number_index",))
        db.session.rollback()
        assert numbers() == []


def one(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


class TestUpdating:
    def test_named_rows_change_and_none_leaves_a_value(self, app: Flask) -> None:
        factories.load_regions()
        codes = [VILLAGE, "513426001201"]
        update_columns(Region, "code", {"code": codes, "name": ["青杠新村", None], "level": "village"})
        db.session.expire_all()
        assert [db.session.get_one(Region, code).name for code in codes] == ["青杠新村", "大坪村"]

    def test_encrypted_values_are_encrypted(self, app: Flask) -> None:
        factories.load_regions()
        person = factories.beneficiary("王秀英", "513426196001011239", VILLAGE, phone="13900000001")
        update_columns(Beneficiary, "id", {"id": [person.id], "phone": ["13900000002"], "phone_source": [None]})
        db.session.expire_all()
        assert (person.phone, person.phone_source) == ("13900000002", "")


class TestFinding:
    def test_numbers_and_words_in_any_quantity(self, app: Flask) -> None:
        factories.load_regions()
        wanted = [f"{number:012d}" for number in range(40_000)] + [VILLAGE]
        assert db.session.scalars(select(Region.code).where(among(Region.code, wanted))).all() == [VILLAGE]
        insert_columns(Card, cards("1111222233334444"))
        assert db.session.scalar(select(func.count()).select_from(Card).where(among(Card.id, range(100)))) == 1
        assert db.session.scalars(select(Card.id).where(among(Card.id, []))).all() == []

    def test_words_are_only_words(self, app: Flask) -> None:
        factories.load_regions()
        awkward = ["'); DROP TABLE regions; --", '"', "\\", "%s", ":x", "{}", "鱼城街道"]
        assert db.session.scalars(select(Region.name).where(among(Region.name, awkward))).all() == ["鱼城街道"]

    def test_keys_lead_to_rows(self, app: Flask) -> None:
        insert_columns(Card, cards("1111222233334444", "5555666677778888"))
        keys = keyring().blind_indexes(["5555666677778888", "9999000011112222", "5555666677778888"], "card")
        found = look_up("cards", "number_index", ("tail",), keys)
        assert found == {keys[0]: (keys[0], "8888")}
        assert look_up("cards", "number_index", ("tail",), []) == {}


class TestTwoImportsAtOnce:
    """Two townships' rolls with the same new people: both end, and everybody is there once."""

    def lines(self, card: str = "6214") -> list[PersonLine]:
        return [
            PersonLine(f"5134261960010{number:05d}", "王秀英", VILLAGE, f"139{number:08d}", f"{card}{number:015d}")
            for number in range(500)
        ]

    def bring_both(self, app: Flask, *rolls: list[PersonLine]) -> list[list[int]]:
        """Enrol two rolls in two transactions at once; the people found by each."""
        found: list[list[int]] = []
        faults: list[BaseException] = []
        start = threading.Barrier(len(rolls))

        def bring(mine: list[PersonLine]) -> None:
            with app.app_context():
                try:
                    start.wait()
                    result = ensure_beneficiaries(mine, at=AT)
                    db.session.commit()
                    found.append(sorted(result.beneficiary_ids))
                except BaseException as fault:  # noqa: BLE001 - handed to the test, which fails with it
                    faults.append(fault)

        threads = [threading.Thread(target=bring, args=(mine,)) for mine in rolls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not faults
        assert len(found) == len(rolls)
        return found

    def test_nobody_is_doubled_and_nobody_waits_forever(self, app: Flask) -> None:
        factories.load_regions()
        db.session.commit()
        first, second = self.bring_both(app, self.lines(), self.lines()[::-1])
        assert first == second
        for model in (Beneficiary, Card):
            assert db.session.scalar(select(func.count()).select_from(model)) == 500
        db.session.commit()
        # Both bring new cards for the same people: each person ends with one of the two.
        self.bring_both(app, self.lines("6215"), self.lines("6216")[::-1])
        whose = select(Beneficiary.id).join(Card, Beneficiary.card_id == Card.id)
        current = whose.where(Card.number_index == Beneficiary.card_index)
        assert len(db.session.scalars(current).all()) == 500
