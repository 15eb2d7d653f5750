"""Everything that can stand in the audit log has its words: what the code can record is read from its source."""

from collections import Counter

import pytest
from flask import Flask

from core import retention
from core.audit import words
from core.audit.words import DETAILS, NEVER_SHOWN, Names, detail_words
from portal.statistics.rules import SUBJECTS
from sms.outbox import COUNTED
from tests.recorded import recorded


def test_the_source_says_every_action(app: Flask) -> None:
    # An action in a variable that the reader of the source cannot follow needs its place in tests.recorded.CHOSEN.
    assert recorded().unknown == set()
    assert len(recorded().actions) > 200


def test_every_action_and_every_kind_of_thing_has_its_words(app: Flask) -> None:
    assert recorded().actions - set(words.actions()) == set()
    assert recorded().subjects - set(words.subjects()) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_two_kinds_of_things_are_called_the_same(app: Flask) -> None:
    called = [str(said) for said in words.subjects().values()]
    assert [said for said, times in Counter(called).items() if times > 1] == []


def test_every_detail_has_its_words(app: Flask) -> None:
    assert recorded().details - set(DETAILS) - NEVER_SHOWN == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everything_that_is_counted_has_its_words(app: Flask) -> None:
    published = {f"{subject.code}{withheld}" for subject in SUBJECTS for withheld in ("", "_withheld")}
    deleted = {table for rule in retention.rules() if rule.task for table in rule.tables}
    for key in (*published, *deleted, *COUNTED.values(), "drawn_up"):
        assert key not in detail_words({"counts": {key: 1}}, Names())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_details_are_said_plainly(app: Flask) -> None:
    names = Names(offices={3: "县财政局"}, officials={7: "经办甲"})
    details = {
        "total_fen": 123456,
        "from_organisation_id": 3,
        "handler_id": 7,
        "roles": ["approver"],
        "granted": True,
        "reason": "电话核实",
        "counts": {"lines": 2, "other": 1},
        "nonce": "0af3",
        "until": "",
        "of_a_former_version": [1, 2],
    }
    assert detail_words(details, names) == (
        "金额：1,234.56；原单位：县财政局；经办人：经办甲；角色：审核；准许：是；理由：电话核实；"
        "数量：行数 2、other 1；of_a_former_version：1、2"
    )
