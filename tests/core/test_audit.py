"""The audit log and its chain: what it records, what it notices, and what it cannot."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from core import audit
from core.audit import AuditEntry, AuditSeal, chain
from core.database import db
from core.principal import OrganisationKind, Principal, PrincipalKind, system
from tests.core.intruder import without_guards
from tests.core.together import elsewhere, together

AT = datetime(2020, 7, 6, 2, tzinfo=UTC)


def entries(count: int = 1, **details: Any) -> None:
    for number in range(count):
        audit.record(system("test"), "roll.approve", "roll", number, at=AT, **details)
    db.session.commit()


def sealed(count: int) -> list[int]:
    """So many sealed entries; their ids."""
    entries(count)
    assert audit.seal(at=AT) == count
    db.session.commit()
    return list(db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def test_an_entry_says_who_did_what_to_which_thing(app: Flask) -> None:
    official = Principal(PrincipalKind.OFFICIAL, name="经办甲", official_id=3, organisation_id=4)
    audit.record(
        official, "roll.submit", "roll", 9, at=AT, visible_to=OrganisationKind.DISCIPLINE, lines=2, codes=["a"]
    )
    db.session.commit()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.actor_kind, entry.actor_name, entry.official_id, entry.organisation_id) == (
        "official",
        "经办甲",
        3,
        4,
    )
    assert (entry.action, entry.subject_kind, entry.subject_id, entry.at) == ("roll.submit", "roll", "9", AT)
    assert (entry.details, entry.visible_to) == ({"lines": 2, "codes": ["a"]}, "discipline")


@pytest.mark.parametrize(
    "value",
    [
        "513426199509167030",
        "51342619950916703x",
        "电话13800000001。",
        "6217001234567890",
        "6217001234567890123",
        "12345678901234567890",
        {"inner": ["a", "13800000001"]},
        {"13800000001": 1},
    ],
)
def test_what_looks_like_personal_data_does_not_enter(app: Flask, value: Any) -> None:
    with pytest.raises(ValueError) as caught:
        audit.record(system("test"), "roll.approve", "roll", 1, at=AT, value=value)
    assert "13800000001" not in str(caught.value)
    assert "5134261995" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["513426101001", "513426101001002", "202006-鲹鱼河镇", "1234-1", 13800000001, "a" * 64]
)
def test_codes_counts_and_sums_do(app: Flask, value: Any) -> None:
    audit.record(system("test"), "roll.approve", "roll", 1, at=AT, value=value)
    db.session.flush()


def test_a_villagers_name_does_not_enter(app: Flask) -> None:
    audit.record(Principal(PrincipalKind.BENEFICIARY, name="村民甲"), "complaint.submit", "complaint", 1, at=AT)
    db.session.flush()
    assert db.session.scalars(select(AuditEntry.actor_name)).one() == ""


def test_an_undone_operation_leaves_no_entry(app: Flask) -> None:
    audit.record(system("test"), "roll.approve", "roll", 1, at=AT)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_whatever_json_holds_is_sealed_as_it_is_stored(app: Flask) -> None:
    moment = AT.astimezone(timezone(timedelta(hours=8)))
    # Numbers as keys sort otherwise than the texts that they become.
    audit.record(system("test"), "roll.approve", "roll", 1, at=moment, by={9: 1, 10: (1, None, True)}, words="字")
    assert audit.seal(at=AT) == 1
    db.session.commit()
    db.session.expire_all()
    assert audit.verify() == audit.Verdict(1, 0, None)


def test_what_is_not_sealed_yet_is_counted(app: Flask) -> None:
    sealed(2)
    entries(3)
    assert audit.verify() == audit.Verdict(2, 3, None)
    assert audit.seal(at=AT) == 3
    assert audit.seal(at=AT) == 0
    assert audit.verify() == audit.Verdict(5, 0, None)


def test_sealing_in_several_chunks_gives_one_chain(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "SEAL_CHUNK", 3)
    sealed(8)
    assert audit.verify() == audit.Verdict(8, 0, None)
    assert audit.verify().head == db.session.scalar(select(AuditSeal.chain_hash).where(AuditSeal.sequence == 8))


def test_sealing_forgets_nothing_that_its_session_holds(app: Flask) -> None:
    entries(1)
    held = db.session.scalars(select(AuditEntry)).one()
    audit.seal(at=AT)
    assert held in db.session


def test_two_sealers_at_once_make_one_chain(app: Flask) -> None:
    entries(40)
    counts = together(app, lambda: audit.seal(at=AT), lambda: audit.seal(at=AT))
    assert sorted(counts) == [0, 40]
    assert audit.verify() == audit.Verdict(40, 0, None)


def test_the_second_sealer_waits_and_seals_what_is_left(app: Flask) -> None:
    entries(2)
    assert audit.seal(at=AT) == 2
    audit.record(system("test"), "roll.approve", "roll", 3, at=AT)
    with ThreadPoolExecutor(1) as pool:
        second = elsewhere(app, lambda: audit.seal(at=AT), pool)
        db.session.commit()
        assert second.result(40) == 1
    assert audit.verify() == audit.Verdict(3, 0, None)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_entry_that_commits_late_is_sealed_by_the_next_run(app: Flask) -> None:
    # The lower id is taken first and committed last: only PostgreSQL lets two write at once.
    audit.record(system("test"), "roll.approve", "roll", "late", at=AT)
    db.session.flush()
    with ThreadPoolExecutor(1) as pool:
        elsewhere(app, lambda: entries(1), pool).result(40)
        assert elsewhere(app, lambda: audit.seal(at=AT), pool).result(40) == 1
    db.session.commit()
    assert audit.seal(at=AT) == 1
    db.session.commit()
    order = db.session.scalars(select(AuditSeal.entry_id).order_by(AuditSeal.sequence)).all()
    assert order == sorted(order, reverse=True)
    assert audit.verify() == audit.Verdict(2, 0, None)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "roll.send_back"},
        {"actor_name": "别人"},
        {"official_id": 7},
        {"subject_id": "8"},
        {"details": {"lines": 1}},
        {"visible_to": "finance"},
        {"at": AT + timedelta(microseconds=1)},
    ],
)
def test_an_edit_breaks_the_chain_where_it_was_made(app: Flask, change: dict[str, Any]) -> None:
    ids = sealed(4)
    without_guards()
    db.session.execute(update(AuditEntry).where(AuditEntry.id == ids[2]).values(**change))
    assert audit.verify().broken_at == 3
    assert audit.verify().verified == 2


def test_an_edit_behind_the_back_of_the_session_is_noticed(app: Flask) -> None:
    sealed(2)
    held = db.session.scalars(select(AuditEntry)).all()
    assert [entry.action for entry in held] == ["roll.approve"] * 2
    without_guards()
    db.session.execute(text("UPDATE audit_entries SET action = 'roll.send_back'"))
    assert audit.verify().broken_at == 1


def test_a_swap_of_two_entries_breaks_the_chain(app: Flask) -> None:
    first, second = sealed(2)
    without_guards()
    for one, other in ((first, "1"), (second, "0")):
        db.session.execute(update(AuditEntry).where(AuditEntry.id == one).values(subject_id=other))
    assert audit.verify().broken_at == 1


def test_a_swap_of_two_seals_breaks_the_chain(app: Flask) -> None:
    first, second = sealed(2)
    without_guards()
    for sequence, entry in ((1, -1), (2, first), (1, second)):
        db.session.execute(update(AuditSeal).where(AuditSeal.sequence == sequence).values(entry_id=entry))
    assert audit.verify().broken_at == 1


def test_a_deletion_breaks_the_chain(app: Flask) -> None:
    ids = sealed(4)
    without_guards()
    db.session.execute(delete(AuditEntry).where(AuditEntry.id == ids[1]))
    assert audit.verify().broken_at == 2


def test_a_deletion_together_with_its_seal_breaks_the_chain(app: Flask) -> None:
    ids = sealed(4)
    without_guards()
    db.session.execute(delete(AuditSeal).where(AuditSeal.entry_id == ids[1]))
    db.session.execute(delete(AuditEntry).where(AuditEntry.id == ids[1]))
    assert audit.verify().broken_at == 2


def test_an_end_cut_off_with_its_seals_shows_only_against_a_head_noted_elsewhere(app: Flask) -> None:
    # The known limit that the module's docstring names.
    ids = sealed(4)
    noted = audit.verify().head
    without_guards()
    db.session.execute(delete(AuditSeal).where(AuditSeal.sequence > 2))
    db.session.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids[2:])))
    found = audit.verify()
    assert found == audit.Verdict(2, 0, None)
    assert found.head != noted
