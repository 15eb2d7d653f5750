"""Signing in at the staff door, for tests."""

from flask.testing import FlaskClient

from accounts.models import Official
from accounts.passwords import hash_password
from core.database import db

PASSWORD = "a calm test password"


def sign_in(client: FlaskClient, person: Official) -> FlaskClient:
    """Sign this official in, as a browser would; commits. Returns the client."""
    person.password_hash = hash_password(PASSWORD)
    db.session.commit()
    client.post("/staff/logout")
    answer = client.post("/staff/login", data={"username": person.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client
