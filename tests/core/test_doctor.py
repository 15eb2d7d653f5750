"""``flask doctor`` says what is wrong with an installation, and nothing where nothing is."""

import datetime as dt
import json
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask_migrate import stamp
from sqlalchemy import update

from core import audit, doctor, heartbeats, sweeps
from core.database import db
from core.doctor import Finding, Health
from core.encryption import Keyring
from core.jobs import BackgroundJob
from core.principal import OrganisationKind, Role, system
from core.settings import Keys, demo_key
from core.tasks import heartbeat, verify_audit
from core.working_days import seed_calendar
from sms.models import GatewayHealth, HandsetMessage, Message
from tests import factories
from tests.core.intruder import without_guards
from tests.factories import AT

MINUTE = dt.timedelta(minutes=1)
PHONE = "13800000001"


@pytest.fixture
def app_in_order(app: Flask) -> Iterator[Flask]:
    """An installation of this version whose worker lives."""
    stamp("migrations")
    seed_calendar()
    heartbeat(AT - MINUTE)
    heartbeats.beat(heartbeats.NIGHT, AT - 8 * 60 * MINUTE)
    factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    db.session.commit()
    yield app
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")


def found(app: Flask, at: dt.datetime = AT, **settings: object) -> dict[str, list[Finding]]:
    by_name: dict[str, list[Finding]] = {}
    for finding in doctor.examine(replace(app.extensions["settings"], **settings), at=at):
        by_name.setdefault(finding.about, []).append(finding)
    return by_name


def healths(findings: dict[str, list[Finding]], about: str) -> list[Health]:
    return [finding.health for finding in findings[about]]


def test_nothing_is_bad_where_nothing_is(app_in_order: Flask) -> None:
    findings = found(app_in_order)
    assert {about for about, told in findings.items() if any(one.health == Health.BAD for one in told)} == set()
    assert {"数据库", "密钥", "工作日历", "后台", "排队", "磁盘", "短信"} <= findings.keys()
    assert healths(findings, "设置") == [Health.DOUBTFUL], "the keys of a demo are public"


def test_tables_of_another_version_are_said_alone(app: Flask) -> None:
    findings = found(app)
    assert healths(findings, "数据库") == [Health.BAD]
    assert findings.keys() == {"设置", "数据库"}


def test_a_worker_that_never_ran_or_fell_silent_is_told(app_in_order: Flask) -> None:
    assert healths(found(app_in_order, AT + 10 * MINUTE), "后台") == [Health.BAD]
    assert healths(found(app_in_order, AT + dt.timedelta(hours=40)), "夜间督办") == [Health.BAD]
    db.session.execute(db.delete(heartbeats.Heartbeat))
    assert "从来没有" in found(app_in_order)["后台"][0].sentence


def test_a_night_done_is_a_sign_of_life(app_in_order: Flask) -> None:
    later = AT + dt.timedelta(hours=40)
    sweeps.run_all(later)
    assert "夜间督办" not in found(app_in_order, later)


def test_a_job_that_waits_is_told(app_in_order: Flask) -> None:
    db.session.add(BackgroundJob(kind="import", payload={}, created_at=AT - 20 * MINUTE))
    db.session.commit()
    assert "20 分钟" in found(app_in_order)["排队"][0].sentence


def test_values_that_no_key_opens_are_told(app_in_order: Flask) -> None:
    db.session.add(HandsetMessage(phone=PHONE, phone_index=PHONE, text="您好", provider_id="1", delivered_at=AT))
    db.session.commit()
    assert healths(found(app_in_order), "密钥") == [Health.GOOD]
    before = app_in_order.extensions["keyring"]
    other = Keys({1: demo_key("lost")}, 1, demo_key("index"), demo_key("signing"))
    app_in_order.extensions["keyring"] = Keyring(other, "aes")
    try:
        told = found(app_in_order)["密钥"][0]
    finally:
        app_in_order.extensions["keyring"] = before
    assert told.health == Health.BAD
    assert "handset_messages" in told.sentence
    assert PHONE not in told.sentence


@pytest.mark.parametrize(
    ("day", "health"),
    [
        (dt.date(2020, 7, 6), Health.GOOD),
        (dt.date(2026, 12, 9), Health.GOOD),
        (dt.date(2089, 7, 6), Health.BAD),
    ],
)
def test_a_year_without_its_days_off_is_told(app_in_order: Flask, day: dt.date, health: Health) -> None:
    at = dt.datetime.combine(day, dt.time(4), dt.UTC)
    assert healths(found(app_in_order, at), "工作日历") == [health]


