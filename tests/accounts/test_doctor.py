"""What the doctor says about accounts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from accounts.doctor import accounts
from accounts.models import Official
from core.doctor import Health
from core.principal import OrganisationKind, Role
from core.web import settings
from tests import factories
from tests.factories import AT


@pytest.fixture
def administrator(app: Flask) -> Official:
    """Somebody who manages accounts and was here today."""
    made = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    made.last_sign_in_at = AT
    return made


def said(**changed: object) -> list[tuple[Health, str]]:
    running = replace(settings(), **changed)  # type: ignore[arg-type]  # any setting, by name
    return [(finding.health, finding.sentence) for finding in accounts(running, AT)]


def test_all_is_well(administrator: Official) -> None:
    assert [health for health, _sentence in said()] == [Health.GOOD]


def test_a_county_without_an_administrator_is_told(app: Flask) -> None:
    assert any(health == Health.BAD and "accounts add" in sentence for health, sentence in said())


def test_accounts_that_nobody_uses_are_told(administrator: Official) -> None:
    administrator.last_sign_in_at = AT - timedelta(days=181)
    assert any(health == Health.DOUBTFUL and "1 个账号" in sentence for health, sentence in said())


def test_real_work_without_a_second_factor_is_told(administrator: Official) -> None:
    assert any("动态验证码" in sentence for _health, sentence in said(environment="production"))
    assert not any(
        "动态验证码" in sentence for _health, sentence in said(environment="production", second_factor_required=True)
    )
