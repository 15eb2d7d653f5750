"""Fixtures: a provider, an installation that sends through it, and a dispatcher that runs when the test says so."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.database import db
from core.principal import system
from core.settings import Settings
from sms.dispatch import dispatch
from sms.gateways.aliyun_gateway import AliyunGateway
from sms.gateways.twilio_gateway import TwilioGateway
from sms.operations import queue_message, quiet_hours
from sms.outbox import Office
from tests.conftest import application_for, as_new, settings_for
from tests.factories import AT
from tests.sms.aliyun_provider import AliyunProvider, running_aliyun
from tests.sms.provider import Provider, running_provider

PAID = {
    "name": "吉克阿依",
    "period": "202006",
    "programme": "困难残疾人生活补贴",
    "amount_fen": 9000,
    "card_tail": "5341",
}
TEXT = (
    "【会东一卡通】吉克阿依您好，您第202006期困难残疾人生活补贴金额90元，已发放到尾号为5341的社会保障卡，请注意查收。"
)
OFFICE = Office("会东一卡通", None)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider of its own for each test."""
    with running_provider() as running:
        yield running


@pytest.fixture
def aliyun() -> Iterator[AliyunProvider]:
    """A provider of the other kind."""
    with running_aliyun() as running:
        yield running


@contextmanager
def sending_through(
    provider: Provider, database_url: str, applications: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An installation that sends through this provider, but only when a test says so."""
    name = f"{database_url} with {type(provider).__name__}"
    if name not in applications:
        folder = tmp_path_factory.mktemp("instance")
        applications[name] = application_for(database_url, folder, **provider.settings())
    with as_new(applications[name]) as application:
        settings = settings_for(database_url, Path(application.instance_path), **provider.settings())
        # Each test has a provider of its own, at another port.
        application.extensions["settings"] = settings
        application.extensions["wakers"] |= {"sms": lambda: None, "sms_look_up": lambda: None}
        yield application


@pytest.fixture
def twilio_app(
    database_url: str, provider: Provider, applications: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An installation that sends through Twilio."""
    with sending_through(provider, database_url, applications, tmp_path_factory) as application:
        yield application


@pytest.fixture
def aliyun_app(
    database_url: str, aliyun: AliyunProvider, applications: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An installation that sends through Aliyun."""
    with sending_through(aliyun, database_url, applications, tmp_path_factory) as application:
        yield application


CLIENTS = {"twilio": TwilioGateway, "aliyun": AliyunGateway}


def gateway(app: Flask, patience: float = 20.0) -> Any:
    """The real client. It has patience: on a busy machine an answer takes its time."""
    settings: Settings = app.extensions["settings"]
    return CLIENTS[settings.sms_gateway](settings, patience)


def run(app: Flask, at: datetime = AT, *, patience: float = 20.0) -> Counter[str]:
    """One run of the dispatcher at this instant."""
    used = gateway(app, patience)
    try:
        return dispatch(system("sms"), used, Office(OFFICE.signature, quiet_hours()), now=lambda: at)
    finally:
        used.close()
        db.session.expire_all()


def run_without_patience(app: Flask, at: datetime = AT) -> Counter[str]:
    """One run against a provider that hangs."""
    return run(app, at, patience=0.2)


def queue(count: int = 1, first: int = 1, at: datetime = AT - timedelta(seconds=1)) -> None:
    """Put messages into the outbox and commit."""
    for number in range(first, first + count):
        queue_message(
            "payment_paid", f"138{number:08d}", PAID, subject_kind="attempt", subject_id=number, at=at,
            region_code="513426103201",
        )  # fmt: skip
    db.session.commit()