def test_a_next_year_that_is_late_is_told(app_in_order: Flask) -> None:
    db.session.execute(db.text("DELETE FROM calendar_days WHERE \"on\" >= '2021-01-01'"))
    december = dt.datetime(2020, 12, 20, 4, tzinfo=dt.UTC)
    assert "2021" in found(app_in_order, december)["工作日历"][0].sentence


def test_a_full_disk_is_told(app_in_order: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage._replace(free=10**8))
    assert healths(found(app_in_order), "磁盘") == [Health.BAD]


@pytest.mark.parametrize(
    ("ends", "health"),
    [
        (AT + dt.timedelta(days=90), Health.GOOD),
        (AT + dt.timedelta(days=5), Health.DOUBTFUL),
        (ssl.SSLCertVerificationError("expired"), Health.BAD),
        (TimeoutError("no answer"), Health.DOUBTFUL),
    ],
)
def test_the_certificate_of_the_address_is_looked_at(
    app_in_order: Flask, monkeypatch: pytest.MonkeyPatch, ends: dt.datetime | Exception, health: Health
) -> None:
    def told(host: str, port: int) -> dt.datetime:
        assert (host, port) == ("ykt.example.gov.cn", 443)
        if isinstance(ends, Exception):
            raise ends
        return ends

    monkeypatch.setattr(doctor, "certificate_ends", told)
    assert healths(found(app_in_order, base_url="https://ykt.example.gov.cn"), "证书") == [health]


def test_messages_that_do_not_leave_are_told(app_in_order: Flask) -> None:
    assert healths(found(app_in_order, sms_gateway="none"), "短信") == [Health.DOUBTFUL]
    db.session.add(
        Message(
            template="payment_paid", parameters={}, phone=PHONE, phone_index=PHONE, subject_kind="attempt",
            subject_id=1, not_before=AT - 45 * MINUTE, expires_at=AT + 60 * MINUTE, created_at=AT,
        )
    )  # fmt: skip
    db.session.add(GatewayHealth(gateway="aliyun", troubles=7, shut_until=AT, last_error="x"))
    db.session.commit()
    told = found(app_in_order)["短信"]
    assert [finding.health for finding in told] == [Health.BAD, Health.BAD]
    assert "aliyun" in told[0].sentence
    assert "45 分钟" in told[1].sentence


def test_the_command_ends_with_1_where_something_is_bad(app_in_order: Flask) -> None:
    heartbeats.beat(heartbeats.SCHEDULER, dt.datetime.now(dt.UTC))
    heartbeats.beat(heartbeats.NIGHT, dt.datetime.now(dt.UTC))
    db.session.commit()
    runner = app_in_order.test_cli_runner()
    good = runner.invoke(args=["doctor"])
    assert (good.exit_code, "有错" in good.stdout) == (0, False)
    db.session.execute(db.delete(heartbeats.Heartbeat))
    db.session.commit()
    bad = runner.invoke(args=["doctor", "--json"])
    assert (bad.exit_code, json.loads(bad.stdout)["bad"]) == (1, 1)
    assert "后台" in runner.invoke(args=["doctor"]).stdout


def test_a_broken_audit_log_and_one_that_nobody_verifies_are_told(app_in_order: Flask) -> None:
    assert healths(found(app_in_order), "审计日志") == [Health.DOUBTFUL]
    audit.record(system("x"), "roll.check", "roll", 1, at=AT)
    verify_audit(AT - 8 * 60 * MINUTE)
    assert healths(found(app_in_order), "审计日志") == [Health.GOOD]
    assert healths(found(app_in_order, at=AT + dt.timedelta(days=2)), "审计日志") == [Health.DOUBTFUL]
    without_guards()
    db.session.execute(update(audit.AuditEntry).where(audit.AuditEntry.subject_id == "1").values(action="roll.strike"))
    db.session.commit()
    verify_audit(AT)
    assert healths(found(app_in_order), "审计日志") == [Health.BAD]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_in_production_the_application_must_not_own_the_audit_log(app_in_order: Flask) -> None:
    verify_audit(AT)
    production = found(app_in_order, environment="production")
    assert healths(production, "审计日志") == [Health.GOOD, Health.DOUBTFUL]
    assert "flask audit protect" in production["审计日志"][1].sentence
