"""Signing in at the staff door, for tests."""

from argon2 import PasswordHasher
from flask.testing import FlaskClient

from accounts.models import Official
from core.database import db

PASSWORD = "a calm test password"


def weak_hash(password: str) -> str:
    """A hash that is checked in no time, where the product's costs a tenth of a second: hundreds of tests sign in."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


HASH = weak_hash(PASSWORD)


def sign_in(client: FlaskClient, person: Official) -> FlaskClient:
    """Sign this official in, as a browser would; commits. Returns the client."""
    person.password_hash = HASH
    db.session.commit()
    client.post("/staff/logout")
    answer = client.post("/staff/login", data={"username": person.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client
