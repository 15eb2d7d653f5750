"""A page of a publicity list of 5,000 lines, against a bare Flask route: same queries, same rows, a page of the same
length."""

import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.county import LONG_LIST, PEOPLE
from benchmarks.served import ROOT, compare, environment, kind_of, prepare, request, session_of
from publicity.rules import LINES_PER_PAGE

ANSWERED = "号村".encode()


def measure(url: str) -> list[dict[str, Any]]:
    """Ours against the floor, on the empty database at ``url``."""
    with tempfile.TemporaryDirectory() as instance:
        environ = environment(url, instance)
        prepare(environ, PEOPLE)
        command = [sys.executable, "-m", "benchmarks.list_page"]
        token = subprocess.run(
            command, env=environ, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.strip()

        def requests(port: int, connection: int) -> list[bytes]:
            cookie, _ = session_of(port)
            pages = LONG_LIST // LINES_PER_PAGE
            numbers = [(connection + place) % pages + 1 for place in range(pages)]
            return [request(port, f"GET /lists/{token}?page={number}", cookie) for number in numbers]

        return compare("list-page", kind_of(url), environ, requests, ANSWERED)


if __name__ == "__main__":
    from sqlalchemy import select

    from app import create_app
    from core.database import db
    from publicity.models import PublicityList
    from publicity.queries import signing_key
    from publicity.rules import list_token

    with create_app().app_context():
        longest = db.session.scalars(select(PublicityList.id).order_by(PublicityList.line_count.desc()).limit(1)).one()
        print(list_token(signing_key(), longest))
