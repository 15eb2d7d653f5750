"""Entries that are kept from one official though his kind of office may see them: rooms say which, by what they are
about."""

from collections.abc import Callable

from sqlalchemy import ColumnElement

from core.principal import Principal

Withholding = Callable[[Principal], ColumnElement[bool] | None]
_withholdings: list[Withholding] = []


def withholding(condition: Withholding) -> Withholding:
    """Register (decorator) what an entry must meet that this principal may see; None where nothing is kept from him."""
    if condition not in _withholdings:
        _withholdings.append(condition)
    return condition


def not_withheld(principal: Principal) -> list[ColumnElement[bool]]:
    """Conditions on AuditEntry, all of which an entry meets that is not kept from this principal."""
    found = (condition(principal) for condition in _withholdings)
    return [condition for condition in found if condition is not None]
