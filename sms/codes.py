"""Codes by SMS: whoever gives one back holds the phone to which it went. What a code is for is the business of the
rooms above, which keep its rows; how it is made, kept and compared is said here for all of them."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, update

from core.database import db, keyring
from sms.queries import count_to_phone

CODE_DIGITS = 6
CODE_TRIES = 5
_DAY = timedelta(days=1)


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def kept_code(template: str, row_id: int, code: str) -> bytes:
    """A code as it is kept: a keyed hash that is worth something for this row alone."""
    return keyring().blind_index(f"{row_id}:{code}", template)


def has_had_its_codes(template: str, phone: str, most: int, *, at: datetime) -> bool:
    """Whether a phone was sent ``most`` codes of this kind within a day, whoever asked for them."""
    return count_to_phone(template, phone, since=at - _DAY) >= most


def use_code(model: Any, newest: ScalarSelect[Any], template: str, code: str) -> int | None:
    """The id of the row ``newest`` where this is its code, else None. Each call uses up one of its tries before it
    compares: a hundred guesses at once get no more tries than a hundred in a row. A code opens once.

    ``model`` has the columns ``id``, ``code_index`` and ``tries``. The caller commits in either case.
    """
    row = db.session.execute(
        update(model)
        .where(model.id == newest, model.tries < CODE_TRIES)
        .values(tries=model.tries + 1)
        .returning(model.id, model.code_index)
        .execution_options(synchronize_session=False)
    ).first()
    expected = (row.code_index if row else None) or b"-" * 16
    right = secrets.compare_digest(expected, kept_code(template, row.id if row else 0, code))
    if row is None or not right:
        return None
    used = update(model).where(model.id == row.id).values(tries=CODE_TRIES)
    db.session.execute(used.execution_options(synchronize_session=False))
    return int(row.id)
